"""OGC API - Features Part 3 and CQL2: queryables, and filters as text and JSON (19-079, 21-065)."""

import json
import threading

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from diachiso.address.errors import QueryError
from diachiso.address.reference import CRS84, EPSG, SYSTEMS
from diachiso.store.collections import COLLECTIONS
from diachiso.store.filters import condition
from diachiso.web.ogc.cql import LONGEST, parsed

NOW = {"datetime": "2026-11-01"}
WARDS = {"00070", "00082", "00097"}
HERE = "105.83,21.0,105.88,21.05"


@pytest.fixture
def wards(ids):
    """Those of the town; in the boxes of its tests lies also what has no land here (Part 1)."""

    def found(text, **query):
        told = ids("wards", filter=text, limit=10000, properties="code", **NOW, **query)
        return [one for one in told if one in WARDS]

    return found


@pytest.fixture
def houses(items):
    def numbers(text, **query):
        told = items("addresses", filter=text, **NOW, **query)["features"]
        return {one["properties"]["number"] for one in told}

    return numbers


def test_queryables_are_a_schema_of_every_attribute(client):
    for one, collection in COLLECTIONS.items():
        answer = client.get(f"/ogc/collections/{one}/queryables")
        assert answer.headers["content-type"] == "application/schema+json"
        told = answer.json()
        assert told["$id"] == f"http://testserver/ogc/collections/{one}/queryables"
        assert told["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert told["type"] == "object"
        assert set(told["properties"]) == {"geometry", *collection.named}
        assert told["properties"]["geometry"]["format"].startswith("geometry-")
        assert told["additionalProperties"] is False


def test_every_collection_links_its_queryables(ask, client):
    for one in ask("/collections")["collections"]:
        (link,) = [link for link in one["links"] if link["rel"].endswith("/queryables")]
        assert client.get(link["href"]).status_code == 200


def test_a_queryable_is_a_parameter_too(ids):
    assert ids("wards", name="Hoàn Kiếm", **NOW) == ["00070"]
    assert ids("addresses", number="14", street="Phố Hàng Trống", **NOW) != []
    assert ids("addresses", number="14", street="Phố Tràng Thi", **NOW) == []
    assert ids("wards", valid_from="2025-07-01", code="00070", **NOW) == ["00070"]


# -- CQL2 text -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("name = 'Hoàn Kiếm'", {"00070"}),
        ("name <> 'Hoàn Kiếm'", {"00082", "00097"}),
        ("code > '00070'", {"00082", "00097"}),
        ("code >= '00070' AND code < '00097'", {"00070", "00082"}),
        ("code <= '00070' OR name = 'Hồng Hà'", {"00070", "00097"}),
        ("NOT (name = 'Hoàn Kiếm')", {"00082", "00097"}),
        ("name = 'Hoàn Kiếm' OR name = 'Hồng Hà' AND code = '00082'", {"00070"}),
        ("(name = 'Hoàn Kiếm' OR name = 'Hồng Hà') AND code = '00097'", {"00097"}),
        ("district IS NULL", WARDS),
        ("district IS NOT NULL", set()),
        ("valid_from = DATE('2025-07-01')", WARDS),
        ("valid_from < DATE('2025-07-01')", set()),
        ("valid_from > TIMESTAMP('2025-06-30T00:00:00Z')", WARDS),
        ("name = 'it''s' OR \"code\" = '00070'", {"00070"}),
    ],
)
def test_basic_cql2(wards, text, found):
    assert set(wards(text)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("name LIKE 'H%'", {"00070", "00097"}),
        ("name LIKE 'Hồng _à'", {"00097"}),
        ("name NOT LIKE 'H%'", {"00082"}),
        ("code BETWEEN '00075' AND '00090'", {"00082"}),
        ("code NOT BETWEEN '00075' AND '00090'", {"00070", "00097"}),
        ("code IN ('00070', '00097')", {"00070", "00097"}),
        ("code NOT IN ('00070', '00097')", {"00082"}),
    ],
)
def test_advanced_comparison(wards, text, found):
    assert set(wards(text)) == found


def test_letters_of_any_case(wards):
    assert wards("CASEI(name) = CASEI('HOÀN KIẾM')") == ["00070"]
    assert wards("CASEI(name) LIKE casei('hoÀn%')") == ["00070"]
    assert wards("CASEI(name) IN (CASEI('HỒNG HÀ'))") == ["00097"]


