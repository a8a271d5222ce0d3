"""The tables of one's own trail: what each act of an officer wrote, and errands done under a key.

The ledger tells every act to those who may read it; these tell officers their own, so that the
last one can be undone, and so that what a page sends twice is done once.
"""

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Index, Table, Text, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from diachiso.store.bedrock import metadata

own_act = Table(
    "own_act",
    metadata,
    Column("line", BigInteger, ForeignKey("ledger.number"), primary_key=True, autoincrement=False),
    Column("officer_id", BigInteger, ForeignKey("officer.id"), nullable=False),
    Column("act", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("steps", JSONB, nullable=False, comment="address, version before and after"),
    Column("heirs", JSONB, nullable=False, comment="successions written: old, new"),
    Column("undoes", BigInteger, comment="the line that this one undoes"),
    Index("ix_own_act_officer_id", "officer_id", "line"),
    comment="what an act wrote, for the one who did it",
)

errand = Table(
    "errand",
    metadata,
    Column("officer_id", BigInteger, ForeignKey("officer.id"), primary_key=True),
    Column("key", Text(collation="C"), primary_key=True),
    Column("digest", Text(collation="C"), nullable=False, comment="of what was sent"),
    Column("lines", ARRAY(BigInteger), nullable=False, comment="of the ledger"),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    comment="what came with an idempotency key and was done",
)
