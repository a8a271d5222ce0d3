"""Vector tiles for map clients: bytes made by PostGIS, kept in memory, with an ETag of the content.

A tile in memory is handed out on the event loop; what must be asked of the database is asked in a
thread (record 27).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.concurrency import run_in_threadpool

from diachiso.address.errors import MalformedPosition, UnknownTileset
from diachiso.address.quad import Tile
from diachiso.store.tile_cache import Drawn, TileCache
from diachiso.store.tiles import DEEPEST, Layer
from diachiso.web.asking import ASK_AGAIN, AsOf, CurrentBooks, answered, only_known, unchanged
from diachiso.web.tilejson import tilejson

router = APIRouter(prefix="/tiles", tags=["tiles"], dependencies=[Depends(only_known)])

MVT = "application/vnd.mapbox-vector-tile"
JSON = "application/json"
COUNTRY = "country"
TILESETS: Mapping[str, Sequence[Layer]] = {
    **{layer.value: (layer,) for layer in Layer},
    COUNTRY: (
        Layer.PROVINCES,
        Layer.WARDS,
        Layer.STREETS,
        Layer.ADDRESSES,
        Layer.POSTAL_POINTS,
        Layer.NATIONAL,
    ),
}
"""Each collection by itself, the names that every map of the country shows, and all together."""
WARDS_FROM = 7
"""Zoom from which the tiles of the whole country hold wards: farther off, provinces are enough."""

Name = Annotated[str, Path(description=", ".join(TILESETS), max_length=32)]
Zoom = Annotated[int, Path(ge=0, le=DEEPEST)]
Column = Annotated[int, Path(ge=0)]
Row = Annotated[int, Path(ge=0)]


def tileset_of(name: str) -> Sequence[Layer]:
    """The layers of a tileset.

    Raises:
        UnknownTileset: there is none of this name.
    """
    if (layers := TILESETS.get(name)) is None:
        raise UnknownTileset(
            f"Không có bộ ô bản đồ {name!r}. / There are no tiles of {name!r}; there are "
            f"{', '.join(TILESETS)}."
        )
    return layers


@router.get("/{layer}/{z}/{x}/{y}.mvt")
async def tile(request: Request, layer: Name, as_of: AsOf, z: Zoom, x: Column, y: Row) -> Response:
    """A tile (Web Mercator, XYZ): the layer of this name, and the names of its units."""
    return await tile_answer(request, layer, as_of, Tile(z, x, y))


@router.get("/{layer}.json")
def described(request: Request, books: CurrentBooks, layer: Name, as_of: AsOf) -> Response:
    """The tiles described (TileJSON 3.0): layers, fields, zooms, bounds, whom to credit."""
    layers = tileset_of(layer)
    url = f"{request.base_url}tiles/{layer}/{{z}}/{{x}}/{{y}}.mvt?as_of={as_of}"
    with books.reading() as reader:
        told = tilejson(reader, layer, layers, url, as_of)
    return answered(request, told, JSON)


async def tile_answer(request: Request, name: str, day: date, place: Tile) -> Response:
    """A tile of a tileset, 304 where the caller has it, 204 where there is nothing in it.

    Raises:
        UnknownTileset: there is no such tileset.
        MalformedPosition: the grid has no such tile.
    """
    layers = tileset_of(name)
    if not place.is_there:
        raise MalformedPosition(
            f"Không có ô {place.z}/{place.x}/{place.y}. / There is no tile "
            f"{place.z}/{place.x}/{place.y}: at zoom {place.z} x goes up to "
            f"{place.grid.columns(place.z) - 1} and y up to {place.grid.rows(place.z) - 1}."
        )
    cache: TileCache = request.app.state.tiles
    if name == COUNTRY and place.z < WARDS_FROM:
        layers = [layer for layer in layers if layer is not Layer.WARDS]
    found = [cache.at_hand(layer, day, place) for layer in layers]
    if any(one is None for one in found):
        found = [await run_in_threadpool(cache.tile, layer, day, place) for layer in layers]
    return _answer(request, [one for one in found if one is not None])


def _answer(request: Request, found: Sequence[Drawn]) -> Response:
    one = found[0] if len(found) == 1 else Drawn.of(b"".join(part.content for part in found))
    if (same := unchanged(request, one.tag)) is not None:
        return same
    headers = {"etag": one.tag, "cache-control": ASK_AGAIN, "vary": "Accept-Encoding"}
    if not one.packed:
        return Response(status_code=204, headers=headers)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(one.content, media_type=MVT, headers=headers)
    return Response(one.packed, media_type=MVT, headers={**headers, "content-encoding": "gzip"})
