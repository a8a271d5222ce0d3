"""Figures: what stands, how fast, how often asked; numbers betray no restricted address."""

import csv
import io
from datetime import date

import mapbox_vector_tile
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.address.quad import tile_at
from diachiso.address.today import today
from diachiso.registry.officer import Act, Role
from diachiso.settings import Settings
from diachiso.store.engine import make_engine, transaction
from diachiso.store.export_statements import STATEMENTS
from diachiso.store.keys import issue_key
from diachiso.store.officers import enter_officer, give_mandate
from diachiso.terminal import service
from diachiso.web.app import create_app

WARD = UnitKey(Level.WARD, "00070", former=False)
SINCE = Validity(date(2025, 1, 1))


@pytest.fixture(scope="module")
def bound(owner):
    with service(owner) as engine:
        yield engine


@pytest.fixture(scope="module")
def visitor(bound):
    with TestClient(create_app(Settings(report_quota=""), bound)) as client:
        yield client


@pytest.fixture(scope="module")
def calls(owner, visitor):
    def caller(role):
        with transaction(owner) as writer:
            officer = enter_officer(writer)
            give_mandate(writer, officer, role, WARD, SINCE, None)
            key = issue_key(writer, officer, role.value, tuple(Act))

        def call(path, body, status=200):
            headers = {"authorization": f"Bearer {key}"}
            answer = visitor.post(f"/v1/registry/{path}", json=body, headers=headers)
            assert answer.status_code == status, answer.text
            return answer.json()

        return call

    return caller


@pytest.fixture(scope="module")
def clerk(calls):
    return calls(Role.WARD_OFFICER)


@pytest.fixture(scope="module")
def approver(calls):
    return calls(Role.WARD_APPROVER)


@pytest.fixture
def ask(visitor):
    def ask(unit="00070", **more):
        answer = visitor.get("/v1/figures", params={"unit": unit, **more})
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask


@pytest.fixture(scope="module")
def house(clerk):
    numbers = iter(range(400, 900))

    def build(numbered=None, **more):
        number = numbered or str(next(numbers))
        spot = {"lon": 105.8512, "lat": 21.0361 + next(numbers) / 1e6}
        body = {"number": number, "street": "Phố Hàng Trống", "positions": [spot]}
        return clerk("addresses", body | {"record": True, "distinct": True} | more, 201)

    return build


def grown(ask, doing, unit="00070"):
    """By how much each figure of a unit grows."""
    before = ask(unit)["total"]
    doing()
    after = ask(unit)["total"]
    return {
        name: (after[name] or 0) - (before[name] or 0)
        for name in after
        if isinstance(after[name], int) and after[name] != before[name]
    }


def test_a_house_counts_for_its_ward_its_province_and_the_country(ask, house):
    for unit in ("00070", "01", ""):
        assert grown(ask, house, unit)["recorded"] == 1
    assert ask("01")["total"]["communes"] == 126
    assert ask("")["total"]["communes"] == 3321
    assert ask("")["total"]["name"] == "Việt Nam"
    assert ask("00070")["total"]["name"] == "Phường Hoàn Kiếm"
    assert ask("00070")["units"] == []
    rows = {row["code"]: row for row in ask("01")["units"]}
    assert rows["00070"]["recorded"] == ask("00070")["total"]["recorded"]
    assert sum(row["recorded"] for row in rows.values()) == ask("01")["total"]["recorded"]
    assert len(ask("")["units"]) == 34


def test_what_stands_in_the_town_is_counted(ask):
    told = ask()["total"]
    assert told["households_estimated"] is None
    assert told["without_entrance"] >= 5  # what was observed is no entrance
    assert told["recorded"] >= 7


def test_certified_doubted_and_twice(ask, house, clerk, approver):
    one = house()
    done = grown(ask, lambda: approver(f"addresses/{one['code']}/certify", {}))
    assert done == {"certified": 1}
    doubt = {"doubts": ["number"], "reason": "biển khác"}
    assert grown(ask, lambda: clerk(f"addresses/{house()['code']}/review", doubt)) == {
        "recorded": 1,
        "doubted": 1,
    }
    house("777")
    assert grown(ask, lambda: house("777")) == {"recorded": 1, "likely_duplicates": 2}
    assert ask()["total"]["days_to_record"] == pytest.approx(0, abs=0.01)
    assert ask()["total"]["days_to_certify"] == pytest.approx(0, abs=0.01)


def test_postal_points_and_pickup_places(ask, house):
    box = {"number": None, "street": None, "name": "Thùng thư", "kind": "letter_box"}
    office = box | {"name": "Bưu cục", "kind": "post_office", "attributes": {"staffed": True}}
    pickup = box | {"name": "Vườn ông Ba", "kind": "pickup_point"}
    assert grown(ask, lambda: house("", **box)) == {"recorded": 1, "postal_points": 1}
    added = {"recorded": 1, "postal_points": 1, "communes_staffed": 1}
    assert grown(ask, lambda: house("", **office), "01") == added
    assert grown(ask, lambda: house("", **office), "01") == {"recorded": 1, "postal_points": 1}
    assert grown(ask, lambda: house("", **pickup)) == {"recorded": 1, "pickup_addresses": 1}
    assert ask()["total"]["communes_staffed_share"] == 1.0


