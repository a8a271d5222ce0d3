"""Pages of a collection: one statement each, read as it is sent, and where the next page begins.

Features come in the order of their key, or of what is sorted by and then the key; a page begins
after the values at which the last one ended, so a deep page costs no more than the first. All pages
of one reading are of one moment: what was recorded since does not show.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import shapely
from psycopg.errors import QueryCanceled
from sqlalchemy import ColumnElement, Select, Text, and_, cast, false, func, or_, select, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import DataError, OperationalError

from diachiso.address.errors import QueryError
from diachiso.address.reference import CRS84, LONG_LAT, SYSTEMS, ReferenceSystem
from diachiso.store.engine import Reader
from diachiso.store.filter_values import shape_parameter
from diachiso.store.filters import condition
from diachiso.store.published import Collection, Geometry, Rows

AT_ONCE = 250
AT_ONCE_OF = {Geometry.POINT: 2_000, Geometry.LINES: 250, Geometry.LAND: 10}
"""Features that are in memory at a time."""
BOUNDED = text("""
SELECT set_config('statement_timeout', '30s', true), set_config('jit', 'off', true),
       set_config('max_parallel_workers_per_gather', '0', true)
""")
"""One client's question is not to take the machine from all others."""
TOO_LONG = (
    "Câu hỏi này mất quá 30 giây; hãy thu hẹp bbox, filter hoặc bỏ sortby. / This takes more than "
    "30 s: narrow bbox or filter, or leave out sortby."
)
NO_NUMBER = (
    "Phép tính trong filter không ra số (quá lớn, hoặc căn của số âm). / What the filter reckons "
    "is no number: too large, or a root of a negative one."
)

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """The days asked for, both included; None: without bound."""

    since: date | None
    until: date | None

    @property
    def is_instant(self) -> bool:
        """One day alone?"""
        return self.since is not None and self.since == self.until


