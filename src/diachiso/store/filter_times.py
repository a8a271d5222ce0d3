"""Temporal functions of CQL2 (21-065r2, 7.7): how two days, or two spans of days, stand to another.

A day is a span of one day; both days of a span belong to it. The words are those of Allen, as the
standard's two tables define them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, literal, not_, or_

from diachiso.address.errors import QueryError
from diachiso.store.filter_values import day_of, shown

OPEN = ("..", "")
ENDLESS = "-infinity", "infinity"
"""PostgreSQL's days before and after all others."""


@dataclass(frozen=True, slots=True)
class When:
    """A span of days; `is_span`: written as one, not as a day."""

    first: ColumnElement[Any]
    last: ColumnElement[Any]
    is_span: bool


Relation = Callable[[When, When], ColumnElement[bool]]


def _apart(one: When, other: When) -> ColumnElement[bool]:
    return or_(one.first > other.last, one.last < other.first)


OF_ANY: Mapping[str, Relation] = MappingProxyType(
    {
        "t_after": lambda one, other: one.first > other.last,
        "t_before": lambda one, other: one.last < other.first,
        "t_disjoint": _apart,
        "t_equals": lambda one, other: and_(one.first == other.first, one.last == other.last),
        "t_intersects": lambda one, other: not_(_apart(one, other)),
    }
)
OF_SPANS: Mapping[str, Relation] = MappingProxyType(
    {
        "t_contains": lambda one, other: and_(one.first < other.first, one.last > other.last),
        "t_during": lambda one, other: and_(one.first > other.first, one.last < other.last),
        "t_finishedby": lambda one, other: and_(one.first < other.first, one.last == other.last),
        "t_finishes": lambda one, other: and_(one.first > other.first, one.last == other.last),
        "t_meets": lambda one, other: one.last == other.first,
        "t_metby": lambda one, other: one.first == other.last,
        "t_overlappedby": lambda one, other: and_(
            one.first > other.first, one.first < other.last, one.last > other.last
        ),
        "t_overlaps": lambda one, other: and_(
            one.first < other.first, one.last > other.first, one.last < other.last
        ),
        "t_startedby": lambda one, other: and_(one.first == other.first, one.last > other.last),
        "t_starts": lambda one, other: and_(one.first == other.first, one.last < other.last),
    }
)
TEMPORAL = frozenset(OF_ANY) | frozenset(OF_SPANS)


def related(name: str, one: When, other: When) -> ColumnElement[bool]:
    """How two times stand to another.

    Raises:
        QueryError: the function is one of spans, and a day was given.
    """
    if name in OF_SPANS and not (one.is_span and other.is_span):
        raise QueryError(f"{name}: cần hai INTERVAL. / two intervals are needed.")
    return {**OF_ANY, **OF_SPANS}[name](one, other)


def end_of(told: object, *, last: bool) -> ColumnElement[Any]:
    """A day at an end of a span, or none: `..`.

    Raises:
        QueryError: it is neither.
    """
    if told in OPEN:
        return literal(ENDLESS[last], Date)
    if not isinstance(told, str):
        raise QueryError(f"{shown(told)}: không phải là ngày. / not a date.")
    return literal(day_of({"timestamp" if "T" in told.upper() else "date": told}), Date)
