"""Sixteen writers, three copies that are killed at random: all equal in the end, no hole.

    .venv/bin/python bench/feed.py --seconds 60

Writers register, record, amend, restrict, release and retire addresses, as officers, in the role of
the application. The copies (two in PostGIS, one in GeoParquet) follow over HTTP; each is killed
(SIGKILL) every few seconds, wherever it is, and begun again. In the end each copy is compared with
what the tables of the registry hold, subject by subject. Makes databases `diachiso_bench_feed…` and
drops them in the end.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import httpx2
from pyarrow import parquet
from sqlalchemy import Engine, create_engine, make_url, text

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.address.errors import DiachisoError
from diachiso.address.number import HouseNumber
from diachiso.address.position import Position, PositionKind
from diachiso.address.record import Details, ObjectKind, Spot
from diachiso.registry.amend import amend
from diachiso.registry.officer import Acting, Role
from diachiso.registry.record import record
from diachiso.registry.register import register
from diachiso.registry.retire import retire
from diachiso.registry.review import restrict
from diachiso.settings import CHECKOUT, Settings
from diachiso.store import loading
from diachiso.store.acting import acting
from diachiso.store.books import PostgisBooks
from diachiso.store.divisions import load_units
from diachiso.store.engine import located, make_engine, migrate, reading, transaction
from diachiso.store.ledger import prove
from diachiso.store.officers import enter_officer, give_mandate, officer_of
from diachiso.web.following import Feed

WRITERS, PROCESSES = 16, 4
DAY = date.today()  # noqa: DTZ011 (a bench: the day of the machine)
SINCE = Validity(date(2025, 1, 1))
WARD = UnitKey(Level.WARD, "00070", former=False)
LIVES_S = (1.0, 6.0)
"""How long a copy lives until it is killed."""
NAME = "diachiso_bench_feed"
STEPS = ("register", "amend", "amend", "restrict", "retire")


def work(url: str, officers: list[int], seconds: float, seed: int) -> Counter[str]:
    """One process of writers, a thread each; time counts from when it has started."""
    until = time.time() + seconds
    engine = make_engine(url)
    with ThreadPoolExecutor(len(officers)) as pool:
        jobs = [
            pool.submit(write, engine, officer, until, random.Random(f"{seed} {n}"))  # noqa: S311 (seeded acts)
            for n, officer in enumerate(officers)
        ]
        done = sum((job.result() for job in jobs), Counter())
    engine.dispose()
    return done


def write(engine: Engine, officer: int, until: float, chance: random.Random) -> Counter[str]:
    """One writer: an act a transaction, until time is up."""
    done: Counter[str] = Counter()
    mine: list[str] = []
    while time.time() < until:
        step = chance.choice(STEPS) if mine else "register"
        try:
            with acting(engine, officer) as writer:
                by = Acting(officer_of(writer, officer), DAY, "bench")
                act(step, PostgisBooks(writer, chance), by, mine, chance)
            done[step] += 1
        except DiachisoError as fault:
            done[type(fault).__name__] += 1
    return done


def act(step: str, books: PostgisBooks, by: Acting, mine: list[str], chance: random.Random) -> None:
    """One act on one's own addresses."""
    if step == "register":
        lon, lat = 105.8501 + chance.random() * 0.0098, 21.0201 + chance.random() * 0.0198
        spot = Spot(Position(lon, lat), PositionKind.ENTRANCE)
        street = books.street_named(f"Phố Số {chance.randint(1, 40)}", spot.position)
        number = HouseNumber.parse(str(chance.randint(1, 9_999)))
        details = Details(WARD, (spot,), number, street, ObjectKind.DWELLING)
        house = register(books, details, by, DAY).address
        mine.append(record(books, house, by, DAY, distinct=True).called)
        return
    called = chance.choice(mine)
    house = books.address(called, DAY)
    if step == "amend":
        amend(books, house, replace(house.details, name=f"Nhà {chance.random():.6f}"), by, DAY)
    elif step == "restrict":
        restrict(books, house, by, hidden=not house.details.restricted)
    else:
        mine.remove(called)
        retire(books, house, by, DAY, reason="đã phá dỡ")


# -- copies ----------------------------------------------------------------------------------------


