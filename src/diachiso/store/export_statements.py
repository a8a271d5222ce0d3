"""What is exported of each collection: the public facts of a day, with their days, in order."""

from sqlalchemy import TextClause, text

UNITS = """
SELECT unit.code, name.name, name.kind, above.code AS parent_code, land.accuracy,
       lower(life.valid) AS valid_from, upper(life.valid) AS valid_until,
       ST_AsBinary(land.geom) AS geometry
FROM unit
JOIN unit_life AS life ON life.unit_id = unit.id AND upper_inf(life.recorded)
 AND life.valid @> CAST(:day AS date)
JOIN unit_name AS name ON name.unit_id = unit.id AND upper_inf(name.recorded)
 AND name.valid @> CAST(:day AS date)
LEFT JOIN unit_parent AS up ON up.unit_id = unit.id AND upper_inf(up.recorded)
 AND up.valid @> CAST(:day AS date)
LEFT JOIN unit AS above ON above.id = up.parent_id
LEFT JOIN unit_boundary AS land ON land.unit_id = unit.id AND upper_inf(land.recorded)
 AND land.valid @> CAST(:day AS date)
WHERE unit.level = 'ward' ORDER BY unit.code
"""
JOINED = """
WITH land AS (
    SELECT CASE WHEN higher.level = :level THEN higher.id ELSE highest.id END AS id,
           boundary.geom
    FROM unit
    JOIN unit_boundary AS boundary ON boundary.unit_id = unit.id AND upper_inf(boundary.recorded)
     AND boundary.valid @> CAST(:day AS date)
    JOIN unit_parent AS up ON up.unit_id = unit.id AND upper_inf(up.recorded)
     AND up.valid @> CAST(:day AS date)
    JOIN unit AS higher ON higher.id = up.parent_id
    LEFT JOIN unit_parent AS on_up ON on_up.unit_id = higher.id AND upper_inf(on_up.recorded)
     AND on_up.valid @> CAST(:day AS date)
    LEFT JOIN unit AS highest ON highest.id = on_up.parent_id AND highest.level = :level
    WHERE unit.level = 'ward'
), joined AS MATERIALIZED (
    SELECT id, ST_AsBinary(ST_Multi(ST_Union(geom))) AS geometry FROM land GROUP BY id
)
SELECT unit.code, name.name, name.kind, above.code AS parent_code,
       lower(life.valid) AS valid_from, upper(life.valid) AS valid_until, joined.geometry
FROM unit
JOIN unit_life AS life ON life.unit_id = unit.id AND upper_inf(life.recorded)
 AND life.valid @> CAST(:day AS date)
JOIN unit_name AS name ON name.unit_id = unit.id AND upper_inf(name.recorded)
 AND name.valid @> CAST(:day AS date)
LEFT JOIN unit_parent AS up ON up.unit_id = unit.id AND upper_inf(up.recorded)
 AND up.valid @> CAST(:day AS date)
LEFT JOIN unit AS above ON above.id = up.parent_id
LEFT JOIN joined ON joined.id = unit.id
WHERE unit.level = :level ORDER BY unit.code
"""
STREETS = """
SELECT street.id, street.name,
       (SELECT string_agg(other.name, '; ' ORDER BY other.id) FROM street_name AS other
        WHERE other.street_id = street.id AND upper_inf(other.recorded)) AS other_names,
       ST_AsBinary(ST_Multi(ST_Collect(way.geom ORDER BY way.id))) AS geometry
FROM street JOIN street_way AS way ON way.street_id = street.id AND upper_inf(way.recorded)
WHERE upper_inf(street.recorded) AND street.valid @> CAST(:day AS date)
GROUP BY street.id ORDER BY street.id
"""
ADDRESSES = """
SELECT issued.code, version.state,
       CASE version.kind WHEN 'pickup_point' THEN 'unknown' ELSE version.kind END AS kind,
       version.number, street.name AS street,
       version.residential_group, version.estate, version.name, ward.code AS ward_code,
       version.position_kind, version.accuracy_m,
       lower(version.valid) AS valid_from, upper(version.valid) AS valid_until,
       ST_AsBinary(version.position) AS geometry
FROM address_version AS version
JOIN issued_code AS issued ON issued.address_id = version.address_id
JOIN unit AS ward ON ward.id = version.ward_id
LEFT JOIN street ON street.id = version.street_id
WHERE upper_inf(version.recorded) AND version.valid @> CAST(:day AS date)
  AND version.state = ANY (:states)
ORDER BY issued.code
"""
POSTAL_POINTS = """
SELECT issued.code, version.kind, version.name, version.number, street.name AS street,
       ward.code AS ward_code, version.attributes::text AS attributes,
       ST_AsBinary(version.position) AS geometry
FROM address_version AS version
JOIN issued_code AS issued ON issued.address_id = version.address_id
JOIN unit AS ward ON ward.id = version.ward_id
LEFT JOIN street ON street.id = version.street_id
WHERE upper_inf(version.recorded) AND version.valid @> CAST(:day AS date)
  AND version.state = ANY (:states) AND version.kind = ANY (:kinds)
  AND NOT jsonb_exists(version.attributes, :state_mail)
ORDER BY issued.code
"""
STATEMENTS: dict[str, TextClause] = {
    "provinces": text(JOINED),
    "wards": text(UNITS),
    "former_districts": text(JOINED),
    "former_wards": text(UNITS),
    "streets": text(STREETS),
    "addresses": text(ADDRESSES),
    "postal_points": text(POSTAL_POINTS),
}

OCCUPIED = text("""
SELECT (:units AND EXISTS (
           SELECT FROM unit_boundary AS land JOIN unit ON unit.id = land.unit_id
           WHERE land.geom && box.geom AND upper_inf(land.recorded)
             AND land.valid @> CAST(:day AS date) AND unit.level = 'ward'))
    OR (:streets AND EXISTS (
           SELECT FROM street_way AS way WHERE way.geom && box.geom AND upper_inf(way.recorded)))
    OR (:addresses AND EXISTS (
           SELECT FROM (SELECT * FROM address_version WHERE position && box.geom OFFSET 0)
                AS version
           WHERE upper_inf(version.recorded) AND version.valid @> CAST(:day AS date)
             AND version.state = ANY (:states)))
FROM (SELECT ST_MakeEnvelope(:west, :south, :east, :north, 4326) AS geom) AS box
""")
