"""What the verbs ask of the store: addresses in and out, codes, duplicates, the seal on an act."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Protocol

from diachiso.address.code import AddressCode
from diachiso.address.division import UnitKey
from diachiso.address.position import Position
from diachiso.address.record import Address, Details, Document, StreetRef
from diachiso.registry.officer import Act, Acting


class Likeness(StrEnum):
    """In what two addresses are alike."""

    NUMBER_IN_STREET = "same_number_in_street"
    POINT = "same_point"
    TEXT = "same_folded_text"


@dataclass(frozen=True, slots=True)
class Likely:
    """An address that may be the same thing; `distance_m` is between the first positions."""

    address: Address
    likeness: frozenset[Likeness]
    distance_m: float

    @property
    def is_plain(self) -> bool:
        """Do number and street agree? Then it must be said that it is another."""
        return not self.likeness.isdisjoint({Likeness.NUMBER_IN_STREET, Likeness.TEXT})


@dataclass(frozen=True, slots=True)
class Deed:
    """What an act did: the line of the ledger that tells it."""

    act: Act
    ward: UnitKey | None
    addresses: tuple[Address, ...] = ()
    streets: tuple[StreetRef, ...] = ()
    units: tuple[int, ...] = ()
    note: Mapping[str, Any] = field(default_factory=dict)


class Books(Protocol):
    """One transaction of the registry."""

    def address(self, called: str, on: date) -> Address:
        """The address of a code or draft number as it is on a day.

        Raises:
            UnknownCode: none that the one who acts may know of.
        """
        ...

    def ward_at(self, position: Position, on: date) -> UnitKey | None:
        """The ward that holds a point on a day, as its boundary is loaded."""
        ...

    def street(self, street_id: int) -> StreetRef | None:
        """A street of the registry."""
        ...

    def enter(self, details: Details, on: date, by: int) -> Address:
        """Write a new address, proposed."""
        ...

    def revise(self, was: Address, now: Address) -> Address:
        """End a version on the day that another begins.

        Raises:
            Overtaken: somebody else has written since it was read.
            TooEarly: a version that begins later is written already.
        """
        ...

    def give_code(self, address: Address, today: date) -> AddressCode:
        """Issue a code from the area of the ward."""
        ...

    def likely(self, details: Details, on: date) -> tuple[Likely, ...]:
        """Addresses that may be the same, as far as the one who acts may see them."""
        ...

    def in_street(self, street: StreetRef, on: date) -> tuple[Address, ...]:
        """All live addresses of a street, restricted ones as far as they may be seen."""
        ...

    def succeed(self, old: Address, new: Sequence[Address], since: date) -> None:
        """Say which addresses take the place of one."""
        ...

    def conceal(self, address: Address, *, hidden: bool) -> None:
        """Take all that is known of an address out of what is public, or put it back."""
        ...

    def renamed_street(
        self, street: StreetRef, name: str, on: date, document: Document | None
    ) -> StreetRef:
        """The street under its new name from a day on; the old name is kept as former."""
        ...

    def seal(self, deed: Deed, by: Acting) -> int:
        """Append the line of the ledger and number the changes; the last thing of an act."""
        ...
