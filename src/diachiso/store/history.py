"""Twice-dated rows: what is so, what was so, and when we learned it.

A load states what should be recorded from now on; `reconcile` writes only the difference, so a
second load changes nothing and a row that is no longer so is superseded, never changed or removed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Table,
    Text,
    cast,
    func,
    insert,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, REGCLASS, Range, insert as upsert
from sqlalchemy.types import BigInteger

from diachiso.address.division import Validity
from diachiso.store import tables as t
from diachiso.store.engine import Reader, Writer
from diachiso.store.sealing import seal_load

BATCH = 5_000
"""Rows a statement: a load stays flat in memory and its progress can be seen."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Changes:
    """What a load did to a table."""

    added: int = 0
    superseded: int = 0

    def __add__(self, other: "Changes") -> "Changes":
        return Changes(self.added + other.added, self.superseded + other.superseded)


def days(valid: Validity) -> Range[date]:
    """The stretch of days as PostgreSQL keeps it, which leaves an open beginning out."""
    return Range(valid.since, valid.until, bounds="()" if valid.since is None else "[)")


def validity(stored: Range[date]) -> Validity:
    """The stretch of days as the registry speaks of it."""
    return Validity(stored.lower, stored.upper)


def is_recorded(table: FromClause) -> ColumnElement[bool]:
    """The rows that hold now, not what was once believed."""
    return func.upper_inf(table.c.recorded)


def holds_on(table: FromClause, day: date) -> ColumnElement[bool]:
    """The rows that hold now, for this day."""
    return is_recorded(table) & table.c.valid.contains(day)


def supersede(writer: Writer, table: Table, ids: Sequence[int]) -> int:
    """Close `recorded` on these rows; returns how many were still open."""
    if not ids:
        return 0
    closing = func.supersede(
        cast(literal(table.name, Text), REGCLASS), cast(list(ids), ARRAY(BigInteger))
    )
    return int(writer.scalar(select(closing)) or 0)


def reconcile(
    writer: Writer,
    table: Table,
    wanted: Iterable[Row],
    *,
    within: ColumnElement[bool] | None = None,
) -> Changes:
    """Make what is recorded (within a part of the table) equal to what is wanted."""
    columns = [c for c in table.columns if c.name not in ("id", "recorded")]
    stored = select(table.c.id, *columns).where(
        is_recorded(table), true() if within is None else within
    )
    current = {tuple(row[1:]): row[0] for row in writer.execute(stored)}
    target = {tuple(row.get(c.name) for c in columns): row for row in wanted}
    gone = [identity for values, identity in current.items() if values not in target]
    fresh = [row for values, row in target.items() if values not in current]
    closed = supersede(writer, table, gone)
    add(writer, table, fresh)
    return Changes(len(fresh), closed)


def add(writer: Writer, table: Table, rows: Sequence[Row]) -> None:
    """Write new rows, a batch at a time."""
    for start in range(0, len(rows), BATCH):
        writer.execute(insert(table), list(rows[start : start + BATCH]))


def curtail(writer: Writer, table: Table, units: Collection[int], day: date | None) -> int:
    """End what is kept of units on a day (None: as if it never was); how many rows it ends.

    What held before the day goes on answering for it.
    """
    kept = select(table).where(is_recorded(table), table.c.unit_id.in_(units))
    if day is not None:
        kept = kept.where(or_(func.upper_inf(table.c.valid), func.upper(table.c.valid) > day))
    rows = writer.execute(kept).mappings().all() if units else []
    supersede(writer, table, [row["id"] for row in rows])
    shortened = [
        {
            **{key: row[key] for key in row if key not in ("id", "recorded", "valid")},
            "valid": days(Validity(row["valid"].lower, day)),
        }
        for row in rows
        if day is not None and (row["valid"].lower is None or row["valid"].lower < day)
    ]
    add(writer, table, shortened)
    return len(rows)


# -- sources and editions ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source:
    """Where facts come from: `state_of` is the day whose state they describe."""

    name: str
    version: str
    sha256: str
    licence: str
    attribution: str
    state_of: date | None = None


def source_id(writer: Writer, source: Source) -> int:
    """The identity of a source, written when it is new."""
    columns = (t.source.c.name, t.source.c.version, t.source.c.sha256)
    values = {name: getattr(source, name) for name in Source.__slots__}
    known = select(t.source.c.id).where(*(c == values[c.name] for c in columns))
    if (kept := writer.scalar(known)) is not None:
        return int(kept)
    writer.execute(upsert(t.source).values(values).on_conflict_do_nothing(index_elements=columns))
    return int(writer.execute(known).scalar_one())


def is_loaded(reader: Reader, subject: str, digest: str) -> bool:
    """Is this, byte for byte, the last thing that was loaded of the subject?"""
    last = (
        select(t.edition.c.digest)
        .where(t.edition.c.subject == subject)
        .order_by(t.edition.c.id.desc())
        .limit(1)
    )
    return reader.scalar(last) == digest


def record_edition(writer: Writer, subject: str, digest: str, summary: Row) -> None:
    """Note that something was loaded, and what came of it: an edition, and a line of the ledger."""
    note_edition(writer, subject, digest, summary)
    seal_load(writer, {"subject": subject, "digest": digest, **summary})


def note_edition(writer: Writer, subject: str, digest: str, summary: Row) -> None:
    """A new edition by an act, which has its own line: what is kept in memory is read again."""
    writer.execute(insert(t.edition).values(subject=subject, digest=digest, summary=dict(summary)))


def edition_of(reader: Reader) -> int:
    """The number of the newest edition of the data; it moves with every load."""
    return int(reader.scalar(select(func.coalesce(func.max(t.edition.c.id), 0))) or 0)
