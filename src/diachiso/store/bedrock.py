"""What all tables stand on: names of constraints, the two times, the rule against overlap."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, TSTZRANGE, ExcludeConstraint

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

NOW_ON = text("tstzrange(clock_timestamp(), NULL)")
STILL_RECORDED = text("upper_inf(recorded)")


def dated() -> tuple[Column[Any], Column[Any]]:
    """The two times of a fact."""
    return (
        Column("valid", DATERANGE, nullable=False),
        Column("recorded", TSTZRANGE, nullable=False, server_default=NOW_ON),
    )


def no_overlap(table: str, *keys: str) -> ExcludeConstraint:
    """At any moment, what was recorded of a key is one value for every day."""
    return ExcludeConstraint(
        *[(key, "=") for key in keys],
        ("valid", "&&"),
        ("recorded", "&&"),
        using="gist",
        name=f"ex_{table}_overlap",
    )


def own_id() -> Column[Any]:
    """The identity of a row."""
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def of_unit(name: str = "unit_id", *, nullable: bool = False) -> Column[Any]:
    """The unit that a row is about."""
    return Column(name, Integer, ForeignKey("unit.id"), nullable=nullable)


def of_source(*, nullable: bool = False) -> Column[Any]:
    """Where the row comes from."""
    return Column("source_id", Integer, ForeignKey("source.id"), nullable=nullable)


source = Table(
    "source",
    metadata,
    Column("id", Integer, Identity(always=True), primary_key=True),
    Column("name", Text, nullable=False),
    Column("version", Text, nullable=False, server_default=""),
    Column("sha256", Text, nullable=False),
    Column("licence", Text, nullable=False),
    Column("attribution", Text, nullable=False),
    Column("state_of", Date, comment="the day whose state the source describes"),
    Column("loaded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("name", "version", "sha256"),
    comment="where facts come from, with licence and attribution",
)

edition = Table(
    "edition",
    metadata,
    Column("id", Integer, Identity(always=True), primary_key=True),
    Column("subject", Text, nullable=False),
    Column(
        "digest", Text, nullable=False, comment="of what was loaded: the same is not loaded twice"
    ),
    Column("summary", JSONB, nullable=False),
    Column(
        "loaded_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()
    ),
    Index("ix_edition_subject", "subject"),
    comment="what was loaded, when: the changelog of the data",
)
