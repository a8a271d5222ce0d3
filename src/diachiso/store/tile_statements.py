"""What PostGIS is told to draw tiles with.

The parameters of a frame are the tile's square in units of its grid (`west`...), a wider one that
lines and areas go on into (`wide_...`), and that one in degrees and in metres of Web Mercator.
Rows are ordered, so that the same facts give the same bytes and the same tag. What lies in
a tile is found by place alone (OFFSET 0 keeps the planner from more): nearly all addresses hold
today, which it does not know, and it would walk their index of days from end to end for each tile.
"""

from sqlalchemy import text

SHAPES = """shapes AS (
    SELECT sketch.boundary_id AS id, sketch.geom FROM unit_sketch AS sketch
    WHERE sketch.zoom = CAST(:sketch AS smallint)
      AND sketch.geom
          && ST_MakeEnvelope(:metres_west, :metres_south, :metres_east, :metres_north, 3857)
    UNION ALL
    SELECT land.id, ST_Transform(land.geom, 3857) FROM unit_boundary AS land
    WHERE CAST(:sketch AS smallint) = 0
      AND land.geom
          && ST_MakeEnvelope(:degrees_west, :degrees_south, :degrees_east, :degrees_north, 4326)
      AND upper_inf(land.recorded) AND land.valid @> CAST(:day AS date)
)"""
"""The land of units: sketches from afar, the boundaries themselves where one is near."""

WARDS = text(f"""
WITH frame AS (
    SELECT ST_MakeEnvelope(:west, :south, :east, :north, :srid) AS box
), {SHAPES}, found AS (
    SELECT unit.code, name.name, name.kind, land.accuracy, shapes.geom AS whole,
           ST_SnapToGrid(ST_Transform(shapes.geom, :srid), :grain) AS geom
    FROM shapes
    JOIN unit_boundary AS land ON land.id = shapes.id AND upper_inf(land.recorded)
     AND land.valid @> CAST(:day AS date)
    JOIN unit ON unit.id = land.unit_id AND unit.level = 'ward'
    JOIN unit_name AS name ON name.unit_id = unit.id AND upper_inf(name.recorded)
     AND name.valid @> CAST(:day AS date)
), areas AS MATERIALIZED (
    SELECT code, name, kind, accuracy, ST_AsMVTGeom(geom, box, :pixels, 128) AS geom
    FROM found, frame
), spots AS MATERIALIZED (
    SELECT code, name, kind,
           ST_AsMVTGeom(ST_Transform(ST_PointOnSurface(whole), :srid), box, :pixels, 0) AS geom
    FROM found, frame WHERE :named
)
SELECT (SELECT ST_AsMVT(drawn, :layer, :pixels, 'geom')
        FROM (SELECT * FROM areas WHERE geom IS NOT NULL ORDER BY code) AS drawn)
    || (SELECT ST_AsMVT(drawn, :names, :pixels, 'geom')
        FROM (SELECT * FROM spots WHERE geom IS NOT NULL ORDER BY code) AS drawn)
""")  # noqa: S608 (a piece of our own)

