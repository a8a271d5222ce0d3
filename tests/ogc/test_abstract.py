"""Abstract tests of Features (17-069r4, 18-058r1, 19-079r2) that ask the same of every collection.

What others of this folder prove by their own story is not told twice: docs/conformance.md says
which test stands for which.
"""

import re
from datetime import UTC, datetime

import pytest
import shapely
from jsonschema import Draft202012Validator
from pyproj import CRS, Transformer

from diachiso.address.reference import CRS84, SYSTEMS
from diachiso.store.collections import COLLECTIONS
from diachiso.store.published import Kind
from diachiso.web.ogc.declared import CLASSES
from diachiso.web.ogc.told import QUERYABLES

EVERY = sorted(COLLECTIONS)
RESOURCES = [
    "", "/conformance", "/api", "/collections",
    *(f"/collections/{one}" for one in EVERY),
    *(f"/collections/{one}/queryables" for one in EVERY),
    *(f"/collections/{one}/items" for one in EVERY),
]  # fmt: skip
URI = re.compile(r"http://www\.opengis\.net/def/crs/[A-Z]+/[0-9.]+/[0-9A-Za-z]+")

FEW = [uri for uri, system in SYSTEMS.items() if system.code in {4326, 3857, 4756, 5897, 9211}]
"""Each kind of system: of degrees, either axis first, of metres, of a zone."""


@pytest.fixture(params=EVERY)
def one(request):
    return request.param


def some(one):
    """Wards are asked of one province, all but a few of the others have no land here."""
    return {"province": "01"} if "province" in COLLECTIONS[one].named else {}


# -- Part 1 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", RESOURCES)
def test_every_resource_has_its_links_in_either_form(client, path):
    """root-success, conformance-success, fc-md-links, sfc-md-success, fc-links; html/definition."""
    told = client.get(f"/ogc{path}", headers={"accept": "application/json"}).json()
    page = client.get(f"/ogc{path}", headers={"accept": "text/html"})
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert page.text.lstrip().lower().startswith("<!doctype html>")
    if path.endswith(("/api", "/queryables")):
        return  # documents of other standards, which have no links
    for link in told["links"]:
        assert link["rel"]
        assert link["type"]
    assert {one["rel"] for one in told["links"]} >= {"self", "alternate"}


@pytest.mark.parametrize("path", RESOURCES)
def test_no_resource_takes_what_is_not_defined(refused, path):
    """query-param-unknown."""
    assert refused(path, colour="red")["status"] == 400


def test_parameters_are_defined_as_the_standard_has_them(ask):
    """fc-limit-definition, fc-bbox-definition, fc-time-definition; fc-crs-definition, filter…"""
    told = ask("/api")["components"]["parameters"]
    for name in ("limit", "bbox", "datetime", "crs", "bbox-crs", "filter", "filter-lang"):
        one = told[name]
        assert (one["name"], one["in"], one["required"]) == (name, "query", False)
        assert (one["style"], one["explode"]) == ("form", False)
    assert told["limit"]["schema"]["type"] == "integer"
    assert told["datetime"]["schema"] == {"type": "string"}
    box = told["bbox"]["schema"]
    assert (box["type"], box["items"]) == ("array", {"type": "number"})
    assert box["oneOf"] == [{"minItems": n, "maxItems": n} for n in (4, 6)]


def test_a_page_is_of_the_moment_and_counts_right(ask, one):
    """fc-response, fc-timeStamp, fc-numberReturned, fc-numberMatched."""
    before = datetime.now(UTC)
    told = ask(f"/collections/{one}/items", limit=10000, properties="", **some(one))
    assert before <= datetime.fromisoformat(told["timeStamp"]) <= datetime.now(UTC)
    assert told["numberReturned"] == len(told["features"])
    pages = ask(f"/collections/{one}/items", limit=7, properties="")
    assert pages["numberReturned"] == len(pages["features"]) <= 7
    if "numberMatched" in told:
        all_of_it = {"limit": 10000, "properties": "", "filter": "true", **some(one)}
        every = ask(f"/collections/{one}/items", **all_of_it)
        assert told["numberMatched"] == every["numberReturned"]


def test_a_box_and_a_day_hold_together(ask, one):
    """fc-op: combinations of bbox and datetime; fc-bbox-response, fc-time-response."""
    box, day = "105.84,21.02,105.855,21.04", "2026-11-01"

    def found(**query):
        asked = {"limit": 10000, "properties": "", **some(one), **query}
        told = ask(f"/collections/{one}/items", **asked)
        return {each["id"]: each["geometry"] for each in told["features"]}

    both = found(bbox=box, datetime=day)
    assert set(both) <= set(found(datetime=day))
    assert set(both) <= set(found(bbox=box, datetime="../.."))
    land = shapely.box(*map(float, box.split(",")))
    for shape in filter(None, both.values()):
        assert shapely.geometry.shape(shape).intersects(land)


