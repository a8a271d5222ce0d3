"""What geocoding asks of PostGIS: houses, courses and polygons by exact keys.

A `PostgisGazetteer` is made for each request, around the vocabularies in memory and one read-only
connection.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Row, Select, func, select, text

from diachiso.address.division import Level, UnitKey
from diachiso.geocode.gazetteer import (
    NUMBERS_EACH_WAY,
    Course,
    Extent,
    House,
    NameIndex,
    Place,
    Point,
    Share,
    Street,
    default_shares,
)
from diachiso.geocode.vocabulary import UnitVocabulary
from diachiso.store import tables as t
from diachiso.store.engine import Reader
from diachiso.store.history import is_recorded
from diachiso.store.vocabularies import Doors, Vocabularies

WARDS_IN_BOX = text("""
SELECT unit.code, unit.former, ST_AsBinary(ST_ClipByBox2D(b.geom, box.geom)) AS geom
FROM (SELECT ST_MakeEnvelope(:west, :south, :east, :north, 4326) AS geom) AS box
JOIN unit_boundary AS b ON b.geom && box.geom
JOIN unit ON unit.id = b.unit_id AND unit.level = 'ward'
WHERE upper_inf(b.recorded) AND b.valid @> CAST(:day AS date)
ORDER BY unit.code
""")
"""What the wards have of a box: a point in it is then found here, without the whole polygons."""
AROUND_DEGREES, SQUARE_DEGREES = 1e-4, 0.5


Degrees = NDArray[np.float64]


class PostgisGazetteer:
    """The gazetteer of one request."""

    def __init__(self, vocabularies: Vocabularies, reader: Reader, today: date) -> None:
        self._words = vocabularies
        self._reader = reader
        self._today = today

    @property
    def units(self) -> UnitVocabulary:
        """Every unit by all its names in time."""
        return self._words.units

    @property
    def streets(self) -> NameIndex[Street]:
        """Every street by its names."""
        return self._words.streets

    @property
    def places(self) -> NameIndex[Place]:
        """Named places."""
        return self._words.places

    def houses(self, wanted: Sequence[tuple[int, str]]) -> Sequence[House]:
        """The houses of these (street id, number key) pairs."""
        return [
            house for street, key in wanted for house in self._doors(street).by_key.get(key, ())
        ]

    def neighbours(self, street: int, number: int) -> Sequence[House]:
        """Known houses near a number of a street, of either side, by rising number."""
        known = self._doors(street).numbered
        near: list[tuple[int, House]] = []
        for parity in (0, 1):
            side = [pair for pair in known if pair[0] % 2 == parity]
            near += [pair for pair in side if pair[0] < number][-NUMBERS_EACH_WAY:]
            near += [pair for pair in side if pair[0] >= number][:NUMBERS_EACH_WAY]
        return [house for _, house in sorted(near, key=lambda pair: pair[0])]

    def _doors(self, street: int) -> Doors:
        return self._words.along.doors(street, lambda: self._of_street(street))

    def _of_street(self, street: int) -> list[House]:
        on_it = _houses().where(t.address_version.c.street_id == street)
        return self._told_today(self._reader.execute(on_it))

    def _told_today(self, rows: Iterable[Row[Any]]) -> list[House]:
        """Houses with their wards of today, also those that were entered with an old ward."""
        houses = [_house(row) for row in rows]
        old = [n for n, house in enumerate(houses) if house.ward.former]
        if old:
            today = self.wards_at([houses[n].point for n in old], self._today)
            for n, ward in zip(old, today, strict=True):
                houses[n] = replace(houses[n], ward=ward or houses[n].ward)
        return houses

    def houses_starting(self, street: int, prefix: str, most: int) -> Sequence[House]:
        """Houses of a street whose number key starts so, in order of the key."""
        return self._doors(street).starting(prefix, most)

    def courses(self, street: int) -> Sequence[Course]:
        """The ways of a street as lines of points, cut at the wards."""
        return self._words.along.courses(street, lambda: self._ways(street))

    def _ways(self, street: int) -> list[Course]:
        part, unit = t.street_stretch, t.unit
        rows = self._reader.execute(
            select(unit.c.code, func.ST_AsBinary(part.c.geom))
            .join(unit, unit.c.id == part.c.unit_id)
            .where(part.c.street_id == street, ~unit.c.former)
        )
        return [
            Course(tuple(line.coords), UnitKey(Level.WARD, code, former=False))
            for code, wkb in rows
            for line in shapely.get_parts(shapely.from_wkb(bytes(wkb)))
        ]

    def ward_at(self, point: Point, day: date) -> UnitKey | None:
        """The ward whose polygon held the point on that day."""
        return self.wards_at([point], day)[0]

    def wards_at(self, points: Sequence[Point], day: date) -> Sequence[UnitKey | None]:
        """The same for many points, in one query where they are near each other."""
        found: list[UnitKey | None] = [None] * len(points)
        spots = np.array(points, dtype=np.float64).reshape(-1, 2)
        for group in _near_each_other(spots):
            lons, lats = spots[group].T
            for row in self._reader.execute(WARDS_IN_BOX, {**_box_around(lons, lats), "day": day}):
                key = UnitKey(Level.WARD, row.code, row.former)
                piece = shapely.from_wkb(bytes(row.geom))
                shapely.prepare(piece)
                for at in group[shapely.intersects_xy(piece, lons, lats)]:
                    found[at] = found[at] or key
        return found

    def shares(self, old: UnitKey) -> Sequence[Share]:
        """The successors of an old ward, the largest share first."""
        return self._words.shares.get(old) or default_shares(self.units.lineage, old)

    def extent(self, unit: UnitKey) -> Extent | None:
        """Where a unit lies, by its polygon, else about its published centre."""
        if (extent := self._words.extents.get(unit)) is not None:
            return extent
        division = self.units.divisions.get(unit)
        if division is None or division.centre is None:
            return None
        return Extent(division.centre, 1000 * ((division.area_km2 or 25.0) / 2) ** 0.5)


def _near_each_other(spots: Degrees) -> list[NDArray[np.intp]]:
    """The places of some spots, by squares: a box around all must not hold half the country."""
    squares: dict[tuple[float, float], list[int]] = {}
    for at, (east, north) in enumerate(np.floor(spots / SQUARE_DEGREES).tolist()):
        squares.setdefault((east, north), []).append(at)
    return [np.array(places) for places in squares.values()]


def _box_around(lons: Degrees, lats: Degrees) -> dict[str, float]:
    """A box that holds some points well within it."""
    return {
        "west": float(lons.min()) - AROUND_DEGREES,
        "south": float(lats.min()) - AROUND_DEGREES,
        "east": float(lons.max()) + AROUND_DEGREES,
        "north": float(lats.max()) + AROUND_DEGREES,
    }


def _houses() -> Select[Any]:
    version, code, unit = t.address_version, t.issued_code, t.unit
    return (
        select(
            version.c.street_id,
            version.c.number_key,
            func.ST_X(version.c.position).label("lon"),
            func.ST_Y(version.c.position).label("lat"),
            unit.c.code.label("ward"),
            unit.c.former,
            code.c.code,
            version.c.accuracy_m,
        )
        .join(unit, unit.c.id == version.c.ward_id)
        .outerjoin(code, code.c.address_id == version.c.address_id)
        .where(
            is_recorded(version),
            func.upper_inf(version.c.valid),
            version.c.state.in_(("recorded", "certified", "under_review")),
        )
    )


def _house(row: Row[Any]) -> House:
    return House(
        street=row.street_id,
        number=row.number_key,
        point=(row.lon, row.lat),
        ward=UnitKey(Level.WARD, row.ward, row.former),
        code=row.code,
        accuracy_m=row.accuracy_m,
    )
