"""When: what is known at a moment, and what holds on a day or on any day of an interval.

Over an interval a feature is told once, as it was on the last of its days that lie within.

The functions behind the operators @> and && are called by their names: behind row-level security
PostgreSQL uses no statistics of ranges, takes @> for true of one row in two hundred where it is of
nearly all, and joins a million rows in an order fit for a dozen.
"""

from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    and_,
    bindparam,
    func,
    literal,
)
from sqlalchemy.dialects.postgresql import DATERANGE

MOMENT = bindparam("moment", type_=DateTime(timezone=True))
DAY = bindparam("day", type_=Date)
SPAN = bindparam("span", type_=DATERANGE)
FOR_EVER = literal("infinity").cast(Date)

Dated = FromClause


def known(table: Dated) -> ColumnElement[bool]:
    """The rows that were recorded at the moment."""
    return func.range_contains_elem(table.c.recorded, MOMENT, type_=Boolean)


def known_on(table: Dated, day: ColumnElement[Any]) -> ColumnElement[bool]:
    """The rows that were recorded at the moment, and hold on a day."""
    return and_(known(table), func.range_contains_elem(table.c.valid, day, type_=Boolean))


def within(table: Dated, *, instant: bool) -> ColumnElement[bool]:
    """The rows that hold on the day, or on any day of the interval."""
    if instant:
        return func.range_contains_elem(table.c.valid, DAY, type_=Boolean)
    return func.range_overlaps(table.c.valid, SPAN, type_=Boolean)


def last_day(table: Dated, *, instant: bool) -> ColumnElement[Any]:
    """The last day of a row that lies within what is asked; for ever where neither has an end."""
    if instant:
        return DAY
    shared = table.c.valid.op("*", return_type=DATERANGE())(SPAN)
    return func.coalesce(func.upper(shared) - 1, FOR_EVER)


def is_later(other: Dated, one: Dated) -> ColumnElement[bool]:
    """Does a row hold wholly after another?"""
    return other.c.valid.op(">>", is_comparison=True)(one.c.valid)
