"""Contacts in the schema `personal`, through its functions alone: each writes who did what."""

import orjson
from sqlalchemy import Engine, LargeBinary, cast, func, select, text

from diachiso.address.record import Address
from diachiso.registry.contact import Contact, Part
from diachiso.store.engine import Writer, transaction
from diachiso.store.personal_key import PersonalKey

ROLE = "diachiso_personal"
"""It may call the functions of the schema `personal`, and do nothing else."""


class PostgisContacts:
    """Contacts in the transaction of somebody who acts, as the role that may do nothing else."""

    def __init__(self, writer: Writer, key: PersonalKey) -> None:
        self._writer = writer
        self._key = key
        self._writer.execute(text(f"SET LOCAL ROLE {ROLE}"))

    def keep(self, address: Address, contact: Contact) -> None:
        """Keep a contact in place of the one before."""
        person = {name: value for name, value in contact.person.items() if value}
        sealed = self._key.seal(orjson.dumps(person), _bound(address, contact.part))
        self._writer.execute(
            select(
                func.personal.keep(
                    address.id,
                    contact.part.value,
                    cast(sealed, LargeBinary),
                    self._key.mark,
                    contact.purge_on,
                )
            )
        )

    def told(self, address: Address, why: str) -> tuple[Contact, ...]:
        """The contacts of an address.

        Raises:
            KeyUnusable: another key sealed them.
        """
        kept = func.personal.told(address.id, why).table_valued("part", "sealed", "purge_on")
        return tuple(
            Contact(
                Part(row.part),
                orjson.loads(self._key.open(bytes(row.sealed), _bound(address, Part(row.part)))),
                row.purge_on,
            )
            for row in self._writer.execute(select(kept))
        )

    def purge(self, address: Address, why: str) -> int:
        """Let go of all contacts of an address; how many there were."""
        return int(self._writer.scalar(select(func.personal.purge(address.id, why))) or 0)


def purge_due(engine: Engine) -> int:
    """Let go of every contact whose date has come; how many there were."""
    with transaction(engine) as writer:
        return int(writer.scalar(select(func.personal.purge_due())) or 0)


def _bound(address: Address, part: Part) -> str:
    return f"{address.id} {part.value}"
