"""The statement of a page: made once for each shape of question, with its values as parameters.

Where rows are many a page is chosen in two steps. The rows of the page first, by no more joins than
conditions and order need; then what is told of them. The rows are found in one of two ways: in the
order of their key, until the page is full; or, where conditions leave few of them, by the index
that finds those, which are then sorted.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Boolean,
    ColumnClause,
    ColumnElement,
    Date,
    Dialect,
    Float,
    FromClause,
    LargeBinary,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, psycopg
from sqlalchemy.sql import visitors
from sqlalchemy.types import TypeEngine

from diachiso.address.reference import LONG_LAT, SYSTEMS, WGS84_GEOGRAPHIC, ReferenceSystem
from diachiso.store.collections import COLLECTIONS
from diachiso.store.filter_values import shape_bound
from diachiso.store.published import Kind, Rows

TYPES: Mapping[Kind, TypeEngine[Any]] = {
    Kind.TEXT: Text(),
    Kind.INTEGER: BigInteger(),
    Kind.NUMBER: Float(),
    Kind.FLAG: Boolean(),
    Kind.DAY: Date(),
}
DIALECT: Dialect = psycopg.dialect()  # type: ignore[no-untyped-call]
Order = Sequence[tuple[ColumnElement[Any], bool]]


@dataclass(frozen=True, slots=True)
class Shape:
    """All of a question but its values: what statements differ by.

    `known` tells for each value after which the page begins whether there is one; None: the page
    begins at the beginning. `few`: the rows are found by an index of what is asked, and sorted.
    """

    collection: str
    instant: bool
    most: int
    system: str
    properties: tuple[str, ...] | None = None
    equal: tuple[str, ...] = ()
    narrow: tuple[str, ...] = ()
    sorting: tuple[tuple[str, bool], ...] = ()
    known: tuple[bool, ...] | None = None
    has_box: bool = False
    has_id: bool = False
    few: bool = False


@lru_cache(maxsize=512)
def written(shape: Shape) -> tuple[str, Mapping[str, Any]]:
    """The statement as PostgreSQL is given it, and the parameters that it always has."""
    query = statement(shape)
    free = [one.key for one in visitors.iterate(query) if isinstance(one, BindParameter)
            and one.required]  # fmt: skip
    told = query.compile(dialect=DIALECT).construct_expanded_state(dict.fromkeys(free))
    return told.statement, {k: v for k, v in told.parameters.items() if k not in free}


def statement(shape: Shape, *more: ColumnElement[bool]) -> Select[Any]:
    """The statement of a shape, with conditions besides."""
    rows = COLLECTIONS[shape.collection].rows(instant=shape.instant)
    order = [(rows.columns[name], down) for name, down in shape.sorting]
    order.append((rows.key if rows.order is None else rows.order, False))
    where = [*_where(shape, rows), *more]
    if shape.known is not None:
        where += [*rows.still, _beyond(order, shape.known)]
    if rows.row is None or shape.has_id:
        places = [column.label(f"place_{n}") for n, (column, _) in enumerate(order)]
        source = _joined(rows.source, rows.joins)
        query = select(*_told(shape, rows), *places).select_from(source).where(*where)
        return query.order_by(*_ordered(order)).limit(_most(shape))
    chosen = _chosen(shape, rows, order, where).subquery("chosen")
    places = [chosen.c[f"place_{n}"] for n in range(len(order))]
    source = _joined(chosen.join(rows.source, rows.row == chosen.c.row), rows.joins)
    told = [(place, down) for place, (_, down) in zip(places, order, strict=True)]
    return select(*_told(shape, rows), *places).select_from(source).order_by(*_ordered(told))


def _chosen(shape: Shape, rows: Rows, order: Order, where: Sequence[ColumnElement[bool]]) -> Any:  # noqa: ANN401
    """The rows of a page, and where each stands."""
    needed = _tables([*where, *(column for column, _ in order)])
    joins = []
    for one in reversed(rows.joins):
        if one.table in needed:
            joins.append(one)
            needed |= _tables([one.on])
    places = [column.label(f"place_{n}") for n, (column, _) in enumerate(order)]
    source = _joined(rows.source, tuple(reversed(joins)))
    query = select(rows.row.label("row"), *places).select_from(source).where(*where)  # type: ignore[union-attr]
    if shape.few:  # found as they are (OFFSET keeps the planner from going in the order of the key)
        found = query.offset(0).subquery("found")
        query = select(*found.c)
        order = [(found.c[f"place_{n}"], down) for n, (_, down) in enumerate(order)]
    return query.order_by(*_ordered(order)).limit(_most(shape))


def _joined(source: FromClause, joins: Iterable[Any]) -> FromClause:
    for one in joins:
        source = source.outerjoin(one.table, one.on)
    return source


def _tables(expressions: Iterable[ColumnElement[Any]]) -> set[FromClause]:
    return {
        part.table
        for one in expressions
        for part in visitors.iterate(one)
        if isinstance(part, ColumnClause) and part.table is not None
    }


def _most(shape: Shape) -> ColumnElement[int]:
    return literal(shape.most, literal_execute=True)  # a plan has to know how many are wanted


def _ordered(order: Order) -> Iterator[ColumnElement[Any]]:
    for column, down in order:
        yield column.desc().nulls_last() if down else column.asc()


def _where(shape: Shape, rows: Rows) -> Iterator[ColumnElement[bool]]:
    named = COLLECTIONS[shape.collection].named
    yield from rows.where
    if shape.has_id:
        key = COLLECTIONS[shape.collection].key
        yield rows.key == bindparam("id", type_=TYPES[named[key].kind])
    if shape.has_box:
        box = shape_bound(bindparam("box", type_=LargeBinary))
        if not rows.drawn:
            if rows.among is not None:
                yield rows.among(box)
            yield or_(rows.shape.is_(None), rows.touching(box))
        elif rows.row is None or shape.few:
            yield rows.touching(box)
        else:  # no index of places helps to find most of all
            yield func.ST_Intersects(func.ST_SetSRID(rows.shape, WGS84_GEOGRAPHIC), box)
    for name in shape.equal:
        if name in shape.narrow and rows.narrow[name].is_all:
            continue
        yield rows.columns[name] == bindparam(f"equal_{name}", type_=TYPES[named[name].kind])
    for name in shape.narrow:
        yield _narrowed(rows, name)


def _narrowed(rows: Rows, name: str) -> ColumnElement[bool]:
    return rows.narrow[name].to(bindparam(f"narrow_{name}", type_=ARRAY(Text)))


def counted(rows: Rows, name: str, most: int) -> Select[Any]:
    """How many rows the index finds for an attribute; no more are counted than `most`."""
    found = select(literal(1)).select_from(rows.source).where(_narrowed(rows, name)).limit(most)
    return select(func.count()).select_from(found.subquery())


def _told(shape: Shape, rows: Rows) -> tuple[ColumnElement[Any], ...]:
    collection = COLLECTIONS[shape.collection]
    names = [
        one.name
        for one in collection.attributes
        if shape.properties is None or one.name in shape.properties
    ]
    pairs = [
        part for name in names for part in (literal(name, literal_execute=True), rows.columns[name])
    ]
    told = cast(func.json_build_object(*pairs), Text)
    shape_told = _geometry(rows, SYSTEMS[shape.system]).label("geometry")
    return rows.key.label("id"), shape_told, told.label("properties")


def _geometry(rows: Rows, system: ReferenceSystem) -> ColumnElement[Any]:
    shape = rows.shape
    if system.proj is not None:
        shape = func.ST_Transform(shape, LONG_LAT, system.proj)
    if system.north_first:
        shape = func.ST_FlipCoordinates(shape)
    return func.ST_AsGeoJSON(shape, system.decimals, 0)


def _beyond(order: Order, known: Sequence[bool], turn: int = 0) -> ColumnElement[bool]:
    """What comes after the values `after_0`…; nothing that is known comes after what is not."""
    column, down = order[turn]
    last = turn == len(order) - 1
    further = false() if last else _beyond(order, known, turn + 1)
    if not known[turn]:
        return and_(column.is_(None), further)
    value = bindparam(f"after_{turn}", type_=column.type)
    beyond: ColumnElement[bool] = column < value if down else column > value
    if last:
        return beyond
    return or_(beyond, column.is_(None), and_(column == value, further))
