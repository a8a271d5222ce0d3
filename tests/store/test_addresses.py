"""Addresses in PostGIS: recorded from observation, each with its code, its ward and its street."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from shapely import LineString
from sqlalchemy import text

from diachiso.address.division import REFORM, Level
from diachiso.store.addresses import Wards, load_addresses
from diachiso.store.boundaries import write_territories
from diachiso.store.boundary_files import territories_of
from diachiso.store.divisions import read_divisions
from diachiso.store.facts import rows
from diachiso.store.history import Source
from diachiso.store.observed import Observed
from diachiso.store.places import load_places
from diachiso.store.sources import read_features
from diachiso.store.streets import Way, load_streets

DOWN_TOWN = LineString([(105.851, 21.021), (105.851, 21.039)])
SEEN_ON = date(2026, 8, 1)
OSM = Source("places.csv", "", "ab" * 32, "ODbL-1.0", "© OpenStreetMap contributors", SEEN_ON)
IN_HOAN_KIEM = Observed(1001, 105.8511, 21.036, number="30", street="Phố Hàng Trống", name="Chợ")


@pytest.fixture
def books(town):
    """The town in a transaction that never commits."""
    with town.connect() as connection, connection.begin() as nothing_stays:
        yield connection
        nothing_stays.rollback()


@pytest.fixture
def record(books, today):
    """Load observed addresses; chance is a seed."""
    chance = random.Random(7)
    return lambda *seen, on=SEEN_ON: load_addresses(
        books, seen, OSM, on=on, today=today, chance=chance
    )


def now(rows):
    """Those that hold now."""
    return [row for row in rows if row.recorded.upper is None]


def versions(books, osm_id=1001):
    return books.execute(
        text("""
            SELECT v.*, c.code AS its_code, c.self_checking, c.origin, s.name AS street,
                   u.code AS ward
            FROM external_id AS x JOIN address_version AS v USING (address_id)
            LEFT JOIN issued_code AS c USING (address_id)
            JOIN street AS s ON s.id = v.street_id JOIN unit AS u ON u.id = v.ward_id
            WHERE x.value = :osm_id
        """),
        {"osm_id": str(osm_id)},
    ).all()


def test_an_observed_address_is_recorded_with_code_ward_and_street(record, books):
    assert record(IN_HOAN_KIEM).recorded == 1
    (row,) = versions(books)
    assert (row.state, row.position_kind, row.number, row.name) == (
        "recorded",
        "observed",
        "30",
        "Chợ",
    )
    assert (row.ward, row.street) == ("00070", "Phố Hàng Trống")
    assert row.its_code.startswith("11024")
    assert (row.self_checking, row.origin) == (True, "drawn")
    assert (row.valid.lower, row.valid.upper) == (SEEN_ON, None)


def test_an_address_that_is_known_stays_as_it_is(record, books):
    record(IN_HOAN_KIEM)
    before = versions(books)
    again = record(replace(IN_HOAN_KIEM, number="31"))
    assert (again.known, again.recorded) == (1, 0)
    assert versions(books) == before


def test_two_rows_of_one_point_are_one_address(record):
    taken = record(IN_HOAN_KIEM, IN_HOAN_KIEM)
    assert (taken.recorded, taken.known) == (1, 1)


def test_a_point_in_no_ward_is_refused_with_the_reason(record):
    taken = record(replace(IN_HOAN_KIEM, lon=107.0))
    assert taken.recorded == 0
    ((reason, many),) = taken.refused.items()
    assert many == 1
    assert "lies in no ward" in reason


def test_a_number_that_cannot_be_read_is_refused_with_the_reason(record):
    taken = record(replace(IN_HOAN_KIEM, number="không số"))
    assert sum(taken.refused.values()) == 1
    assert "cannot be read" in next(iter(taken.refused))


def test_a_code_issued_elsewhere_is_kept(record, books):
    assert record(replace(IN_HOAN_KIEM, code="11024-00001")).recorded == 1
    (row,) = versions(books)
    assert (row.its_code, row.self_checking, row.origin) == ("1102400001", False, "loaded")


def test_a_code_that_is_none_is_refused(record):
    taken = record(replace(IN_HOAN_KIEM, code="11024-0000I"))
    assert taken.recorded == 0
    assert "digits only" in next(iter(taken.refused))


def test_an_address_of_before_the_reform_has_the_ward_of_then_and_the_area_of_today(record, books):
    record(replace(IN_HOAN_KIEM, lon=105.858), on=date(2025, 6, 1))
    (row,) = versions(books)
    assert row.ward == "00079", "Phường Tràng Tiền"
    assert row.its_code.startswith("11024"), "of Phường Hoàn Kiếm, which holds the point today"


def test_where_no_postal_code_is_loaded_an_address_waits_for_its_code(record, books, today):
    ward = text("SELECT id FROM unit WHERE code = '00070' AND NOT former AND level = 'ward'")
    close = text("SELECT supersede('postcode', array_agg(id)) FROM postcode WHERE unit_id = :id")
    books.execute(close, {"id": books.scalar(ward)})
    taken = record(IN_HOAN_KIEM)
    assert (taken.recorded, taken.proposed) == (0, 1)
    assert "diachiso load postcodes" in next(iter(taken.refused))
    (row,) = versions(books)
    assert (row.state, row.its_code) == ("proposed", None)


def test_numbers_of_one_street_share_it_and_far_namesakes_do_not(record, books):
    near = replace(IN_HOAN_KIEM, osm_id=1002, lat=21.037)
    record(IN_HOAN_KIEM, near)
    assert versions(books, 1001)[0].street_id == versions(books, 1002)[0].street_id
    far = replace(IN_HOAN_KIEM, osm_id=1003, street="Ngõ 12", lat=21.0205)
    farther = replace(far, osm_id=1004, lat=21.0395)
    record(far, farther)
    assert versions(books, 1003)[0].street_id != versions(books, 1004)[0].street_id


# -- wards in memory and named places ----------------------------------------------------------


def test_each_point_finds_its_ward(books, today):
    points = [(105.845, 21.03), (105.855, 21.03), (0.0, 0.0)]
    found = Wards(books, today).of(points)
    assert [ward and ward.code for ward in found] == ["00082", "00070", None]
    assert Wards(books, today).of([]) == []


def test_a_place_is_recorded_once_and_superseded_when_it_moves(books):
    market = Observed(2001, 105.855, 21.03, name="Chợ Hàng Da", category="amenity=marketplace")
    told = [
        load_places(books, [one], OSM, on=SEEN_ON)
        for one in (market, market, replace(market, lon=105.856))
    ]
    assert [one["places"] for one in told] == [1, 0, 1]
    kept = text("SELECT upper_inf(recorded) FROM place WHERE osm_id = 2001 ORDER BY id")
    assert books.scalars(kept).all() == [False, True]


# -- the data beside the product ---------------------------------------------------------------


def test_each_of_the_13926_places_lies_in_the_ward_of_its_row(writer, shared, today):
    file = shared / "boundaries" / "hanoi_wards_2025.geojson"
    wards = territories_of(
        read_features(file), read_divisions(writer), Level.WARD, REFORM,
        accuracy="published", accuracy_m=None, aliases={},
    )  # fmt: skip
    write_territories(writer, wards, OSM, effective=REFORM)
    places = rows(shared / "places" / "hanoi_places.csv.gz")
    found = Wards(writer, today).of([(float(row["lon"]), float(row["lat"])) for row in places])
    wrong = Counter(
        (row["ward_code"], ward and ward.code)
        for row, ward in zip(places, found, strict=True)
        if ward is None or ward.code != row["ward_code"]
    )
    assert len(places) == 13_926
    assert wrong == Counter()


def test_streets_of_addresses_are_joined_by_the_course_between_them(record, books):
    """Houses two kilometres apart were entered as two streets; the course shows that it is one."""
    west, east = replace(IN_HOAN_KIEM, street="Phố Âu Cơ"), replace(IN_HOAN_KIEM, osm_id=1002)
    record(west, replace(east, street="Phố Âu Cơ", lon=105.8511, lat=21.0215, number="31"))
    assert len({row.street_id for n in (1001, 1002) for row in versions(books, n)}) == len("we")
    load_streets(books, [Way(9, "Đường Âu Cơ", "primary", DOWN_TOWN)], OSM)
    held = {row.street_id for n in (1001, 1002) for row in now(versions(books, n))}
    assert len(held) == 1
    assert {row.number for n in (1001, 1002) for row in now(versions(books, n))} == {"30", "31"}


def test_namesakes_with_a_course_each_keep_their_addresses(record, books):
    far = replace(IN_HOAN_KIEM, osm_id=1002, street="Phố Âu Cơ", lat=21.0215)
    record(replace(IN_HOAN_KIEM, street="Phố Âu Cơ"), far)
    north, south = (LineString([(105.851, y), (105.852, y)]) for y in (21.036, 21.0215))
    load_streets(books, [Way(n, "Phố Âu Cơ", "", w) for n, w in enumerate((north, south))], OSM)
    held = {row.street_id for n in (1001, 1002) for row in now(versions(books, n))}
    assert len(held) == len((north, south))