@dataclass
class Follower:
    """A copy, and the process that follows into it: killed at random, begun again."""

    url: str
    to: str
    kills: int = 0
    faults: list[str] = field(default_factory=list)

    def command(self, *more: str) -> list[str]:
        """What is run."""
        words = ["replicate", self.url, "--to", self.to, "--every", "0.2", *more]
        return [sys.executable, "-m", "diachiso", *words]

    def follow(self, stop: threading.Event, chance: random.Random) -> None:
        """Follow, and be killed wherever it is, until told to stop."""
        while not stop.is_set():
            process = subprocess.Popen(
                self.command(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
            )
            stop.wait(chance.uniform(*LIVES_S))
            if process.poll() is not None:
                self.faults.append(process.stderr.read())
                stop.wait(1)
                continue
            process.send_signal(signal.SIGKILL)
            process.communicate()
            self.kills += 1

    def finish(self) -> None:
        """Follow to the end."""
        done = subprocess.run(
            self.command("--once"), capture_output=True, text=True, check=False, timeout=300
        )
        if done.returncode:
            self.faults.append(done.stderr)

    def holds(self) -> dict[tuple[str, int], dict]:
        """All that is in the copy."""
        if self.to.startswith("postgresql"):
            return _in_database(self.to)
        return {
            (kind, row["id"]): json.loads(row["told"])
            for kind, file in (("address", "addresses"), ("street", "streets"), ("unit", "units"))
            for row in parquet.read_table(
                Path(self.to) / f"{file}.parquet", columns=["id", "told"]
            ).to_pylist()
        }


def _in_database(url: str) -> dict[tuple[str, int], dict]:
    engine = make_engine(url)
    with engine.connect() as connection:
        held = {
            (kind, row.id): row.told
            for kind in ("address", "street", "unit")
            for row in connection.execute(
                text(f"SELECT id, told FROM diachiso_replica.{kind}")  # noqa: S608 (our own names)
            )
        }
    engine.dispose()
    return held


def standing(engine: Engine) -> dict[tuple[str, int], dict]:
    """All that is public, from the tables of the registry themselves, not from its feed."""
    query = text("""
        SELECT 'address' AS kind, subject, told FROM addresses_told(
            (SELECT array_agg(id) FROM address), false)
        UNION ALL SELECT 'street', subject, told FROM streets_told(
            (SELECT array_agg(id) FROM street))
        UNION ALL SELECT 'unit', subject, told FROM units_told((SELECT array_agg(id) FROM unit))
    """)
    with reading(engine) as reader:
        return {(row.kind, row.subject): row.told for row in reader.execute(query)}


# -- the trial -------------------------------------------------------------------------------------


def trial(primary: str, copies: list[str], seconds: float, port: int) -> list[str]:
    """Write, follow, kill; then compare. What was measured, a line each.

    Raises:
        AssertionError: something is not as it must be.
    """
    engine = make_engine(primary)
    with transaction(engine) as writer:
        officers = [enter_officer(writer) for _ in range(WRITERS)]
        for officer in officers:
            give_mandate(writer, officer, Role.WARD_OFFICER, WARD, SINCE, None)
    with _service(primary, port) as url:
        followers = [Follower(url, to) for to in copies]
        stop, seen = threading.Event(), [0]
        with closing(Feed(url)) as feed:
            began = feed.changes(0).last
        threads = [
            threading.Thread(target=one.follow, args=(stop, random.Random(n)))  # noqa: S311 (seeded kills)
            for n, one in enumerate(followers)
        ]
        threads.append(threading.Thread(target=_watch, args=(url, began, stop, seen)))
        for thread in threads:
            thread.start()
        done = _write_all(primary, officers, seconds)
        stop.set()
        for thread in threads:
            thread.join()
        for one in followers:
            one.finish()
        told = _verdict(engine, followers, began, done, seconds)
        must(seen[0] > began, "the watcher saw nothing")
    engine.dispose()
    return told


def must(well: object, told: str) -> None:
    """See that it is so, or end with what is wrong."""
    if not well:
        raise AssertionError(told)


def _write_all(primary: str, officers: list[int], seconds: float) -> Counter[str]:
    share = len(officers) // PROCESSES
    with get_context("spawn").Pool(PROCESSES) as pool:
        jobs = [
            (primary, officers[n * share : (n + 1) * share], seconds, n) for n in range(PROCESSES)
        ]
        return sum(pool.starmap(work, jobs), Counter())


def _watch(url: str, since: int, stop: threading.Event, seen: list[int]) -> None:
    """Ask for the newest changes without rest: Feed refuses a hole, or one out of order."""
    with closing(Feed(url)) as feed:
        while not stop.is_set():
            since = seen[0] = feed.changes(since).next


def _verdict(
    engine: Engine, followers: list[Follower], began: int, done: Counter[str], seconds: float
) -> list[str]:
    want = standing(engine)
    with engine.connect() as connection:
        head = prove(connection)
        odd = connection.scalar(
            text(
                "SELECT count(*) FROM (SELECT number - lag(number) OVER (ORDER BY number) AS step,"
                " at < lag(at) OVER (ORDER BY number) AS back FROM change) AS one"
                " WHERE step <> 1 OR back"
            )
        )
    must(not odd, f"{odd} numbers missing or out of order")
    acts = sum(done[step] for step in set(STEPS))
    lines = [
        f"{WRITERS} writers, {seconds:g} s: {acts:,} acts ({acts / seconds:,.0f}/s): {dict(done)}",
        f"changes {began + 1:,} to {head.last_change:,}: no hole, no reordering",
        f"the ledger is proved: {head.number:,} lines",
    ]
    for one in followers:
        must(not one.faults, "".join(one.faults))
        have = one.holds()
        wrong = [key for key in want.keys() | have.keys() if want.get(key) != have.get(key)]
        must(not wrong, f"{one.to}: {len(wrong)} differ, first {wrong[:1]}")
        kind = "PostGIS" if one.to.startswith("postgresql") else "GeoParquet"
        lines.append(f"{kind}: killed {one.kills} times, {len(have):,} subjects, all equal")
    return lines


@contextmanager
def _service(primary: str, port: int) -> Iterator[str]:
    """The service over the primary, in a process of its own."""
    environment = os.environ | {"DIACHISO_DATABASE_URL": primary, "DIACHISO_PORT": str(port)}
    process = subprocess.Popen(
        [sys.executable, "-m", "diachiso", "serve"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=60)


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            if httpx2.get(f"{url}/healthz").is_success:
                return
        except httpx2.TransportError:
            time.sleep(0.2)
    raise TimeoutError(url)


def main() -> None:
    """A registry of units and one ward, and the trial over it."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=60.0)
    asked.add_argument("--port", type=int, default=8799)
    options = asked.parse_args()
    with located(Settings()) as url, tempfile.TemporaryDirectory() as folder:
        names = [NAME, f"{NAME}_a", f"{NAME}_b"]
        admin = create_engine(url, isolation_level="AUTOCOMMIT")
        made = [make_url(url).set(database=n).render_as_string(hide_password=False) for n in names]
        try:
            with admin.connect() as connection:
                for name in names:
                    connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
                    connection.execute(text(f"CREATE DATABASE {name}"))
            _fill(made[0], Path(folder))
            copies = [*made[1:], str(Path(folder) / "copy")]
            print("\n".join(trial(made[0], copies, options.seconds, options.port)))
        finally:
            with admin.connect() as connection:
                for name in names:
                    connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            admin.dispose()


def _fill(url: str, folder: Path) -> None:
    """Units, and a box for the ward."""
    engine = make_engine(url)
    with engine.begin() as connection:
        for extension in ("postgis", "btree_gist"):
            connection.execute(text(f"CREATE EXTENSION {extension}"))
    migrate(engine)
    with transaction(engine) as writer:
        load_units(writer, CHECKOUT / "data")
    ring = [[105.85, 21.02], [105.86, 21.02], [105.86, 21.04], [105.85, 21.04], [105.85, 21.02]]
    box = {"type": "Polygon", "coordinates": [ring]}
    named = {"code": WARD.code, "name": "Hoàn Kiếm"}
    feature = {"type": "Feature", "properties": named, "geometry": box}
    file = folder / "ward.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    options = loading.BoundaryOptions(accuracy="official")
    loading.load_boundary_file(engine, CHECKOUT / "data", file, options)
    engine.dispose()


if __name__ == "__main__":
    main()
