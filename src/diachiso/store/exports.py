"""Files for whoever wants all of it: GeoParquet a collection, PMTiles a group of layers.

Only public facts of one day are written, all from one snapshot of the database. Files are named by
what they hold, the first digits of their hash in the name, so that a download is never of two
states; the manifest, written last, says which belong together.
"""

import gzip
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer as ArchiveWriter
from pyarrow import parquet

from diachiso.address.position import EAST, NORTH, SOUTH, WEST
from diachiso.address.quad import Tile, tile_at
from diachiso.address.record import POSTAL
from diachiso.registry.postal import STATE_MAIL
from diachiso.store.engine import Reader
from diachiso.store.export_statements import OCCUPIED, STATEMENTS
from diachiso.store.points import PUBLISHED
from diachiso.store.progress import Track
from diachiso.store.tiles import Atlas, Layer, draw

GROUP = 20_000
"""Rows that are in memory at a time."""
UNITS_TO, STREETS_FROM, NEAREST = 11, 10, 14
"""Zooms of the archives: what is nearer, clients magnify."""
HASH_SHOWN = 10
E7 = 10_000_000
TEXTS = pa.string()
FIELDS: dict[str, tuple[str, dict[str, pa.DataType]]] = {
    "provinces": ("MultiPolygon", {}),
    "wards": ("MultiPolygon", {}),
    "former_districts": ("MultiPolygon", {}),
    "former_wards": ("MultiPolygon", {}),
    "streets": ("MultiLineString", {"id": pa.int64()}),
    "addresses": ("Point", {"accuracy_m": pa.float64()}),
    "postal_points": ("Point", {}),
}
"""Kinds of geometry, and the columns that are neither text nor day nor geometry."""


@dataclass(frozen=True, slots=True)
class Archive:
    """Layers that go into one file of tiles, and from which zoom to which."""

    name: str
    layers: Sequence[Layer]
    farthest: int
    nearest: int


ARCHIVES = (
    Archive("units", (Layer.PROVINCES, Layer.WARDS, Layer.NATIONAL), 0, UNITS_TO),
    Archive("former_units", (Layer.FORMER_DISTRICTS, Layer.FORMER_WARDS), 0, UNITS_TO),
    Archive("streets", (Layer.STREETS,), STREETS_FROM, NEAREST),
    Archive("addresses", (Layer.ADDRESSES, Layer.POSTAL_POINTS), 0, NEAREST),
)


@dataclass(frozen=True, slots=True)
class Written:
    """A file of an export."""

    name: str
    media_type: str
    bytes: int
    sha256: str
    holds: Sequence[str]
    count: int


def export_tables(reader: Reader, folder: Path, day: date, track: Track) -> Iterator[Written]:
    """Every collection as GeoParquet."""
    for name in track(list(STATEMENTS), "GeoParquet"):
        with _fresh(folder, name, "parquet") as (file, rename):
            count = _table(reader, name, file, day)
        yield rename("application/vnd.apache.parquet", [name], count)


def _table(reader: Reader, name: str, file: Path, day: date) -> int:
    layer = Layer(name)
    told = {
        "day": layer.day_of(day),
        "level": "province" if layer is Layer.PROVINCES else "district",
        "states": list(PUBLISHED),
        "kinds": [kind.value for kind in POSTAL],
        "state_mail": STATE_MAIL,
    }
    statement = STATEMENTS[name]
    known = {key: told[key] for key in statement.compile().params}
    rows = reader.execute(statement, known, execution_options={"yield_per": GROUP})
    schema = _schema(name, list(rows.keys()))
    count = 0
    with parquet.ParquetWriter(file, schema, compression="zstd") as out:
        for some in rows.partitions(GROUP):
            columns = dict(zip(schema.names, zip(*some, strict=True), strict=True))
            out.write_table(pa.table({k: list(v) for k, v in columns.items()}, schema=schema))
            count += len(some)
    return count


def _schema(name: str, columns: Sequence[str]) -> pa.Schema:
    geometry, others = FIELDS[name]
    days = {"valid_from": pa.date32(), "valid_until": pa.date32(), "geometry": pa.binary()}
    fields = [pa.field(column, others.get(column, days.get(column, TEXTS))) for column in columns]
    geo = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "geometry_types": [geometry]}},
    }
    return pa.schema(fields, metadata={b"geo": json.dumps(geo).encode()})


