"""The definition of the map service in OpenAPI 3.0, made of the declared collections.

FastAPI writes 3.1 of the endpoints' types. The standard's class `oas30` asks for 3.0, and the types
would not tell the parameters of each collection: so this one is made of the same declarations that
requests are read by. Both tell the truth: 3.1 at /openapi.json of the registry, 3.0 here of /ogc.
"""

from importlib.metadata import version
from typing import Any

from diachiso.address.reference import CRS84, SYSTEMS
from diachiso.store.collections import COLLECTIONS
from diachiso.store.published import Attribute, Collection
from diachiso.web import wire
from diachiso.web.ogc.asked import MOST, USUAL
from diachiso.web.ogc.cql import LANGUAGES, LONGEST, TEXTS
from diachiso.web.ogc.declared import ABOUT, OAS30, TITLE, schema
from diachiso.web.ogc.tiles_defined import tile_parameters, tile_paths
from diachiso.web.ogc.told import FORMS, GEOJSON, HTML, JSON, SCHEMA_JSON

PROBLEM = "application/problem+json"
ALWAYS = (("429", "Many"), ("500", "Failed"), ("503", "Away"))
"""What any question may end in: the quota is spent, a fault of the server, no database."""


def definition(base: str) -> wire.Json:
    """The whole definition; `base` is where the service stands."""
    paths: wire.Json = {
        "/": _path("landing", "Trang đầu / landing page", JSON),
        "/conformance": _path("conformance", "Tuân thủ / conformance classes", JSON),
        "/api": _path("api", "Định nghĩa này / this definition", OAS30),
        "/collections": _path("collections", "Các bộ dữ liệu / collections", JSON),
    }
    for one in COLLECTIONS.values():
        paths |= _paths_of(one)
    paths |= tile_paths()
    return {
        "openapi": "3.0.3",
        "info": {
            "title": TITLE,
            "description": ABOUT,
            "version": version("diachiso"),
            "license": {"name": "Apache-2.0"},
        },
        "servers": [{"url": base}],
        "paths": paths,
        "components": {"parameters": _common() | tile_parameters(), "responses": _responses()},
    }


def _paths_of(one: Collection) -> wire.Json:
    path, title = f"/collections/{one.id}", f"{one.vi} / {one.en}"
    items = [
        *(_common_ref(name) for name in _common() if name != "featureId"),
        _parameter(
            "properties", "Chỉ những thuộc tính này / only these properties",
            _list(one.attributes),
        ),
        _parameter(
            "sortby", "Xếp theo; `-` trước là giảm dần / sort by; a leading `-`: descending",
            {"type": "array", "items": {"type": "string"}},
        ),
        *(_parameter(a.name, f"{a.vi} / {a.en}", schema(a)) for a in one.attributes),
    ]  # fmt: skip
    single = [
        _common_ref("featureId"),
        *(_common_ref(name) for name in ("f", "crs", "datetime")),
        _parameter("properties", "Chỉ những thuộc tính này / only these", _list(one.attributes)),
    ]  # fmt: skip
    return {
        path: _path(f"describe_{one.id}", title, JSON, missing=True),
        f"{path}/queryables": _path(f"queryables_{one.id}", title, SCHEMA_JSON, missing=True),
        f"{path}/items": _path(f"items_{one.id}", title, GEOJSON, items, missing=True),
        f"{path}/items/{{featureId}}": _path(
            f"item_{one.id}", title, GEOJSON, single, missing=True
        ),
    }


def _list(attributes: tuple[Attribute, ...]) -> wire.Json:
    return {"type": "array", "items": {"type": "string", "enum": [a.name for a in attributes]}}


def _path(
    operation: str,
    title: str,
    kind: str,
    parameters: list[wire.Json] | None = None,
    *,
    missing: bool = False,
) -> wire.Json:
    told = {kind: {"schema": {"type": "object"}}, HTML: {"schema": {"type": "string"}}}
    return {
        "get": {
            "operationId": operation,
            "summary": title,
            "parameters": parameters or [_common_ref("f")],
            "responses": {
                "200": {"description": title, "content": told},
                "304": {"description": "Như cũ / unchanged"},
                "400": {"$ref": "#/components/responses/Invalid"},
                **({"404": {"$ref": "#/components/responses/Missing"}} if missing else {}),
                **{code: {"$ref": f"#/components/responses/{name}"} for code, name in ALWAYS},
            },
        }
    }


def _parameter(name: str, about: str, kind: wire.Json, **more: Any) -> wire.Json:  # noqa: ANN401
    style = {"in": "query", "required": False, "style": "form", "explode": False}
    return {"name": name, "description": about, "schema": kind, **style, **more}


def _common_ref(name: str) -> wire.Json:
    return {"$ref": f"#/components/parameters/{name}"}


def _common() -> wire.Json:
    uri = {"type": "string", "format": "uri", "enum": list(SYSTEMS), "default": CRS84}
    box = {
        "type": "array",
        "items": {"type": "number"},
        "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
    }
    return {
        "f": _parameter("f", "Dạng / form", {"type": "string", "enum": list(FORMS)}),
        "limit": _parameter(
            "limit", f"Số đối tượng mỗi trang; quá {MOST} thì là {MOST} / features a page",
            {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
        ),
        "after": _parameter(
            "after", "Từ liên kết `next` / of a link `next`", {"type": "string"}
        ),
        "bbox": _parameter("bbox", "Khung, theo trục của bbox-crs / box, axes of bbox-crs", box),
        "bbox-crs": _parameter("bbox-crs", "Hệ tọa độ của bbox / of the box", uri),
        "datetime": _parameter(
            "datetime",
            "Ngày, thời điểm hoặc khoảng; với một khoảng, mỗi đối tượng như ngày cuối của nó trong "
            "khoảng / a day, a moment, or an interval: each feature as on its last day within",
            {"type": "string"},
        ),
        "crs": _parameter("crs", "Hệ tọa độ của hình / of geometries", uri),
        "filter": _parameter("filter", "CQL2", {"type": "string", "maxLength": LONGEST}),
        "filter-lang": _parameter(
            "filter-lang", "Ngôn ngữ của bộ lọc / language of the filter",
            {"type": "string", "enum": list(LANGUAGES), "default": TEXTS},
        ),
        "filter-crs": _parameter("filter-crs", "Hệ tọa độ trong bộ lọc / of its geometries", uri),
        "featureId": {
            "name": "featureId", "in": "path", "required": True,
            "description": "Mã / id", "schema": {"type": "string"},
        },
    }  # fmt: skip


def _responses() -> wire.Json:
    problem = {PROBLEM: {"schema": {"type": "object"}}}
    return {
        "Invalid": {"description": "Tham số không hợp lệ / invalid parameter", "content": problem},
        "Missing": {"description": "Không có / not found", "content": problem},
        "Failed": {"description": "Lỗi máy chủ / server error", "content": problem},
        "Many": {"description": "Quá nhiều yêu cầu / too many requests", "content": problem},
        "Away": {"description": "Cơ sở dữ liệu không trả lời / no database", "content": problem},
    }
