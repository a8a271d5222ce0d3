"""Every table, with its constraints and indexes.

Two times stand on every fact: `valid` (when it was so in the world; days, lower bound within, upper
without) and `recorded` (when the registry learned it; written by the database). An exclusion
constraint over (key, valid, recorded) makes overlap impossible; a trigger (see the first migration)
refuses every change but the closing of `recorded`. Geometry is WGS 84, longitude first (EPSG:4326).
"""

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    column,
    func,
    table,
)
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint

from diachiso.store.access_tables import (
    account as account,
    api_key as api_key,
    session as session,
)
from diachiso.store.act_tables import (
    change as change,
    ledger as ledger,
    mandate as mandate,
    officer as officer,
    restricted_change as restricted_change,
    role_right as role_right,
)
from diachiso.store.address_tables import (
    address as address,
    address_book as address_book,
    address_version as address_version,
    external_id as external_id,
    issued_code as issued_code,
    restricted_version as restricted_version,
    succession as succession,
)
from diachiso.store.bedrock import (
    NOW_ON,
    dated,
    edition as edition,
    metadata as metadata,
    no_overlap,
    of_source,
    of_unit,
    own_id,
    source as source,
)
from diachiso.store.decree_tables import decree as decree, decree_unit as decree_unit
from diachiso.store.feed_tables import webhook as webhook
from diachiso.store.intake_tables import (
    intake as intake,
    intake_row as intake_row,
)
from diachiso.store.personal_tables import (
    contact as contact,
    reading as reading,
)
from diachiso.store.report_tables import (
    lookup_count as lookup_count,
    report as report,
    report_answer as report_answer,
)
from diachiso.store.trail_tables import errand as errand, own_act as own_act

# -- units ---------------------------------------------------------------------------------------

unit = Table(
    "unit",
    metadata,
    Column("id", Integer, Identity(always=True), primary_key=True),
    Column("level", Text, nullable=False),
    Column("code", Text(collation="C"), nullable=False),
    Column("former", Boolean, nullable=False, comment="of the structure before 2025-07-01"),
    UniqueConstraint("level", "code", "former"),
    UniqueConstraint("id", "level", "code"),
    CheckConstraint("level IN ('province', 'district', 'ward')", name="level"),
    CheckConstraint("code ~ '^[0-9]{2,5}$'", name="code"),
    comment="the identity of a unit; a code alone may name two, one on each side of the reform",
)

unit_life = Table(
    "unit_life",
    metadata,
    own_id(),
    Column("unit_id", Integer, nullable=False),
    Column("level", Text, nullable=False),
    Column("code", Text(collation="C"), nullable=False),
    *dated(),
    Column("decree", Text),
    ForeignKeyConstraint(["unit_id", "level", "code"], ["unit.id", "unit.level", "unit.code"]),
    no_overlap("unit_life", "level", "code"),
    Index("ix_unit_life_unit_id", "unit_id"),
    comment="when a unit stood; one code never names two units on one day",
)

unit_name = Table(
    "unit_name",
    metadata,
    own_id(),
    of_unit(),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False, comment="comparison key: address.division.name_key"),
    *dated(),
    Column("decree", Text),
    no_overlap("unit_name", "unit_id"),
    Index("ix_unit_name_key", "key"),
    comment="what a unit was called, and its kind",
)

unit_parent = Table(
    "unit_parent",
    metadata,
    own_id(),
    of_unit(),
    of_unit("parent_id"),
    *dated(),
    Column("decree", Text),
    no_overlap("unit_parent", "unit_id"),
    Index("ix_unit_parent_parent_id", "parent_id"),
    comment="the unit right above",
)

unit_figure = Table(
    "unit_figure",
    metadata,
    own_id(),
    of_unit(),
    Column("area_km2", Float, comment="published area; null where no usable source gives it"),
    Column("lon", Float, comment="rough centre, degrees WGS 84, good to about 100 m"),
    Column("lat", Float),
    *dated(),
    no_overlap("unit_figure", "unit_id"),
    comment="published area and rough centre",
)

unit_boundary = Table(
    "unit_boundary",
    metadata,
    own_id(),
    of_unit(),
    Column("geom", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False),
    Column(
        "digest", Text, nullable=False, comment="sha256 of the WKB: a second load changes nothing"
    ),
    Column("accuracy", Text, nullable=False, comment="official, surveyed, published, approximate"),
    Column("accuracy_m", Float, comment="metres within which the line is trusted"),
    Column("remark", Text, comment="repairs made, or how the polygon was composed"),
    *dated(),
    Column("decree", Text),
    of_source(),
    no_overlap("unit_boundary", "unit_id"),
    Index("ix_unit_boundary_geom", "geom", postgresql_using="gist"),
    CheckConstraint("ST_IsValid(geom)", name="geometry"),
    comment="the territory of a unit",
)

