"""Split: a plot is divided, 12 becomes 12, 12A, 12B; the first keeps the code."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from diachiso.address.errors import Incomplete, MoveRefused
from diachiso.address.number import HouseNumber
from diachiso.address.record import Address, Details, Spot, State
from diachiso.registry.books import Books, Deed
from diachiso.registry.officer import Act, Acting
from diachiso.registry.register import placed


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the plot: its number, and its own entrance where it has one."""

    number: HouseNumber
    spots: tuple[Spot, ...] = ()


def split(
    books: Books, address: Address, pieces: Sequence[Piece], by: Acting, on: date
) -> tuple[Address, ...]:
    """Divide an address: the first piece keeps its code, each other gets one of its own.

    Raises:
        Incomplete: fewer than two pieces, or two of one number.
        MoveRefused: only what is recorded can be split.
        NotAllowed: not theirs to split.
    """
    by.must(Act.SPLIT, address.details.ward)
    if address.state not in {State.RECORDED, State.CERTIFIED}:
        raise MoveRefused(
            f"{address.called}: chỉ tách được địa chỉ đã ghi. / only a recorded address is split."
        )
    if len({piece.number.key for piece in pieces}) != len(pieces) or len(pieces) < 2:  # noqa: PLR2004 (a split makes two at least)
        raise Incomplete(
            "Cần hai số khác nhau trở lên. / Two different numbers or more are needed."
        )
    first, *others = [_details(books, address, piece, on) for piece in pieces]
    kept = books.revise(address, address.amended(first, on, by.officer.id))
    new = []
    for details in others:
        draft = books.enter(details, on, by.officer.id)
        recorded = replace(
            draft.becoming(State.RECORDED, on), code=books.give_code(draft, by.today)
        )
        new.append(books.revise(draft, recorded))
    books.succeed(kept, new, on)
    note = {"numbers": [str(piece.number) for piece in pieces]}
    books.seal(Deed(Act.SPLIT, kept.details.ward, (kept, *new), note=note), by)
    return (kept, *new)


def _details(books: Books, address: Address, piece: Piece, on: date) -> Details:
    details = replace(address.details, number=piece.number)
    return placed(books, replace(details, spots=piece.spots), on) if piece.spots else details