def test_letters_with_any_marks(wards):
    assert wards("ACCENTI(name) = ACCENTI('Hoan Kiem')") == ["00070"]
    assert wards("ACCENTI(CASEI(name)) LIKE ACCENTI(CASEI('HONG%'))") == ["00097"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("S_INTERSECTS(geometry, POINT(105.855 21.03))", {"00070"}),
        ("S_INTERSECTS(geometry, BBOX(105.841,21.021,105.851,21.039))", {"00070", "00082"}),
        ("NOT S_INTERSECTS(geometry, BBOX(105.841,21.021,105.851,21.039))", {"00097"}),
    ],
)
def test_basic_spatial(wards, text, found):
    assert set(wards(text)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("S_INTERSECTS(geometry, LINESTRING(105.855 21.03, 105.865 21.03))", {"00070", "00097"}),
        ("S_INTERSECTS(geometry, MULTIPOINT((105.855 21.03), (105.865 21.03)))",
         {"00070", "00097"}),
        ("S_INTERSECTS(geometry, POLYGON((105.852 21,105.853 21,105.853 21.03,105.852 21)))",
         {"00070"}),
        ("S_INTERSECTS(geometry, MULTILINESTRING((105.851 21.03,105.852 21.03)))", {"00070"}),
        ("S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(105.855 21.03)))", {"00070"}),
    ],
)  # fmt: skip
def test_any_geometry(wards, text, found):
    assert set(wards(text)) == found


H = "POLYGON((105.85 21.02,105.86 21.02,105.86 21.04,105.85 21.04,105.85 21.02))"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"S_EQUALS(geometry, {H})", {"00070"}),
        (f"S_WITHIN(geometry, {H})", {"00070"}),
        (f"S_TOUCHES(geometry, {H})", {"00082", "00097"}),
        (f"S_DISJOINT(geometry, {H})", set()),
        ("S_DISJOINT(geometry, POINT(105.855 21.03))", {"00082", "00097"}),
        ("S_CONTAINS(geometry, POINT(105.855 21.03))", {"00070"}),
        ("S_CROSSES(LINESTRING(105.855 21.03, 105.855 22.03), geometry)", {"00070"}),
        ("S_OVERLAPS(geometry, BBOX(105.845,21.0,105.855,21.03))", {"00070", "00082"}),
    ],
)
def test_every_relation_of_space(wards, text, found):
    assert set(wards(text)) == found


def test_sides_may_be_properties_or_reckoned(houses, wards):
    assert set(wards("name = name")) == WARDS
    assert set(wards("full_name = name")) == set()
    assert len(houses("accuracy_m * 2 = 40")) == 9
    assert len(houses("accuracy_m - 5 > 10 AND accuracy_m / 2 < 11 AND accuracy_m + 1 = 21")) == 9
    assert houses("accuracy_m / 0 = 1") == set(), "what is divided by nothing is nothing"


@pytest.mark.parametrize(
    "text",
    [
        "accuracy_m = 10 + 10", "accuracy_m = 2 * 10 ^ 1", "accuracy_m = 41 div 2",
        "accuracy_m = 20 + 45 % 5", "accuracy_m ^ 2 = 400", "accuracy_m = -(-20)",
        "accuracy_m = 25 - 2 + 3 * -1", "20 - 10 / 2 = accuracy_m - 5",
        "accuracy_m BETWEEN 40 / 4 AND 3 * (5 + 5)", "accuracy_m IN (1 + 1, 4 * 5)",
    ],
)  # fmt: skip
def test_arithmetic(houses, text):
    """21-065r2, /conf/arithmetic/arithmetic: the accuracy of every house is 20 m."""
    assert len(houses(text)) == 9


@pytest.mark.parametrize("text", ["accuracy_m ^ 1e6 > 1", "(0 - accuracy_m) ^ 0.5 > 1"])
def test_what_is_no_number_is_refused(refused, text):
    told = refused("/collections/addresses/items", filter=text, **NOW)
    assert told["type"] == "/problems#QueryError"


