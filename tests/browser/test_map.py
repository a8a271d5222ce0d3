"""The map page in a real browser, over the town of tests/conftest.py."""

import re
from urllib.parse import urlsplit

import pytest

HOUSE = "2 Phố Hàng Trống, Hoàn Kiếm, Hà Nội"
IN_HANG_TRONG = "21.022, 105.8511"
BOUNDARIES = "wards.geojson"
AT_SEA = "15, 110"
WRITTEN_CODE = re.compile(r"^\d{5}-\d{5}$")
EVE_OF_REFORM = "2025-06-30"
NAMES_ON_THE_MAP = """async (day) => {
    const { colours, styleOf } = await import("/static/paint.js");
    const names = styleOf(colours(), day).sources.national.data.features;
    return names.map((one) => one.properties.name);
}"""
NAMELESS = """() => [...document.querySelectorAll("button, input, a, canvas, section")]
    .filter((one) => one.checkVisibility())
    .filter((one) => !(one.textContent.trim() || one.ariaLabel || one.labels?.length
        || one.getAttribute("aria-labelledby") || one.title))
    .map((one) => one.outerHTML)"""


KEYS = """async () => {
    const keys = (words, above = "") => Object.entries(words).flatMap(([key, value]) =>
        typeof value === "object" ? keys(value, `${above}${key}.`) : [above + key]).sort();
    const said = await Promise.all(["vi", "en"].map((one) => import(`/static/words.${one}.js`)));
    return said.map((one) => keys(one.default));
}"""


def search(page, text):
    page.fill("#q", text)
    page.press("#q", "Enter")


def on_the_town(page, expect):
    """Wait until the map shows the town: it begins with the country, whose middle is the sea.

    It goes there at the moment that it credits the town's boundaries.
    """
    expect(page.locator("canvas")).to_be_visible()
    expect(page.locator("#credits")).to_contain_text(BOUNDARIES)


def test_an_address_shows_its_code_large_and_both_its_wards(visit, expect):
    page = visit()
    search(page, HOUSE)
    expect(page.locator("#code")).to_have_text(WRITTEN_CODE)
    expect(page.locator("#side-now .address")).to_have_text(
        "2 Phố Hàng Trống, Phường Hoàn Kiếm, Thành phố Hà Nội"
    )
    expect(page.locator("#side-now .days")).to_have_text("từ 1/7/2025")
    expect(page.locator("#side-before .address")).to_have_text(
        "2 Phố Hàng Trống, Phường Hàng Trống, Quận Hoàn Kiếm, Thành phố Hà Nội"
    )
    expect(page.locator("#side-before .days")).to_contain_text("đến hết 30/6/2025")
    expect(page.locator(".maplibregl-marker")).to_be_visible()


def test_a_code_is_found_however_it_is_written(visit, expect):
    page = visit()
    search(page, HOUSE)
    expect(page.locator("#code")).to_have_text(WRITTEN_CODE)
    code = page.locator("#code").inner_text()
    for writing in (code, code.replace("-", ""), code.replace("-", " "), f" {code[:3]}.{code[3:]}"):
        search(page, writing)
        expect(page.locator("#status")).to_have_text("Tìm thấy 1 nơi.")
        expect(page.locator("#code")).to_have_text(code)


@pytest.mark.parametrize("writing", ["21.022, 105.8511", "105.8511,21.022", "105.8511 21.022"])
def test_coordinates_are_understood_in_either_order(visit, expect, writing):
    page = visit()
    search(page, writing)
    expect(page.locator("#code")).to_have_text(WRITTEN_CODE)
    expect(page.locator("#chosen h2")).to_contain_text("2 Phố Hàng Trống")


def test_a_click_on_the_map_asks_what_lies_there(visit, expect):
    page = visit()
    on_the_town(page, expect)
    page.locator("canvas").click()
    expect(page.locator("#chosen h2")).to_contain_text("Phường")


def test_the_map_is_asked_with_the_keyboard_too(visit, expect):
    page = visit()
    on_the_town(page, expect)
    page.locator("canvas").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#chosen h2")).to_contain_text("Phường")


def test_nonsense_is_answered_in_words(visit, expect):
    page = visit()
    search(page, "xyzzy plugh")
    expect(page.locator("#status")).to_contain_text("Không tìm thấy nơi nào.")
    expect(page.locator("#chosen")).to_be_hidden()


