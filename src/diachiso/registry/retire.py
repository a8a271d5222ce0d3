"""Retire and merge: an address ends with a reason and successors; its code answers for ever."""

from collections.abc import Sequence
from datetime import date

from diachiso.address.errors import Incomplete
from diachiso.address.record import Address, State
from diachiso.registry.books import Books, Deed
from diachiso.registry.officer import Act, Acting

MERGED = "gộp vào / merged into {into}"


def retire(
    books: Books,
    address: Address,
    by: Acting,
    on: date,
    *,
    reason: str,
    successors: Sequence[Address] = (),
) -> Address:
    """End an address.

    Raises:
        Incomplete: no reason is given, or it would succeed itself.
        MoveRefused: it is retired already.
        NotAllowed: not theirs to retire.
    """
    by.must(Act.RETIRE, address.details.ward)
    ended = _ended(books, address, on, reason, successors)
    note = {"reason": reason, "successors": [one.called for one in successors]}
    books.seal(Deed(Act.RETIRE, ended.details.ward, (ended,), note=note), by)
    return ended


def merge(
    books: Books, others: Sequence[Address], into: Address, by: Acting, on: date
) -> tuple[Address, ...]:
    """One plot of several: the others are retired, `into` succeeds them.

    Raises:
        Incomplete: nothing to merge, or the one that stays is among those that go.
        MoveRefused: one of them is retired already.
        NotAllowed: not theirs to merge.
    """
    if not others:
        raise Incomplete("Cần ít nhất một địa chỉ để gộp. / There is nothing to merge.")
    by.must(Act.MERGE, into.details.ward, *(one.details.ward for one in others))
    into.becoming(into.state, on)  # one that is retired succeeds nobody
    reason = MERGED.format(into=into.called)
    ended = tuple(_ended(books, one, on, reason, (into,)) for one in others)
    note = {"into": into.called}
    books.seal(Deed(Act.MERGE, into.details.ward, (*ended, into), note=note), by)
    return ended


def _ended(
    books: Books, address: Address, on: date, reason: str, successors: Sequence[Address]
) -> Address:
    if not reason.strip():
        raise Incomplete("Cần nêu lý do. / A reason is needed.", missing=["reason"])
    if any(one.id == address.id for one in successors):
        raise Incomplete(
            f"{address.called} không thể kế thừa chính nó. / cannot succeed itself.",
            missing=["successors"],
        )
    ended = books.revise(address, address.becoming(State.RETIRED, on, reason=reason))
    books.succeed(address, successors, on)
    return ended
