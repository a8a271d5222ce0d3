"""The collections that map clients are given, declared: what each holds, and which columns it is.

A collection is declared once; pages, filters, queryables, schemas and documents all follow from the
declaration. What is not declared here cannot be asked for, filtered by, or told. Rows are those
known at `:moment`, so that a client may page for hours through one state of the registry.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, FromClause


class Kind(StrEnum):
    """What an attribute holds, in the words of JSON Schema."""

    TEXT = "string"
    INTEGER = "integer"
    NUMBER = "number"
    FLAG = "boolean"
    DAY = "date"


class Geometry(StrEnum):
    """What the features of a collection are drawn with."""

    POINT = "Point"
    LINES = "MultiLineString"
    LAND = "MultiPolygon"


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute as it is told: its name, what it holds, its titles, and its values if few."""

    name: str
    kind: Kind
    vi: str
    en: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Joined:
    """A table joined to a collection's own for what it tells, where it has a row: at most one."""

    table: FromClause
    on: ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Narrow:
    """What rows have to be, that an index finds, for an attribute to be one of some values.

    `is_all`: they need be no more for it.
    """

    to: Callable[[ColumnElement[Any]], ColumnElement[bool]]
    is_all: bool


@dataclass(frozen=True, slots=True)
class Rows:
    """Where a collection's features come from, at an instant or over an interval.

    They come in the order of `order`, unless they are sorted; of the key where that is None.
    `shape` is their geometry (WGS 84), `touching` says which meet a geometry, by an index; `narrow`
    says by which index some attributes are found. A box holds also what has no geometry (17-069r4,
    /req/core/fc-bbox-response): `drawn` says that all have one; where some have none, `among` may
    tell by indexes which rows can be in a box at all. `still` is asked of pages after the first
    alone. Where rows are many, `row` is the number of a row of `source`: a page is chosen first, by
    as few joins as its conditions and its order need, and told afterwards.
    """

    source: FromClause
    where: tuple[ColumnElement[bool], ...]
    key: ColumnElement[Any]
    shape: ColumnElement[Any]
    columns: Mapping[str, ColumnElement[Any]]
    touching: Callable[[ColumnElement[Any]], ColumnElement[bool]]
    drawn: bool = True
    among: Callable[[ColumnElement[Any]], ColumnElement[bool]] | None = None
    joins: tuple[Joined, ...] = ()
    row: ColumnElement[int] | None = None
    order: ColumnElement[int] | None = None
    still: tuple[ColumnElement[bool], ...] = ()
    narrow: Mapping[str, Narrow] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection of features; `key` names the attribute that is the id of a feature.

    `numbered`: they come in the order in which they were entered, not in that of the key.
    `lasting`: without `datetime` all that ever was is told, each as it was last; else today's.
    """

    id: str
    vi: str
    en: str
    about_vi: str
    about_en: str
    geometry: Geometry
    attributes: tuple[Attribute, ...]
    made: Callable[[bool], Rows]
    key: str = "code"
    numbered: bool = False
    lasting: bool = False

    @property
    def named(self) -> dict[str, Attribute]:
        """The attributes by name."""
        return {one.name: one for one in self.attributes}

    @property
    def last_sorted_by(self) -> Kind:
        """What the last value is by which features are in order: their number, or their key."""
        return Kind.INTEGER if self.numbered else self.named[self.key].kind

    def rows(self, *, instant: bool) -> Rows:
        """Where its features come from: on the day `:day`, or on any day of `:span`."""
        return _rows(self.made, instant)


@cache
def _rows(made: Callable[[bool], Rows], instant: bool) -> Rows:  # noqa: FBT001 (a key of the cache)
    return made(instant)