# -- tiles -----------------------------------------------------------------------------------------


def export_tiles(
    reader: Reader, folder: Path, day: date, atlas: Atlas, track: Track
) -> Iterator[Written]:
    """Every group of layers as an archive of tiles (PMTiles 3)."""
    for one in ARCHIVES:
        with _fresh(folder, one.name, "pmtiles") as (file, rename):
            count = _archive(reader, one, file, day, atlas, track)
        if count:
            yield rename("application/vnd.pmtiles", [*one.layers], count)
        else:
            file.unlink()


def _archive(
    reader: Reader, one: Archive, file: Path, day: date, atlas: Atlas, track: Track
) -> int:
    count = 0
    with file.open("wb") as out:
        writer = ArchiveWriter(out)
        for tile in _occupied(reader, one, day, track):
            content = b"".join(draw(reader, layer, tile, day, atlas) for layer in one.layers)
            if content:
                writer.write_tile(
                    zxy_to_tileid(tile.z, tile.x, tile.y), gzip.compress(content, mtime=0)
                )
                count += 1
        if count:
            writer.finalize(_header(one), _metadata(one, day))
        writer.tile_f.close()  # which it leaves open where it held nothing
    return count


def _occupied(reader: Reader, one: Archive, day: date, track: Track) -> Iterator[Tile]:
    """The tiles in which anything lies, from afar to near; those farther off are not drawn."""
    far = [tile_at(WEST, NORTH, one.farthest), tile_at(EAST, SOUTH, one.farthest)]
    tiles = [
        Tile(one.farthest, x, y)
        for x in range(far[0].x, far[1].x + 1)
        for y in range(far[0].y, far[1].y + 1)
    ]
    has = partial(_is_occupied, reader, one, day)
    for z in range(one.farthest, one.nearest + 1):
        held = []
        for tile in track(tiles, f"{one.name} · z{z}"):
            if has(tile):
                held.append(tile)
                yield tile
        tiles = [child for tile in held for child in tile.children()]


def _is_occupied(reader: Reader, one: Archive, day: date, tile: Tile) -> bool:
    west, south, east, north = tile.in_degrees()
    told = {"west": west, "south": south, "east": east, "north": north}
    layers = {*one.layers}
    return bool(
        reader.scalar(
            OCCUPIED,
            {
                **told,
                "day": one.layers[0].day_of(day),
                "states": list(PUBLISHED),
                "units": bool(layers & {Layer.WARDS, Layer.FORMER_WARDS}),
                "streets": Layer.STREETS in layers,
                "addresses": Layer.ADDRESSES in layers,
            },
        )
    )


def _header(one: Archive) -> dict[str, Any]:
    edges = {"min_lon_e7": WEST, "min_lat_e7": SOUTH, "max_lon_e7": EAST, "max_lat_e7": NORTH}
    return {
        **{name: int(degrees * E7) for name, degrees in edges.items()},
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_zoom": one.farthest,
        "max_zoom": one.nearest,
        "center_zoom": one.farthest,
        "center_lon_e7": int((WEST + EAST) / 2 * E7),
        "center_lat_e7": int((SOUTH + NORTH) / 2 * E7),
    }


def _metadata(one: Archive, day: date) -> dict[str, Any]:
    return {
        "name": f"diachiso {one.name}",
        "description": f"Địa chỉ số, {day}",
        "version": "1",
        "type": "overlay",
        "vector_layers": [
            {"id": layer.value, "fields": {}, "minzoom": one.farthest, "maxzoom": one.nearest}
            for layer in one.layers
        ],
    }


# -- files -----------------------------------------------------------------------------------------

Rename = Callable[[str, Sequence[str], int], Written]


@contextmanager
def _fresh(folder: Path, name: str, ending: str) -> Iterator[tuple[Path, Rename]]:
    """A file that gets its name, with its hash, when it is whole."""
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".", suffix=f".{ending}")
    os.close(handle)
    file = Path(temporary)

    def rename(media_type: str, holds: Sequence[str], count: int) -> Written:
        digest, size = digest_of(file), file.stat().st_size
        final = folder / f"{name}-{digest[:HASH_SHOWN]}.{ending}"
        file.chmod(0o644)
        file.replace(final)
        return Written(final.name, media_type, size, digest, [str(one) for one in holds], count)

    try:
        yield file, rename
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def digest_of(file: Path) -> str:
    """The sha256 of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
