"""The schema `access`: who officers are, how they sign in, the keys of clients.

Apart from the registry's own tables, for these are personal data and secrets: the application's
role reaches a hash only through a function that is asked for one login, one session or one key.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY

from diachiso.store.bedrock import metadata, own_id

SCHEMA = "access"

account = Table(
    "account",
    metadata,
    Column("officer_id", BigInteger, ForeignKey("officer.id"), primary_key=True),
    Column("login", Text, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("issuer", Text, comment="of OpenID Connect"),
    Column("subject", Text, comment="what the issuer calls this person, for ever"),
    Column("password_hash", Text, comment="argon2id; null: signs in by OpenID Connect alone"),
    Column("must_change", Boolean, nullable=False, server_default="false"),
    Column("disabled_at", DateTime(timezone=True)),
    UniqueConstraint("login"),
    UniqueConstraint("issuer", "subject"),
    CheckConstraint("login = lower(login) AND login <> ''", name="login"),
    CheckConstraint("(issuer IS NULL) = (subject IS NULL)", name="subject"),
    schema=SCHEMA,
    comment="who an officer is and how they sign in: personal data, here and nowhere else",
)

session = Table(
    "session",
    metadata,
    Column("hash", Text(collation="C"), primary_key=True, comment="SHA-256 of the cookie"),
    Column("officer_id", BigInteger, ForeignKey(account.c.officer_id), nullable=False),
    Column("csrf", Text, nullable=False),
    Column("begun", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("until", DateTime(timezone=True), nullable=False),
    Index("ix_session_officer_id", "officer_id"),
    schema=SCHEMA,
    comment="who is signed in; a row goes when they sign out or its time is over",
)

api_key = Table(
    "api_key",
    metadata,
    own_id(),
    Column("officer_id", BigInteger, ForeignKey("officer.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("prefix", Text(collation="C"), nullable=False, comment="the part that may be shown"),
    Column("hash", Text(collation="C"), nullable=False, comment="SHA-256 of the key"),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("quota", Text, comment="as 1000/minute; null: none"),
    Column("issued_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("until", Date, comment="the first day on which it no longer works"),
    Column("revoked_at", DateTime(timezone=True)),
    Column("last_used", Date),
    UniqueConstraint("prefix"),
    UniqueConstraint("hash"),
    CheckConstraint("cardinality(scopes) > 0", name="scopes"),
    Index("ix_api_key_officer_id", "officer_id"),
    schema=SCHEMA,
    comment="keys of clients: shown once, kept as hashes, revocable",
)
