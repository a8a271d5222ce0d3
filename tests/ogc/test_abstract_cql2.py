"""The abstract test suite of CQL2 (21-065r2, annex A), test by test, on every queryable there is.

The conditional tests of the suite's own data set (`test-data`) do not apply: it is not served here.
"""

import json
import random

import pytest

from diachiso.store.collections import COLLECTIONS
from diachiso.store.published import Kind
from diachiso.web.ogc.cql import parsed

EVERY = sorted(COLLECTIONS)
VALUES = {
    Kind.TEXT: "'foo'",
    Kind.FLAG: "true",
    Kind.NUMBER: "3.14",
    Kind.INTEGER: "1",
    Kind.DAY: "DATE('2022-04-14')",
}
COMPARED = ("=", "<>", ">", "<", ">=", "<=")
WORLD = "BBOX(-180,-90,180,90)"
SQUARE = "POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))"
LINE, POINT = "LINESTRING(7 50, 10 51)", "POINT(7.02 49.92)"
NOWHERE = "POINT(90 180)"
SIX = {
    "T_AFTER", "T_BEFORE", "T_DISJOINT", "T_EQUALS", "T_INTERSECTS",
}  # fmt: skip
OF_SPANS = {
    "T_CONTAINS", "T_DURING", "T_FINISHEDBY", "T_FINISHES", "T_MEETS", "T_METBY",
    "T_OVERLAPPEDBY", "T_OVERLAPS", "T_STARTEDBY", "T_STARTS",
}  # fmt: skip


@pytest.fixture(params=EVERY)
def source(request):
    return COLLECTIONS[request.param]


@pytest.fixture
def asked(client, source):
    """The ids that a filter finds among a few features: the suite asks some hundred questions.

    JSON is read into the same tree as the text that says the same, and the tree is what is asked.
    """
    path = f"/ogc/collections/{source.id}/items"
    listed = client.get(path, params={"limit": 9, "properties": ""}).json()["features"]
    keys = ", ".join(repr(one["id"]) for one in listed) or "'none'"

    def asked(text):
        tree = parsed(text, "cql2-text")
        assert parsed(json.dumps(tree), "cql2-json") == tree
        among = f"({text}) AND {source.key} IN ({keys})"
        answer = client.get(path, params={"filter": among, "properties": ""})
        assert answer.status_code == 200, (text, answer.text)
        return {one["id"] for one in answer.json()["features"]}

    return asked


@pytest.fixture
def not_asked(client, source):
    def not_asked(text):
        path = f"/ogc/collections/{source.id}/items"
        assert client.get(path, params={"filter": text}).status_code == 400, text

    return not_asked


def of_kind(source, *kinds):
    return [one.name for one in source.attributes if one.kind in kinds]


# -- basic-cql2, advanced-comparison-operators -----------------------------------------------------


def test_every_queryable_has_a_type(ask, source):
    """/conf/basic-cql2/basic-test."""
    told = ask(f"/collections/{source.id}/queryables")["properties"]
    assert all("type" in one or one["format"].startswith("geometry-") for one in told.values())
    assert {"string", "number", "integer", "boolean"} & {one.get("type") for one in told.values()}


def test_every_queryable_is_compared(asked, source):
    """/conf/basic-cql2/comparison."""
    for one in source.attributes:
        found = {sign: asked(f"{one.name} {sign} {VALUES[one.kind]}") for sign in COMPARED}
        assert not found["="] & found["<>"]
        assert not found[">"] & found["<="]
        assert not found["<"] & found[">="]


def test_every_queryable_may_be_null(asked, source):
    """/conf/basic-cql2/is-null."""
    for name in (*source.named, "geometry"):
        assert not asked(f"{name} IS NULL") & asked(f"{name} is not null")


def test_true_and_false(asked, source):
    """/conf/basic-cql2/boolean."""
    assert asked("true") == asked(f"{source.key} IS NOT NULL")
    assert asked("false") == set()


def test_like_between_and_in(asked, source):
    """/conf/advanced-comparison-operators/like, between, in."""
    for name in of_kind(source, Kind.TEXT):
        assert asked(f"{name} LIKE '%'") == asked(f"{name} like '%%'")
        assert not asked(f"{name} like '_%'") & asked(f"{name} like ''")
        asked(f"{name} like '\\%\\_'")
        asked(f"{name} in ('foo', 'bar')")
    for name in of_kind(source, Kind.NUMBER, Kind.INTEGER):
        asked(f"{name} BETWEEN 0 AND 100")
        assert asked(f"{name} between 100.0 and 1.0") == set()
        asked(f"{name} IN (1, 2, 3)")
    for name in of_kind(source, Kind.FLAG):
        asked(f"{name} in (true)")
    for name in of_kind(source, Kind.DAY):
        asked(f"{name} in ('2022-04-14', '2022-04-15')")
        asked(f"{name} in (DATE('2022-04-14'))")


