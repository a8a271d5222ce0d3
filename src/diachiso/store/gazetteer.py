"""What geocoding asks of PostGIS: houses, courses and polygons by exact keys.

A `PostgisGazetteer` is made for each request, around the vocabularies in memory and one read-only
connection.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import shapely
from sqlalchemy import ARRAY, BigInteger, Row, bindparam, func, select

from diachiso.address.division import REFORM, Level, UnitKey
from diachiso.geocode.gazetteer import (
    Course,
    Extent,
    House,
    Point,
    Share,
    default_shares,
)
from diachiso.geocode.neighbours import next_to
from diachiso.store import tables as t
from diachiso.store.along import Doors
from diachiso.store.engine import Reader
from diachiso.store.history import is_recorded
from diachiso.store.vocabularies import Vocabularies

HOUSES_ON = (
    select(
        t.address_version.c.street_id,
        t.address_version.c.number_key,
        func.ST_X(t.address_version.c.position).label("lon"),
        func.ST_Y(t.address_version.c.position).label("lat"),
        t.unit.c.code.label("ward"),
        t.unit.c.former,
        t.issued_code.c.code,
        t.address_version.c.accuracy_m,
    )
    .join(t.unit, t.unit.c.id == t.address_version.c.ward_id)
    .outerjoin(t.issued_code, t.issued_code.c.address_id == t.address_version.c.address_id)
    .where(
        is_recorded(t.address_version),
        func.upper_inf(t.address_version.c.valid),
        t.address_version.c.state.in_(("recorded", "certified", "under_review")),
        t.address_version.c.street_id == bindparam("street"),
    )
)
"""The houses of a street. Statements are built once: to build one takes as long as to run it."""
WAYS_OF = (
    select(t.street_stretch.c.street_id, t.unit.c.code, func.ST_AsBinary(t.street_stretch.c.geom))
    .join(t.unit, t.unit.c.id == t.street_stretch.c.unit_id)
    .where(t.street_stretch.c.street_id == func.any(bindparam("streets", type_=ARRAY(BigInteger))))
    .where(~t.unit.c.former)
)


class PostgisGazetteer:
    """The gazetteer of one request."""

    def __init__(self, vocabularies: Vocabularies, reader: Reader, today: date) -> None:
        self._words = vocabularies
        self._reader = reader
        self._today = today
        self.units = vocabularies.units
        self.streets = vocabularies.streets
        self.places = vocabularies.places

    def houses(self, wanted: Sequence[tuple[int, str]]) -> Sequence[House]:
        """The houses of these (street id, number key) pairs."""
        return [
            house for street, key in wanted for house in self._doors(street).by_key.get(key, ())
        ]

    def neighbours(self, street: int, number: int) -> Sequence[House]:
        """Known houses near a number of a street, of either side, by rising number."""
        return next_to(number, self._doors(street).numbered)

    def _doors(self, street: int) -> Doors:
        return self._words.along.doors(street, lambda: self._of_street(street))

    def _of_street(self, street: int) -> list[House]:
        return self._told_today(self._reader.execute(HOUSES_ON, {"street": street}))

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

    def courses(self, streets: Sequence[int]) -> Mapping[int, Sequence[Course]]:
        """The ways of some streets as lines of points, cut at the wards."""
        return self._words.along.courses(streets, self._ways)

    def _ways(self, streets: Sequence[int]) -> Mapping[int, Sequence[Course]]:
        ways: dict[int, list[Course]] = {}
        for street, code, wkb in self._reader.execute(WAYS_OF, {"streets": list(streets)}):
            ward = UnitKey(Level.WARD, code, former=False)
            for line in shapely.get_parts(shapely.from_wkb(bytes(wkb))):
                points = tuple(map(tuple, shapely.get_coordinates(line).tolist()))
                ways.setdefault(street, []).append(Course(points, ward))
        return ways

    def ward_at(self, point: Point, day: date) -> UnitKey | None:
        """The ward whose polygon held the point on that day."""
        return self.wards_at([point], day)[0]

    def wards_at(self, points: Sequence[Point], day: date) -> Sequence[UnitKey | None]:
        """The same for many points."""
        return self._words.lands.wards_at(points, day, self._reader)

    def drawn_since(self, day: date) -> date:
        """The last day until then on which the polygon of a ward began or ended."""
        later = bisect_right(self._words.redrawn, day)
        return self._words.redrawn[later - 1] if later else REFORM

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


def _house(row: Row[Any]) -> House:
    return House(
        street=row.street_id,
        number=row.number_key,
        point=(row.lon, row.lat),
        ward=UnitKey(Level.WARD, row.ward, row.former),
        code=row.code,
        accuracy_m=row.accuracy_m,
    )
