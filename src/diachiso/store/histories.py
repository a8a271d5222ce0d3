"""What was recorded of an address, and lists of a ward's addresses, as far as one may see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from diachiso.address.division import UnitKey
from diachiso.address.record import Address, State
from diachiso.store import tables as t
from diachiso.store.engine import Reader
from diachiso.store.likely import recorded_versions, unit_is, versions_on
from diachiso.store.versions import address_of


@dataclass(frozen=True, slots=True)
class Written:
    """A version, and when it was believed: from its entry until it was superseded."""

    address: Address
    since: datetime
    until: datetime | None


def history_of(reader: Reader, address_id: int) -> list[Written]:
    """Every version ever written of an address, in the order of writing."""
    book = t.address_book
    rows = reader.execute(
        recorded_versions()
        .where(book.c.address_id == address_id)
        .order_by(func.lower(book.c.recorded), book.c.id)
    )
    return [Written(address_of(row), row.recorded.lower, row.recorded.upper) for row in rows]


def in_ward_on(
    reader: Reader,
    ward: UnitKey,
    day: date,
    *,
    states: Sequence[State] = (),
    after: int = 0,
    most: int = 100,
) -> list[Address]:
    """Addresses of a ward by their numbers of identity, a page at a time."""
    book = t.address_book
    unit = select(t.unit.c.id).where(unit_is(ward)).scalar_subquery()
    query = versions_on(day).where(book.c.ward_id == unit, book.c.address_id > after)
    if states:
        query = query.where(book.c.state.in_([state.value for state in states]))
    rows = reader.execute(query.order_by(book.c.address_id).limit(most))
    return [address_of(row) for row in rows]


def successors_of(reader: Reader, address_id: int) -> list[str]:
    """The codes of the addresses that took its place, restricted ones left out."""
    line, code, seen = t.succession, t.issued_code, t.address_version
    rows = reader.scalars(
        select(code.c.code)
        .join(line, line.c.new_id == code.c.address_id)
        .where(
            line.c.old_id == address_id,
            func.upper_inf(line.c.recorded),
            select(seen.c.id)
            .where(seen.c.address_id == line.c.new_id, func.upper_inf(seen.c.recorded))
            .exists(),
        )
        .order_by(code.c.code)
    )
    return list(rows)
