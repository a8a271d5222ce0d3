"""Streets: ways of one name that lie together, with their other and former names.

Two streets of a city may share a name; ways of one name belong together when they lie within a
kilometre of each other (alleys, whose names are numbers: 300 m). A street that addresses brought
in before its course was known gets its course; it is not entered twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import shapely
from geoalchemy2 import WKBElement
from numpy.typing import NDArray
from shapely import LineString
from sqlalchemy import case, func, insert, select, union_all

from diachiso.address.division import Validity
from diachiso.address.name import fold, standard
from diachiso.geocode.gazetteer import spoken_key, street_key
from diachiso.store import tables as t
from diachiso.store.engine import Reader, Writer
from diachiso.store.history import Source, add, days, is_recorded, source_id, supersede
from diachiso.store.progress import Track, quietly
from diachiso.store.sources import Features

TOGETHER_DEGREES = 0.01
"""About a kilometre."""
ALLEYS_TOGETHER_DEGREES = 0.003
"""About 300 m: 'Ngõ 12' is a name that half of all streets have."""
ALLEYS = ("ngo", "ngach", "hem", "kiet")


@dataclass(frozen=True, slots=True)
class Way:
    """A mapped stretch: WGS 84 line, names as the source has them."""

    osm_id: int
    name: str
    highway: str
    line: LineString
    other_name: str = ""
    former_name: str = ""


def ways_of(features: Features) -> list[Way]:
    """The named lines of a file of streets; lines of several parts become several ways."""
    get = features.columns.get
    count = len(features)
    columns = [get(name) or [None] * count for name in ("osm_id", "name", "highway")]
    others, formers = (get(name) or [None] * count for name in ("alt_name", "old_name"))
    return [
        Way(int(osm or 0), standard(name), kind or "", line, _text(other), _text(former))
        for osm, name, kind, other, former, geometry in zip(
            *columns, others, formers, features.geometries, strict=True
        )
        if name
        for line in shapely.get_parts(geometry)
        if isinstance(line, LineString)
    ]


def _text(value: object) -> str:
    return standard(value) if isinstance(value, str) else ""


def load_streets(
    writer: Writer, ways: Sequence[Way], source: Source, track: Track = quietly
) -> dict[str, int]:
    """Record streets and their courses; courses of an earlier load are superseded."""
    origin = source_id(writer, source)
    old = select(t.street_way.c.id).where(is_recorded(t.street_way))
    supersede(writer, t.street_way, list(writer.scalars(old)))
    register = StreetRegister(writer, origin, source.state_of)
    by_key: dict[str, list[Way]] = {}
    for way in ways:
        by_key.setdefault(spoken_key(way.name), []).append(way)
    rows: list[dict[str, Any]] = []
    names: dict[tuple[int, str, str], None] = {}
    for group in track(list(by_key.values()), "Đường phố / streets"):
        together = clusters(group[0].name, [way.line for way in group])
        streets = [[group[n] for n in cluster] for cluster in together]
        for street, members in zip(register.streets_along(streets), streets, strict=True):
            rows += (_way_row(street, way) for way in members)
            names |= dict.fromkeys(_other_names(street, members))
    _move_addresses(writer, register.joined)
    add(writer, t.street_way, rows)
    _add_names(writer, names)
    return {"streets": register.created + register.reused, "ways": len(rows)}


def _name(ways: Iterable[Way]) -> str:
    """The name that most of the ways bear."""
    names = [way.name for way in ways]
    return max(dict.fromkeys(names), key=names.count)


def _way_row(street: int, way: Way) -> dict[str, Any]:
    return {
        "street_id": street,
        "osm_id": way.osm_id,
        "highway": way.highway,
        "geom": WKBElement(way.line.wkb, srid=4326),
    }


def _other_names(street: int, ways: Iterable[Way]) -> Iterable[tuple[int, str, str]]:
    for way in ways:
        for name, relation in ((way.other_name, "other"), (way.former_name, "former")):
            if name:
                yield street, name, relation


def _move_addresses(writer: Writer, joined: Mapping[int, int]) -> None:
    """Addresses of streets that turned out to be a piece of another one go over to that one."""
    version = t.address_version
    moving = select(version).where(is_recorded(version), version.c.street_id.in_(list(joined)))
    rows = writer.execute(moving).mappings().all() if joined else []
    supersede(writer, version, [row["id"] for row in rows])
    kept = [c.name for c in version.columns if c.name not in ("id", "recorded")]
    moved = [{name: row[name] for name in kept} for row in rows]
    add(writer, version, [row | {"street_id": joined[row["street_id"]]} for row in moved])


def _add_names(writer: Writer, names: Iterable[tuple[int, str, str]]) -> None:
    known = select(t.street_name.c.street_id, t.street_name.c.name, t.street_name.c.relation)
    have = {tuple(row) for row in writer.execute(known)}
    fresh = [
        {"street_id": street, "name": name, "relation": relation}
        for street, name, relation in names
        if (street, name, relation) not in have
    ]
    add(writer, t.street_name, fresh)


def is_untoned(key: str) -> bool:
    """Was it written without diacritics? Then it may mean any of the names that fold to it."""
    return key.isascii()


def reach_of(name: str) -> float:
    """How far apart (degrees) things of one street may lie."""
    return ALLEYS_TOGETHER_DEGREES if fold(name).startswith(ALLEYS) else TOGETHER_DEGREES


def clusters(name: str, geometries: Sequence[shapely.Geometry]) -> list[NDArray[np.intp]]:
    """Which of these, all of one name, lie together: indices, a group each."""
    tree = shapely.STRtree(geometries)
    near, other = tree.query(geometries, predicate="dwithin", distance=reach_of(name))
    group = np.arange(len(geometries))
    while True:
        lowest = group.copy()
        np.minimum.at(lowest, near, group[other])
        if np.array_equal(lowest, group):
            return [np.flatnonzero(group == n) for n in np.unique(group)]
        group = lowest


@dataclass(frozen=True, slots=True)
class KnownStreet:
    """A street that is in the books, and all that is known of where it lies."""

    id: int
    spoken: str
    where: shapely.Geometry

    def may_be(self, spoken: str) -> bool:
        """May a name mean this street? Diacritics decide where both names have them."""
        return self.spoken == spoken or is_untoned(spoken) or is_untoned(self.spoken)


class StreetRegister:
    """Finds the street that a name and a place mean, and enters it when it is new."""

    def __init__(self, writer: Writer, origin: int, since: date | None) -> None:
        self._writer = writer
        self._row = {"source_id": origin, "valid": days(Validity(since))}
        self._known = _known_streets(writer)
        self.created = 0
        self.reused = 0
        self.joined: dict[int, int] = {}

    def streets_along(self, courses: Sequence[Sequence[Way]]) -> list[int]:
        """The streets of courses that bear one name and lie apart, in their order.

        Addresses brought in earlier may have been taken for several streets of the name, for want
        of the course between them: each such street is joined to the course that is nearest.
        """
        if not courses:
            return []
        name = _name(way for course in courses for way in course)
        where = [shapely.GeometryCollection([way.line for way in course]) for course in courses]
        on_course: list[list[tuple[bool, float, KnownStreet]]] = [[] for _ in courses]
        for known in self._known.get(street_key(name), ()):
            far, nearest = min((shapely.distance(known.where, w), n) for n, w in enumerate(where))
            if known.may_be(spoken_key(name)) and far <= reach_of(name):
                on_course[nearest].append((known.spoken != spoken_key(name), far, known))
        pairs = zip(courses, where, on_course, strict=True)
        return [self._joined(_name(course), here, those) for course, here, those in pairs]

    def _joined(
        self, name: str, here: shapely.Geometry, those: list[tuple[bool, float, KnownStreet]]
    ) -> int:
        """One street of several that lie along a course: the nearest one stays."""
        if not those:
            return self._enter(name, here)
        self.reused += 1
        first, *others = sorted(those, key=lambda one: (one[0], one[1], one[2].id))
        street = first[-1].id
        alike = [known.id for other, _, known in others if other == first[0]]
        self.joined |= dict.fromkeys(alike, street)
        return street

    def street_of(self, name: str, places: Sequence[shapely.Geometry]) -> int:
        """The street of this name nearest to these places; a new one if none is in reach."""
        here = shapely.GeometryCollection(list(places))
        spoken = spoken_key(name)
        near = [
            (known.spoken != spoken, shapely.distance(here, known.where), known.id)
            for known in self._known.get(street_key(name), ())
            if known.may_be(spoken) and shapely.dwithin(here, known.where, reach_of(name))
        ]
        if near:
            self.reused += 1
            return min(near)[-1]
        return self._enter(name, here)

    def _enter(self, name: str, here: shapely.Geometry) -> int:
        key = street_key(name)
        row = self._row | {"name": name, "key": key}
        street = int(self._writer.scalars(insert(t.street).returning(t.street.c.id), row).one())
        self._known.setdefault(key, []).append(KnownStreet(street, spoken_key(name), here))
        self.created += 1
        return street


def _known_streets(reader: Reader) -> dict[str, list[KnownStreet]]:
    """Every street by its folded key, with its ways and its addresses."""
    way, version = t.street_way, t.address_version
    located = union_all(
        select(way.c.street_id, way.c.geom),
        select(version.c.street_id, version.c.position.label("geom")).where(is_recorded(version)),
    ).subquery("located")
    rows = reader.execute(
        select(
            t.street.c.id,
            t.street.c.name,
            t.street.c.key,
            func.ST_AsBinary(func.ST_Collect(located.c.geom)),
        )
        .join(located, located.c.street_id == t.street.c.id)
        .where(is_recorded(t.street))
        .group_by(t.street.c.id, t.street.c.name, t.street.c.key)
    )
    known: dict[str, list[KnownStreet]] = {}
    for street, name, key, wkb in rows:
        where = shapely.from_wkb(bytes(wkb))
        known.setdefault(key, []).append(KnownStreet(street, spoken_key(name), where))
    return known


def called_on(reader: Reader, day: date) -> dict[int, str]:
    """What streets are called on a day: one that is renamed from a later day on as before."""
    street, other = t.street, t.street_name
    before = (
        select(other.c.name)
        .where(other.c.street_id == street.c.id, other.c.relation == "former", is_recorded(other))
        .order_by(other.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    name = case((func.lower(street.c.valid) > day, before), else_=None)
    rows = reader.execute(
        select(street.c.id, func.coalesce(name, street.c.name)).where(is_recorded(street))
    )
    return {row[0]: row[1] for row in rows}


def next_naming(reader: Reader, day: date) -> date | None:
    """The next day after this one from which a street is called otherwise."""
    begins = func.lower(t.street.c.valid)
    later = select(func.min(begins)).where(is_recorded(t.street), begins > day)
    told: date | None = reader.scalar(later)
    return told


def names_of(reader: Reader) -> Mapping[int, tuple[str, ...]]:
    """Other and former names by street."""
    rows = reader.execute(select(t.street_name).where(is_recorded(t.street_name)))
    names: dict[int, tuple[str, ...]] = {}
    for row in rows:
        names[row.street_id] = (*names.get(row.street_id, ()), row.name)
    return names
