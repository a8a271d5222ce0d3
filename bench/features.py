"""Features a second through one process, beside tipg on the same PostGIS and machine, in one run.

usage: python bench/features.py [--seconds 4] [--without tipg] (makes a database of a million
addresses, see bench/million.py, and installs tipg, see bench/beside.py)

tipg is given a flat table of the same million addresses with the same attributes, a primary key
and spatial index: nothing of the two times, and no join. Both are asked for the same pages, boxes
and addresses by one client over one and over eight connections. Cold: every page once, none asked
before. Again: the same pages over and over. Unchanged: by a client that has them already and sends
their tags (tipg gives none).
"""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.pool import Pool
from random import Random

from beside import Asked, ask, ours, postmaster, spent, spent_since, tipg
from million import MANY, filled
from serving import machine, memory_mb
from sqlalchemy import Engine, text

from diachiso.store.engine import make_engine, reading

SEED = 20250701
CONNECTIONS = (1, 8)
OURS, THEIRS = "/ogc/collections/addresses/items", "/collections/rival.addresses/items"
SIDE = 0.1
"""Degrees: a box of about ten kilometres."""
EACH = 60
"""Different requests of each kind, for each number of connections."""
FLAT = """
CREATE SCHEMA IF NOT EXISTS rival;
CREATE TABLE IF NOT EXISTS rival.addresses AS
SELECT c.code, v.number, s.name AS street, v.name AS place, v.residential_group, v.estate,
       u.code AS ward, n.kind || ' ' || n.name AS ward_name, above.code AS province,
       an.kind || ' ' || an.name AS province_name, v.kind, v.state, v.position_kind, v.accuracy_m,
       lower(v.valid) AS valid_from, upper(v.valid) AS valid_until,
       v.position::geometry(Point, 4326) AS geom
FROM address_version AS v JOIN issued_code AS c USING (address_id)
JOIN unit AS u ON u.id = v.ward_id LEFT JOIN street AS s ON s.id = v.street_id
LEFT JOIN unit_name AS n ON n.unit_id = u.id AND upper_inf(n.recorded) AND n.valid @> current_date
LEFT JOIN unit_parent AS p ON p.unit_id = u.id AND upper_inf(p.recorded)
 AND p.valid @> current_date
LEFT JOIN unit AS above ON above.id = p.parent_id
LEFT JOIN unit_name AS an ON an.unit_id = above.id AND upper_inf(an.recorded)
 AND an.valid @> current_date
WHERE upper_inf(v.recorded) AND v.valid @> current_date AND v.state <> 'retired'
ORDER BY c.code;
CREATE UNIQUE INDEX IF NOT EXISTS rival_code ON rival.addresses (code);
CREATE INDEX IF NOT EXISTS rival_geom ON rival.addresses USING gist (geom);
DO $$ BEGIN
    ALTER TABLE rival.addresses ADD PRIMARY KEY USING INDEX rival_code;
EXCEPTION WHEN OTHERS THEN NULL; END $$;
ANALYZE rival.addresses
"""
CODES = text("SELECT code FROM rival.addresses ORDER BY hashtext(code) LIMIT :many")
SPOTS = text("""
SELECT ST_X(geom) AS lon, ST_Y(geom) AS lat FROM rival.addresses ORDER BY hashtext(code) LIMIT :many
""")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of request: its name, the features of an answer, what follows the path of both."""

    name: str
    many: int
    queries: Sequence[str]


def kinds(engine: Engine) -> Iterator[Kind]:
    """What is asked."""
    with reading(engine) as reader:
        codes = list(reader.execute(CODES, {"many": 5 * EACH * len(CONNECTIONS)}).scalars())
        spots = [(x.lon, x.lat) for x in reader.execute(SPOTS, {"many": EACH * len(CONNECTIONS)})]
    rng = Random(SEED)  # noqa: S311 (places to ask for, not secrets)
    for many in (10, 100, 1_000):
        yield Kind(f"pages of {many:,}", many, [f"?limit={many}"])
    boxes = [(x - rng.uniform(0, SIDE), y - rng.uniform(0, SIDE)) for x, y in spots]
    told = [f"?limit=100&bbox={x:.5f},{y:.5f},{x + SIDE:.5f},{y + SIDE:.5f}" for x, y in boxes]
    yield Kind("boxes of 100", 100, told)
    yield Kind("one by its id", 1, [f"/{code}?" for code in codes])


Run = dict[tuple[str, int, str], float]
"""Features a second by kind, connections, and how it was asked."""


def measured(
    client: Pool, service: tuple[str, str, str], asked: Sequence[Kind], pids: tuple[int, int],
    port: int, seconds: float,
) -> Run:  # fmt: skip
    """Ask one service everything, and print it."""
    name, path, form = service
    rates: Run = {}
    for kind in asked:
        every = [f"{path}{query}&f={form}" for query in kind.queries]
        for turn, connections in enumerate(CONNECTIONS):
            paths = every[turn :: len(CONNECTIONS)] or every
            tags: dict[str, str] = {}
            for how in ("cold", "again", "unchanged"):
                before = spent(pids)
                least = 0.0 if how == "cold" else seconds
                told = (port, paths, connections, least, tags if how == "unchanged" else None)
                got: Asked = client.apply(ask, told)
                tags |= got.tags
                rates[kind.name, connections, how] = got.rate(kind.many)
                line = f"{name:9} {kind.name:14} {connections} connections, {how:9}"
                own = spent_since(before, pids, len(got.seconds))
                print(f"{line} {got.told('features', kind.many)} · {own}", flush=True)
    return rates


def compared(mine: Run, theirs: Run) -> Iterator[str]:
    """How many times as fast, line by line."""
    for (kind, connections, how), rate in mine.items():
        times = rate / theirs[kind, connections, how]
        mark = "" if times > 1 else "   BEHIND"
        yield f"{kind:14} {connections} connections, {how:9} {times:8.1f} times tipg's{mark}"


def main() -> None:
    """Print the figures of both."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seconds", type=float, default=4)
    arguments.add_argument("--many", type=int, default=MANY, help="addresses, at least")
    arguments.add_argument("--without", choices=("tipg",))
    asked = arguments.parse_args()
    print(machine())
    with filled(asked.many) as url, get_context("spawn").Pool(1) as client:
        engine = make_engine(url)
        with engine.begin() as connection:
            connection.exec_driver_sql(FLAT)
        every, server = list(kinds(engine)), postmaster(engine)
        services: list[tuple[str, str, str, AbstractContextManager[tuple[int, int]]]] = [
            ("diachiso", OURS, "json", ours(url)), ("tipg", THEIRS, "geojson", tipg(engine))
        ]  # fmt: skip
        rates = []
        for name, path, form, service in services[: 1 if asked.without else 2]:
            with service as (port, pid):
                told = (name, path, form)
                rates.append(measured(client, told, every, (pid, server), port, asked.seconds))
                print(f"{name}: {memory_mb(pid, 'VmRSS'):.0f} MB", flush=True)
        engine.dispose()
    if len(rates) > 1:
        print(*compared(*rates), sep="\n")
    print(machine())


if __name__ == "__main__":
    main()
