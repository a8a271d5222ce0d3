"""Signing in with a password: what a person sees, what a guesser does not learn."""

import re
import time
from datetime import date

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.address.errors import TooMany
from diachiso.registry.officer import Role
from diachiso.settings import Settings
from diachiso.store.accounts import disable, enter_account
from diachiso.store.engine import make_engine, transaction
from diachiso.store.officers import enter_officer, give_mandate
from diachiso.store.passwords import one_time_password
from diachiso.terminal import service
from diachiso.web.access import COOKIE
from diachiso.web.app import create_app
from diachiso.web.quotas import Quotas

WARD = UnitKey(Level.WARD, "00070", former=False)
CSRF = re.compile(r'name="csrf" value="([^"]+)"')
CHOSEN = "ruộng bậc thang mùa lúa chín"


@pytest.fixture(scope="module")
def owner(databases):
    engine = make_engine(databases.clone("signing"))
    yield engine
    engine.dispose()


@pytest.fixture
def app(owner):
    with service(owner) as engine:
        yield create_app(Settings(), engine)


@pytest.fixture
def visitor(app):
    with TestClient(app, follow_redirects=False) as client:
        yield client


@pytest.fixture
def clerk(owner):
    """A login and its one-time password."""
    password = one_time_password()
    with transaction(owner) as writer:
        officer = enter_officer(writer)
        give_mandate(writer, officer, Role.WARD_OFFICER, WARD, Validity(date(2025, 1, 1)), None)
        login = f"lan.{officer}"
        enter_account(writer, officer, login, "Nguyễn Thị Lan", password)
    return login, password


def sign_in(visitor, login, password, **more):
    return visitor.post("/sign-in", data={"login": login, "password": password, **more})


def change(visitor, old, new, again=None):
    csrf = CSRF.search(visitor.get("/password").text)[1]
    told = {"csrf": csrf, "old": old, "new": new, "again": again or new}
    return visitor.post("/password", data=told)


def test_the_one_time_password_is_changed_before_anything_else(visitor, clerk):
    login, once = clerk
    assert sign_in(visitor, login.upper(), once).headers["location"] == "/"
    me = visitor.get("/v1/me").json()
    assert (me["login"], me["must_change_password"]) == (login, True)
    refused = visitor.get("/v1/registry/mandates")
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems#MustChange")
    assert "mật khẩu một lần" in visitor.get("/password").text
    assert change(visitor, once, CHOSEN).status_code == 303
    assert visitor.get("/v1/registry/mandates").json()["mandates"][0]["unit"] == "00070"
    visitor.cookies.clear()
    assert sign_in(visitor, login, once).status_code == 401
    assert sign_in(visitor, login, CHOSEN).status_code == 303


@pytest.mark.parametrize(
    ("new", "again", "told"),
    [
        ("ngắn", None, "Mật khẩu cần từ 12"),
        ("aaaaaaaaaaaaaaaa", None, "dễ đoán"),
        ("{login}{login}{login}{login}", None, "dễ đoán"),
        ("{old}!", None, "dễ đoán"),
        (CHOSEN, CHOSEN + "?", "không giống nhau"),
    ],
)
def test_a_weak_password_is_refused_in_words(visitor, clerk, new, again, told):
    login, once = clerk
    sign_in(visitor, login, once)
    answer = change(visitor, once, new.format(login=login, old=once), again)
    assert answer.status_code == 422
    assert told in answer.text


def test_a_wrong_login_and_a_wrong_password_are_told_alike(visitor, clerk, owner):
    login, _ = clerk
    answers = [sign_in(visitor, one, "sai mật khẩu") for one in (login, "không có ai")]
    assert [one.status_code for one in answers] == [401, 401]
    told = [re.search(r'role="alert".*?</p>', one.text, re.DOTALL)[0] for one in answers]
    assert told[0] == told[1]
    assert COOKIE not in visitor.cookies


def test_an_unknown_login_takes_as_long_as_a_known_one(visitor, clerk):
    login, _ = clerk
    sign_in(visitor, "làm nóng", "x")

    def taken(one):
        begun = time.process_time()
        sign_in(visitor, one, "sai mật khẩu")
        return time.process_time() - begun

    known = min(taken(login) for _ in range(3))
    unknown = min(taken(f"không có {n}") for n in range(3))
    assert 0.5 < unknown / known < 2


def test_guessing_is_slowed_down(visitor, clerk):
    login, _ = clerk
    answers = [sign_in(visitor, login, f"đoán {n}") for n in range(6)]
    assert [one.status_code for one in answers] == [401] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert "Quá nhiều lần" in answers[-1].text


def test_attempts_from_one_address_or_at_one_login_are_counted_too():
    quotas = Quotas()
    with pytest.raises(TooMany):
        [quotas.may_attempt(f"login {n}", "203.0.113.7") for n in range(31)]
    with pytest.raises(TooMany):
        [quotas.may_attempt("lan", f"203.0.113.{n}") for n in range(101)]


def test_signing_out_takes_the_session_itself_away(visitor, clerk, owner):
    login, once = clerk
    sign_in(visitor, login, once)
    cookie = visitor.cookies[COOKIE]
    csrf = visitor.get("/v1/me").json()["csrf"]
    assert visitor.post("/sign-out").status_code == 403
    assert visitor.post("/sign-out", data={"csrf": csrf}).status_code == 303
    visitor.cookies.set(COOKIE, cookie)
    assert visitor.get("/v1/me").status_code == 401
    with owner.connect() as connection:
        kept = connection.scalar(
            text("SELECT count(*) FROM access.session JOIN access.account USING (officer_id)"
                 " WHERE login = :login"), {"login": login})  # fmt: skip
    assert kept == 0


