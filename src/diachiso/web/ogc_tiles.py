"""OGC API - Tiles (20-057) and the tile matrix sets (17-083r4), under /ogc.

The tiles are those of /tiles; rows come before columns in addresses here. docs/conformance-tiles.md
lists the conformance classes and the tests that prove them.
"""

from datetime import date
from enum import StrEnum
from functools import cache
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from diachiso.address.errors import UnknownTileset
from diachiso.address.position import EAST, NORTH, SOUTH, WEST
from diachiso.address.quad import Grid, Tile, tile_at
from diachiso.store.tiles import DEEPEST, Layer
from diachiso.web import wire
from diachiso.web.asking import CurrentBooks, answered
from diachiso.web.tile_day import Moment, known_here
from diachiso.web.tilejson import FINEST, TITLES, tilejson, vector_layers
from diachiso.web.tiles import COUNTRY, MVT, Name, tile_answer, tileset_of

JSON = "application/json"
SPEC = "http://www.opengis.net/spec"
DEFINED = "http://www.opengis.net/def"
REL = f"{DEFINED}/rel/ogc/1.0"
CONFORMANCE = (
    *(
        f"{SPEC}/ogcapi-tiles-1/1.0/conf/{name}"
        for name in (
            "core",
            "tileset",
            "tilesets-list",
            "dataset-tilesets",
            "geodata-tilesets",
            "datetime",
            "mvt",
            "oas30",
        )
    ),
    f"{SPEC}/tms/2.0/conf/tilematrixset",
    f"{SPEC}/tms/2.0/conf/tilematrixsetlimits",
    f"{SPEC}/tms/2.0/conf/tilesetmetadata",
    f"{SPEC}/tms/2.0/conf/json-tilematrixset",
    f"{SPEC}/tms/2.0/conf/json-tilematrixsetlimits",
    f"{SPEC}/tms/2.0/conf/json-tilesetmetadata",
)
"""The classes that this module conforms to; the conformance page of /ogc lists them."""
CRS = {
    Grid.MERCATOR: f"{DEFINED}/crs/EPSG/0/3857",
    Grid.DEGREES: f"{DEFINED}/crs/OGC/1.3/CRS84",
}
AXES = {Grid.MERCATOR: ["X", "Y"], Grid.DEGREES: ["Lon", "Lat"]}
TITLE = {
    Grid.MERCATOR: "Google Maps Compatible for the World",
    Grid.DEGREES: "CRS84 for the World",
}
TILE_WIDTH = 256
METRES_A_PIXEL = 0.00028
"""The pixel that scale denominators are told for (17-083r4, 6.1.1)."""
METRES_A_UNIT = {Grid.MERCATOR: 1.0, Grid.DEGREES: 2 * 3.141592653589793 * 6_378_137 / 360}

Number = Annotated[str, Path(max_length=12)]


class Form(StrEnum):
    """How a tileset is described."""

    JSON = "json"
    TILEJSON = "tilejson"


router = APIRouter(prefix="/ogc", tags=["ogc"], dependencies=[Depends(known_here)])


def grid_of(name: str) -> Grid:
    """The grid of this name.

    Raises:
        UnknownTileset: there is none.
    """
    try:
        return Grid(name)
    except ValueError:
        raise UnknownTileset(
            f"Không có lưới ô {name!r}. / There is no tile matrix set {name!r}; there are "
            f"{', '.join(Grid)}."
        ) from None


# -- tile matrix sets ------------------------------------------------------------------------------


@router.get("/tileMatrixSets")
def grids(request: Request) -> Response:
    """The tile matrix sets that there are."""
    base = f"{request.base_url}ogc/tileMatrixSets"
    listed = [
        {
            "id": grid,
            "title": TITLE[grid],
            "uri": _uri(grid),
            "crs": CRS[grid],
            "links": [_link(f"{base}/{grid}", f"{REL}/tiling-scheme", JSON, TITLE[grid])],
        }
        for grid in Grid
    ]
    return answered(request, {"tileMatrixSets": listed}, JSON)


