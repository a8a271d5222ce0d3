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
import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.pool import Pool
from pathlib import Path
from random import Random
from urllib.parse import quote
from urllib.request import urlopen

import mapbox_vector_tile
from million import filled
from serving import HOST, family, free_port, machine, memory_mb, processor_s
from shapely.geometry import shape
from sqlalchemy import Engine, make_url, text

from diachiso.address.position import EAST, NORTH, SOUTH, WEST
from diachiso.address.quad import Tile, tile_at
from diachiso.address.today import today
from diachiso.settings import Settings
from diachiso.store.engine import Reader, located, make_engine, reading
from diachiso.store.landmarks import landmarks
from diachiso.store.tiles import Atlas, Layer, draw

BENCH = Path(__file__).parent
SEED = 20250701
SAMPLED, ALL_TO = 60, 7
ZOOMS = (5, 8, 10, 12, 14, 16)
"""Zooms at which speed is measured."""
TILES_A_ZOOM = 150
CONNECTIONS = 8
SETTLED_S = 10
"""What a service does by itself after it began is not counted."""
STARTED_WITHIN_S = 120
SOME_SPOTS = text("""
SELECT ST_X(position) AS lon, ST_Y(position) AS lat FROM address_version
WHERE upper_inf(recorded) ORDER BY hashint8(id) LIMIT :many
""")
RIVALS_TABLE = """
CREATE SCHEMA IF NOT EXISTS rival;
CREATE TABLE IF NOT EXISTS rival.addresses AS
SELECT version.address_id AS id, issued.code, version.number, street.name AS street, version.kind,
       version.state, version.name, version.position::geometry(Point, 4326) AS geom
FROM address_version AS version
JOIN issued_code AS issued ON issued.address_id = version.address_id
LEFT JOIN street ON street.id = version.street_id
WHERE upper_inf(version.recorded) AND version.state IN ('recorded', 'certified', 'under_review');
CREATE INDEX IF NOT EXISTS addresses_geom ON rival.addresses USING gist (geom);
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking for some tiles: seconds of each, bytes of each, answers that failed."""

    seconds: list[float]
    sizes: list[int]
    failed: int
    in_all_s: float

    def told(self) -> str:
        """Percentiles, rate, size."""
        p50, p95, p99 = (_share(self.seconds, share) * 1000 for share in (0.5, 0.95, 0.99))
        rate = len(self.seconds) / self.in_all_s
        wrong = f" · FAILED: {self.failed}" if self.failed else ""
        return (
            f"{rate:8,.0f} tiles/s · p50 {p50:7.1f} p95 {p95:7.1f} p99 {p99:7.1f} ms · "
            f"{_share(self.sizes, 0.5) / 1000:6.1f} kB{wrong}"
        )


def _share(values: Iterable[float], share: float) -> float:
    ranked = sorted(values)
    return ranked[min(int(len(ranked) * share), len(ranked) - 1)]


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
    told = f"{_share(kb, 0.5):8.1f} {_share(kb, 0.95):8.1f} {max(kb):8.1f}"
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
        tiles, server = _asked_for(engine), _postmaster(engine)
        with get_context("spawn").Pool(1) as client:
            for name, service, path in (
                ("diachiso", _ours(url), "/tiles/addresses/{z}/{x}/{y}.mvt"),
                (
                    "tipg",
                    _tipg(engine),
                    "/collections/rival.addresses/tiles/WebMercatorQuad/{z}/{x}/{y}",
                ),
            ):
                with service as (port, pid):
                    time.sleep(SETTLED_S)
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
        before = [processor_s(family(pid)) for pid in pids]
        got: Asked = client.apply(ask, (port, paths, CONNECTIONS, least))
        own, postgis = (
            (processor_s(family(pid)) - was) / len(got.seconds) * 1000
            for pid, was in zip(pids, before, strict=True)
        )
        spent = f"processor: {own:.2f} ms of its own, {postgis:.2f} ms of PostGIS"
        print(f"{name:9} z{z:<3} {what:6} {got.told()} · {spent}", flush=True)


def _postmaster(engine: Engine) -> int:
    """The process that all of PostGIS's are children of."""
    with engine.connect() as connection:
        mine = connection.scalar(text("SELECT pg_backend_pid()"))
        return int(Path(f"/proc/{mine}/stat").read_text("ascii").rpartition(")")[2].split()[1])


