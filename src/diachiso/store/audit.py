"""The ledger as an auditor reads it: who, when, from where, which act, what before and after."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from diachiso.store import tables as t
from diachiso.store.engine import Reader


@dataclass(frozen=True, slots=True)
class Touched:
    """What an act did to one subject; `restricted`: only its ward may know of it."""

    number: int
    kind: str
    subject: int
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    restricted: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the ledger; `unit` is the code of the unit that it was done for."""

    number: int
    hash: str
    at: datetime
    officer: int | None
    act: str
    unit: str | None
    origin: str | None
    note: dict[str, Any]
    changes: int


def lines_since(reader: Reader, since: int, most: int) -> list[Line]:
    """The lines after a number, in order."""
    ledger, unit = t.ledger, t.unit
    rows = reader.execute(
        select(ledger.c.number, ledger.c.hash, ledger.c.body, unit.c.code)
        .outerjoin(unit, unit.c.id == ledger.c.body["unit_id"].as_integer())
        .where(ledger.c.number > since)
        .order_by(ledger.c.number)
        .limit(most)
    ).all()
    counts = _changes_of(reader, [row.number for row in rows])
    return [
        Line(
            row.number,
            row.hash,
            datetime.fromisoformat(row.body["at"]),
            row.body.get("officer"),
            row.body["act"],
            row.code,
            row.body.get("origin"),
            row.body.get("note") or {},
            counts.get(row.number, 0),
        )
        for row in rows
    ]


def _changes_of(reader: Reader, lines: list[int]) -> dict[int, int]:
    change = t.change
    rows = reader.execute(
        select(change.c.line, func.count()).where(change.c.line.in_(lines)).group_by(change.c.line)
    )
    return {row[0]: row[1] for row in rows}


def touched_by(reader: Reader, line: int, most: int) -> Iterator[Touched]:
    """What a line of the ledger changed, restricted addresses too if the reader may see them."""
    change, hidden = t.change, t.restricted_change
    earlier = change.alias("earlier")
    rows = reader.execute(
        select(
            change.c.number,
            change.c.kind,
            change.c.subject_id,
            change.c.after,
            earlier.c.after.label("was"),
            hidden.c.subject_id.label("hidden_id"),
            hidden.c.after.label("hidden_after"),
        )
        .outerjoin(hidden, hidden.c.number == change.c.number)
        .outerjoin(earlier, earlier.c.number == change.c.before)
        .where(change.c.line == line)
        .order_by(change.c.number)
        .limit(most)
    ).all()
    for row in rows:
        if row.kind is not None:
            yield Touched(
                row.number, row.kind, row.subject_id, row.was, row.after, restricted=False
            )
        elif row.hidden_id is not None:
            was = _hidden_before(reader, row.hidden_id, row.number)
            yield Touched(
                row.number, "address", row.hidden_id, was, row.hidden_after, restricted=True
            )


def _hidden_before(reader: Reader, subject: int, number: int) -> dict[str, Any] | None:
    hidden = t.restricted_change
    return reader.scalar(
        select(hidden.c.after)
        .where(hidden.c.subject_id == subject, hidden.c.number < number)
        .order_by(hidden.c.number.desc())
        .limit(1)
    )


def differences(
    before: dict[str, Any] | None, after: dict[str, Any] | None
) -> Iterator[tuple[str, Any, Any]]:
    """What differs, by path: versions.0.number, '12', '14'."""
    was, now = dict(_leaves(before)), dict(_leaves(after))
    for path in sorted(was.keys() | now.keys()):
        if was.get(path) != now.get(path):
            yield path, was.get(path), now.get(path)


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _leaves(below, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _leaves(below, f"{path}.{index}")
    elif value is not None:
        yield path, value