AREAS = text(f"""
WITH frame AS (
    SELECT ST_MakeEnvelope(:west, :south, :east, :north, :srid) AS box,
           ST_MakeEnvelope(:wide_west, :wide_south, :wide_east, :wide_north, :srid) AS wide
), {SHAPES}, wards AS (
    -- sketches are valid and fit together as they are; of the boundaries themselves only what
    -- lies in the tile is joined
    SELECT land.unit_id, CASE WHEN CAST(:sketch AS smallint) > 0
               THEN ST_Transform(shapes.geom, :srid)
               ELSE ST_MakeValid(ST_ClipByBox2D(ST_Transform(shapes.geom, :srid), wide))
           END AS geom
    FROM frame, shapes
    JOIN unit_boundary AS land ON land.id = shapes.id AND upper_inf(land.recorded)
     AND land.valid @> CAST(:day AS date)
    JOIN unit ON unit.id = land.unit_id AND unit.level = 'ward'
), above AS (
    SELECT wards.geom, CASE WHEN higher.level = :level THEN higher.id ELSE highest.id END AS id
    FROM wards
    JOIN unit_parent AS up ON up.unit_id = wards.unit_id AND upper_inf(up.recorded)
     AND up.valid @> CAST(:day AS date)
    JOIN unit AS higher ON higher.id = up.parent_id
    LEFT JOIN unit_parent AS on_up ON on_up.unit_id = higher.id AND upper_inf(on_up.recorded)
     AND on_up.valid @> CAST(:day AS date)
    LEFT JOIN unit AS highest ON highest.id = on_up.parent_id AND highest.level = :level
), joined AS (
    SELECT id, ST_CollectionExtract(ST_Union(geom), 3) AS geom FROM above
    WHERE id IS NOT NULL AND geom IS NOT NULL GROUP BY id
), areas AS MATERIALIZED (
    SELECT unit.code, name.name, name.kind,
           ST_AsMVTGeom(ST_SnapToGrid(joined.geom, :grain), box, :pixels, 128) AS geom
    FROM frame, joined JOIN unit ON unit.id = joined.id
    JOIN unit_name AS name ON name.unit_id = unit.id AND upper_inf(name.recorded)
     AND name.valid @> CAST(:day AS date)
), spots AS MATERIALIZED (
    SELECT unit.code, name.name, name.kind, ST_AsMVTGeom(ST_Transform(
               ST_SetSRID(ST_MakePoint(figure.lon, figure.lat), 4326), :srid
           ), box, :pixels, 0) AS geom
    FROM frame, unit
    JOIN unit_figure AS figure ON figure.unit_id = unit.id AND upper_inf(figure.recorded)
     AND figure.valid @> CAST(:day AS date)
    JOIN unit_name AS name ON name.unit_id = unit.id AND upper_inf(name.recorded)
     AND name.valid @> CAST(:day AS date)
    WHERE :named AND unit.level = :level
      AND figure.lon BETWEEN :degrees_west AND :degrees_east
      AND figure.lat BETWEEN :degrees_south AND :degrees_north
)
SELECT (SELECT ST_AsMVT(drawn, :layer, :pixels, 'geom')
        FROM (SELECT * FROM areas WHERE geom IS NOT NULL ORDER BY code) AS drawn)
    || (SELECT ST_AsMVT(drawn, :names, :pixels, 'geom')
        FROM (SELECT * FROM spots WHERE geom IS NOT NULL ORDER BY code) AS drawn)
""")  # noqa: S608 (a piece of our own)

STREETS = text("""
WITH frame AS (
    SELECT ST_MakeEnvelope(:west, :south, :east, :north, :srid) AS box
), streets AS (
    SELECT street.id, street.name,
           CASE WHEN way.highway = ANY (:greater) THEN 1 ELSE 0 END AS greater,
           ST_Simplify(ST_Transform(ST_Collect(way.geom ORDER BY way.id), :srid), :grain) AS geom
    FROM street_way AS way
    JOIN street ON street.id = way.street_id AND upper_inf(street.recorded)
     AND street.valid @> CAST(:day AS date)
    WHERE way.geom
          && ST_MakeEnvelope(:degrees_west, :degrees_south, :degrees_east, :degrees_north, 4326)
      AND upper_inf(way.recorded) AND (:all OR way.highway = ANY (:greater))
    GROUP BY 1, 2, 3
), drawn AS MATERIALIZED (
    SELECT id, name, greater, ST_AsMVTGeom(geom, box, :pixels, 64) AS geom FROM streets, frame
)
SELECT ST_AsMVT(drawn, 'streets', :pixels, 'geom', 'id')
FROM (SELECT * FROM drawn WHERE geom IS NOT NULL ORDER BY id, greater) AS drawn
""")

ADDRESSES = text("""
WITH found AS (
    SELECT version.address_id, version.number, version.street_id, version.state,
           CASE version.kind WHEN 'pickup_point' THEN 'unknown' ELSE version.kind END AS kind,
           version.name, version.position
    FROM (
        SELECT * FROM address_version WHERE position
            && ST_MakeEnvelope(:degrees_west, :degrees_south, :degrees_east, :degrees_north, 4326)
        OFFSET 0
    ) AS version
    WHERE upper_inf(version.recorded) AND version.valid @> CAST(:day AS date)
      AND version.state = ANY (:states)
    LIMIT :most + 1
), drawn AS MATERIALIZED (
    SELECT issued.code, found.number, street.name AS street, found.kind, found.state, found.name,
           ST_AsMVTGeom(
               ST_Transform(found.position, :srid),
               ST_MakeEnvelope(:west, :south, :east, :north, :srid), :pixels, 0
           ) AS geom
    FROM found
    JOIN issued_code AS issued ON issued.address_id = found.address_id
    LEFT JOIN street ON street.id = found.street_id
    WHERE (SELECT count(*) FROM found) <= :most
)
SELECT (SELECT count(*) FROM found) AS found,
       (SELECT ST_AsMVT(drawn, 'addresses', :pixels, 'geom')
        FROM (SELECT * FROM drawn WHERE geom IS NOT NULL ORDER BY code) AS drawn) AS content
""")

