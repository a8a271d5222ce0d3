"""Take in 200,000 rows with 3 % planted faults, killed half-way and gone on with; verify each row.

Run by `make bench` (bench/intake.py ROWS for fewer); needs a database of its own (the private
cluster, or DIACHISO_DATABASE_URL): it makes `diachiso_bench_intake` and drops it in the end. With
`--whole` the same file is taken in once more without a stop, and both results are compared.
"""

import hashlib
import os
import platform
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from planted import LEFT_OUT, Plan, grid, hanoi, houses, planted, settle, write_csv
from sqlalchemy import Engine, make_url, text

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.registry.officer import Role
from diachiso.settings import Settings
from diachiso.store.divisions import load_units
from diachiso.store.engine import located, make_engine, migrate, transaction
from diachiso.store.officers import enter_officer, give_mandate

NAME = "diachiso_bench_intake"
PROVINCE = UnitKey(Level.PROVINCE, "01", former=False)
ROWS, SHARE, WARDS, STREETS = 200_000, 0.03, 20, 20
BEFORE = 200
COMMAND = Path(sys.executable).with_name("diachiso")
DRAWN = re.compile(r"\b\d{5}-\d{5}\b")
"""A code: drawn at random, so each run has others."""
ROW = """
    SELECT r.row, r.fate, r.faults, v.number, s.name, v.ward_id, ST_AsText(v.position), v.state,
           v.residential_group, v.doubts
    FROM intake_row AS r JOIN intake AS i ON i.id = r.intake_id
    LEFT JOIN address_version AS v ON v.address_id = r.address_id AND upper_inf(v.recorded)
    LEFT JOIN street AS s ON s.id = v.street_id
    WHERE i.file = :file ORDER BY r.row
"""


def made(url: str, folder: Path, rows: int) -> tuple[Engine, int, dict[int, str]]:
    """A grid of wards, an officer, houses that are registered beforehand, and the file."""
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE EXTENSION postgis"))
        connection.execute(text("CREATE EXTENSION btree_gist"))
    migrate(engine)
    facts = Settings().facts
    with transaction(engine) as writer:
        load_units(writer, facts)
        officer = enter_officer(writer)
        since = Validity(date(2025, 1, 1))
        give_mandate(writer, officer, Role.WARD_OFFICER, PROVINCE, since, None)
    chance = random.Random(2026)  # noqa: S311 (seeded: the same file each time)
    squares = grid(hanoi(facts, WARDS), STREETS, chance)
    settle(engine, facts, folder, squares)
    plan = Plan(squares, chance)
    plan.registered = plan.fresh(BEFORE)
    write_csv(folder / "before.csv", iter(plan.registered))
    faults = write_csv(
        folder / "houses.csv", planted(plan, houses(squares, rows, chance), rows, SHARE)
    )
    return engine, officer, faults


class Run:
    """The command at work on a file."""

    def __init__(self, url: str, officer: int, file: Path) -> None:
        words = [COMMAND, "intake", file, "--province", "01", "--by", str(officer), "--record"]
        self.process = subprocess.Popen(
            [*words, "--yes"],
            env=os.environ | {"DIACHISO_DATABASE_URL": url},
            stderr=subprocess.PIPE,
            text=True,
        )
        self.peaks: dict[int, int] = {}

    def watched(self, engine: Engine, file: str, until: int | None = None) -> str:
        """Wait for its end, or kill it once so many rows are done; memory is noted on the way."""
        while self.process.poll() is None:
            done = done_of(engine, file)
            self.peaks[done] = max(self.peaks.get(done, 0), self._megabytes())
            if until is not None and done >= until:
                self.process.send_signal(signal.SIGKILL)
                break
            time.sleep(0.5)
        told = self.process.communicate()[1]
        return str(told)

    def _megabytes(self) -> int:
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
            return int(status.split("VmRSS:")[1].split()[0]) // 1024
        except (OSError, IndexError):
            return 0


def done_of(engine: Engine, file: str) -> int:
    """How many rows of a file are done."""
    with engine.connect() as reader:
        said = reader.scalar(text("SELECT done FROM intake WHERE file = :file"), {"file": file})
    return int(said or 0)


