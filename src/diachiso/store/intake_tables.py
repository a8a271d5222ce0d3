"""The tables of intakes: files taken in, and what became of each of their rows.

A row is known by its file's hash and its number, so that nothing is entered twice; what stands in
a cell is kept only where a fault speaks of it.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from diachiso.store.bedrock import metadata, of_source, of_unit, own_id

FATES = "('fit', 'drafted', 'recorded', 'left_out')"

intake = Table(
    "intake",
    metadata,
    own_id(),
    Column("officer_id", BigInteger, ForeignKey("officer.id"), nullable=False),
    of_unit(),
    of_source(),
    Column("file", Text, nullable=False),
    Column("digest", Text(collation="C"), nullable=False, comment="sha256 of the file and sheet"),
    Column("trial", Boolean, nullable=False, comment="checked only; nothing was entered"),
    Column("mapping", JSONB, nullable=False, comment="field: column, counted from 0"),
    Column("options", JSONB, nullable=False),
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False, server_default="0", comment="rows judged so far"),
    Column("begun_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("ended_at", DateTime(timezone=True)),
    CheckConstraint("done BETWEEN 0 AND total", name="done"),
    Index("ix_intake_digest", "digest"),
    comment="a spreadsheet of addresses on its way into the registry",
)

intake_row = Table(
    "intake_row",
    metadata,
    Column("intake_id", BigInteger, ForeignKey("intake.id"), primary_key=True),
    Column("row", Integer, primary_key=True, comment="rows of data, counted from 1"),
    Column("fate", Text, nullable=False),
    Column("address_id", BigInteger, ForeignKey("address.id")),
    Column("key", BigInteger, comment="hash of what tells the address apart; of rows taken"),
    Column("spot", BigInteger, comment="its point to a metre; of rows taken"),
    Column("external_id", Text),
    Column("faults", JSONB, nullable=False, comment="rule, field, what stood there, what is put"),
    CheckConstraint(f"fate IN {FATES}", name="fate"),
    Index("ix_intake_row_key", "intake_id", "key"),
    Index("ix_intake_row_spot", "intake_id", "spot"),
    Index(
        "ix_intake_row_external_id",
        "intake_id",
        "external_id",
        postgresql_where=text("external_id IS NOT NULL"),
    ),
    comment="what became of a row of a file",
)
