"""Vector tiles made by PostGIS (ST_AsMVT): one statement a layer, one layer a collection.

Every layer is drawn for a day, in either grid of `address.quad`, ordered, so that the same facts
give the same bytes. No tile is greater than `MOST_BYTES`: what would be is drawn more coarsely.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Any

from sqlalchemy import TextClause

from diachiso.address.division import REFORM
from diachiso.address.quad import TILE_PX, Tile
from diachiso.address.record import POSTAL
from diachiso.registry.postal import STATE_MAIL
from diachiso.store.density import Densities
from diachiso.store.engine import Reader
from diachiso.store.points import PUBLISHED
from diachiso.store.tile_statements import (
    ADDRESSES,
    AREAS,
    CLUSTERS,
    NATIONAL,
    POSTAL_POINTS,
    STREETS,
    WARDS,
)

DEEPEST = 22
PIXELS = 4096
MOST_BYTES = 450_000
MARGIN = 0.03125
"""Of a tile's width: how far around it lines and areas go on."""
SKETCHED = (2, 4, 7, 10)
"""Zooms of the sketches that are kept of boundaries; farther in, the boundaries themselves."""
NAMES_FROM = 9
"""Zoom from which wards carry their names."""
PROVINCE_NAMES_TO = 11
STREETS_FROM, LANES_FROM = 12, 14
"""Zooms from which the greater streets are drawn, and from which all are."""
GREATER = ("motorway", "trunk", "primary", "secondary", "tertiary")
"""Values of OpenStreetMap's highway key."""
POINTS_FROM = 14
"""Zoom from which addresses stand by themselves, where they are not too many."""
MOST_POINTS = 4_000
CELLS = 16
"""Clusters beside each other in a tile."""
POSTAL_FROM = 8
EVE = REFORM.replace(month=REFORM.month - 1, day=30)
"""The last day of the former units."""


class Layer(StrEnum):
    """What tiles are made of: the collections, and what stands on every map of the country."""

    PROVINCES = "provinces"
    WARDS = "wards"
    FORMER_DISTRICTS = "former_districts"
    FORMER_WARDS = "former_wards"
    STREETS = "streets"
    ADDRESSES = "addresses"
    POSTAL_POINTS = "postal_points"
    NATIONAL = "national"

    @property
    def is_former(self) -> bool:
        """Is it of before the reform?"""
        return self in (Layer.FORMER_DISTRICTS, Layer.FORMER_WARDS)

    @property
    def farthest(self) -> int:
        """The zoom from which it holds anything."""
        return {Layer.STREETS: STREETS_FROM, Layer.POSTAL_POINTS: POSTAL_FROM}.get(self, 0)

    def day_of(self, day: date) -> date:
        """The day that is drawn: former units are those of the eve, or of a day before it."""
        return min(day, EVE) if self.is_former else day


@dataclass(frozen=True, slots=True)
class Landmark:
    """A name that stands on every map of the country: an archipelago, or the sea."""

    kind: str
    name: str
    name_en: str
    province: str | None
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Atlas:
    """What tiles are drawn from besides the database."""

    landmarks: Sequence[Landmark] = ()
    densities: Densities = field(default_factory=Densities)


Draw = Callable[[Reader, Tile, date, Atlas, int], bytes]


def draw(reader: Reader, layer: Layer, tile: Tile, day: date, atlas: Atlas) -> bytes:
    """A layer of a day in a tile; empty where there is nothing."""
    if tile.z < layer.farthest:
        return b""
    content = b""
    for coarser in range(4):
        content = DRAWN[layer](reader, tile, layer.day_of(day), atlas, coarser)
        if len(content) <= MOST_BYTES:
            break
    return content


def _ask(reader: Reader, statement: TextClause, told: Mapping[str, Any]) -> bytes:
    return bytes(reader.scalar(statement, told) or b"")


def _framed(tile: Tile, day: date, *, margin: float = MARGIN) -> dict[str, Any]:
    """The tile's square in its own units, and a wider one in degrees and in metres."""
    squares = {
        "": tile.box(),
        "wide_": tile.box(margin),
        "degrees_": tile.in_degrees(margin),
        "metres_": tile.in_mercator(margin),
    }
    sides = ("west", "south", "east", "north")
    told: dict[str, Any] = {
        prefix + side: value
        for prefix, box in squares.items()
        for side, value in zip(sides, box, strict=True)
    }
    return {**told, "srid": tile.grid.srid, "day": day, "pixels": PIXELS}


