"""The vocabularies that fuzzy matching walks, held in memory: units, streets, places.

They are read once, and again, beside the service, when a load has made a new edition of the data.
"""

import gc
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from math import cos, hypot, radians
from pathlib import Path
from threading import Event, Thread
from time import monotonic

from sqlalchemy import Engine, text

from diachiso.address.division import UnitKey
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
from diachiso.store.engine import Reader, reading
from diachiso.store.facts import read_aliases
from diachiso.store.feed import last_number, streets_touched
from diachiso.store.history import edition_of
from diachiso.store.land import Lands
from diachiso.store.streets import called_on, names_of, next_naming

NEW_STREETS_S = 60.0
"""How long a street that officials entered may wait before all vocabularies are read again."""
LOOK_AGAIN_S = 1.0
"""How long a new edition may go unnoticed by a running service."""
AFTER_A_FAULT_S = 10.0
STOPPED_WITHIN_S = 2.0
LOG = logging.getLogger(__name__)
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
SHARES = text("SELECT old_id, new_id, fraction FROM unit_share")


@dataclass(frozen=True)
class Vocabularies:
    """What fuzzy matching walks, in memory: units, streets, places, shares, extents.

    `housed` are the streets that have a house at all; on the day `until` one is renamed.
    """

    edition: int
    change: int
    units: UnitVocabulary
    streets: NameIndex[Street]
    places: NameIndex[Place]
    shares: Mapping[UnitKey, tuple[Share, ...]]
    extents: Mapping[UnitKey, Extent]
    housed: frozenset[int] = frozenset()
    known_streets: frozenset[int] = frozenset()
    along: Along = field(default_factory=Along)
    lands: Lands = field(default_factory=Lands)
    until: date | None = None

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
            housed=frozenset(reader.execute(HOUSED).scalars()),
            until=next_naming(reader, today()),
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


class VocabularyKeeper:
    """Hands out the vocabularies, and while watching puts newer ones in their place when read.

    Reading takes seconds. It is done in a thread of its own, from which requests take nothing but
    their turns at the interpreter: they are answered from the old edition until the new one is
    whole.
    """

    def __init__(self, engine: Engine, facts: Path) -> None:
        self._engine, self._facts = engine, facts
        self._kept = self._read()
        self._read_at = monotonic()

    def current(self) -> Vocabularies:
        """The vocabularies last read."""
        return self._kept

    @contextmanager
    def watching(self, beside: Callable[[Reader], None] = lambda _: None) -> Iterator[None]:
        """Look for new editions as long as the block, and do what else is to be done beside."""
        over = Event()
        watcher = Thread(target=self._watch, args=(over, beside), name="editions", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join(STOPPED_WITHIN_S)  # in the middle of reading it goes with the process

    def _watch(self, over: Event, beside: Callable[[Reader], None]) -> None:
        while not over.wait(LOOK_AGAIN_S):
            try:
                self.look_again()
                with reading(self._engine) as reader:
                    beside(reader)
            except Exception:
                # a database that is away comes back
                LOG.exception("the vocabularies stay those of edition %d", self._kept.edition)
                over.wait(AFTER_A_FAULT_S)

    def look_again(self) -> None:
        """Follow what was loaded and what officials did since the last look.

        A new edition is read whole; of an address that changed only its street's houses are. A
        street that nobody has heard of waits a little: others may come with it.
        """
        kept = self._kept
        with reading(self._engine) as reader:
            edition, change = edition_of(reader), last_number(reader)
            touched = streets_touched(reader, kept.change) if change != kept.change else frozenset()
        if touched:
            kept.along.forget(touched)
        is_new = any(street not in kept.known_streets for street in touched)
        is_over = edition != kept.edition or (kept.until and today() >= kept.until)
        if is_over or (is_new and monotonic() - self._read_at > NEW_STREETS_S):
            self._kept, self._read_at = self._read(), monotonic()
        elif change != kept.change and not is_new:
            self._kept = replace(kept, change=change, housed=kept.housed | touched)

    def _read(self) -> Vocabularies:
        gc.disable()  # nothing of what is read is garbage: looking through it again and again
        try:  # costs more than reading it
            with reading(self._engine) as reader:
                return Vocabularies.read(reader, self._facts)
        finally:
            gc.freeze()  # and a million small values that stay cost as much as the geocoding itself
            gc.enable()
