"""How `diachiso geocode --file` runs: bars and sentences around it, stdin and stdout as files."""

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from diachiso.address.today import today
from diachiso.terminal import bar, database, say
from diachiso.wash.country import PostgisCountry
from diachiso.wash.run import Order, run

STANDARD = Path("-")
STOPPED = 130
"""The status of a program that Ctrl-C stopped: 128 + SIGINT."""


@contextmanager
def through(file: Path, output: Path | None) -> Iterator[tuple[Path, Path | None]]:
    """The files to read and write; `-` is stdin or stdout, by way of a folder of our own."""
    if STANDARD not in (file, output):
        yield file, output
        return
    with TemporaryDirectory(prefix="diachiso-") as folder:
        source = Path(folder) / "stdin.csv" if file == STANDARD else file
        if file == STANDARD:
            with source.open("wb") as spooled:
                shutil.copyfileobj(sys.stdin.buffer, spooled)
        to_stdout = output in (None, STANDARD)
        target = Path(folder) / "stdout.csv" if to_stdout else output
        yield source, target
        if to_stdout and target is not None:
            with target.open("rb") as made:
                shutil.copyfileobj(made, sys.stdout.buffer)
            sys.stdout.buffer.flush()


def wash_file(order: Order, as_of: date | None, jobs: int | None, *, piped: bool) -> None:
    """Wash a file, say what is done and what came of it; a pipe cannot be gone on with."""
    say(f"Cột địa chỉ / address: {order.told}   (--column)")
    started = time.monotonic()
    try:
        with database() as (settings, engine):
            country = PostgisCountry.read(engine, settings.facts, today())
            asked = time.monotonic()
            summary = run(
                order,
                country,
                as_of=as_of,
                today=today(),
                jobs=jobs or _processors(),
                tell=_nothing if piped else say,
                bar=bar,
            )
    except (KeyboardInterrupt, SystemExit):
        raise SystemExit(STOPPED) from None
    ended = time.monotonic()
    rate = (summary.rows - summary.kept) / max(ended - asked, 0.001)
    say(
        f"{order.output.name}: {summary.rows:,} dòng / rows, {ended - started:,.0f} s"
        f" ({rate:,.0f} dòng/s / rows/s)"
    )
    for line in summary.lines():
        say(line)


def _nothing(_line: str) -> None:
    """Say nothing."""


def _processors() -> int:
    return len(os.sched_getaffinity(0))
