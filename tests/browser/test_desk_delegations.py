"""An approver lets a postal agent act for the ward, and ends it before its time."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.address.today import today
from diachiso.registry.officer import Role
from diachiso.store.accounts import begin_session, enter_account
from diachiso.store.engine import transaction
from diachiso.store.officers import enter_officer, give_mandate
from diachiso.web.access import COOKIE

WARD = UnitKey(Level.WARD, "00070", former=False)


def hired(engine, role, name, valid=None):
    """Somebody new, signed in; with a role in the ward unless it is none."""
    with transaction(engine) as writer:
        officer = enter_officer(writer)
        if role is not None:
            give_mandate(writer, officer, role, WARD, valid or Validity(date(2025, 1, 1)), None)
        login = f"{name.split()[-1].lower()}.{officer}"
        enter_account(writer, officer, login, name)
        token = begin_session(writer, officer, datetime.now(UTC))
    return SimpleNamespace(id=officer, login=login, token=token)


@pytest.fixture
def sit(chromium, address):
    contexts = []

    def sit(who, path):
        context = chromium.new_context(base_url=address, viewport={"width": 390, "height": 800})
        context.add_cookies([{"name": COOKIE, "value": who.token, "url": address}])
        contexts.append(context)
        page = context.new_page()
        page.goto(path)
        return page

    yield sit
    for context in contexts:
        context.close()


def test_a_ward_is_delegated_and_the_delegation_is_ended(owner, sit, expect):
    approver = hired(owner, Role.WARD_APPROVER, "Người Duyệt")
    agent = hired(owner, None, "Nhân viên Bưu-tá")
    page = sit(approver, "/desk")
    page.goto("/desk/delegations")
    expect(page.get_by_role("link", name="Ủy quyền")).to_be_visible()
    expect(page.locator(".empty")).to_contain_text("Chưa ủy quyền cho ai")

    form = page.locator("form.narrow")
    form.locator("[name=login]").fill("khong.co")
    form.locator("[type=submit]").click()
    expect(form.locator("[role=alert]")).to_contain_text("khong.co")
    form.locator("[name=login]").fill(agent.login)
    form.locator("[name=until]").fill(str(today() + timedelta(days=30)))
    form.locator("[type=submit]").click()
    expect(page.locator("#said")).to_contain_text("Đã ủy quyền")
    row = page.locator(".rows li")
    expect(row).to_contain_text("Nhân viên Bưu-tá")
    expect(row).to_contain_text("Phường Hoàn Kiếm")

    desk = sit(agent, "/desk/wards/00070")
    expect(desk.locator("nav.ward")).to_contain_text("Phường Hoàn Kiếm")
    expect(desk.locator("nav.mine")).not_to_contain_text("Ủy quyền")

    row.locator("[type=submit]").click()
    expect(page.locator("#said")).to_contain_text("Đã kết thúc")
    expect(page.locator(".empty")).to_contain_text("Chưa ủy quyền cho ai")
    desk.reload()
    expect(desk.locator("h1")).not_to_contain_text("Bản đồ")
    assert desk.request.get("/desk/wards/00070").status == 403


def test_whoever_delegates_nothing_is_told_so(owner, sit, expect):
    clerk = hired(owner, Role.WARD_OFFICER, "Cán Bộ")
    page = sit(clerk, "/desk/delegations")
    expect(page.locator("main")).to_contain_text("Chỉ người duyệt")


def test_what_is_over_is_kept_apart(owner, sit, expect):
    over = Validity(date(2025, 1, 1), date(2025, 6, 1))
    hired(owner, Role.POSTAL_AGENT, "Người Trước", over)
    page = sit(hired(owner, Role.WARD_APPROVER, "Người Sau"), "/desk/delegations")
    expect(page.locator("details")).to_contain_text("Đã kết thúc")
    page.locator("details summary").click()
    expect(page.locator("details .rows li").first).to_contain_text("Người Trước")