def test_features_are_found_one_by_one(ask, client, one):
    """f-op, f-success, f-links."""
    listed = ask(f"/collections/{one}/items", limit=5)["features"]
    for feature in listed:
        alone = ask(f"/collections/{one}/items/{feature['id']}")
        assert {key: alone[key] for key in feature} == feature
        assert {link["rel"] for link in alone["links"]} >= {"self", "alternate", "collection"}
        assert all(link["type"] for link in alone["links"])


# -- Part 2 ----------------------------------------------------------------------------------------


def test_systems_are_uris_and_the_default_is_among_them(ask):
    """crs/crs-uri, crs/default-crs, crs/storageCrs."""
    listed = ask("/collections")
    for told in [listed, *(ask(f"/collections/{one}") for one in EVERY)]:
        assert all(URI.fullmatch(uri) for uri in told["crs"])
        assert told["crs"][0] == CRS84
        assert told.get("storageCrs", CRS84) in told["crs"]
    for told in listed["collections"]:
        assert told["crs"] == ["#/crs"]
        assert told["storageCrs"] in listed["crs"]


@pytest.mark.parametrize("uri", list(SYSTEMS))
def test_every_collection_is_told_in_every_system(client, one, uri):
    """crs/crs-parameter, crs-parameter-transform: of pages, and of features alone."""
    path = f"/ogc/collections/{one}/items"
    drawn = {"filter": "geometry IS NOT NULL", "limit": 1, **some(one)}
    plain = client.get(path, params=drawn).json()["features"]
    answer = client.get(path, params={**drawn, "crs": uri})
    assert answer.headers["content-crs"] == f"<{uri}>"
    for told, feature in zip(answer.json()["features"], plain, strict=True):
        alone = client.get(f"{path}/{feature['id']}", params={"crs": uri})
        assert alone.headers["content-crs"] == f"<{uri}>"
        assert alone.json()["geometry"] == told["geometry"]
        x, y = shapely.get_coordinates(shapely.geometry.shape(told["geometry"]))[0]
        if SYSTEMS[uri].north_first:
            x, y = y, x
        code = SYSTEMS[uri].code
        to_degrees = Transformer.from_crs(CRS.from_epsg(code), CRS.from_epsg(4326), always_xy=True)
        lon, lat = shapely.get_coordinates(shapely.geometry.shape(feature["geometry"]))[0]
        assert to_degrees.transform(x, y) == pytest.approx((lon, lat), abs=3e-5)


def test_an_unknown_system_is_refused_everywhere(refused, ids, one):
    """crs/crs-parameter-invalid, bbox-crs-parameter-invalid."""
    path = f"/collections/{one}/items"
    wrong = {"crs": "http://www.opengis.net/def/crs/OGC/0/does_not_exist"}
    refused(path, **wrong)
    refused(path, bbox="1,2,3,4", **{"bbox-crs": wrong["crs"]})
    for feature in ids(one, limit=1):
        refused(f"{path}/{feature}", **wrong)


@pytest.mark.parametrize("uri", list(SYSTEMS))
def test_a_box_is_the_same_in_every_system(ids, one, uri):
    """crs/bbox-crs-parameter, bbox-crs-parameter-default."""
    west, south, east, north = 105.835, 21.015, 105.875, 21.045
    code = SYSTEMS[uri].code
    turn = Transformer.from_crs(CRS.from_epsg(4326), CRS.from_epsg(code), always_xy=True)
    corners = [turn.transform(west, south), turn.transform(east, north)]
    if SYSTEMS[uri].north_first:
        corners = [(y, x) for x, y in corners]
    box = ",".join(f"{number:.9f}" for corner in corners for number in corner)
    more = {"limit": 10000, "properties": "", "filter": "geometry IS NOT NULL", **some(one)}
    found = ids(one, bbox=box, **{"bbox-crs": uri}, **more)
    assert found == ids(one, bbox=f"{west},{south},{east},{north}", **more)


# -- Part 3 ----------------------------------------------------------------------------------------


