"""The desk over HTTP: errands done once, many certified, numbers proposed, pages as they should."""

import re
from datetime import UTC, date, datetime

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.registry.officer import Role
from diachiso.settings import Settings
from diachiso.store.accounts import begin_session, enter_account
from diachiso.store.engine import transaction
from diachiso.store.officers import enter_officer, give_mandate
from diachiso.terminal import service
from diachiso.web.access import COOKIE
from diachiso.web.app import create_app
from diachiso.web.desk.kept import KeptCounts

WARD = UnitKey(Level.WARD, "00070", former=False)
HOUSE = {
    "number": "20",
    "street": "Phố Hàng Trống",
    "positions": [{"lon": 105.8511, "lat": 21.0345}],
    "record": True,
}


class Seat:
    """Somebody signed in, as their browser talks to the service."""

    def __init__(self, client, token):
        self.client = client
        self.cookies = {"cookie": f"{COOKIE}={token}"}
        self.csrf = self.get("/v1/me").json()["csrf"]

    def get(self, path, **more):
        return self.client.get(path, headers=self.cookies, follow_redirects=False, **more)

    def post(self, path, body=None, key=None, csrf=None):
        headers = {**self.cookies, "x-csrf-token": self.csrf if csrf is None else csrf}
        if key is not None:
            headers["idempotency-key"] = key
        return self.client.post(f"/v1/registry/{path}", json=body or {}, headers=headers)


@pytest.fixture(scope="module")
def seat(owner):
    with service(owner) as engine, TestClient(create_app(Settings(), engine)) as client:

        def hired(role, unit=WARD):
            with transaction(owner) as writer:
                officer = enter_officer(writer)
                give_mandate(writer, officer, role, unit, Validity(date(2025, 1, 1)), None)
                enter_account(writer, officer, f"{role.value}.{officer}", "Ai đó")
                token = begin_session(writer, officer, datetime.now(UTC))
            return Seat(client, token)

        yield hired


@pytest.fixture(scope="module")
def clerk(seat):
    return seat(Role.WARD_OFFICER)


@pytest.fixture(scope="module")
def approver(seat):
    return seat(Role.WARD_APPROVER)


def live(owner, number):
    query = text(
        "SELECT count(*) FROM address_version WHERE upper_inf(recorded) AND number = :number"
    )
    with transaction(owner) as writer:
        return writer.scalar(query, {"number": number})


def test_an_errand_is_done_once_and_the_answer_is_what_came_of_it(owner, clerk):
    first = clerk.post("addresses", HOUSE, key="one")
    assert first.status_code == 201
    again = clerk.post("addresses", HOUSE, key="one")
    assert again.status_code == 200
    assert again.headers["idempotency-replayed"] == "true"
    told = again.json()
    assert told["repeated"] is True
    assert [one["code"] for one in told["addresses"]] == [first.json()["code"]]
    assert live(owner, "20") == 1


def test_a_key_is_for_one_errand_of_one_person(owner, clerk, approver):
    body = {**HOUSE, "number": "30"}
    assert clerk.post("addresses", body, key="two").status_code == 201
    other = clerk.post("addresses", {**HOUSE, "number": "32"}, key="two")
    assert other.status_code == 422
    assert other.json()["type"].endswith("#KeyReused")
    assert live(owner, "32") == 0
    # the same key of somebody else is another errand
    assert approver.post("addresses", {**HOUSE, "number": "34"}, key="two").status_code == 201
    assert clerk.post("addresses", HOUSE, key="").status_code == 422


def test_what_was_refused_may_come_again_under_its_key(clerk):
    same = {**HOUSE, "number": "2", "positions": [{"lon": 105.8511, "lat": 21.022}]}
    assert clerk.post("addresses", same, key="three").status_code == 409
    assert clerk.post("addresses", same, key="three").status_code == 409


def test_a_write_without_the_sessions_token_is_refused(owner, clerk):
    for path in ("addresses", "certify", "numbering", "propose", "acts/1/undo"):
        answer = clerk.post(path, HOUSE, csrf="wrong")
        assert answer.status_code == 403
        assert answer.json()["type"].endswith("#ForgedRequest")


def test_many_are_certified_and_the_others_told_why(clerk, approver):
    made = [
        clerk.post("addresses", {**HOUSE, "number": str(n), "distinct": True}).json()
        for n in (60, 62, 64)
    ]
    mine = approver.post("addresses", {**HOUSE, "number": "66", "distinct": True}).json()
    stale = {"called": made[2]["code"], "version": made[2]["version"] - 1}
    wanted = [{"called": one["code"], "version": one["version"]} for one in (*made[:2], mine)]
    answer = approver.post("certify", {"addresses": [*wanted, stale, {"called": "D999999"}]})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert len(told["certified"]) == 2
    kinds = sorted(one["type"].split("#")[1] for one in told["refused"])
    assert kinds == ["FourEyes", "Overtaken", "UnknownCode"]
    assert clerk.post("certify", {"addresses": wanted}).status_code == 403