@router.get("/tileMatrixSets/{grid}")
def grid(request: Request, grid: str) -> Response:
    """A tile matrix set (17-083r4)."""
    one = grid_of(grid)
    body = {
        "id": one,
        "title": TITLE[one],
        "uri": _uri(one),
        "crs": CRS[one],
        "orderedAxes": AXES[one],
        "wellKnownScaleSet": f"{DEFINED}/wkss/OGC/1.0/"
        + ("GoogleMapsCompatible" if one is Grid.MERCATOR else "GoogleCRS84Quad"),
        "tileMatrices": [_matrix(one, z) for z in range(DEEPEST + 1)],
    }
    return answered(request, body, JSON)


def _matrix(grid: Grid, z: int) -> wire.Json:
    cell = grid.around / (TILE_WIDTH * grid.columns(z))
    return {
        "id": str(z),
        "scaleDenominator": cell * METRES_A_UNIT[grid] / METRES_A_PIXEL,
        "cellSize": cell,
        "cornerOfOrigin": "topLeft",
        "pointOfOrigin": [-grid.around / 2, grid.top],
        "tileWidth": TILE_WIDTH,
        "tileHeight": TILE_WIDTH,
        "matrixWidth": grid.columns(z),
        "matrixHeight": grid.rows(z),
    }


def _uri(grid: Grid) -> str:
    return f"{DEFINED}/tilematrixset/OGC/1.0/{grid}"


# -- tilesets --------------------------------------------------------------------------------------


@router.get("/tiles")
def country_tilesets(request: Request) -> Response:
    """The tilesets of the whole dataset: all layers together, in every grid."""
    return _tilesets(request, COUNTRY)


@router.get("/collections/{collection}/tiles")
def tilesets(request: Request, collection: Name) -> Response:
    """The tilesets of a collection, in every grid."""
    return _tilesets(request, collection)


@router.get("/tiles/{grid}")
def country_tileset(
    request: Request, books: CurrentBooks, day: Moment, grid: str, f: Form = Form.JSON
) -> Response:
    """The tileset of the whole dataset in a grid; f=tilejson: as TileJSON."""
    return _tileset(request, books, day, (COUNTRY, grid_of(grid)), f)


@router.get("/collections/{collection}/tiles/{grid}")
def tileset(
    request: Request,
    books: CurrentBooks,
    day: Moment,
    collection: Name,
    grid: str,
    f: Form = Form.JSON,
) -> Response:
    """The tileset of a collection in a grid; f=tilejson: as TileJSON."""
    return _tileset(request, books, day, (collection, grid_of(grid)), f)


def _tilesets(request: Request, name: str) -> Response:
    layers = tileset_of(name)
    here = _path(request, name)
    listed = [_in_short(here, name, one) for one in Grid]
    for one in listed:
        one["layers"] = [layer["id"] for layer in vector_layers(layers)]
    links = [_link(here, "self", JSON, TITLES[name])]
    return answered(request, {"links": links, "tilesets": listed}, JSON)


def _in_short(here: str, name: str, grid: Grid) -> wire.Json:
    base = str(here).partition("/ogc/")[0]
    return {
        "title": f"{TITLES[name]} · {grid}",
        "dataType": "vector",
        "crs": CRS[grid],
        "tileMatrixSetURI": _uri(grid),
        "links": [
            _link(f"{here}/{grid}", "self", JSON, TITLES[name]),
            _link(f"{base}/ogc/tileMatrixSets/{grid}", f"{REL}/tiling-scheme", JSON, TITLE[grid]),
            {
                **_link(_template(here, grid), "item", MVT, TITLES[name]),
                "templated": True,
            },
        ],
    }


