"""What stood when is found by its unit.

A box of wards where most have no boundary yet joins thousands of units to when they stood; without
this index each of them was looked for among all (16 seconds for inner Hanoi in a registry that has
just the pilot).

Revision: 2026_12_02_lives
Follows: 2026_12_01_pickup
"""

from alembic import op

revision = "2026_12_02_lives"
down_revision = "2026_12_01_pickup"
branch_labels = None
depends_on = None

NAME = "ix_unit_life_unit_id"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    op.create_index(NAME, "unit_life", ["unit_id"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index(NAME, table_name="unit_life")
