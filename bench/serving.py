"""Measures a worker: latency and requests per second over HTTP, rates on one core, memory, start.

usage: python bench/serving.py [--seconds 4] [--runs 1] (needs a loaded registry: `diachiso up`
once, or DIACHISO_HOME or DIACHISO_DATABASE_URL of one that is)

Starts `diachiso serve`, one process, on a free port, and asks it from a process of its own. The
texts are evaluation rows where those are beside the checkout, else names of units.
"""

import argparse
import asyncio
import csv
import json
import os
import platform
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import cycle, islice
from multiprocessing import get_context
from multiprocessing.pool import Pool
from pathlib import Path
from random import Random
from threading import Event
from typing import NamedTuple
from urllib.parse import quote
from urllib.request import urlopen

from town import SHARED

from diachiso.address.today import today
from diachiso.geocode.autocomplete import autocomplete
from diachiso.geocode.convert import convert
from diachiso.geocode.gazetteer import Gazetteer
from diachiso.geocode.query import Query
from diachiso.geocode.search import geocode, parse
from diachiso.settings import Settings
from diachiso.store.engine import located, make_engine, reading
from diachiso.store.facts import read_facts
from diachiso.store.gazetteer import PostgisGazetteer
from diachiso.store.keeper import VocabularyKeeper

HOST = "127.0.0.1"
CONNECTIONS = (1, 8, 64)
DIFFERENT = 4_000
SEED = 20250701
STARTED_WITHIN_S = 60
WARM_WITHIN_S = 300
ENOUGH = 2_000
"""Calls of one kind in the rates on one core."""
HANOI = (105.74, 20.95, 105.92, 21.08)
TODAY = today()


class Asked(NamedTuple):
    """One kind of request: its name and the bytes of some of them."""

    name: str
    requests: Sequence[bytes]


class Answered(NamedTuple):
    """What came of a load: seconds of each answer, all in all, and answers that were not 200."""

    seconds: list[float]
    in_all_s: float
    refused: int

    @property
    def p99_s(self) -> float:
        """Within this, 99 of a hundred answers came."""
        return sorted(self.seconds)[int(len(self.seconds) * 0.99)]

    def told(self) -> str:
        """Percentiles and rate."""
        ranked = sorted(self.seconds)
        p50, p95, p99 = (ranked[int(len(ranked) * share)] * 1000 for share in (0.5, 0.95, 0.99))
        rate = len(ranked) / self.in_all_s
        wrong = f" · NOT 200: {self.refused}" if self.refused else ""
        return f"p50 {p50:.1f} p95 {p95:.1f} p99 {p99:.1f} ms · {rate:,.0f} requests/s{wrong}"


# -- what is asked -------------------------------------------------------------------------------


def texts(name: str, column: str) -> list[str]:
    """The texts of an evaluation set, else names of wards with a number before them."""
    file = SHARED / "eval" / f"{name}.csv"
    if file.exists():
        with file.open(encoding="utf-8", newline="") as lines:
            found = [row[column] for row in csv.DictReader(lines)]
    else:
        names = [unit.latest.full_name for unit in read_facts(Settings().facts).divisions]
        found = [f"{n % 300} Đường số {n % 20}, {name}" for n, name in enumerate(names)]
    Random(SEED).shuffle(found)  # noqa: S311 (an order, not a secret)
    return found


def get(target: str) -> bytes:
    """A GET as bytes, the connection kept."""
    return f"GET {target} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode("ascii")


def post(target: str, body: object) -> bytes:
    """A POST as bytes."""
    content = json.dumps(body).encode()
    head = f"POST {target} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode("ascii") + content


def everything_asked() -> Iterator[Asked]:
    """The kinds of request that the service is measured by."""
    houses, units = texts("geocoding", "address"), texts("conversion", "old_address")
    yield Asked("geocode, houses", [get(f"/v1/geocode?limit=1&q={quote(q)}") for q in houses])
    yield Asked("geocode, units", [get(f"/v1/geocode?limit=1&q={quote(q)}") for q in units])
    batches = [{"queries": [{"id": "1", "q": q}]} for q in units]
    yield Asked("parse", [post("/v1/parse/batch", batch) for batch in batches])
    spots = [get(f"/v1/reverse?lon={lon:.6f}&lat={lat:.6f}") for lon, lat in islice(points(), 4000)]
    yield Asked("reverse", spots)
    typed = [text[: 2 + n % 13] for n, text in enumerate(houses)]
    yield Asked("autocomplete", [get(f"/v1/autocomplete?q={quote(text)}") for text in typed])
    divisions = read_facts(Settings().facts).divisions
    old = [unit.code for unit in divisions if unit.level == "ward" and unit.key.former]
    yield Asked("convert", [get(f"/v1/convert?to=today&code={code}") for code in old])
    codes = [unit.code for unit in divisions if unit.level == "ward" and not unit.key.former]
    yield Asked("wards/{code}", [get(f"/v1/wards/{code}") for code in codes])


