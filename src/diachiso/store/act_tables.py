"""The tables of acts: who may act, the ledger chained by hash, the numbered changes.

The application's role writes to the ledger and to the changes through `seal` alone: a function of
the database that numbers them without holes and chains the hashes (see its migration).
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from diachiso.store.bedrock import dated, metadata, of_unit, own_id

officer = Table(
    "officer",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False, server_default="person"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("kind IN ('person', 'client')", name="kind"),
    comment="who acts, by a number: names and how they sign in lie in the schema access",
)

mandate = Table(
    "mandate",
    metadata,
    own_id(),
    Column("officer_id", BigInteger, ForeignKey("officer.id"), nullable=False),
    Column("role", Text, nullable=False),
    of_unit(nullable=True),
    Column("granted_by", BigInteger, ForeignKey("officer.id")),
    *dated(),
    Index("ix_mandate_officer_id", "officer_id"),
    comment="the role that somebody has in a unit (none: in the whole country), and when",
)

role_right = Table(
    "role_right",
    metadata,
    Column("role", Text, primary_key=True),
    Column("act", Text, primary_key=True),
    comment="what each role may do; the same table as registry.officer.RIGHTS",
)

ledger = Table(
    "ledger",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("previous", Text(collation="C"), nullable=False),
    Column("body", JSONB, nullable=False),
    Column("hash", Text(collation="C"), nullable=False),
    comment="every act, a line each; a line's hash covers the line before it",
)

change = Table(
    "change",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column(
        "line",
        BigInteger,
        ForeignKey("ledger.number", deferrable=True, initially="DEFERRED"),
        nullable=False,
    ),
    Column("at", DateTime(timezone=True)),
    Column("act", Text),
    Column("kind", Text, comment="null: of a restricted address, of which nothing is told"),
    Column("subject_id", BigInteger),
    Column("units", ARRAY(Integer), nullable=False, server_default="{}"),
    Column("after", JSONB, comment="null: withdrawn from what is public"),
    Column("before", BigInteger, comment="the number of the subject's change before this one"),
    Column("digest", Text(collation="C"), nullable=False),
    CheckConstraint("kind IN ('address', 'street', 'unit')", name="kind"),
    Index("ix_change_line", "line"),
    Index("ix_change_units", "units", postgresql_using="gin"),
    Index("ix_change_kind_subject_id", "kind", "subject_id", "number"),
    comment="what each act changed, numbered without holes in the order of commits",
)

restricted_change = Table(
    "restricted_change",
    metadata,
    Column("number", BigInteger, ForeignKey("change.number"), primary_key=True),
    Column("subject_id", BigInteger, nullable=False),
    Column("ward_id", Integer, ForeignKey("unit.id")),
    Column("salt", Text, nullable=False),
    Column("after", JSONB, nullable=False),
    Index("ix_restricted_change_subject_id", "subject_id"),
    comment="what a change of a restricted address was, for its ward and for the proof",
)
