"""What map clients and pages are told: wards and addresses with dates, sources and geometry.

Geometry comes as GeoJSON text made by PostGIS (WGS 84, longitude first, 7 decimals: a centimetre)
and is passed through unread.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    FromClause,
    Integer,
    Row,
    Select,
    bindparam,
    cast,
    func,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.types import Text

from diachiso.address.division import Level
from diachiso.store import tables as t
from diachiso.store.boundaries import ward_at
from diachiso.store.engine import Reader
from diachiso.store.history import holds_on, is_recorded

DECIMALS = 7
STREAMED_AT_ONCE = 50

ABOVE, ABOVE_NAME = t.unit.alias("above"), t.unit_name.alias("above_name")
"""Right above a ward: the province, or the district of before the reform."""
TOP, TOP_NAME = t.unit.alias("top"), t.unit_name.alias("top_name")
"""Above that: the province of before the reform."""
DAY = bindparam("day", type_=Date)

Bbox = tuple[float, float, float, float]
"""West, south, east, north in degrees WGS 84."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days from which and until which something holds; None: not established, or still so."""

    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class UnitRef:
    """A unit in short: code and names on the day asked for."""

    code: str
    name: str
    kind: str
    full_name: str


@dataclass(frozen=True, slots=True)
class Boundary:
    """Where a territory comes from and how far to trust it."""

    accuracy: str
    accuracy_m: float | None
    remark: str | None
    valid: Span
    decree: str | None
    source: str
    licence: str
    attribution: str
    geojson: str
    bbox: Bbox


@dataclass(frozen=True, slots=True)
class Heir:
    """A unit before or after the reform that shares land with another."""

    unit: UnitRef
    part: str
    default: bool
    share: float | None


@dataclass(frozen=True, slots=True)
class Ward:
    """A ward as it was on a day."""

    id: int
    former: bool
    unit: UnitRef
    named: Span
    valid: Span
    decree: str | None
    province: UnitRef
    district: UnitRef | None
    area_km2: float | None
    centre: tuple[float, float] | None
    postcodes: tuple[str, ...]
    boundary: Boundary | None


def reference(code: str, name: str, kind: str) -> UnitRef:
    """A unit in short."""
    return UnitRef(code, name, kind, f"{kind[0].upper()}{kind[1:]} {name}")


def _holds(table: FromClause) -> ColumnElement[bool]:
    return is_recorded(table) & table.c.valid.contains(DAY)


@cache
def wards_of(*, geometry: bool) -> Select[Any]:
    """Wards of the day `:day` with everything above and about them; built once, for it is long."""
    life, name, figure = t.unit_life, t.unit_name, t.unit_figure
    land, source = t.unit_boundary, t.source
    above, above_name, top, top_name = ABOVE, ABOVE_NAME, TOP, TOP_NAME
    up, up_again = t.unit_parent, t.unit_parent.alias("up_again")
    codes = (
        select(func.array_agg(aggregate_order_by(t.postcode.c.code, t.postcode.c.rank)))
        .where(t.postcode.c.unit_id == t.unit.c.id, _holds(t.postcode))
        .scalar_subquery()
    )
    shape = func.ST_AsGeoJSON(land.c.geom, DECIMALS) if geometry else cast(None, Text)
    return (
        select(
            t.unit.c.id,
            t.unit.c.code,
            t.unit.c.former,
            name.c.name,
            name.c.kind,
            name.c.valid.label("named"),
            name.c.decree,
            life.c.valid,
            above.c.code.label("above_code"),
            above_name.c.name.label("above_name"),
            above_name.c.kind.label("above_kind"),
            top.c.code.label("top_code"),
            top_name.c.name.label("top_name"),
            top_name.c.kind.label("top_kind"),
            figure.c.area_km2,
            figure.c.lon,
            figure.c.lat,
            cast(codes, ARRAY(Text)).label("postcodes"),
            land.c.accuracy,
            land.c.accuracy_m,
            land.c.remark,
            land.c.valid.label("land_valid"),
            land.c.decree.label("land_decree"),
            source.c.name.label("source"),
            source.c.licence,
            source.c.attribution,
            shape.label("geojson"),
            func.ST_XMin(land.c.geom).label("west"),
            func.ST_YMin(land.c.geom).label("south"),
            func.ST_XMax(land.c.geom).label("east"),
            func.ST_YMax(land.c.geom).label("north"),
        )
        .select_from(t.unit)
        .join(life, (life.c.unit_id == t.unit.c.id) & _holds(life))
        .join(name, (name.c.unit_id == t.unit.c.id) & _holds(name))
        .join(up, (up.c.unit_id == t.unit.c.id) & _holds(up))
        .join(above, above.c.id == up.c.parent_id)
        .join(above_name, (above_name.c.unit_id == above.c.id) & _holds(above_name))
        .outerjoin(up_again, (up_again.c.unit_id == above.c.id) & _holds(up_again))
        .outerjoin(top, top.c.id == up_again.c.parent_id)
        .outerjoin(top_name, (top_name.c.unit_id == top.c.id) & _holds(top_name))
        .outerjoin(figure, (figure.c.unit_id == t.unit.c.id) & _holds(figure))
        .outerjoin(land, (land.c.unit_id == t.unit.c.id) & _holds(land))
        .outerjoin(source, source.c.id == land.c.source_id)
        .where(t.unit.c.level == Level.WARD.value)
        .order_by(t.unit.c.code)
    )


def ward_on(reader: Reader, code: str, day: date) -> Ward | None:
    """The ward that bore this code on this day, or None."""
    one = wards_of(geometry=True).where(t.unit.c.code == code)
    row = reader.execute(one, {"day": day}).one_or_none()
    return ward_of(row) if row else None


