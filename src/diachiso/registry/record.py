"""Record: a draft becomes an address with a code that never changes."""

from dataclasses import replace
from datetime import date

from diachiso.address.errors import LikelyDuplicate
from diachiso.address.record import Address, State
from diachiso.registry.books import Books, Deed, Likely
from diachiso.registry.officer import Act, Acting


def record(
    books: Books, draft: Address, by: Acting, on: date, *, distinct: bool = False
) -> Address:
    """Give a draft its code; `distinct` says that it is none of those it resembles.

    Raises:
        LikelyDuplicate: a live address has the same number and street, and nobody said that this
            is another.
        MoveRefused: it has a code already, or is retired.
        NotAllowed: not theirs to record.
        CodesError: the ward has no area to issue from, or it is used up.
    """
    by.must(Act.RECORD, draft.details.ward)
    if not distinct:
        _must_be_new(draft, books.likely(draft.details, on))
    recorded = draft.becoming(State.RECORDED, on)
    if draft.code is None:
        recorded = replace(recorded, code=books.give_code(draft, by.today))
    written = books.revise(draft, recorded)
    note = {"distinct": True} if distinct else {}
    books.seal(Deed(Act.RECORD, written.details.ward, (written,), note=note), by)
    return written


def _must_be_new(draft: Address, likely: tuple[Likely, ...]) -> None:
    same = [one.address.called for one in likely if one.is_plain and one.address.id != draft.id]
    if same:
        raise LikelyDuplicate(
            f"Trùng số và đường với {', '.join(same)}. Nếu là địa chỉ khác, hãy xác nhận. / The "
            f"same number and street as {', '.join(same)}; say `distinct` if it is another.",
            likely=same,
        )
