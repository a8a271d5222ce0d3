"""axe-core finds nothing serious on any public page: light and dark, both languages, two widths."""

import pytest

axe = pytest.importorskip("axe_playwright_python.sync_playwright")

HOUSE = "2 Phố Hàng Trống, Hoàn Kiếm, Hà Nội"
PHONE = {"width": 360, "height": 740}
SERIOUS = {"serious", "critical"}
TEXT_PAGES = [
    "developers",
    "developers?lang=en",
    "problems",
    "reports",
    "reports#dcr_nothing",
    "figures",
    "figures?unit=01",
    "verify",
    "sign-in",
    *(
        f"ogc{path}?f=html"
        for path in (
            "",
            "/conformance",
            "/api",
            "/collections",
            "/collections/wards",
            "/collections/wards/queryables",
            "/collections/addresses/items",
            "/collections/wards/items/00070",
        )
    ),
]


def faults(page):
    found = axe.Axe().run(page).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:160]} {node['failureSummary'][:200]}"
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]


def test_a_planted_fault_is_found(visit):
    page = visit("reports")
    page.evaluate("document.querySelector('label').remove()")
    page.evaluate("document.querySelector('#token').placeholder = ''")
    assert any(one.startswith("label (critical)") for one in faults(page))


@pytest.fixture(params=["vi", "en"])
def language(request):
    return request.param


@pytest.fixture(params=["light", "dark"])
def scheme(request):
    return request.param


@pytest.fixture
def spoken(visit, language, scheme):
    """A page opened in a language and in light or dark."""

    def spoken(path, **options):
        page = visit("reports", color_scheme=scheme, **options)
        page.evaluate(f"localStorage.setItem('diachiso.language', '{language}')")
        page.goto(f"/{path}")
        page.wait_for_load_state("networkidle")
        return page

    return spoken


def test_the_map_page_at_first(spoken):
    assert faults(spoken("")) == []


def test_an_answer_with_its_suggestions(spoken, expect):
    page = spoken(f"#q={HOUSE}", viewport=PHONE)
    expect(page.locator("#code")).to_be_visible()
    assert faults(page) == []
    page.fill("#q", "")
    page.locator("#q").press_sequentially("hang tr", delay=10)
    expect(page.locator("#suggestions li").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    assert faults(page) == []


def test_candidates_and_doubts(spoken, expect):
    page = spoken("#q=Phường Cửa Nam, Quận Hoàn Kiếm, Hà Nội")
    expect(page.locator("#list button").first).to_be_visible()
    page.locator("#list button").first.click()
    assert faults(page) == []


@pytest.mark.parametrize("text", ["2326000 587000", "15, 110", "xyzzy plugh"])
def test_problems_and_nothing(spoken, expect, text):
    page = spoken(f"#q={text}")
    page.wait_for_load_state("networkidle")
    assert faults(page) == []


@pytest.mark.parametrize("dialog", ["share", "report"])
def test_the_dialogs(spoken, expect, dialog):
    page = spoken(f"#q={HOUSE}", viewport=PHONE)
    page.click(f"#open-{dialog}")
    expect(page.locator(f"dialog#{dialog} h2")).to_be_visible()
    assert faults(page) == []


@pytest.mark.parametrize("path", TEXT_PAGES)
def test_the_pages_of_text(visit, scheme, path):
    page = visit(path, color_scheme=scheme, viewport=PHONE)
    page.wait_for_load_state("networkidle")
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