def wards_coded(reader: Reader, codes: Sequence[str], day: date) -> Iterator[Ward]:
    """The wards that bore these codes on this day, without their land."""
    some = wards_of(geometry=False).where(t.unit.c.code == func.any(cast(list(codes), ARRAY(Text))))
    return map(ward_of, reader.execute(some, {"day": day}))


def wards_plain(reader: Reader, day: date) -> Iterator[Ward]:
    """Every ward of a day, without its land."""
    return map(ward_of, reader.execute(wards_of(geometry=False), {"day": day}))


def wards_on(
    reader: Reader, day: date, *, province: str | None = None, bbox: Bbox | None = None
) -> Iterator[Ward]:
    """The wards of a day, of a province (statistics code) or touching a box; by code."""
    # the few units wanted are found first: the planner misjudges the join of all dated tables
    wanted = None if province is None else set(reader.scalars(_below(province, day)))
    if bbox is not None:
        touching = set(reader.scalars(_touching(bbox, day)))
        wanted = touching if wanted is None else wanted & touching
    query = wards_of(geometry=True)
    if wanted is not None:
        query = query.where(t.unit.c.id == func.any(cast(sorted(wanted), ARRAY(Integer))))
    with reader.execution_options(yield_per=STREAMED_AT_ONCE).execute(query, {"day": day}) as rows:
        yield from map(ward_of, rows)


def _below(province: str, day: date) -> CompoundSelect[Any]:
    """The units right below a province, and those below these."""
    up, further = t.unit_parent, t.unit_parent.alias("further")
    children = (
        select(up.c.unit_id)
        .join(t.unit, t.unit.c.id == up.c.parent_id)
        .where(t.unit.c.level == Level.PROVINCE.value, t.unit.c.code == province, holds_on(up, day))
    )
    grandchildren = select(further.c.unit_id).where(
        further.c.parent_id.in_(children), holds_on(further, day)
    )
    return children.union_all(grandchildren)


def _touching(bbox: Bbox, day: date) -> Select[Any]:
    land = t.unit_boundary
    box = func.ST_MakeEnvelope(*bbox, 4326)
    return select(land.c.unit_id).where(holds_on(land, day), func.ST_Intersects(land.c.geom, box))


def ward_of(row: Row[Any]) -> Ward:
    """A row of `wards_of`, in registry words."""
    above = reference(row.above_code, row.above_name, row.above_kind)
    top = reference(row.top_code, row.top_name, row.top_kind) if row.top_code else None
    return Ward(
        id=row.id,
        former=row.former,
        unit=reference(row.code, row.name, row.kind),
        named=Span(row.named.lower, row.named.upper),
        valid=Span(row.valid.lower, row.valid.upper),
        decree=row.decree,
        province=top or above,
        district=above if top else None,
        area_km2=row.area_km2,
        centre=None if row.lon is None else (row.lon, row.lat),
        postcodes=tuple(row.postcodes or ()),
        boundary=_boundary(row) if row.accuracy else None,
    )


def _boundary(row: Row[Any]) -> Boundary:
    return Boundary(
        accuracy=row.accuracy,
        accuracy_m=row.accuracy_m,
        remark=row.remark,
        valid=Span(row.land_valid.lower, row.land_valid.upper),
        decree=row.land_decree,
        source=row.source,
        licence=row.licence,
        attribution=row.attribution,
        geojson=row.geojson,
        bbox=(row.west, row.south, row.east, row.north),
    )


def ward_holding(reader: Reader, lon: float, lat: float, day: date) -> Ward | None:
    """The ward whose polygon held a point on a day; None at sea or where none is loaded."""
    key = ward_at(reader, lon, lat, day)
    return next(wards_coded(reader, [key.code], day), None) if key else None


@cache
def _heirs(*, former: bool) -> Select[Any]:
    line, other, name = t.lineage, t.unit, t.unit_name
    mine, its = (line.c.old_id, line.c.new_id) if former else (line.c.new_id, line.c.old_id)
    parts = t.unit_share.c
    share = select(parts.fraction).where(
        parts.old_id == line.c.old_id, parts.new_id == line.c.new_id
    )
    is_latest = func.upper_inf(name.c.valid) if former else true()
    return (
        select(
            other.c.code,
            name.c.name,
            name.c.kind,
            line.c.part,
            line.c.is_default,
            share.scalar_subquery().label("share"),
        )
        .join(other, other.c.id == its)
        .join(name, name.c.unit_id == other.c.id)
        .where(mine == bindparam("ward"), is_recorded(line), is_recorded(name), is_latest)
        .order_by(line.c.is_default.desc(), other.c.code)
    )


def heirs_of(reader: Reader, ward: Ward) -> list[Heir]:
    """The units that an old ward became, or that a ward of today was made of."""
    rows = reader.execute(_heirs(former=ward.former), {"ward": ward.id})
    return [
        Heir(reference(row.code, row.name, row.kind), row.part, row.is_default, row.share)
        for row in rows
    ]


def lives_of(reader: Reader, code: str) -> list[tuple[str, Span]]:
    """Every ward that ever bore a code, with its days: for saying why a day has none."""
    life, name = t.unit_life, t.unit_name
    rows = reader.execute(
        select(name.c.name, name.c.kind, life.c.valid)
        .join(name, name.c.unit_id == life.c.unit_id)
        .where(
            life.c.level == Level.WARD.value,
            life.c.code == code,
            is_recorded(life),
            is_recorded(name),
        )
        .order_by(func.lower(life.c.valid).nulls_first(), func.lower(name.c.valid).nulls_first())
    )
    return [
        (reference(code, row.name, row.kind).full_name, Span(row.valid.lower, row.valid.upper))
        for row in rows
    ]
