"""Access: who officers are, how they sign in, the keys of clients; a schema of its own.

The application reads a hash only through a function that is asked for one login, one session or
one key; it writes sessions and passwords of whoever acts, and nobody else's. Accounts and keys are
made by the owner (the commands).

Revision: 2026_11_23_access
Follows: 2026_11_23_acts
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_23_access"
down_revision = "2026_11_23_acts"
branch_labels = None
depends_on = None

APP = "diachiso_app"
SCHEMA = "access"

CREDENTIALS = """
CREATE FUNCTION access.credentials(asked text)
RETURNS TABLE (officer_id bigint, password_hash text, must_change boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT one.officer_id, one.password_hash, one.must_change FROM access.account AS one
    WHERE one.login = asked AND one.disabled_at IS NULL AND one.password_hash IS NOT NULL
$$
"""

# Whom an issuer calls so. One who was entered with this address as login, and has neither a
# subject nor a password yet, is tied to the subject at the first sign-in.
FEDERATED = """
CREATE FUNCTION access.federated(whose text, called text, address text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE found_one bigint;
BEGIN
    SELECT one.officer_id INTO found_one FROM access.account AS one
    WHERE one.issuer = whose AND one.subject = called AND one.disabled_at IS NULL;
    IF found_one IS NULL AND address IS NOT NULL THEN
        UPDATE access.account AS one SET issuer = whose, subject = called
        WHERE one.login = lower(address) AND one.subject IS NULL AND one.password_hash IS NULL
          AND one.disabled_at IS NULL
        RETURNING one.officer_id INTO found_one;
    END IF;
    RETURN found_one;
END $$
"""

SESSION_HOLDER = """
CREATE FUNCTION access.session_holder(asked text)
RETURNS TABLE (officer_id bigint, csrf text, login text, display_name text, must_change boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT one.officer_id, held.csrf, one.login, one.display_name, one.must_change
    FROM access.session AS held JOIN access.account AS one USING (officer_id)
    WHERE held.hash = asked AND held.until > now() AND one.disabled_at IS NULL
$$
"""

KEY_HOLDER = """
CREATE FUNCTION access.key_holder(asked text)
RETURNS TABLE (officer_id bigint, prefix text, name text, scopes text[], quota text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE access.api_key AS held SET last_used = vietnam_today()
    WHERE held.hash = asked AND held.revoked_at IS NULL
      AND (held.until IS NULL OR held.until > vietnam_today())
      AND held.last_used IS DISTINCT FROM vietnam_today();
    RETURN QUERY SELECT held.officer_id, held.prefix, held.name, held.scopes, held.quota
    FROM access.api_key AS held
    WHERE held.hash = asked AND held.revoked_at IS NULL
      AND (held.until IS NULL OR held.until > vietnam_today());
END $$
"""

FUNCTIONS = {
    "credentials(text)": CREDENTIALS,
    "federated(text, text, text)": FEDERATED,
    "session_holder(text)": SESSION_HOLDER,
    "key_holder(text)": KEY_HOLDER,
}

SELF = "officer_id = acting_officer()"
POLICIES = (  # table, what, on which rows
    ("account", "SELECT", f"USING ({SELF} OR governs_somewhere('grant', 'delegate'))"),
    ("account", "UPDATE", f"USING ({SELF})"),
    ("session", "SELECT", f"USING ({SELF} OR until < now())"),
    ("session", "INSERT", f"WITH CHECK ({SELF})"),
    ("session", "DELETE", f"USING ({SELF} OR until < now())"),
)
GRANTS = (
    "SELECT (officer_id, login, display_name, disabled_at) ON access.account",
    "UPDATE (password_hash, must_change) ON access.account",
    "SELECT (hash, officer_id, until) ON access.session",
    "INSERT (hash, officer_id, csrf, until) ON access.session",
    "DELETE ON access.session",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    op.execute("CREATE SCHEMA access")
    _tables()
    for signature, function in FUNCTIONS.items():
        op.execute(function)
        op.execute(f"REVOKE ALL ON FUNCTION access.{signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION access.{signature} TO {APP}")
    op.execute(f"GRANT USAGE ON SCHEMA access TO {APP}")
    for grant in GRANTS:
        op.execute(f"GRANT {grant} TO {APP}")
    for table in ("account", "session", "api_key"):
        op.execute(f"ALTER TABLE access.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE access.{table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY operator ON access.{table} TO CURRENT_USER USING (true)")
    for table, what, rows in POLICIES:
        op.execute(f"CREATE POLICY {what.lower()}s ON access.{table} FOR {what} TO {APP} {rows}")


def _tables() -> None:
    moment = sa.DateTime(timezone=True)
    text_c = sa.Text(collation="C")
    op.create_table(
        "account",
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), comment="of OpenID Connect"),
        sa.Column("subject", sa.Text(), comment="what the issuer calls this person, for ever"),
        sa.Column(
            "password_hash", sa.Text(), comment="argon2id; null: signs in by OpenID Connect alone"
        ),
        sa.Column("must_change", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("disabled_at", moment),
        sa.CheckConstraint("login = lower(login) AND login <> ''", name=op.f("ck_account_login")),
        sa.CheckConstraint("(issuer IS NULL) = (subject IS NULL)", name=op.f("ck_account_subject")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_account_officer_id")),
        sa.PrimaryKeyConstraint("officer_id", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_account_issuer_subject")),
        schema=SCHEMA,
        comment="who an officer is and how they sign in: personal data, here and nowhere else",
    )
    op.create_table(
        "session",
        sa.Column("hash", text_c, nullable=False, comment="SHA-256 of the cookie"),
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("begun", moment, server_default=sa.func.now(), nullable=False),
        sa.Column("until", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["access.account.officer_id"], name=op.f("fk_session_officer_id")
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_session")),
        schema=SCHEMA,
        comment="who is signed in; a row goes when they sign out or its time is over",
    )
    op.create_index("ix_session_officer_id", "session", ["officer_id"], schema=SCHEMA)
    op.create_table(
        "api_key",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", text_c, nullable=False, comment="the part that may be shown"),
        sa.Column("hash", text_c, nullable=False, comment="SHA-256 of the key"),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("quota", sa.Text(), comment="as 1000/minute; null: none"),
        sa.Column("issued_at", moment, server_default=sa.func.now(), nullable=False),
        sa.Column("until", sa.Date(), comment="the first day on which it no longer works"),
        sa.Column("revoked_at", moment),
        sa.Column("last_used", sa.Date()),
        sa.CheckConstraint("cardinality(scopes) > 0", name=op.f("ck_api_key_scopes")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_api_key_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_key_prefix")),
        sa.UniqueConstraint("hash", name=op.f("uq_api_key_hash")),
        schema=SCHEMA,
        comment="keys of clients: shown once, kept as hashes, revocable",
    )
    op.create_index("ix_api_key_officer_id", "api_key", ["officer_id"], schema=SCHEMA)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    for signature in FUNCTIONS:
        op.execute(f"DROP FUNCTION access.{signature}")
    for table in ("api_key", "session", "account"):
        op.drop_table(table, schema=SCHEMA)
    op.execute("DROP SCHEMA access")
