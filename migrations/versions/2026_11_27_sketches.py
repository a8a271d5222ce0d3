"""Sketches: boundaries as they are seen from afar, for tiles.

Revision: 2026_11_27_sketches
Follows: 2026_11_26_intake
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "2026_11_27_sketches"
down_revision = "2026_11_26_intake"
branch_labels = None
depends_on = None

APP = "diachiso_app"

# Corners are moved to a grid half a pixel wide at the zoom: neighbours that share corners share
# them afterwards as well, which no simplification of each by itself would give.
SKETCH = """
CREATE FUNCTION sketch_boundary(boundary bigint, land geometry) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO unit_sketch (boundary_id, zoom, geom)
    SELECT boundary, drawn.zoom, drawn.geom
    FROM (VALUES (2), (4), (7), (10)) AS level (zoom)
    CROSS JOIN LATERAL (
        SELECT level.zoom, ST_Multi(ST_CollectionExtract(ST_MakeValid(ST_SnapToGrid(
            ST_Transform(land, 3857), 40075016.685578488 / (1 << level.zoom) / 1024
        ), 'method=structure'), 3)) AS geom
    ) AS drawn
    WHERE NOT ST_IsEmpty(drawn.geom)
$$
"""
TRIGGERED = """
CREATE FUNCTION sketch_new_boundary() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM sketch_boundary(NEW.id, NEW.geom);
    RETURN NULL;
END $$
"""
TRIGGER = """
CREATE TRIGGER sketch AFTER INSERT ON unit_boundary
FOR EACH ROW EXECUTE FUNCTION sketch_new_boundary()
"""
MADE = ("sketch_new_boundary()", "sketch_boundary(bigint, geometry)")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    op.create_table(
        "unit_sketch",
        sa.Column("boundary_id", sa.BigInteger(), nullable=False),
        sa.Column("zoom", sa.SmallInteger(), nullable=False, comment="good down to this zoom"),
        sa.Column("geom", Geometry("MULTIPOLYGON", srid=3857, spatial_index=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["boundary_id"], ["unit_boundary.id"], name=op.f("fk_unit_sketch_boundary_id")
        ),
        sa.PrimaryKeyConstraint("boundary_id", "zoom", name=op.f("pk_unit_sketch")),
        comment="boundaries as they are seen from afar; made with each boundary, never changed",
    )
    op.create_index(
        "ix_unit_sketch_zoom_geom", "unit_sketch", ["zoom", "geom"], postgresql_using="gist"
    )
    op.execute(SKETCH)
    op.execute(TRIGGERED)
    op.execute(TRIGGER)
    for function in MADE:
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
    op.execute(f"GRANT SELECT ON unit_sketch TO {APP}")
    op.execute("SELECT count(sketch_boundary(id, geom)) FROM unit_boundary")


def downgrade() -> None:
    op.execute("DROP TRIGGER sketch ON unit_boundary")
    for function in MADE:
        op.execute(f"DROP FUNCTION {function}")
    op.drop_table("unit_sketch")
