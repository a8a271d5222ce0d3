"""The vocabularies that fuzzy matching walks, held in memory: units, streets, places.

They are read once, and again when a load has made a new edition of the data (`keeper`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import cos, hypot, radians
from pathlib import Path

from sqlalchemy import text

from diachiso.address.division import REFORM, UnitKey
from diachiso.address.today import today
from diachiso.geocode.gazetteer import (
    Extent,
    NameIndex,
    Place,
    Share,
    Street,
    Stretch,
)
from diachiso.geocode.vocabulary import UnitVocabulary
from diachiso.store.along import Along
from diachiso.store.divisions import read_divisions, read_lineage, unit_ids
from diachiso.store.engine import Reader
from diachiso.store.facts import read_aliases
from diachiso.store.feed import last_number
from diachiso.store.history import edition_of
from diachiso.store.land import Lands
from diachiso.store.streets import called_on, names_of, next_naming

METRES_A_DEGREE = 111_320.0

# Where a street lies, ward by ward: its mapped course, or failing that its addresses.
STRETCHES = text("""
WITH stretch AS (
    SELECT street_id, unit_id, length_m, geom FROM street_stretch
    UNION ALL
    SELECT a.street_id, a.ward_id, 0, ST_Collect(a.position)
    FROM address_version AS a
    WHERE upper_inf(a.recorded) AND upper_inf(a.valid) AND a.state <> 'retired'
      AND a.street_id IS NOT NULL
      AND NOT EXISTS (SELECT FROM street_stretch AS s WHERE s.street_id = a.street_id)
    GROUP BY a.street_id, a.ward_id
), middle AS (
    SELECT street_id, unit_id, length_m, geom,
           CASE WHEN length_m > 0
                THEN ST_LineInterpolatePoint(
                    ST_GeometryN(geom, ST_NumGeometries(geom) / 2 + 1), 0.5)
                ELSE ST_ClosestPoint(geom, ST_Centroid(geom)) END AS centre
    FROM stretch JOIN unit ON unit.id = unit_id AND NOT unit.former
)
SELECT m.street_id, m.unit_id, m.length_m, ST_X(m.centre) AS lon, ST_Y(m.centre) AS lat,
       ST_MaxDistance(m.centre, m.geom) AS reach,
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

HOUSED = text("SELECT DISTINCT street_id FROM address_version WHERE upper_inf(recorded)")
REDRAWN = text("""
SELECT day FROM (SELECT lower(valid) AS day FROM unit_boundary WHERE upper_inf(recorded)
                 UNION SELECT upper(valid) FROM unit_boundary WHERE upper_inf(recorded)) AS days
WHERE day IS NOT NULL AND day >= :reform ORDER BY day
""").bindparams(reform=REFORM)
SHARES = text("SELECT old_id, new_id, fraction FROM unit_share")


@dataclass(frozen=True)
class Vocabularies:
    """What fuzzy matching walks, in memory: units, streets, places, shares, extents.

    On the day `until` a street is renamed; on the days `redrawn`, from the reform on, the polygon
    of a unit began or ended.
    """

    edition: int
    change: int
    units: UnitVocabulary
    streets: NameIndex[Street]
    places: NameIndex[Place]
    shares: Mapping[UnitKey, tuple[Share, ...]]
    extents: Mapping[UnitKey, Extent]
    known_streets: frozenset[int] = frozenset()
    along: Along = field(default_factory=Along)
    lands: Lands = field(default_factory=Lands)
    until: date | None = None
    redrawn: Sequence[date] = ()

    @classmethod
    def read(cls, reader: Reader, facts: Path) -> "Vocabularies":
        """Read everything anew."""
        keys = {identity: key for key, identity in unit_ids(reader).items()}
        divisions, lineage = read_divisions(reader), read_lineage(reader)
        units = UnitVocabulary.of(divisions, lineage, read_aliases(facts))
        streets = _streets(reader, keys)
        return cls(
            edition=edition_of(reader),
            change=last_number(reader),
            units=units,
            streets=NameIndex.of(streets),
            known_streets=frozenset(street.id for street in streets),
            places=NameIndex.of(_places(reader, keys)),
            shares=_shares(reader, keys, units),
            extents=_extents(reader, keys, units),
            along=Along(reader.execute(HOUSED).scalars()),
            until=next_naming(reader, today()),
            redrawn=reader.execute(REDRAWN).scalars().all(),
        )


def _streets(reader: Reader, keys: Mapping[int, UnitKey]) -> list[Street]:
    stretches: dict[int, list[Stretch]] = {}
    for row in reader.execute(STRETCHES):
        stretches.setdefault(row.street_id, []).append(
            Stretch(
                ward=keys[row.unit_id],
                centre=(row.lon, row.lat),
                length_m=row.length_m,
                reach_m=row.reach * METRES_A_DEGREE,
                former=keys.get(row.former_id),
            )
        )
    others = names_of(reader)
    return [
        Street(identity, name, tuple(stretches[identity]), others.get(identity, ()))
        for identity, name in called_on(reader, today()).items()
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
