"""The feed: webhooks, and the ministry may follow it.

Revision: 2026_11_24_feed
Follows: 2026_11_23_access
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_24_feed"
down_revision = "2026_11_23_access"
branch_labels = None
depends_on = None

APP = "diachiso_app"
MINE = "officer_id = acting_officer()"
SHOWN = (
    "id, officer_id, url, unit, as_of, created_at, state, position, tries, failing_since, next_at,"
    " answer"
)
POLICIES = (  # what, on which rows
    ("SELECT", f"USING ({MINE} OR governs_somewhere('grant'))"),
    ("INSERT", f"WITH CHECK ({MINE} AND governs_somewhere('read_changes'))"),
    ("DELETE", f"USING ({MINE} OR governs_somewhere('grant'))"),
)
GRANTS = (
    f"SELECT ({SHOWN}) ON webhook",  # the secret is read by the courier alone, as the owner
    "INSERT (officer_id, url, unit, as_of, secret, position) ON webhook",
    "DELETE ON webhook",
)
RIGHT = ("ministry", "read_changes")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "webhook",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), comment="code of the unit whose changes are told; null: all"),
        sa.Column("as_of", sa.Date(), comment="the day of which the code is"),
        sa.Column("secret", sa.Text(), nullable=False, comment="sealed; it signs what is sent"),
        sa.Column("created_at", moment, server_default=sa.func.now(), nullable=False),
        sa.Column("state", sa.Text(), server_default="live", nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False, comment="told up to this change"),
        sa.Column("pending", sa.BigInteger(), comment="what is being tried goes up to this change"),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failing_since", moment),
        sa.Column("next_at", moment, server_default=sa.func.now(), nullable=False),
        sa.Column("busy_until", moment, comment="a courier is on its way"),
        sa.Column("answer", sa.Text(), comment="what came of the last try"),
        sa.CheckConstraint("state IN ('live', 'given_up', 'gone')", name=op.f("ck_webhook_state")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_webhook_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
        comment="whom the service tells of changes, and how far it has come",
    )
    op.create_index("ix_webhook_officer_id", "webhook", ["officer_id"])
    op.create_index(
        "ix_webhook_next_at", "webhook", ["next_at"], postgresql_where=sa.text("state = 'live'")
    )
    op.execute("ALTER TABLE webhook ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE webhook FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY operator ON webhook TO CURRENT_USER USING (true)")
    for what, rows in POLICIES:
        op.execute(f"CREATE POLICY {what.lower()}s ON webhook FOR {what} TO {APP} {rows}")
    for grant in GRANTS:
        op.execute(f"GRANT {grant} TO {APP}")
    rights = sa.table("role_right", sa.column("role"), sa.column("act"))
    op.execute(rights.insert().values(role=RIGHT[0], act=RIGHT[1]))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    rights = sa.table("role_right", sa.column("role"), sa.column("act"))
    op.execute(rights.delete().where(rights.c.role == RIGHT[0], rights.c.act == RIGHT[1]))
    op.drop_table("webhook")
