"""Register: a draft, with the addresses that may be the same thing shown beside it."""

from dataclasses import dataclass, replace
from datetime import date

from diachiso.address.division import UnitKey
from diachiso.address.errors import Incomplete, NoWardHere
from diachiso.address.position import Position
from diachiso.address.record import Address, Details
from diachiso.registry.books import Books, Deed, Likely
from diachiso.registry.officer import Act, Acting
from diachiso.registry.postal import checked, kept_secret


@dataclass(frozen=True, slots=True)
class Registered:
    """A draft, and what it may repeat."""

    address: Address
    likely: tuple[Likely, ...]


def register(books: Books, details: Details, by: Acting, on: date) -> Registered:
    """Enter a draft in the ward that holds its position.

    Raises:
        Incomplete: neither a number nor a name, or a number without a street, group or estate.
        NoWardHere: the position lies in no ward.
        NotAllowed: not theirs to enter.
    """
    whole = placed(books, complete(details), on)
    by.must(Act.REGISTER, whole.ward)
    whole = kept_secret(whole, by)
    likely = books.likely(whole, on)
    address = books.enter(whole, on, by.officer.id)
    books.seal(Deed(Act.REGISTER, whole.ward, (address,)), by)
    return Registered(address, likely)


def complete(details: Details) -> Details:
    """See that the details name something, and what is said of a postal point.

    Raises:
        Incomplete: says what is missing.
        MalformedAttribute: of a postal point, an attribute is not as it should be.
    """
    if details.number is None and not details.name:
        raise Incomplete(
            "Cần số nhà hoặc tên. / A house number or a name is needed.", missing=["number", "name"]
        )
    if details.number and not (details.street or details.residential_group or details.estate):
        raise Incomplete(
            "Số nhà cần kèm đường, tổ/thôn hoặc khu. / A number needs its street, residential "
            "group or estate.",
            missing=["street", "residential_group", "estate"],
        )
    return checked(details)


def placed(books: Books, details: Details, on: date) -> Details:
    """The details with the ward that holds the position on the day.

    Raises:
        NoWardHere: no loaded ward holds it.
    """
    return replace(details, ward=in_ward(books, details.spot.position, on))


def in_ward(books: Books, spot: Position, on: date) -> UnitKey:
    """The ward that holds a point on a day.

    Raises:
        NoWardHere: no loaded ward holds it.
    """
    ward = books.ward_at(spot, on)
    if ward is None:
        raise NoWardHere(
            f"Điểm {spot.lon:g}, {spot.lat:g} không nằm trong phường, xã nào. / The point lies in "
            "no ward whose boundary is loaded."
        )
    return ward
