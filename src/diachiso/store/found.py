"""Addresses as map clients and pages are told of them: by code, or near a point, on a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from geoalchemy2 import Geography
from sqlalchemy import Date, Label, Row, Select, bindparam, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from diachiso.address.code import AddressCode
from diachiso.address.division import REFORM
from diachiso.address.record import State
from diachiso.store import tables as t
from diachiso.store.engine import Reader
from diachiso.store.features import Span, UnitRef, reference
from diachiso.store.history import is_recorded

RETIRED = State.RETIRED.value
METRES_A_DEGREE_NORTH = 110_600
SLACK = 1.1
"""A degree of longitude is up to a tenth shorter in Vietnam; the exact distance decides."""


@dataclass(frozen=True, slots=True)
class AddressFound:
    """An address as it was on a day; `ward` is the one it was entered with."""

    code: AddressCode | None
    self_checking: bool | None
    state: str
    kind: str
    number: str
    street: str | None
    name: str | None
    lon: float
    lat: float
    position_kind: str
    accuracy_m: float | None
    entered_ward: UnitRef
    valid: Span
    issued_at: date | None
    source: str
    licence: str
    attribution: str
    residential_group: str | None = None
    estate: str | None = None
    reason: str | None = None
    doubts: tuple[str, ...] = ()
    positions: tuple[Mapping[str, Any], ...] = ()
    successors: tuple[str, ...] = ()
    distance_m: float | None = None


def _addresses() -> Select[Any]:
    version, code, name = t.address_version, t.issued_code, t.unit_name
    named_then = func.coalesce(func.lower(version.c.valid), REFORM)
    return (
        select(
            code.c.code,
            code.c.self_checking,
            code.c.issued_at,
            version.c.state,
            version.c.kind,
            version.c.number,
            version.c.name.label("place"),
            t.street.c.name.label("street"),
            func.ST_X(version.c.position).label("lon"),
            func.ST_Y(version.c.position).label("lat"),
            version.c.position_kind,
            version.c.accuracy_m,
            version.c.valid,
            version.c.residential_group,
            version.c.estate,
            version.c.reason,
            version.c.doubts,
            version.c.positions,
            _successors(),
            t.unit.c.code.label("ward"),
            name.c.name.label("ward_name"),
            name.c.kind.label("ward_kind"),
            t.source.c.name.label("source"),
            t.source.c.licence,
            t.source.c.attribution,
        )
        .select_from(version)
        .outerjoin(code, code.c.address_id == version.c.address_id)
        .outerjoin(t.street, t.street.c.id == version.c.street_id)
        .join(t.unit, t.unit.c.id == version.c.ward_id)
        .join(
            name,
            (name.c.unit_id == t.unit.c.id) & is_recorded(name) & name.c.valid.contains(named_then),
        )
        .join(t.source, t.source.c.id == version.c.source_id)
        .where(is_recorded(version), version.c.valid.contains(bindparam("day", type_=Date)))
    )


def _successors() -> Label[Any]:
    """The codes of what took an address's place, as far as they are public."""
    line, heir, code = t.succession, t.address_version.alias("heir"), t.issued_code.alias("theirs")
    public = select(heir.c.id).where(heir.c.address_id == line.c.new_id, is_recorded(heir))
    return (
        select(func.array_agg(aggregate_order_by(code.c.code, code.c.code)))
        .join(line, line.c.new_id == code.c.address_id)
        .where(line.c.old_id == t.address_version.c.address_id, is_recorded(line), public.exists())
        .scalar_subquery()
        .label("successors")
    )


def _nearest() -> Select[Any]:
    spot = func.ST_SetSRID(func.ST_MakePoint(bindparam("lon"), bindparam("lat")), 4326)
    position = t.address_version.c.position
    distance = func.ST_Distance(position.cast(Geography), spot.cast(Geography))
    return (
        _addresses()
        .add_columns(distance.label("distance_m"))
        .where(
            func.ST_DWithin(position, spot, bindparam("degrees")),
            distance <= bindparam("within_m"),
            t.issued_code.c.code.is_not(None),
            t.address_version.c.state != RETIRED,
        )
        .order_by(distance)
        .limit(bindparam("most"))
    )


BY_CODE = _addresses().where(t.issued_code.c.code == bindparam("code"))
NEAREST = _nearest()
"""Built once: to build them takes as long as to ask them."""


def address_on(reader: Reader, code: AddressCode, day: date) -> AddressFound | None:
    """The address of a code on a day, or None."""
    row = reader.execute(BY_CODE, {"code": code.digits, "day": day}).one_or_none()
    return _address(row) if row else None


def first_address(reader: Reader, day: date) -> AddressFound | None:
    """The address that was entered first of those that are public and live on a day, if any is."""
    one = (
        _addresses()
        .where(
            t.issued_code.c.code.is_not(None),
            t.address_version.c.state.in_([State.RECORDED.value, State.CERTIFIED.value]),
        )
        .order_by(t.issued_code.c.address_id)
        .limit(1)
    )
    row = reader.execute(one, {"day": day}).one_or_none()
    return _address(row) if row else None


def first_day_of(reader: Reader, code: AddressCode) -> date | None:
    """The first day from which the address of a code is known; None: there is none."""
    version = t.address_version
    first: date | None = reader.scalar(
        select(func.min(func.lower(version.c.valid)))
        .join(t.issued_code, t.issued_code.c.address_id == version.c.address_id)
        .where(t.issued_code.c.code == code.digits, is_recorded(version))
    )
    return first


def live_slips(reader: Reader, code: AddressCode) -> list[AddressCode]:
    """Live codes of the same area that one slip of the hand turns into this one."""
    wanted = [slip.digits for slip in code.slips()]
    version = t.address_version
    live = (
        select(t.issued_code.c.code)
        .join(version, version.c.address_id == t.issued_code.c.address_id)
        .where(
            t.issued_code.c.code.in_(wanted),
            is_recorded(version),
            func.upper_inf(version.c.valid),
            version.c.state != RETIRED,
        )
    )
    return [AddressCode(found) for found in reader.scalars(live.order_by(t.issued_code.c.code))]


def nearest_addresses(
    reader: Reader, lon: float, lat: float, day: date, *, within_m: float, most: int
) -> list[AddressFound]:
    """Recorded addresses near a point, the nearest first."""
    asked = {"lon": lon, "lat": lat, "day": day, "within_m": within_m, "most": most}
    degrees = within_m / METRES_A_DEGREE_NORTH * SLACK
    rows = reader.execute(NEAREST, asked | {"degrees": degrees})
    return [_address(row) for row in rows]


def _address(row: Row[Any]) -> AddressFound:
    return AddressFound(
        code=AddressCode(row.code) if row.code else None,
        self_checking=row.self_checking,
        state=row.state,
        kind=row.kind,
        number=row.number,
        street=row.street,
        name=row.place,
        lon=row.lon,
        lat=row.lat,
        position_kind=row.position_kind,
        accuracy_m=row.accuracy_m,
        entered_ward=reference(row.ward, row.ward_name, row.ward_kind),
        valid=Span(row.valid.lower, row.valid.upper),
        issued_at=row.issued_at.date() if row.issued_at else None,
        source=row.source,
        residential_group=row.residential_group,
        estate=row.estate,
        reason=row.reason,
        doubts=tuple(row.doubts),
        positions=tuple(row.positions),
        successors=tuple(row.successors or ()),
        licence=row.licence,
        attribution=row.attribution,
        distance_m=row._mapping.get("distance_m"),  # noqa: SLF001 (SQLAlchemy's public name)
    )
