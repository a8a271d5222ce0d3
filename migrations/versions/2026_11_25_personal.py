"""Personal data: a schema and a role of their own, reached by functions that log every reading.

The service's role is granted nothing here. What is kept is ciphertext; its key is a file.

Revision: 2026_11_25_personal
Follows: 2026_11_25_desk
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_personal"
down_revision = "2026_11_25_desk"
branch_labels = None
depends_on = None

SCHEMA = "personal"
ROLE_NAME = "diachiso_personal"

ROLE = f"""
DO $$ BEGIN
    CREATE ROLE {ROLE_NAME} NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;  -- roles are the cluster's: another database of it made this one
END $$
"""

MEMBER = f"""
DO $$ BEGIN
    IF NOT pg_has_role(current_user, '{ROLE_NAME}',
                       CASE WHEN current_setting('server_version_num')::int >= 160000
                            THEN 'SET' ELSE 'MEMBER' END) THEN
        EXECUTE format('GRANT {ROLE_NAME} TO %I', current_user);
    END IF;
END $$
"""

# whoever may hide an address may know whose it is: the ward's own officials, not the counter's
MUST_GOVERN = """
CREATE FUNCTION personal.must_govern(address bigint) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM address_book AS was
        WHERE was.address_id = address AND upper_inf(was.recorded)
          AND was.valid @> vietnam_today() AND governs(was.ward_id, 'restrict')
    ) THEN
        RAISE EXCEPTION 'the ward of this address is governed by others'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$
"""

KEEP = """
CREATE FUNCTION personal.keep(address bigint, whose text, what bytea, mark text, until date)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM personal.must_govern(address);
    DELETE FROM personal.contact AS old WHERE old.address_id = address AND old.part = whose;
    INSERT INTO personal.contact (address_id, part, sealed, key_mark, purge_on)
    VALUES (address, whose, what, mark, until);
    INSERT INTO personal.reading (officer_id, address_id, act)
    VALUES (acting_officer(), address, 'set');
END $$
"""

TOLD = """
CREATE FUNCTION personal.told(address bigint, why text)
RETURNS TABLE (part text, sealed bytea, key_mark text, purge_on date)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM personal.must_govern(address);
    INSERT INTO personal.reading (officer_id, address_id, act, reason)
    VALUES (acting_officer(), address, 'show', why);
    RETURN QUERY SELECT kept.part, kept.sealed, kept.key_mark, kept.purge_on
    FROM personal.contact AS kept
    WHERE kept.address_id = address AND kept.purge_on > vietnam_today() ORDER BY kept.part;
END $$
"""

PURGE = """
CREATE FUNCTION personal.purge(address bigint, why text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE gone bigint;
BEGIN
    PERFORM personal.must_govern(address);
    DELETE FROM personal.contact AS old WHERE old.address_id = address;
    GET DIAGNOSTICS gone = ROW_COUNT;
    INSERT INTO personal.reading (officer_id, address_id, act, reason)
    VALUES (acting_officer(), address, 'purge', why);
    RETURN gone;
END $$
"""

PURGE_DUE = """
CREATE FUNCTION personal.purge_due() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH gone AS (
        DELETE FROM personal.contact WHERE purge_on <= vietnam_today() RETURNING address_id
    ), said AS (
        INSERT INTO personal.reading (address_id, act, reason)
        SELECT address_id, 'purge', 'due' FROM gone RETURNING 1
    )
    SELECT count(*) FROM said
$$
"""

FUNCTIONS = {
    "must_govern(bigint)": MUST_GOVERN,
    "keep(bigint, text, bytea, text, date)": KEEP,
    "told(bigint, text)": TOLD,
    "purge(bigint, text)": PURGE,
    "purge_due()": PURGE_DUE,
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    op.execute(ROLE)
    op.execute(MEMBER)
    op.execute("CREATE SCHEMA personal")
    _tables()
    op.execute(f"GRANT USAGE ON SCHEMA public, personal TO {ROLE_NAME}")
    for signature, function in FUNCTIONS.items():
        op.execute(function)
        op.execute(f"REVOKE ALL ON FUNCTION personal.{signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION personal.{signature} TO {ROLE_NAME}")
    for table in ("contact", "reading"):
        op.execute(f"ALTER TABLE personal.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE personal.{table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY operator ON personal.{table} TO CURRENT_USER USING (true)")
    op.execute(
        "CREATE TRIGGER keep_for_ever BEFORE UPDATE OR DELETE ON personal.reading"
        " FOR EACH ROW EXECUTE FUNCTION keep_for_ever()"
    )
    op.execute(
        "CREATE TRIGGER keep_all BEFORE TRUNCATE ON personal.reading"
        " FOR EACH STATEMENT EXECUTE FUNCTION keep_for_ever()"
    )


def _tables() -> None:
    op.create_table(
        "contact",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("address_id", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column(
            "sealed", sa.LargeBinary(), nullable=False, comment="nonce and AES-GCM of the JSON"
        ),
        sa.Column(
            "key_mark", sa.Text(), nullable=False, comment="which key sealed it: never the key"
        ),
        sa.Column(
            "purge_on", sa.Date(), nullable=False, comment="the first day on which it is gone"
        ),
        sa.CheckConstraint("part IN ('owner', 'contact')", name=op.f("ck_contact_part")),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("fk_contact_address_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("address_id", "part", name=op.f("uq_contact_address_id_part")),
        schema=SCHEMA,
        comment="whom a ward writes to about an address: encrypted, until its purge date",
    )
    op.create_index("ix_contact_purge_on", "contact", ["purge_on"], schema=SCHEMA)
    op.create_table(
        "reading",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.func.clock_timestamp(),
            nullable=False,
        ),
        sa.Column("officer_id", sa.BigInteger(), comment="null: purged when due"),
        sa.Column("address_id", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.CheckConstraint("act IN ('set', 'show', 'purge')", name=op.f("ck_reading_act")),
        sa.CheckConstraint("act <> 'show' OR reason <> ''", name=op.f("ck_reading_reason")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_reading_officer_id")),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("fk_reading_address_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading")),
        schema=SCHEMA,
        comment="who wrote, read or purged which contact, when and why; never changed",
    )
    op.create_index("ix_reading_address_id", "reading", ["address_id"], schema=SCHEMA)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    for signature in FUNCTIONS:
        op.execute(f"DROP FUNCTION personal.{signature}")
    for table in ("reading", "contact"):
        op.drop_table(table, schema=SCHEMA)
    op.execute("DROP SCHEMA personal")
    op.execute(f"REVOKE ALL ON SCHEMA public FROM {ROLE_NAME}")
