"""OGC API - Features Part 1: core, GeoJSON, HTML and OpenAPI 3.0 (17-069r4)."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import shapely
from openapi_spec_validator import OpenAPIV30SpecValidator

from diachiso.store.collections import COLLECTIONS
from diachiso.web.ogc.declared import CLASSES

NOW = {"datetime": "2026-11-01"}
EVERY = sorted(COLLECTIONS)
PAGES = [
    "", "/conformance", "/api", "/collections", "/collections/wards",
    "/collections/wards/queryables", "/collections/wards/items", "/collections/wards/items/00070",
]  # fmt: skip

PLACES = {
    "featureId": "00070",
    "collectionId": "wards",
    "tileMatrixSetId": "WebMercatorQuad",
    "tileMatrix": 14,
    "tileRow": 7225,
    "tileCol": 13009,
}


def links(told, relation):
    return [one for one in told["links"] if one["rel"] == relation]


# -- landing, definition, conformance ----------------------------------------------------------


def test_the_landing_page_leads_to_everything(ask, client):
    told = ask()
    assert told["title"]
    for relation in ("self", "alternate", "service-desc", "service-doc", "conformance", "data"):
        (link,) = links(told, relation)
        answer = client.get(link["href"])
        assert answer.status_code == 200
        kind = answer.headers["content-type"]
        assert kind.split(";")[0] == link["type"].split(";")[0]


def test_the_definition_is_openapi_3_0(client):
    answer = client.get("/ogc/api")
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    OpenAPIV30SpecValidator(answer.json()).validate()


def test_every_path_of_the_definition_answers(ask, client):
    told = ask("/api")
    for path in told["paths"]:
        answer = client.get(f"/ogc{path.format(**PLACES)}")
        expected = (200, 404) if "featureId" in path else (200, 204)
        assert answer.status_code in expected, path


def test_every_parameter_of_the_definition_is_taken_and_no_other(ask, refused):
    told = ask("/api")
    for one in EVERY:
        path = f"/collections/{one}/items"
        named = [
            part.get("name") or part["$ref"].rpartition("/")[2]
            for part in told["paths"][path]["get"]["parameters"]
        ]
        assert {
            "limit",
            "bbox",
            "datetime",
            "crs",
            "bbox-crs",
            "filter",
            *COLLECTIONS[one].named,
        } <= set(named)
        detail = refused(path, colour="red")["detail"]
        assert set(re.findall(r"[\w-]+", detail.rpartition("there are ")[2])) == set(named)


def test_the_classes_are_declared(ask):
    assert ask("/conformance")["conformsTo"] == list(CLASSES)


# -- collections -------------------------------------------------------------------------------


def test_every_collection_is_listed_and_described(ask):
    listed = ask("/collections")
    assert [one["id"] for one in listed["collections"]] == [
        "provinces", "wards", "former_wards", "former_districts", "streets", "addresses",
        "postal_points",
    ]  # fmt: skip
    assert links(listed, "self")
    for one in listed["collections"]:
        alone = ask(f"/collections/{one['id']}")
        assert {key: alone[key] for key in ("id", "title", "description", "extent")} == {
            key: one[key] for key in ("id", "title", "description", "extent")
        }
        assert {link["type"] for link in links(one, "items")} == {
            "application/geo+json",
            "text/html",
        }
        assert links(alone, "self")
        west, south, east, north = alone["extent"]["spatial"]["bbox"][0]
        assert west < 105 < east
        assert south < 21 < north


def test_an_unknown_collection_or_feature_is_not_found(refused):
    assert refused("/collections/boats", 404)["type"] == "/problems#NotPublished"
    assert refused("/collections/boats/items", 404)["type"] == "/problems#NotPublished"
    wards = "/collections/wards/items"
    assert refused(f"{wards}/99999", 404)["type"] == "/problems#NotPublished"
    assert refused(f"{wards}/00079", 404, **NOW)["type"] == "/problems#NotPublished"
    assert refused("/collections/streets/items/x", 404)["type"] == "/problems#NotPublished"


# -- features ----------------------------------------------------------------------------------


@pytest.mark.parametrize("collection", EVERY)
def test_a_page_is_valid_geojson(items, collection):
    told = items(collection, limit=20, **({} if COLLECTIONS[collection].lasting else NOW))
    assert told["type"] == "FeatureCollection"
    assert told["numberReturned"] == len(told["features"]) <= 20
    assert datetime.fromisoformat(told["timeStamp"]).tzinfo
    assert "crs" not in told
    for one in told["features"]:
        assert one["type"] == "Feature"
        assert set(one["properties"]) == set(COLLECTIONS[collection].named)
        if one["geometry"] is not None:
            shape = shapely.geometry.shape(one["geometry"])
            assert shape.is_valid
            assert one["geometry"]["type"] == COLLECTIONS[collection].geometry.value
            assert 102 < shape.bounds[0] < 118, "longitude first"


def test_the_town_is_there(ids, items):
    assert {"00070", "00082", "00097"} <= set(ids("wards", province="01", limit=200, **NOW))
    assert len(ids("addresses", **NOW)) == 9
    names = [one["properties"]["name"] for one in items("streets", **NOW)["features"]]
    assert sorted(names) == ["Phố Hàng Trống", "Phố Tràng Thi"]


def test_a_province_is_the_land_of_its_wards(items, client):
    (hanoi,) = items("provinces", code="01", **NOW)["features"]
    land = shapely.geometry.shape(hanoi["geometry"])
    assert land.equals(shapely.box(105.84, 21.02, 105.87, 21.04))
    (district,) = items("former_districts", code="002")["features"]
    assert shapely.geometry.shape(district["geometry"]).area > 0


def test_one_feature_is_the_one_of_the_page(items, ask, client):
    (first, *_) = items("addresses", limit=1, **NOW)["features"]
    alone = ask(f"/collections/addresses/items/{first['id']}", **NOW)
    assert {key: alone[key] for key in first} == first
    for relation in ("self", "alternate", "collection"):
        (link,) = links(alone, relation)
        assert client.get(link["href"]).status_code == 200


def test_an_address_tells_what_is_public_and_no_more(items):
    for one in items("addresses", **NOW)["features"]:
        told = one["properties"]
        assert told["ward_name"].startswith("Phường ")
        assert told["province"] == "01"
        assert not {"doubts", "author", "document", "reason", "attributes", "source"} & set(told)


# -- limit, bbox, datetime ---------------------------------------------------------------------


@pytest.mark.parametrize("limit", ["0", "-1", "ten", "1.5", "", "٣"])
def test_a_limit_that_is_none_is_refused(refused, limit):
    assert "limit" in refused("/collections/wards/items", limit=limit)["detail"]


def test_a_limit_over_the_most_is_the_most(items):
    assert items("former_wards", limit=99999999, properties="code")["numberReturned"] == 10_000


def test_the_default_limit_is_the_one_of_the_definition(items, ask):
    usual = ask("/api")["components"]["parameters"]["limit"]["schema"]["default"]
    assert items("wards", properties="code", **NOW)["numberReturned"] == usual


TOWN = {"00070", "00082", "00097"}


@pytest.fixture
def drawn(ids):
    """The wards of the town in a box: all others have no land here."""

    def found(**query):
        told = ids("wards", limit=10000, properties="code", **NOW, **query)
        return [one for one in told if one in TOWN]

    return found


def test_a_box_holds_what_meets_it(ids, drawn):
    assert drawn(bbox="105.845,21.025,105.855,21.03") == ["00070", "00082"]
    assert drawn(bbox="105.845,21.025,0,105.855,21.03,9") == ["00070", "00082"]
    assert drawn(bbox="1,1,2,2") == []
    assert len(ids("addresses", bbox="105.843,21.03,105.846,21.031", **NOW)) == 2
    assert len(ids("streets", bbox="105.8405,21.029,105.845,21.031", **NOW)) == 1


def test_a_box_holds_what_has_no_geometry_too(ids):
    """17-069r4, /req/core/fc-bbox-response."""
    without = ids("wards", filter="geometry IS NULL", limit=10000, properties="code", **NOW)
    assert len(without) == 3321 - len(TOWN)
    found = ids("wards", bbox="1,1,2,2", limit=10000, properties="code", **NOW)
    assert found == without


def test_a_box_over_the_date_line_is_taken(drawn):
    assert drawn(bbox="105.86,21,-170,22") == ["00070", "00097"]
    across = "S_INTERSECTS(geometry, BBOX(105.86,21,-170,22))"
    assert drawn(filter=across) == ["00070", "00097"]


@pytest.mark.parametrize("bbox", ["1,2,3", "a,b,c,d", "1,5,2,4", "nan,1,2,3", "1,2,3,4,5", ""])
def test_a_box_that_is_none_is_refused(refused, bbox):
    assert refused("/collections/wards/items", bbox=bbox)["type"] == "/problems#QueryError"


def test_a_day_is_told_as_it_was(items):
    def name(day):
        (one,) = items("wards", code="00070", datetime=day)["features"]
        return one["properties"]["full_name"]

    assert name("2025-06-30") == "Phường Hàng Trống"
    assert name("2025-07-01") == "Phường Hoàn Kiếm"
    assert name("2025-06-30T16:59:59Z") == "Phường Hàng Trống", "23:59 in Vietnam"
    assert name("2025-06-30T17:00:00Z") == "Phường Hoàn Kiếm", "midnight in Vietnam"


def test_over_an_interval_a_feature_is_told_once_as_on_its_last_day_within(items):
    def name(span):
        (one,) = items("wards", code="00070", datetime=span)["features"]
        return one["properties"]["full_name"]

    assert name("2025-01-01/2025-06-30") == "Phường Hàng Trống"
    assert name("2025-01-01/2026-01-01") == "Phường Hoàn Kiếm"
    assert name("../2025-06-30") == name("/2025-06-30") == "Phường Hàng Trống"
    assert name("2025-01-01/..") == name("../..") == "Phường Hoàn Kiếm"


def test_who_ended_within_an_interval_is_there_and_who_began_after_it_is_not(ids):
    assert ids("wards", code="00079", datetime="2025-06-01/2025-08-01") == ["00079"]
    assert ids("wards", code="00079", datetime="2025-07-01/..") == []
    assert ids("addresses", datetime="2020-01-01/2026-07-31") == []
    assert len(ids("addresses", datetime="2020-01-01/2026-08-01")) == 9


def test_units_of_before_the_reform_need_no_date(ids, items):
    (one,) = items("former_wards", code="00079")["features"]
    assert one["properties"]["full_name"] == "Phường Tràng Tiền"
    assert one["properties"]["valid_until"] == "2025-07-01"
    assert ids("former_wards", code="00079", **NOW) == []


@pytest.mark.parametrize(
    "told",
    ["2025-02-30", "yesterday", "2025-07-02/2025-07-01", "2025/2026/2027", "", "2025-07-01T99"],
)
def test_a_time_that_is_none_is_refused(refused, told):
    assert "datetime" in refused("/collections/wards/items", datetime=told)["detail"]


@pytest.mark.parametrize(
    "query",
    [{"colour": "red"}, {"f": "xml"}, {"properties": "owner"}, {"sortby": "owner"},
     {"staffed": "maybe"}, {"limit": ["1", "2"]}],
)  # fmt: skip
def test_what_is_not_understood_is_refused(refused, query):
    told = refused("/collections/postal_points/items", **query)
    assert told["type"] == "/problems#QueryError"
    assert next(iter(query)) in told["detail"]


# -- properties, sorting, paging ---------------------------------------------------------------


def test_properties_may_be_chosen(items):
    for one in items("addresses", properties="number,street", **NOW)["features"]:
        assert set(one["properties"]) == {"number", "street"}


def test_features_may_be_sorted(items):
    def numbers(order):
        told = items("addresses", sortby=order, **NOW)["features"]
        return [(one["properties"]["street"], one["properties"]["number"]) for one in told]

    assert numbers("street,number") == sorted(numbers("code"))
    assert numbers("-street,-number") == sorted(numbers("code"), reverse=True)
    assert numbers("+street,number") == numbers("street,number")


def walk(client, url):
    while url:
        told = client.get(url).json()
        yield from told["features"]
        following = links(told, "next")
        url = following[0]["href"] if following else None


@pytest.mark.parametrize("order", ["", "code", "-place", "place", "street,-number", "accuracy_m"])
@pytest.mark.parametrize("limit", [1, 2, 8, 9, 10])
def test_pages_hold_every_feature_once_whatever_they_are_sorted_by(client, items, order, limit):
    sort = {"sortby": order} if order else {}
    whole = [one["id"] for one in items("addresses", **NOW, **sort)["features"]]
    query = "&".join(f"{key}={value}" for key, value in (NOW | sort | {"limit": limit}).items())
    paged = [one["id"] for one in walk(client, f"/ogc/collections/addresses/items?{query}")]
    assert paged == whole
    assert len(set(paged)) == 9


def test_the_last_page_has_no_next_and_the_only_one_counts(items):
    told = items("addresses", limit=9, **NOW)
    assert links(told, "next") == []
    assert told["numberMatched"] == 9
    told = items("addresses", limit=8, **NOW)
    assert len(links(told, "next")) == 1
    assert "numberMatched" not in told


@pytest.mark.parametrize("after", ["x", "AAAA", "WzFd", "e30", "bnVsbA", "%00"])
def test_a_place_that_was_never_given_is_refused(refused, after):
    assert refused("/collections/addresses/items", after=after)["type"] == "/problems#QueryError"


def test_a_link_that_is_a_week_old_says_so(refused):
    from diachiso.web.ogc.asked import token  # noqa: PLC0415

    old = token(datetime.now(UTC) - timedelta(days=8), ("0001",))
    assert "7" in refused("/collections/addresses/items", after=old)["detail"]
    future = token(datetime.now(UTC) + timedelta(days=1), ("0001",))
    refused("/collections/addresses/items", after=future)


# -- what clients keep -------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_what_is_known_is_not_sent_again(client, path):
    url = f"/ogc{path}"
    first = client.get(url)
    again = client.get(url, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    since = {"if-modified-since": first.headers["last-modified"]}
    again = client.get(url, headers=since)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    before = {"if-modified-since": format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)}
    assert client.get(url, headers=before).status_code == 200
    assert client.get(url, headers={"if-modified-since": "never"}).status_code == 200


def test_a_tag_changes_with_the_question_and_the_form(client):
    base = "/ogc/collections/addresses/items"
    tags = {
        client.get(base, params=query).headers["etag"]
        for query in ({}, {"limit": 1}, {"limit": 2}, {"f": "html"}, NOW)
    }
    assert len(tags) == 5


def test_long_answers_are_packed(client):
    answer = client.get("/ogc/collections/former_wards/items", params={"limit": 500})
    assert answer.headers["content-encoding"] == "gzip"
    assert len(answer.json()["features"]) == 500


# -- HTML --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_people_get_pages_vietnamese_first_that_fetch_nothing_from_elsewhere(client, path):
    answer = client.get(
        f"/ogc{path}", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    )
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    page = answer.text
    assert '<html lang="vi">' in page
    assert 'lang="en"' in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//(?!testserver)', page)
    assert "<script" not in page
    assert re.search(r"<h1>[^<]*\w", page)


def test_the_form_is_the_one_liked_best(client):
    def kind(accept, **query):
        answer = client.get(
            "/ogc/collections/wards/items", params=query, headers={"accept": accept}
        )
        return answer.headers["content-type"].split(";")[0]

    assert kind("*/*") == kind("application/geo+json") == "application/geo+json"
    assert kind("text/html;q=0.5, application/geo+json") == "application/geo+json"
    assert kind("text/html, application/json;q=0.9") == "text/html"
    assert kind("text/html", f="json") == "application/geo+json"
    assert kind("application/geo+json", f="html") == "text/html"


def test_a_page_of_features_leads_to_each_and_to_the_next(client):
    page = client.get(
        "/ogc/collections/addresses/items", params={"f": "html", "limit": 3} | NOW
    ).text
    assert page.count('<th scope="row">') == 3
    url = re.search(r'rel="next" href="([^"]+)"', page)[1].replace("&amp;", "&")
    assert client.get(url).text.count('<th scope="row">') == 3
