"""Loads in the ledger and in the feed: what nobody in particular did is sealed all the same.

A load says which subjects it may have touched; those that are no longer as the feed last told them
are sealed, all in one line. What is told stands in `subjects_told`, a function of the database.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Engine,
    Select,
    Table,
    Text,
    cast,
    column,
    exists,
    func,
    insert,
    literal,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from diachiso.store import tables as t
from diachiso.store.engine import Reader, Writer, reading, transaction
from diachiso.store.progress import Track, quietly

LOAD = "load"
ORIGIN = "load"
AT_ONCE = 5_000
"""Subjects a transaction, when what was loaded before is brought into the feed."""
FEED = "feed"
CAUGHT_UP = "1"


def seal_load(
    writer: Writer, note: Mapping[str, Any], subjects: Sequence[tuple[str, int]] = ()
) -> int:
    """Append the line of a load, last in its transaction; the line's number."""
    kinds = cast([kind for kind, _ in subjects], ARRAY(Text))
    identities = cast([identity for _, identity in subjects], ARRAY(BigInteger))
    line = func.seal(LOAD, None, cast(dict(note), JSONB), ORIGIN, kinds, identities)
    return int(writer.scalar(select(line)) or 0)


def seal_touched(
    writer: Writer,
    note: Mapping[str, Any],
    touched: Iterable[tuple[str, int]],
    new: Sequence[tuple[str, int]] = (),
) -> int:
    """Seal what is new, and those of the touched that the feed last told otherwise; how many."""
    fresh = [*untold(writer, list(dict.fromkeys(touched))), *new]
    if fresh:
        seal_load(writer, note, fresh)
    return len(fresh)


def untold(reader: Reader, touched: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Those whose last change in the feed tells something else, or that have none."""
    if not touched:
        return []
    now = func.subjects_told(
        cast([kind for kind, _ in touched], ARRAY(Text)),
        cast([identity for _, identity in touched], ARRAY(BigInteger)),
    ).table_valued(
        column("kind", Text),
        column("subject", BigInteger),
        column("n", BigInteger),
        column("told", JSONB),
        column("wards", t.change.c.units.type),
        name="now",
    )
    change = t.change
    was = (
        select(change.c.after, change.c.units)
        .where(change.c.kind == now.c.kind, change.c.subject_id == now.c.subject)
        .order_by(change.c.number.desc())
        .limit(1)
        .lateral("was")
    )
    differs = was.c.after.is_distinct_from(now.c.told) | ~now.c.wards.contained_by(was.c.units)
    rows = reader.execute(
        select(now.c.kind, now.c.subject)
        .select_from(now)
        .outerjoin(was, true())
        .where(differs)
        .order_by(now.c.n)
    )
    return [(row.kind, row.subject) for row in rows]


# -- what was loaded before there was a feed -------------------------------------------------------


def bring_up_feed(engine: Engine, track: Track = quietly) -> int:
    """Seal what was loaded before loads were sealed, once; how many subjects that were.

    Killed half-way it goes on where it stopped: what is sealed is not sealed again.
    """
    with reading(engine) as reader:
        done = select(t.edition.c.id).where(
            t.edition.c.subject == FEED, t.edition.c.digest == CAUGHT_UP
        )
        if reader.scalar(done.limit(1)) is not None:
            return 0
        missing = [
            (kind, identity)
            for kind, query in (("unit", _units()), ("street", _streets()), ("address", _bare()))
            for identity in reader.scalars(query)
        ]
    for start in track(range(0, len(missing), AT_ONCE), "Dòng thay đổi / the feed"):
        with transaction(engine) as writer:
            seal_touched(writer, {"subject": FEED}, missing[start : start + AT_ONCE])
    with transaction(engine) as writer:
        row = {"subject": FEED, "digest": CAUGHT_UP, "summary": {"sealed": len(missing)}}
        writer.execute(insert(t.edition).values(row))
    return len(missing)


def _units() -> Select[Any]:
    return select(t.unit.c.id).where(_silent("unit", t.unit)).order_by(t.unit.c.id)


def _streets() -> Select[Any]:
    return select(t.street.c.id).where(_silent("street", t.street)).order_by(t.street.c.id)


def _bare() -> Select[Any]:
    """Addresses with a public version and no change: restricted ones are sealed by their acts."""
    version = t.address_version
    known = exists().where(
        version.c.address_id == t.address.c.id, func.upper_inf(version.c.recorded)
    )
    silent = _silent("address", t.address)
    return select(t.address.c.id).where(known, silent).order_by(t.address.c.id)


def _silent(kind: str, table: Table) -> Any:  # noqa: ANN401 (a clause)
    change = t.change
    told = exists().where(change.c.kind == literal(kind), change.c.subject_id == table.c.id)
    return ~told
