"""The schema `personal`: whom a ward writes to about an address, apart from all else.

The service's role has no right in it. The role `diachiso_personal` may call the functions of the
schema, which write who read what and why before they hand anything out; it reads no table.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    func,
)

from diachiso.store.bedrock import metadata, own_id

SCHEMA = "personal"

contact = Table(
    "contact",
    metadata,
    own_id(),
    Column("address_id", BigInteger, ForeignKey("address.id"), nullable=False),
    Column("part", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False, comment="nonce and AES-GCM of the JSON"),
    Column("key_mark", Text, nullable=False, comment="which key sealed it: never the key"),
    Column("purge_on", Date, nullable=False, comment="the first day on which it is gone"),
    UniqueConstraint("address_id", "part"),
    CheckConstraint("part IN ('owner', 'contact')", name="part"),
    Index("ix_contact_purge_on", "purge_on"),
    schema=SCHEMA,
    comment="whom a ward writes to about an address: encrypted, until its purge date",
)

reading = Table(
    "reading",
    metadata,
    own_id(),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("officer_id", BigInteger, ForeignKey("officer.id"), comment="null: purged when due"),
    Column("address_id", BigInteger, ForeignKey("address.id"), nullable=False),
    Column("act", Text, nullable=False),
    Column("reason", Text),
    CheckConstraint("act IN ('set', 'show', 'purge')", name="act"),
    CheckConstraint("act <> 'show' OR reason <> ''", name="reason"),
    Index("ix_reading_address_id", "address_id"),
    schema=SCHEMA,
    comment="who wrote, read or purged which contact, when and why; never changed",
)