def _shapes(tile: Tile, day: date, coarser: int, *, beyond: int = 0) -> dict[str, Any]:
    """Which sketch is drawn (0: the boundary itself), and to what its corners are moved.

    A sketch may be drawn a zoom `beyond` its own: its corners are a pixel off then.
    """
    sketch = next((zoom for zoom in SKETCHED if zoom + beyond >= tile.z), 0)
    pixel = tile.side / TILE_PX
    grain = pixel / 2 if sketch else pixel / 8
    return {**_framed(tile, day), "sketch": sketch, "grain": grain * (1 << coarser)}


def _wards(layer: Layer, reader: Reader, tile: Tile, day: date, _: Atlas, coarser: int) -> bytes:
    told = {"layer": layer, "names": f"{layer.removesuffix('s')}_names"}
    return _ask(
        reader, WARDS, {**_shapes(tile, day, coarser), **told, "named": tile.z >= NAMES_FROM}
    )


def _areas(layer: Layer, reader: Reader, tile: Tile, day: date, _: Atlas, coarser: int) -> bytes:
    told = {
        "layer": layer,
        "names": f"{layer.removesuffix('s')}_names",
        "level": "province" if layer is Layer.PROVINCES else "district",
        "named": tile.z <= PROVINCE_NAMES_TO,
    }
    return _ask(reader, AREAS, {**_shapes(tile, day, coarser, beyond=1), **told})


def _streets(reader: Reader, tile: Tile, day: date, _: Atlas, coarser: int) -> bytes:
    told = {
        **_framed(tile, day),
        "all": tile.z >= LANES_FROM and coarser < 2,  # noqa: PLR2004 (the third try leaves lanes out)
        "greater": list(GREATER),
        "grain": tile.side / TILE_PX / 4 * (1 << coarser),
    }
    return _ask(reader, STREETS, told)


def _addresses(reader: Reader, tile: Tile, day: date, atlas: Atlas, coarser: int) -> bytes:
    if tile.z >= POINTS_FROM and not coarser:
        told = {**_framed(tile, day, margin=0), "states": list(PUBLISHED), "most": MOST_POINTS}
        row = reader.execute(ADDRESSES, told).one()
        if row.found <= MOST_POINTS:
            return bytes(row.content or b"")
    cells = CELLS * (2 if tile.z >= POINTS_FROM else 1) >> coarser
    found = atlas.densities.of(reader, day).clusters(tile, cells, PIXELS)
    columns = {"xs": found.xs, "ys": found.ys, "counts": found.counts}
    return _ask(reader, CLUSTERS, {**columns, "pixels": PIXELS}) if found.counts else b""


def _postal_points(reader: Reader, tile: Tile, day: date, _: Atlas, coarser: int) -> bytes:
    told = {
        **_framed(tile, day, margin=0),
        "states": list(PUBLISHED),
        "kinds": [kind.value for kind in POSTAL],
        "named": not coarser,
        "state_mail": STATE_MAIL,
    }
    return _ask(reader, POSTAL_POINTS, told)


def _national(reader: Reader, tile: Tile, _day: date, atlas: Atlas, _: int) -> bytes:
    marks = atlas.landmarks
    columns = {
        "kinds": [one.kind for one in marks],
        "names": [one.name for one in marks],
        "names_en": [one.name_en for one in marks],
        "provinces": [one.province for one in marks],
        "lons": [one.lon for one in marks],
        "lats": [one.lat for one in marks],
    }
    return _ask(reader, NATIONAL, {**_framed(tile, _day, margin=0), **columns})


DRAWN: dict[Layer, Draw] = {
    Layer.PROVINCES: partial(_areas, Layer.PROVINCES),
    Layer.WARDS: partial(_wards, Layer.WARDS),
    Layer.FORMER_DISTRICTS: partial(_areas, Layer.FORMER_DISTRICTS),
    Layer.FORMER_WARDS: partial(_wards, Layer.FORMER_WARDS),
    Layer.STREETS: _streets,
    Layer.ADDRESSES: _addresses,
    Layer.POSTAL_POINTS: _postal_points,
    Layer.NATIONAL: _national,
}
