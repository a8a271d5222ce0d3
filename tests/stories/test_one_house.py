"""One house from a citizen's report to its end: at each date what was so, and one code for ever."""

import json
from datetime import date

import pytest
from fastapi.testclient import TestClient

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.address.today import today
from diachiso.registry.decree import Decree
from diachiso.registry.officer import Act, Acting, Role
from diachiso.registry.reorganise import reorganise
from diachiso.settings import Settings
from diachiso.store.acting import acting
from diachiso.store.decree_land import Boundaries
from diachiso.store.engine import make_engine, transaction
from diachiso.store.keys import issue_key
from diachiso.store.ledger import prove
from diachiso.store.officers import enter_officer, give_mandate, officer_of
from diachiso.store.reorganising import PostgisRolls
from diachiso.terminal import service
from diachiso.web.app import create_app

HOAN_KIEM = UnitKey(Level.WARD, "00070", former=False)
SINCE = Validity(date(2025, 1, 1))
SPOT = {"lon": 105.8552, "lat": 21.0301}
RECORDED, CERTIFIED, DIVIDED, RENAMED, DECREED, ENDED = (
    f"2026-{month:02}-01" for month in (2, 3, 4, 5, 6, 7)
)


@pytest.fixture
def registry(databases, settle_in):
    engine = make_engine(databases.clone("one_house"))
    settle_in(engine)
    with service(engine) as bound, TestClient(create_app(Settings(), bound)) as visitor:
        yield engine, visitor
    engine.dispose()


@pytest.fixture
def hired(registry):
    """Somebody with a role, and how they call the registry."""
    engine, visitor = registry

    def hire(role, unit):
        with transaction(engine) as writer:
            officer = enter_officer(writer)
            give_mandate(writer, officer, role, unit, SINCE, None)
            key = issue_key(writer, officer, role.value, tuple(Act))

        def call(path, body):
            headers = {"authorization": f"Bearer {key}"}
            answer = visitor.post(f"/v1/registry/{path}", json=body, headers=headers)
            assert answer.status_code < 300, answer.text
            return answer.json()

        return officer, call

    return hire


def divided(engine, ministry, file):
    """A decree divides the ward: the east half is a ward of its own."""
    halves = [("00070", "Hoàn Kiếm", 105.85, 105.8515), ("99001", "Tràng Tiền", 105.8515, 105.86)]
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": name},
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [[west, 21.02], [east, 21.02], [east, 21.04], [west, 21.04], [west, 21.02]]
                ],
            },
        }
        for code, name, west, east in halves
    ]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    into = [
        {"code": "00070", "name": "Hoàn Kiếm", "kind": "phường", "default": True},
        {"code": "99001", "name": "Tràng Tiền", "kind": "phường", "parent": "01"},
    ]
    decree = Decree.model_validate(
        {
            "number": "99/NQ-UBTVQH",
            "date": date(2026, 5, 20),
            "issuer": "Ủy ban Thường vụ Quốc hội",
            "effective": date.fromisoformat(DECREED),
            "changes": [{"change": "split", "code": "00070", "into": into}],
        }
    )
    with acting(engine, ministry) as writer:
        by = Acting(officer_of(writer, ministry), today(), "command")
        reorganise(PostgisRolls(writer, Boundaries(file, {})), decree, by)


def test_one_house_from_a_report_to_its_end(registry, hired, tmp_path):
    engine, visitor = registry
    _, clerk = hired(Role.WARD_OFFICER, HOAN_KIEM)
    _, approver = hired(Role.WARD_APPROVER, HOAN_KIEM)
    _, everywhere = hired(Role.WARD_APPROVER, None)
    ministry, _ = hired(Role.MINISTRY, None)

    proposed = {"number": "44", "street": "Phố Tràng Thi", "kind": "dwelling"}
    sent = visitor.post(
        "/v1/reports", json={"point": SPOT, "wrong": "missing", "proposed": proposed}
    )
    assert sent.status_code == 201, sent.text
    token = sent.json()["token"]
    assert visitor.get(f"/v1/reports/{token}").json()["state"] == "open"
    accepted = clerk("reports/1/accept", {"on": RECORDED})
    code = accepted["address"]["code"]
    assert visitor.get(f"/v1/reports/{token}").json()["state"] == "accepted"

    approver(f"addresses/{code}/certify", {"on": CERTIFIED})
    parts = clerk(
        f"addresses/{code}/split", {"on": DIVIDED, "pieces": [{"number": "44"}, {"number": "44A"}]}
    )["addresses"]
    street = parts[0]["street"]["id"]
    paper = {"number": "12/NQ-HĐND", "on": "2026-04-20", "issuer": "HĐND thành phố Hà Nội"}
    everywhere(f"streets/{street}/rename", {"name": "Phố Mới", "on": RENAMED, "document": paper})
    divided(engine, ministry, tmp_path / "after.geojson")
    heir = parts[1]["code"]
    gone = {"on": ENDED, "reason": "giải phóng mặt bằng", "successors": [heir]}
    everywhere(f"addresses/{code}/retire", gone)

    def on(day, whose=code):
        return visitor.get(f"/v1/addresses/{whose}", params={"as_of": day})

    assert on("2026-01-31").status_code == 404
    told = {
        day: on(day).json()["properties"]
        for day in (RECORDED, CERTIFIED, DIVIDED, RENAMED, DECREED)
    }
    assert {one["code"] for one in told.values()} == {code}
    states = [one["state"] for one in told.values()]
    assert states == ["recorded", "certified", "recorded", "recorded", "recorded"]
    streets = [one["street"] for one in told.values()]
    assert streets == ["Phố Tràng Thi"] * 3 + ["Phố Mới"] * 2
    wards = [one["ward"]["code"] for one in told.values()]
    assert wards == ["00070"] * 4 + ["99001"]
    after = on(ENDED)
    assert after.status_code == 410
    assert after.json()["successors"] == [heir]
    assert "giải phóng mặt bằng" in after.json()["detail"]
    assert on(ENDED, heir).json()["properties"]["number"] == "44A"
    with engine.connect() as reader:
        prove(reader)
