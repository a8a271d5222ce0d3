"""The verbs over HTTP: one house from a draft to its end, as an officer and an approver see it."""

from datetime import date

import pytest
from fastapi.testclient import TestClient

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.registry.officer import Act, Role
from diachiso.settings import Settings
from diachiso.store.engine import transaction
from diachiso.store.keys import issue_key
from diachiso.store.officers import enter_officer, give_mandate
from diachiso.terminal import service
from diachiso.web.app import create_app

WARD = UnitKey(Level.WARD, "00070", former=False)
OTHER = UnitKey(Level.WARD, "00082", former=False)
SINCE = Validity(date(2025, 1, 1))
HERE = [{"lon": 105.8511, "lat": 21.0345, "accuracy_m": 3}]
HOUSE = {"number": "20", "street": "Phố Hàng Trống", "kind": "dwelling", "positions": HERE}


@pytest.fixture(scope="module")
def visitor(owner):
    with service(owner) as engine, TestClient(create_app(Settings(), engine)) as client:
        yield client


@pytest.fixture(scope="module")
def calls(owner, visitor):
    """Call as somebody with a role: POST unless told otherwise."""

    def caller(role, ward):
        with transaction(owner) as writer:
            officer = enter_officer(writer)
            give_mandate(writer, officer, role, ward, SINCE, None)
            key = issue_key(writer, officer, role.value, tuple(Act))
        headers = {"authorization": f"Bearer {key}"}

        def call(path, body=None, status=200, method="POST"):
            answer = visitor.request(
                method,
                f"/v1/registry/{path}",
                headers=headers,
                **({"json": body or {}} if method == "POST" else {}),
            )
            assert answer.status_code == status, answer.text
            assert answer.headers.get("cache-control") in ("no-store", None)
            return answer.json()

        return call

    return caller


@pytest.fixture(scope="module")
def clerk(calls):
    return calls(Role.WARD_OFFICER, WARD)


@pytest.fixture(scope="module")
def approver(calls):
    return calls(Role.WARD_APPROVER, WARD)


@pytest.fixture(scope="module")
def stranger(calls):
    return calls(Role.WARD_OFFICER, OTHER)


def test_a_house_from_its_draft_to_its_end(clerk, approver, visitor):
    draft = clerk("addresses", HOUSE, 201)
    assert (draft["state"], draft["code"], draft["likely"]) == ("proposed", None, [])
    called = draft["called"]
    recorded = clerk(f"addresses/{called}/record")
    code = recorded["code"]
    assert visitor.get(f"/v1/addresses/{code}").json()["properties"]["number"] == "20"
    told = clerk(f"addresses/{code}/certify", status=403)
    assert told["title"].startswith("Không được phép")
    assert approver(f"addresses/{code}/certify")["state"] == "certified"
    amended = clerk(f"addresses/{code}/amend", {"name": "Quán Sen"})
    assert (amended["state"], amended["name"], amended["number"]) == ("recorded", "Quán Sen", "20")
    pieces = [{"number": n} for n in ("20", "20A", "20B")]
    parts = clerk(f"addresses/{code}/split", {"pieces": pieces})["addresses"]
    assert [part["number"] for part in parts] == ["20", "20A", "20B"]
    assert parts[0]["code"] == code
    last = parts[2]["code"]
    assert (
        clerk(f"addresses/{code}/merge", {"others": [last]})["addresses"][0]["state"] == "retired"
    )
    gone = visitor.get(f"/v1/addresses/{last}")
    assert (gone.status_code, gone.json()["successors"]) == (410, [code])
    clerk(f"addresses/{code}/review", {"doubts": ["position"], "reason": "lệch"})
    assert visitor.get(f"/v1/addresses/{code}").json()["properties"]["doubts"] == ["position"]
    clerk(f"addresses/{code}/settle")
    clerk(f"addresses/{code}/move", {"positions": [{"lon": 105.8512, "lat": 21.0345}]})
    ended = clerk(
        f"addresses/{code}/retire", {"reason": "phá dỡ", "successors": [parts[1]["code"]]}
    )
    assert ended["reason"] == "phá dỡ"
    history = clerk(f"addresses/{code}", method="GET")["history"]
    assert len(history) == 9
    assert [one["recorded_until"] is None for one in history].count(True) == 1
    answer = visitor.get(f"/v1/addresses/{code}")
    assert answer.json()["reason"] == "phá dỡ"
    assert "thôi dùng" in answer.json()["detail"]


def test_the_same_house_is_not_entered_twice(clerk):
    twin = HOUSE | {"number": "2", "record": True}
    seen = clerk("likely", HOUSE | {"number": "2"})["likely"]
    alike = [one["likeness"] for one in seen if one["label"] == "2 Phố Hàng Trống"]
    assert alike == [["same_folded_text", "same_number_in_street"]]
    told = clerk("addresses", twin, 409)
    assert told["type"] == "/problems#LikelyDuplicate"
    assert len(told["likely"]) == 1
    assert clerk("addresses", twin | {"distinct": True}, 201)["code"]


def test_looking_for_likenesses_enters_nothing(clerk, owner):
    clerk("likely", HOUSE | {"street": "Phố Chưa Có", "number": "1"})
    with owner.connect() as connection:
        names = connection.exec_driver_sql("SELECT name FROM street").scalars().all()
    assert "Phố Chưa Có" not in names


