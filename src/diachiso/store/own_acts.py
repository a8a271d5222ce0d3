"""One's own acts in PostGIS: the last ones, what they wrote, whether anything was built on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, func, select, tuple_

from diachiso.address.record import Address
from diachiso.registry.officer import Act
from diachiso.registry.undo import OwnAct, Step
from diachiso.store import tables as t
from diachiso.store.books import PostgisBooks
from diachiso.store.engine import Reader
from diachiso.store.history import is_recorded, supersede
from diachiso.store.likely import is_version, recorded_versions
from diachiso.store.trail import versions_in_force
from diachiso.store.versions import address_of

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True, slots=True)
class Told:
    """An act of one's own in short: what, when, on which addresses."""

    line: int
    act: Act
    at: datetime
    addresses: int
    first: int | None
    undoes: int | None
    is_undone: bool


def own_acts(reader: Reader, most: int = 10) -> list[Told]:
    """The last acts of the one who acts, the newest first."""
    rows = reader.execute(_own().limit(most)).all()
    undone = {row.undoes for row in rows if row.undoes}
    return [
        Told(
            row.line,
            Act(row.act),
            row.at.astimezone(VIETNAM),
            len({one["address"] for one in row.steps}),
            row.steps[0]["address"] if row.steps else None,
            row.undoes,
            row.line in undone,
        )
        for row in rows
    ]


def _own() -> Select[Any]:
    own = t.own_act
    return select(own).where(own.c.officer_id == func.acting_officer()).order_by(own.c.line.desc())


class PostgisUndo(PostgisBooks):
    """The books, with one's own trail through them."""

    @classmethod
    def over(cls, books: PostgisBooks) -> Self:
        """The same books, in the same transaction."""
        one = cls(books.writer)
        one.trail = books.trail
        return one

    def last_act(self) -> OwnAct | None:
        """The last act of the one who acts; None if they never acted."""
        row = self._writer.execute(_own().limit(1)).one_or_none()
        return self._own_act(row) if row else None

    def _own_act(self, row: Row[Any]) -> OwnAct:
        steps = row.steps
        known = self._versions([(one["now"], one["hidden"]) for one in steps])
        known |= self._versions([(one["was"], one["hidden"]) for one in steps if one["was"]])
        whole = [
            Step(
                known.get((one["was"], one["hidden"])) if one["was"] else None,
                known[one["now"], one["hidden"]],
            )
            for one in steps
            if (one["now"], one["hidden"]) in known
        ]
        day = row.at.astimezone(VIETNAM).date()
        return OwnAct(row.line, Act(row.act), day, tuple(whole), row.undoes)

    def _versions(self, wanted: Sequence[tuple[int, bool]]) -> dict[tuple[int, bool], Address]:
        rows = self._writer.execute(recorded_versions().where(is_version(wanted)))
        return {(row.id, row.restricted): address_of(row) for row in rows}

    def is_built_on(self, act: OwnAct) -> bool:
        """Has anything been written after it on what it wrote, or answered by it?"""
        row = self._row(act)
        last: Mapping[int, Any] = {one["address"]: one for one in row.steps}
        if versions_in_force(self._writer, last.values()) < len(last):
            return True
        said = select(t.report_answer.c.line).where(t.report_answer.c.line == act.line)
        return self._writer.execute(said).first() is not None

    def disinherit(self, act: OwnAct) -> None:
        """Withdraw the successions that the act wrote."""
        heirs = [tuple(one) for one in self._row(act).heirs]
        if not heirs:
            return
        line = t.succession
        ids = self._writer.scalars(
            select(line.c.id).where(
                tuple_(line.c.old_id, line.c.new_id).in_(heirs), is_recorded(line)
            )
        )
        supersede(self._writer, line, list(ids))

    def undoes(self, act: OwnAct) -> None:
        """Say of the next line to be sealed which one it undoes."""
        self.trail.undoing = act.line

    def _row(self, act: OwnAct) -> Row[Any]:
        return self._writer.execute(_own().where(t.own_act.c.line == act.line)).one()
