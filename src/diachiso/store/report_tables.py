"""The tables of what citizens report and are told, and of how often the registry is asked.

A report and its answer are rows of their own, and neither is ever changed: the answer names the
line of the ledger that tells the act. A reporter is known by the hash of a token alone.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from diachiso.store.bedrock import metadata, of_unit, own_id

report = Table(
    "report",
    metadata,
    own_id(),
    Column("token_hash", Text(collation="C"), nullable=False, comment="SHA-256 of the token"),
    Column("wrong", Text, nullable=False, comment="what is wrong: registry.report.Wrong"),
    Column("address_id", BigInteger, ForeignKey("address.id")),
    of_unit("ward_id"),
    Column("lon", Float, nullable=False, comment="degrees WGS 84"),
    Column("lat", Float, nullable=False),
    Column("note", Text),
    Column("proposed", JSONB, nullable=False, server_default="{}"),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("token_hash"),
    CheckConstraint("length(note) <= 2000", name="note"),
    Index("ix_report_ward_id", "ward_id", "id"),
    comment="what somebody says is wrong or missing; who they are is not asked",
)

report_answer = Table(
    "report_answer",
    metadata,
    Column("report_id", BigInteger, ForeignKey("report.id"), primary_key=True),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("address_id", BigInteger, ForeignKey("address.id")),
    Column("line", BigInteger, ForeignKey("ledger.number"), nullable=False),
    Column("officer_id", BigInteger, ForeignKey("officer.id"), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("state IN ('accepted', 'rejected')", name="state"),
    CheckConstraint("state = 'accepted' OR reason <> ''", name="reason"),
    comment="what the ward answered, and the line of the ledger that tells the act",
)

lookup_count = Table(
    "lookup_count",
    metadata,
    Column("day", Date, primary_key=True),
    Column(
        "ward",
        Text(collation="C"),
        primary_key=True,
        server_default=text("''"),
        comment="code of the ward that was answered; empty where none was",
    ),
    Column("kind", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    comment="how often the registry was asked; what was asked is kept nowhere",
)
