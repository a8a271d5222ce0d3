"""Measures tiles: whether they are right and how large, and how fast beside tipg.

usage: python bench/tiles.py [--seconds 4] [--without speed|sizes] (sizes need a loaded registry:
`diachiso up` once; speed makes a database of a million addresses, see bench/million.py)

Sizes: every tile of the country down to zoom 7, samples of the occupied ones beyond, each decoded
and its geometry tried. Speed: `diachiso serve`, one process, and tipg (pinned in bench/tipg.txt,
installed aside), one process, on the same PostGIS, asked for the same tiles of addresses over HTTP.
tipg reads a plain table with an index that holds just what our tiles show, joined beforehand; it
draws at most 10,000 of the addresses of a tile, ours counts them all.
"""

import argparse
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from multiprocessing.pool import Pool
from random import Random

import mapbox_vector_tile
from beside import (
    CONNECTIONS,
    Asked,
    ask,
    ours,
    postmaster,
    share_of,
    spent,
    spent_since,
    tipg,
)
from million import filled
from serving import machine, memory_mb
from shapely.geometry import shape
from sqlalchemy import Engine, text

from diachiso.address.position import EAST, NORTH, SOUTH, WEST
from diachiso.address.quad import Tile, tile_at
from diachiso.address.today import today
from diachiso.settings import Settings
from diachiso.store.engine import Reader, located, make_engine, reading
from diachiso.store.landmarks import landmarks
from diachiso.store.tiles import Atlas, Layer, draw

SEED = 20250701
SAMPLED, ALL_TO = 60, 7
ZOOMS = (5, 8, 10, 12, 14, 16)
"""Zooms at which speed is measured."""
TILES_A_ZOOM = 150
THEIRS = "/collections/rival.tiled/tiles/WebMercatorQuad/{z}/{x}/{y}"
SOME_SPOTS = text("""
SELECT ST_X(position) AS lon, ST_Y(position) AS lat FROM address_version
WHERE upper_inf(recorded) ORDER BY hashint8(id) LIMIT :many
""")
RIVALS_TABLE = """
CREATE SCHEMA IF NOT EXISTS rival;
CREATE TABLE IF NOT EXISTS rival.tiled AS
SELECT version.address_id AS id, issued.code, version.number, street.name AS street, version.kind,
       version.state, version.name, version.position::geometry(Point, 4326) AS geom
FROM address_version AS version
JOIN issued_code AS issued ON issued.address_id = version.address_id
LEFT JOIN street ON street.id = version.street_id
WHERE upper_inf(version.recorded) AND version.state IN ('recorded', 'certified', 'under_review');
CREATE INDEX IF NOT EXISTS tiled_geom ON rival.tiled USING gist (geom);
"""


# -- sizes -----------------------------------------------------------------------------------------


def sizes() -> None:
    """The table of sizes: every layer, every zoom."""
    with located(Settings()) as url:
        engine = make_engine(url)
        atlas = Atlas(landmarks(Settings().facts))
        rng = Random(SEED)  # noqa: S311 (a choice of tiles, not a secret)
        with reading(engine) as reader:
            spots = [(row.lon, row.lat) for row in reader.execute(SOME_SPOTS, {"many": 4_000})]
            print("layer             zoom tiles   p50 kB   p95 kB   max kB  features  not valid")
            for layer in Layer:
                for z in range(layer.farthest, 17):
                    tiles = list(_tiles(z, spots, layer, rng))
                    _row(reader, layer, z, tiles, atlas)
        engine.dispose()