def test_a_new_password_ends_the_sessions_of_other_browsers(app, visitor, clerk):
    login, once = clerk
    sign_in(visitor, login, once)
    with TestClient(app, follow_redirects=False) as elsewhere:
        sign_in(elsewhere, login, once)
        assert elsewhere.get("/v1/me").status_code == 200
        change(visitor, once, CHOSEN)
        assert elsewhere.get("/v1/me").status_code == 401
    assert visitor.get("/v1/me").status_code == 200


def test_who_is_disabled_is_signed_out_and_stays_out(visitor, clerk, owner):
    login, once = clerk
    sign_in(visitor, login, once)
    officer = visitor.get("/v1/me").json()["officer"]
    with transaction(owner) as writer:
        disable(writer, officer)
    assert visitor.get("/v1/me").status_code == 401
    assert sign_in(visitor, login, once).status_code == 401


def test_the_cookie_is_out_of_reach_of_scripts_and_of_plain_http(app, clerk):
    login, once = clerk
    with TestClient(app, base_url="https://testserver", follow_redirects=False) as visitor:
        cookie = sign_in(visitor, login, once).headers["set-cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=lax", "Secure", "Path=/"))


@pytest.mark.parametrize(
    ("asked", "onward"),
    [("/problems", "/problems"), ("//elsewhere.example", "/"), ("https://elsewhere.example", "/"),
     ("/\\elsewhere.example", "/"), ("javascript:alert(1)", "/")],
)  # fmt: skip
def test_nobody_is_sent_elsewhere_by_a_link(visitor, clerk, asked, onward):
    assert sign_in(visitor, *clerk, next=asked).headers["location"] == onward


def test_another_site_cannot_sign_a_browser_in(visitor, clerk):
    login, once = clerk
    told = {"login": login, "password": once}
    foreign = {"origin": "https://elsewhere.example"}
    assert visitor.post("/sign-in", data=told, headers=foreign).status_code == 403


def test_no_log_holds_a_password_a_cookie_or_a_key(visitor, clerk, caplog, capfd):
    login, once = clerk
    with caplog.at_level("DEBUG"):
        sign_in(visitor, login, "sai-mật-khẩu-này")
        sign_in(visitor, login, once)
        visitor.get("/v1/me", headers={"authorization": "Bearer dcs_not_a_key_at_all"})
    said = caplog.text + "".join(capfd.readouterr())
    for secret in (once, "sai-mật-khẩu-này", visitor.cookies[COOKIE], "dcs_not_a_key_at_all"):
        assert secret not in said


# -- mandates over HTTP --------------------------------------------------------------------------


@pytest.fixture
def approver(owner, app):
    """An approver of the ward, signed in, and the header that writes carry."""
    with transaction(owner) as writer:
        officer = enter_officer(writer)
        give_mandate(writer, officer, Role.WARD_APPROVER, WARD, Validity(date(2025, 1, 1)), None)
        password = one_time_password()
        enter_account(writer, officer, f"duyet.{officer}", "Người duyệt", password)
    with TestClient(app, follow_redirects=False) as client:
        sign_in(client, f"duyet.{officer}", password)
        change(client, password, CHOSEN)
        client.headers["x-csrf-token"] = client.get("/v1/me").json()["csrf"]
        yield client


def test_an_approver_delegates_to_a_postal_agent_for_a_time(approver, clerk, owner):
    login, _ = clerk
    wanted = {"login": login, "role": "postal_agent", "ward": "00070", "until": "2099-01-01"}
    answer = approver.post("/v1/registry/mandates", json=wanted)
    assert answer.status_code == 201, answer.text
    number = answer.json()["mandate"]
    listed = approver.get("/v1/registry/mandates").json()["mandates"]
    assert [one["login"] for one in listed if one["mandate"] == number] == [login]
    ended = approver.post(f"/v1/registry/mandates/{number}/end", json={})
    assert ended.status_code == 200, ended.text
    with owner.connect() as connection:
        lines = connection.scalars(
            text("SELECT body ->> 'act' FROM ledger ORDER BY number DESC LIMIT 2")
        ).all()
    assert lines == ["delegate", "delegate"]


@pytest.mark.parametrize(
    ("change", "status", "kind"),
    [
        ({"until": None}, 422, "Incomplete"),
        ({"ward": "00082"}, 403, "NotYourWard"),
        ({"role": "ward_officer"}, 422, "Incomplete"),
        ({"ward": "99999"}, 403, "NotYourWard"),
        ({"until": "2000-01-01"}, 422, "Incomplete"),
        ({"login": "không có"}, 404, "UnknownOfficer"),
    ],
)
def test_a_delegation_beyond_ones_rights_is_refused(approver, clerk, change, status, kind):
    wanted = {"login": clerk[0], "role": "postal_agent", "ward": "00070", "until": "2099-01-01"}
    answer = approver.post("/v1/registry/mandates", json=wanted | change)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems#{kind}")


def test_nobody_delegates_to_themselves(approver):
    login = approver.get("/v1/me").json()["login"]
    wanted = {"login": login, "role": "postal_agent", "ward": "00070", "until": "2099-01-01"}
    answer = approver.post("/v1/registry/mandates", json=wanted)
    assert answer.json()["type"] == "/problems#FourEyes"
