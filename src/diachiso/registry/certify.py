"""Certify: a second pair of eyes vouches for a recorded address."""

from datetime import date

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
