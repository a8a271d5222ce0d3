"""Amend: other details, or another place, for the same address under the same code."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from diachiso.address.errors import Incomplete, MoveRefused
from diachiso.address.record import Address, Details, Spot
from diachiso.registry.books import Books, Deed
from diachiso.registry.officer import Act, Acting
from diachiso.registry.postal import must_stay_secret
from diachiso.registry.register import complete, placed


def amend(books: Books, address: Address, details: Details, by: Acting, on: date) -> Address:
    """Write other details from a day on; what was certified must be certified anew.

    Raises:
        MoveRefused: retired, or the position now lies in another ward (that is a move).
        Incomplete: the new details name nothing.
        NotAllowed: not theirs to amend.
    """
    by.must(Act.AMEND, address.details.ward)
    whole = complete(details)
    if whole.spots != address.details.spots:
        whole = placed(books, whole, on)
    if whole.ward != address.details.ward:
        raise MoveRefused(
            f"{address.called}: vị trí mới thuộc {whole.ward.code}; hãy dùng “chuyển”. / the new "
            f"position lies in ward {whole.ward.code}: move it instead."
        )
    must_stay_secret(whole, restricted=address.details.restricted)
    kept = replace(whole, restricted=address.details.restricted)
    written = books.revise(address, address.amended(kept, on, by.officer.id))
    books.seal(Deed(Act.AMEND, written.details.ward, (written,)), by)
    return written


def move(books: Books, address: Address, spots: Sequence[Spot], by: Acting, on: date) -> Address:
    """Put an address in its right place, in another ward if need be; the code stays.

    Raises:
        NoWardHere: the place lies in no ward.
        NotAllowed: not theirs to move, here or there.
    """
    if not spots:
        raise Incomplete("Cần ít nhất một vị trí. / At least one position is needed.")
    there = placed(books, replace(address.details, spots=tuple(spots)), on)
    by.must(Act.MOVE, address.details.ward, there.ward)
    written = books.revise(address, address.amended(there, on, by.officer.id))
    note = {"from": address.details.ward.code, "to": there.ward.code}
    books.seal(Deed(Act.MOVE, written.details.ward, (written,), note=note), by)
    return written
