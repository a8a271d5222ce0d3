"""CQL2 into conditions: a parsed tree becomes SQLAlchemy expressions, values become parameters.

The tree is CQL2's own JSON form. A property must be declared by the collection, an operator must
stand in the tables below, and both sides must be of one kind; so nothing of what a client writes
reaches the database but as the value of a parameter.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    Float,
    Numeric,
    Text,
    and_,
    cast,
    func,
    literal,
    literal_column,
    not_,
    or_,
)

from diachiso.address.errors import QueryError
from diachiso.address.reference import ReferenceSystem
from diachiso.store.filter_times import TEMPORAL, When, end_of, related
from diachiso.store.filter_values import (
    at_least,
    clean,
    day_of,
    exactly,
    geometry,
    operation,
    shape_parameter,
    shown,
    unknown_operator,
)
from diachiso.store.published import Attribute, Kind, Rows

DEEPEST = 40
"""Operators within operators."""
GEOMETRY = "geometry"

COMPARED: Mapping[str, Callable[[Any, Any], ColumnElement[bool]]] = MappingProxyType(
    {
        "=": operator.eq,
        "<>": operator.ne,
        "<": operator.lt,
        ">": operator.gt,
        "<=": operator.le,
        ">=": operator.ge,
    }
)


def _exact(one: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(one, Numeric)


RECKONED: Mapping[str, Callable[[Any, Any], ColumnElement[Any]]] = MappingProxyType(
    {
        "+": operator.add,
        "-": operator.sub,
        "*": operator.mul,
        "/": lambda one, other: one / func.nullif(other, 0.0),
        "%": lambda one, other: func.mod(_exact(one), func.nullif(_exact(other), 0)),
        "div": lambda one, other: func.trunc(one / func.nullif(other, 0.0)),
        "^": func.power,
    }
)
SPATIAL: Mapping[str, str] = MappingProxyType(
    {
        "s_contains": "ST_Contains",
        "s_crosses": "ST_Crosses",
        "s_disjoint": "ST_Disjoint",
        "s_equals": "ST_Equals",
        "s_intersects": "ST_Intersects",
        "s_overlaps": "ST_Overlaps",
        "s_touches": "ST_Touches",
        "s_within": "ST_Within",
    }
)
MEETING = frozenset(SPATIAL) - {"s_disjoint"}
"""What holds only of geometries that meet: an index finds those that may."""
NFD: ColumnElement[Any] = literal_column("NFD")
MARKS = "[\u0300-\u036f]"
SPOKEN = {
    Kind.TEXT: "chuỗi / text",
    Kind.NUMBER: "số / a number",
    Kind.INTEGER: "số nguyên / a whole number",
    Kind.FLAG: "đúng, sai / true or false",
    Kind.DAY: "ngày / a date",
    None: "hình / a geometry",
}


@dataclass(frozen=True, slots=True)
class Term:
    """A value of the tree: its kind (None: a geometry), its expression; the feature's own shape?"""

    kind: Kind | None
    sql: Any
    is_own: bool = False


def condition(
    tree: object, rows: Rows, named: Mapping[str, Attribute], system: ReferenceSystem
) -> ColumnElement[bool]:
    """What a filter asks of a collection's rows.

    Raises:
        QueryError: says which part, and lists what there is.
    """
    return _Reading(rows, named, system).truth(tree, 0)


