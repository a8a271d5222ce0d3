"""What the map service is: its conformance classes, its landing page, its collections described."""

from fastapi import Request

from diachiso.address.position import EAST, NORTH, SOUTH, WEST
from diachiso.address.reference import CRS84, SYSTEMS
from diachiso.store.collections import COLLECTIONS
from diachiso.store.published import Attribute, Collection, Geometry, Kind
from diachiso.web import ogc_tiles, wire
from diachiso.web.ogc.told import GEOJSON, HTML, JSON, QUERYABLES, SCHEMA_JSON, Place

FEATURES_1 = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
FEATURES_2 = "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/"
FEATURES_3 = "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/"
CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf/"
CLASSES = (
    *(FEATURES_1 + name for name in ("core", "oas30", "html", "geojson")),
    FEATURES_2 + "crs",
    *(
        FEATURES_3 + name
        for name in ("queryables", "queryables-query-parameters", "filter", "features-filter")
    ),
    *(
        CQL2 + name
        for name in (
            "cql2-text",
            "cql2-json",
            "basic-cql2",
            "advanced-comparison-operators",
            "case-insensitive-comparison",
            "accent-insensitive-comparison",
            "basic-spatial-functions",
            "basic-spatial-functions-plus",
            "spatial-functions",
            "temporal-functions",
            "property-property",
            "arithmetic",
        )
    ),
    *ogc_tiles.CONFORMANCE,
)
"""Each is proved by a test that docs/conformance.md or docs/conformance-tiles.md names."""

OAS30 = "application/vnd.oai.openapi+json;version=3.0"
TITLE = "Địa chỉ số: bản đồ cho phần mềm / for map clients"
ABOUT = (
    "Đơn vị hành chính, đường phố, địa chỉ và điểm bưu chính, theo ngày. / Administrative units, "
    "streets, addresses and postal points, by day (OGC API - Features)."
)
GEOMETRY_FORMAT = {
    Geometry.POINT: "geometry-point",
    Geometry.LINES: "geometry-multilinestring",
    Geometry.LAND: "geometry-multipolygon",
}
COUNTRY = (WEST, SOUTH, EAST, NORTH)


def landing(request: Request) -> wire.Json:
    """Where everything is."""
    place = Place.of(request)
    return {
        "title": TITLE,
        "description": ABOUT,
        "links": [
            *place.both(request, "/", "Trang này / this document"),
            place.link("service-desc", "/api", OAS30, "Định nghĩa / the definition (OpenAPI 3.0)"),
            place.link("service-doc", "/api", HTML, "Tài liệu / documentation", {"f": "html"}),
            place.link("conformance", "/conformance", JSON, "Tuân thủ / conformance classes"),
            place.link("data", "/collections", JSON, "Các bộ dữ liệu / the collections"),
            *ogc_tiles.tileset_links(place.base, "country"),
        ],
    }


def conformance(request: Request) -> wire.Json:
    """Which parts of which standards hold here."""
    links = Place.of(request).both(request, "/conformance", "Tuân thủ / conformance")
    return {"conformsTo": CLASSES, "links": links}


def collections(request: Request) -> wire.Json:
    """All collections."""
    place = Place.of(request)
    return {
        "links": place.both(request, "/collections", "Các bộ dữ liệu / collections"),
        "crs": list(SYSTEMS),
        "collections": [described(place, one) | {"crs": ["#/crs"]} for one in COLLECTIONS.values()],
    }


def collection(request: Request, one: Collection) -> wire.Json:
    """One collection."""
    place = Place.of(request)
    path = f"/collections/{one.id}"
    told = described(place, one)
    return told | {"links": [*place.both(request, path, one.vi), *told["links"]]}


def described(place: Place, one: Collection) -> wire.Json:
    """A collection in the list of all."""
    path = f"/collections/{one.id}"
    return {
        "id": one.id,
        "title": f"{one.vi} / {one.en}",
        "description": f"{one.about_vi} / {one.about_en}",
        "extent": {
            "spatial": {"bbox": [COUNTRY], "crs": CRS84},
            "temporal": {"interval": [[None, None]]},
        },
        "itemType": "feature",
        "crs": list(SYSTEMS),
        "storageCrs": CRS84,
        "links": [
            place.link("items", f"{path}/items", GEOJSON, f"{one.vi} (GeoJSON)", {"f": "json"}),
            place.link("items", f"{path}/items", HTML, f"{one.vi} (HTML)", {"f": "html"}),
            place.link(QUERYABLES, f"{path}/queryables", SCHEMA_JSON, "Lọc theo / queryables"),
            *ogc_tiles.tileset_links(place.base, one.id),
        ],
    }


def queryables(request: Request, one: Collection) -> wire.Json:
    """By what a collection may be filtered and sorted, as a JSON Schema."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": Place.of(request).url(f"/collections/{one.id}/queryables"),
        "type": "object",
        "title": f"{one.vi} / {one.en}",
        "description": f"{one.about_vi} / {one.about_en}",
        "properties": {
            "geometry": {
                "title": "Hình / geometry",
                "format": GEOMETRY_FORMAT[one.geometry],
                "x-ogc-role": "primary-geometry",
            },
            **{attribute.name: schema(attribute, one.key) for attribute in one.attributes},
        },
        "additionalProperties": False,
    }


def schema(attribute: Attribute, key: str = "") -> wire.Json:
    """An attribute as a JSON Schema."""
    kind = {"type": "string", "format": "date"} if attribute.kind is Kind.DAY else {
        "type": attribute.kind.value}  # fmt: skip
    return {
        "title": f"{attribute.vi} / {attribute.en}",
        **kind,
        **({"enum": attribute.values} if attribute.values else {}),
        **({"x-ogc-role": "id"} if attribute.name == key else {}),
    }
