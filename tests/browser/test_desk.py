"""The official's desk in a real browser: one house from a click to its end, by two people."""

import json
import re
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.registry.officer import Role
from diachiso.store.accounts import begin_session, enter_account
from diachiso.store.engine import transaction
from diachiso.store.officers import enter_officer, give_mandate
from diachiso.web.access import COOKIE

WARD = UnitKey(Level.WARD, "00070", former=False)
CHOSEN = "một câu dài dễ nhớ"
DESK = {"width": 1280, "height": 800}
HOME = "/wards/00070"


def hire(engine, role, unit, name, until=None):
    """Somebody new with a role, an account and a session."""
    with transaction(engine) as writer:
        officer = enter_officer(writer)
        give_mandate(writer, officer, role, unit, Validity(date(2025, 1, 1), until), None)
        login = f"{role.value}.{officer}"
        enter_account(writer, officer, login, name, CHOSEN)
        writer.execute(
            text("UPDATE access.account SET must_change = false WHERE officer_id = :officer"),
            {"officer": officer},
        )
        token = begin_session(writer, officer, datetime.now(UTC))
    return SimpleNamespace(id=officer, login=login, token=token)


@pytest.fixture(scope="module")
def clerk(owner):
    return hire(owner, Role.WARD_OFFICER, WARD, "Cán bộ phường")


@pytest.fixture(scope="module")
def approver(owner):
    return hire(owner, Role.WARD_APPROVER, WARD, "Người duyệt")


@pytest.fixture
def sit(chromium, address):
    """Open a page of the desk as somebody who is signed in."""
    contexts = []

    def sit(who, path="", **options):
        context = chromium.new_context(base_url=address, **{"viewport": DESK, **options})
        if who:
            context.add_cookies([{"name": COOKIE, "value": who.token, "url": address}])
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.asked, page.faults = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.goto(f"/desk{path}")
        return page

    yield sit
    pages = [page for context in contexts for page in context.pages]
    faults = [fault for page in pages for fault in getattr(page, "faults", [])]
    asked = {url for page in pages for url in getattr(page, "asked", [])}
    for context in contexts:
        context.close()
    assert not faults
    assert all(url.startswith((address, "blob:", "data:")) for url in asked)


def propose_at(page, expect, lat, lon):
    """Go to a place on the ward's map and have a house proposed there."""
    page.goto(f"/desk{HOME}#at={lat},{lon}")
    page.reload()
    expect(page.locator("#register")).to_be_visible()
    expect(page.locator("#where")).to_contain_text("Hoàn Kiếm")


def said(page, expect, words):
    expect(page.locator("#said")).to_contain_text(words)


def do(page, summary, fields=None):
    """Open one of an address's forms, fill it in, send it."""
    form = page.locator("details", has=page.locator("summary", has_text=summary))
    form.locator("summary").click()
    for name, value in (fields or {}).items():
        form.locator(f"[name={name}]").fill(value)
    form.locator("[type=submit]").click()


def count(owner, query, **asked):
    with transaction(owner) as writer:
        return writer.scalar(text(query), asked)


LIVE = "SELECT count(*) FROM address_version WHERE upper_inf(recorded) AND number = :number"


