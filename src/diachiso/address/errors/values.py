"""What is asked for is malformed, unknown or gone; or a code cannot be issued."""

from diachiso.address.errors.root import DiachisoError


class AddressError(DiachisoError):
    """A value that is not what it claims to be."""


class MalformedCode(AddressError):
    """Not ten digits."""


class MalformedVpostcode(AddressError):
    """Not a postal code followed by seven Plus Code characters."""


class MalformedNumber(AddressError):
    """Not a house number."""


class MalformedDate(AddressError):
    """Not a day of the calendar."""


class MalformedBbox(AddressError):
    """Not west, south, east, north."""


class MalformedPosition(AddressError):
    """Not degrees of longitude and latitude, or a reference system that is not known."""


class ZoneNeeded(AddressError):
    """Coordinates of VN-2000 in metres without their zone; `zones` lists those that fit."""


class OutOfCountry(AddressError):
    """A position where Vietnam is not."""


class QueryError(DiachisoError):
    """A map client asks for what a collection cannot give: the parameter at fault is named."""


class NotPublished(QueryError):
    """No collection has this id, or no feature of the collection at the time asked for."""


class UnknownUnit(DiachisoError):
    """No unit has this code on this date."""


class UnknownCode(DiachisoError):
    """No address has this code."""


class NoWardHere(DiachisoError):
    """A position in no ward: at sea, or where no boundary is loaded."""


class RetiredCode(DiachisoError):
    """The address is gone; its reason and successors are known."""


class CodesError(DiachisoError):
    """A code cannot be issued."""


class NoAreaForWard(CodesError):
    """The ward has no postal code loaded."""


class AreaExhausted(CodesError):
    """Every extension of the area has been issued."""


class UnknownTileset(DiachisoError):
    """There are no tiles of this name, or in this grid."""
