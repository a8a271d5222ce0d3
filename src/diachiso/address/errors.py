"""What can go wrong, in registry words.

DiachisoError
├── AddressError           a value that is not what it claims to be
│   ├── MalformedCode      not ten digits
│   ├── MalformedVpostcode not a postal code and seven Plus Code characters
│   ├── MalformedNumber    not a house number
│   ├── MalformedDate      not a day of the calendar
│   ├── MalformedBbox      not west, south, east, north
│   ├── MalformedPosition  not degrees, or a reference system that is not known
│   └── OutOfCountry       a position where Vietnam is not
├── UnknownUnit            no unit has this code on this date
├── UnknownCode            no address has this code
├── NoWardHere             a position in no ward: at sea, or where no boundary is loaded
├── RetiredCode            the address is gone; its reason and successors are known
├── CodesError             a code cannot be issued
│   ├── NoAreaForWard      the ward has no postal code loaded
│   └── AreaExhausted      every extension of the area has been issued
├── SourceError            a file cannot be taken in
│   ├── UnreadableSource   not a file of a known kind, or broken
│   ├── UnknownWardInFile  a feature names a ward that the registry does not know
│   └── TerritoryFault     polygons overlap or leave gaps beyond the tolerance
├── RunStopped             a run over a file stopped in the middle; what was found is kept
└── StoreError             the database cannot serve
    ├── StoreUnreachable   no server answers
    ├── NoPostgis          the server has no PostGIS
    ├── SchemaOutdated     migrations are missing
    ├── EmbeddedFailed     the private cluster does not start
    └── PortTaken          the port to serve on is in use
"""


class DiachisoError(Exception):
    """The root: everything a person can be told about, in one sentence.

    `particulars` are facts for programs that stand beside the sentence.
    """

    def __init__(self, message: str = "", **particulars: object) -> None:
        super().__init__(message)
        self.particulars = particulars


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


class OutOfCountry(AddressError):
    """A position where Vietnam is not."""


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


class SourceError(DiachisoError):
    """A file cannot be taken in."""


class UnreadableSource(SourceError):
    """Not a file of a known kind, or broken."""


class UnknownWardInFile(SourceError):
    """A feature names a ward that the registry does not know."""


class TerritoryFault(SourceError):
    """Polygons overlap or leave gaps beyond the tolerance."""


class RunStopped(DiachisoError):
    """A run over a file stopped in the middle; what was found is kept for the next."""


class StoreError(DiachisoError):
    """The database cannot serve."""


class StoreUnreachable(StoreError):
    """No server answers."""


class NoPostgis(StoreError):
    """The server has no PostGIS."""


class SchemaOutdated(StoreError):
    """Migrations are missing."""


class EmbeddedFailed(StoreError):
    """The private cluster does not start."""


class PortTaken(StoreError):
    """The port to serve on is in use."""
