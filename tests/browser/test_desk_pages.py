"""Every page of the desk, in both languages, at phone and desktop width: axe finds nothing serious.

DIACHISO_SHOTS=FOLDER keeps a picture of each.
"""

import os
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.registry.officer import Role
from diachiso.store.accounts import begin_session, enter_account
from diachiso.store.engine import transaction
from diachiso.store.officers import enter_officer, give_mandate
from diachiso.web.access import COOKIE
from diachiso.web.desk.visitor import LANGUAGE

WARD = UnitKey(Level.WARD, "00070", former=False)
HANOI = UnitKey(Level.PROVINCE, "01", former=False)
SIZES = {"phone": {"width": 375, "height": 740}, "desk": {"width": 1280, "height": 800}}
SERIOUS = {"serious", "critical"}
WIDER_THAN_THE_SCREEN = "() => document.documentElement.scrollWidth > innerWidth"
SHOTS = os.environ.get("DIACHISO_SHOTS")
HERE = [{"lon": 105.8511, "lat": 21.0345}]
PAGES = {  # name: who looks, path
    "home": ("auditor", "/desk"),
    "map": ("clerk", "/desk/wards/00070"),
    "new": ("clerk", "/desk/wards/00070#at=21.0260,105.8511"),
    "list": ("clerk", "/desk/wards/00070/addresses"),
    "certify": ("approver", "/desk/wards/00070/addresses?only=certify"),
    "drafts": ("clerk", "/desk/wards/00070/addresses?state=proposed"),
    "none": ("clerk", "/desk/wards/00070/addresses?number=9999"),
    "duplicates": ("clerk", "/desk/wards/00070/duplicates"),
    "no-duplicates": ("far", "/desk/wards/00082/duplicates"),
    "reports": ("clerk", "/desk/wards/00070/reports"),
    "streets": ("clerk", "/desk/wards/00070/streets"),
    "numbering": ("clerk", "/desk/wards/00070/numbering"),
    "upload": ("clerk", "/desk/wards/00070/upload"),
    "address": ("clerk", "{address}"),
    "to-certify": ("approver", "{address}"),
    "acts": ("clerk", "/desk/acts"),
    "outbox": ("clerk", "/desk/outbox"),
    "delegations": ("approver", "/desk/delegations"),
    "postal": ("agent", "/desk/postal"),
    "postal-home": ("agent", "/desk"),
    "postal-map": ("agent", "/desk/wards/00070"),
    "auditor-list": ("auditor", "/desk/wards/00070/addresses"),
    "approver-home": ("approver", "/desk/wards/00070"),
    "streets-found": ("clerk", "/desk/wards/00070/streets?named=trang"),
    "department": ("auditor", "/desk/department"),
    "refused": ("clerk", "/desk/wards/00082"),
}


@pytest.fixture(scope="module")
def staff(owner):
    """Somebody of each kind, signed in."""
    far = UnitKey(Level.WARD, "00082", former=False)
    wanted = {
        "clerk": (Role.WARD_OFFICER, WARD, None),
        "approver": (Role.WARD_APPROVER, WARD, None),
        "agent": (Role.POSTAL_AGENT, WARD, date(2030, 1, 1)),
        "auditor": (Role.PROVINCE_AUDITOR, HANOI, None),
        "far": (Role.WARD_OFFICER, far, None),
    }
    found = {}
    with transaction(owner) as writer:
        for name, (role, unit, until) in wanted.items():
            officer = enter_officer(writer)
            give_mandate(writer, officer, role, unit, Validity(date(2025, 1, 1), until), None)
            enter_account(writer, officer, f"{name}.{officer}", f"Nguyễn Thị {name.title()}")
            token = begin_session(writer, officer, datetime.now(UTC))
            found[name] = SimpleNamespace(id=officer, token=token)
    return found


