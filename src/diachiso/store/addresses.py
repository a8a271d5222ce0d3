"""Addresses in PostGIS: recorded from observation, found again, told as features.

An observed address is *recorded*, not certified: it gets its code, the ward that holds its point
on the day it is recorded from, and its street. Where no postal code is loaded for the ward it
stays *proposed*, without a code, until one is.
"""

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any, Self

import numpy as np
import shapely
from geoalchemy2 import WKBElement
from sqlalchemy import Row, bindparam, func, insert, select, update

from diachiso.address.code import AddressCode
from diachiso.address.division import Level, UnitKey, Validity
from diachiso.address.errors import AreaExhausted, MalformedCode, MalformedNumber, NoAreaForWard
from diachiso.address.name import fold
from diachiso.address.number import HouseNumber
from diachiso.geocode.gazetteer import spoken_key
from diachiso.registry.issue import issue
from diachiso.store import tables as t
from diachiso.store.codes import PostgisCodeBooks
from diachiso.store.divisions import unit_ids
from diachiso.store.engine import Reader, Writer
from diachiso.store.history import Source, add, days, holds_on, is_recorded, source_id, supersede
from diachiso.store.observed import Observed
from diachiso.store.progress import Track, quietly
from diachiso.store.sealing import seal_touched
from diachiso.store.streets import StreetRegister, clusters

OSM = "osm"
OBSERVED_ACCURACY_M = 20.0
"""A shop's node lies within its building, as a rule."""


WITHOUT_AREA = (
    "phường, xã chưa có mã bưu chính, địa chỉ chờ mã: nạp bằng `diachiso load postcodes FILE` (cột "
    "ward_code, postal_code). / no postal code is loaded for the ward; the address waits for its "
    "code: load its province's table with `diachiso load postcodes FILE` (columns ward_code, "
    "postal_code)"
)


@dataclass(frozen=True, slots=True)
class Settled:
    """An observed address, understood: number read, ward and street found."""

    seen: Observed
    number: HouseNumber
    ward: UnitKey
    issuing: UnitKey
    street: int = 0


@dataclass(slots=True)
class Taken:
    """What a load of addresses did; `refused` counts reasons, a sentence each."""

    recorded: int = 0
    proposed: int = 0
    known: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    def __iadd__(self, other: Self) -> Self:
        self.recorded += other.recorded
        self.proposed += other.proposed
        self.known += other.known
        self.refused += other.refused
        return self


class Wards:
    """Which ward holds a point on a day: all polygons of the day in memory (WGS 84)."""

    def __init__(self, reader: Reader, on: date) -> None:
        kept, unit = t.unit_boundary, t.unit
        rows = reader.execute(
            select(unit.c.code, unit.c.former, func.ST_AsBinary(kept.c.geom))
            .join(kept, kept.c.unit_id == unit.c.id)
            .where(holds_on(kept, on), unit.c.level == Level.WARD.value)
            .order_by(unit.c.code)
        ).all()
        self._keys = [UnitKey(Level.WARD, code, former) for code, former, _ in rows]
        self._tree = shapely.STRtree(shapely.from_wkb([bytes(wkb) for *_, wkb in rows]))

    def of(self, points: Sequence[tuple[float, float]]) -> list[UnitKey | None]:
        """The ward of each point (longitude, latitude), None where no polygon holds it."""
        spots = shapely.points(np.array(points, dtype=float).reshape(-1, 2))
        found: list[UnitKey | None] = [None] * len(points)
        for point, ward in zip(*self._tree.query(spots, predicate="intersects"), strict=True):
            found[point] = found[point] or self._keys[ward]
        return found


