"""Composed land: provinces and districts as the union of their wards, for map clients.

No source gives polygons of provinces; those of their wards together are theirs. Of a ward's
boundaries the last counts.

Revision: 2026_11_28_composed
Follows: 2026_11_27_sketches
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "2026_11_28_composed"
down_revision = "2026_11_27_sketches"
branch_labels = None
depends_on = None

APP = "diachiso_app"

PARTS = """
CREATE VIEW land_part AS
WITH above AS (
    SELECT DISTINCT ON (unit_id) unit_id, parent_id FROM unit_parent WHERE upper_inf(recorded)
    ORDER BY unit_id, upper(valid) DESC NULLS FIRST
), of_unit AS (
    SELECT unit_id AS ward_id, parent_id AS unit_id FROM above
    UNION ALL
    SELECT above.unit_id, higher.parent_id FROM above
    JOIN above AS higher ON higher.unit_id = above.parent_id
), land AS (
    SELECT DISTINCT ON (unit_id) id, unit_id, geom FROM unit_boundary WHERE upper_inf(recorded)
    ORDER BY unit_id, upper(valid) DESC NULLS FIRST
)
SELECT of_unit.unit_id, land.id AS boundary_id, land.geom
FROM of_unit
JOIN unit AS ward ON ward.id = of_unit.ward_id AND ward.level = 'ward'
JOIN land ON land.unit_id = of_unit.ward_id
"""
COMPOSE = """
CREATE FUNCTION compose_land() RETURNS void LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    CREATE TEMPORARY TABLE composing ON COMMIT DROP AS
    SELECT unit_id, md5(string_agg(boundary_id::text, ',' ORDER BY boundary_id)) AS parts
    FROM land_part GROUP BY unit_id;
    DELETE FROM composed_land AS kept WHERE NOT EXISTS (
        SELECT FROM composing AS now WHERE now.unit_id = kept.unit_id AND now.parts = kept.parts
    );
    INSERT INTO composed_land (unit_id, parts, geom)
    SELECT now.unit_id, now.parts, ST_Multi(ST_Union(part.geom))
    FROM composing AS now JOIN land_part AS part USING (unit_id)
    WHERE NOT EXISTS (SELECT FROM composed_land AS kept WHERE kept.unit_id = now.unit_id)
    GROUP BY now.unit_id, now.parts;
    DROP TABLE composing;
END $$
"""
REFRESH = """
CREATE OR REPLACE FUNCTION refresh_derived() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT governs_somewhere('rename', 'reorganise') THEN
        RAISE EXCEPTION 'not allowed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    REFRESH MATERIALIZED VIEW street_stretch;
    REFRESH MATERIALIZED VIEW unit_share;{more}
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    op.create_table(
        "composed_land",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False, comment="which boundaries it is made of"),
        sa.Column("geom", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_composed_land_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", name=op.f("pk_composed_land")),
        comment="the wards of a province or a district as one; made again where one changed",
    )
    op.create_index("ix_composed_land_geom", "composed_land", ["geom"], postgresql_using="gist")
    op.execute(PARTS)
    op.execute(COMPOSE)
    op.execute("REVOKE ALL ON FUNCTION compose_land() FROM PUBLIC")
    op.execute(REFRESH.format(more="\n    PERFORM compose_land();"))
    op.execute(f"GRANT SELECT ON composed_land TO {APP}")
    op.execute("SELECT compose_land()")


def downgrade() -> None:
    op.execute(REFRESH.format(more=""))
    op.execute("DROP FUNCTION compose_land()")
    op.execute("DROP VIEW land_part")
    op.drop_table("composed_land")
