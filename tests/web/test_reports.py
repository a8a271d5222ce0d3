"""Citizens report, the ward sees it side by side and answers, the reporter is told by a token."""

from datetime import date

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.registry.officer import Act, Role
from diachiso.settings import Settings
from diachiso.store.acting import acting
from diachiso.store.engine import transaction
from diachiso.store.keys import issue_key
from diachiso.store.ledger import prove
from diachiso.store.officers import enter_officer, give_mandate
from diachiso.terminal import service
from diachiso.web.app import create_app
from diachiso.web.reporting import network_of

WARD = UnitKey(Level.WARD, "00070", former=False)
OTHER = UnitKey(Level.WARD, "00082", former=False)
SINCE = Validity(date(2025, 1, 1))
POINT = {"lon": 105.8511, "lat": 21.0352}


@pytest.fixture(scope="module")
def visitor(owner):
    settings = Settings(report_quota="")
    with service(owner) as engine, TestClient(create_app(settings, engine)) as client:
        yield client


@pytest.fixture(scope="module")
def calls(owner, visitor):
    """Call as somebody with a role; what is called is the registry."""

    def caller(role, ward):
        with transaction(owner) as writer:
            officer = enter_officer(writer)
            give_mandate(writer, officer, role, ward, SINCE, None)
            key = issue_key(writer, officer, role.value, tuple(Act))

        def call(path, body=None, status=200):
            method = "GET" if body is None else "POST"
            answer = visitor.request(
                method,
                f"/v1/registry/{path}",
                headers={"authorization": f"Bearer {key}"},
                **({} if body is None else {"json": body}),
            )
            assert answer.status_code == status, answer.text
            return answer.json()

        call.officer = officer
        return call

    return caller


@pytest.fixture(scope="module")
def clerk(calls):
    return calls(Role.WARD_OFFICER, WARD)


