"""Two map services on one PostGIS, each one process: ours and tipg; and one client that asks both.

tipg is installed aside, from the versions pinned in bench/tipg.txt, into DIACHISO_HOME/tipg.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

from serving import HOST, family, free_port, processor_s
from sqlalchemy import Engine, make_url, text

from diachiso.settings import Settings
from diachiso.store.engine import Reader, reading

BENCH = Path(__file__).parent
CONNECTIONS = 8
STARTED_WITHIN_S = 120
SETTLED_S = 10
"""What a service does by itself after it began is not counted."""
FINE = {b"200", b"204", b"304"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking: seconds of each answer, bytes of each, tags, answers that failed."""

    seconds: list[float]
    sizes: list[int]
    tags: dict[str, str]
    failed: int
    in_all_s: float

    def told(self, what: str, each: int = 1) -> str:
        """Rate in things of which each answer holds so many; percentiles; size."""
        p50, p95, p99 = (share_of(self.seconds, share) * 1000 for share in (0.5, 0.95, 0.99))
        wrong = f" · FAILED: {self.failed}" if self.failed else ""
        return (
            f"{self.rate(each):9,.0f} {what}/s · p50 {p50:7.1f} p95 {p95:7.1f} p99 {p99:7.1f} ms · "
            f"{share_of(self.sizes, 0.5) / 1000:6.1f} kB{wrong}"
        )

    def rate(self, each: int = 1) -> float:
        """So many a second, where each answer holds so many."""
        return each * len(self.seconds) / self.in_all_s


def share_of(values: Iterable[float], share: float) -> float:
    """The value below which such a share of them lies."""
    ranked = sorted(values)
    return ranked[min(int(len(ranked) * share), len(ranked) - 1)]


# -- the client ------------------------------------------------------------------------------------


def ask(
    port: int,
    paths: Sequence[str],
    connections: int = CONNECTIONS,
    least_s: float = 0.0,
    tags: dict[str, str] | None = None,
) -> Asked:
    """Ask for every path once, and on and on for so many seconds; in a process of its own.

    With the tags of an earlier round, only what has changed since is asked for.
    """
    return asyncio.run(_ask(port, paths, connections, least_s, tags or {}))


async def _ask(
    port: int, paths: Sequence[str], connections: int, least_s: float, known: dict[str, str]
) -> Asked:
    took: list[float] = []
    sizes: list[int] = []
    tags: dict[str, str] = {}
    started = time.perf_counter()

    def wanted() -> Iterator[str]:
        while True:
            yield from paths
            if time.perf_counter() - started >= least_s:
                return

    source = wanted()

    async def connection() -> int:
        reader, writer = await asyncio.open_connection(HOST, port)
        failed = 0
        for path in source:
            sent = time.perf_counter()
            lines = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept-Encoding: gzip\r\n"
            if path in known:
                lines += f"If-None-Match: {known[path]}\r\n"
            writer.write(f"{lines}\r\n".encode("ascii"))
            status, size, tag = await _answer(reader)
            took.append(time.perf_counter() - sent)
            sizes.append(size)
            failed += status not in FINE
            if tag:
                tags[path] = tag
        writer.close()
        return failed

    failed = await asyncio.gather(*(connection() for _ in range(connections)))
    return Asked(took, sizes, tags, sum(failed), time.perf_counter() - started)


async def _answer(reader: asyncio.StreamReader) -> tuple[bytes, int, str]:
    """Read an answer to its end, chunked or not: status, bytes of its body, tag."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status, *lines = head.split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    code, tag = status.split(" ", 2)[1].encode("ascii"), headers.get("etag", "")
    if "content-length" in headers:
        size = int(headers["content-length"])
        await reader.readexactly(size)
        return code, size, tag
    if headers.get("transfer-encoding") != "chunked":
        return code, 0, tag
    size = 0
    while length := int(await reader.readline(), 16):
        await reader.readexactly(length + 2)
        size += length
    await reader.readline()
    return code, size, tag


# -- the services ----------------------------------------------------------------------------------


@contextmanager
def ours(url: str) -> Iterator[tuple[int, int]]:
    """`diachiso serve` over a database: its port and its process."""
    port = free_port()
    told = {"DIACHISO_DATABASE_URL": url, "DIACHISO_HOST": HOST, "DIACHISO_PORT": str(port)}
    with _running([sys.executable, "-m", "diachiso", "serve"], told, port) as pid:
        yield port, pid


@contextmanager
def tipg(engine: Engine, schema: str = "rival") -> Iterator[tuple[int, int]]:
    """tipg over the tables of a schema: its port and its process."""
    programs = _installed(Settings().home.resolve() / "tipg", BENCH / "tipg.txt")
    url, port = make_url(engine.url), free_port()
    host = quote(str(url.query.get("host") or url.host), safe="")
    told = {
        "DATABASE_URL": f"postgresql://{url.username}@{host}:{url.port or 5432}/{url.database}",
        "TIPG_DB_SCHEMAS": f'["{schema}"]',
        "TIPG_CATALOG_TTL": "3600",
        "DB_MIN_CONN_SIZE": str(CONNECTIONS),
    }
    program = [programs / "uvicorn", "tipg.main:app", "--host", HOST, "--port", str(port),
               "--no-access-log", "--log-level", "error"]  # fmt: skip
    with _running(program, told, port) as pid:
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
    program: Sequence[str | Path], environment: dict[str, str], port: int
) -> Iterator[int]:
    told = {**os.environ, **environment}
    process = subprocess.Popen(program, env=told, stdout=subprocess.DEVNULL)
    try:
        _wait_for(f"http://{HOST}:{port}/healthz", process)
        time.sleep(SETTLED_S)
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(STARTED_WITHIN_S * 10):
        try:
            urlopen(url, timeout=5).close()
        except OSError:
            if process.poll() is not None:
                raise SystemExit(f"{process.args} does not start") from None
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{url} does not answer")


# -- whose processor -------------------------------------------------------------------------------


def postmaster(engine: Engine) -> int:
    """The process that all of PostGIS's are children of."""
    with reading(engine) as reader:
        return _parent_of_backend(reader)


def _parent_of_backend(reader: Reader) -> int:
    mine = reader.scalar(text("SELECT pg_backend_pid()"))
    return int(Path(f"/proc/{mine}/stat").read_text("ascii").rpartition(")")[2].split()[1])


def spent(pids: Iterable[int]) -> list[float]:
    """Seconds of processor time so far, of each process with all below it."""
    return [processor_s(family(pid)) for pid in pids]


def spent_since(before: Sequence[float], pids: Iterable[int], answers: int) -> str:
    """Milliseconds of processor time an answer since then: the service's own, and PostGIS's."""
    own, postgis = (
        (now - was) / answers * 1000 for now, was in zip(spent(pids), before, strict=True)
    )
    return f"processor: {own:.2f} ms of its own, {postgis:.2f} ms of PostGIS"
