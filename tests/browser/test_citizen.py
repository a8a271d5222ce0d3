"""The citizen's path: search an old address, choose, see the code, share it, report a mistake."""

import re
from urllib.parse import unquote

import httpx2
import pytest
from openlocationcode import openlocationcode as plus

from diachiso.address.position import from_wgs84

HOUSE = "2 Phố Hàng Trống, Hoàn Kiếm, Hà Nội"
SPOT = (105.8511, 21.022)
WRITTEN_CODE = re.compile(r"^\d{5}-\d{5}$")
SPLIT = "Phường Cửa Nam, Quận Hoàn Kiếm, Hà Nội"
FIRST_VIEW_KB = 300
DECODED = """async () => {
    const { decodeQR } = await import("/static/vendor/qr/decode.js");
    const picture = document.querySelector("#qr");
    await picture.decode();
    const [width, height] = [400, 400];
    const pen = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d");
    pen.imageSmoothingEnabled = false;
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, width, height);
    pen.drawImage(picture, 20, 20, width - 40, height - 40);
    return decodeQR(pen.getImageData(0, 0, width, height));
}"""


def search(page, text):
    page.fill("#q", text)
    page.press("#q", "Enter")


@pytest.fixture
def at_the_house(visit, expect):
    def at_the_house(**options):
        page = visit(f"#q={HOUSE}", **options)
        expect(page.locator("#code")).to_have_text(WRITTEN_CODE)
        return page

    return at_the_house


def test_what_is_typed_is_completed_and_chosen_with_the_keyboard(visit, expect):
    page = visit()
    page.locator("#q").focus()
    page.keyboard.type("2 hang tr", delay=10)
    expect(page.locator("#suggestions li").first).to_contain_text("2 Phố Hàng Trống")
    expect(page.locator("#q")).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#suggested")).to_contain_text("gợi ý")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#q")).to_have_attribute("aria-activedescendant", "suggestion-0")
    expect(page.locator("#suggestion-0")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.locator("#q")).to_have_value("2 Phố Hàng Trống, Phường Hoàn Kiếm")
    expect(page.locator("#suggestions")).to_be_hidden()
    expect(page.locator("#code")).to_have_text(WRITTEN_CODE)


def test_suggestions_are_left_by_escape_and_not_asked_for_codes(visit, expect):
    page = visit()
    page.locator("#q").focus()
    page.keyboard.type("hang tr", delay=10)
    expect(page.locator("#suggestions")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#suggestions")).to_be_hidden()
    page.fill("#q", "")
    page.keyboard.type("21.022, 105.85", delay=10)
    page.wait_for_timeout(400)
    assert not [url for url in page.asked if "autocomplete?q=21" in url]


def test_a_suggestion_is_taken_by_a_click_within_what_stands_around(visit, expect):
    page = visit()
    page.fill("#q", "40 tran, Hoàn Kiếm, Hà Nội")
    page.evaluate("document.getElementById('q').setSelectionRange(7, 7)")
    page.keyboard.type("g")
    page.locator("#suggestions li", has_text="40 Phố Tràng Thi").first.click()
    expect(page.locator("#q")).to_have_value("40 Phố Tràng Thi, Hoàn Kiếm, Hà Nội")
    expect(page.locator("#code")).to_have_text(WRITTEN_CODE)


def test_a_divided_ward_asks_which_part_and_the_choice_is_in_the_link(visit, expect):
    page = visit()
    search(page, SPLIT)
    expect(page.locator("#list button").nth(1)).to_be_visible()
    asked = page.locator("#found-label, #question").filter(has_text="Cửa Nam cũ đã được chia")
    expect(asked).to_have_count(1)
    assert page.evaluate(
        "document.querySelector('#found').compareDocumentPosition("
        "document.querySelector('#chosen')) & Node.DOCUMENT_POSITION_FOLLOWING"
    )
    page.locator("#list button").nth(1).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#chosen-label")).to_be_focused()
    second = page.locator("#list button").nth(1).locator(".label").inner_text()
    expect(page.locator("#chosen-label")).to_have_text(second)
    assert "n=2" in page.url
    page.reload()
    expect(page.locator("#chosen-label")).to_have_text(second)


def test_how_sure_is_said_with_the_doubts_in_words(visit, expect):
    page = visit()
    search(page, "3 Phố Hàng Trống, Hoàn Kiếm, Hà Nội")
    expect(page.locator(".sure meter")).to_be_visible()
    expect(page.locator(".sure")).to_contain_text("Đúng phường, xã")
    expect(page.locator(".sure .doubts li").first).to_be_visible()
    page.locator(".sure summary").click()
    expect(page.locator(".sure details")).to_contain_text("đường, phố: Phố Hàng Trống")


def vn2000():
    east, north = from_wgs84("EPSG:5897").transform(*SPOT)
    return f"{north:.3f} {east:.3f}"


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        ("21.022, 105.8511", None),
        ("105.8511 21.022", "Viết kinh độ trước"),
        (plus.encode(SPOT[1], SPOT[0], 11), None),
        (plus.encode(SPOT[1], SPOT[0], 11)[4:] + " Hoàn Kiếm, Hà Nội", None),
        (f"{vn2000()} KTT 105°00'", "Đổi từ VN-2000 (EPSG:5897)"),
    ],
)
def test_a_point_in_any_writing_is_the_house_there(visit, expect, text, remark):
    page = visit()
    search(page, text)
    expect(page.locator("#code")).to_have_text(WRITTEN_CODE)
    expect(page.locator("#chosen-label")).to_contain_text("2 Phố Hàng Trống")
    if remark:
        expect(page.locator("#remark")).to_contain_text(remark)
    else:
        expect(page.locator("#remark")).to_be_hidden()


