"""Addresses are found in order, by ward and by street, at any moment; composed land has a time.

Map clients page through one moment of the registry: rows that were superseded since are among what
they are told, so the indexes hold these too.

Revision: 2026_11_30_found
Follows: 2026_11_29_trail
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_found"
down_revision = "2026_11_29_trail"
branch_labels = None
depends_on = None

BY = {
    "ix_address_version_address_id": ["address_id"],
    "ix_address_version_every_ward_id": ["ward_id", "address_id"],
    "ix_address_version_every_street_id": ["street_id", "address_id"],
}
POSTAL = "kind IN ('culture_point', 'letter_box', 'mail_boxes', 'post_office')"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    for name, columns in BY.items():
        op.create_index(name, "address_version", columns)
    op.create_index(
        "ix_address_version_postal",
        "address_version",
        ["address_id"],
        postgresql_where=sa.text(POSTAL),
    )
    op.add_column(
        "composed_land",
        sa.Column(
            "composed_at",
            sa.DateTime(timezone=True),
            server_default=sa.func.clock_timestamp(),
            nullable=False,
        ),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("composed_land", "composed_at")
    op.drop_index("ix_address_version_postal", table_name="address_version")
    for name in BY:
        op.drop_index(name, table_name="address_version")