def test_a_pickup_place_is_told_as_any_address_by_tiles_and_exports(house, visitor, bound):
    """A list of farm households would be one of persons (record 50)."""
    code = house("", number=None, street=None, name="Vườn bà Tư", kind="pickup_point")["code"]
    place = tile_at(105.8512, 21.0361, 16)
    content = visitor.get(f"/tiles/addresses/16/{place.x}/{place.y}.mvt").content
    drawn = mapbox_vector_tile.decode(content)["addresses"]["features"]
    kinds = {one["properties"]["code"]: one["properties"]["kind"] for one in drawn}
    assert kinds[code] == "unknown"
    assert "pickup_point" not in kinds.values()
    told = {"day": today(), "states": ["recorded"]}
    with bound.connect() as connection:
        rows = connection.execute(STATEMENTS["addresses"], told).mappings()
        assert {row["code"]: row["kind"] for row in rows}[code] == "unknown"


def test_fewer_than_three_restricted_addresses_are_not_told(ask, house, clerk):
    hidden = [house()["code"] for _ in range(3)]
    for code in hidden[:2]:
        clerk(f"addresses/{code}/restrict", {"hidden": True})
    for unit in ("00070", "01", ""):
        assert ask(unit)["total"]["restricted"] is None
    clerk(f"addresses/{hidden[2]}/restrict", {"hidden": True})
    for unit in ("00070", "01", ""):
        assert ask(unit)["total"]["restricted"] == 3


def test_reports_and_how_long_their_answers_take(ask, house, visitor, owner):
    def send():
        body = {"wrong": "other", "code": house()["code"], "note": "x"}
        assert visitor.post("/v1/reports", json=body).status_code == 201

    assert grown(ask, send)["reports"] == 1
    assert ask()["total"]["days_to_answer"] is None


def test_lookups_are_counted_by_day_ward_and_kind_without_what_was_asked(ask, bound, visitor):
    books = visitor.app.state.books
    books.tally.write(bound)
    before = ask()["lookups_by_kind"]

    def look():
        for _ in range(3):
            visitor.get("/v1/reverse", params={"lon": 105.8511, "lat": 21.022})
        visitor.get("/v1/geocode", params={"q": "2 Phố Hàng Trống, phường Hoàn Kiếm, Hà Nội"})
        queries = [{"id": str(n), "q": "6 Hàng Trống, Hoàn Kiếm, Hà Nội"} for n in range(2)]
        visitor.post("/v1/geocode/batch", json={"queries": queries})
        books.tally.write(bound)

    assert grown(ask, look) == {"lookups": 6}
    after = ask()["lookups_by_kind"]
    assert after["reverse"] - before.get("reverse", 0) == 3
    assert after["geocode"] - before.get("geocode", 0) == 3
    with bound.connect() as connection:
        kept = connection.execute(text("SELECT lookup_count::text FROM lookup_count")).scalars()
        assert not any("Hàng" in row or "21.0" in row for row in kept)


def test_what_cannot_be_written_is_kept(bound, owner):
    from diachiso.store.lookups import Tally  # noqa: PLC0415

    tally, away = Tally(), make_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    tally.count("code", "00070", 5)
    tally.write(away)
    tally.write(bound)
    with owner.connect() as connection:
        kept = connection.scalar(text("SELECT sum(count) FROM lookup_count WHERE kind = 'code'"))
    assert kept >= 5


def test_months_tell_how_it_stood(ask):
    told = ask(**{"from": "2026-06-15", "to": str(today())})
    assert told["months"][0]["day"] == "2026-06-30"
    assert told["months"][0]["recorded"] == 0  # the town was observed in August
    assert told["months"][-1]["recorded"] == told["total"]["recorded"]


def test_the_table_and_the_page_say_the_same(visitor, ask):
    answer = visitor.get("/v1/figures.csv", params={"unit": "01"})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == 127
    assert rows[0]["recorded"] == str(ask("01")["total"]["recorded"])
    page = visitor.get("/figures", params={"unit": "01"})
    assert "Phường Hoàn Kiếm" in page.text
    assert page.text.count("<svg") == 2
    assert "style=" not in page.text  # the policy of the page would drop it
    assert visitor.get("/figures", params={"unit": "00070"}).status_code == 200
    assert visitor.get("/figures").status_code == 200


@pytest.mark.parametrize(
    ("asked", "status", "kind"),
    [
        ({"unit": "99999"}, 404, "UnknownUnit"),
        ({"unit": "1"}, 422, "InvalidRequest"),
        ({"from": "2026-10-01", "to": "2026-09-01"}, 422, "MalformedDate"),
        ({"to": "2025-06-30"}, 422, "MalformedDate"),
        ({"to": "2026-02-30"}, 422, "MalformedDate"),
        ({"unti": "01"}, 422, "InvalidRequest"),
    ],
)
def test_what_is_wrong_is_said(visitor, asked, status, kind):
    for path in ("/v1/figures", "/v1/figures.csv", "/figures"):
        answer = visitor.get(path, params=asked)
        assert (answer.status_code, answer.json()["type"]) == (status, f"/problems#{kind}")
