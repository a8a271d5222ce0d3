"""Number a street: many houses entered in one act, each with the number that the layout gave it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from diachiso.address.errors import Incomplete, LikelyDuplicate
from diachiso.address.record import Address, Details, State
from diachiso.registry.books import Books, Deed
from diachiso.registry.officer import Act, Acting
from diachiso.registry.postal import kept_secret
from diachiso.registry.register import complete, placed

MOST = 500
"""Houses in one act."""


def number_street(
    books: Books,
    houses: Sequence[Details],
    by: Acting,
    on: date,
    *,
    record: bool = False,
    distinct: bool = False,
) -> tuple[Address, ...]:
    """Enter houses as drafts, or with codes at once; one line of the ledger for each of the two.

    Raises:
        Incomplete: none, far too many, or one of them names nothing.
        LikelyDuplicate: one has the number and street of a live address, or of another of them.
        NoWardHere: one lies in no ward.
        NotAllowed: one lies in a ward that is not theirs.
    """
    if not 0 < len(houses) <= MOST:
        raise Incomplete(
            f"Cần từ 1 đến {MOST} nhà. / Between 1 and {MOST} houses are numbered at once.",
            missing=["houses"],
        )
    whole = [placed(books, complete(one), on) for one in houses]
    by.must(Act.REGISTER, *{one.ward for one in whole})
    if not distinct:
        _must_be_new(books, whole, on)
    drafts = [books.enter(kept_secret(one, by), on, by.officer.id) for one in whole]
    ward = whole[0].ward
    books.seal(Deed(Act.REGISTER, ward, tuple(drafts), note={"numbered": len(drafts)}), by)
    if not record:
        return tuple(drafts)
    by.must(Act.RECORD, *{one.ward for one in whole})
    recorded = tuple(books.revise(one, _with_code(books, one, by, on)) for one in drafts)
    note = {"numbered": len(recorded), **({"distinct": True} if distinct else {})}
    books.seal(Deed(Act.RECORD, ward, recorded, note=note), by)
    return recorded


def _with_code(books: Books, draft: Address, by: Acting, on: date) -> Address:
    return replace(draft.becoming(State.RECORDED, on), code=books.give_code(draft, by.today))


def _must_be_new(books: Books, houses: Sequence[Details], on: date) -> None:
    keys = [(one.street, one.number.key if one.number else one.name) for one in houses]
    twice = sorted({str(key[1]) for key in keys if keys.count(key) > 1})
    same = [
        like.address.called for one in houses for like in books.likely(one, on) if like.is_plain
    ]
    if twice or same:
        told = ", ".join([*twice, *dict.fromkeys(same)])
        raise LikelyDuplicate(
            f"Trùng số và đường: {told}. Nếu là địa chỉ khác, hãy xác nhận. / The same number and "
            f"street: {told}; say `distinct` if they are others.",
            likely=list(dict.fromkeys(same)),
        )