@pytest.fixture
def send(visitor):
    def send(status=201, **body):
        answer = visitor.post("/v1/reports", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    return send


@pytest.fixture
def told(visitor):
    return lambda receipt: visitor.get(receipt["where"]).json()


@pytest.fixture
def house(clerk):
    """A recorded house, at a number of its own each time."""
    numbers = iter(range(200, 900, 2))

    def build(**more):
        number = str(next(numbers))
        spot = {"lon": 105.8511, "lat": 21.031 + int(number) / 1e6, "accuracy_m": 3}
        body = {"number": number, "street": "Phố Hàng Trống", "positions": [spot], "record": True}
        return clerk("addresses", body | more | {"distinct": True}, 201)

    return build


def waiting(clerk, **more):
    return clerk("reports?ward=00070&state=open&limit=200")["reports"]


def test_a_wrong_number_is_seen_side_by_side_accepted_and_told(send, told, clerk, house, visitor):
    code = house()["code"]
    receipt = send(wrong="number", code=code, proposed={"number": "99A"}, note="biển ghi 99A")
    assert told(receipt)["state"] == "open"
    report = waiting(clerk)[-1]
    assert report["note"] == "biển ghi 99A"
    assert [(d["field"], d["proposed"]) for d in report["differences"]] == [("number", "99A")]
    assert report["differences"][0]["now"] == report["address"]["number"]
    done = clerk(f"reports/{report['number']}/accept", {"reason": "đúng"})
    assert done["address"]["number"] == "99A"
    after = told(receipt)
    assert (after["state"], after["reason"], after["code"]) == ("accepted", "đúng", code)
    assert visitor.get(f"/v1/addresses/{code}").json()["properties"]["number"] == "99A"
    again = clerk(f"reports/{report['number']}/accept", {}, 409)
    assert again["type"] == "/problems#Overtaken"


def test_the_answer_stands_in_the_ledger_beside_the_deed(send, clerk, house, owner):
    send(wrong="name", code=house()["code"], proposed={"name": "Quán Sen"})
    number = waiting(clerk)[-1]["number"]
    line = clerk(f"reports/{number}/accept", {})["line"]
    with owner.connect() as connection:
        acts = connection.execute(
            text("SELECT body ->> 'act', body -> 'note' FROM ledger WHERE number IN (:l, :l - 1)"
                 " ORDER BY number"), {"l": line},
        ).all()  # fmt: skip
        prove(connection)
    assert [act for act, _ in acts] == ["amend", "answer"]
    assert acts[1][1]["report"] == number
    assert acts[1][1]["did"] == "amend"


def test_a_place_beyond_the_ward_is_a_move(send, clerk, calls, house):
    code = house()["code"]
    there = {"positions": [{"lon": 105.8450, "lat": 21.0352}], "name": "Quán Dời"}
    send(wrong="position", code=code, proposed=there)
    number = waiting(clerk)[-1]["number"]
    clerk(f"reports/{number}/accept", {}, 403)  # the other ward takes part in a move
    both = calls(Role.WARD_OFFICER, UnitKey(Level.PROVINCE, "01", former=False))
    moved = both(f"reports/{number}/accept", {})["address"]
    assert (moved["ward"], moved["name"], moved["code"]) == ("00082", "Quán Dời", code)


def test_a_missing_house_is_registered_and_its_code_told(send, told, clerk):
    receipt = send(
        wrong="missing", point=POINT, proposed={"number": "77", "street": "Phố Hàng Trống"}
    )
    report = waiting(clerk)[-1]
    assert report["address"] is None
    done = clerk(f"reports/{report['number']}/accept", {})["address"]
    assert (done["state"], done["number"]) == ("recorded", "77")
    assert told(receipt)["code"] == done["code"]
    send(wrong="missing", point=POINT, proposed={"number": "77", "street": "Phố Hàng Trống"})
    twice = waiting(clerk)[-1]["number"]
    assert clerk(f"reports/{twice}/accept", {}, 409)["type"] == "/problems#LikelyDuplicate"
    assert waiting(clerk)[-1]["number"] == twice


def test_one_that_is_gone_is_retired_with_the_reason(send, clerk, house, visitor):
    code = house()["code"]
    send(wrong="gone", code=code)
    number = waiting(clerk)[-1]["number"]
    clerk(f"reports/{number}/accept", {}, 422)
    clerk(f"reports/{number}/accept", {"reason": "nhà đã phá"})
    assert visitor.get(f"/v1/addresses/{code}").status_code == 410
    assert visitor.post("/v1/reports", json={"wrong": "gone", "code": code}).status_code == 410


def test_a_report_without_details_takes_those_of_the_ward(send, clerk, house):
    code = house()["code"]
    send(wrong="other", point=POINT, note="biển sai")
    number = waiting(clerk)[-1]["number"]
    assert clerk(f"reports/{number}/accept", {}, 422)["missing"] == ["called"]
    assert clerk(f"reports/{number}/accept", {"called": code}, 422)["missing"] == ["details"]
    done = clerk(f"reports/{number}/accept", {"called": code, "details": {"number": "88"}})
    assert done["address"]["number"] == "88"


def test_a_rejection_needs_a_reason_which_the_reporter_reads(send, told, clerk, house):
    receipt = send(wrong="number", code=house()["code"], proposed={"number": "1"})
    number = waiting(clerk)[-1]["number"]
    clerk(f"reports/{number}/reject", {"reason": " "}, 422)
    clerk(f"reports/{number}/reject", {"reason": "đã xem tại chỗ, số đúng"})
    assert told(receipt)["reason"] == "đã xem tại chỗ, số đúng"
    assert told(receipt)["meaning"].startswith("không tiếp nhận")


def test_a_restricted_address_is_answered_as_a_code_that_does_not_exist(send, clerk, house):
    hidden = house()["code"]
    clerk(f"addresses/{hidden}/restrict", {"hidden": True})
    never = hidden[:-2] + f"{(int(hidden[-2:]) + 37) % 100:02d}"
    answers = [send(404, wrong="gone", code=one) for one in (hidden, never)]
    for answer, code in zip(answers, (hidden, never), strict=True):
        answer.pop("one_slip_away", None)
        written = f"{code[:5]}-{code[5:]}"
        for name, value in answer.items():
            if isinstance(value, str):
                answer[name] = value.replace(code, "C").replace(written, "C")
    assert answers[0] == answers[1]


def test_once_it_is_restricted_its_code_is_no_longer_told(send, told, clerk):
    receipt = send(wrong="missing", point=POINT, proposed={"name": "Kho quân nhu"})
    number = waiting(clerk)[-1]["number"]
    code = clerk(f"reports/{number}/accept", {})["address"]["code"]
    clerk(f"addresses/{code}/restrict", {"hidden": True})
    assert told(receipt)["code"] is None


def test_persons_are_masked_in_a_note_and_refused_in_a_field(send, clerk, house):
    code = house()["code"]
    receipt = send(wrong="other", code=code, note="gọi 0912 345 678")
    assert "Đã che" in receipt["masked"]
    assert waiting(clerk)[-1]["note"] == "gọi […]"
    refused = send(422, wrong="name", code=code, proposed={"name": "Lan 0912345678"})
    assert refused["type"] == "/problems#PersonalData"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"wrong": "number"}, "code hoặc point"),
        ({"wrong": "missing", "code": "1102458310"}, "cần point"),
        ({"wrong": "other", "point": POINT}, "ghi chú"),
        ({"wrong": "missing", "point": {"lon": 1, "lat": 2}, "note": "x"}, "ngoài Việt Nam"),
        ({"wrong": "missing", "point": {"lon": 110, "lat": 12}, "note": "x"}, "không nằm trong"),
        ({"wrong": "other", "point": POINT, "note": "x", "phone": "1"}, "phone"),
    ],
)
def test_what_is_missing_or_wrong_is_said(visitor, body, told):
    answer = visitor.post("/v1/reports", json=body)
    assert 400 <= answer.status_code < 500
    assert told in answer.json()["detail"]


