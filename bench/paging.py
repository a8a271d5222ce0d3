"""A client pages through a million addresses while others are added and retired; memory is watched.

usage: python bench/paging.py [--limit 10000] [--acts 1000] (needs bench/million.py's database)

Starts `diachiso serve`, one process, pages by the links `next` from the first page to the last, and
meanwhile enters and retires addresses. Every address that stood when it began must come exactly
once, and none that did not.
"""

import argparse
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from urllib.request import urlopen

from million import MANY, filled
from serving import HOST, free_port, machine, memory_mb, worker
from sqlalchemy import Engine, text

from diachiso.store.engine import make_engine

LIVE = """
SELECT code FROM issued_code JOIN address_version AS v USING (address_id)
WHERE upper_inf(v.recorded) AND v.valid @> current_date AND v.state IN ('recorded', 'certified')
"""
ISSUED = "SELECT code FROM issued_code"
MOST_GROWN_MB = 20
PAGE_S = 0.3
"""Seconds within which a page comes, surely: all is added and retired before the last one."""
ADD = """
WITH one AS (INSERT INTO address DEFAULT VALUES RETURNING id),
version AS (
    INSERT INTO address_version (address_id, state, kind, number, number_key, street_id, ward_id,
        position, position_kind, valid, source_id)
    SELECT one.id, 'recorded', kind, number, number_key, street_id, v.ward_id, position,
           position_kind, '[2026-01-01,)', source_id
    FROM one, address_version AS v JOIN issued_code USING (address_id)
    WHERE code = :like AND upper_inf(v.recorded)
    RETURNING address_id
)
INSERT INTO issued_code (code, self_checking, address_id, origin)
SELECT :code, false, address_id, 'loaded' FROM version
"""
RETIRE = """
WITH gone AS (SELECT v.* FROM address_version AS v JOIN issued_code USING (address_id)
              WHERE code = :code AND upper_inf(v.recorded)),
closed AS (SELECT supersede('address_version', array_agg(id)) FROM gone)
INSERT INTO address_version (address_id, state, kind, number, number_key, street_id, ward_id,
    position, position_kind, valid, source_id, recorded)
SELECT address_id, 'retired', kind, number, number_key, street_id, ward_id, position,
       position_kind, valid, source_id, tstzrange(clock_timestamp(), NULL) FROM gone, closed
"""


def busy(
    engine: Engine, codes: list[str], free: list[str], until: float, done: Counter[str]
) -> None:
    """Add and retire, one after the other, all along the way of the client."""
    for n, code in enumerate(free):
        gone = codes[(2 * n + 1) * len(codes) // (2 * len(free))]
        with engine.begin() as connection:
            connection.execute(text(ADD), {"like": codes[n], "code": code})
        with engine.begin() as connection:
            connection.execute(text(RETIRE), {"code": gone})
        done["acts"] += 1
        time.sleep(max(0.0, until - time.monotonic()) / (len(free) - n))


def unused(issued: set[str], many: int) -> list[str]:
    """Codes that nobody has, among those that are."""
    free: list[str] = []
    for code in sorted(issued)[:: max(1, len(issued) // many)]:
        extension = next(n for n in range(100_000) if f"{code[:5]}{n:05}" not in issued)
        issued.add(free_code := f"{code[:5]}{extension:05}")
        free.append(free_code)
    return free[:many]


def page_through(
    url: str | None, pid: int, after_the_first: Callable[[], None]
) -> tuple[Counter[str], list[float], list[float]]:
    """Every id with how often it came, the seconds of each page, the memory after each."""
    seen: Counter[str] = Counter()
    seconds, memory = [], []
    while url:
        began = time.perf_counter()
        with urlopen(url) as answer:  # noqa: S310 (our own address)
            told = json.load(answer)
        seconds.append(time.perf_counter() - began)
        seen.update(one["id"] for one in told["features"])
        memory.append(memory_mb(pid, "VmRSS"))
        if len(seconds) == 1:
            after_the_first()
        url = next((one["href"] for one in told["links"] if one["rel"] == "next"), None)
    return seen, seconds, memory


def main() -> None:
    """Print what was seen."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--limit", type=int, default=10_000)
    arguments.add_argument("--acts", type=int, default=1_000, help="added, and as many retired")
    arguments.add_argument("--many", type=int, default=MANY, help="addresses, at least")
    asked = arguments.parse_args()
    print(machine())
    with filled(asked.many) as database:
        os.environ["DIACHISO_DATABASE_URL"] = database
        engine, port = make_engine(database), free_port()
        with engine.connect() as connection:
            before = sorted(connection.execute(text(LIVE)).scalars())
            free = unused(set(connection.execute(text(ISSUED)).scalars()), asked.acts)
        done: Counter[str] = Counter()
        with worker(port) as (pid, *_):
            until = time.monotonic() + PAGE_S * len(before) / asked.limit
            first = f"http://{HOST}:{port}/ogc/collections/addresses/items?limit={asked.limit}"
            work = threading.Thread(target=busy, args=(engine, before, free, until, done))
            began = time.monotonic()
            seen, seconds, memory = page_through(first, pid, work.start)
            took = time.monotonic() - began
            meanwhile = done["acts"]
            work.join()
        engine.dispose()
    doubled = sum(1 for count in seen.values() if count > 1)
    missed, strange = set(before) - set(seen), set(seen) - set(before)
    ranked = sorted(seconds)
    print(
        f"{len(before):,} addresses stood; {len(seen):,} came in {len(seconds)} pages, {took:.0f} s"
    )
    print(f"added and retired meanwhile: {meanwhile:,} each")
    print(f"missed {len(missed)}, doubled {doubled}, came though entered later {len(strange)}")
    middle, end = ranked[len(ranked) // 2], seconds[-1]
    print(f"a page p50 {middle:.2f} s, the first {seconds[0]:.2f} s, the last {end:.2f} s")
    tenth = len(memory) // 10
    held = ", ".join(f"{memory[n]:.0f}" for n in (0, tenth, len(memory) // 2, -1))
    print(f"memory of the worker after the first page, a tenth, half, all of them: {held} MB")
    if (
        missed
        or doubled
        or strange
        or meanwhile < asked.acts
        or memory[-1] - memory[tenth] > MOST_GROWN_MB
    ):
        raise SystemExit("not every address came once, not all was done meanwhile, or memory grew")


if __name__ == "__main__":
    main()