def test_two_people_take_a_house_from_a_click_to_its_end(sit, expect, owner, clerk, approver):
    page = sit(None)  # whoever is not signed in is sent to the door, and back
    expect(page).to_have_url(re.compile(r"/sign-in\?next=/desk"))
    page.fill("#login", clerk.login)
    page.fill("#password", CHOSEN)
    page.press("#password", "Enter")
    page.wait_for_url("**/desk")
    page.get_by_role("link", name="Phường Hoàn Kiếm").click()
    expect(page.locator("nav.ward [aria-current]")).to_contain_text("Bản đồ")

    # the keyboard alone: Enter takes the point in the middle of the map
    page.locator("#map canvas").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#register [name=street]")).to_have_value("Phố Tràng Thi")
    expect(page.locator("#register [name=number]")).not_to_have_value("")
    page.locator("#cancel").click()

    # between 6 and 14 the neighbours propose an even number; what is the same is shown
    propose_at(page, expect, 21.0260, 105.8511)
    expect(page.locator("#register [name=number]")).to_have_value("10")
    page.fill("#register [name=number]", "6")
    expect(page.locator("#likely")).to_contain_text("Có thể trùng")
    page.fill("#register [name=number]", "10")
    expect(page.locator("#likely")).to_contain_text("Chưa thấy địa chỉ nào trùng")
    page.locator("#register [type=submit]").click()
    said(page, expect, "Đã lưu: 10 Phố Hàng Trống")
    assert count(owner, LIVE, number="10") == 1
    page.get_by_role("link", name="Mở địa chỉ").click()

    # who wrote it cannot certify it
    expect(page.locator("h1")).to_have_text("10 Phố Hàng Trống")
    expect(page.locator(".panel")).to_contain_text("Người khác phải chứng nhận")
    where = page.url
    code = where.rsplit("/", 1)[1]

    other = sit(approver, f"{HOME}/addresses?only=certify")
    expect(other.locator("tbody tr").first).to_be_visible()
    other.locator(f"[value='{code}']").check()
    other.get_by_role("button", name="Chứng nhận").click()
    said(other, expect, "Đã chứng nhận 1.")
    page.reload()
    expect(page.locator(".chips .state").first).to_have_text("Đã chứng nhận")

    amended_split_retired(page, expect, owner, where)


def amended_split_retired(page, expect, owner, where):
    # amended by the clerk it must be certified anew; nothing changed is nothing sent
    do(page, "Sửa")
    expect(page.locator("details[open] [role=alert]")).to_contain_text("Chưa đổi gì")
    page.locator("details[open] [name=residential_group]").fill("Tổ 5")
    page.locator("details[open] [type=submit]").click()
    said(page, expect, "Đã sửa.")
    expect(page.locator(".chips .state").first).to_have_text("Đã ghi")

    do(page, "Tách thửa", {"pieces": "10\n10A\n10B"})
    said(page, expect, "Đã tách.")
    assert count(owner, LIVE, number="10A") == 1

    # the split is undone: the parts are retired, the house is as it was
    page.goto("/desk/acts")
    expect(page.locator("ol.rows li").first).to_contain_text("Tách thửa")
    page.get_by_role("button", name="Hoàn tác").click()
    said(page, expect, "Đã hoàn tác.")
    expect(page.get_by_role("button", name="Hoàn tác")).to_have_count(0)
    state = "SELECT state FROM address_version WHERE upper_inf(recorded) AND upper_inf(valid)"
    assert count(owner, f"{state} AND number = '10A'") == "retired"
    assert count(owner, f"{state} AND number = '10'") == "recorded"

    # retired by mistake and given back; then retired for good
    page.goto(where)
    do(page, "Thôi dùng", {"reason": "nhầm nhà"})
    said(page, expect, "Đã thôi dùng.")
    expect(page.locator(".chips .state").first).to_have_text("Đã thôi dùng")
    page.goto("/desk/acts")
    page.get_by_role("button", name="Hoàn tác").click()
    said(page, expect, "Đã hoàn tác.")
    page.goto(where)
    expect(page.locator(".chips .state").first).to_have_text("Đã ghi")
    do(page, "Thôi dùng", {"reason": "đã phá dỡ"})
    said(page, expect, "Đã thôi dùng.")
    expect(page.locator(".panel details")).to_have_count(0)