def verdict(engine: Engine, faults: dict[int, str], rows: int) -> list[str]:
    """Every planted fault by its rule; every good row."""
    found, missed, lost, count = Counter(), Counter(), 0, 0
    with engine.connect() as reader:
        for row in reader.execution_options(stream_results=True).execute(
            text(ROW), {"file": "houses.csv"}
        ):
            count += 1
            rules = {fault[0] for fault in row.faults}
            planted_one = faults.get(row.row)
            if planted_one is None:
                lost += bool(rules) or row.fate != "recorded"
            elif planted_one in rules and (row.fate == "left_out") is (planted_one in LEFT_OUT):
                found[planted_one] += 1
            else:
                missed[planted_one] += 1
    kinds = ", ".join(f"{name} {many}" for name, many in sorted(found.items()))
    return [
        f"rows {count:,} of {rows:,}; planted {len(faults):,} of {len(found)} kinds: {kinds}",
        f"not reported by their rule: {missed.total()} {dict(missed) or ''}",
        f"good rows lost or faulted: {lost}",
    ]


def fingerprint(engine: Engine) -> str:
    """What a file came to, without the identities and codes, which are drawn."""
    digest = hashlib.sha256()
    with engine.connect() as reader:
        for row in reader.execution_options(stream_results=True).execute(
            text(ROW), {"file": "houses.csv"}
        ):
            digest.update(DRAWN.sub("a code", repr(tuple(row))).encode())
    return digest.hexdigest()


def main() -> None:
    """Make it, take it in, kill it, go on, verify."""
    rows = int(next((word for word in sys.argv[1:] if word.isdecimal()), ROWS))
    with located(Settings()) as url:
        prints = [bench(url, rows, kill=True)]
        if "--whole" in sys.argv:
            prints.append(bench(url, rows, kill=False))
            same = "the same" if len(set(prints)) == 1 else "DIFFERENT"
            print(f"killed and gone on with, and without a stop: {same}")
            sys.exit(len(set(prints)) - 1)


def bench(url: str, rows: int, *, kill: bool) -> str:
    """One database from its making to its end."""
    admin = make_engine(url).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {NAME}"))
    own = make_url(url).set(database=NAME).render_as_string(hide_password=False)
    try:
        with TemporaryDirectory() as folder:
            return taken(own, Path(folder), rows, kill=kill)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {NAME} WITH (FORCE)"))


def taken(url: str, folder: Path, rows: int, *, kill: bool) -> str:
    """The file through the command; what is printed is what was seen."""
    engine, officer, faults = made(url, folder, rows)
    print(f"{rows:,} rows, {os.cpu_count()} cores, {platform.machine()}", flush=True)
    Run(url, officer, folder / "before.csv").watched(engine, "before.csv")
    started, first = time.monotonic(), None
    if kill:
        first = Run(url, officer, folder / "houses.csv")
        first.watched(engine, "houses.csv", until=rows // 2)
        print(f"killed (SIGKILL) at row {done_of(engine, 'houses.csv'):,}", flush=True)
    last = Run(url, officer, folder / "houses.csv")
    told = last.watched(engine, "houses.csv")
    seconds = time.monotonic() - started
    print("\n".join(line for line in told.splitlines() if "rows" in line)[:600])
    print(f"{rows:,} rows in {seconds:,.0f} s: {rows / seconds:,.0f} rows/s")
    for run in filter(None, (first, last)):
        tenths = sorted(run.peaks)[:: max(1, len(run.peaks) // 8)]
        print("MB at row: " + ", ".join(f"{n:,} {run.peaks[n]}" for n in tenths))
    print("\n".join(verdict(engine, faults, rows)), flush=True)
    told = Run(url, officer, folder / "houses.csv").watched(engine, "houses.csv")
    print("again: " + next((line for line in told.splitlines() if "before" in line), told[-300:]))
    with engine.connect() as reader:
        many = reader.scalar(text("SELECT count(*) FROM address"))
        codes = reader.scalar(text("SELECT count(*) FROM issued_code WHERE address_id IS NULL"))
    print(f"addresses {many:,}; codes of nobody {codes}")
    result = fingerprint(engine)
    engine.dispose()
    return result


if __name__ == "__main__":
    main()