CLUSTERS = text("""
SELECT ST_AsMVT(cells, 'addresses', :pixels, 'geom')
FROM (
    SELECT cell.count, ST_MakePoint(cell.x, cell.y) AS geom
    FROM unnest(CAST(:xs AS int[]), CAST(:ys AS int[]), CAST(:counts AS int[]))
         AS cell (x, y, count)
    ORDER BY cell.y, cell.x
) AS cells
""")

POSTAL_POINTS = text("""
WITH drawn AS MATERIALIZED (
    SELECT issued.code, version.kind,
           CASE WHEN :named THEN version.name END AS name,
           ST_AsMVTGeom(
               ST_Transform(version.position, :srid),
               ST_MakeEnvelope(:west, :south, :east, :north, :srid), :pixels, 0
           ) AS geom
    FROM (
        SELECT * FROM address_version WHERE position
            && ST_MakeEnvelope(:degrees_west, :degrees_south, :degrees_east, :degrees_north, 4326)
        OFFSET 0
    ) AS version
    JOIN issued_code AS issued ON issued.address_id = version.address_id
    WHERE upper_inf(version.recorded) AND version.valid @> CAST(:day AS date)
      AND version.kind = ANY (:kinds) AND version.state = ANY (:states)
      AND NOT jsonb_exists(version.attributes, :state_mail)
)
SELECT ST_AsMVT(drawn, 'postal_points', :pixels, 'geom')
FROM (SELECT * FROM drawn WHERE geom IS NOT NULL ORDER BY code) AS drawn
""")

NATIONAL = text("""
WITH marks AS MATERIALIZED (
    SELECT mark.kind, mark.name, mark.name_en, mark.province, ST_AsMVTGeom(
               ST_Transform(ST_SetSRID(ST_MakePoint(mark.lon, mark.lat), 4326), :srid),
               ST_MakeEnvelope(:west, :south, :east, :north, :srid), :pixels, 0
           ) AS geom
    FROM unnest(CAST(:kinds AS text[]), CAST(:names AS text[]), CAST(:names_en AS text[]),
                CAST(:provinces AS text[]), CAST(:lons AS float8[]), CAST(:lats AS float8[]))
         AS mark (kind, name, name_en, province, lon, lat)
    WHERE mark.lon BETWEEN :degrees_west AND :degrees_east
      AND mark.lat BETWEEN :degrees_south AND :degrees_north
)
SELECT ST_AsMVT(drawn, 'national', :pixels, 'geom')
FROM (SELECT * FROM marks WHERE geom IS NOT NULL ORDER BY kind, name) AS drawn
""")

POSITIONS = text("""
SELECT string_agg(float8send(ST_X(position)) || float8send(ST_Y(position)), ''::bytea) AS spots
FROM address_version
WHERE upper_inf(recorded) AND range_contains_elem(valid, CAST(:day AS date))
  AND state = ANY (:states)
GROUP BY ward_id
""")

POSITIONS_IN = text("""
SELECT DISTINCT version.id, ST_X(version.position) AS lon, ST_Y(version.position) AS lat
FROM unnest(CAST(:wests AS float8[]), CAST(:souths AS float8[]),
            CAST(:easts AS float8[]), CAST(:norths AS float8[])) AS box (west, south, east, north)
CROSS JOIN LATERAL (
    SELECT * FROM address_version AS near
    WHERE near.position && ST_MakeEnvelope(box.west, box.south, box.east, box.north, 4326)
    OFFSET 0
) AS version
WHERE upper_inf(version.recorded) AND version.valid @> CAST(:day AS date)
  AND version.state = ANY (:states)
""")

TOUCHED = text("""
SELECT DISTINCT change.kind, ST_X(version.position) AS lon, ST_Y(version.position) AS lat
FROM change
LEFT JOIN address_version AS version
  ON change.kind = 'address' AND version.address_id = change.subject_id
WHERE change.number > :since AND change.kind IS NOT NULL
""")

STATE = text("""
SELECT (SELECT coalesce(max(id), 0) FROM edition), (SELECT coalesce(max(number), 0) FROM change)
""")
