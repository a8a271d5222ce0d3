"""Decrees: those that were applied, the units they wrote; addresses reassigned in bulk.

Revision: 2026_11_24_decrees
Follows: 2026_11_24_feed
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_24_decrees"
down_revision = "2026_11_24_feed"
branch_labels = None
depends_on = None

APP = "diachiso_app"
TABLES = ("decree", "decree_unit")

# Nobody enters or changes an address between the reading and the writing of a decree.
HOLD = """
CREATE FUNCTION hold_addresses() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT governs(NULL::integer, 'reorganise') THEN
        RAISE EXCEPTION 'not allowed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    LOCK TABLE unit, address_version, restricted_version IN SHARE ROW EXCLUSIVE MODE;
END $$
"""

# Versions end on the day, and go on in another ward; what was so before the day is kept.
REASSIGN = """
CREATE FUNCTION reassign(
    history regclass, versions bigint[], wards integer[], doubted boolean[], day date,
    document text, signed date, issuer text
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE columns text;
DECLARE ended bigint;
BEGIN
    IF history NOT IN ('address_version'::regclass, 'restricted_version'::regclass) THEN
        RAISE EXCEPTION 'not a table of versions: %', history;
    END IF;
    IF NOT governs(NULL::integer, 'reorganise') THEN
        RAISE EXCEPTION 'not allowed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    ended := supersede(history, versions);
    SELECT string_agg('was.' || quote_ident(attname), ', ' ORDER BY attnum) INTO columns
    FROM pg_attribute WHERE attrelid = history AND attnum > 0 AND NOT attisdropped
      AND attname NOT IN ('id', 'recorded', 'valid', 'ward_id', 'doubts', 'document_number',
                          'document_date', 'document_issuer');
    EXECUTE format(
        'INSERT INTO %1$s (%2$s, ward_id, doubts, document_number, document_date, document_issuer,'
        ' valid) SELECT %3$s, was.ward_id, was.doubts, was.document_number, was.document_date,'
        ' was.document_issuer, daterange(lower(was.valid), $2,'
        ' CASE WHEN lower_inf(was.valid) THEN ''()'' ELSE ''[)'' END)'
        ' FROM %1$s AS was WHERE was.id = ANY ($1)'
        ' AND (lower_inf(was.valid) OR lower(was.valid) < $2)',
        history, replace(columns, 'was.', ''), columns
    ) USING versions, day;
    EXECUTE format(
        'INSERT INTO %1$s (%2$s, ward_id, doubts, document_number, document_date, document_issuer,'
        ' valid) SELECT %3$s, told.ward, CASE WHEN told.doubted AND NOT ''ward'' = ANY (was.doubts)'
        ' THEN was.doubts || ''ward''::text ELSE was.doubts END, $5, $6, $7,'
        ' daterange(greatest(lower(was.valid), $4), upper(was.valid))'
        ' FROM unnest($1, $2, $3) AS told(version, ward, doubted)'
        ' JOIN %1$s AS was ON was.id = told.version',
        history, replace(columns, 'was.', ''), columns
    ) USING versions, wards, doubted, day, document, signed, issuer;
    RETURN ended;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    text_c = sa.Text(collation="C")
    op.create_table(
        "decree",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("digest", text_c, nullable=False),
        sa.Column("effective", sa.Date(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False, comment="the decree file, as JSON"),
        sa.Column("plan", text_c, nullable=False, comment="digest of what was done"),
        sa.Column(
            "applied_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decree")),
        sa.UniqueConstraint("digest", name=op.f("uq_decree_digest")),
        comment="the decrees that were applied to units and addresses",
    )
    op.create_table(
        "decree_unit",
        sa.Column("decree_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column(
            "became", sa.Text(), nullable=False, comment="ended, begun, reshaped, named, moved"
        ),
        sa.ForeignKeyConstraint(
            ["decree_id"], ["decree.id"], name=op.f("fk_decree_unit_decree_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_decree_unit_unit_id")),
        sa.PrimaryKeyConstraint("decree_id", "unit_id", name=op.f("pk_decree_unit")),
        comment="the units that a decree wrote: later editions of the facts leave them alone",
    )
    op.create_index("ix_decree_unit_unit_id", "decree_unit", ["unit_id"])
    for table in TABLES:
        _guard(table)
        _secure(table)
    for function in (HOLD, REASSIGN):
        op.execute(function)


def _guard(table: str) -> None:
    op.execute(
        f"CREATE TRIGGER keep_for_ever BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION keep_for_ever()"
    )
    op.execute(
        f"CREATE TRIGGER keep_all BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION keep_for_ever()"
    )


def _secure(table: str) -> None:
    enters = "governs(NULL::integer, 'reorganise')"
    op.execute(f"GRANT SELECT, INSERT ON {table} TO {APP}")
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY operator ON {table} TO CURRENT_USER USING (true)")
    op.execute(f"CREATE POLICY sees ON {table} FOR SELECT TO {APP} USING (true)")
    op.execute(f"CREATE POLICY enters ON {table} FOR INSERT TO {APP} WITH CHECK ({enters})")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    op.execute(
        "DROP FUNCTION reassign(regclass, bigint[], integer[], boolean[], date, text, date, text)"
    )
    op.execute("DROP FUNCTION hold_addresses()")
    for table in reversed(TABLES):
        op.drop_table(table)
