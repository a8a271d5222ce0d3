"""Review and restrict: an attribute is in doubt; an address is found by nobody but its ward."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from diachiso.address.errors import Incomplete
from diachiso.address.record import Address, State
from diachiso.registry.books import Books, Deed
from diachiso.registry.officer import Act, Acting
from diachiso.registry.postal import must_stay_secret

ATTRIBUTES = frozenset(
    {"number", "street", "residential_group", "estate", "name", "kind", "position", "ward"}
)
"""What may be in doubt."""


def review(
    books: Books, address: Address, doubts: Iterable[str], by: Acting, on: date, *, reason: str
) -> Address:
    """Put an address under review, with what is doubted of it (BAG: "in onderzoek").

    Raises:
        Incomplete: nothing is doubted, or no such attribute.
        MoveRefused: a draft or a retired address.
        NotAllowed: not theirs to review.
    """
    by.must(Act.REVIEW, address.details.ward)
    flagged, known = frozenset(doubts), ", ".join(sorted(ATTRIBUTES))
    if not flagged or not flagged <= ATTRIBUTES:
        raise Incomplete(f"Cần nêu thuộc tính nghi ngờ: {known}. / Name what is in doubt.")
    doubted = replace(
        address.becoming(State.UNDER_REVIEW, on, reason=reason),
        details=replace(address.details, doubts=flagged),
    )
    written = books.revise(address, doubted)
    note = {"doubts": sorted(flagged), "reason": reason}
    books.seal(Deed(Act.REVIEW, written.details.ward, (written,), note=note), by)
    return written


def settle(books: Books, address: Address, by: Acting, on: date) -> Address:
    """End a review: the doubts are gone, the address is recorded again.

    Raises:
        MoveRefused: it is not under review.
        NotAllowed: not theirs to settle.
    """
    by.must(Act.AMEND, address.details.ward)
    settled = replace(
        address.becoming(State.RECORDED, on),
        details=replace(address.details, doubts=frozenset()),
        author=by.officer.id,
    )
    written = books.revise(address, settled)
    books.seal(Deed(Act.AMEND, written.details.ward, (written,), note={"settled": True}), by)
    return written


def restrict(books: Books, address: Address, by: Acting, *, hidden: bool) -> Address:
    """Hide an address from all but its ward, with all that was known of it; or show it again.

    Raises:
        MoveRefused: a point of state mail is not shown again.
        NotAllowed: not theirs to restrict.
    """
    by.must(Act.RESTRICT, address.details.ward)
    must_stay_secret(address.details, restricted=hidden)
    books.conceal(address, hidden=hidden)
    changed = replace(address, details=replace(address.details, restricted=hidden))
    books.seal(Deed(Act.RESTRICT, changed.details.ward, (changed,), note={"hidden": hidden}), by)
    return changed
