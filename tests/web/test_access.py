"""Who may call: keys, sessions, what each refuses; over a town of its own."""

from datetime import UTC, date, datetime, timedelta

import pytest
from fastapi import Request
from fastapi.testclient import TestClient
from sqlalchemy import text

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.registry.officer import Act, Role
from diachiso.settings import Settings
from diachiso.store.accounts import begin_session, enter_account, session_of
from diachiso.store.engine import transaction
from diachiso.store.keys import issue_key, revoke_key
from diachiso.store.officers import enter_officer, give_mandate
from diachiso.terminal import service
from diachiso.web.access import COOKIE, HEADER, CurrentActing, acting_books
from diachiso.web.app import create_app

WARD = UnitKey(Level.WARD, "00070", former=False)
SINCE = Validity(date(2025, 1, 1))
PASSWORD = "ruộng-bậc-thang-9"  # noqa: S105 (of an account that lives as long as the test)


@pytest.fixture(scope="module")
def app(owner):
    with service(owner) as engine:
        app = create_app(Settings(), engine)

        @app.get("/try/who")
        def who(by: CurrentActing, request: Request):
            with acting_books(request) as books:
                told = books.reader.scalar(text("SELECT acting_officer()"))
                role = books.reader.scalar(text("SELECT current_user::text"))
            return {
                "officer": by.officer.id,
                "database": told,
                "role": role,
                "origin": by.origin,
                "may": sorted(a for a in Act if by.officer.may(a, WARD, by.today)),
            }

        @app.post("/try/write")
        def write(by: CurrentActing):
            return {"officer": by.officer.id}

        yield app


@pytest.fixture
def visitor(app):
    with TestClient(app) as client:
        yield client


@pytest.fixture
def clerk(owner):
    """A ward officer with an account: their number and their login."""
    with transaction(owner) as writer:
        officer = enter_officer(writer)
        give_mandate(writer, officer, Role.WARD_OFFICER, WARD, SINCE, None)
        login = f"can.bo.{officer}"
        enter_account(writer, officer, login, "Cán bộ")
    return officer, login


@pytest.fixture
def signed_in(visitor, owner, clerk):
    """The visitor with the clerk's cookie, and the token that writes must carry."""
    with transaction(owner) as writer:
        token = begin_session(writer, clerk[0], datetime.now(UTC))
        session = session_of(writer, token)
    visitor.cookies.set(COOKIE, token)
    return session


@pytest.fixture
def issue(owner):
    def issue(*scopes, **more):
        with transaction(owner) as writer:
            officer = enter_officer(writer, "client")
            give_mandate(writer, officer, Role.POSTAL_AGENT, WARD, SINCE, None)
            return officer, issue_key(writer, officer, "bưu chính", scopes, **more)

    return issue


def bearer(key):
    return {"authorization": f"Bearer {key}"}


def test_nobody_is_known_without_a_key_or_a_session(visitor):
    answer = visitor.get("/try/who")
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems#NotSignedIn")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_key_acts_within_its_scopes_and_the_database_knows_who(visitor, issue):
    officer, key = issue(Act.REGISTER, Act.CERTIFY)
    told = visitor.get("/try/who", headers=bearer(key)).json()
    assert (told["officer"], told["database"]) == (officer, officer)
    assert told["role"] == "diachiso_app"
    assert told["may"] == ["register"]
    assert told["origin"].startswith(f"key {key[4:12]} ")


def test_a_key_that_is_wrong_revoked_or_run_out_is_refused(visitor, issue, owner):
    _, key = issue(Act.REGISTER)
    _, ended = issue(Act.REGISTER, until=date(2026, 1, 1))
    with transaction(owner) as writer:
        revoke_key(writer, key[:12])
    for one in (key, ended, key[:-1] + "x", "dcs_"):
        answer = visitor.get("/try/who", headers=bearer(one))
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems#SignInRefused")


def test_a_key_is_kept_as_a_hash_and_its_last_day_is_noted(visitor, issue, owner):
    _, key = issue(Act.REGISTER)
    visitor.get("/try/who", headers=bearer(key))
    with owner.connect() as connection:
        row = connection.execute(
            text("SELECT api_key::text, last_used FROM access.api_key WHERE prefix = :p"),
            {"p": key[4:12]},
        ).one()
    assert key not in row[0]
    assert row.last_used is not None


def test_a_quota_that_is_spent_says_how_long_to_wait(visitor, issue):
    _, key = issue(Act.REGISTER, quota="2/minute")
    answers = [visitor.get("/try/who", headers=bearer(key)) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert 0 < int(answers[2].headers["retry-after"]) <= 60
    assert answers[2].json()["type"] == "/problems#TooMany"


def test_a_session_reads_with_its_cookie_and_writes_with_its_token(visitor, signed_in, clerk):
    assert visitor.get("/try/who").json()["officer"] == clerk[0]
    refused = visitor.post("/try/write")
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems#ForgedRequest")
    assert visitor.post("/try/write", headers={HEADER: signed_in.csrf}).status_code == 200
    assert visitor.post("/try/write", data={"csrf": signed_in.csrf}).status_code == 200
    foreign = {HEADER: signed_in.csrf, "origin": "https://elsewhere.example"}
    assert visitor.post("/try/write", headers=foreign).status_code == 403


def test_a_session_ends_by_itself(visitor, owner, clerk):
    with transaction(owner) as writer:
        token = begin_session(writer, clerk[0], datetime.now(UTC) - timedelta(days=1))
    visitor.cookies.set(COOKIE, token)
    assert visitor.get("/try/who").status_code == 401


def test_without_a_key_the_operators_quota_holds_and_none_if_unset(owner, visitor, issue):
    for _ in range(5):
        assert visitor.get("/v1/wards/00070").status_code == 200
    _, key = issue(Act.REGISTER)
    with (
        service(owner) as engine,
        TestClient(create_app(Settings(public_quota="3/minute"), engine)) as counted,
    ):
        answers = [counted.get("/v1/wards/00070").status_code for _ in range(4)]
        assert answers == [200, 200, 200, 429]
        assert counted.get("/v1/geocode", params={"q": "Hà Nội"}).status_code == 429
        assert counted.get("/v1/wards/00070", headers=bearer(key)).status_code == 200
        assert counted.get("/sign-in").status_code == 200