def _tileset(
    request: Request, books: CurrentBooks, day: date, which: tuple[str, Grid], form: Form
) -> Response:
    name, grid = which
    layers = tileset_of(name)
    here = _path(request, name)
    if form is Form.TILEJSON:
        url = _template(here, grid, "{z}/{y}/{x}") + f"?datetime={day}"
        with books.reading() as reader:
            return answered(request, tilejson(reader, name, layers, url, day), JSON)
    body = {
        **_in_short(here, name, grid),
        "layers": [
            {
                "id": one["id"],
                "description": one["description"],
                "dataType": "vector",
                "minTileMatrix": str(one["minzoom"]),
                "maxTileMatrix": str(one["maxzoom"]),
                "propertiesSchema": _schema(one["fields"]),
            }
            for one in vector_layers(layers)
        ],
        "boundingBox": {
            "lowerLeft": [WEST, SOUTH],
            "upperRight": [EAST, NORTH],
            "crs": f"{DEFINED}/crs/OGC/1.3/CRS84",
        },
        "tileMatrixSetLimits": _limits(tuple(layers), grid),
    }
    return answered(request, body, JSON)


def _schema(fields: dict[str, str]) -> wire.Json:
    return {
        "type": "object",
        "properties": {name: {"type": kind.lower()} for name, kind in fields.items()},
    }


@cache
def _limits(layers: tuple[Layer, ...], grid: Grid) -> list[wire.Json]:
    """The tiles that can hold something: those that touch the country."""
    farthest = min(layer.farthest for layer in layers)
    corners = [
        (tile_at(WEST, NORTH, z, grid), tile_at(EAST, SOUTH, z, grid))
        for z in range(farthest, FINEST + 1)
    ]
    return [
        {
            "tileMatrix": str(first.z),
            "minTileRow": first.y,
            "maxTileRow": last.y,
            "minTileCol": first.x,
            "maxTileCol": last.x,
        }
        for first, last in corners
    ]


def _path(request: Request, name: str) -> str:
    inside = "tiles" if name == COUNTRY else f"collections/{name}/tiles"
    return f"{request.base_url}ogc/{inside}"


def _template(here: str, grid: Grid, place: str = "{tileMatrix}/{tileRow}/{tileCol}") -> str:
    return f"{here}/{grid}/{place}"


def _link(href: str, rel: str, kind: str, title: str) -> wire.Json:
    return {"href": href, "rel": rel, "type": kind, "title": title}


def tileset_links(base: str, name: str) -> list[wire.Json]:
    """What the landing page (`country`) or a collection says of its tiles; base ends in /ogc."""
    inside = "tiles" if name == COUNTRY else f"collections/{name}/tiles"
    return [_link(f"{base}/{inside}", f"{REL}/tilesets-vector", JSON, TITLES[name])]


# -- tiles -----------------------------------------------------------------------------------------


@router.get("/tiles/{grid}/{z}/{y}/{x}")
async def country_tile(
    request: Request, day: Moment, grid: str, z: Number, y: Number, x: Number
) -> Response:
    """A tile of the whole dataset."""
    return await tile_answer(request, COUNTRY, day, _within(COUNTRY, grid, (z, y, x)))


@router.get("/collections/{collection}/tiles/{grid}/{z}/{y}/{x}")
async def tile(
    request: Request, day: Moment, collection: Name, grid: str, z: Number, y: Number, x: Number
) -> Response:
    """A tile of a collection."""
    return await tile_answer(request, collection, day, _within(collection, grid, (z, y, x)))


def _within(name: str, grid: str, place: tuple[str, str, str]) -> Tile:
    """A tile within the limits of its tileset (20-057, /req/core/tc-error).

    Raises:
        UnknownTileset: the tileset has no such tile.
    """
    one, layers = grid_of(grid), tileset_of(name)
    if all(part.isascii() and part.isdecimal() for part in place):
        z, y, x = map(int, place)
        for limit in _limits(tuple(layers), one):
            if limit["tileMatrix"] == str(z) and (
                limit["minTileRow"] <= y <= limit["maxTileRow"]
                and limit["minTileCol"] <= x <= limit["maxTileCol"]
            ):
                return Tile(z, x, y, one)
    raise UnknownTileset(
        f"Bộ ô {name} không có ô {'/'.join(place)}. / The tileset {name} has no tile "
        f"{'/'.join(place)} (matrix, row, column); tileMatrixSetLimits says which it has."
    )
