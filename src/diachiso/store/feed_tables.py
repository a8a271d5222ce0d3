"""The table of webhooks: whom the service tells of changes by itself, and how far it has come.

A row is changed as deliveries go; the secret is sealed by a key of DIACHISO_HOME.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    func,
    text,
)

from diachiso.store.bedrock import metadata, own_id

webhook = Table(
    "webhook",
    metadata,
    own_id(),
    Column("officer_id", BigInteger, ForeignKey("officer.id"), nullable=False),
    Column("url", Text, nullable=False),
    Column("unit", Text, comment="code of the unit whose changes are told; null: all"),
    Column("as_of", Date, comment="the day of which the code is"),
    Column("secret", Text, nullable=False, comment="sealed; it signs what is sent"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("state", Text, nullable=False, server_default="live"),
    Column("position", BigInteger, nullable=False, comment="told up to this change"),
    Column("pending", BigInteger, comment="what is being tried goes up to this change"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("failing_since", DateTime(timezone=True)),
    Column("next_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("busy_until", DateTime(timezone=True), comment="a courier is on its way"),
    Column("answer", Text, comment="what came of the last try"),
    CheckConstraint("state IN ('live', 'given_up', 'gone')", name="state"),
    Index("ix_webhook_officer_id", "officer_id"),
    Index("ix_webhook_next_at", "next_at", postgresql_where=text("state = 'live'")),
    comment="whom the service tells of changes, and how far it has come",
)