def test_metres_are_asked_for_their_zone_and_the_answer_is_one_click_away(visit, expect):
    page = visit()
    search(page, vn2000())
    expect(page.locator("#problem")).to_contain_text("Cần kinh tuyến trục")
    page.get_by_role("button", name="105°00′ (EPSG:5897)").click()
    expect(page.locator("#code")).to_have_text(WRITTEN_CODE)


def test_the_link_of_a_place_is_its_code_and_its_qr_holds_it(at_the_house, visit, expect, served):
    page = at_the_house()
    code = page.locator("#code").inner_text()
    page.click("#open-share")
    link = page.locator("#share-link").input_value()
    assert link == f"{served}/#q={code}"
    assert page.evaluate(DECODED) == link
    page.keyboard.press("Escape")
    expect(page.locator("dialog#share")).to_be_hidden()
    expect(page.locator("#open-share")).to_be_focused()
    other = visit(link.removeprefix(f"{served}/"))
    expect(other.locator("#code")).to_have_text(code)


def test_where_there_is_no_code_the_link_asks_the_same_again(visit, expect):
    page = visit()
    search(page, "3 Phố Hàng Trống, Hoàn Kiếm, Hà Nội")
    page.click("#open-share")
    link = unquote(page.locator("#share-link").input_value()).replace("+", " ")
    assert link.endswith("#q=3 Phố Hàng Trống, Hoàn Kiếm, Hà Nội")


def test_a_mistake_is_reported_and_followed(at_the_house, expect, served):
    page = at_the_house()
    page.click("#open-report")
    page.select_option("#wrong", "number")
    page.fill("#right-number", "2B")
    page.fill("#note", "biển ghi 2B")
    page.get_by_role("button", name="Gửi phản ánh").click()
    expect(page.locator("#token")).to_have_text(re.compile(r"^dcr_"))
    token = page.locator("#token").inner_text()
    told = httpx2.get(f"{served}/v1/reports/{token}").json()
    assert (told["wrong"], told["state"]) == ("number", "open")
    page.click("#follow")
    expect(page.locator("#told")).to_contain_text("đang chờ phường, xã xem")
    expect(page.locator("#told")).to_contain_text("Phường Hoàn Kiếm")


def test_a_missing_address_is_reported_where_the_map_was_clicked(visit, expect, served):
    page = visit("#q=21.0375, 105.8455")
    page.get_by_role("button", name="Báo thiếu địa chỉ ở đây").click()
    page.fill("#right-number", "5")
    page.fill("#right-street", "Phố Tràng Thi")
    page.press("#right-street", "Enter")
    token = page.locator("#token").inner_text()
    assert httpx2.get(f"{served}/v1/reports/{token}").json()["wrong"] == "missing"


def test_a_report_that_says_nothing_is_refused_in_words(at_the_house, expect):
    page = at_the_house()
    page.click("#open-report")
    page.select_option("#wrong", "position")
    page.get_by_role("button", name="Gửi phản ánh").click()
    expect(page.locator("dialog#report [role=alert]")).to_contain_text("Cần nêu điều đúng")
    page.fill("#note", "nhà ở bên kia đường")
    page.get_by_role("button", name="Gửi phản ánh").click()
    expect(page.locator("#token")).to_be_visible()


def test_an_unknown_token_is_told(visit, expect):
    page = visit("reports#dcr_nothing")
    expect(page.locator("#told")).to_contain_text("Không có phản ánh này")


def test_the_whole_path_by_keyboard_alone(visit, expect):
    page = visit()
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type(HOUSE)
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page.locator("#code")).to_have_text(WRITTEN_CODE)
    for wanted in ("#copy", "#open-share", "#open-report"):
        for _ in range(40):
            if page.evaluate(f"document.activeElement.matches('{wanted}')"):
                break
            page.keyboard.press("Tab")
        expect(page.locator(wanted)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#wrong")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#open-report")).to_be_focused()


def test_an_empty_page_offers_something_to_try(visit, expect):
    page = visit()
    expect(page.locator("#start button").first).to_be_visible()
    page.locator("#start button", has_text="21.039").click()
    expect(page.locator("#chosen-label")).to_contain_text("Phường")
    expect(page.locator("#start")).to_be_hidden()


def test_while_it_searches_the_page_says_so(visit, expect):
    page = visit()
    held = []
    page.route("**/v1/find*", lambda route: held.append(route))  # noqa: PLW0108 (Playwright counts its parameters)
    search(page, HOUSE)
    expect(page.locator("#answers")).to_have_attribute("aria-busy", "true")
    expect(page.locator("#status")).to_contain_text("đang tìm", ignore_case=True)
    held[0].continue_()
    expect(page.locator("#code")).to_have_text(WRITTEN_CODE)
    expect(page.locator("#answers")).to_have_attribute("aria-busy", "false")


def test_the_first_view_is_light(visit, expect):
    page = visit("problems")
    sizes = {}

    def arrived(request):
        told = request.sizes()
        sizes[request.url] = told["responseBodySize"] + told["responseHeadersSize"]

    page.context.on("requestfinished", arrived)
    page.goto("/")
    page.wait_for_load_state("networkidle")
    assert any("maplibre" in url for url in sizes)
    ours = {url: size for url, size in sizes.items() if "vendor/maplibre" not in url}
    assert sum(ours.values()) < FIRST_VIEW_KB * 1000, ours
    assert not [url for url in ours if "sharing.js" in url or "vendor/qr" in url]