def load_addresses(
    writer: Writer,
    observed: Iterable[Observed],
    source: Source,
    *,
    on: date,
    today: date,
    track: Track = quietly,
    chance: Random | None = None,
) -> Taken:
    """Record observed addresses as they were on a day; what is known already stays as it is.

    The area of a code is that of the ward that holds the point *today*, whatever the day.
    """
    taken = Taken()
    fresh = _unknown(writer, [seen for seen in observed if seen.is_address], taken)
    settled = _settle(writer, fresh, on, today, taken)
    origin = source_id(writer, source)
    placed = _with_streets(writer, settled, origin, on)
    books = PostgisCodeBooks(writer, today)
    by_ward: dict[UnitKey, list[Settled]] = {}
    for one in placed:
        by_ward.setdefault(one.issuing, []).append(one)
    wards, entered = unit_ids(writer), list[int]()
    for ward, group in track(list(by_ward.items()), "Địa chỉ / addresses"):
        codes = _codes(books, ward, group, taken, chance)
        entered += _enter(writer, group, codes, wards, origin, on)
    streets = [("street", one) for one in sorted({one.street for one in placed})]
    new = [("address", one) for one in entered]
    seal_touched(writer, {"source": source.name, "sha256": source.sha256}, streets, new)
    return taken


def _unknown(reader: Reader, seen: Sequence[Observed], taken: Taken) -> list[Observed]:
    """Those not entered before: by OSM identity or code, else by number and point; none twice."""
    have = _marks_kept(reader)
    fresh = []
    for one in seen:
        if (marks := _marks(one)) & have:
            taken.known += 1
        else:
            have |= marks
            fresh.append(one)
    return fresh


def _marks(one: Observed) -> set[str]:
    """What an observation is known again by."""
    given = {str(one.osm_id) if one.osm_id else "", one.code} - {""}
    return given or {_mark(one.number, one.lon, one.lat)}


def _mark(number: str, lon: float, lat: float) -> str:
    return f"{fold(number)} {lon:.6f} {lat:.6f}"


def _marks_kept(reader: Reader) -> set[str]:
    other, version = t.external_id, t.address_version
    osm = select(other.c.value).where(is_recorded(other), other.c.scheme == OSM)
    spots = reader.execute(
        select(
            version.c.number, func.ST_X(version.c.position), func.ST_Y(version.c.position)
        ).where(is_recorded(version))
    )
    codes = select(t.issued_code.c.code)
    return {*reader.scalars(osm), *reader.scalars(codes), *(_mark(*spot) for spot in spots)}


def _settle(
    reader: Reader, seen: Sequence[Observed], on: date, today: date, taken: Taken
) -> list[Settled]:
    points = [(one.lon, one.lat) for one in seen]
    wards = Wards(reader, on).of(points)
    issuing = wards if on == today else Wards(reader, today).of(points)
    settled = []
    for one, ward, issuer in zip(seen, wards, issuing, strict=True):
        number = _number(one, taken)
        if ward is None or issuer is None:
            taken.refused["điểm không nằm trong phường, xã nào / the point lies in no ward"] += 1
        elif number is not None:
            settled.append(Settled(one, number, ward, issuer))
    return settled


def _number(seen: Observed, taken: Taken) -> HouseNumber | None:
    try:
        if seen.code:
            AddressCode.parse(seen.code)
        return HouseNumber.parse(seen.number)
    except MalformedCode as fault:
        taken.refused[str(fault)] += 1
    except MalformedNumber:
        taken.refused["số nhà không đọc được / the house number cannot be read"] += 1
    return None


def _with_streets(
    writer: Writer, settled: Sequence[Settled], origin: int, on: date
) -> list[Settled]:
    """Find or enter the street of each, neighbours of one name together."""
    register = StreetRegister(writer, origin, on)
    by_key: dict[str, list[Settled]] = {}
    for one in settled:
        by_key.setdefault(spoken_key(one.seen.street), []).append(one)
    placed = []
    for group in by_key.values():
        spots = [shapely.Point(one.seen.lon, one.seen.lat) for one in group]
        for cluster in clusters(group[0].seen.street, spots):
            names = [group[n].seen.street for n in cluster]
            name = max(dict.fromkeys(names), key=names.count)
            street = register.street_of(name, [spots[n] for n in cluster])
            placed += [
                Settled(one.seen, one.number, one.ward, one.issuing, street)
                for one in (group[n] for n in cluster)
            ]
    return placed


