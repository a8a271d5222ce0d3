"""The tables of decrees: which were applied by `reorganise`, and which units each of them wrote.

A unit that a decree wrote is left as it is by later editions of the facts (decision 42).
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from diachiso.store.bedrock import metadata, own_id

decree = Table(
    "decree",
    metadata,
    own_id(),
    Column("number", Text, nullable=False),
    Column("digest", Text(collation="C"), nullable=False, unique=True),
    Column("effective", Date, nullable=False),
    Column("body", JSONB, nullable=False, comment="the decree file, as JSON"),
    Column("plan", Text(collation="C"), nullable=False, comment="digest of what was done"),
    Column(
        "applied_at",
        DateTime(timezone=True),
        nullable=False,
        server_default=func.clock_timestamp(),
    ),
    comment="the decrees that were applied to units and addresses",
)

decree_unit = Table(
    "decree_unit",
    metadata,
    Column("decree_id", BigInteger, ForeignKey("decree.id"), primary_key=True),
    Column("unit_id", Integer, ForeignKey("unit.id"), primary_key=True),
    Column("became", Text, nullable=False, comment="ended, begun, reshaped, named, moved"),
    Index("ix_decree_unit_unit_id", "unit_id"),
    comment="the units that a decree wrote: later editions of the facts leave them alone",
)
