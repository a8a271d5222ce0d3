"""Certify: a second pair of eyes vouches for a recorded address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from diachiso.address.errors import (
    DiachisoError,
    FourEyes,
    MoveRefused,
    Overtaken,
    TooEarly,
)
from diachiso.address.record import Address, State
from diachiso.registry.books import Books, Deed
from diachiso.registry.officer import Act, Acting


def certify(books: Books, address: Address, by: Acting, on: date) -> Address:
    """Vouch for an address that somebody else wrote; its code stays.

    Raises:
        FourEyes: they wrote it themselves.
        MoveRefused: it is a draft or retired.
        NotAllowed: not theirs to certify.
    """
    by.must(Act.CERTIFY, address.details.ward)
    by.officer.must_not_be(address.author)
    written = books.revise(address, address.becoming(State.CERTIFIED, on))
    books.seal(Deed(Act.CERTIFY, written.details.ward, (written,)), by)
    return written


@dataclass(frozen=True, slots=True)
class Vouched:
    """What was certified of many, and why the others were not."""

    certified: tuple[Address, ...]
    refused: Mapping[str, DiachisoError]


def certify_all(books: Books, addresses: Sequence[Address], by: Acting, on: date) -> Vouched:
    """Vouch for many at once, with one line of the ledger; those that cannot be are told.

    Raises:
        NotAllowed: one lies in a ward where they certify nothing.
    """
    by.must(Act.CERTIFY, *{one.details.ward for one in addresses})
    certified: list[Address] = []
    refused: dict[str, DiachisoError] = {}
    for one in addresses:
        try:
            by.officer.must_not_be(one.author)
            _must_wait(one)
            certified.append(books.revise(one, one.becoming(State.CERTIFIED, on)))
        except (FourEyes, MoveRefused, Overtaken, TooEarly) as fault:
            refused[one.called] = fault
    if certified:
        ward = certified[0].details.ward
        books.seal(Deed(Act.CERTIFY, ward, tuple(certified)), by)
    return Vouched(tuple(certified), refused)


def _must_wait(address: Address) -> None:
    if address.state is State.CERTIFIED:
        raise MoveRefused(f"{address.called}: đã chứng nhận rồi. / certified already.")