def _tiles(
    z: int, spots: Sequence[tuple[float, float]], layer: Layer, rng: Random
) -> Iterator[Tile]:
    """All tiles of the country, or some of them: where addresses are, and anywhere."""
    first, last = tile_at(WEST, NORTH, z), tile_at(EAST, SOUTH, z)
    every = [
        Tile(z, x, y) for x in range(first.x, last.x + 1) for y in range(first.y, last.y + 1)
    ] if z <= ALL_TO else []  # fmt: skip
    if every:
        yield from every
        return
    near = sorted({tile_at(*spot, z) for spot in spots}, key=lambda tile: (tile.x, tile.y))
    yield from rng.sample(near, min(SAMPLED, len(near)))
    if layer in {Layer.PROVINCES, Layer.WARDS, Layer.FORMER_DISTRICTS, Layer.FORMER_WARDS}:
        for _ in range(SAMPLED):
            yield Tile(z, rng.randint(first.x, last.x), rng.randint(first.y, last.y))


def _row(reader: Reader, layer: Layer, z: int, tiles: Sequence[Tile], atlas: Atlas) -> None:
    drawn = [draw(reader, layer, tile, today(), atlas) for tile in tiles]
    drawn = [content for content in drawn if content]
    if not drawn:
        return
    features = [
        one["geometry"]
        for content in drawn
        for found in mapbox_vector_tile.decode(content).values()
        for one in found["features"]
    ]
    wrong = sum(not shape(geometry).is_valid for geometry in features)
    kb = [len(content) / 1000 for content in drawn]
    told = f"{share_of(kb, 0.5):8.1f} {share_of(kb, 0.95):8.1f} {max(kb):8.1f}"
    print(f"{layer:17} {z:4} {len(drawn):5} {told} {len(features):9,} {wrong:10}", flush=True)


# -- speed -----------------------------------------------------------------------------------------


def speed(seconds: float) -> None:
    """Both services, one after the other, cold and then warm, at each zoom."""
    with filled() as url:
        engine = make_engine(url)
        with engine.begin() as connection:
            connection.exec_driver_sql(RIVALS_TABLE)
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
        tiles, server = _asked_for(engine), postmaster(engine)
        with get_context("spawn").Pool(1) as client:
            for name, service, path in (
                ("diachiso", ours(url), "/tiles/addresses/{z}/{x}/{y}.mvt"),
                ("tipg", tipg(engine), THEIRS),
            ):
                with service as (port, pid):
                    for z in ZOOMS:
                        paths = [path.format(z=one.z, x=one.x, y=one.y) for one in tiles[z]]
                        _measure(name, z, client, (port, paths), (pid, server), seconds)
                    print(f"{name}: {memory_mb(pid, 'VmRSS'):.0f} MB", flush=True)
        engine.dispose()


def _measure(
    name: str,
    z: int,
    client: Pool,
    asked: tuple[int, Sequence[str]],
    pids: tuple[int, int],
    seconds: float,
) -> None:
    port, paths = asked
    for what, least in (("cold", 0.0), ("again", seconds)):
        before = spent(pids)
        got: Asked = client.apply(ask, (port, paths, CONNECTIONS, least))
        own = spent_since(before, pids, len(got.seconds))
        print(f"{name:9} z{z:<3} {what:6} {got.told('tiles')} · {own}", flush=True)


def _asked_for(engine: Engine) -> dict[int, list[Tile]]:
    with reading(engine) as reader:
        spots = [(row.lon, row.lat) for row in reader.execute(SOME_SPOTS, {"many": 20_000})]
    rng = Random(SEED)  # noqa: S311 (a choice of tiles, not a secret)
    chosen = {}
    for z in ZOOMS:
        tiles = sorted({tile_at(*spot, z) for spot in spots}, key=lambda tile: (tile.x, tile.y))
        chosen[z] = rng.sample(tiles, min(TILES_A_ZOOM, len(tiles)))
    return chosen


def main() -> None:
    """Print both tables."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seconds", type=float, default=4, help="of each warm load")
    arguments.add_argument("--without", choices=("speed", "sizes"))
    asked = arguments.parse_args()
    print(machine())
    if asked.without != "sizes":
        sizes()
    if asked.without != "speed":
        speed(asked.seconds)
    print(machine())


if __name__ == "__main__":
    main()
