"""Decrees: those that were applied, the units they wrote; addresses reassigned and sealed in bulk.

`seal` says the same as before, line by line and hash by hash, but in sets: a decree changes a
hundred thousand addresses in one act. It is left in place when this migration is taken back.

Revision: 2026_11_24_decrees
Follows: 2026_11_23_access
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_24_decrees"
down_revision = "2026_11_23_access"
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

# One writer at a time from here to the end of its transaction: numbers have no holes, and their
# order is the order of commits. So it is called last.
SEAL = """
CREATE OR REPLACE FUNCTION seal(
    act text, unit integer, note jsonb, origin text, kinds text[], subjects bigint[]
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_variable
DECLARE line bigint;
DECLARE moment timestamptz;
DECLARE stamp text;
DECLARE chained text;
DECLARE top bigint;
DECLARE last_one bigint;
DECLARE digests text;
DECLARE written jsonb;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('diachiso.ledger'));
    moment := clock_timestamp();
    stamp := (extract(epoch FROM moment) * 1000000)::bigint::text;
    SELECT number, hash INTO line, chained FROM ledger ORDER BY number DESC LIMIT 1;
    line := coalesce(line, 0) + 1;
    chained := coalesce(chained, repeat('0', 64));
    SELECT coalesce(max(number), 0) INTO top FROM change;
    WITH subject AS (
        SELECT s.kind, s.id, min(s.n) AS n
        FROM unnest(kinds, subjects) WITH ORDINALITY AS s(kind, id, n) GROUP BY s.kind, s.id
    ), told AS MATERIALIZED (
        SELECT s.*, CASE s.kind WHEN 'address' THEN address_told(s.id, false)
                                ELSE subject_told(s.kind, s.id) END AS public
        FROM subject AS s
    ), known AS MATERIALIZED (
        SELECT t.*, was.number AS earlier, was.units AS earlier_units,
               was.after IS NOT NULL AS earlier_public,
               CASE WHEN t.kind = 'address' AND t.public IS NULL
                    THEN address_told(t.id, true) END AS hidden
        FROM told AS t LEFT JOIN LATERAL (
            SELECT c.number, c.units, c.after FROM change AS c
            WHERE c.kind = t.kind AND c.subject_id = t.id ORDER BY c.number DESC LIMIT 1
        ) AS was ON true
    ), step AS (
        -- it was public: whoever keeps a copy must be told to withdraw it
        SELECT k.n, 0 AS turn, k.kind, k.id, NULL::jsonb AS after, NULL::jsonb AS hidden,
               k.earlier, k.earlier_units AS units
        FROM known AS k WHERE k.hidden IS NOT NULL AND k.earlier_public
        UNION ALL
        SELECT k.n, 1, k.kind, k.id, k.public, k.hidden, k.earlier,
               CASE WHEN k.kind = 'unit' THEN ARRAY[k.id::integer]
                    WHEN k.kind <> 'address' THEN array_remove(ARRAY[unit], NULL)
                    ELSE coalesce((SELECT array_agg(DISTINCT v.ward_id) FROM address_version AS v
                                   WHERE v.address_id = k.id AND upper_inf(v.recorded)), '{}')
               END
        FROM known AS k
    ), numbered AS MATERIALIZED (
        SELECT s.*, top + row_number() OVER (ORDER BY s.n, s.turn) AS number,
               replace(gen_random_uuid()::text, '-', '') AS salt
        FROM step AS s
    ), hashed AS MATERIALIZED (
        SELECT w.*, CASE WHEN w.hidden IS NULL
            THEN hash_of(w.number::text, stamp, act, w.kind, w.id::text, w.after::text)
            ELSE hash_of(w.number::text, w.salt, w.id::text, w.hidden::text) END AS digest
        FROM numbered AS w
    ), entered AS (
        INSERT INTO change
            (number, line, at, act, kind, subject_id, units, after, before, digest)
        SELECT h.number, line, moment, act, h.kind, h.id, h.units, h.after, h.earlier, h.digest
        FROM hashed AS h WHERE h.hidden IS NULL
        UNION ALL
        SELECT h.number, line, NULL, NULL, NULL, NULL, '{}', NULL, NULL, h.digest
        FROM hashed AS h WHERE h.hidden IS NOT NULL
        ORDER BY 1
    ), kept AS (
        INSERT INTO restricted_change (number, subject_id, ward_id, salt, after)
        SELECT h.number, h.id, (
            SELECT v.ward_id FROM restricted_version AS v
            WHERE v.address_id = h.id AND upper_inf(v.recorded)
            ORDER BY lower(v.valid) DESC NULLS LAST LIMIT 1
        ), h.salt, h.hidden
        FROM hashed AS h WHERE h.hidden IS NOT NULL
    )
    SELECT coalesce(string_agg(h.digest, '' ORDER BY h.number), ''), coalesce(max(h.number), top)
    INTO digests, last_one FROM hashed AS h;
    written := jsonb_strip_nulls(jsonb_build_object(
        'number', line, 'at', moment, 'officer', acting_officer(), 'act', act,
        'unit_id', unit, 'note', note, 'origin', origin, 'last_change', last_one,
        'changes', hash_of(digests)
    ));
    INSERT INTO ledger (number, previous, body, hash)
    VALUES (line, chained, written, hash_of(chained, written::text));
    RETURN line;
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
    for function in (HOLD, REASSIGN, SEAL):
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
