"""Features a second through one process, beside tipg on the same PostGIS and machine, in one run.

usage: python bench/features.py --tipg PYTHON [--seconds 5] (PYTHON: an interpreter with tipg and
uvicorn; needs bench/million.py's database)

tipg is given a flat table of the same million addresses with the same attributes, a primary key
and a spatial index: nothing of the two times, and no join. Both are asked the same pages and boxes
by one client over one and over eight connections; p50, p95, p99 are of whole answers.
"""

import argparse
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.pool import Pool
from random import Random

from million import DATABASE, MANY, filled
from serving import HOST, Answered, family, free_port, get, load, machine, processor_s, worker
from sqlalchemy import make_url, text

from diachiso.store.engine import make_engine

SEED = 20250701
CONNECTIONS = (1, 8)
FLAT = """
CREATE SCHEMA IF NOT EXISTS rival;
CREATE TABLE IF NOT EXISTS rival.addresses AS
SELECT c.code, v.number, s.name AS street, v.name AS place, v.residential_group, v.estate,
       u.code AS ward, n.kind || ' ' || n.name AS ward_name, above.code AS province,
       an.kind || ' ' || an.name AS province_name, v.kind, v.state, v.position_kind, v.accuracy_m,
       lower(v.valid) AS valid_from, upper(v.valid) AS valid_until, v.position AS geom
FROM address_version AS v JOIN issued_code AS c USING (address_id)
JOIN unit AS u ON u.id = v.ward_id LEFT JOIN street AS s ON s.id = v.street_id
LEFT JOIN unit_name AS n ON n.unit_id = u.id AND upper_inf(n.valid)
LEFT JOIN unit_parent AS p ON p.unit_id = u.id AND upper_inf(p.valid)
LEFT JOIN unit AS above ON above.id = p.parent_id
LEFT JOIN unit_name AS an ON an.unit_id = above.id AND upper_inf(an.valid)
WHERE upper_inf(v.recorded) AND v.valid @> current_date AND v.state <> 'retired';
CREATE UNIQUE INDEX IF NOT EXISTS rival_code ON rival.addresses (code);
CREATE INDEX IF NOT EXISTS rival_geom ON rival.addresses USING gist (geom);
DO $$ BEGIN
    ALTER TABLE rival.addresses ADD PRIMARY KEY USING INDEX rival_code;
EXCEPTION WHEN OTHERS THEN NULL; END $$;
ANALYZE rival.addresses
"""


def boxes(side: float) -> list[str]:
    """Boxes of a side in degrees, all over the north of the country."""
    rng = Random(SEED)  # noqa: S311 (places to ask for, not secrets)
    corners = [(rng.uniform(105, 106.5), rng.uniform(20, 21.5)) for _ in range(200)]
    return [f"{x:.4f},{y:.4f},{x + side:.4f},{y + side:.4f}" for x, y in corners]


def kinds(path: str, ids: Sequence[str]) -> Iterator[tuple[str, int, list[bytes]]]:
    """What is asked: its name, the features of an answer, the requests."""
    for many in (10, 100, 1_000):
        yield f"pages of {many}", many, [get(f"{path}?limit={many}&f={{form}}")]
    some = [get(f"{path}?limit=100&bbox={box}&f={{form}}") for box in boxes(0.1)]
    yield "100 of a box", 100, some
    yield "one by id", 1, [get(f"{path}/{one}?f={{form}}") for one in ids]


@contextmanager
def tipg(python: str, database: str, port: int) -> Iterator[int]:
    """Tipg in one process: its id."""
    url = make_url(database).set(drivername="postgresql").render_as_string(hide_password=False)
    environment = {**os.environ, "DATABASE_URL": url, "TIPG_DB_SCHEMAS": '["rival"]'}
    program = [
        python,
        "-m",
        "uvicorn",
        "tipg.main:app",
        "--port",
        str(port),
        "--log-level",
        "error",
    ]
    process = subprocess.Popen(program, env=environment, stdout=subprocess.DEVNULL)
    try:
        time.sleep(8)
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


def told(name: str, many: int, answered: Answered, own_ms: float) -> str:
    """One line of figures."""
    rate = many * len(answered.seconds) / answered.in_all_s
    return f"{name}: {rate:,.0f} features/s · {answered.told()} · {own_ms:.2f} ms own time each"


def measured(client: Pool, port: int, pid: int, path: str, form: str, ids: Sequence[str],
             seconds: float, called: str) -> None:  # fmt: skip
    """Ask everything, and print it."""
    for name, many, requests in kinds(path, ids):
        asked = [one.replace(b"{form}", form.encode()) for one in requests]
        client.apply(load, (port, asked, 1, 1.0))
        for connections in CONNECTIONS:
            before = processor_s(family(pid))
            answered = client.apply(load, (port, asked, connections, seconds))
            own = (processor_s(family(pid)) - before) / len(answered.seconds) * 1000
            print(
                f"{called}, {told(f'{name}, {connections} connections', many, answered, own)}",
                flush=True,
            )


def main() -> None:
    """Print the figures of both."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--tipg", help="an interpreter that has tipg and uvicorn")
    arguments.add_argument("--seconds", type=float, default=5)
    arguments.add_argument("--many", type=int, default=MANY, help="addresses, at least")
    asked = arguments.parse_args()
    print(machine(), DATABASE)
    with filled(asked.many) as database, get_context("spawn").Pool(1) as client:
        engine, port = make_engine(database), free_port()
        with engine.begin() as connection:
            for statement in FLAT.split(";\n"):
                connection.execute(text(statement))
            some = connection.execute(
                text("SELECT code FROM rival.addresses TABLESAMPLE SYSTEM (0.1)")
            )
            ids = list(some.scalars())[:500]
        engine.dispose()
        os.environ["DIACHISO_DATABASE_URL"] = database
        with worker(port) as (pid, *_):
            path = "/ogc/collections/addresses/items"
            measured(client, port, pid, path, "json", ids, asked.seconds, "diachiso")
        if asked.tipg:
            port = free_port()
            with tipg(asked.tipg, database, port) as pid:
                path = "/collections/rival.addresses/items"
                measured(client, port, pid, path, "geojson", ids, asked.seconds, "tipg")
    print(f"asked on {HOST}; {machine()}")


if __name__ == "__main__":
    main()
