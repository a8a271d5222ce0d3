"""What geocoding asks of PostGIS: vocabularies held in memory, houses and polygons by exact keys.

`Vocabularies` are read once and again when a load has made a new edition of the data; a
`PostgisGazetteer` is made for each request around them and one read-only connection.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import cos, hypot, radians
from pathlib import Path
from threading import Lock
from typing import Any

import shapely
from sqlalchemy import Engine, Row, Select, func, null, select, text, tuple_

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
    Stretch,
    default_shares,
)
from diachiso.geocode.vocabulary import UnitVocabulary
from diachiso.store import tables as t
from diachiso.store.boundaries import ward_at
from diachiso.store.divisions import read_divisions, read_lineage, unit_ids
from diachiso.store.engine import Reader, reading
from diachiso.store.facts import read_aliases
from diachiso.store.history import edition_of, is_recorded
from diachiso.store.streets import names_of

LOOK_AGAIN_S = 5.0
"""How long a new edition may go unnoticed by a running service."""
METRES_A_DEGREE = 111_320.0

# Where a street lies, ward by ward: its mapped course, or failing that its addresses.
STRETCHES = text("""
WITH stretch AS (
    SELECT street_id, unit_id, length_m, geom FROM street_stretch
    UNION ALL
    SELECT a.street_id, a.ward_id, 0, ST_Collect(a.position)
    FROM address_version AS a
    WHERE upper_inf(a.recorded)
      AND NOT EXISTS (SELECT FROM street_stretch AS s WHERE s.street_id = a.street_id)
    GROUP BY a.street_id, a.ward_id
), middle AS (
    SELECT street_id, unit_id, length_m, ST_Envelope(geom) AS box,
           ST_ClosestPoint(geom, ST_Centroid(geom)) AS centre
    FROM stretch JOIN unit ON unit.id = unit_id AND NOT unit.former
)
SELECT m.street_id, m.unit_id, m.length_m, ST_X(m.centre) AS lon, ST_Y(m.centre) AS lat,
       ST_XMax(m.box) - ST_XMin(m.box) AS width, ST_YMax(m.box) - ST_YMin(m.box) AS height,
       (SELECT b.unit_id FROM unit_boundary AS b JOIN unit AS u ON u.id = b.unit_id
        WHERE upper_inf(b.recorded) AND u.former AND u.level = 'ward'
          AND ST_Intersects(b.geom, m.centre) LIMIT 1) AS former_id
FROM middle AS m
""")

PLACES = text("""
SELECT p.id, p.name, p.category, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat, w.unit_id
FROM place AS p
JOIN LATERAL (
    SELECT b.unit_id FROM unit_boundary AS b JOIN unit AS u ON u.id = b.unit_id
    WHERE upper_inf(b.recorded) AND NOT u.former AND u.level = 'ward'
      AND ST_Intersects(b.geom, p.geom) LIMIT 1
) AS w ON true
WHERE upper_inf(p.recorded)
""")

BOXES = text("""
SELECT DISTINCT ON (unit_id) unit_id, ST_XMin(geom) AS west, ST_YMin(geom) AS south,
       ST_XMax(geom) AS east, ST_YMax(geom) AS north