def test_a_house_is_proposed_by_its_neighbours(clerk):
    told = clerk.post("propose", {"lon": 105.8511, "lat": 21.026}).json()
    assert told["ward_name"] == "Phường Hoàn Kiếm"
    assert (told["streets"][0]["name"], told["streets"][0]["number"]) == ("Phố Hàng Trống", "10")
    odd = clerk.post("propose", {"lon": 105.8509, "lat": 21.024}).json()
    assert odd["streets"][0]["number"] == "5"
    assert clerk.post("propose", {"lon": 105.845, "lat": 21.0301}).status_code == 403
    assert clerk.post("propose", {"lon": 110.0, "lat": 16.0}).status_code == 404


def test_a_street_that_is_only_tried_leaves_nothing_behind(owner, clerk):
    line = [[105.853, 21.036], [105.853, 21.034]]
    doors = [[105.85305, 21.0355], [105.85295, 21.035]]
    form = {"street": "Ngõ Chỉ Thử", "line": line, "doors": doors}
    told = clerk.post("numbering/preview", form).json()
    assert [door["number"] for door in told["doors"]] == ["1", "2"]
    with transaction(owner) as writer:
        count = text("SELECT count(*) FROM street WHERE name = 'Ngõ Chỉ Thử'")
        assert writer.scalar(count) == 0
    houses = [{"number": "1", "lon": 105.85305, "lat": 21.0355}] * 2
    twice = clerk.post("numbering", {"street": "Ngõ Chỉ Thử", "houses": houses})
    assert twice.status_code == 409
    assert clerk.post("numbering", {"street": "Ngõ Chỉ Thử", "houses": []}).status_code == 422


def test_the_last_act_is_undone_over_http(clerk):
    made = clerk.post("addresses", {**HOUSE, "number": "80", "distinct": True}).json()
    told = clerk.get("/v1/registry/acts").json()
    assert told["undoable"] == told["acts"][0]["line"]
    done = clerk.post(f"acts/{told['undoable']}/undo", key="undo").json()
    assert [(one["code"], one["state"]) for one in done["addresses"]] == [(made["code"], "retired")]
    assert clerk.post(f"acts/{told['undoable']}/undo", key="undo").json()["repeated"] is True
    assert clerk.post(f"acts/{told['undoable']}/undo").status_code == 409


def test_pages_are_for_the_signed_in_and_faults_are_pages(seat, clerk):
    stranger = clerk.client.get("/desk/wards/00070", follow_redirects=False)
    assert stranger.status_code == 303
    assert stranger.headers["location"] == "/sign-in?next=/desk/wards/00070"
    for path, status, words in (
        ("/desk/wards/00082", 403, "Bạn không phụ trách"),
        ("/desk/wards/99999", 403, "Bạn không phụ trách"),
        ("/desk/wards/0007x", 404, "Không có phường, xã"),
        ("/desk/addresses/0000000000", 404, "Không có địa chỉ"),
        ("/desk/wards/00070/addresses?state=gone", 422, "Địa chỉ trang không đúng"),
    ):
        answer = clerk.get(path)
        assert answer.status_code == status, path
        assert words in answer.text
        assert answer.headers["content-type"].startswith("text/html")


def test_a_language_is_kept_and_leads_nowhere_else(clerk):
    answer = clerk.get("/desk/language?to=en&next=//elsewhere.example/desk")
    assert answer.headers["location"] == "/desk"
    assert "diachiso_language=en" in answer.headers["set-cookie"]


def test_tiles_of_a_ward_are_for_its_officers(seat, clerk):
    tile = "/desk/wards/00070/addresses/16/52039/28840.mvt"
    assert clerk.get(tile).status_code in (200, 204)
    far = seat(Role.WARD_OFFICER, UnitKey(Level.WARD, "00082", former=False))
    assert far.get(tile).status_code == 403


def test_counts_are_taken_once_by_whoever_walks_through_a_list():
    moment, taken = [0.0], []
    kept = KeptCounts(clock=lambda: moment[0])

    def counted(whose, *, anew=False):
        kept.of(whose, lambda: taken.append(whose) or len(taken), anew=anew)
        return len(taken)

    assert counted(("00070", 1), anew=True) == 1
    assert counted(("00070", 1)) == 1, "the second page"
    assert counted(("00070", 2)) == 2, "another officer"
    assert counted(("00070", 1), anew=True) == 3, "the first page of another list"
    moment[0] = 61.0
    assert counted(("00070", 1)) == 4, "too long ago"


def test_the_first_page_of_a_list_counts_what_was_just_written(clerk):
    def live():
        page = clerk.get("/desk/wards/00070/addresses").text
        return int(re.search(r'Địa chỉ\s*<span class="count[^"]*">([\d.]+)<', page)[1])

    before = live()
    body = {**HOUSE, "number": "20/77"}
    assert clerk.post("addresses", body).status_code == 201
    assert live() == before + 1