unit_sketch = Table(
    "unit_sketch",
    metadata,
    Column("boundary_id", BigInteger, ForeignKey("unit_boundary.id"), primary_key=True),
    Column("zoom", SmallInteger, primary_key=True, comment="good down to this zoom"),
    Column("geom", Geometry("MULTIPOLYGON", srid=3857, spatial_index=False), nullable=False),
    Index("ix_unit_sketch_zoom_geom", "zoom", "geom", postgresql_using="gist"),
    comment="boundaries as they are seen from afar; made with each boundary, never changed",
)

composed_land = Table(
    "composed_land",
    metadata,
    Column("unit_id", Integer, ForeignKey("unit.id"), primary_key=True, autoincrement=False),
    Column("parts", Text, nullable=False, comment="which boundaries it is made of"),
    Column("geom", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False),
    Column(
        "composed_at",
        DateTime(timezone=True),
        nullable=False,
        server_default=func.clock_timestamp(),
    ),
    Index("ix_composed_land_geom", "geom", postgresql_using="gist"),
    comment="the wards of a province or a district as one; made again where one changed",
)

lineage = Table(
    "lineage",
    metadata,
    own_id(),
    of_unit("old_id"),
    of_unit("new_id"),
    Column("part", Text, nullable=False),
    Column("is_default", Boolean, nullable=False),
    Column("effective", Date, nullable=False),
    Column("origin", Text, nullable=False),
    Column("recorded", TSTZRANGE, nullable=False, server_default=NOW_ON),
    CheckConstraint("part IN ('whole', 'part')", name="part"),
    ExcludeConstraint(
        ("old_id", "="),
        ("new_id", "="),
        ("recorded", "&&"),
        using="gist",
        name="ex_lineage_overlap",
    ),
    Index("ix_lineage_new_id", "new_id"),
    comment="which unit became which, whole or in part",
)

postcode = Table(
    "postcode",
    metadata,
    own_id(),
    of_unit(),
    Column("code", Text(collation="C"), nullable=False),
    Column("rank", SmallInteger, nullable=False, server_default="1"),
    *dated(),
    Column("decree", Text),
    CheckConstraint("code ~ '^[0-9]{5}$'", name="code"),
    no_overlap("postcode", "code"),
    Index("ix_postcode_unit_id", "unit_id"),
    comment="postal codes of a ward; those of rank 2 and up are further areas for its codes",
)

# -- streets and places --------------------------------------------------------------------------

street = Table(
    "street",
    metadata,
    own_id(),
    Column("name", Text, nullable=False),
    Column("key", Text, nullable=False, comment="comparison key: address.name.street_key"),
    *dated(),
    of_source(),
    Index("ix_street_key", "key"),
    comment="a street: ways of one name that lie together",
)

street_way = Table(
    "street_way",
    metadata,
    own_id(),
    Column("street_id", BigInteger, ForeignKey("street.id"), nullable=False),
    Column("osm_id", BigInteger),
    Column("highway", Text),
    Column("geom", Geometry("LINESTRING", srid=4326, spatial_index=False), nullable=False),
    Column("recorded", TSTZRANGE, nullable=False, server_default=NOW_ON),
    Index("ix_street_way_geom", "geom", postgresql_using="gist"),
    Index("ix_street_way_street_id", "street_id"),
    comment="a stretch of a street as mapped",
)

street_name = Table(
    "street_name",
    metadata,
    own_id(),
    Column("street_id", BigInteger, ForeignKey("street.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("relation", Text, nullable=False),
    Column("recorded", TSTZRANGE, nullable=False, server_default=NOW_ON),
    CheckConstraint("relation IN ('other', 'former')", name="relation"),
    UniqueConstraint("street_id", "name", "relation"),
    comment="other and former names of a street",
)

place = Table(
    "place",
    metadata,
    own_id(),
    Column("name", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("osm_id", BigInteger, nullable=False),
    Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
    *dated(),
    of_source(),
    no_overlap("place", "osm_id"),
    Index("ix_place_geom", "geom", postgresql_using="gist"),
    Index("ix_place_key", "key"),
    comment="a named place",
)

# -- kept by the database -------------------------------------------------------------------------

street_stretch = table(
    "street_stretch", column("street_id"), column("unit_id"), column("length_m"), column("geom")
)
"""A view kept materialised: the part of a street that lies in a ward."""

unit_share = table("unit_share", column("old_id"), column("new_id"), column("fraction", Float))
"""A view kept materialised: how much of a split old ward each heir's polygon holds."""

HISTORY = (
    unit_life,
    unit_name,
    unit_parent,
    unit_figure,
    unit_boundary,
    lineage,
    postcode,
    street,
    street_way,
    street_name,
    place,
    address_version,
    restricted_version,
    external_id,
    succession,
    mandate,
)
"""Tables whose rows are never changed but to close `recorded`."""

ETERNAL = (
    edition,
    unit,
    address,
    issued_code,
    officer,
    ledger,
    change,
    restricted_change,
    decree,
    decree_unit,
    report,
    report_answer,
    reading,
)
"""Tables whose rows are never changed, but that a code is tied to its address, once."""