FROM unit_boundary WHERE upper_inf(recorded) ORDER BY unit_id, lower(valid) DESC NULLS LAST
""")

WARDS_AT = text("""
SELECT here.code, here.former
FROM unnest(CAST(:lon AS float8[]), CAST(:lat AS float8[])) WITH ORDINALITY AS spot (lon, lat, n)
LEFT JOIN LATERAL (
    SELECT u.code, u.former FROM unit_boundary AS b JOIN unit AS u ON u.id = b.unit_id
    WHERE upper_inf(b.recorded) AND b.valid @> CAST(:day AS date) AND u.level = 'ward'
      AND ST_Intersects(b.geom, ST_SetSRID(ST_MakePoint(spot.lon, spot.lat), 4326))
    ORDER BY u.code LIMIT 1
) AS here ON true
ORDER BY spot.n
""")

SHARES = text("SELECT old_id, new_id, fraction FROM unit_share")


@dataclass(frozen=True)
class Vocabularies:
    """What fuzzy matching walks, in memory: units, streets, places, shares, extents."""

    edition: int
    units: UnitVocabulary
    streets: NameIndex[Street]
    places: NameIndex[Place]
    shares: Mapping[UnitKey, tuple[Share, ...]]
    extents: Mapping[UnitKey, Extent]

    @classmethod
    def read(cls, reader: Reader, facts: Path) -> "Vocabularies":
        """Read everything anew."""
        keys = {identity: key for key, identity in unit_ids(reader).items()}
        divisions, lineage = read_divisions(reader), read_lineage(reader)
        units = UnitVocabulary.of(divisions, lineage, read_aliases(facts))
        return cls(
            edition=edition_of(reader),
            units=units,
            streets=NameIndex.of(_streets(reader, keys)),
            places=NameIndex.of(_places(reader, keys)),
            shares=_shares(reader, keys, units),
            extents=_extents(reader, keys, units),
        )


def _streets(reader: Reader, keys: Mapping[int, UnitKey]) -> list[Street]:
    stretches: dict[int, list[Stretch]] = {}
    for row in reader.execute(STRETCHES):
        stretches.setdefault(row.street_id, []).append(
            Stretch(
                ward=keys[row.unit_id],
                centre=(row.lon, row.lat),
                length_m=row.length_m,
                reach_m=_diagonal_m(row.width, row.height, row.lat) / 2,
                former=keys.get(row.former_id),
            )
        )
    others = names_of(reader)
    rows = reader.execute(select(t.street.c.id, t.street.c.name).where(is_recorded(t.street)))
    return [
        Street(identity, name, tuple(stretches[identity]), others.get(identity, ()))
        for identity, name in rows
        if identity in stretches
    ]


def _diagonal_m(width: float, height: float, lat: float) -> float:
    return hypot(width * cos(radians(lat)), height) * METRES_A_DEGREE


def _places(reader: Reader, keys: Mapping[int, UnitKey]) -> list[Place]:
    return [
        Place(row.id, row.name, row.category, (row.lon, row.lat), keys[row.unit_id])
        for row in reader.execute(PLACES)
    ]


def _shares(
    reader: Reader, keys: Mapping[int, UnitKey], units: UnitVocabulary
) -> dict[UnitKey, tuple[Share, ...]]:
    fractions: dict[UnitKey, dict[UnitKey, float]] = {}
    for row in reader.execute(SHARES):
        fractions.setdefault(keys[row.old_id], {})[keys[row.new_id]] = row.fraction
    return {
        old: tuple(
            sorted(
                (
                    Share(s.new, parts.get(s.new, 0.0), s.default)
                    for s in units.lineage.successors(old)
                ),
                key=lambda share: -(share.fraction or 0.0),
            )
        )
        for old, parts in fractions.items()
    }


def _extents(
    reader: Reader, keys: Mapping[int, UnitKey], units: UnitVocabulary
) -> dict[UnitKey, Extent]:
    extents = {}
    for row in reader.execute(BOXES):
        key = keys[row.unit_id]
        division = units.divisions.get(key)
        middle = ((row.west + row.east) / 2, (row.south + row.north) / 2)
        centre = (division.centre if division else None) or middle
        reach = _diagonal_m(row.east - row.west, row.north - row.south, middle[1]) / 2
        extents[key] = Extent(centre, reach)
    return extents


class VocabularyKeeper:
    """Hands out the vocabularies of the newest edition; one thread reads, the others go on."""

    def __init__(self, engine: Engine, facts: Path) -> None:
        self._engine, self._facts = engine, facts
        self._lock = Lock()
        with reading(engine) as reader:
            self._kept = Vocabularies.read(reader, facts)
        self._looked_at = time.monotonic()

    def current(self) -> Vocabularies:
        """The vocabularies, at most some seconds behind the last load."""
        if time.monotonic() - self._looked_at > LOOK_AGAIN_S and self._lock.acquire(blocking=False):
            try:
                self._look_again()
            finally:
                self._lock.release()
        return self._kept

    def _look_again(self) -> None:
        with reading(self._engine) as reader:
            if edition_of(reader) != self._kept.edition:
                self._kept = Vocabularies.read(reader, self._facts)
        self._looked_at = time.monotonic()


class PostgisGazetteer:
    """The gazetteer of one request."""

    def __init__(self, vocabularies: Vocabularies, reader: Reader) -> None:
        self._words = vocabularies
        self._reader = reader

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
        if not wanted:
            return ()
        version = t.address_version.c
        pairs = tuple_(version.street_id, version.number_key).in_(list(wanted))
        return [_house(row) for row in self._reader.execute(_houses().where(pairs))]

    def neighbours(self, street: int, number: int) -> Sequence[House]:
        """Known houses near a number of a street, of either side, by rising number."""
        rows = self._reader.execute(_houses().where(t.address_version.c.street_id == street))
        known = sorted(
            ((plain, house) for house in map(_house, rows) if (plain := _plain(house.number))),
            key=lambda pair: pair[0],
        )
        near: list[tuple[int, House]] = []
        for parity in (0, 1):
            side = [pair for pair in known if pair[0] % 2 == parity]
            near += [pair for pair in side if pair[0] < number][-NUMBERS_EACH_WAY:]
            near += [pair for pair in side if pair[0] >= number][:NUMBERS_EACH_WAY]
        return [house for _, house in sorted(near, key=lambda pair: pair[0])]

    def courses(self, street: int) -> Sequence[Course]:
        """The ways of a street as lines of points, cut at the wards where polygons are loaded."""
        stretch, unit, way = t.street_stretch.c, t.unit.c, t.street_way
        cut = select(unit.code, func.ST_AsBinary(stretch.geom)).join_from(
            t.street_stretch, t.unit, unit.id == stretch.unit_id
        )
        rows = self._reader.execute(cut.where(stretch.street_id == street, ~unit.former)).all()
        if not rows:
            whole = select(null(), func.ST_AsBinary(way.c.geom))
            rows = self._reader.execute(
                whole.where(is_recorded(way), way.c.street_id == street)
            ).all()
        return [
            Course(tuple(line.coords), UnitKey(Level.WARD, code, former=False) if code else None)
            for code, wkb in rows
            for line in shapely.get_parts(shapely.from_wkb(bytes(wkb)))
            if line.geom_type == "LineString"
        ]

    def houses_starting(self, street: int, prefix: str, most: int) -> Sequence[House]:
        """At most so many houses of a street whose number key starts so, in order of the key."""
        version = t.address_version.c
        starts = version.number_key.startswith(prefix, autoescape=True)
        wanted = _houses().where(version.street_id == street, starts)
        ordered = wanted.order_by(version.number_key).limit(most)
        return [_house(row) for row in self._reader.execute(ordered)]

    def ward_at(self, point: Point, day: date) -> UnitKey | None:
        """The ward whose polygon held the point on that day."""
        return ward_at(self._reader, *point, day)

    def wards_at(self, points: Sequence[Point], day: date) -> Sequence[UnitKey | None]:
        """The wards whose polygons held these points on that day, in one query."""
        rows = self._reader.execute(
            WARDS_AT,
            {"lon": [p[0] for p in points], "lat": [p[1] for p in points], "day": day},
        )
        return [UnitKey(Level.WARD, code, former) if code else None for code, former in rows]

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
    )


def _plain(number: str) -> int | None:
    """The number at the street, its letter left out; None for alleys, lots and the like."""
    digits = number.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return int(digits) if digits.isdecimal() else None
