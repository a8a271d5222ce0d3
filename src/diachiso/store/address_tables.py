"""The tables of addresses: identity, code, versions, what others call them, what became of them.

A restricted address lies in a table of its own, `restricted_version`, which row-level security
opens to those who govern its ward: what reads `address_version` cannot betray it.
"""

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Table,
    Text,
    column,
    func,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSTZRANGE, ExcludeConstraint

from diachiso.store.bedrock import (
    NOW_ON,
    STILL_RECORDED,
    dated,
    metadata,
    no_overlap,
    of_source,
    of_unit,
    own_id,
)

POSTAL = "kind IN ('culture_point', 'letter_box', 'mail_boxes', 'post_office')"
STATES = "('proposed', 'recorded', 'certified', 'under_review', 'retired')"

address = Table(
    "address",
    metadata,
    own_id(),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    comment="the identity of an address; everything known of it is in address_version",
)

issued_code = Table(
    "issued_code",
    metadata,
    Column("code", Text(collation="C"), primary_key=True),
    Column("area", Text(collation="C"), Computed("left(code, 5)", persisted=True), nullable=False),
    Column("self_checking", Boolean, nullable=False, comment="passes the Damm check"),
    Column("address_id", BigInteger, ForeignKey("address.id"), unique=True),
    of_unit("ward_id", nullable=True),
    Column("origin", Text, nullable=False, server_default="drawn"),
    Column("turn", BigInteger, Identity(always=True), nullable=False),
    Column(
        "issued_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()
    ),
    CheckConstraint("code ~ '^[0-9]{10}$'", name="code"),
    CheckConstraint("origin IN ('drawn', 'loaded')", name="origin"),
    Index("ix_issued_code_area", "area", postgresql_where=text("self_checking")),
    comment="every code ever issued; none is issued twice, none is taken back",
)


def _versions(name: str, comment: str) -> Table:
    """What is known of addresses, twice dated: the public ones, or the restricted ones."""
    return Table(
        name,
        metadata,
        own_id(),
        Column("address_id", BigInteger, ForeignKey("address.id"), nullable=False),
        Column("state", Text, nullable=False),
        Column("kind", Text, nullable=False, server_default="unknown"),
        Column("number", Text, nullable=False),
        Column("number_key", Text, nullable=False, comment="comparison key: address.number"),
        Column("street_id", BigInteger, ForeignKey("street.id")),
        of_unit("ward_id"),
        Column("position", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        Column("position_kind", Text, nullable=False),
        Column("accuracy_m", Float),
        Column("name", Text, comment="the name of the place at this address"),
        *dated(),
        of_source(),
        Column("residential_group", Text, comment="tổ dân phố, thôn, xóm, ấp, bản"),
        Column("estate", Text, comment="khu đô thị, khu tập thể, khu chung cư"),
        Column("positions", JSONB, nullable=False, server_default="[]", comment="further ones"),
        Column("document_number", Text),
        Column("document_date", Date),
        Column("document_issuer", Text),
        Column("doubts", ARRAY(Text), nullable=False, server_default="{}"),
        Column("attributes", JSONB, nullable=False, server_default="{}"),
        Column("reason", Text, comment="why it was retired or put under review"),
        Column("author_id", BigInteger, ForeignKey("officer.id")),
        no_overlap(name, "address_id"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        Index(f"ix_{name}_position", "position", postgresql_using="gist"),
        Index(
            f"ix_{name}_street_id_number_key",
            "street_id",
            "number_key",
            postgresql_where=STILL_RECORDED,
        ),
        Index(f"ix_{name}_ward_id", "ward_id", "address_id", postgresql_where=STILL_RECORDED),
        comment=comment,
    )


address_version = _versions("address_version", "what is known of an address, twice dated")
_in_order = address_version.c.address_id
Index("ix_address_version_address_id", _in_order)
Index("ix_address_version_postal", _in_order, postgresql_where=text(POSTAL))
for _by in (address_version.c.ward_id, address_version.c.street_id):
    Index(f"ix_address_version_every_{_by.name}", _by, _in_order)  # what was superseded too
restricted_version = _versions(
    "restricted_version", "what is known of an address that its ward alone may find"
)

address_book = table(
    "address_book",
    *[column(c.name, c.type) for c in address_version.columns],
    column("restricted", Boolean()),
)
"""A view: public and restricted versions together, as far as the reader may see them."""

succession = Table(
    "succession",
    metadata,
    own_id(),
    Column("old_id", BigInteger, ForeignKey("address.id"), nullable=False),
    Column("new_id", BigInteger, ForeignKey("address.id"), nullable=False),
    Column("since", Date, nullable=False),
    Column("recorded", TSTZRANGE, nullable=False, server_default=NOW_ON),
    Index(
        "uq_succession_old_id_new_id",
        "old_id",
        "new_id",
        unique=True,
        postgresql_where=STILL_RECORDED,
    ),
    Index("ix_succession_new_id", "new_id"),
    comment="which addresses took the place of one that was retired, split or merged",
)

external_id = Table(
    "external_id",
    metadata,
    own_id(),
    Column("address_id", BigInteger, ForeignKey("address.id"), nullable=False),
    Column("scheme", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("recorded", TSTZRANGE, nullable=False, server_default=NOW_ON),
    ExcludeConstraint(
        ("scheme", "="),
        ("value", "="),
        ("recorded", "&&"),
        using="gist",
        name="ex_external_id_overlap",
    ),
    Index("ix_external_id_address_id", "address_id"),
    comment="what others call an address, by scheme (osm, vpostcode, place id)",
)
