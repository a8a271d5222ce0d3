"""The first tables: units in time, streets, places, addresses and their codes.

History is kept by the database itself: `keep_history` refuses every change of a row but the
closing of `recorded`, which `supersede` does.

Revision: 2026_11_22_first
Follows:
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_first"
down_revision = None
branch_labels = None
depends_on = None


HISTORY = (
    "unit_life",
    "unit_name",
    "unit_parent",
    "unit_figure",
    "unit_boundary",
    "lineage",
    "postcode",
    "street",
    "street_way",
    "street_name",
    "place",
    "address_version",
    "external_id",
)
ETERNAL = ("edition", "unit", "address")

COMMENTS = {  # create_geospatial_table leaves a table's comment out
    "unit_figure": "published area and rough centre",
    "unit_boundary": "the territory of a unit",
    "street_way": "a stretch of a street as mapped",
    "place": "a named place",
    "address_version": "what is known of an address, twice dated",
}

KEEP_HISTORY = """
CREATE FUNCTION keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND upper_inf(OLD.recorded) AND NOT upper_inf(NEW.recorded)
       AND (isempty(NEW.recorded) OR lower(NEW.recorded) = lower(OLD.recorded)) THEN
        OLD.recorded := NEW.recorded;
        IF NEW IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'rows of % are never changed: supersede them', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""

