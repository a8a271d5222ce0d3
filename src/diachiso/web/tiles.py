"""Wards and streets as vector tiles for map clients: bytes made by PostGIS, with an ETag."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from diachiso.address.errors import MalformedPosition
from diachiso.store.engine import Reader
from diachiso.store.history import edition_of
from diachiso.store.tiles import DEEPEST, Coverage, coverage, street_tile, ward_tile
from diachiso.web.asking import AsOf, CurrentBooks, answered, only_known, tag_of, unchanged

router = APIRouter(prefix="/tiles", tags=["tiles"], dependencies=[Depends(only_known)])

MVT = "application/vnd.mapbox-vector-tile"
JSON = "application/json"
FINEST = 16
"""Zoom beyond which clients do best to magnify tiles: they hold all that there is."""

Zoom = Annotated[int, Path(ge=0, le=DEEPEST)]
Column = Annotated[int, Path(ge=0)]
Row = Annotated[int, Path(ge=0)]


@router.get("/wards/{z}/{x}/{y}.mvt")
def wards(
    request: Request, books: CurrentBooks, as_of: AsOf, z: Zoom, x: Column, y: Row
) -> Response:
    """A tile (Web Mercator, XYZ) with the layers `wards` and `ward_names`."""
    return _tile(request, books, as_of, (z, x, y), ward_tile)


@router.get("/streets/{z}/{x}/{y}.mvt")
def streets(
    request: Request, books: CurrentBooks, as_of: AsOf, z: Zoom, x: Column, y: Row
) -> Response:
    """A tile (Web Mercator, XYZ) with the layer `streets`."""
    return _tile(request, books, as_of, (z, x, y), street_tile)


def _tile(
    request: Request,
    books: CurrentBooks,
    day: date,
    place: tuple[int, int, int],
    draw: Callable[[Reader, int, int, int, date], bytes],
) -> Response:
    z, x, y = place
    if x >= 1 << z or y >= 1 << z:
        raise MalformedPosition(
            f"Không có ô {z}/{x}/{y}. / There is no tile {z}/{x}/{y}: at zoom {z} x and y go up to "
            f"{(1 << z) - 1}."
        )
    with books.reading() as reader:
        tag = tag_of(draw.__name__, edition_of(reader), day, place)
        if (same := unchanged(request, tag)) is not None:
            return same
        content = draw(reader, z, x, y, day)
    headers = {"etag": tag, "cache-control": "public, no-cache"}
    return Response(content, media_type=MVT, headers=headers, status_code=200 if content else 204)


@router.get("/wards.json")
def wards_tilejson(request: Request, books: CurrentBooks, as_of: AsOf) -> Response:
    """The tiles of wards described (TileJSON 3.0), with how many wards of each accuracy."""
    with books.reading() as reader:
        found = coverage(reader, as_of)
    return answered(request, _tilejson(found, f"{request.base_url}tiles/wards", as_of), JSON)


def _tilejson(found: Coverage, base: str, as_of: date) -> dict[str, object]:
    fields = {"code": "String", "name": "String", "kind": "String"}
    return {
        "tilejson": "3.0.0",
        "name": "Phường, xã / wards",
        "tiles": [f"{base}/{{z}}/{{x}}/{{y}}.mvt?as_of={as_of}"],
        "minzoom": 0,
        "maxzoom": FINEST,
        **({"bounds": found.bounds} if found.bounds else {}),
        "attribution": "; ".join(f"{one.attribution} ({one.licence})" for one in found.credits),
        "vector_layers": [
            {"id": "wards", "fields": {**fields, "accuracy": "String"}},
            {"id": "ward_names", "fields": fields},
        ],
        "as_of": as_of,
        "accuracy": found.accuracy,
        "credits": [asdict(one) for one in found.credits],
    }
