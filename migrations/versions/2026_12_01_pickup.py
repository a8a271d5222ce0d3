"""A household's pickup place is told by the feed as any address (record 50).

Its kind and its attributes would make a list of households of what the feed tells. What was told
before stays as it was sealed.

Revision: 2026_12_01_pickup
Follows: 2026_11_30_found
"""

from alembic import op

revision = "2026_12_01_pickup"
down_revision = "2026_11_30_found"
branch_labels = None
depends_on = None

KIND = "was.kind"
ATTRIBUTES = "nullif(was.attributes, '{}')"
KIND_OF_ALL = "CASE was.kind WHEN 'pickup_point' THEN 'unknown' ELSE was.kind END"
ATTRIBUTES_OF_ALL = (
    "CASE WHEN was.kind IS DISTINCT FROM 'pickup_point' THEN nullif(was.attributes, '{}') END"
)
VERSION_TOLD = """
CREATE OR REPLACE FUNCTION version_told(
    was address_version, street text, ward text, ward_former boolean
) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'state', was.state, 'kind', {kind}, 'number', nullif(was.number, ''),
        'street', street, 'street_id', was.street_id,
        'residential_group', was.residential_group, 'estate', was.estate, 'name', was.name,
        'ward', ward, 'ward_former', nullif(ward_former, false),
        'lon', round(ST_X(was.position)::numeric, 7), 'lat', round(ST_Y(was.position)::numeric, 7),
        'position_kind', was.position_kind, 'accuracy_m', was.accuracy_m,
        'positions', nullif(was.positions, '[]'), 'valid_from', lower(was.valid),
        'valid_until', upper(was.valid), 'document_number', was.document_number,
        'document_date', was.document_date, 'document_issuer', was.document_issuer,
        'doubts', nullif(to_jsonb(was.doubts), '[]'), 'attributes', {attributes},
        'reason', was.reason
    ))
$$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(VERSION_TOLD.format(kind=KIND_OF_ALL, attributes=ATTRIBUTES_OF_ALL))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(VERSION_TOLD.format(kind=KIND, attributes=ATTRIBUTES))
