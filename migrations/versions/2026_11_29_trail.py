"""One's own acts and errands; a succession can be withdrawn.

Revision: 2026_11_29_trail
Follows: 2026_11_26_intake
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_29_trail"
down_revision = "2026_11_28_composed"
branch_labels = None
depends_on = None

APP = "diachiso_app"
MINE = "officer_id = acting_officer()"
POLICIES = (  # table, name, what, on which rows
    ("own_act", "sees", "SELECT", f"USING ({MINE})"),
    ("own_act", "enters", "INSERT", f"WITH CHECK ({MINE})"),
    ("errand", "sees", "SELECT", f"USING ({MINE})"),
    ("errand", "enters", "INSERT", f"WITH CHECK ({MINE})"),
)
GRANTS = ("SELECT, INSERT ON own_act, errand",)
# who may write a succession may withdraw it, by closing `recorded` now
WITHDRAWS = "governs_address(old_id, 'split', 'merge', 'retire', 'reorganise')"
CLOSED_NOW = "upper(recorded) BETWEEN now() AND clock_timestamp()"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    _tables()
    for grant in GRANTS:
        op.execute(f"GRANT {grant} TO {APP}")
    for table in ("own_act", "errand"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY operator ON {table} TO CURRENT_USER USING (true)")
    for table, name, what, rows in POLICIES:
        op.execute(f"CREATE POLICY {name} ON {table} FOR {what} TO {APP} {rows}")
    for table in ("own_act", "errand"):
        op.execute(
            f"CREATE TRIGGER keep_for_ever BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION keep_for_ever()"
        )
        op.execute(
            f"CREATE TRIGGER keep_all BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION keep_for_ever()"
        )
    # one that was withdrawn may be written again
    op.drop_constraint("uq_succession_old_id_new_id", "succession", type_="unique")
    op.create_index(
        "uq_succession_old_id_new_id",
        "succession",
        ["old_id", "new_id"],
        unique=True,
        postgresql_where=sa.text("upper_inf(recorded)"),
    )
    op.execute(f"GRANT UPDATE (recorded) ON succession TO {APP}")
    op.execute(
        f"CREATE POLICY closes ON succession FOR UPDATE TO {APP} USING ({WITHDRAWS})"
        f" WITH CHECK ({WITHDRAWS} AND {CLOSED_NOW})"
    )
    # lists of a ward go through its addresses in order, a page at a time
    for table in ("address_version", "restricted_version"):
        op.drop_index(f"ix_{table}_ward_id", table_name=table)
        op.create_index(
            f"ix_{table}_ward_id",
            table,
            ["ward_id", "address_id"],
            postgresql_where=sa.text("upper_inf(recorded)"),
        )


def _tables() -> None:
    moment = sa.DateTime(timezone=True)
    text_c = sa.Text(collation="C")
    op.create_table(
        "own_act",
        sa.Column("line", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("at", moment, server_default=sa.func.now(), nullable=False),
        sa.Column(
            "steps",
            postgresql.JSONB(),
            nullable=False,
            comment="address, version before and after",
        ),
        sa.Column(
            "heirs", postgresql.JSONB(), nullable=False, comment="successions written: old, new"
        ),
        sa.Column("undoes", sa.BigInteger(), comment="the line that this one undoes"),
        sa.ForeignKeyConstraint(["line"], ["ledger.number"], name=op.f("fk_own_act_line")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_own_act_officer_id")),
        sa.PrimaryKeyConstraint("line", name=op.f("pk_own_act")),
        comment="what an act wrote, for the one who did it",
    )
    op.create_index("ix_own_act_officer_id", "own_act", ["officer_id", "line"])
    op.create_table(
        "errand",
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("key", text_c, nullable=False),
        sa.Column("digest", text_c, nullable=False, comment="of what was sent"),
        sa.Column(
            "lines", postgresql.ARRAY(sa.BigInteger()), nullable=False, comment="of the ledger"
        ),
        sa.Column("at", moment, server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_errand_officer_id")),
        sa.PrimaryKeyConstraint("officer_id", "key", name=op.f("pk_errand")),
        comment="what came with an idempotency key and was done",
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    for table in ("address_version", "restricted_version"):
        op.drop_index(f"ix_{table}_ward_id", table_name=table)
        op.create_index(
            f"ix_{table}_ward_id",
            table,
            ["ward_id"],
            postgresql_where=sa.text("upper_inf(recorded)"),
        )
    op.execute("DROP POLICY closes ON succession")
    op.execute(f"REVOKE UPDATE (recorded) ON succession FROM {APP}")
    op.drop_index("uq_succession_old_id_new_id", table_name="succession")
    op.execute("ALTER TABLE succession DISABLE TRIGGER USER")
    op.execute("DELETE FROM succession WHERE NOT upper_inf(recorded)")
    op.execute("ALTER TABLE succession ENABLE TRIGGER USER")
    op.create_unique_constraint("uq_succession_old_id_new_id", "succession", ["old_id", "new_id"])
    op.drop_table("errand")
    op.drop_table("own_act")