def test_only_those_who_answer_for_the_ward_read_its_queue(send, calls, house, owner, clerk):
    send(wrong="other", code=house()["code"], note="bí mật của phường")
    number = waiting(clerk)[-1]["number"]
    stranger = calls(Role.WARD_OFFICER, OTHER)
    assert stranger("reports?ward=00070", status=403)["type"] == "/problems#NotYourWard"
    stranger(f"reports/{number}/reject", {"reason": "x"}, 404)
    auditor = calls(Role.PROVINCE_AUDITOR, None)
    auditor("reports?ward=00070", status=403)
    for who in (None, stranger.officer, auditor.officer):
        with acting(owner, who) as writer:
            assert writer.scalar(text("SELECT count(*) FROM report WHERE note IS NOT NULL")) == 0
    with acting(owner, clerk.officer) as writer:
        assert writer.scalar(text("SELECT count(*) FROM report WHERE note IS NOT NULL")) > 0
    with pytest.raises(DBAPIError, match="permission denied"), acting(owner, clerk.officer) as w:
        w.execute(text("UPDATE report SET note = 'x'"))
    with pytest.raises(DBAPIError, match="never changed"), transaction(owner) as writer:
        writer.execute(text("DELETE FROM report_answer"))


def test_a_token_that_is_none_is_said(visitor):
    answer = visitor.get("/v1/reports/dcr_nothing")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems#UnknownReport")


def test_one_network_may_send_so_many(owner, house):
    code = house()["code"]
    settings = Settings(report_quota="2/hour")
    with service(owner) as engine, TestClient(create_app(settings, engine)) as client:
        body = {"wrong": "other", "code": code, "note": "x"}
        sent = [client.post("/v1/reports", json=body).status_code for _ in range(3)]
    assert sent == [201, 201, 429]
    assert network_of("203.0.113.7") == network_of("203.0.113.99")
    assert network_of("2001:db8:1:2::3") == network_of("2001:db8:1:ff::9")
    assert network_of("::ffff:203.0.113.7") == network_of("203.0.113.7")
