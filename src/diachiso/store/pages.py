"""Pages of a collection: one statement each, read as it is sent, and where the next page begins.

Features come in the order of their key, or of what is sorted by and then the key; a page begins
after the values at which the last one ended, so a deep page costs no more than the first. All pages
of one reading are of one moment: what was recorded since does not show.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import shapely
from psycopg.errors import QueryCanceled
from sqlalchemy import CursorResult, text
from sqlalchemy.exc import DataError, OperationalError

from diachiso.address.errors import QueryError
from diachiso.address.reference import CRS84, SYSTEMS, ReferenceSystem
from diachiso.store.engine import Reader
from diachiso.store.filter_hints import places_in, texts_in
from diachiso.store.filter_values import shape_bytes
from diachiso.store.filters import condition
from diachiso.store.page_statements import Shape, counted, statement, written
from diachiso.store.published import Collection, Geometry, Rows

AT_ONCE = 250
AT_ONCE_OF = {Geometry.POINT: 2_000, Geometry.LINES: 250, Geometry.LAND: 10}
"""Features that are in memory at a time."""
FEW = 300_000
"""Rows that are sorted for a page rather than gone through in the order of their key."""
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
    # a statement that is not read through a cursor is prepared once it was asked a few times
    is_long = asked.most > AT_ONCE_OF[collection.geometry]
    options = {"yield_per": AT_ONCE} if is_long else {}
    try:
        with _rows(reader, collection, replace(asked, most=asked.most + 1), options) as rows:
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
    row = _rows(reader, collection, asked, {}).first()
    return Told(row.id, row.geometry, row.properties, tuple(row[3:])) if row else None


def _rows(
    reader: Reader, collection: Collection, asked: Asked, options: dict[str, Any]
) -> CursorResult[Any]:
    rows = collection.rows(instant=asked.span.is_instant)
    narrow = {name: list(values) for name, values in _texts(asked) if name in rows.narrow}
    boxes = [one for one in (asked.box, *_places(asked)) if one is not None]
    is_few = rows.row is not None and (
        any(_are_few(reader, rows, name, values) for name, values in narrow.items())
        or bool(boxes and _few_lie_in(reader, rows, boxes))
    )
    narrow = narrow if is_few else {}
    shape = _shape(collection, asked, tuple(sorted(narrow)), few=is_few)
    values = _values(asked) | {f"narrow_{name}": told for name, told in narrow.items()}
    if asked.filter is None:
        query, always = written(shape)
        return reader.exec_driver_sql(query, {**always, **values}, execution_options=options)
    more = condition(asked.filter, rows, collection.named, asked.filter_system)
    return reader.execute(statement(shape, more), values, execution_options=options)


def _shape(collection: Collection, asked: Asked, narrow: tuple[str, ...], *, few: bool) -> Shape:
    known = None if asked.after is None else tuple(value is not None for value in asked.after)
    return Shape(
        collection=collection.id,
        instant=asked.span.is_instant,
        most=asked.most,
        system=asked.system.uri,
        properties=asked.properties,
        equal=tuple(name for name, _ in asked.equal),
        narrow=narrow,
        sorting=tuple((one.name, one.descending) for one in asked.sorting),
        known=known,
        has_box=asked.box is not None,
        has_id=asked.id is not None,
        few=few,
    )


def _values(asked: Asked) -> dict[str, Any]:
    after = {f"after_{n}": value for n, value in enumerate(asked.after or ()) if value is not None}
    equal = {f"equal_{name}": value for name, value in asked.equal}
    box = {"box": shape_bytes(asked.box)} if asked.box is not None else {}
    own = {"id": asked.id} if asked.id is not None else {}
    return {**_times(asked), **after, **equal, **box, **own}


def _times(asked: Asked) -> dict[str, Any]:
    if asked.span.is_instant:
        return {"moment": asked.moment, "day": asked.span.since}
    since, until = asked.span.since, asked.span.until
    return {"moment": asked.moment, "span": f"[{since or ''},{until or ''}]"}


# -- what an index finds ---------------------------------------------------------------------------


def _texts(asked: Asked) -> Iterator[tuple[str, tuple[str, ...]]]:
    if asked.filter is not None:
        yield from texts_in(asked.filter)
    for name, value in asked.equal:
        if isinstance(value, str):
            yield name, (value,)


def _places(asked: Asked) -> Iterator[shapely.Geometry]:
    if asked.filter is not None:
        yield from places_in(asked.filter, asked.filter_system)


LIKELY_IN = text("""
SELECT min(_postgis_selectivity(CAST(:of AS regclass), :shape, ST_GeomFromEWKB(box))) *
       (SELECT reltuples FROM pg_class WHERE oid = CAST(:of AS regclass))
FROM unnest(CAST(:boxes AS bytea[])) AS box
""")


def _are_few(reader: Reader, rows: Rows, name: str, values: list[str]) -> bool:
    found = reader.scalar(counted(rows, name, FEW), {f"narrow_{name}": values})
    return bool(found is not None and found < FEW)


def _few_lie_in(reader: Reader, rows: Rows, boxes: Sequence[shapely.Geometry]) -> bool:
    """Are they so few that they are found, and sorted, sooner than one goes through all?

    PostGIS keeps how many lie where, about.
    """
    told = {"of": str(rows.source), "shape": rows.shape.key, "boxes": [*map(shape_bytes, boxes)]}
    return float(reader.scalar(LIKELY_IN, told) or 0) < FEW


# -- the state of all ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StateOfAll:
    """What every answer depends on: the newest load and change, the land composed, when it was."""

    edition: int
    change: int
    land: str
    at: datetime
    now: datetime


STATE = """
SELECT edition.id AS edition, coalesce(change.number, 0) AS change, clock_timestamp() AS now,
       coalesce(greatest(edition.at, change.at, land.at), 'epoch'::timestamptz) AS at,
       land.many || ' ' || coalesce(land.at::text, '') AS land,
       set_config('statement_timeout', '30s', true), set_config('jit', 'off', true),
       set_config('max_parallel_workers_per_gather', '0', true),
       set_config('plan_cache_mode', 'force_generic_plan', true)
FROM (SELECT coalesce(max(id), 0) AS id, max(loaded_at) AS at FROM edition) AS edition
CROSS JOIN (SELECT count(*) AS many, max(composed_at) AS at FROM composed_land) AS land
LEFT JOIN (SELECT number, at FROM change ORDER BY number DESC LIMIT 1) AS change ON true
"""


def state_of_all(reader: Reader) -> StateOfAll:
    """The state that tags of answers are made of.

    What follows in the transaction is bounded: one client's question is not to take the machine
    from all others. A prepared statement is planned once: its shape says all that plans differ by.
    """
    row = reader.exec_driver_sql(STATE).one()
    return StateOfAll(row.edition, row.change, row.land, row.at, row.now)
