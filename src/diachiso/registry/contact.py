"""Contact: whom a ward writes to about an address; nothing of it is in the registry's own tables.

Law 91/2025/QH15 and Decree 356/2025/NĐ-CP: kept for a purpose, no longer than it takes, read by
those alone who need it. Whoever may hide an address may know whose it is: the ward's own officials.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Protocol

from diachiso.address.errors import Incomplete
from diachiso.address.record import Address
from diachiso.registry.officer import Act, Acting

RIGHT = Act.RESTRICT
LONGEST_DAYS = 730
FIELDS = frozenset({"name", "phone", "email", "post"})
LONGEST_FIELD = 300


class Part(StrEnum):
    """What a person is to an address."""

    OWNER = "owner"
    CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to write to, until a day."""

    part: Part
    person: Mapping[str, str]
    purge_on: date

    def __repr__(self) -> str:
        """Never the person: what is printed may end in a log."""
        return f"Contact({self.part.value}, until {self.purge_on})"


class Contacts(Protocol):
    """Where contacts lie; each of these writes down who did it."""

    def keep(self, address: Address, contact: Contact) -> None:
        """Keep a contact in place of the one before."""
        ...

    def told(self, address: Address, why: str) -> tuple[Contact, ...]:
        """The contacts of an address."""
        ...

    def purge(self, address: Address, why: str) -> int:
        """Let go of all contacts of an address; how many there were."""
        ...


def set_contact(contacts: Contacts, address: Address, contact: Contact, by: Acting) -> None:
    """Keep a contact of an address until its purge date.

    Raises:
        Incomplete: nobody is named, a field is none of ours, or the date is out of bounds.
        NotAllowed: not theirs.
    """
    by.must(RIGHT, address.details.ward)
    _must_be_whole(contact.person)
    last = by.today + timedelta(days=LONGEST_DAYS)
    if not by.today < contact.purge_on <= last:
        raise Incomplete(
            f"Ngày xóa phải sau hôm nay và không quá {last}. / The purge date must lie after today "
            f"and not after {last}.",
            missing=["until"],
        )
    contacts.keep(address, contact)


def show_contacts(
    contacts: Contacts, address: Address, by: Acting, *, reason: str
) -> tuple[Contact, ...]:
    """Read the contacts of an address; the reading is written down with its reason.

    Raises:
        Incomplete: no reason is given.
        NotAllowed: not theirs.
    """
    by.must(RIGHT, address.details.ward)
    if not reason.strip():
        raise Incomplete("Cần nêu lý do xem. / A reason is needed.", missing=["reason"])
    return contacts.told(address, reason)


def purge_contacts(contacts: Contacts, address: Address, by: Acting, *, reason: str) -> int:
    """Let go of what is kept, before its date.

    Raises:
        NotAllowed: not theirs.
    """
    by.must(RIGHT, address.details.ward)
    return contacts.purge(address, reason)


def _must_be_whole(person: Mapping[str, Any]) -> None:
    given = {name for name, value in person.items() if value}
    if not given or not given <= FIELDS:
        known = ", ".join(sorted(FIELDS))
        raise Incomplete(
            f"Cần ít nhất một trong: {known}. / At least one of these, and no other.",
            missing=sorted(FIELDS),
        )
    if any(len(str(value)) > LONGEST_FIELD for value in person.values()):
        raise Incomplete(
            f"Mỗi mục dài nhất {LONGEST_FIELD} ký tự. / At most {LONGEST_FIELD} letters a field."
        )
