"""Vector tiles made by PostGIS (ST_AsMVT, Web Mercator, XYZ numbering)."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text

from diachiso.store.engine import Reader
from diachiso.store.features import Bbox

DEEPEST = 22
PIXELS = 4096
NAMES_FROM = 9
"""Zoom from which wards carry their names."""
STREETS_FROM, LANES_FROM = 12, 14
"""Zooms from which the greater streets are drawn, and from which all are."""
GREATER = ("motorway", "trunk", "primary", "secondary", "tertiary")
"""Values of OpenStreetMap's highway key."""

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

STREETS = text("""
WITH bounds AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box,
           ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.03125), 4326) AS wide
), ways AS (
    SELECT street.name, CASE WHEN way.highway = ANY (:greater) THEN 1 ELSE 0 END AS greater,
           ST_AsMVTGeom(
               ST_Simplify(ST_Transform(way.geom, 3857), :grain), bounds.box, :pixels, 64
           ) AS geom
    FROM bounds
    JOIN street_way AS way ON way.geom && bounds.wide AND upper_inf(way.recorded)
     AND (:z >= :lanes_from OR way.highway = ANY (:greater))
    JOIN street ON street.id = way.street_id AND upper_inf(street.recorded)
     AND street.valid @> CAST(:day AS date)
    WHERE :z >= :streets_from
)
SELECT ST_AsMVT(ways, 'streets', :pixels, 'geom') FROM ways WHERE geom IS NOT NULL
""")

EQUATOR_M = 40_075_016.7
TILE_PX = 512


def ward_tile(reader: Reader, z: int, x: int, y: int, day: date) -> bytes:
    """The wards of a day in a tile, simplified to half a pixel; empty where there are none."""
    content = reader.scalar(TILE, {**_tile(z, x, y, day), "names_from": NAMES_FROM})
    return bytes(content or b"")


def street_tile(reader: Reader, z: int, x: int, y: int, day: date) -> bytes:
    """The streets of a day in a tile; only the greater ones from afar, none from farther."""
    zooms = {"streets_from": STREETS_FROM, "lanes_from": LANES_FROM}
    content = reader.scalar(STREETS, {**_tile(z, x, y, day), **zooms, "greater": list(GREATER)})
    return bytes(content or b"")


def _tile(z: int, x: int, y: int, day: date) -> dict[str, object]:
    grain = EQUATOR_M / (1 << z) / TILE_PX / 2
    return {"z": z, "x": x, "y": y, "day": day, "pixels": PIXELS, "grain": grain}


# -- what there is to draw -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Credit:
    """Whom a map made of these tiles has to name."""

    attribution: str
    licence: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """Where wards have boundaries on a day, how many of each accuracy, and from whom."""

    bounds: Bbox | None
    accuracy: dict[str, int]
    credits: tuple[Credit, ...]


COVERED = text("""
SELECT land.accuracy, count(*) AS wards, min(ST_XMin(land.geom)) AS west,
       min(ST_YMin(land.geom)) AS south, max(ST_XMax(land.geom)) AS east,
       max(ST_YMax(land.geom)) AS north
FROM unit_boundary AS land JOIN unit ON unit.id = land.unit_id AND unit.level = 'ward'
WHERE upper_inf(land.recorded) AND land.valid @> CAST(:day AS date)
GROUP BY land.accuracy ORDER BY land.accuracy
""")

CREDITS = text("""
SELECT DISTINCT source.attribution, source.licence FROM source
WHERE NOT EXISTS (SELECT FROM unit_boundary AS land WHERE land.source_id = source.id)
   OR EXISTS (
       SELECT FROM unit_boundary AS land WHERE land.source_id = source.id
       AND upper_inf(land.recorded) AND land.valid @> CAST(:day AS date)
   )
ORDER BY source.attribution, source.licence
""")
"""Polygons that were replaced need no credit any more; all else that was loaded does."""


def coverage(reader: Reader, day: date) -> Coverage:
    """What the tiles of a day hold."""
    rows = reader.execute(COVERED, {"day": day}).all()
    bounds = (
        (
            min(row.west for row in rows),
            min(row.south for row in rows),
            max(row.east for row in rows),
            max(row.north for row in rows),
        )
        if rows
        else None
    )
    named = reader.execute(CREDITS, {"day": day}).all()
    return Coverage(
        bounds=bounds,
        accuracy={row.accuracy: row.wards for row in rows},
        credits=tuple(Credit(row.attribution, row.licence) for row in named),
    )