def points() -> Iterator[tuple[float, float]]:
    """Points of inner Hanoi, without end."""
    rng = Random(SEED)  # noqa: S311 (places to ask for, not secrets)
    west, south, east, north = HANOI
    while True:
        yield rng.uniform(west, east), rng.uniform(south, north)


# -- the client ----------------------------------------------------------------------------------


def load(port: int, requests: Sequence[bytes], connections: int, seconds: float) -> Answered:
    """Ask for some seconds over so many connections; run in a process of its own."""
    return asyncio.run(_load(port, requests, connections, seconds))


async def _load(port: int, requests: Sequence[bytes], connections: int, seconds: float) -> Answered:
    took: list[float] = []
    asked = cycle(requests)
    started = time.perf_counter()
    refused = await asyncio.gather(
        *(_connection(port, asked, started + seconds, took) for _ in range(connections))
    )
    return Answered(took, time.perf_counter() - started, sum(refused))


async def _connection(port: int, asked: Iterator[bytes], until: float, took: list[float]) -> int:
    reader, writer = await asyncio.open_connection(HOST, port)
    refused = 0
    while (sent := time.perf_counter()) < until:
        writer.write(next(asked))
        status = await _answer(reader)
        took.append(time.perf_counter() - sent)
        refused += status != b"200"
    writer.close()
    return refused


async def _answer(reader: asyncio.StreamReader) -> bytes:
    """Read one answer with a Content-Length to its end; its status."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    await reader.readexactly(length)
    return head.split(b" ", 2)[1]


# -- the worker ----------------------------------------------------------------------------------


def free_port() -> int:
    """A port that nothing listens on."""
    with closing(socket.socket()) as door:
        door.bind((HOST, 0))
        return int(door.getsockname()[1])


@contextmanager
def worker(port: int) -> Iterator[tuple[int, float, float]]:
    """`diachiso serve` in a process of its own: its id, seconds to health, to the first answer."""
    program = [sys.executable, "-m", "diachiso", "serve"]
    environment = {**os.environ, "DIACHISO_HOST": HOST, "DIACHISO_PORT": str(port)}
    started = time.perf_counter()
    process = subprocess.Popen(program, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for(f"http://{HOST}:{port}/healthz", process)
        healthy = time.perf_counter() - started
        _wait_for(f"http://{HOST}:{port}/v1/geocode?q={quote('Hoàn Kiếm, Hà Nội')}", process)
        yield process.pid, healthy, time.perf_counter() - started
    finally:
        process.terminate()
        process.wait(timeout=30)


def warm(port: int) -> float:
    """Wait until the worker has its streets prepared; how many seconds that took."""
    began = time.perf_counter()
    while time.perf_counter() - began < WARM_WITHIN_S:
        with urlopen(f"http://{HOST}:{port}/healthz", timeout=STARTED_WITHIN_S) as answer:
            if json.load(answer)["warm"]:
                return time.perf_counter() - began
        time.sleep(0.1)
    raise SystemExit("the worker prepares its streets without end")


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(STARTED_WITHIN_S * 50):
        try:
            with urlopen(url, timeout=STARTED_WITHIN_S) as answer:  # noqa: S310 (our own address)
                answer.read()
                return
        except OSError:
            if process.poll() is not None:
                raise SystemExit("the worker does not start: is a registry loaded?") from None
            time.sleep(0.02)
    raise SystemExit("the worker does not answer")


def memory_mb(pid: int, what: str) -> float:
    """A line of /proc/PID/status in MB: VmRSS now, VmHWM at most; nan where there is no /proc."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return float("nan")
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(what))


# -- processes -----------------------------------------------------------------------------------


