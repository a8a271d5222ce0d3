"""Territories of units: matched, mended, checked against each other, kept with their source.

A file is taken in whole or not at all. Each polygon keeps its source, accuracy and remarks; a new
one supersedes the old from its effective date on, and the old one answers for the days before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from geoalchemy2 import WKBElement
from sqlalchemy import func, select

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.address.errors import SourceError, TerritoryFault
from diachiso.address.territory import TOLERANCE_M2, faults, report
from diachiso.store import tables as t
from diachiso.store.boundary_files import Territory
from diachiso.store.divisions import UnitIds, unit_ids
from diachiso.store.engine import Reader, Writer
from diachiso.store.history import (
    Source,
    add,
    curtail,
    days,
    holds_on,
    is_recorded,
    source_id,
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load of boundaries did."""

    written: int
    unchanged: int
    mended: tuple[str, ...] = field(default=())
    faults: str = ""


def write_territories(
    writer: Writer,
    territories: Sequence[Territory],
    source: Source,
    *,
    effective: date | None,
    decree: str | None = None,
    tolerance_m2: float = TOLERANCE_M2,
    tolerate: bool = False,
) -> Loaded:
    """Keep territories from their effective date on (None: as long as the unit stands).

    Raises:
        TerritoryFault: they overlap or leave gaps beyond the tolerance, unless tolerated; the
            report says which units and how many m².
    """
    if not territories:
        return Loaded(0, 0)
    found = checked(territories, _names(writer, territories), tolerance_m2, tolerate=tolerate)
    ids, lives = unit_ids(writer), _lives(writer)
    fresh = _fresh(writer, territories, ids, effective)
    origin = source_id(writer, source)
    for territory in fresh:
        _write(writer, territory, ids[territory.unit], lives, origin, effective, decree)
    return Loaded(
        written=len(fresh),
        unchanged=len(territories) - len(fresh),
        mended=tuple(f"{x.unit.code}: {r}" for x in territories for r in x.remarks),
        faults=found,
    )


def checked(
    territories: Sequence[Territory], names: Mapping[str, str], tolerance: float, *, tolerate: bool
) -> str:
    """What is wrong between territories, as a report; nothing where all is well.

    Raises:
        TerritoryFault: something is, and it is not tolerated.
    """
    found = faults({x.unit.code: x.land for x in territories}, tolerance)
    if not found:
        return ""
    told = report(found, names)
    if not tolerate:
        raise TerritoryFault(
            f"Ranh giới chồng lấn hoặc hở quá {tolerance:,.0f} m² ở {len(found)} chỗ, không nạp gì."
            f" / Boundaries overlap or leave gaps beyond {tolerance:,.0f} m² in {len(found)} "
            f"places; nothing was loaded:\n{told}",
            report=told,
        )
    return told


def _names(reader: Reader, territories: Iterable[Territory]) -> dict[str, str]:
    former = {x.unit.former for x in territories}
    name, unit = t.unit_name, t.unit
    rows = reader.execute(
        select(unit.c.code, name.c.name)
        .join(name, name.c.unit_id == unit.c.id)
        .where(is_recorded(name), unit.c.former.in_(former), unit.c.level == Level.WARD.value)
    )
    return {row.code: row.name for row in rows}


def _lives(reader: Reader) -> dict[int, Validity]:
    rows = reader.execute(select(t.unit_life).where(is_recorded(t.unit_life)))
    return {row.unit_id: Validity(row.valid.lower, row.valid.upper) for row in rows}


def _fresh(
    reader: Reader, territories: Sequence[Territory], ids: UnitIds, effective: date | None
) -> list[Territory]:
    """Those whose land, or its accuracy, is not kept already from this day on."""
    kept = t.unit_boundary
    rows = reader.execute(
        select(kept.c.unit_id, kept.c.digest, kept.c.accuracy, kept.c.valid).where(
            is_recorded(kept)
        )
    )
    same = {
        (row.unit_id, row.digest, row.accuracy)
        for row in rows
        if effective is None or row.valid.lower is None or row.valid.lower <= effective
    }
    return [x for x in territories if (ids[x.unit], x.digest, x.accuracy) not in same]


def _write(
    writer: Writer,
    territory: Territory,
    unit: int,
    lives: Mapping[int, Validity],
    origin: int,
    effective: date | None,
    decree: str | None,
) -> None:
    life = lives[unit]
    since = life.since if effective is None else max(filter(None, (life.since, effective)))
    if life.until is not None and since is not None and since >= life.until:
        raise SourceError(
            f"{territory.unit.code}: đơn vị đã hết hiệu lực ngày {life.until}. / the unit ended on "
            f"{life.until}, before the boundary's effective date {since}."
        )
    curtail(writer, t.unit_boundary, [unit], since)
    add(
        writer,
        t.unit_boundary,
        [
            {
                "unit_id": unit,
                "geom": WKBElement(territory.land.wkb, srid=4326),
                "digest": territory.digest,
                "accuracy": territory.accuracy,
                "accuracy_m": territory.accuracy_m,
                "remark": "; ".join(territory.remarks) or None,
                "valid": days(Validity(since, life.until)),
                "decree": decree,
                "source_id": origin,
            }
        ],
    )


def refresh_derived(writer: Writer) -> None:
    """Say anew what follows from boundaries.

    That is which part of a street lies in which ward, how old wards were shared out, and what
    provinces and districts are composed of.
    """
    for view in ("street_stretch", "unit_share"):
        writer.exec_driver_sql(f"REFRESH MATERIALIZED VIEW {view}")
    writer.exec_driver_sql("SELECT compose_land()")


def ward_at(reader: Reader, lon: float, lat: float, on: date) -> UnitKey | None:
    """The ward that held a point on a day; None in the sea, abroad, or where no polygon is kept."""
    kept, unit = t.unit_boundary, t.unit
    spot = func.ST_SetSRID(func.ST_MakePoint(lon, lat), 4326)
    row = reader.execute(
        select(unit.c.code, unit.c.former)
        .join(kept, kept.c.unit_id == unit.c.id)
        .where(
            unit.c.level == Level.WARD.value,
            holds_on(kept, on),
            func.ST_Intersects(kept.c.geom, spot),
        )
        .order_by(unit.c.code)
        .limit(1)
    ).one_or_none()
    return UnitKey(Level.WARD, row.code, row.former) if row else None
