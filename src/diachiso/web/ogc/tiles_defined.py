"""The tiles of the map service in its definition (OpenAPI 3.0; 20-057, class oas30)."""

from typing import Any

from diachiso.address.quad import Grid
from diachiso.store.collections import COLLECTIONS
from diachiso.store.tiles import DEEPEST
from diachiso.web import wire
from diachiso.web.ogc.told import JSON
from diachiso.web.tiles import MVT

GRID, COLLECTION, TILE = "{tileMatrixSetId}", "{collectionId}", "{tileMatrix}/{tileRow}/{tileCol}"


def tile_paths() -> wire.Json:
    """Tile matrix sets, lists of tilesets, tilesets and tiles."""
    told = {
        "/tileMatrixSets": _got("tileMatrixSets", "Lưới ô / tile matrix sets"),
        f"/tileMatrixSets/{GRID}": _got("tileMatrixSet", "Một lưới ô / a tile matrix set", [GRID]),
    }
    for base, name, inside in (
        ("", "country", []),
        (f"/collections/{COLLECTION}", "collection", [COLLECTION]),
    ):
        told[f"{base}/tiles"] = _got(
            f"{name}Tilesets", "Các bộ ô bản đồ / lists of tilesets", inside
        )
        told[f"{base}/tiles/{GRID}"] = _got(
            f"{name}Tileset",
            "Một bộ ô / a tileset",
            [*inside, GRID],
            ["datetime", "subset", "form"],
        )
        told[f"{base}/tiles/{GRID}/{TILE}"] = _got(
            f"{name}Tile", "Một ô / a tile", [*inside, GRID, *TILE.split("/")],
            ["datetime", "subset"], MVT,
        )  # fmt: skip
    return told


def _got(
    operation: str,
    title: str,
    inside: list[str] | None = None,
    asked: list[str] | None = None,
    kind: str = JSON,
) -> wire.Json:
    schema = {"type": "string", "format": "binary"} if kind == MVT else {"type": "object"}
    ref = "#/components/{}/{}".format
    names = [f"tiles-{name.strip('{}')}" for name in (*(inside or ()), *(asked or ()))]
    empty = {"204": {"description": "Không có gì / nothing there"}} if kind == MVT else {}
    return {
        "get": {
            "operationId": operation,
            "summary": title,
            "parameters": [{"$ref": ref("parameters", name)} for name in names],
            "responses": {
                "200": {"description": title, "content": {kind: {"schema": schema}}},
                **empty,
                "304": {"description": "Như cũ / unchanged"},
                "400": {"$ref": ref("responses", "Invalid")},
                **({"404": {"$ref": ref("responses", "Missing")}} if inside else {}),
                "429": {"$ref": ref("responses", "Many")},
                "500": {"$ref": ref("responses", "Failed")},
                "503": {"$ref": ref("responses", "Away")},
            },
        }
    }


def tile_parameters() -> wire.Json:
    """What stands in the addresses of tiles, and what may be asked."""
    place = {"type": "integer", "minimum": 0}
    return {
        "tiles-tileMatrixSetId": _inside("tileMatrixSetId", {"type": "string", "enum": list(Grid)}),
        "tiles-collectionId": _inside(
            "collectionId", {"type": "string", "enum": list(COLLECTIONS)}
        ),
        "tiles-tileMatrix": _inside("tileMatrix", {**place, "maximum": DEEPEST}),
        "tiles-tileRow": _inside("tileRow", place),
        "tiles-tileCol": _inside("tileCol", place),
        "tiles-datetime": _asked("datetime", "Ngày, thời điểm hoặc khoảng / a day, moment or span"),
        "tiles-subset": _asked("subset", 'datetime("2025-06-30"), datetime("2025-01-01":*)'),
        "tiles-form": _asked("f", "tilejson: TileJSON 3.0", ["json", "tilejson"]),
    }


def _inside(name: str, schema: dict[str, Any]) -> wire.Json:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _asked(name: str, about: str, values: list[str] | None = None) -> wire.Json:
    schema = {"type": "string", **({"enum": values} if values else {})}
    told = {"name": name, "in": "query", "required": False, "description": about, "schema": schema}
    return {**told, "style": "form", "explode": False}