def test_a_restricted_house_is_found_by_its_ward_alone(clerk, stranger, visitor):
    code = clerk("addresses", HOUSE | {"number": "30", "record": True}, 201)["code"]
    clerk(f"addresses/{code}/restrict", {"hidden": True})
    assert visitor.get(f"/v1/addresses/{code}").status_code == 404
    assert (
        stranger(f"addresses/{code}", method="GET", status=404)["type"] == "/problems#UnknownCode"
    )
    near = visitor.get("/v1/reverse?lon=105.8511&lat=21.0345").json()["features"]
    assert code not in [one["properties"].get("code") for one in near]
    slip = code[:9] + str((int(code[9]) + 1) % 10)
    assert code not in str(visitor.get(f"/v1/addresses/{slip}").json())
    assert code in [one["code"] for one in clerk("addresses?ward=00070", method="GET")["addresses"]]
    clerk(f"addresses/{code}/restrict", {"hidden": False})
    assert visitor.get(f"/v1/addresses/{code}").status_code == 200


def test_who_is_of_another_ward_neither_lists_nor_writes(stranger):
    assert stranger("addresses?ward=00070", method="GET", status=403)["title"].startswith("Không")
    stranger("addresses", HOUSE, 403)


def test_a_street_gets_new_numbers_and_a_new_name(clerk, approver, visitor):
    made = clerk("addresses", HOUSE | {"number": "40", "record": True, "distinct": True}, 201)
    street = made["street"]["id"]
    done = clerk(f"streets/{street}/renumber", {"numbers": {made["code"]: "42"}})
    assert done["addresses"][0]["number"] == "42"
    clerk(f"streets/{street}/rename", {"name": "Phố Mới"}, 403)
    paper = {"number": "12/NQ-HĐND", "on": "2026-10-01", "issuer": "HĐND thành phố"}
    renamed = approver(f"streets/{street}/rename", {"name": "phố Mới", "document": paper})
    assert renamed["street"]["name"] == "phố Mới"
    told = visitor.get(f"/v1/addresses/{made['code']}").json()["properties"]
    assert (told["street"], told["number"]) == ("phố Mới", "42")
    assert clerk(f"streets/{street}/renumber", {"numbers": {made["code"]: "44"}}, 404)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (HOUSE | {"positions": []}, "vị trí"),
        (HOUSE | {"number": None}, "Cần số nhà hoặc tên"),
        (HOUSE | {"street": None}, "Số nhà cần kèm"),
        (HOUSE | {"number": "???"}, "không phải là số nhà"),
        (HOUSE | {"positions": [{"lon": 21.03, "lat": 105.85}]}, "đảo"),
        (HOUSE | {"positions": [{"lon": 110.0, "lat": 12.0}]}, "không nằm trong phường"),
        (HOUSE | {"strete": "x"}, "strete"),
        (HOUSE | {"street_id": 999_999}, "999999"),
    ],
)
def test_what_is_missing_or_wrong_is_said(clerk, body, told):
    status = 404 if "nằm trong" in told else 422
    assert told in clerk("addresses", body, status)["detail"]


def test_who_looked_at_an_older_version_is_told(clerk):
    made = clerk("addresses", HOUSE | {"number": "50", "record": True}, 201)
    clerk(f"addresses/{made['code']}/amend", {"name": "A", "version": made["version"]})
    told = clerk(f"addresses/{made['code']}/amend", {"name": "B", "version": made["version"]}, 409)
    assert told["type"] == "/problems#Overtaken"


def test_a_house_that_was_recorded_is_found_by_its_text(clerk, visitor):
    asked = "/v1/geocode?q=60%20Ph%E1%BB%91%20Tr%C3%A0ng%20Thi%2C%20Ho%C3%A0n%20Ki%E1%BA%BFm"
    assert visitor.get(asked).json()["features"][0]["properties"]["code"] is None
    made = clerk(
        "addresses", HOUSE | {"number": "60", "street": "Phố Tràng Thi", "record": True}, 201
    )
    visitor.app.state.books.keeper.look_again()
    assert visitor.get(asked).json()["features"][0]["properties"]["code"] == made["code"]
    clerk(f"addresses/{made['code']}/retire", {"reason": "thử"})
    visitor.app.state.books.keeper.look_again()
    assert visitor.get(asked).json()["features"][0]["properties"]["code"] is None


def test_a_house_that_was_recorded_tells_where_its_neighbours_are(clerk, visitor):
    def place(number):
        asked = {"q": f"{number} Phố Tràng Thi, Hoàn Kiếm, Hà Nội", "limit": 1}
        (found,) = visitor.get("/v1/geocode", params=asked).json()["features"]
        return found["properties"]["match_level"], found["geometry"]["coordinates"]

    here, elsewhere = place(62), place(44)
    assert here[0] == elsewhere[0] == "interpolated"
    lon, lat = elsewhere[1]
    there = {"number": "60", "street": "Phố Tràng Thi", "positions": [{"lon": lon, "lat": lat}]}
    clerk("addresses", HOUSE | there | {"record": True}, 201)
    visitor.app.state.books.keeper.look_again()
    now = place(62)
    assert abs(now[1][0] - lon) < abs(here[1][0] - lon) / 2, (here, elsewhere, now)
