"""A spreadsheet sent in at the desk: columns confirmed, faults marked, progress seen."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.registry.officer import Role
from diachiso.store.accounts import begin_session, enter_account
from diachiso.store.engine import transaction
from diachiso.store.officers import enter_officer, give_mandate
from diachiso.web.access import COOKIE

WARD = UnitKey(Level.WARD, "00070", former=False)
ROWS = "\n".join(
    [
        "Số nhà,Đường,Kinh độ,Vĩ độ,Ghi chú",
        *(f"{100 + 2 * n},Phố Hàng Trống,105.8511,{21.0321 + n / 10000:.4f}," for n in range(20)),
        "200,Phố Hàng Trống,105.9,21.5,",  # far from the ward
        ",,105.8511,21.0350,",  # names nothing
    ]
)


@pytest.fixture
def page(owner, address, chromium):
    with transaction(owner) as writer:
        officer = enter_officer(writer)
        give_mandate(writer, officer, Role.WARD_OFFICER, WARD, Validity(date(2025, 1, 1)), None)
        enter_account(writer, officer, f"tai.bang.{officer}", "Cán bộ")
        token = begin_session(writer, officer, datetime.now(UTC))
    context = chromium.new_context(base_url=address)
    context.add_cookies([{"name": COOKIE, "value": token, "url": address}])
    page = context.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto("/desk/wards/00070/upload")
    yield page
    context.close()
    assert not faults


def test_a_spreadsheet_is_tried_then_taken_in(page, expect, owner, tmp_path):
    file = tmp_path / "hàng trống.csv"
    file.write_text(ROWS, "utf-8")
    page.set_input_files("[name=file]", file)
    page.get_by_role("button", name="Tải lên").click()
    expect(page.locator("#asked-name")).to_contain_text("22 dòng")
    meant = page.locator("#columns select")
    assert [meant.nth(n).input_value() for n in range(5)] == ["number", "street", "lon", "lat", ""]

    page.get_by_role("button", name="Kiểm tra thử").click()
    expect(page.locator("#how-far")).to_contain_text("xong", timeout=60_000)
    expect(page.locator("#how-far")).to_contain_text("22/22")
    expect(page.locator("#fates")).to_contain_text("20")
    expect(page.locator("#rules tbody tr")).to_have_count(2)
    expect(page.locator("#rows li")).to_have_count(2)
    expect(page.locator("#rows")).to_contain_text("Dòng 21")
    with page.expect_download() as got:
        page.locator("#marked").click()
    assert got.value.path().read_bytes()
    live = "SELECT count(*) FROM address_version WHERE upper_inf(recorded)"
    live += " AND number ~ '^1[0-3][0-9]$'"
    with transaction(owner) as writer:
        assert writer.scalar(text(live)) == 0

    page.get_by_role("button", name="Nhập vào sổ").click()
    expect(page.locator("#run-name")).to_contain_text("Nhập vào sổ")
    expect(page.locator("#how-far")).to_contain_text("xong", timeout=60_000)
    with transaction(owner) as writer:
        assert writer.scalar(text(live)) == 20
    expect(page.locator("#before li")).to_have_count(1)


def test_what_is_no_spreadsheet_is_told_so(page, expect, tmp_path):
    file = tmp_path / "ảnh.xlsx"
    file.write_bytes(b"\x89PNG")
    page.set_input_files("[name=file]", file)
    page.get_by_role("button", name="Tải lên").click()
    expect(page.locator("#fault")).not_to_be_empty()
    expect(page.locator("#asked")).to_be_hidden()
