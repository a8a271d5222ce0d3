"""The postal network for everybody: points of a ward or a box, as they stand today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select

from diachiso.address.division import UnitKey
from diachiso.address.record import ObjectKind, State
from diachiso.registry.postal import STATE_MAIL
from diachiso.store import tables as t
from diachiso.store.engine import Reader
from diachiso.store.features import Bbox
from diachiso.store.history import holds_on, is_recorded
from diachiso.store.likely import unit_is

PUBLISHED = (State.RECORDED.value, State.CERTIFIED.value, State.UNDER_REVIEW.value)


@dataclass(frozen=True, slots=True)
class PostalPoint:
    """A point of the postal network."""

    id: int
    code: str
    kind: ObjectKind
    name: str | None
    number: str
    street: str | None
    ward: str
    lon: float
    lat: float
    attributes: dict[str, Any]


def postal_points(
    reader: Reader,
    day: date,
    *,
    kinds: Sequence[ObjectKind],
    ward: UnitKey | None = None,
    bbox: Bbox | None = None,
    after: int = 0,
    most: int = 1000,
) -> list[PostalPoint]:
    """Points of these kinds by their numbers of identity; restricted ones are never among them."""
    version, code = t.address_version, t.issued_code
    query = (
        select(
            version.c.address_id,
            code.c.code,
            version.c.kind,
            version.c.name,
            version.c.number,
            version.c.attributes,
            func.ST_X(version.c.position).label("lon"),
            func.ST_Y(version.c.position).label("lat"),
            t.street.c.name.label("street"),
            t.unit.c.code.label("ward"),
        )
        .join(code, code.c.address_id == version.c.address_id)
        .join(t.unit, t.unit.c.id == version.c.ward_id)
        .outerjoin(t.street, t.street.c.id == version.c.street_id)
        .where(
            is_recorded(version),
            holds_on(version, day),
            version.c.kind.in_([kind.value for kind in kinds]),
            version.c.state.in_(PUBLISHED),
            ~version.c.attributes.has_key(STATE_MAIL),
            version.c.address_id > after,
            *_where(ward, bbox),
        )
        .order_by(version.c.address_id)
        .limit(most)
    )
    return [
        PostalPoint(
            row.address_id,
            row.code,
            ObjectKind(row.kind),
            row.name,
            row.number,
            row.street,
            row.ward,
            row.lon,
            row.lat,
            row.attributes,
        )
        for row in reader.execute(query)
    ]


def _where(ward: UnitKey | None, bbox: Bbox | None) -> list[ColumnElement[bool]]:
    where = []
    if ward is not None:
        where.append(unit_is(ward))
    if bbox is not None:
        where.append(t.address_version.c.position.ST_Intersects(func.ST_MakeEnvelope(*bbox, 4326)))
    return where
