"""The ledger proved: every line against the one before it, every change against its line."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ScalarSelect, Text, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from diachiso.address.errors import LedgerBroken
from diachiso.registry.officer import Act
from diachiso.store import tables as t
from diachiso.store.engine import Reader, Writer

BEGINNING = "0" * 64
AT_ONCE = 5_000
MICROSECONDS = 1_000_000


def sealed(
    writer: Writer,
    act: Act,
    ward: ScalarSelect[int] | None,
    note: Mapping[str, Any],
    origin: str,
    subjects: Sequence[tuple[str, int]],
) -> int:
    """Append the line of an act and number what it changed (kinds and numbers); the line."""
    line = writer.scalar(
        select(
            func.seal(
                act.value,
                ward,
                cast(dict(note), JSONB),
                origin,
                cast([kind for kind, _ in subjects], ARRAY(Text)),
                cast([identity for _, identity in subjects], ARRAY(BigInteger)),
            )
        )
    )
    return int(line or 0)


@dataclass(frozen=True, slots=True)
class Head:
    """The last line of the ledger: who has its hash can prove every line before it."""

    number: int
    hash: str
    at: datetime | None
    last_change: int


def head_of(reader: Reader) -> Head:
    """The last line; number 0 where nobody has acted yet."""
    row = reader.execute(
        select(t.ledger.c.number, t.ledger.c.hash, t.ledger.c.body)
        .order_by(t.ledger.c.number.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return Head(0, BEGINNING, None, 0)
    at = datetime.fromisoformat(row.body["at"])
    return Head(row.number, row.hash, at, row.body["last_change"])


def prove(reader: Reader) -> Head:
    """Compute every hash anew, from the first line on; the head that is proved.

    Raises:
        LedgerBroken: names the first line, or the first change, that is not what was written.
    """
    head, changes = Head(0, BEGINNING, None, 0), _changes(reader)
    for row in _lines(reader):
        number = head.number + 1
        until = int(row.body.get("last_change", 0)) if row.number == number else 0
        digests = "".join(_digests(changes, number, head.last_change, until))
        fits = (
            row.number == number
            and row.previous == head.hash
            and row.hash == hash_of(head.hash, row.told)
            and row.body.get("number") == number
            and row.body.get("changes") == hash_of(digests)
        )
        if not fits:
            raise LedgerBroken(
                f"Dòng {number} của sổ cái không còn như đã ghi. / Line {number} of the ledger is "
                "not what was written.",
                line=number,
            )
        head = Head(number, row.hash, datetime.fromisoformat(row.body["at"]), until)
    if (more := next(changes, None)) is not None:
        raise LedgerBroken(
            f"Thay đổi {more.number} không thuộc dòng nào của sổ cái. / Change {more.number} "
            "belongs to no line of the ledger.",
            change=more.number,
        )
    return head


def hash_of(*parts: str) -> str:
    """As the database computes it: SHA-256 over the parts, a line each."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _lines(reader: Reader) -> Iterator[Any]:
    told = cast(t.ledger.c.body, Text).label("told")
    last = 0
    while rows := reader.execute(
        select(t.ledger, told)
        .where(t.ledger.c.number > last)
        .order_by(t.ledger.c.number)
        .limit(AT_ONCE)
    ).all():
        yield from rows
        last = rows[-1].number


def _changes(reader: Reader) -> Iterator[Any]:
    """Every change with what is hidden of it, as text, in order."""
    change, hidden = t.change, t.restricted_change
    query = (
        select(
            *(c for c in change.columns if c.name not in ("after", "units", "at")),
            cast(func.extract("epoch", change.c.at) * MICROSECONDS, BigInteger).label("stamp"),
            cast(change.c.after, Text).label("after"),
            hidden.c.salt,
            hidden.c.subject_id.label("hidden_id"),
            cast(hidden.c.after, Text).label("hidden_after"),
        )
        .outerjoin(hidden, hidden.c.number == change.c.number)
        .order_by(change.c.number)
        .limit(AT_ONCE)
    )
    last = 0
    while rows := reader.execute(query.where(change.c.number > last)).all():
        yield from rows
        last = rows[-1].number


def _digests(changes: Iterator[Any], line: int, since: int, until: int) -> Iterator[str]:
    """The digests of a line's changes, each computed from what the change tells."""
    for number in range(since + 1, until + 1):
        row = next(changes, None)
        fits = (
            row is not None
            and row.number == number
            and row.line == line
            and row.digest == _digest(row)
        )
        if row is None or not fits:
            raise LedgerBroken(
                f"Thay đổi {number} (dòng {line} của sổ cái) không còn như đã ghi. / Change "
                f"{number} (line {line} of the ledger) is not what was written.",
                line=line,
                change=number,
            )
        yield row.digest


def _digest(row: Any) -> str:  # noqa: ANN401 (a row of two tables)
    if row.salt is not None:
        return hash_of(str(row.number), row.salt, str(row.hidden_id), row.hidden_after)
    told = (row.number, row.stamp, row.act, row.kind, row.subject_id, row.after)
    return hash_of(*("-" if part is None else str(part) for part in told))