def family(root: int) -> list[int]:
    """A process and all below it."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(fields[1])
    found = [root]
    for one in found:
        found += [pid for pid, parent in parents.items() if parent == one]
    return found


def processor_s(pids: Iterable[int]) -> float:
    """Seconds of processor time of some processes so far, their finished children with them."""
    ticks = 0
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        ticks += sum(map(int, text.rpartition(")")[2].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


# -- rates on one core ---------------------------------------------------------------------------


def in_process() -> Iterator[str]:
    """Calls per second without HTTP, in one thread, the database beside."""
    with located(Settings()) as url:
        engine = make_engine(url)
        keeper = VocabularyKeeper(engine, Settings().facts)
        with reading(engine) as reader:
            while not keeper.is_warm:
                keeper.get_ahead(reader, Event())
            gazetteer = PostgisGazetteer(keeper.current(), reader, TODAY)
            for name, call, arguments in _calls(gazetteer):
                yield f"{name}: {rate(call, arguments)}"
        engine.dispose()


def _calls(gazetteer: Gazetteer) -> Iterator[tuple[str, Callable[..., object], Sequence[object]]]:
    houses, units = texts("geocoding", "address"), texts("conversion", "old_address")
    for name, some in (("houses", houses), ("units", units)):
        queries = [Query(text, TODAY, limit=1) for text in some]
        yield f"geocode, {name}", lambda query: geocode(query, gazetteer), queries
    yield "parse", lambda text: parse(text, gazetteer), units
    former = [unit.key for unit in gazetteer.units.divisions if unit.key.former]
    yield "convert a unit", lambda key: convert(key, gazetteer), former
    typed = [text[: 3 + n % 12] for n, text in enumerate(houses)]
    yield "autocomplete", lambda text: autocomplete(text, gazetteer, as_of=TODAY), typed
    spots = list(islice(points(), ENOUGH))
    yield "reverse, the ward", lambda spot: gazetteer.ward_at(spot, TODAY), spots


def rate(call: Callable[..., object], arguments: Sequence[object]) -> str:
    """Calls per second by the clock and by this process's own time, the first round for warmth."""
    some = list(islice(cycle(arguments), ENOUGH))
    for argument in some[: ENOUGH // 4]:
        call(argument)
    clock, own = time.perf_counter(), time.process_time()
    for argument in some:
        call(argument)
    clock, own = time.perf_counter() - clock, time.process_time() - own
    return f"{ENOUGH / clock:,.0f}/s by the clock, {ENOUGH / own:,.0f}/s of one core"


def measured(pid: int, client: Pool, asked: tuple[object, ...]) -> tuple[Answered, float]:
    """A load, and the worker's own milliseconds for each answer."""
    before = processor_s([pid])
    answered: Answered = client.apply(load, asked)
    return answered, (processor_s([pid]) - before) / len(answered.seconds) * 1000


def machine() -> str:
    """What this runs on, and how busy it is with other things."""
    load_average = " ".join(f"{one:.1f}" for one in os.getloadavg())
    python = f"Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {platform.machine()}, {python}, load average {load_average}"


def main() -> None:
    """Print every figure."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seconds", type=float, default=4, help="of each load")
    arguments.add_argument("--runs", type=int, default=1, help="of each load; the best p99 is told")
    asked = arguments.parse_args()
    print(machine())
    port = free_port()
    with worker(port) as (pid, healthy, answering), get_context("spawn").Pool(1) as client:
        print(f"start: healthy after {healthy:.1f} s, first answer after {answering:.1f} s")
        print(f"memory of the worker at first: {memory_mb(pid, 'VmRSS'):.0f} MB")
        print(f"warm after {answering + warm(port):.1f} s: {memory_mb(pid, 'VmRSS'):.0f} MB")
        for kind in everything_asked():
            some = list(kind.requests[:DIFFERENT])
            client.apply(load, (port, some, 1, asked.seconds / 4))
            for connections in CONNECTIONS:
                runs = [
                    measured(pid, client, (port, some, connections, asked.seconds))
                    for _ in range(asked.runs)
                ]
                answered, own = min(runs, key=lambda run: run[0].p99_s)
                told = f"{answered.told()} · {own:.2f} ms of the worker's own time each"
                print(f"{kind.name}, {connections} connections: {told}", flush=True)
        now, most = memory_mb(pid, "VmRSS"), memory_mb(pid, "VmHWM")
        print(f"memory of the worker afterwards: {now:.0f} MB, {most:.0f} MB at most")
    for line in in_process():
        print(line, flush=True)
    print(machine())


if __name__ == "__main__":
    main()