@pytest.fixture(scope="module")
def filled(chromium, address, staff):
    """Houses, a draft, a doubt, a twin, a report and a postal point; the page of a house."""
    context = chromium.new_context(base_url=address)
    context.add_cookies([{"name": COOKIE, "value": staff["clerk"].token, "url": address}])
    ask = context.request
    csrf = ask.get("/v1/me").json()["csrf"]

    def post(path, body, status=200):
        answer = ask.post(f"/v1/{path}", data=body, headers={"x-csrf-token": csrf})
        assert answer.status == status, answer.text()
        return answer.json()

    street = {"street": "Phố Hàng Trống", "kind": "dwelling"}
    place = {"positions": HERE, **street}
    house = post("registry/addresses", {"number": "20", "record": True, **place}, 201)
    twin = {"number": "20", "record": True, "distinct": True, **place}
    post("registry/addresses", twin, 201)
    post("registry/addresses", {"number": "22", **place}, 201)
    doubted = post("registry/addresses", {"number": "24", "record": True, **place}, 201)
    doubt = {"doubts": ["position"], "reason": "lệch sang bên kia đường"}
    post(f"registry/addresses/{doubted['code']}/review", doubt)
    office = {
        "number": "26",
        "record": True,
        **place,
        "kind": "post_office",
        "name": "Bưu cục Hàng Trống",
        "attributes": {"keeper": "VNPost", "staffed": True, "hours": "Mo-Fr 07:30-17:00"},
    }
    post("registry/addresses", office, 201)
    report = {
        "wrong": "number",
        "code": house["code"],
        "proposed": {"number": "20B"},
        "note": "Biển trước cửa ghi 20B.",
    }
    post("reports", report, 201)
    missing = {
        "wrong": "missing",
        "point": {"lon": 105.8511, "lat": 21.0348},
        "proposed": {"number": "28", "street": "Phố Hàng Trống"},
    }
    post("reports", missing, 201)
    context.close()
    return f"/desk/addresses/{house['code']}"


@pytest.fixture
def look(chromium, address, staff, filled):
    """Open a page in a language and at a width; faults of its scripts fail the test."""
    contexts = []

    def look(name, language, size, **more):
        who, path = PAGES[name]
        context = chromium.new_context(base_url=address, viewport=SIZES[size], **more)
        context.add_cookies(
            [
                {"name": COOKIE, "value": staff[who].token, "url": address},
                {"name": LANGUAGE, "value": language, "url": address},
            ]
        )
        contexts.append(context)
        page = context.new_page()
        page.faults = []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.goto(path.format(address=filled))
        page.wait_for_load_state("networkidle")
        return page

    yield look
    faults = [fault for context in contexts for page in context.pages for fault in page.faults]
    for context in contexts:
        context.close()
    assert not faults


def keep(page, name):
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_read_by_everybody(look, name, language, size):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = look(name, language, size)
    keep(page, f"{name}-{language}-{size}")
    assert page.evaluate("document.documentElement.lang") == language
    assert page.locator("h1").count() == 1
    assert not page.evaluate(WIDER_THAN_THE_SCREEN)
    found = axe.Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in SERIOUS] == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_read_in_the_dark(look, name):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = look(name, "vi", "desk", color_scheme="dark")
    keep(page, f"{name}-dark")
    found = axe.Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in SERIOUS] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_the_password_can_be_read_by_everybody(look, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = look("acts", "vi", "phone", color_scheme=scheme)
    page.goto("/password")
    keep(page, f"password-{scheme}")
    assert page.locator("h1").count() == 1
    assert not page.evaluate(WIDER_THAN_THE_SCREEN)
    found = axe.Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in SERIOUS] == []


def test_nothing_of_the_desk_is_kept_by_caches(look):
    page = look("list", "vi", "desk")
    answer = page.request.get("/desk/wards/00070/addresses")
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_the_lists_can_be_read_without_a_script(look):
    page = look("list", "vi", "desk", java_script_enabled=False)
    assert page.locator("tbody tr").count() > 3
    page.get_by_role("link", name="Trùng").click()
    assert page.locator(".group li").count() == 2