def _asked_for(engine: Engine) -> dict[int, list[Tile]]:
    with reading(engine) as reader:
        spots = [(row.lon, row.lat) for row in reader.execute(SOME_SPOTS, {"many": 20_000})]
    rng = Random(SEED)  # noqa: S311 (a choice of tiles, not a secret)
    chosen = {}
    for z in ZOOMS:
        tiles = sorted({tile_at(*spot, z) for spot in spots}, key=lambda tile: (tile.x, tile.y))
        chosen[z] = rng.sample(tiles, min(TILES_A_ZOOM, len(tiles)))
    return chosen


def ask(port: int, paths: Sequence[str], connections: int, least_s: float) -> Asked:
    """Ask for every path once, and on and on for so many seconds; in a process of its own."""
    return asyncio.run(_ask(port, paths, connections, least_s))


async def _ask(port: int, paths: Sequence[str], connections: int, least_s: float) -> Asked:
    took: list[float] = []
    sizes: list[int] = []
    started = time.perf_counter()

    def wanted() -> Iterator[str]:
        while True:
            yield from paths
            if time.perf_counter() - started >= least_s:
                return

    source = wanted()
    failed = await asyncio.gather(
        *(_connection(port, source, took, sizes) for _ in range(connections))
    )
    return Asked(took, sizes, sum(failed), time.perf_counter() - started)


async def _connection(port: int, source: Iterator[str], took: list[float], sizes: list[int]) -> int:
    reader, writer = await asyncio.open_connection(HOST, port)
    failed = 0
    for path in source:
        sent = time.perf_counter()
        request = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept-Encoding: gzip\r\n\r\n"
        writer.write(request.encode("ascii"))
        status, size = await _answer(reader)
        took.append(time.perf_counter() - sent)
        sizes.append(size)
        failed += status not in {b"200", b"204"}
    writer.close()
    return failed


async def _answer(reader: asyncio.StreamReader) -> tuple[bytes, int]:
    """Read an answer to its end, chunked or not: status and bytes of its body."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = [line.lower() for line in head.split(b"\r\n")]
    status = head.split(b" ", 2)[1]
    for line in lines:
        if line.startswith(b"content-length:"):
            size = int(line.partition(b":")[2])
            await reader.readexactly(size)
            return status, size
    if b"transfer-encoding: chunked" not in lines:
        return status, 0
    size = 0
    while length := int(await reader.readline(), 16):
        await reader.readexactly(length + 2)
        size += length
    await reader.readline()
    return status, size


# -- services --------------------------------------------------------------------------------------


@contextmanager
def _ours(url: str) -> Iterator[tuple[int, int]]:
    port = free_port()
    told = {"DIACHISO_DATABASE_URL": url, "DIACHISO_HOST": HOST, "DIACHISO_PORT": str(port)}
    with _running([sys.executable, "-m", "diachiso", "serve"], told, port, "/healthz") as pid:
        yield port, pid


@contextmanager
def _tipg(engine: Engine) -> Iterator[tuple[int, int]]:
    programs = _installed(Settings().home.resolve() / "tipg", BENCH / "tipg.txt")
    url, port = make_url(engine.url), free_port()
    host = quote(str(url.query.get("host") or url.host), safe="")
    told = {
        "DATABASE_URL": f"postgresql://{url.username}@{host}:{url.port or 5432}/{url.database}",
        "TIPG_DB_SCHEMAS": '["rival"]',
        "TIPG_CATALOG_TTL": "3600",
        "DB_MIN_CONN_SIZE": str(CONNECTIONS),
    }
    program = [programs / "uvicorn", "tipg.main:app", "--host", HOST, "--port", str(port),
               "--no-access-log", "--log-level", "error"]  # fmt: skip
    with _running(program, told, port, "/healthz") as pid:
        yield port, pid


def _installed(venv: Path, requirements: Path) -> Path:
    """A virtual environment with what the file pins; its folder of programs."""
    uv = Path(sys.executable).parent / "uv"
    if not (venv / "bin" / "uvicorn").exists():
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, venv], check=True)
        into = ("--require-hashes", "--python", venv / "bin" / "python", "-r", requirements)
        subprocess.run([uv, "pip", "install", "--quiet", *into], check=True)
    return venv / "bin"


@contextmanager
def _running(
    program: Sequence[str | Path], environment: dict[str, str], port: int, health: str
) -> Iterator[int]:
    process = subprocess.Popen(
        program, env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    )
    try:
        for _ in range(STARTED_WITHIN_S * 10):
            try:
                urlopen(f"http://{HOST}:{port}{health}", timeout=5).close()
                break
            except OSError:
                if process.poll() is not None:
                    raise SystemExit(f"{program[0]} does not start") from None
                time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


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