# -- case-insensitive-comparison, accent-insensitive-comparison ------------------------------------


def test_casei_and_accenti(asked, source):
    """/conf/case-insensitive-comparison/casei, casei-like; accenti, accenti-like, accenti-casei…"""
    for name in of_kind(source, Kind.TEXT):
        assert not asked(f"CASEI({name}) = casei('foo')") & asked(f"CASEI({name}) <> casei('FOO')")
        assert asked(f"CASEI({name}) LIKE casei('p%')") == asked(f"CASEI({name}) LIKE casei('P%')")
        apart = asked(f"ACCENTI({name}) <> accenti('aoueai')")
        assert not asked(f"ACCENTI({name}) = accenti('äöüéáí')") & apart
        for plain, marked in (("A%", "Ä%"), ("D%", "Đ%")):
            assert asked(f"ACCENTI({name}) LIKE accenti('{plain}')") == asked(
                f"ACCENTI({name}) LIKE accenti('{marked}')"
            )
            assert asked(f"ACCENTI(CASEI({name})) LIKE accenti(casei('{plain}'))") == asked(
                f"ACCENTI(CASEI({name})) LIKE accenti(casei('{marked}'))"
            )
        assert asked(f"ACCENTI(CASEI({name})) = accenti(casei('ÄÉ'))") == asked(
            f"ACCENTI(CASEI({name})) = accenti(casei('ae'))"
        )


# -- spatial classes -------------------------------------------------------------------------------


def test_what_meets_a_point_or_a_box(asked, not_asked):
    """/conf/basic-spatial-functions/s_intersects, /conf/spatial-functions/s_intersects."""
    assert asked(f"S_INTERSECTS(geometry,{WORLD})") == asked(f"S_INTERSECTS(geometry,{SQUARE})")
    asked(f"S_INTERSECTS(geometry,{LINE})")
    asked(f"S_INTERSECTS(geometry,{POINT})")
    west, east = "BBOX(-180,-90,-90,90)", "BBOX(90,-90,180,90)"
    assert asked(f"S_INTERSECTS(geometry,{west}) AND S_INTERSECTS(geometry,{east})") == set()
    not_asked(f"S_INTERSECTS(geometry,{NOWHERE})")
    not_asked("S_INTERSECTS(geometry,BBOX(1000000,1000000,2000000,2000000))")


@pytest.mark.parametrize(
    "shape",
    [
        "LINESTRING(-180 -45, 0 -45)",
        "MULTILINESTRING((-180 -45, 0 -45), (0 45, 180 45))",
        (
            "POLYGON((-180 -90, -90 -90, -90 90, -180 90, -180 -90),"
            " (-120 -50, -100 -50, -100 -40, -120 -40, -120 -50))"
        ),
        (
            "MULTIPOLYGON(((-180 -90, -90 -90, -90 90, -180 90, -180 -90),"
            " (-120 -50, -100 -50, -100 -40, -120 -40, -120 -50)),((0 0, 10 0, 10 10, 0 10, 0 0)))"
        ),
        "GEOMETRYCOLLECTION(POINT(7.02 49.92), POLYGON((0 0, 10 0, 10 10, 0 10, 0 0)))",
    ],
)
def test_any_shape_is_met(asked, not_asked, shape):
    """/conf/basic-spatial-functions-plus/s_intersects."""
    assert asked(f"S_INTERSECTS(geometry,{shape})") == set()
    not_asked("S_INTERSECTS(geometry,MULTIPOINT(7.02 49.92, 90 180))")


def test_every_spatial_function(asked, not_asked):
    """/conf/spatial-functions/s_disjoint … s_overlaps."""
    for shape in (WORLD, SQUARE):
        assert asked(f"S_DISJOINT(geometry,{shape})") == set()
    for shape in (LINE, POINT):
        met = asked(f"S_INTERSECTS(geometry,{shape})")
        assert not met & asked(f"S_DISJOINT(geometry,{shape})")
    not_asked(f"S_DISJOINT(geometry,{NOWHERE})")
    assert asked(f"S_EQUALS(geometry,{SQUARE})") == asked(f"S_EQUALS(geometry,{LINE})") == set()
    asked(f"S_EQUALS(geometry,{POINT})")
    for function in ("S_TOUCHES", "S_CROSSES"):
        for shape in (WORLD, SQUARE, LINE):
            asked(f"{function}(geometry,{shape})")
    points = "MULTIPOINT(7 50,10 51)"
    for function in ("S_WITHIN", "S_CONTAINS"):
        assert asked(f"{function}(geometry,{WORLD})") == asked(f"{function}(geometry,{SQUARE})")
    for shape in (WORLD, SQUARE, LINE, points):
        within = asked(f"S_WITHIN(geometry,{shape})")
        assert not within & asked(f"S_CONTAINS(geometry,{shape})")
    for shape in (points, LINE, SQUARE):
        asked(f"S_OVERLAPS(geometry,{shape})")


