"""Tile grids: which square of the country a tile shows (OGC 17-083r4, annex D; XYZ numbering)."""

from dataclasses import dataclass
from enum import StrEnum
from math import atan, degrees, exp, log, pi, radians, tan

EQUATOR_M = 40_075_016.685578488
"""Once around the sphere of Web Mercator."""
RADIUS_M = EQUATOR_M / (2 * pi)
MOST_NORTHERN = 85.0511287798066
"""Degrees of latitude where Web Mercator ends."""
WGS_84, WEB_MERCATOR = 4326, 3857
TILE_PX = 512
"""Pixels that clients of vector tiles draw a tile with."""

Box = tuple[float, float, float, float]
"""West, south, east, north."""


class Grid(StrEnum):
    """The tile matrix sets that there are."""

    MERCATOR = "WebMercatorQuad"
    DEGREES = "WorldCRS84Quad"

    @property
    def srid(self) -> int:
        """The number of its reference system in EPSG; x is east."""
        return WEB_MERCATOR if self is Grid.MERCATOR else WGS_84

    @property
    def around(self) -> float:
        """Once around the world in its units."""
        return EQUATOR_M if self is Grid.MERCATOR else 360.0

    def columns(self, z: int) -> int:
        """How many tiles lie beside each other at a zoom."""
        return 1 << z if self is Grid.MERCATOR else 2 << z

    def rows(self, z: int) -> int:
        """How many tiles lie above each other at a zoom."""
        return 1 << z

    @property
    def top(self) -> float:
        """The northern edge."""
        return EQUATOR_M / 2 if self is Grid.MERCATOR else 90.0


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile of a grid: zoom, column from the west, row from the north."""

    z: int
    x: int
    y: int
    grid: Grid = Grid.MERCATOR

    @property
    def is_there(self) -> bool:
        """Does the grid have such a tile?"""
        columns, rows = self.grid.columns(self.z), self.grid.rows(self.z)
        return self.z >= 0 and 0 <= self.x < columns and 0 <= self.y < rows

    @property
    def side(self) -> float:
        """Its width in units of the grid."""
        return self.grid.around / self.grid.columns(self.z)

    def box(self, margin: float = 0.0) -> Box:
        """Its square in units of the grid, and so much of its width around it."""
        side, more = self.side, self.side * margin
        west, north = self.x * side - self.grid.around / 2, self.grid.top - self.y * side
        return west - more, north - side - more, west + side + more, north + more

    def in_degrees(self, margin: float = 0.0) -> Box:
        """The same in degrees of longitude and latitude."""
        west, south, east, north = self.box(margin)
        if self.grid is Grid.DEGREES:
            return west, south, east, north
        return (*_degrees(west, south), *_degrees(east, north))

    def in_mercator(self, margin: float = 0.0) -> Box:
        """The same in metres of Web Mercator."""
        west, south, east, north = self.in_degrees(margin)
        return (*mercator(west, south), *mercator(east, north))

    def children(self) -> "tuple[Tile, ...]":
        """The four tiles that show the same a zoom nearer."""
        z, x, y = self.z + 1, self.x * 2, self.y * 2
        return tuple(Tile(z, x + dx, y + dy, self.grid) for dy in (0, 1) for dx in (0, 1))


def tile_at(lon: float, lat: float, z: int, grid: Grid = Grid.MERCATOR) -> Tile:
    """The tile that holds a point in degrees."""
    x, y = mercator(lon, lat) if grid is Grid.MERCATOR else (lon, lat)
    side = grid.around / grid.columns(z)
    column, row = int((x + grid.around / 2) // side), int((grid.top - y) // side)
    last_column, last_row = grid.columns(z) - 1, grid.rows(z) - 1
    return Tile(z, min(max(column, 0), last_column), min(max(row, 0), last_row), grid)


def mercator(lon: float, lat: float) -> tuple[float, float]:
    """Metres of Web Mercator; what lies beyond its edges is at them."""
    lat = min(max(lat, -MOST_NORTHERN), MOST_NORTHERN)
    return radians(lon) * RADIUS_M, log(tan(pi / 4 + radians(lat) / 2)) * RADIUS_M


def _degrees(x: float, y: float) -> tuple[float, float]:
    return degrees(x / RADIUS_M), degrees(2 * atan(exp(y / RADIUS_M)) - pi / 2)
