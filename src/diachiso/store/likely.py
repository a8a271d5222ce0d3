"""Versions in force with all that tells them, and which of them may be the same thing twice."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from geoalchemy2 import Geography
from sqlalchemy import ColumnElement, Function, Row, Select, false, func, or_, select

from diachiso.address.division import UnitKey
from diachiso.address.position import Position
from diachiso.address.record import Details, State
from diachiso.geocode.gazetteer import street_key
from diachiso.registry.books import Likely, Likeness
from diachiso.store import tables as t
from diachiso.store.engine import Reader
from diachiso.store.history import holds_on
from diachiso.store.versions import address_of

SAME_POINT_M = 5.0
NEAR_DEGREES = 0.0001
"""About ten metres: the index narrows, the exact distance decides."""
MOST = 20


def versions_on(day: date) -> Select[Any]:
    """Every version that holds on a day, with its code, street and ward."""
    return recorded_versions().where(holds_on(t.address_book, day))


def recorded_versions() -> Select[Any]:
    """Every version ever written, with its code, street and ward."""
    book = t.address_book
    return (
        select(
            book,
            func.ST_X(book.c.position).label("lon"),
            func.ST_Y(book.c.position).label("lat"),
            t.issued_code.c.code,
            t.street.c.name.label("street"),
            t.unit.c.code.label("ward"),
            t.unit.c.former.label("ward_former"),
        )
        .join(t.unit, t.unit.c.id == book.c.ward_id)
        .outerjoin(t.street, t.street.c.id == book.c.street_id)
        .outerjoin(t.issued_code, t.issued_code.c.address_id == book.c.address_id)
    )


def is_version(pairs: Iterable[tuple[int, bool]]) -> ColumnElement[bool]:
    """The versions of these numbers: each with whether it is a restricted one's."""
    book, found = t.address_book, list(pairs)
    public = [number for number, hidden in found if not hidden]
    secret = [number for number, hidden in found if hidden]
    # said of each half of the view by itself, so that each goes by its own index
    return (book.c.restricted.is_(False) & book.c.id.in_(public)) | (
        book.c.restricted.is_(True) & book.c.id.in_(secret)
    )


def is_live() -> ColumnElement[bool]:
    """The versions of addresses that are not retired."""
    return t.address_book.c.state != State.RETIRED.value


def unit_is(unit: UnitKey) -> ColumnElement[bool]:
    """The row of a unit."""
    return (
        (t.unit.c.level == unit.level.value)
        & (t.unit.c.code == unit.code)
        & (t.unit.c.former == unit.former)
    )


def point(position: Position) -> Function[Any]:
    """A position as PostGIS takes it (EPSG:4326)."""
    return func.ST_SetSRID(func.ST_MakePoint(position.lon, position.lat), 4326)


def likely(reader: Reader, details: Details, on: date) -> tuple[Likely, ...]:
    """Live addresses alike in number and street, in point or in folded text, the nearest first."""
    book, spot = t.address_book, point(details.spot.position)
    metres = func.ST_Distance(book.c.position.cast(Geography), spot.cast(Geography))
    alike = {
        Likeness.NUMBER_IN_STREET: _same_number(details),
        Likeness.TEXT: _same_text(details),
        Likeness.POINT: func.ST_DWithin(book.c.position, spot, NEAR_DEGREES)
        & (metres <= SAME_POINT_M),
    }
    rows = reader.execute(
        versions_on(on)
        .add_columns(metres.label("metres"), *(c.label(name.value) for name, c in alike.items()))
        .where(or_(*alike.values()), is_live())
        .order_by(metres)
        .limit(MOST)
    )
    return tuple(_likely(row) for row in rows)


def _same_number(details: Details) -> ColumnElement[bool]:
    if details.number is None or details.street is None:
        return false()
    book = t.address_book
    return (book.c.street_id == details.street.id) & (book.c.number_key == details.number.key)


def _same_text(details: Details) -> ColumnElement[bool]:
    """The same number, street and ward however they are spelt; or the same name in the ward."""
    book = t.address_book
    if details.number and details.street:
        what = (book.c.number_key == details.number.key) & (
            t.street.c.key == street_key(details.street.name)
        )
    elif details.number:
        what = (
            (book.c.number_key == details.number.key)
            & (func.coalesce(book.c.residential_group, "") == (details.residential_group or ""))
            & (func.coalesce(book.c.estate, "") == (details.estate or ""))
        )
    else:
        what = (book.c.name == details.name) & (book.c.number_key == "")
    return what & unit_is(details.ward)


def _likely(row: Row[Any]) -> Likely:
    told = row._mapping  # noqa: SLF001 (SQLAlchemy's public name)
    return Likely(
        address=address_of(row),
        likeness=frozenset(one for one in Likeness if told[one.value]),
        distance_m=round(row.metres, 1),
    )
