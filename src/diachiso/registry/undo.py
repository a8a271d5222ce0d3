"""Undo: one's own last act is made good by another, as long as nothing was built on it.

The registry takes nothing back: what was believed meanwhile stays recorded, and the ledger tells
both acts. An undo writes what was there before, from the day of the act on, so that no day in the
world keeps the mistake. What an act first entered is retired: a code that was issued answers for
ever. See record 71.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from diachiso.address.division import Validity
from diachiso.address.errors import ActError
from diachiso.address.record import Address, Details, State
from diachiso.registry.books import Books, Deed
from diachiso.registry.officer import Act, Acting

UNDONE = "hoàn tác: ghi nhầm / undone: entered by mistake"
FINAL = frozenset({Act.RENAME, Act.RESTRICT, Act.GRANT, Act.DELEGATE, Act.REORGANISE})
"""Acts with an opposite of their own: rename back, show again, end the mandate, another decree."""
NEEDED = {
    State.PROPOSED: Act.REGISTER,
    State.RECORDED: Act.RECORD,
    State.CERTIFIED: Act.CERTIFY,
    State.UNDER_REVIEW: Act.REVIEW,
    State.RETIRED: Act.RETIRE,
}
"""What one must be allowed to do to bring an address into a state."""


class NotUndoable(ActError):
    """An act that is not, or no longer, to be undone."""


@dataclass(frozen=True, slots=True)
class Step:
    """What an act did to an address: the version it ended (None: it entered it) and wrote."""

    was: Address | None
    now: Address


@dataclass(frozen=True, slots=True)
class OwnAct:
    """An act of somebody: its line of the ledger, its day, its steps, and what it undid."""

    line: int
    act: Act
    day: date
    steps: tuple[Step, ...]
    undoes: int | None = None


class UndoBooks(Books, Protocol):
    """What undoing asks of the store."""

    def last_act(self) -> OwnAct | None:
        """The last act of the one who acts; None if they never acted."""
        ...

    def is_built_on(self, act: OwnAct) -> bool:
        """Has anything been written after it on what it wrote, or answered by it?"""
        ...

    def disinherit(self, act: OwnAct) -> None:
        """Withdraw the successions that the act wrote."""
        ...

    def undoes(self, act: OwnAct) -> None:
        """Say of the next line to be sealed which one it undoes."""
        ...


def undo(books: UndoBooks, line: int, by: Acting) -> tuple[Address, ...]:
    """Make one's own last act good; the addresses as they are then.

    Raises:
        NotUndoable: says why.
        NotAllowed: the opposite is not theirs to do: ask the ward.
    """
    act = books.last_act()
    if act is None or act.line != line:
        raise NotUndoable(
            "Chỉ hoàn tác được việc bạn làm gần nhất. / Only your own last act can be undone."
        )
    must_be_undoable(act, by.today)
    if books.is_built_on(act):
        raise NotUndoable(
            "Đã có việc khác làm tiếp trên đó; hãy sửa lại thay vì hoàn tác. / Something was built "
            "on it; amend instead."
        )
    steps = _joined(act.steps)
    back = [_before(step, by) for step in steps]
    for address in back:
        by.must(NEEDED[address.state], address.details.ward)
    written = tuple(books.revise(step.now, one) for step, one in zip(steps, back, strict=True))
    books.disinherit(act)
    books.undoes(act)
    books.seal(Deed(_told(act, written), written[0].details.ward, written, note=_note(act)), by)
    return written


def must_be_undoable(act: OwnAct, today: date) -> None:
    """See that an act is of a kind and a day that can be undone.

    Raises:
        NotUndoable: it is itself an undo, of another day, or has an opposite of its own.
    """
    if act.undoes is not None:
        raise NotUndoable("Việc gần nhất đã là hoàn tác. / The last act was an undo already.")
    if act.act in FINAL or not act.steps:
        raise NotUndoable(
            "Việc này không hoàn tác được; hãy làm việc ngược lại. / This act is not undone so; do "
            "its opposite."
        )
    if act.day != today:
        raise NotUndoable(
            f"Chỉ hoàn tác trong ngày (việc này ngày {act.day}). / An act is undone on its own day "
            f"only ({act.day})."
        )


def _joined(steps: Sequence[Step]) -> list[Step]:
    """One step an address: from before the act to after it."""
    whole: dict[int, Step] = {}
    for step in steps:
        first = whole.get(step.now.id, step)
        whole[step.now.id] = Step(first.was, step.now)
    return list(whole.values())


def _before(step: Step, by: Acting) -> Address:
    """What is to be written: what was there before, as far as the one who undoes may vouch."""
    was, now = step.was, step.now
    from_day = Validity(now.valid.since or by.today)
    if was is None or (was.state is State.PROPOSED and now.code is not None):
        return replace(now.becoming(State.RETIRED, now.valid.since or by.today), reason=UNDONE)
    same = _statement(was.details) == _statement(now.details)
    author = now.author if same else by.officer.id
    state = was.state
    if state is State.CERTIFIED and (
        not same
        or author == by.officer.id
        or not by.officer.may(Act.CERTIFY, was.details.ward, by.today)
    ):
        state = State.RECORDED
    return replace(
        now, state=state, details=was.details, valid=from_day, reason=was.reason, author=author
    )


def _statement(details: Details) -> Details:
    """What an author vouches for: all but doubts and the paper it rests on."""
    return replace(details, doubts=frozenset(), document=None)


def _told(act: OwnAct, written: Sequence[Address]) -> Act:
    """The act that the ledger names: what the undo amounts to."""
    if any(one.state is State.RETIRED for one in written):
        return Act.RETIRE
    return Act.REVIEW if act.act is Act.REVIEW else Act.AMEND


def _note(act: OwnAct) -> dict[str, object]:
    return {"undoes": act.line, "undone": act.act.value}