def _codes(
    books: PostgisCodeBooks,
    ward: UnitKey,
    group: Sequence[Settled],
    taken: Taken,
    chance: Random | None,
) -> list[AddressCode | None]:
    """A code for each: its own where it brings one, else drawn; none if the ward has no area."""
    own = [AddressCode.parse(one.seen.code) if one.seen.code else None for one in group]
    books.take_in([code for code in own if code], ward)
    try:
        drawn = iter(issue(books, ward, own.count(None), chance or secrets.SystemRandom()))
    except NoAreaForWard:
        taken.refused[WITHOUT_AREA] += own.count(None)
        taken.proposed += own.count(None)
        return own
    except AreaExhausted as fault:
        taken.refused[str(fault)] += own.count(None)
        taken.proposed += own.count(None)
        return own
    taken.recorded += len(group)
    return [code or next(drawn) for code in own]


def _enter(
    writer: Writer,
    group: Sequence[Settled],
    codes: Sequence[AddressCode | None],
    wards: Mapping[UnitKey, int],
    origin: int,
    on: date,
) -> list[int]:
    new = insert(t.address).returning(t.address.c.id)
    ids = list(writer.scalars(new, [{} for _ in group]))
    entered = list(zip(ids, group, codes, strict=True))
    add(
        writer,
        t.address_version,
        [_version(identity, one, code, wards, origin, on) for identity, one, code in entered],
    )
    add(
        writer,
        t.external_id,
        [
            {"address_id": identity, "scheme": OSM, "value": str(one.seen.osm_id)}
            for identity, one, _ in entered
            if one.seen.osm_id
        ],
    )
    _tie(writer, [(identity, code) for identity, _, code in entered if code])
    return ids


def _tie(writer: Writer, pairs: Sequence[tuple[int, AddressCode]]) -> None:
    """Say which address each new code is of."""
    tie = (
        update(t.issued_code)
        .where(t.issued_code.c.code == bindparam("its_code"))
        .values(address_id=bindparam("its_address"))
    )
    if pairs:
        told = [{"its_code": code.digits, "its_address": identity} for identity, code in pairs]
        writer.execute(tie, told)


def _version(
    identity: int,
    one: Settled,
    code: AddressCode | None,
    wards: Mapping[UnitKey, int],
    origin: int,
    on: date,
) -> dict[str, Any]:
    return {
        "address_id": identity,
        "state": "recorded" if code else "proposed",
        "number": str(one.number),
        "number_key": one.number.key,
        "street_id": one.street,
        "ward_id": wards[one.ward],
        "position": WKBElement(shapely.Point(one.seen.lon, one.seen.lat).wkb, srid=4326),
        "position_kind": "observed",
        "accuracy_m": OBSERVED_ACCURACY_M,
        "name": one.seen.name or None,
        "valid": days(Validity(on)),
        "source_id": origin,
    }


def record_proposed(writer: Writer, today: date, chance: Random | None = None) -> int:
    """Give their codes to addresses that waited for a postal code of their ward; how many."""
    version = t.address_version
    waiting = writer.execute(
        select(version, func.ST_X(version.c.position), func.ST_Y(version.c.position)).where(
            holds_on(version, today), version.c.state == "proposed"
        )
    ).all()
    wards = Wards(writer, today).of([(row[-2], row[-1]) for row in waiting])
    books, done = PostgisCodeBooks(writer, today), list[int]()
    for ward in {ward for ward in wards if ward is not None and books.areas_of(ward)}:
        group = [row for row, its in zip(waiting, wards, strict=True) if its == ward]
        codes = issue(books, ward, len(group), chance or secrets.SystemRandom())
        _tie(writer, [(row.address_id, code) for row, code in zip(group, codes, strict=True)])
        supersede(writer, version, [row.id for row in group])
        add(writer, version, [_now_recorded(row) for row in group])
        done += [row.address_id for row in group]
    seal_touched(writer, {"subject": "postcodes"}, [("address", one) for one in done])
    return len(done)


def _now_recorded(row: Row[Any]) -> dict[str, Any]:
    kept = {c.name: getattr(row, c.name) for c in t.address_version.columns}
    del kept["id"], kept["recorded"]
    return kept | {"state": "recorded"}