@pytest.mark.parametrize(
    ("text", "told"),
    [("00000-00000", "Không có mã này"), ("1234-5678", "có 8"), (AT_SEA, "Không thuộc phường")],
)
def test_a_problem_is_told_in_the_language_of_the_page(visit, expect, text, told):
    page = visit()
    search(page, text)
    expect(page.locator("#problem")).to_contain_text(told)
    expect(page.locator("#problem")).not_to_contain_text(" / ")


def test_without_connection_the_page_says_so_and_tries_again(visit, expect):
    page = visit()
    expect(page.locator("canvas")).to_be_visible()
    page.context.set_offline(True)
    search(page, HOUSE)
    expect(page.locator("#offline")).to_be_visible()
    expect(page.locator("#problem")).to_contain_text("Không kết nối được")
    page.context.set_offline(False)
    page.locator("#problem button").click()
    expect(page.locator("#code")).to_have_text(WRITTEN_CODE)


def test_on_the_eve_of_the_reform_the_old_wards_stand(visit, expect):
    page = visit(f"#on={EVE_OF_REFORM}&q={IN_HANG_TRONG}")
    expect(page.locator("#side-now")).to_contain_text("Phường Hàng Trống")
    page.locator("#to-today").click()
    expect(page.locator("#side-now")).to_contain_text("Phường Hoàn Kiếm")


def test_a_day_without_boundaries_is_told(visit, expect):
    page = visit("#on=2010-01-01")
    expect(page.locator("#no-boundary")).to_have_text("Chưa nạp ranh giới nào cho ngày 1/1/2010.")


@pytest.mark.parametrize("day", [None, EVE_OF_REFORM])
def test_hoang_sa_truong_sa_and_bien_dong_always_stand(visit, day):
    page = visit()
    islands, more_islands, sea = page.evaluate(NAMES_ON_THE_MAP, day)
    assert "Hoàng Sa\n(Đà Nẵng)" in islands
    assert "Trường Sa\n(Khánh Hòa)" in more_islands
    assert sea == "Biển Đông"


def test_everything_is_said_in_both_languages(visit):
    vietnamese, english = visit().evaluate(KEYS)
    assert vietnamese == english


def test_english_is_remembered(visit, expect):
    page = visit()
    page.locator("#language").click()
    expect(page.locator("form button").first).to_have_text("Search")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    search(page, AT_SEA)
    expect(page.locator("#problem")).to_contain_text("No ward here")


def test_the_address_bar_can_be_shared_and_walked_back(visit, expect):
    page = visit()
    search(page, HOUSE)
    expect(page.locator("#code")).to_have_text(WRITTEN_CODE)
    search(page, AT_SEA)
    expect(page.locator("#problem")).not_to_be_empty()
    page.go_back()
    expect(page.locator("#q")).to_have_value(HOUSE)
    expect(page.locator("#code")).to_have_text(WRITTEN_CODE)
    page.reload()
    expect(page.locator("#code")).to_have_text(WRITTEN_CODE)


def test_nothing_is_asked_of_anyone_else(visit, expect, served):
    page = visit()
    search(page, HOUSE)
    expect(page.locator("#code")).to_have_text(WRITTEN_CODE)
    page.wait_for_load_state("networkidle")
    elsewhere = [url for url in page.asked if not url.startswith((served, "data:", "blob:"))]
    assert elsewhere == []


def test_a_shared_link_tells_the_server_of_the_page_nothing(visit, expect):
    page = visit(f"#q={HOUSE}")
    expect(page.locator("#code")).to_have_text(WRITTEN_CODE)
    assert {urlsplit(url).query for url in page.asked if urlsplit(url).path == "/"} == {""}


def test_every_control_has_a_name(visit, expect):
    page = visit()
    search(page, HOUSE)
    expect(page.locator("#code")).to_have_text(WRITTEN_CODE)
    assert page.evaluate(NAMELESS) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_the_code_without_sideways_scrolling(visit, expect, scheme):
    phone = {"width": 360, "height": 740}
    page = visit(f"#q={HOUSE}", viewport=phone, has_touch=True, color_scheme=scheme)
    expect(page.locator("#code")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= phone["width"]
