"""Streets near a point: their courses as lines, and the houses that have numbers there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import shapely
from sqlalchemy import select, text

from diachiso.address.position import Position
from diachiso.address.record import StreetRef
from diachiso.registry.layout import Numbered, Point
from diachiso.store import tables as t
from diachiso.store.engine import Reader
from diachiso.store.history import holds_on
from diachiso.store.likely import is_live, point
from diachiso.store.versions import number_of

NEAR_M = 80.0
DEGREES_A_METRE = 1 / 100_000
"""A little more than a metre: the index narrows, the exact distance decides."""
AROUND_M = 1_500.0
"""How far along a street houses tell of its numbers: what lies farther may be its namesake."""

NEAREST = text("""
WITH spot AS (SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS geom), near AS (
    SELECT way.street_id, way.geom,
           ST_Distance(way.geom::geography, spot.geom::geography) AS metres
    FROM spot, street_way AS way
    WHERE upper_inf(way.recorded) AND ST_DWithin(way.geom, spot.geom, :degrees)
)
SELECT street.id, street.name, min(near.metres) AS metres
FROM near JOIN street ON street.id = near.street_id AND upper_inf(street.recorded)
 AND street.valid @> CAST(:day AS date)
GROUP BY street.id, street.name HAVING min(near.metres) <= :near
ORDER BY 3 LIMIT :most
""")

COURSE = text("""
SELECT ST_AsBinary(part.geom) AS wkb
FROM (
    SELECT (ST_Dump(ST_LineMerge(ST_Collect(geom)))).geom FROM street_way
    WHERE street_id = :street AND upper_inf(recorded)
) AS part
ORDER BY part.geom <-> ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) LIMIT 1
""")


@dataclass(frozen=True, slots=True)
class NearStreet:
    """A street beside a point, and how far off its course is."""

    street: StreetRef
    distance_m: float


def streets_near(reader: Reader, spot: Position, day: date, most: int = 3) -> list[NearStreet]:
    """The streets whose course passes a point, the nearest first."""
    rows = reader.execute(
        NEAREST,
        {
            "lon": spot.lon,
            "lat": spot.lat,
            "day": day,
            "near": NEAR_M,
            "degrees": NEAR_M * DEGREES_A_METRE,
            "most": most,
        },
    )
    return [NearStreet(StreetRef(row.id, row.name), round(row.metres, 1)) for row in rows]


def course_near(reader: Reader, street: StreetRef, spot: Position) -> Sequence[Point]:
    """The connected part of a street's course that passes nearest to a point; none if unknown."""
    asked = {"street": street.id, "lon": spot.lon, "lat": spot.lat}
    row = reader.execute(COURSE, asked).first()
    line = shapely.from_wkb(bytes(row.wkb)) if row else None
    return [(x, y) for x, y, *_ in line.coords] if line is not None else []


def numbered_in(reader: Reader, street: StreetRef, spot: Position, day: date) -> list[Numbered]:
    """The live houses of a street about a point that have numbers."""
    book = t.address_book
    near = book.c.position.ST_DWithin(point(spot), AROUND_M * DEGREES_A_METRE)
    rows = reader.execute(
        select(
            book.c.number,
            book.c.position.ST_X().label("lon"),
            book.c.position.ST_Y().label("lat"),
        ).where(
            book.c.street_id == street.id,
            book.c.number_key != "",
            holds_on(book, day),
            is_live(),
            near,
        )
    )
    found = ((number_of(row.number), (row.lon, row.lat)) for row in rows)
    return [Numbered(number, where) for number, where in found if number is not None]