KEEP_FOR_EVER = """
CREATE FUNCTION keep_for_ever() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""

KEEP_CODE = """
CREATE FUNCTION keep_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.address_id IS NULL
       AND (NEW.code, NEW.self_checking, NEW.ward_id, NEW.origin, NEW.turn, NEW.issued_at)
           IS NOT DISTINCT FROM
           (OLD.code, OLD.self_checking, OLD.ward_id, OLD.origin, OLD.turn, OLD.issued_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a code that was issued is never changed'
        USING ERRCODE = 'restrict_violation';
END $$
"""

SUPERSEDE = """
CREATE FUNCTION supersede(history regclass, ids bigint[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE closed bigint;
BEGIN
    EXECUTE format(
        'UPDATE %s SET recorded = tstzrange(lower(recorded), clock_timestamp())'
        ' WHERE id = ANY($1) AND upper_inf(recorded)', history
    ) USING ids;
    GET DIAGNOSTICS closed = ROW_COUNT;
    RETURN closed;
END $$
"""

STRETCHES = """
CREATE MATERIALIZED VIEW street_stretch AS
SELECT way.street_id, boundary.unit_id,
       sum(ST_Length(piece.geom::geography)) AS length_m,
       ST_Multi(ST_CollectionExtract(ST_Collect(piece.geom), 2)) AS geom
FROM street_way AS way
JOIN unit_boundary AS boundary
  ON upper_inf(boundary.recorded) AND ST_Intersects(boundary.geom, way.geom)
JOIN unit ON unit.id = boundary.unit_id AND unit.level = 'ward'
CROSS JOIN LATERAL (
    SELECT CASE WHEN ST_Covers(boundary.geom, way.geom) THEN way.geom
                ELSE ST_CollectionExtract(ST_Intersection(boundary.geom, way.geom), 2)
           END AS geom
) AS piece
WHERE upper_inf(way.recorded) AND NOT ST_IsEmpty(piece.geom)
GROUP BY way.street_id, boundary.unit_id
"""

SHARES = """
CREATE MATERIALIZED VIEW unit_share AS
SELECT line.old_id, line.new_id,
       ST_Area(ST_Intersection(old.geom, new.geom)::geography)
       / ST_Area(old.geom::geography) AS fraction
FROM lineage AS line
JOIN unit ON unit.id = line.old_id AND unit.level = 'ward'
JOIN unit_boundary AS old ON old.unit_id = line.old_id AND upper_inf(old.recorded)
 AND upper(old.valid) = line.effective
JOIN unit_boundary AS new ON new.unit_id = line.new_id AND upper_inf(new.recorded)
 AND upper_inf(new.valid)
WHERE upper_inf(line.recorded)
  AND (SELECT count(*) FROM lineage AS other
       WHERE other.old_id = line.old_id AND upper_inf(other.recorded)) > 1
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    op.create_table(
        "address",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address")),
        comment="the identity of an address; everything known of it is in address_version",
    )
    op.create_table(
        "edition",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column(
            "digest",
            sa.Text(),
            nullable=False,
            comment="of what was loaded: the same is not loaded twice",
        ),
        sa.Column("summary", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "loaded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition")),
        comment="what was loaded, when: the changelog of the data",
    )
    op.create_index("ix_edition_subject", "edition", ["subject"], unique=False)
    op.create_table(
        "source",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), server_default="", nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("attribution", sa.Text(), nullable=False),
        sa.Column(
            "state_of", sa.Date(), nullable=True, comment="the day whose state the source describes"
        ),
        sa.Column(
            "loaded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint(
            "name", "version", "sha256", name=op.f("uq_source_name_version_sha256")
        ),
        comment="where facts come from, with licence and attribution",
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "former", sa.Boolean(), nullable=False, comment="of the structure before 2025-07-01"
        ),
        sa.CheckConstraint("code ~ '^[0-9]{2,5}$'", name=op.f("ck_unit_code")),
        sa.CheckConstraint("level IN ('province', 'district', 'ward')", name=op.f("ck_unit_level")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("id", "level", "code", name=op.f("uq_unit_id_level_code")),
        sa.UniqueConstraint("level", "code", "former", name=op.f("uq_unit_level_code_former")),
        comment="the identity of a unit; a code alone may name two, one on each side of the reform",
    )
    op.create_table(
        "external_id",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("address_id", sa.BigInteger(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column(
            "recorded",
            postgresql.TSTZRANGE(),
            server_default=sa.text("tstzrange(clock_timestamp(), NULL)"),
            nullable=False,
        ),
        postgresql.ExcludeConstraint(
            (sa.column("scheme"), "="),
            (sa.column("value"), "="),
            (sa.column("recorded"), "&&"),
            using="gist",
            name="ex_external_id_overlap",
        ),
        sa.ForeignKeyConstraint(
            ["address_id"], ["address.id"], name=op.f("fk_external_id_address_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_id")),
        comment="what others call an address, by scheme (osm, vpostcode, place id)",
    )
    op.create_index("ix_external_id_address_id", "external_id", ["address_id"], unique=False)
    op.create_table(
        "issued_code",
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "area",
            sa.Text(collation="C"),
            sa.Computed("left(code, 5)", persisted=True),
            nullable=False,
        ),
        sa.Column("self_checking", sa.Boolean(), nullable=False, comment="passes the Damm check"),
        sa.Column("address_id", sa.BigInteger(), nullable=True),
        sa.Column("ward_id", sa.Integer(), nullable=True),
        sa.Column("origin", sa.Text(), server_default="drawn", nullable=False),
        sa.Column("turn", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "issued_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("code ~ '^[0-9]{10}$'", name=op.f("ck_issued_code_code")),
        sa.CheckConstraint("origin IN ('drawn', 'loaded')", name=op.f("ck_issued_code_origin")),
        sa.ForeignKeyConstraint(
            ["address_id"], ["address.id"], name=op.f("fk_issued_code_address_id")
        ),
        sa.ForeignKeyConstraint(["ward_id"], ["unit.id"], name=op.f("fk_issued_code_ward_id")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_issued_code")),
        sa.UniqueConstraint("address_id", name=op.f("uq_issued_code_address_id")),
        comment="every code ever issued; none is issued twice, none is taken back",
    )
    op.create_index(
        "ix_issued_code_area",
        "issued_code",
        ["area"],
        unique=False,
        postgresql_where=sa.text("self_checking"),
    )
    op.create_table(
        "lineage",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("old_id", sa.Integer(), nullable=False),
        sa.Column("new_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("effective", sa.Date(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column(
            "recorded",
            postgresql.TSTZRANGE(),
            server_default=sa.text("tstzrange(clock_timestamp(), NULL)"),
            nullable=False,
        ),
        postgresql.ExcludeConstraint(
            (sa.column("old_id"), "="),
            (sa.column("new_id"), "="),
            (sa.column("recorded"), "&&"),
            using="gist",
            name="ex_lineage_overlap",
        ),
        sa.CheckConstraint("part IN ('whole', 'part')", name=op.f("ck_lineage_part")),
        sa.ForeignKeyConstraint(["new_id"], ["unit.id"], name=op.f("fk_lineage_new_id")),
        sa.ForeignKeyConstraint(["old_id"], ["unit.id"], name=op.f("fk_lineage_old_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lineage")),
        comment="which unit became which, whole or in part",
    )
    op.create_index("ix_lineage_new_id", "lineage", ["new_id"], unique=False)
    op.create_geospatial_table(
        "place",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("osm_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column(
            "recorded",
            postgresql.TSTZRANGE(),
            server_default=sa.text("tstzrange(clock_timestamp(), NULL)"),
            nullable=False,
        ),
        sa.Column("source_id", sa.Integer(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("osm_id"), "="),
            (sa.column("valid"), "&&"),
            (sa.column("recorded"), "&&"),
            using="gist",
            name="ex_place_overlap",
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_place_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
    )
    op.create_geospatial_index(
        "ix_place_geom", "place", ["geom"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_index("ix_place_key", "place", ["key"], unique=False)
    op.create_table(
        "postcode",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("rank", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column(
            "recorded",
            postgresql.TSTZRANGE(),
            server_default=sa.text("tstzrange(clock_timestamp(), NULL)"),
            nullable=False,
        ),
        sa.Column("decree", sa.Text(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("code"), "="),
            (sa.column("valid"), "&&"),
            (sa.column("recorded"), "&&"),
            using="gist",
            name="ex_postcode_overlap",
        ),
        sa.CheckConstraint("code ~ '^[0-9]{5}$'", name=op.f("ck_postcode_code")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_postcode_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postcode")),
        comment="postal codes of a ward; those of rank 2 and up are further areas for its codes",
    )
    op.create_index("ix_postcode_unit_id", "postcode", ["unit_id"], unique=False)
    op.create_table(
        "street",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "key", sa.Text(), nullable=False, comment="comparison key: address.name.street_key"
        ),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column(
            "recorded",
            postgresql.TSTZRANGE(),
            server_default=sa.text("tstzrange(clock_timestamp(), NULL)"),
            nullable=False,
        ),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_street_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_street")),
        comment="a street: ways of one name that lie together",
    )
    op.create_index("ix_street_key", "street", ["key"], unique=False)
    op.create_geospatial_table(
        "unit_boundary",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "digest",
            sa.Text(),
            nullable=False,
            comment="sha256 of the WKB: a second load changes nothing",
        ),
        sa.Column(
            "accuracy",
            sa.Text(),
            nullable=False,
            comment="official, surveyed, published, approximate",
        ),
        sa.Column(
            "accuracy_m",
            sa.Float(),
            nullable=True,
            comment="metres within which the line is trusted",
        ),
        sa.Column(
            "remark",
            sa.Text(),
            nullable=True,
            comment="repairs made, or how the polygon was composed",
        ),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column(
            "recorded",
            postgresql.TSTZRANGE(),
            server_default=sa.text("tstzrange(clock_timestamp(), NULL)"),
            nullable=False,
        ),
        sa.Column("decree", sa.Text(), nullable=True),
        sa.Column("source_id", sa.Integer(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("unit_id"), "="),
            (sa.column("valid"), "&&"),
            (sa.column("recorded"), "&&"),
            using="gist",
            name="ex_unit_boundary_overlap",
        ),
        sa.CheckConstraint("ST_IsValid(geom)", name=op.f("ck_unit_boundary_geometry")),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_unit_boundary_source_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_boundary_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_boundary")),
    )
    op.create_geospatial_index(
        "ix_unit_boundary_geom",
        "unit_boundary",
        ["geom"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_table(
        "unit_figure",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column(
            "area_km2",
            sa.Float(),
            nullable=True,
            comment="published area; null where no usable source gives it",
        ),
        sa.Column(
            "lon",
            sa.Float(),
            nullable=True,
            comment="rough centre, degrees WGS 84, good to about 100 m",
        ),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column(
            "recorded",
            postgresql.TSTZRANGE(),
            server_default=sa.text("tstzrange(clock_timestamp(), NULL)"),
            nullable=False,
        ),
        postgresql.ExcludeConstraint(
            (sa.column("unit_id"), "="),
            (sa.column("valid"), "&&"),
            (sa.column("recorded"), "&&"),
            using="gist",
            name="ex_unit_figure_overlap",
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_figure_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_figure")),
    )
    op.create_table(
        "unit_life",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column(
            "recorded",
            postgresql.TSTZRANGE(),
            server_default=sa.text("tstzrange(clock_timestamp(), NULL)"),
            nullable=False,
        ),
        sa.Column("decree", sa.Text(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("level"), "="),
            (sa.column("code"), "="),
            (sa.column("valid"), "&&"),
            (sa.column("recorded"), "&&"),
            using="gist",
            name="ex_unit_life_overlap",
        ),
        sa.ForeignKeyConstraint(
            ["unit_id", "level", "code"],
            ["unit.id", "unit.level", "unit.code"],
            name=op.f("fk_unit_life_unit_id_level_code"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_life")),
        comment="when a unit stood; one code never names two units on one day",
    )
    op.create_table(
        "unit_name",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "key", sa.Text(), nullable=False, comment="comparison key: address.division.name_key"
        ),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column(
            "recorded",
            postgresql.TSTZRANGE(),
            server_default=sa.text("tstzrange(clock_timestamp(), NULL)"),
            nullable=False,
        ),
        sa.Column("decree", sa.Text(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("unit_id"), "="),
            (sa.column("valid"), "&&"),
            (sa.column("recorded"), "&&"),
            using="gist",
            name="ex_unit_name_overlap",
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_name_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_name")),
        comment="what a unit was called, and its kind",
    )
    op.create_index("ix_unit_name_key", "unit_name", ["key"], unique=False)
    op.create_table(
        "unit_parent",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column(
            "recorded",
            postgresql.TSTZRANGE(),
            server_default=sa.text("tstzrange(clock_timestamp(), NULL)"),
            nullable=False,
        ),
        sa.Column("decree", sa.Text(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("unit_id"), "="),
            (sa.column("valid"), "&&"),
            (sa.column("recorded"), "&&"),
            using="gist",
            name="ex_unit_parent_overlap",
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_parent_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_parent_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_parent")),
        comment="the unit right above",
    )
    op.create_index("ix_unit_parent_parent_id", "unit_parent", ["parent_id"], unique=False)
    op.create_geospatial_table(
        "address_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("address_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="unknown", nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column(
            "number_key", sa.Text(), nullable=False, comment="comparison key: address.number"
        ),
        sa.Column("street_id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.Column(
            "position",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("position_kind", sa.Text(), nullable=False),
        sa.Column("accuracy_m", sa.Float(), nullable=True),
        sa.Column(
            "name", sa.Text(), nullable=True, comment="the name of the place at this address"
        ),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column(
            "recorded",
            postgresql.TSTZRANGE(),
            server_default=sa.text("tstzrange(clock_timestamp(), NULL)"),
            nullable=False,
        ),
        sa.Column("source_id", sa.Integer(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("address_id"), "="),
            (sa.column("valid"), "&&"),
            (sa.column("recorded"), "&&"),
            using="gist",
            name="ex_address_version_overlap",
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'recorded', 'certified', 'under_review', 'retired')",
            name=op.f("ck_address_version_state"),
        ),
        sa.ForeignKeyConstraint(
            ["address_id"], ["address.id"], name=op.f("fk_address_version_address_id")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_address_version_source_id")
        ),
        sa.ForeignKeyConstraint(
            ["street_id"], ["street.id"], name=op.f("fk_address_version_street_id")
        ),
        sa.ForeignKeyConstraint(["ward_id"], ["unit.id"], name=op.f("fk_address_version_ward_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_version")),
    )
    op.create_geospatial_index(
        "ix_address_version_position",
        "address_version",
        ["position"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(
        "ix_address_version_street_id_number_key",
        "address_version",
        ["street_id", "number_key"],
        unique=False,
        postgresql_where=sa.text("upper_inf(recorded)"),
    )
    op.create_index(
        "ix_address_version_ward_id",
        "address_version",
        ["ward_id"],
        unique=False,
        postgresql_where=sa.text("upper_inf(recorded)"),
    )
    op.create_table(
        "street_name",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("street_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column(
            "recorded",
            postgresql.TSTZRANGE(),
            server_default=sa.text("tstzrange(clock_timestamp(), NULL)"),
            nullable=False,
        ),
        sa.CheckConstraint("relation IN ('other', 'former')", name=op.f("ck_street_name_relation")),
        sa.ForeignKeyConstraint(
            ["street_id"], ["street.id"], name=op.f("fk_street_name_street_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_street_name")),
        sa.UniqueConstraint(
            "street_id", "name", "relation", name=op.f("uq_street_name_street_id_name_relation")
        ),
        comment="other and former names of a street",
    )
    op.create_geospatial_table(
        "street_way",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("street_id", sa.BigInteger(), nullable=False),
        sa.Column("osm_id", sa.BigInteger(), nullable=True),
        sa.Column("highway", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="LINESTRING",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "recorded",
            postgresql.TSTZRANGE(),
            server_default=sa.text("tstzrange(clock_timestamp(), NULL)"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["street_id"], ["street.id"], name=op.f("fk_street_way_street_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_street_way")),
    )
    op.create_geospatial_index(
        "ix_street_way_geom",
        "street_way",
        ["geom"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index("ix_street_way_street_id", "street_way", ["street_id"], unique=False)
    for table, comment in COMMENTS.items():
        op.create_table_comment(table, comment)
    for function in (KEEP_HISTORY, KEEP_FOR_EVER, KEEP_CODE, SUPERSEDE, STRETCHES, SHARES):
        op.execute(function)
    op.execute("CREATE UNIQUE INDEX ON street_stretch (street_id, unit_id)")
    op.execute("CREATE UNIQUE INDEX ON unit_share (old_id, new_id)")
    for table in HISTORY:
        _guard(table, "keep_history")
    for table in ETERNAL:
        _guard(table, "keep_for_ever")
    _guard("issued_code", "keep_code")


def _guard(table: str, function: str) -> None:
    op.execute(
        f"CREATE TRIGGER {function} BEFORE UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {function}()"
    )
    op.execute(
        f"CREATE TRIGGER keep_all BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION keep_for_ever()"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    op.execute("DROP MATERIALIZED VIEW unit_share")
    op.execute("DROP MATERIALIZED VIEW street_stretch")
    op.execute("DROP FUNCTION supersede(regclass, bigint[])")
    op.drop_index("ix_street_way_street_id", table_name="street_way")
    op.drop_geospatial_index(
        "ix_street_way_geom", table_name="street_way", postgresql_using="gist", column_name="geom"
    )
    op.drop_geospatial_table("street_way")
    op.drop_table("street_name")
    op.drop_index(
        "ix_address_version_ward_id",
        table_name="address_version",
        postgresql_where=sa.text("upper_inf(recorded)"),
    )
    op.drop_index(
        "ix_address_version_street_id_number_key",
        table_name="address_version",
        postgresql_where=sa.text("upper_inf(recorded)"),
    )
    op.drop_geospatial_index(
        "ix_address_version_position",
        table_name="address_version",
        postgresql_using="gist",
        column_name="position",
    )
    op.drop_geospatial_table("address_version")
    op.drop_index("ix_unit_parent_parent_id", table_name="unit_parent")
    op.drop_table("unit_parent")
    op.drop_index("ix_unit_name_key", table_name="unit_name")
    op.drop_table("unit_name")
    op.drop_table("unit_life")
    op.drop_table("unit_figure")
    op.drop_geospatial_index(
        "ix_unit_boundary_geom",
        table_name="unit_boundary",
        postgresql_using="gist",
        column_name="geom",
    )
    op.drop_geospatial_table("unit_boundary")
    op.drop_index("ix_street_key", table_name="street")
    op.drop_table("street")
    op.drop_index("ix_postcode_unit_id", table_name="postcode")
    op.drop_table("postcode")
    op.drop_index("ix_place_key", table_name="place")
    op.drop_geospatial_index(
        "ix_place_geom", table_name="place", postgresql_using="gist", column_name="geom"
    )
    op.drop_geospatial_table("place")
    op.drop_index("ix_lineage_new_id", table_name="lineage")
    op.drop_table("lineage")
    op.drop_index(
        "ix_issued_code_area", table_name="issued_code", postgresql_where=sa.text("self_checking")
    )
    op.drop_table("issued_code")
    op.drop_index("ix_external_id_address_id", table_name="external_id")
    op.drop_table("external_id")
    op.drop_table("unit")
    op.drop_table("source")
    op.drop_index("ix_edition_subject", table_name="edition")
    op.drop_table("edition")
    op.drop_table("address")
    for function in ("keep_history", "keep_for_ever", "keep_code"):
        op.execute(f"DROP FUNCTION {function}()")