@dataclass(frozen=True, slots=True)
class _Reading:
    rows: Rows
    named: Mapping[str, Attribute]
    system: ReferenceSystem

    # -- what is true or false ---------------------------------------------------------------------

    def truth(self, tree: object, depth: int) -> ColumnElement[bool]:
        _must_be_shallow(depth)
        if isinstance(tree, bool):
            return literal(tree, Boolean)
        name, parts = operation(tree)
        if name is None:
            return self._flag(tree, depth)
        if name in ("and", "or"):
            inner = [self.truth(part, depth + 1) for part in at_least(name, parts, 2)]
            return and_(*inner) if name == "and" else or_(*inner)
        if name in COMPARED:
            return COMPARED[name](*self._alike(name, parts, 2, depth))
        if name in SPATIAL:
            return self._spatial(name, parts, depth)
        if name in _SAID:
            return _SAID[name](self, parts, depth)
        raise unknown_operator(name)

    def _flag(self, tree: object, depth: int) -> ColumnElement[bool]:
        term = self.term(tree, depth + 1)
        if term.kind is not Kind.FLAG:
            raise QueryError(f"{shown(tree)}: không phải điều kiện. / this is not a condition.")
        truth: ColumnElement[bool] = term.sql
        return truth

    def _alike(self, name: str, parts: list[Any], many: int, depth: int) -> list[Any]:
        terms = [self.term(part, depth + 1) for part in exactly(name, parts, many)]
        first = _family(terms[0])
        for term in terms:
            if _family(term) != first or first is None:
                raise QueryError(
                    f"{name}: không so sánh được {SPOKEN[terms[0].kind]} với {SPOKEN[term.kind]}. /"
                    " the two sides are of different kinds."
                )
        return [term.sql for term in terms]

    def negated(self, parts: list[Any], depth: int) -> ColumnElement[bool]:
        (part,) = exactly("not", parts, 1)
        return not_(self.truth(part, depth + 1))

    def is_null(self, parts: list[Any], depth: int) -> ColumnElement[bool]:
        (part,) = exactly("isNull", parts, 1)
        is_null: ColumnElement[bool] = self.term(part, depth + 1).sql.is_(None)
        return is_null

    def between(self, parts: list[Any], depth: int) -> ColumnElement[bool]:
        value, low, high = self._alike("between", parts, 3, depth)
        between: ColumnElement[bool] = value.between(low, high)
        return between

    def like(self, parts: list[Any], depth: int) -> ColumnElement[bool]:
        value, pattern = (self.term(part, depth + 1) for part in exactly("like", parts, 2))
        if {value.kind, pattern.kind} != {Kind.TEXT}:
            raise QueryError("like: cần hai chuỗi. / both sides are to be text.")
        like: ColumnElement[bool] = value.sql.like(pattern.sql)
        return like

    def is_in(self, parts: list[Any], depth: int) -> ColumnElement[bool]:
        value, items = exactly("in", parts, 2)
        if not isinstance(items, list) or not items:
            raise QueryError("in: cần một danh sách. / a list is needed.")
        if self.term(value, depth + 1).kind is Kind.DAY:
            items = [{"date": one} if isinstance(one, str) else one for one in items]
        first, *rest = [self._alike("in", [value, item], 2, depth) for item in items]
        found: ColumnElement[bool] = first[0].in_([one[1] for one in (first, *rest)])
        return found

    def _spatial(self, name: str, parts: list[Any], depth: int) -> ColumnElement[bool]:
        one, other = (self.term(part, depth + 1) for part in exactly(name, parts, 2))
        if one.kind is not None or other.kind is not None:
            raise QueryError(f"{name}: cần hai hình. / both sides are to be geometries.")
        held: ColumnElement[bool] = getattr(func, SPATIAL[name])(one.sql, other.sql)
        if name in MEETING and one.is_own != other.is_own:
            given = other if one.is_own else one
            return and_(self.rows.touching(given.sql), held)
        return held

    def temporal(self, name: str, parts: list[Any], depth: int) -> ColumnElement[bool]:
        one, other = (self._when(part, depth) for part in exactly(name, parts, 2))
        return related(name, one, other)

    def _when(self, tree: object, depth: int) -> When:
        if isinstance(tree, dict) and isinstance(tree.get("interval"), list):
            ends = exactly("interval", tree["interval"], 2)
            first, last = (self._end(end, depth, last=n == 1) for n, end in enumerate(ends))
            return When(first, last, is_span=True)
        day = self._day(tree, depth)
        return When(day, day, is_span=False)

    def _end(self, told: object, depth: int, *, last: bool) -> ColumnElement[Any]:
        return self._day(told, depth) if isinstance(told, dict) else end_of(told, last=last)

    def _day(self, tree: object, depth: int) -> ColumnElement[Any]:
        term = self.term(tree, depth + 1)
        if term.kind is not Kind.DAY:
            raise QueryError(f"{shown(tree)}: không phải là ngày. / this is not a date.")
        day: ColumnElement[Any] = term.sql
        return day

    # -- values ------------------------------------------------------------------------------------

    def term(self, tree: object, depth: int) -> Term:
        _must_be_shallow(depth)
        if isinstance(tree, bool):
            return Term(Kind.FLAG, literal(tree, Boolean))
        if isinstance(tree, int | float):
            return Term(Kind.NUMBER, literal(float(tree), Float))
        if isinstance(tree, str):
            return Term(Kind.TEXT, literal(clean(tree), Text))
        if isinstance(tree, dict):
            return self._object(tree, depth)
        raise QueryError(f"{shown(tree)}: không hiểu. / not understood.")

    def _object(self, tree: dict[str, Any], depth: int) -> Term:
        if "property" in tree:
            return self._property(str(tree["property"]))
        if "date" in tree or "timestamp" in tree:
            return Term(Kind.DAY, literal(day_of(tree), Date))
        if "bbox" in tree or "coordinates" in tree or "geometries" in tree:
            return self._shape(tree)
        name, parts = operation(tree)
        if name in RECKONED:
            return self._reckoned(str(name), parts, depth)
        if name in ("casei", "accenti"):
            return self._text(name, parts, depth)
        if name is not None and (name in COMPARED or name in SPATIAL or name in _SAID):
            return Term(Kind.FLAG, self.truth(tree, depth + 1))
        raise unknown_operator(name or shown(tree))

    def _property(self, name: str) -> Term:
        if name == GEOMETRY:
            return Term(None, self.rows.shape, is_own=True)
        if name not in self.named:
            raise QueryError(
                f"{name!r}: không có thuộc tính này. / there is no such property; there are "
                f"{', '.join(sorted((*self.named, GEOMETRY)))}."
            )
        return Term(self.named[name].kind, self.rows.columns[name])

    def _shape(self, tree: dict[str, Any]) -> Term:
        return Term(None, shape_parameter(geometry(tree, self.system)))

    def _reckoned(self, name: str, parts: list[Any], depth: int) -> Term:
        one, other = (self.term(part, depth + 1) for part in exactly(name, parts, 2))
        if {_family(one), _family(other)} != {Kind.NUMBER}:
            raise QueryError(f"{name}: cần hai số. / both sides are to be numbers.")
        return Term(Kind.NUMBER, RECKONED[name](one.sql, other.sql))

    def _text(self, name: str, parts: list[Any], depth: int) -> Term:
        (part,) = exactly(name, parts, 1)
        inner = self.term(part, depth + 1)
        if inner.kind is not Kind.TEXT:
            raise QueryError(f"{name}: cần một chuỗi. / a text is needed.")
        if name == "casei":
            return Term(Kind.TEXT, func.lower(inner.sql))
        bare = func.regexp_replace(func.normalize(inner.sql, NFD), MARKS, "", "g")
        return Term(Kind.TEXT, func.translate(bare, "đĐ", "dD"))


Said = Callable[[_Reading, list[Any], int], ColumnElement[bool]]


def _temporal(name: str) -> Said:
    return lambda reading, parts, depth: reading.temporal(name, parts, depth)


_SAID: Mapping[str, Said] = MappingProxyType(
    {
        **{name: _temporal(name) for name in TEMPORAL},
        "not": _Reading.negated,
        "isNull": _Reading.is_null,
        "between": _Reading.between,
        "like": _Reading.like,
        "in": _Reading.is_in,
    }
)


def _family(term: Term) -> Kind | None:
    """What may be compared: whole numbers with any."""
    return Kind.NUMBER if term.kind is Kind.INTEGER else term.kind


def _must_be_shallow(depth: int) -> None:
    if depth > DEEPEST:
        raise QueryError(
            f"Bộ lọc lồng quá {DEEPEST} tầng. / The filter is nested more than {DEEPEST} deep."
        )
