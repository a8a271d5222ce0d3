"""Intakes: spreadsheets taken in, a checkpoint each, and what became of every row.

Revision: 2026_11_26_intake
Follows: 2026_11_25_personal
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_26_intake"
down_revision = "2026_11_25_personal"
branch_labels = None
depends_on = None

APP = "diachiso_app"

# The same question as before, 48 times as fast where a statement asks it for many rows: drawn into
# FROM, `governing_units` is planned once a statement; and the planner, which expects ten rows of
# each step upwards, is kept from reading all units of the country to find the few above a ward.
GOVERNS = """
CREATE OR REPLACE FUNCTION governs(ward integer, VARIADIC acts text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp {plans} AS $$
    SELECT EXISTS (
        SELECT FROM mandate AS m JOIN role_right AS r ON r.role = m.role
        WHERE m.officer_id = acting_officer() AND r.act = ANY (acts) AND in_scope(r.act)
          AND upper_inf(m.recorded) AND m.valid @> vietnam_today()
          AND (m.unit_id IS NULL OR m.unit_id IN {units})
    )
$$
"""
ONCE = "(SELECT above.unit_id FROM governing_units(ward) AS above (unit_id))"
BY_INDEX = "SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off"
EACH = "(SELECT governing_units(ward))"
MINE = "officer_id = acting_officer()"
OF_MINE = f"EXISTS (SELECT FROM intake WHERE intake.id = intake_id AND intake.{MINE}"
POLICIES = (  # table, name, what, on which rows
    ("intake", "sees", "SELECT", f"USING ({MINE} OR governs(unit_id, 'read_ledger'))"),
    ("intake", "enters", "INSERT", f"WITH CHECK ({MINE} AND governs_somewhere('register'))"),
    ("intake", "moves", "UPDATE", f"USING ({MINE})"),
    ("intake", "clears", "DELETE", f"USING ({MINE} AND trial)"),
    ("intake_row", "sees", "SELECT", "USING (intake_id IN (SELECT intake.id FROM intake))"),
    ("intake_row", "enters", "INSERT", f"WITH CHECK ({OF_MINE}))"),
    ("intake_row", "clears", "DELETE", f"USING ({OF_MINE} AND intake.trial))"),
)
GRANTS = (
    "SELECT, INSERT, DELETE ON intake, intake_row",
    "UPDATE (done, ended_at) ON intake",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    op.execute(GOVERNS.format(units=ONCE, plans=BY_INDEX))
    _tables()
    for grant in GRANTS:
        op.execute(f"GRANT {grant} TO {APP}")
    for table in ("intake", "intake_row"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY operator ON {table} TO CURRENT_USER USING (true)")
    for table, name, what, rows in POLICIES:
        op.execute(f"CREATE POLICY {name} ON {table} FOR {what} TO {APP} {rows}")


def _tables() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "intake",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column(
            "digest",
            sa.Text(collation="C"),
            nullable=False,
            comment="sha256 of the file and sheet",
        ),
        sa.Column(
            "trial", sa.Boolean(), nullable=False, comment="checked only; nothing was entered"
        ),
        sa.Column(
            "mapping",
            postgresql.JSONB(),
            nullable=False,
            comment="field: column, counted from 0",
        ),
        sa.Column("options", postgresql.JSONB(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column(
            "done", sa.Integer(), server_default="0", nullable=False, comment="rows judged so far"
        ),
        sa.Column("begun_at", moment, server_default=sa.func.now(), nullable=False),
        sa.Column("ended_at", moment),
        sa.CheckConstraint("done BETWEEN 0 AND total", name=op.f("ck_intake_done")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_intake_officer_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_intake_unit_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_intake_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake")),
        comment="a spreadsheet of addresses on its way into the registry",
    )
    op.create_index("ix_intake_digest", "intake", ["digest"])
    op.create_table(
        "intake_row",
        sa.Column("intake_id", sa.BigInteger(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False, comment="rows of data, counted from 1"),
        sa.Column("fate", sa.Text(), nullable=False),
        sa.Column("address_id", sa.BigInteger()),
        sa.Column(
            "key",
            sa.BigInteger(),
            comment="hash of what tells the address apart; of rows taken",
        ),
        sa.Column("spot", sa.BigInteger(), comment="its point to a metre; of rows taken"),
        sa.Column("external_id", sa.Text()),
        sa.Column(
            "faults",
            postgresql.JSONB(),
            nullable=False,
            comment="rule, field, what stood there, what is put",
        ),
        sa.CheckConstraint(
            "fate IN ('fit', 'drafted', 'recorded', 'left_out')", name=op.f("ck_intake_row_fate")
        ),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name=op.f("fk_intake_row_intake_id")),
        sa.ForeignKeyConstraint(
            ["address_id"], ["address.id"], name=op.f("fk_intake_row_address_id")
        ),
        sa.PrimaryKeyConstraint("intake_id", "row", name=op.f("pk_intake_row")),
        comment="what became of a row of a file",
    )
    op.create_index("ix_intake_row_key", "intake_row", ["intake_id", "key"])
    op.create_index("ix_intake_row_spot", "intake_row", ["intake_id", "spot"])
    op.create_index(
        "ix_intake_row_external_id",
        "intake_row",
        ["intake_id", "external_id"],
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    op.drop_table("intake_row")
    op.drop_table("intake")
    op.execute(GOVERNS.format(units=EACH, plans=""))
