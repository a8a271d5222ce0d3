"""The land of the wards, square by square: which ward holds a point, on any day.

A square is read when a point in it is first asked about, with what its wards have of it through
time, and kept: those who ask about one point of a town ask about others.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import ARRAY, Float, bindparam, text

from diachiso.address.division import Level, UnitKey
from diachiso.geocode.gazetteer import Point
from diachiso.store.along import make_room
from diachiso.store.engine import Reader

Degrees = NDArray[np.float64]
Square = tuple[int, int]
"""Its place east and north of (0, 0), in squares."""
Box = tuple[float, float, float, float]
"""West, south, east, north."""
ROWS = 8192
"""More squares than lie between the poles."""
SIDE = 1 / 32
"""Degrees: about 3.4 kilometres."""
MARGIN = 1e-4
"""Degrees that are read around a square: none of its points is at the edge of what is read."""
SQUARES_KEPT = 1_000
LAND_OF = text("""
SELECT box.east, box.north, unit.code, unit.former,
       lower(b.valid) AS since, upper(b.valid) AS until,
       ST_AsBinary(ST_ClipByBox2D(b.geom, box.geom)) AS geom
FROM (SELECT east, north,
             ST_MakeEnvelope(east - :margin, north - :margin, east + :side, north + :side, 4326)
      FROM unnest(:easts, :norths) AS corner (east, north)) AS box (east, north, geom)
JOIN unit_boundary AS b ON b.geom && box.geom
JOIN unit ON unit.id = b.unit_id AND unit.level = 'ward'
WHERE upper_inf(b.recorded)
ORDER BY unit.code
""").bindparams(
    bindparam("easts", type_=ARRAY(Float)),
    bindparam("norths", type_=ARRAY(Float)),
    margin=MARGIN,
    side=SIDE + MARGIN,
)


class Piece(NamedTuple):
    """What a ward has of a square from a day until another, and the box around it."""

    ward: UnitKey
    since: date | None
    until: date | None
    geometry: shapely.Geometry
    west: float
    south: float
    east: float
    north: float

    def meets(self, box: Box) -> bool:
        """Whether the points within a box may be in it."""
        west, south, east, north = box
        return (
            west <= self.east and east >= self.west and south <= self.north and north >= self.south
        )

    def is_of(self, day: date) -> bool:
        """Whether it was the ward's on a day."""
        return (self.since or day) <= day and (self.until is None or day < self.until)


Land = Sequence[Piece]
"""The pieces of a square, in order of the wards' codes."""


class Lands:
    """The squares asked about lately; the one read first goes first when there are too many."""

    def __init__(self) -> None:
        self._kept: dict[Square, Land] = {}

    def wards_at(
        self, points: Sequence[Point], day: date, reader: Reader
    ) -> Sequence[UnitKey | None]:
        """The ward whose polygon held each point (lon, lat) on a day."""
        found: list[UnitKey | None] = [None] * len(points)
        spots = np.array(points, dtype=np.float64).reshape(-1, 2)
        squares = _by_square(spots)
        lands = self._of(squares, reader)
        for square, places in squares.items():
            lons, lats = spots[places].T
            box = float(lons.min()), float(lats.min()), float(lons.max()), float(lats.max())
            for piece in lands[square]:
                if piece.is_of(day) and piece.meets(box):
                    for at in places[shapely.intersects_xy(piece.geometry, lons, lats)].tolist():
                        found[at] = found[at] or piece.ward
        return found

    def _of(self, squares: Iterable[Square], reader: Reader) -> Mapping[Square, Land]:
        found = {square: self._kept.get(square) for square in squares}
        if unknown := [square for square, land in found.items() if land is None]:
            for square, land in _read(unknown, reader).items():
                make_room(self._kept, SQUARES_KEPT)
                found[square] = self._kept[square] = land
        return {square: land or () for square, land in found.items()}


def _by_square(spots: Degrees) -> dict[Square, NDArray[np.intp]]:
    """By square which of some spots lie in it."""
    east, north = np.floor(spots / SIDE).astype(np.intp).T
    numbers = east * ROWS + north
    return {
        (int(east[places[0]]), int(north[places[0]])): places
        for places in [np.flatnonzero(numbers == one) for one in set(numbers.tolist())]
    }


def _read(squares: Sequence[Square], reader: Reader) -> Mapping[Square, Land]:
    lands: dict[Square, list[Piece]] = {square: [] for square in squares}
    asked = {"easts": [x * SIDE for x, _ in squares], "norths": [y * SIDE for _, y in squares]}
    for row in reader.execute(LAND_OF, asked):
        geometry = shapely.from_wkb(bytes(row.geom))
        if geometry.is_empty:
            continue
        ward = UnitKey(Level.WARD, row.code, row.former)
        piece = Piece(ward, row.since, row.until, _prepared(geometry), *geometry.bounds)
        lands[round(row.east / SIDE), round(row.north / SIDE)].append(piece)
    return lands


def _prepared(geometry: shapely.Geometry) -> shapely.Geometry:
    """Made quick to ask about points.

    The first question builds its index: it is asked here, others may come from several threads.
    """
    shapely.prepare(geometry)
    west, south, east, north = geometry.bounds
    shapely.intersects_xy(geometry, (west + east) / 2, (south + north) / 2)
    return geometry
