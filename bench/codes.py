"""Issue 100,000 codes in one area by eight processes: none twice, self-checking ones first.

Run by `make bench`; needs a database of its own (the private cluster, or DIACHISO_DATABASE_URL):
it makes the database `diachiso_bench_codes` and drops it in the end.
"""

import os
import platform
import secrets
import sys
import time
from datetime import date
from multiprocessing import get_context
from pathlib import Path

from sqlalchemy import make_url, select, text

from diachiso.address.code import AddressCode
from diachiso.address.division import Level, UnitKey
from diachiso.address.errors import AreaExhausted
from diachiso.registry.issue import issue
from diachiso.settings import Settings
from diachiso.store import tables as t
from diachiso.store.codes import PostgisCodeBooks
from diachiso.store.divisions import load_units
from diachiso.store.engine import located, make_engine, migrate, transaction

HOAN_KIEM = UnitKey(Level.WARD, "00070", former=False)
ON = date(2026, 11, 1)
PROCESSES, IN_ALL = 8, 100_000
NAME = "diachiso_bench_codes"


def writer(url: str, batch: int) -> int:
    """One process: issue and commit, a batch at a time, until the area is used up."""
    engine, done = make_engine(url), 0
    while True:
        try:
            with transaction(engine) as books:
                done += len(
                    issue(PostgisCodeBooks(books, ON), HOAN_KIEM, batch, secrets.SystemRandom())
                )
        except AreaExhausted:
            if batch == 1:
                return done
            batch = 1  # the last few do not fill a batch


def verdict(url: str) -> list[str]:
    """What is in the books afterwards."""
    with make_engine(url).connect() as connection:
        codes = list(
            connection.scalars(select(t.issued_code.c.code).order_by(t.issued_code.c.turn))
        )
    passes = [AddressCode(code).is_self_checking for code in codes]
    return [
        f"issued {len(codes):,}, different {len(set(codes)):,}",
        f"of the first 10,000 self-checking: {sum(passes[:10_000]):,}",
        f"of the rest self-checking: {sum(passes[10_000:])}",
    ]


def main() -> None:
    """Make the database, let the writers loose, print the rate."""
    batch = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    with located(Settings()) as url:
        admin = make_engine(url).execution_options(isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)"))
            connection.execute(text(f"CREATE DATABASE {NAME}"))
        bench = make_url(url).set(database=NAME).render_as_string(hide_password=False)
        try:
            run(bench, batch)
        finally:
            with admin.connect() as connection:
                connection.execute(text(f"DROP DATABASE {NAME} WITH (FORCE)"))


def run(url: str, batch: int) -> None:
    """Load the units, start the clock, issue everything."""
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE EXTENSION postgis"))
        connection.execute(text("CREATE EXTENSION btree_gist"))
    migrate(engine)
    with transaction(engine) as books:
        load_units(books, Path(Settings().facts))
    started = time.perf_counter()
    with get_context("spawn").Pool(PROCESSES) as pool:
        counts = pool.starmap(writer, [(url, batch)] * PROCESSES)
    seconds = time.perf_counter() - started
    machine = f"{os.cpu_count()} cores, {platform.machine()}"
    print(f"{PROCESSES} processes, {batch} codes a transaction, {machine}")
    print(f"{sum(counts):,} codes in {seconds:.1f} s: {sum(counts) / seconds:,.0f} codes/s")
    print("\n".join(verdict(url)))


if __name__ == "__main__":
    main()