def test_a_street_is_numbered_along_a_line(sit, expect, owner, clerk):
    page = sit(clerk, f"{HOME}/numbering")
    page.fill("[name=street]", "Ngõ Thử Nghiệm")
    canvas = page.locator("#map canvas")
    expect(canvas).to_be_visible()
    box = canvas.bounding_box()
    middle = box["width"] / 2
    for y in (500, 300):  # drawn northwards: the circular has numbers rise southwards
        canvas.click(position={"x": middle, "y": y})
    expect(page.locator("#drawn")).to_contain_text("2 điểm")
    page.locator("[name=mode][value=doors]").check()
    for x, y in ((6, 320), (-6, 340), (6, 380), (-6, 460)):
        canvas.click(position={"x": middle + x, "y": y})
    page.get_by_role("button", name="Xem trước").click()
    expect(page.locator("#direction")).to_contain_text("Thông tư 08/2024")
    numbers = page.locator("#doors input")
    assert [numbers.nth(n).input_value() for n in range(4)] == ["1", "2", "3", "4"]
    # going south, the east is on the left: odd numbers
    sides = page.locator("#doors td:nth-child(2)").all_inner_texts()
    assert sides == ["trái", "phải", "trái", "phải"]
    page.fill("[name=plot_m]", "20")
    page.get_by_role("button", name="Xem trước").click()
    expect(page.locator("#reserved")).to_contain_text("Chừa")
    numbers.nth(3).fill("88")
    page.get_by_role("button", name="Lưu tất cả").click()
    said(page, expect, "Đã lưu 4 địa chỉ.")
    assert count(owner, LIVE, number="88") == 1
    page.goto("/desk/acts")
    page.get_by_role("button", name="Hoàn tác").click()
    said(page, expect, "Đã hoàn tác.")
    left = "SELECT count(*) FROM address_version WHERE upper_inf(recorded) AND number = '88'"
    assert count(owner, f"{left} AND state <> 'retired'") == 0


def test_what_is_written_without_a_connection_is_sent_once(sit, expect, owner, clerk):
    page = sit(clerk, HOME)
    propose_at(page, expect, 21.0350, 105.8512)
    page.fill("#register [name=number]", "70")
    page.context.set_offline(True)
    expect(page.locator("#connection")).to_contain_text("Mất kết nối")
    page.locator("#register [type=submit]").click()
    said(page, expect, "đã giữ trong máy")
    expect(page.locator("#unsent")).to_have_text("1")
    assert count(owner, LIVE, number="70") == 0
    page.context.set_offline(False)
    expect(page.locator("#unsent")).to_be_hidden()
    assert count(owner, LIVE, number="70") == 1


def test_an_answer_that_is_lost_does_not_write_twice(sit, expect, owner, clerk):
    page = sit(clerk, HOME)
    propose_at(page, expect, 21.0355, 105.8512)
    page.fill("#register [name=number]", "72")
    lost = []

    def lose(route):
        if not lost:
            lost.append(route.fetch().status)  # it arrives, and the answer does not
            route.abort()
        else:
            route.continue_()

    page.route("**/v1/registry/addresses", lose)
    page.locator("#register [type=submit]").click()
    expect(page.locator("#unsent")).to_have_text("1")
    assert lost == [201]
    page.goto("/desk/outbox")
    said(page, expect, "Đã gửi 1")
    expect(page.locator("#none")).to_be_visible()
    assert count(owner, LIVE, number="72") == 1


def test_what_the_service_refuses_later_stays_with_its_reason(sit, expect, owner, clerk):
    page = sit(clerk, HOME)
    propose_at(page, expect, 21.0241, 105.8511)
    page.fill("#register [name=number]", "6")  # there is a 6 already
    page.context.set_offline(True)
    page.locator("#register [type=submit]").click()
    expect(page.locator("#unsent")).to_have_text("1")
    page.context.set_offline(False)
    expect(page.locator("#connection")).to_contain_text("bị từ chối")
    page.goto("/desk/outbox")
    expect(page.locator("#kept")).to_contain_text("Trùng số và đường")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Bỏ").click()
    expect(page.locator("#none")).to_be_visible()
    assert json.loads(page.evaluate("localStorage['diachiso-desk-outbox']")) == []


def test_the_language_stays_as_it_was_chosen(sit, expect, clerk):
    page = sit(clerk, f"{HOME}/addresses?number=1")
    page.get_by_role("link", name="English").click()
    expect(page).to_have_url(re.compile(r"/addresses\?number=1$"))
    expect(page.locator("h1")).to_have_text("Addresses")
    page.goto("/desk/acts")
    expect(page.locator("h1")).to_have_text("What I did")
    page.goto(f"/desk{HOME.replace('00070', '00082')}")
    expect(page.get_by_role("alert")).to_contain_text("You do not govern")