SINCE_JULY = "INTERVAL(valid_from, '..')"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("T_AFTER(valid_from, DATE('2025-06-30'))", True),
        ("T_AFTER(valid_from, DATE('2025-07-01'))", False),
        ("T_BEFORE(valid_from, DATE('2025-07-02'))", True),
        ("T_BEFORE(valid_from, TIMESTAMP('2025-06-30T17:00:00Z'))", False),
        ("T_DISJOINT(valid_from, INTERVAL('..', '2025-06-30'))", True),
        ("T_DISJOINT(valid_from, INTERVAL('2025-07-01', '..'))", False),
        ("T_EQUALS(valid_from, DATE('2025-07-01'))", True),
        ("T_EQUALS(valid_from, INTERVAL('2025-07-01', '2025-07-01'))", True),
        ("T_EQUALS(valid_from, INTERVAL('2025-07-01', '2025-07-02'))", False),
        ("T_INTERSECTS(valid_from, INTERVAL('2025-01-01', '2025-12-31'))", True),
        ("T_INTERSECTS(INTERVAL('2025-08-01', '..'), valid_from)", False),
        (f"T_CONTAINS({SINCE_JULY}, INTERVAL('2025-07-02', '2025-12-31'))", True),
        (f"T_CONTAINS({SINCE_JULY}, INTERVAL('2025-07-01', '2025-12-31'))", False),
        (f"T_DURING({SINCE_JULY}, INTERVAL('2025-06-30', '..'))", False),
        ("T_DURING(INTERVAL(valid_from, '2025-08-01'), INTERVAL('2025-06-30', '..'))", True),
        (f"T_FINISHEDBY({SINCE_JULY}, INTERVAL('2025-07-02', '..'))", True),
        (f"T_FINISHEDBY({SINCE_JULY}, INTERVAL('2025-06-30', '..'))", False),
        (f"T_FINISHES({SINCE_JULY}, INTERVAL('2025-06-30', '..'))", True),
        ("T_MEETS(INTERVAL('..', valid_from), INTERVAL('2025-07-01', '..'))", True),
        ("T_MEETS(INTERVAL('..', valid_from), INTERVAL('2025-07-02', '..'))", False),
        (f"T_METBY({SINCE_JULY}, INTERVAL('..', '2025-07-01'))", True),
        (f"T_OVERLAPPEDBY({SINCE_JULY}, INTERVAL('2025-06-01', '2025-07-02'))", True),
        (f"T_OVERLAPPEDBY({SINCE_JULY}, INTERVAL('2025-06-01', '2025-07-01'))", False),
        (f"T_OVERLAPS(INTERVAL('2025-06-01', '2025-07-02'), {SINCE_JULY})", True),
        (f"T_STARTEDBY({SINCE_JULY}, INTERVAL('2025-07-01', '2025-07-02'))", True),
        (f"T_STARTS(INTERVAL('2025-07-01', '2025-07-02'), {SINCE_JULY})", True),
        ("T_STARTS(INTERVAL('2025-07-02', '2025-07-03'), INTERVAL(valid_from, '..'))", False),
        ("T_AFTER(valid_until, DATE('2000-01-01'))", False),
    ],
)
def test_how_days_stand_to_another(wards, text, found):
    """21-065r2, the two tables of temporal functions; every ward began on 1 July 2025."""
    assert set(wards(text)) == (WARDS if found else set())


@pytest.mark.parametrize(
    "text",
    [
        "T_CONTAINS(valid_from, DATE('2025-01-01'))", "T_AFTER(name, DATE('2025-01-01'))",
        "T_AFTER(valid_from, INTERVAL('tomorrow', '..'))", "T_AFTER(valid_from)",
        "T_AFTER(valid_from, INTERVAL(name, '..'))", "T_SOMETIME(valid_from, DATE('2025-01-01'))",
    ],
)  # fmt: skip
def test_what_is_no_time_is_refused(refused, text):
    assert refused("/collections/wards/items", filter=text)["type"] == "/problems#QueryError"


# -- CQL2 JSON, filter-crs, and with all else ------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "name = 'Hoàn Kiếm'",
        "code IN ('00070', '00097') AND NOT name LIKE 'Hồng%'",
        "S_INTERSECTS(geometry, POINT(105.855 21.03)) AND valid_from = DATE('2025-07-01')",
        "CASEI(name) = CASEI('HOÀN KIẾM') OR district IS NOT NULL",
    ],
)
def test_json_says_the_same_as_text(wards, text):
    tree = json.dumps(parsed(text, "cql2-text"))
    assert wards(tree, **{"filter-lang": "cql2-json"}) == wards(text) == ["00070"]


def test_the_geometries_of_a_filter_may_be_of_another_system(wards):
    north_first = {"filter-crs": EPSG.format(4326)}
    assert wards("S_INTERSECTS(geometry, POINT(21.03 105.855))", **north_first) == ["00070"]
    assert wards("S_INTERSECTS(geometry, BBOX(21.03,105.855,21.031,105.856))", **north_first) == [
        "00070"
    ]
    plain = {"filter-crs": CRS84}
    assert wards("S_INTERSECTS(geometry, POINT(105.855 21.03))", **plain) == ["00070"]
    metres = {"filter-crs": EPSG.format(5897)}
    assert wards("S_INTERSECTS(geometry, POINT(588850 2326000))", **metres) == ["00070"]