# -- temporal-functions ----------------------------------------------------------------------------


def test_days_and_spans(asked, source):
    """/conf/temporal-functions/temporal-functions-1, temporal-functions-2."""
    days = of_kind(source, Kind.DAY)
    year = "INTERVAL('2021-01-01','2021-12-31')"
    for one in days:
        for function in sorted(SIX):
            asked(f"{function}({one},DATE('2022-04-24'))")
            asked(f"{function}({one},{year})")
    for first, second in [(one, other) for one in days for other in days]:
        for function in sorted(SIX | OF_SPANS):
            asked(f"{function}(INTERVAL({first},{second}),{year})")


# -- property-property, arithmetic, cql2-text, cql2-json -------------------------------------------


def test_either_side_may_be_a_value_or_a_property(asked, source):
    """/conf/property-property/comparison-value-property, -property-property, -value-value."""
    for one in source.attributes:
        value = VALUES[one.kind]
        found = {sign: asked(f"{value} {sign} {one.name}") for sign in COMPARED}
        assert not found["="] & found["<>"]
        assert not found[">"] & found["<="]
        assert not found["<"] & found[">="]
        same = {sign: asked(f"{one.name} {sign} {one.name}") for sign in COMPARED}
        assert same["<>"] == same["<"] == same[">"] == set()
        assert same["="] == same[">="] == same["<="]


def test_both_sides_may_be_values(asked):
    """/conf/property-property/comparison-value-value."""
    for value in (*VALUES.values(), "TIMESTAMP('2022-04-14T14:48:46Z')"):
        for sign in ("=", ">=", "<="):
            assert asked(f"{value} {sign} {value}") == asked("true")
        for sign in ("<>", "<", ">"):
            assert asked(f"{value} {sign} {value}") == set()


def test_every_number_is_reckoned_with(asked, source):
    """/conf/arithmetic/arithmetic."""
    for name in of_kind(source, Kind.NUMBER, Kind.INTEGER):
        for sum_ in ("+ 1", "- 1", "* 2", "/ 2", "% 2", "div 2", "^ 2"):
            asked(f"{name} {sum_} > 3")
        assert asked(f"{name} = (({name} + 2) * 3 - 6) / 3") <= asked(f"{name} IS NOT NULL")


def test_predicates_are_combined(asked, source):
    """The `logical` test of each class: ten combinations of what the others asked."""
    chance = random.Random(21_065)
    (name, *_) = of_kind(source, Kind.TEXT)
    (day, *_) = of_kind(source, Kind.DAY)
    known = [
        f"{name} > 'M'", f"{name} IS NULL", f"{name} LIKE 'P%'", f"CASEI({name}) = casei('foo')",
        f"ACCENTI({name}) LIKE accenti('D%')", f"S_INTERSECTS(geometry,{WORLD})", "true",
        f"S_DISJOINT(geometry,{POINT})", f"T_AFTER({day},DATE('2022-04-24'))", "1 + 1 = 2",
        f"{name} = {name}", f"S_INTERSECTS(geometry,{LINE})", f"{day} in (DATE('2022-04-14'))",
    ]  # fmt: skip
    for _ in range(10):
        one, two, three, four = chance.sample(known, 4)
        asked(f"((NOT {one} AND {two}) OR ({three} and NOT {four}) or not ({one} AND {four}))")
        asked(f"(NOT ({two}) AND {one}) OR ({three} and {four}) or not ({one} OR {four})")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("'it''s'", "it's"), (r"'it\'s'", "it's"), (r"'a\ab\bc\td'", "a\ab\bc\td"),
        (r"'\n\v\f\r'", "\n\v\f\r"), (r"'50\%'", r"50\%"), ("'phở'", "phở"),
    ],
)  # fmt: skip
def test_what_is_escaped_in_a_text(written, meant):
    """/conf/cql2-text/escaping."""
    assert parsed(f"name = {written}", "cql2-text")["args"][1] == meant