@dataclass(frozen=True, slots=True)
class Sorting:
    """An attribute to sort by."""

    name: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a collection: which features, of when, in which order, told how."""

    span: Span
    moment: datetime
    most: int = 1
    system: ReferenceSystem = field(default_factory=lambda: SYSTEMS[CRS84])
    properties: tuple[str, ...] | None = None
    box: shapely.Geometry | None = None
    equal: tuple[tuple[str, Any], ...] = ()
    filter: Any = None
    filter_system: ReferenceSystem = field(default_factory=lambda: SYSTEMS[CRS84])
    sorting: tuple[Sorting, ...] = ()
    after: Values | None = None
    id: Any = None


@dataclass(frozen=True, slots=True)
class Told:
    """A feature: its id, and its geometry and properties as JSON text; where it stands in order."""

    id: Any
    geometry: str | None
    properties: str
    place: Values


def page(reader: Reader, collection: Collection, asked: Asked) -> Iterator[Told]:
    """The features of a page and one more, which tells that there is another page."""
    reader.execute(BOUNDED)
    query = _select(collection, replace(asked, most=asked.most + 1))
    # a statement that is not read through a cursor is prepared once it was asked a few times
    is_long = asked.most > AT_ONCE_OF[collection.geometry]
    options = {"yield_per": AT_ONCE} if is_long else {}
    try:
        with reader.execute(query, _times(asked), execution_options=options) as rows:
            for row in rows:
                yield Told(row.id, row.geometry, row.properties, tuple(row[3:]))
    except DataError:
        raise QueryError(NO_NUMBER) from None
    except OperationalError as fault:
        if isinstance(fault.orig, QueryCanceled):
            raise QueryError(TOO_LONG) from None
        raise


def feature(reader: Reader, collection: Collection, asked: Asked) -> Told | None:
    """The feature of an id at the time asked for."""
    row = reader.execute(_select(collection, asked), _times(asked)).first()
    return Told(row.id, row.geometry, row.properties, tuple(row[3:])) if row else None


def _times(asked: Asked) -> dict[str, Any]:
    if asked.span.is_instant:
        return {"moment": asked.moment, "day": asked.span.since}
    since, until = asked.span.since, asked.span.until
    ended = until + timedelta(days=1) if until else None
    span = Range(since, ended, bounds="[)") if since else Range(None, ended, bounds="()")
    return {"moment": asked.moment, "span": span}


def _select(collection: Collection, asked: Asked) -> Select[Any]:
    rows = collection.rows(instant=asked.span.is_instant)
    order = [(rows.columns[one.name], one.descending) for one in asked.sorting]
    order.append((rows.key, False))
    query = (
        select(
            rows.key.label("id"),
            _geometry(rows, asked.system).label("geometry"),
            _properties(collection, rows, asked.properties).label("properties"),
            *(column.label(f"place_{n}") for n, (column, _) in enumerate(order)),
        )
        .select_from(rows.source)
        .where(*rows.where, *_where(collection, rows, asked))
        .order_by(*(column.desc().nulls_last() if down else column.asc() for column, down in order))
        .limit(asked.most)
    )
    return query if asked.after is None else query.where(_beyond(order, asked.after))


def _where(collection: Collection, rows: Rows, asked: Asked) -> Iterator[ColumnElement[bool]]:
    if asked.id is not None:
        yield rows.key == asked.id
    if asked.box is not None:
        yield _held(rows, shape_parameter(asked.box))
    for name, value in asked.equal:
        yield rows.columns[name] == value
    if asked.filter is not None:
        yield condition(asked.filter, rows, collection.named, asked.filter_system)


def _held(rows: Rows, box: ColumnElement[Any]) -> ColumnElement[bool]:
    """What meets a box, and what has no geometry, where some have none."""
    if rows.drawn:
        return rows.touching(box)
    held = or_(rows.shape.is_(None), rows.touching(box))
    return held if rows.among is None else and_(rows.among(box), held)


def _geometry(rows: Rows, system: ReferenceSystem) -> ColumnElement[Any]:
    shape = rows.shape
    if system.proj is not None:
        shape = func.ST_Transform(shape, LONG_LAT, system.proj)
    if system.north_first:
        shape = func.ST_FlipCoordinates(shape)
    return func.ST_AsGeoJSON(shape, system.decimals, 0)


def _properties(
    collection: Collection, rows: Rows, wanted: tuple[str, ...] | None
) -> ColumnElement[Any]:
    names = [one.name for one in collection.attributes if wanted is None or one.name in wanted]
    pairs = [part for name in names for part in (cast(name, Text), rows.columns[name])]
    return cast(func.json_build_object(*pairs), Text)


def _beyond(order: Sequence[tuple[ColumnElement[Any], bool]], after: Values) -> ColumnElement[bool]:
    """What comes after these values; nothing that is known comes after what is not."""
    (column, down), value = order[0], after[0]
    last = len(order) == 1
    further = false() if last else _beyond(order[1:], after[1:])
    if value is None:
        return and_(column.is_(None), further)
    beyond: ColumnElement[bool] = column < value if down else column > value
    if last:
        return beyond
    return or_(beyond, column.is_(None), and_(column == value, further))


# -- the state of all ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StateOfAll:
    """What every answer depends on: the newest load, the newest change, when the later one was."""

    edition: int
    change: int
    at: datetime
    now: datetime


STATE = text("""
SELECT edition.id AS edition, coalesce(change.number, 0) AS change, clock_timestamp() AS now,
       coalesce(greatest(edition.at, change.at), 'epoch'::timestamptz) AS at
FROM (SELECT coalesce(max(id), 0) AS id, max(loaded_at) AS at FROM edition) AS edition
LEFT JOIN (SELECT number, at FROM change ORDER BY number DESC LIMIT 1) AS change ON true
""")


def state_of_all(reader: Reader) -> StateOfAll:
    """The state that tags of answers are made of."""
    row = reader.execute(STATE).one()
    return StateOfAll(row.edition, row.change, row.at, row.now)
