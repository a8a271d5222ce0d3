"""The trail of an act: which versions it ended and wrote; and errands that are done once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, insert, select

from diachiso.address.record import Address
from diachiso.registry.officer import Act, Errand, KeyReused
from diachiso.store import tables as t
from diachiso.store.engine import Reader, Writer
from diachiso.store.likely import is_version


@dataclass(slots=True)
class Trail:
    """What was written since the last line of the ledger, and the lines of this transaction."""

    steps: list[dict[str, Any]] = field(default_factory=list)
    heirs: list[tuple[int, int]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    undoing: int | None = None

    def stepped(self, was: Address | None, now: Address) -> Address:
        """A version ended (None: there was none) and another, which is handed on, was written."""
        self.steps.append(
            {
                "address": now.id,
                "was": was.version if was else None,
                "now": now.version,
                "hidden": now.details.restricted,
            }
        )
        return now

    def sealed(self, writer: Writer, line: int, act: Act, officer: int | None) -> int:
        """Keep what the act of a line wrote for the one who did it; officer 0 has no trail."""
        self.lines.append(line)
        if officer:
            row = {
                "line": line,
                "officer_id": officer,
                "act": act.value,
                "steps": self.steps,
                "heirs": self.heirs,
                "undoes": self.undoing,
            }
            writer.execute(insert(t.own_act).values(row).inline())
        self.steps, self.heirs, self.undoing = [], [], None
        return line


# -- errands -------------------------------------------------------------------------------------


def done_before(writer: Writer, officer: int, errand: Errand) -> Sequence[int] | None:
    """The lines of an errand that was done; None if it is to be done now.

    Whoever comes with the same key meanwhile waits until this transaction ends.

    Raises:
        KeyReused: the key came with something else.
    """
    lock = func.pg_advisory_xact_lock(func.hashtext(f"diachiso.errand {officer} {errand.key}"))
    writer.execute(select(lock))
    kept = t.errand
    row = writer.execute(
        select(kept.c.digest, kept.c.lines).where(
            kept.c.officer_id == officer, kept.c.key == errand.key
        )
    ).one_or_none()
    if row is None:
        return None
    if row.digest != errand.digest:
        raise KeyReused(
            "Khóa lặp này đã dùng cho yêu cầu khác. / This idempotency key came with another "
            "request before."
        )
    return list(row.lines)


def done_now(writer: Writer, officer: int, errand: Errand, lines: Iterable[int]) -> None:
    """Keep that an errand is done."""
    row = {
        "officer_id": officer,
        "key": errand.key,
        "digest": errand.digest,
        "lines": list(lines),
    }
    writer.execute(insert(t.errand).values(row))


def addresses_of(reader: Reader, lines: Sequence[int]) -> list[int]:
    """The addresses, by number of identity, that some lines of one's own wrote."""
    own = t.own_act
    rows = reader.scalars(
        select(own.c.steps).where(own.c.line.in_(list(lines))).order_by(own.c.line)
    )
    return list(dict.fromkeys(int(step["address"]) for steps in rows for step in steps))


def versions_in_force(reader: Reader, steps: Iterable[Mapping[str, Any]]) -> int:
    """How many of the versions that some steps wrote are still what is believed."""
    book = t.address_book
    wanted = [(one["now"], one["hidden"]) for one in steps]
    return int(
        reader.scalar(
            select(func.count())
            .select_from(book)
            .where(is_version(wanted), func.upper_inf(book.c.recorded))
        )
        or 0
    )
