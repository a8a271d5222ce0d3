"""The numbered changes as followers read them, and what is public at a number.

Changes are never altered, and their numbers have no holes: so what was public at a number can be
told at any later time from the changes up to it. What is told is handed on as text, byte for byte
as its digest covers it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import CTE, Integer, Select, Text, cast, func, literal, select

from diachiso.address.division import Level
from diachiso.address.errors import AheadOfFeed, UnknownUnit
from diachiso.store import tables as t
from diachiso.store.engine import Reader
from diachiso.store.history import holds_on, is_recorded

AT_ONCE = 2_000
"""Rows of a snapshot that are in memory at a time."""
LEVELS = {2: Level.PROVINCE, 3: Level.DISTRICT, 5: Level.WARD}


@dataclass(frozen=True, slots=True)
class Change:
    """A numbered change; `kind` is None where it is of a restricted address.

    `after` is JSON text of what is public from then on; None: withdrawn.
    """

    number: int
    line: int
    at: datetime | None
    act: str | None
    kind: str | None
    subject: int | None
    after: str | None
    before: int | None


@dataclass(frozen=True, slots=True)
class Page:
    """Changes in order; `next` is the number to go on from, `last` the newest there is."""

    changes: tuple[Change, ...]
    next: int
    last: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Something public as it stands: its kind, identity, JSON text, and the change that told it."""

    kind: str
    subject: int
    after: str
    number: int


def last_number(reader: Reader) -> int:
    """The number of the newest change; 0 where there is none."""
    return int(reader.scalar(select(func.coalesce(func.max(t.change.c.number), 0))) or 0)


def streets_touched(reader: Reader, since: int) -> frozenset[int]:
    """The streets of the addresses that changed after a number, as they were and as they are."""
    version, change = t.address_version, t.change
    rows = reader.scalars(
        select(version.c.street_id)
        .join(change, change.c.subject_id == version.c.address_id)
        .where(
            change.c.number > since, change.c.kind == "address", version.c.street_id.is_not(None)
        )
        .distinct()
    )
    return frozenset(rows)


def changes_since(
    reader: Reader, since: int, most: int, units: Sequence[int] | None = None
) -> Page:
    """The changes after a number, in order; of these units where some are named.

    Raises:
        AheadOfFeed: the number is greater than the newest: another registry, or an older state.
    """
    last = last_number(reader)
    if since > last:
        raise AheadOfFeed(
            f"Mới có {last} thay đổi, chưa có số {since}. / There are {last} changes, none of "
            f"number {since} yet: the position is of another registry, or of a later state.",
            last=last,
        )
    change = t.change
    query = (
        select(
            change.c.number,
            change.c.line,
            change.c.at,
            change.c.act,
            change.c.kind,
            change.c.subject_id,
            cast(change.c.after, Text),
            change.c.before,
        )
        .where(change.c.number > since)
        .order_by(change.c.number)
        .limit(most)
    )
    if units is not None:
        query = query.where(change.c.units.overlap(list(units)))
    found = tuple(Change(*row) for row in reader.execute(query))
    return Page(found, found[-1].number if len(found) == most else last, last)


def standing_at(
    reader: Reader, number: int, units: Sequence[int] | None = None
) -> Iterator[Standing]:
    """All that was public at a number, ordered by kind and identity, a few rows at a time."""
    change = t.change
    latest = (
        select(func.max(change.c.number).label("number"))
        .where(change.c.number <= number, change.c.kind.is_not(None))
        .group_by(change.c.kind, change.c.subject_id)
        .subquery("latest")
    )
    query = (
        select(change.c.kind, change.c.subject_id, cast(change.c.after, Text), change.c.number)
        .join(latest, latest.c.number == change.c.number)
        .where(change.c.after.is_not(None))
        .order_by(change.c.kind, change.c.subject_id)
    )
    if units is not None:
        query = query.where(change.c.units.overlap(list(units)))
    with reader.execute(query, execution_options={"yield_per": AT_ONCE}) as rows:
        for row in rows:
            yield Standing(*row)


# -- the units that a follower means ---------------------------------------------------------------


def units_meant(reader: Reader, code: str, day: date) -> tuple[int, ...]:
    """The units whose changes belong to a unit: itself, those below, and their kin by decree.

    Those below are of today or of before; kin are the units that took one of them in, wholly or in
    part, and those whose whole or larger part one of them took in. Rather too many than too few.

    Raises:
        UnknownUnit: no unit bore this code on this day.
    """
    life = t.unit_life
    level = LEVELS.get(len(code))
    own = reader.scalar(
        select(life.c.unit_id).where(
            life.c.code == code, life.c.level == (level or ""), holds_on(life, day)
        )
    )
    if own is None:
        raise UnknownUnit(
            f"Ngày {day} không có đơn vị mã {code}. / No unit had the code {code} on {day}."
        )
    below = select(literal(own, Integer).label("unit_id")).cte("below", recursive=True)
    parent = t.unit_parent
    below = below.union(
        select(parent.c.unit_id).where(parent.c.parent_id == below.c.unit_id, is_recorded(parent))
    )
    kin = select(below.c.unit_id).union(_heirs(below), _ancestors(below))
    return tuple(sorted(reader.scalars(kin)))


def _heirs(below: CTE) -> Select[tuple[int]]:
    heirs = select(below.c.unit_id).cte("heirs", recursive=True)
    line = t.lineage
    heirs = heirs.union(
        select(line.c.new_id).where(line.c.old_id == heirs.c.unit_id, is_recorded(line))
    )
    return select(heirs.c.unit_id)


def _ancestors(below: CTE) -> Select[tuple[int]]:
    ancestors = select(below.c.unit_id).cte("ancestors", recursive=True)
    line = t.lineage
    ancestors = ancestors.union(
        select(line.c.old_id).where(
            line.c.new_id == ancestors.c.unit_id,
            is_recorded(line),
            (line.c.part == "whole") | line.c.is_default,
        )
    )
    return select(ancestors.c.unit_id)
