"""The pages to sign in and to change a password, in a real browser."""

from datetime import date

import pytest

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.registry.officer import Role
from diachiso.store.accounts import enter_account
from diachiso.store.engine import transaction
from diachiso.store.officers import enter_officer, give_mandate
from diachiso.store.passwords import one_time_password

WARD = UnitKey(Level.WARD, "00070", former=False)
CHOSEN = "một câu dài dễ nhớ"
WIDER_THAN_THE_SCREEN = "() => document.documentElement.scrollWidth > innerWidth"


@pytest.fixture
def clerk(town):
    """A login and its one-time password."""
    password = one_time_password()
    with transaction(town) as writer:
        officer = enter_officer(writer)
        valid = Validity(date(2025, 1, 1))
        give_mandate(writer, officer, Role.WARD_OFFICER, WARD, valid, None)
        enter_account(writer, officer, f"trinh.duyet.{officer}", "Cán bộ", password)
    return f"trinh.duyet.{officer}", password


def sign_in(page, login, password):
    page.fill("#login", login)
    page.fill("#password", password)
    page.press("#password", "Enter")


@pytest.mark.parametrize(
    "viewport", [{"width": 360, "height": 700}, {"width": 1280, "height": 800}]
)
def test_somebody_signs_in_and_chooses_a_password_with_the_keyboard(visit, expect, clerk, viewport):
    login, once = clerk
    page = visit("sign-in?next=/password", viewport=viewport)
    expect(page.locator("#login")).to_be_focused()
    sign_in(page, login, "sai mật khẩu rồi")
    expect(page.get_by_role("alert")).to_contain_text("Sai tên đăng nhập hoặc mật khẩu.")
    expect(page.locator("#login")).to_have_value(login)
    expect(page.locator("#password")).to_be_focused()
    sign_in(page, login, once)
    expect(page.locator(".caution")).to_contain_text("mật khẩu một lần")
    assert not page.evaluate(WIDER_THAN_THE_SCREEN)
    for field, value in (("old", once), ("new", CHOSEN), ("again", CHOSEN)):
        page.fill(f"#{field}", value)
    page.press("#again", "Enter")
    page.wait_for_url("**/")
    assert page.evaluate("fetch('/v1/me').then((one) => one.json())")["login"] == login
    assert page.evaluate("document.cookie") == ""


def test_every_field_has_its_label(visit):
    page = visit("sign-in")
    nameless = "() => [...document.querySelectorAll('input')].filter((one) => one.type !== 'hidden'"
    assert page.evaluate(f"{nameless} && !one.labels.length).length") == 0
