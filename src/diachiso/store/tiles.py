"""Vector tiles made by PostGIS (ST_AsMVT, Web Mercator, XYZ numbering)."""

from datetime import date

from sqlalchemy import text

from diachiso.store.engine import Reader

DEEPEST = 22
PIXELS = 4096
NAMES_FROM = 9
"""Zoom from which wards carry their names."""

TILE = text("""
WITH bounds AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box,
           ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.03125), 4326) AS wide
), found AS (
    SELECT unit.code, name.name, name.kind, land.accuracy, land.geom
    FROM bounds
    JOIN unit_boundary AS land ON land.geom && bounds.wide AND upper_inf(land.recorded)
     AND land.valid @> CAST(:day AS date)
    JOIN unit ON unit.id = land.unit_id AND unit.level = 'ward'
    JOIN unit_name AS name ON name.unit_id = unit.id AND upper_inf(name.recorded)
     AND name.valid @> CAST(:day AS date)
), areas AS (
    SELECT code, name, kind, accuracy,
           ST_AsMVTGeom(
               ST_Simplify(ST_Transform(found.geom, 3857), :grain, true), bounds.box, :pixels, 128
           ) AS geom
    FROM found, bounds
), spots AS (
    SELECT code, name, kind,
           ST_AsMVTGeom(ST_Transform(ST_PointOnSurface(geom), 3857), box, :pixels, 0) AS geom
    FROM found, bounds WHERE :z >= :names_from
)
SELECT (SELECT ST_AsMVT(areas, 'wards', :pixels, 'geom') FROM areas WHERE geom IS NOT NULL)
    || (SELECT ST_AsMVT(spots, 'ward_names', :pixels, 'geom') FROM spots WHERE geom IS NOT NULL)
""")

EQUATOR_M = 40_075_016.7
TILE_PX = 512


def ward_tile(reader: Reader, z: int, x: int, y: int, day: date) -> bytes:
    """The wards of a day in a tile, simplified to half a pixel; empty where there are none."""
    content = reader.scalar(
        TILE,
        {
            "z": z,
            "x": x,
            "y": y,
            "day": day,
            "pixels": PIXELS,
            "names_from": NAMES_FROM,
            "grain": EQUATOR_M / (1 << z) / TILE_PX / 2,
        },
    )
    return bytes(content or b"")