def test_head_of_a_collection_leads_to_its_queryables(client, one):
    """queryables/get-queryables-uris, get-queryables; features-filter/get-collection."""
    for method in ("HEAD", "GET"):
        answer = client.request(method, f"/ogc/collections/{one}/items", params={"limit": 1})
        (uri,) = re.findall(rf'<([^>]+)>; rel="{re.escape(QUERYABLES)}"', answer.headers["link"])
    answer = client.get(uri, headers={"accept": "application/schema+json"})
    assert answer.headers["content-type"] == "application/schema+json"
    told = answer.json()
    assert told["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert (told["$id"], told["type"]) == (uri, "object")
    assert told["properties"]
    Draft202012Validator.check_schema(told)
    for schema in told["properties"].values():
        assert "type" in schema or schema["format"].startswith("geometry-")
    links = client.get(f"/ogc/collections/{one}").json()["links"]
    assert [link["href"].split("?")[0] for link in links if link["rel"] == QUERYABLES] == [uri]


def test_every_queryable_is_a_parameter(ask, refused, one):
    """queryables-query-parameters/query-param."""
    listed = ask(f"/collections/{one}/items", limit=1)["features"]
    assert listed or one == "postal_points", "the town has none"
    for attribute in COLLECTIONS[one].attributes:
        value = listed[0]["properties"][attribute.name] if listed else None
        if value is not None:
            asked = {attribute.name: str(value).lower() if value in (True, False) else value}
            told = ask(f"/collections/{one}/items", limit=50, **asked)
            assert told["features"]
            assert {each["properties"][attribute.name] for each in told["features"]} == {value}
        if attribute.kind is not Kind.TEXT or attribute.values:
            refused(f"/collections/{one}/items", **{attribute.name: "[invalid]"})


def test_a_filter_is_taken_or_refused(ask, refused, one):
    """filter/filter-param, filter-lang-default, expression-construction, response."""
    path = f"/collections/{one}/items"
    key = COLLECTIONS[one].key
    for language in ({}, {"filter-lang": "cql2-text"}):
        assert ask(path, filter=f"{key} IS NULL", **language)["features"] == []
        found = ask(path, limit=1, filter=f"{key} IS NOT NULL", **language)["features"]
        assert found == ask(path, limit=1)["features"]
        refused(path, filter="THIS IS NOT A FILTER", **language)
        refused(path, filter="this_is_not_a_queryable IS NULL", **language)


@pytest.mark.parametrize("uri", [None, *FEW])
def test_a_filter_by_the_box_of_all_finds_all(ask, refused, ids, one, uri):
    """filter/filter-crs-wgs84, filter-crs-param."""
    west, south, east, north = ask(f"/collections/{one}")["extent"]["spatial"]["bbox"][0]
    corners = [(west, south), (east, north)]
    if uri is not None:
        turn = Transformer.from_crs(
            CRS.from_epsg(4326), CRS.from_epsg(SYSTEMS[uri].code), always_xy=True
        )
        corners = [turn.transform(*corner) for corner in corners]
        if SYSTEMS[uri].north_first:
            corners = [(y, x) for x, y in corners]
    more = {"limit": 10000, "properties": "", **some(one)}
    more |= {"filter-crs": uri} if uri else {}
    box = ",".join(f"{number:.9f}" for corner in corners for number in corner)
    drawn = ids(one, filter="geometry IS NOT NULL", **more)
    assert ids(one, filter=f"S_INTERSECTS(geometry,BBOX({box}))", **more) == drawn
    path, wrong = f"/collections/{one}/items", "http://www.opengis.net/def/crs/OGC/0/none"
    far = "S_INTERSECTS(geometry,BBOX(1000000,1000000,2000000,2000000))"
    if uri is None or SYSTEMS[uri].decimals == SYSTEMS[CRS84].decimals:
        refused(path, filter=far, **({"filter-crs": uri} if uri else {}))
    refused(path, filter=f"S_INTERSECTS(geometry,BBOX({box}))", **{"filter-crs": wrong})


def test_a_filter_and_a_box_are_both_heeded(ask, ids, one):
    """features-filter/mixing-expression, filter-on-items."""
    box = ",".join(map(str, ask(f"/collections/{one}")["extent"]["spatial"]["bbox"][0]))
    within = f"S_INTERSECTS(geometry,BBOX({box}))"
    more = {"limit": 10000, "properties": "", **some(one)}
    assert ids(one, filter=within, bbox=box, **more) == ids(one, filter=within, **more)
    assert ids(one, filter=within, bbox="1,1,2,2", **more) == []


def test_every_class_is_declared_once(ask):
    """get-conformance of every class."""
    told = ask("/conformance")["conformsTo"]
    assert len(told) == len(set(told)) == len(CLASSES)
