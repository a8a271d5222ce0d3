"""The collections that map clients are given, declared: what each holds, and which columns it is.

A collection is declared once; pages, filters, queryables, schemas and documents all follow from the
declaration. What is not declared here cannot be asked for, filtered by, or told. Rows are those
known at `:moment`, so that a client may page for hours through one state of the registry.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
class Rows:
    """Where a collection's features come from, at an instant or over an interval.

    `shape` is their geometry (WGS 84), `touching` says which meet a geometry, by an index. A box
    holds also what has no geometry (17-069r4, /req/core/fc-bbox-response): `drawn` says that all
    have one; where some have none, `among` may tell by indexes which rows can be in a box at all.
    """

    source: FromClause
    where: tuple[ColumnElement[bool], ...]
    key: ColumnElement[Any]
    shape: ColumnElement[Any]
    columns: Mapping[str, ColumnElement[Any]]
    touching: Callable[[ColumnElement[Any]], ColumnElement[bool]]
    drawn: bool = True
    among: Callable[[ColumnElement[Any]], ColumnElement[bool]] | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection of features; `key` names the attribute that is the id of a feature.

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
    lasting: bool = False

    @property
    def named(self) -> dict[str, Attribute]:
        """The attributes by name."""
        return {one.name: one for one in self.attributes}

    def rows(self, *, instant: bool) -> Rows:
        """Where its features come from: on the day `:day`, or on any day of `:span`."""
        return _rows(self.made, instant)


@cache
def _rows(made: Callable[[bool], Rows], instant: bool) -> Rows:  # noqa: FBT001 (a key of the cache)
    return made(instant)
