"""What citizens report and are told; how often the registry is asked; figures of what is hidden.

Revision: 2026_11_25_desk
Follows: 2026_11_24_decrees
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_25_desk"
down_revision = "2026_11_24_decrees"
branch_labels = None
depends_on = None

APP = "diachiso_app"
ETERNAL = ("report", "report_answer")

# a report that waited while its ward was divided is answered by any of the heirs
ANSWERS_FOR = """
CREATE FUNCTION answers_for(ward integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT governs(ward, 'answer') OR EXISTS (
        SELECT FROM lineage AS line
        WHERE line.old_id = ward AND upper_inf(line.recorded) AND governs(line.new_id, 'answer')
    )
$$
"""

# what the holder of a token is told: nothing of an address that is not public
REPORT_TOLD = """
CREATE FUNCTION report_told(asked text)
RETURNS TABLE (id bigint, wrong text, at timestamptz, ward_id integer, state text, reason text,
               answered_at timestamptz, code text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT told.id, told.wrong, told.at, told.ward_id, answer.state, answer.reason, answer.at,
           (SELECT issued_code.code FROM issued_code
            JOIN address_version AS seen ON seen.address_id = issued_code.address_id
             AND upper_inf(seen.recorded) AND upper_inf(seen.valid)
            WHERE issued_code.address_id = answer.address_id)
    FROM report AS told LEFT JOIN report_answer AS answer ON answer.report_id = told.id
    WHERE told.token_hash = asked
$$
"""

# small numbers would betray a restricted address: below three, none are told
RESTRICTED_FIGURES = """
CREATE FUNCTION restricted_figures(day date) RETURNS TABLE (ward_id integer, addresses bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT hidden.ward_id, count(*) FROM restricted_version AS hidden
    WHERE upper_inf(hidden.recorded) AND hidden.valid @> day
      AND hidden.state IN ('recorded', 'certified', 'under_review')
    GROUP BY hidden.ward_id HAVING count(*) >= 3
$$
"""

# numbers of reports, for everybody; the reports themselves are their ward's
REPORT_FIGURES = """
CREATE FUNCTION report_figures(wards integer[], groups integer[], since date, until date)
RETURNS TABLE (group_id integer, reported bigint, answered bigint, median_days double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT part.group_id, count(*), count(answer.at),
           percentile_cont(0.5) WITHIN GROUP (
               ORDER BY extract(epoch FROM answer.at - told.at) / 86400.0
           )
    FROM unnest(wards, groups) AS part (ward_id, group_id)
    JOIN report AS told ON told.ward_id = part.ward_id
    LEFT JOIN report_answer AS answer ON answer.report_id = told.id
    WHERE (told.at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date BETWEEN since AND until
    GROUP BY GROUPING SETS ((part.group_id), ())
$$
"""

FUNCTIONS = (ANSWERS_FOR, REPORT_TOLD, RESTRICTED_FIGURES, REPORT_FIGURES)
MADE = (
    "report_figures(integer[], integer[], date, date)",
    "restricted_figures(date)",
    "report_told(text)",
    "answers_for(integer)",
)
MINE = "EXISTS (SELECT FROM report WHERE report.id = report_id)"
POLICIES = (  # table, what, on which rows
    ("report", "SELECT", "USING (answers_for(ward_id))"),
    ("report", "INSERT", "WITH CHECK (true)"),
    ("report_answer", "SELECT", f"USING ({MINE})"),
    (
        "report_answer",
        "INSERT",
        f"WITH CHECK (officer_id = acting_officer() AND {MINE})",
    ),
    ("lookup_count", "SELECT", "USING (true)"),
    ("lookup_count", "INSERT", "WITH CHECK (true)"),
    ("lookup_count", "UPDATE", "USING (true)"),
)
GRANTS = (
    "SELECT, INSERT ON report",
    "SELECT, INSERT ON report_answer",
    "SELECT, INSERT, UPDATE (count) ON lookup_count",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    _tables()
    for function in FUNCTIONS:
        op.execute(function)
    for table in ETERNAL:
        op.execute(
            f"CREATE TRIGGER keep_for_ever BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION keep_for_ever()"
        )
        op.execute(
            f"CREATE TRIGGER keep_all BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION keep_for_ever()"
        )
    for grant in GRANTS:
        op.execute(f"GRANT {grant} TO {APP}")
    for table in (*ETERNAL, "lookup_count"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY operator ON {table} TO CURRENT_USER USING (true)")
    for table, what, rows in POLICIES:
        op.execute(f"CREATE POLICY {what.lower()}s ON {table} FOR {what} TO {APP} {rows}")


def _tables() -> None:
    moment = sa.DateTime(timezone=True)
    text_c = sa.Text(collation="C")
    op.create_table(
        "report",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("token_hash", text_c, nullable=False, comment="SHA-256 of the token"),
        sa.Column(
            "wrong", sa.Text(), nullable=False, comment="what is wrong: registry.report.Wrong"
        ),
        sa.Column("address_id", sa.BigInteger()),
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False, comment="degrees WGS 84"),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("proposed", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("at", moment, server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("length(note) <= 2000", name=op.f("ck_report_note")),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("fk_report_address_id")),
        sa.ForeignKeyConstraint(["ward_id"], ["unit.id"], name=op.f("fk_report_ward_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_report_token_hash")),
        comment="what somebody says is wrong or missing; who they are is not asked",
    )
    op.create_index("ix_report_ward_id", "report", ["ward_id", "id"])
    op.create_table(
        "report_answer",
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("address_id", sa.BigInteger()),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("at", moment, server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint(
            "state IN ('accepted', 'rejected')", name=op.f("ck_report_answer_state")
        ),
        sa.CheckConstraint(
            "state = 'accepted' OR reason <> ''", name=op.f("ck_report_answer_reason")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_report_answer_report_id")
        ),
        sa.ForeignKeyConstraint(
            ["address_id"], ["address.id"], name=op.f("fk_report_answer_address_id")
        ),
        sa.ForeignKeyConstraint(["line"], ["ledger.number"], name=op.f("fk_report_answer_line")),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officer.id"], name=op.f("fk_report_answer_officer_id")
        ),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_report_answer")),
        comment="what the ward answered, and the line of the ledger that tells the act",
    )
    op.create_table(
        "lookup_count",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "ward",
            text_c,
            server_default=sa.text("''"),
            nullable=False,
            comment="code of the ward that was answered; empty where none was",
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "ward", "kind", name=op.f("pk_lookup_count")),
        comment="how often the registry was asked; what was asked is kept nowhere",
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    for table, what, _ in POLICIES:
        op.execute(f"DROP POLICY {what.lower()}s ON {table}")
    for function in MADE:
        op.execute(f"DROP FUNCTION {function}")
    for table in ("lookup_count", "report_answer", "report"):
        op.drop_table(table)
