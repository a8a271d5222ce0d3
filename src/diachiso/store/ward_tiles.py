"""The addresses of a ward as vector tiles for those who work on it: drafts and doubts too.

From afar addresses that share a little square are told as one with their count; so a tile of a ward
with 50,000 addresses stays small at every zoom.
"""

from datetime import date

from sqlalchemy import select, text

from diachiso.address.division import UnitKey
from diachiso.store import tables as t
from diachiso.store.engine import Reader
from diachiso.store.features import Bbox
from diachiso.store.likely import unit_is
from diachiso.store.tiles import PIXELS

EACH_FROM = 16
"""Zoom from which every address is told by itself."""
SQUARES = 64
"""Squares along the side of a tile, from afar."""

EACH = text("""
WITH bounds AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box,
           ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.03125), 4326) AS wide
), found AS (
    SELECT coalesce(issued_code.code, 'D' || book.address_id) AS called, book.state, book.number,
           book.restricted, book.doubts <> '{}' AS doubted,
           ST_AsMVTGeom(ST_Transform(book.position, 3857), bounds.box, :pixels, 128) AS geom
    FROM bounds JOIN address_book AS book ON book.position && bounds.wide
     AND upper_inf(book.recorded) AND (book.valid @> CAST(:day AS date)) IS TRUE
     AND book.ward_id = :unit AND book.state <> 'retired'
    LEFT JOIN issued_code ON issued_code.address_id = book.address_id
)
SELECT ST_AsMVT(found, 'addresses', :pixels, 'geom') FROM found WHERE geom IS NOT NULL
""")

MANY = text("""
WITH bounds AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box,
           ST_Transform(ST_TileEnvelope(:z, :x, :y), 4326) AS wide
), here AS (
    SELECT book.state, ST_AsMVTGeom(
               ST_Transform(book.position, 3857), bounds.box, :pixels, 0) AS geom
    FROM bounds JOIN address_book AS book ON book.position && bounds.wide
     AND upper_inf(book.recorded) AND (book.valid @> CAST(:day AS date)) IS TRUE
     AND book.ward_id = :unit AND book.state <> 'retired'
), found AS (
    SELECT count(*) AS count, count(*) FILTER (WHERE state = 'proposed') AS proposed,
           count(*) FILTER (WHERE state = 'under_review') AS doubted,
           ST_SetSRID(ST_MakePoint(
               (floor(ST_X(geom) * :squares / :pixels) + 0.5) * :pixels / :squares,
               (floor(ST_Y(geom) * :squares / :pixels) + 0.5) * :pixels / :squares), 0) AS geom
    FROM here WHERE geom IS NOT NULL
    GROUP BY floor(ST_X(geom) * :squares / :pixels), floor(ST_Y(geom) * :squares / :pixels)
)
SELECT ST_AsMVT(found, 'squares', :pixels, 'geom') FROM found
""")


def address_tile(reader: Reader, ward: UnitKey, z: int, x: int, y: int, day: date) -> bytes:
    """The live addresses of a ward in a tile, as far as the one who asks may see them."""
    asked: dict[str, object] = {
        "z": z,
        "x": x,
        "y": y,
        "day": day,
        "pixels": PIXELS,
        "unit": reader.scalar(select(t.unit.c.id).where(unit_is(ward))),
    }
    if z >= EACH_FROM:
        return bytes(reader.scalar(EACH, asked) or b"")
    return bytes(reader.scalar(MANY, asked | {"squares": SQUARES}) or b"")


BOX = text("""
SELECT ST_XMin(box) AS west, ST_YMin(box) AS south, ST_XMax(box) AS east, ST_YMax(box) AS north
FROM (
    SELECT ST_Extent(land.geom) AS box FROM unit_boundary AS land
    WHERE land.unit_id = :unit AND upper_inf(land.recorded) AND land.valid @> CAST(:day AS date)
) AS whole WHERE box IS NOT NULL
""")


def box_of(reader: Reader, ward: UnitKey, day: date) -> Bbox | None:
    """The box that holds a ward; None where its boundary is not loaded."""
    unit = reader.scalar(select(t.unit.c.id).where(unit_is(ward)))
    row = reader.execute(BOX, {"unit": unit, "day": day}).one_or_none()
    return (row.west, row.south, row.east, row.north) if row else None