def test_a_filter_goes_with_all_else(ids):
    more = {"bbox": HERE, "sortby": "-code", "limit": 1, "properties": "name", "province": "01"}
    drawn = "name LIKE 'H%' AND geometry IS NOT NULL"
    assert ids("wards", filter=drawn, **more, **NOW) == ["00097"]


def test_kinds_told_as_unknown_are_not_found_by_what_they_are(town, client, ids):
    """A pickup place is told as any address: neither shown nor searched by its kind."""
    assert "pickup_point" not in COLLECTIONS["addresses"].named["kind"].values
    assert ids("addresses", filter="kind = 'pickup_point'", **NOW) == []


# -- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "", "name =", "owner = 'x'", "address_version.id = 1", "name = 3", "code > 70", "TRUE AND",
        "area_km2 = 'x'", "name LIKE 3", "S_INTERSECTS(name, POINT(1 2))", "geometry = geometry",
        "S_INTERSECTS(geometry, POLYGON((0 0,1 1,0 1,1 0,0 0)))", "pg_sleep(10) = 1", "name",
        "S_DWITHIN(geometry, POINT(1 2), 3, meters)", "name ^ 2 = 1", "name = 'a' ; DROP TABLE",
        "valid_from = DATE('2025-02-30')", "CASEI(area_km2) = 'x'", "code IN ()", "name = NULL",
        "A_CONTAINS(name, ('a', 'b'))", "NOT NOT NOT name", "1", "'x'", "name = 'a\0b'",
    ],
)  # fmt: skip
def test_what_is_no_filter_here_is_refused(refused, text):
    told = refused("/collections/wards/items", filter=text)
    assert told["type"] in ("/problems#QueryError", "/problems#QueryError")


@pytest.mark.parametrize(
    "tree",
    [
        "{}", "[]", "null", "1", '{"op":"=","args":[]}', '{"op":"=","args":[1]}', '{"op":"="}',
        '{"op":"in","args":[{"property":"name"},"x"]}', '{"op":"and","args":[true]}',
        '{"op":"=","args":[{"property":"name"},{"property":1}]}', '{"op":"not","args":[1,2]}',
        '{"op":"s_intersects","args":[{"property":"geometry"},{"bbox":[1,2]}]}',
        '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":[]}]}',
        '{"op":"between","args":[{"property":"name"},"a"]}', '{"op":"drop","args":[true]}', "name",
    ],
)  # fmt: skip
def test_what_is_no_filter_in_json_is_refused(refused, tree):
    told = refused("/collections/wards/items", filter=tree, **{"filter-lang": "cql2-json"})
    assert told["type"] == "/problems#QueryError"


def test_an_unknown_language_is_refused(refused):
    assert "cql2-json" in refused("/collections/wards/items", **{"filter-lang": "sql"})["detail"]


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + "name = 'x'" + ")" * 5000,
        "NOT " * 1900 + "name = 'x'",
        "area_km2 = " + "-" * 7000 + "1",
        "area_km2 = " + "- " * 3900 + "1",
        "f(" * 3000 + "1",
        "area_km2 = " + "+".join(["1"] * 3800),
        "name = 'x'" + " AND name = 'x'" * 500,
        "area_km2 = " + "^".join(["1"] * 3800),
        "a" * (LONGEST + 1),
    ],
    ids=range(9),
)
def test_what_is_nested_deep_ends_in_an_error_and_not_in_the_end_of_the_process(text):
    """cql2 is a recursive parser: five thousand brackets overflow its stack."""
    done = []

    def read():
        try:
            rows = COLLECTIONS["wards"].rows(instant=True)
            condition(parsed(text, "cql2-text"), rows, COLLECTIONS["wards"].named, SYSTEMS[CRS84])
            done.append("read")
        except QueryError:
            done.append("refused")

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    assert done in (["refused"], ["read"])


VALUES = st.text(alphabet="'\"\\%_;-(){}:$ ăđ\n\u0301", max_size=12)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=VALUES)
def test_any_text_is_a_value_and_nothing_else(client, value):
    quoted = value.replace("'", "''")
    query = {"filter": f"name = '{quoted}' OR code = '00070'", "limit": "5"} | NOW
    answer = client.get("/ogc/collections/wards/items", params=query)
    assert answer.status_code == 200, answer.text
    assert [one["id"] for one in answer.json()["features"]] == ["00070"]
    assert (
        client.get("/ogc/collections/wards/items", params={"name": value}).json()["features"] == []
    )
