"""A diachiso service to be measured: started here over the shared data, or given by its URL."""

import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import quote, urlsplit
from urllib.request import urlopen

from diachiso.settings import Settings

PATIENCE_S = 1800
"""How long loading the whole country may take, the first time."""


class NotUp(Exception):
    """The service did not come up; says why."""


@dataclass
class Service:
    """Where it answers, and what it cost to start."""

    url: str
    pid: int | None = None
    start_s: list[float] = field(default_factory=list)

    def memory(self) -> dict[str, float]:
        """Megabytes: the most that the process has held, and what its PostgreSQL holds now."""
        if self.pid is None:
            return {}
        status = Path(f"/proc/{self.pid}/status").read_text("utf-8")
        return {
            "service": int(status.split("VmHWM:")[1].split()[0]) / 1024,
            "PostgreSQL": postgres_mb(),
        }


def postgres_mb() -> float:
    """What the processes of the private cluster hold, shared pages counted once."""
    home = Settings().home.resolve()
    held = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if home in (process / "cwd").readlink().parents:
                rollup = (process / "smaps_rollup").read_text("utf-8")
                held += int(rollup.split("Pss:")[1].split()[0])
        except OSError:  # gone meanwhile, or another account's
            continue
    return held / 1024


@contextmanager
def service(url: str | None, data: Path, runs: int) -> Iterator[Service]:
    """The service at a URL; else one of our own, started several times to time it."""
    if url is not None:
        yield Service(url.rstrip("/"))
        return
    times = []
    for run in range(1, runs + 1):
        with _started(data) as (here, pid, start_s):
            times.append(start_s)
            if run == runs:
                yield Service(here, pid, times)


@contextmanager
def _started(data: Path) -> Iterator[tuple[str, int, float]]:
    port = _free_port()
    chosen = os.environ | {"DIACHISO_DATA": str(data), "DIACHISO_PORT": str(port)}
    command = [str(Path(sys.executable).with_name("diachiso")), "up"]
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile() as log:
        began = time.perf_counter()
        process = subprocess.Popen(command, env=chosen, stdout=log, stderr=log)
        try:
            _wait(url, process, log)
            yield url, process.pid, time.perf_counter() - began
        finally:
            if process.poll() is not None:
                log.seek(0)
                last = log.read().decode("utf-8", "replace").strip()[-500:]
                print(f"the service ended early ({process.returncode}): {last}", file=sys.stderr)
            process.terminate()
            process.wait(timeout=60)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port: int = door.getsockname()[1]
        return port


def _wait(url: str, process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            log.seek(0)
            raise NotUp(log.read().decode("utf-8", "replace").strip()[-500:])
        try:
            with urlopen(f"{url}/healthz", timeout=5):  # noqa: S310 (our own address)
                return
        except OSError:
            time.sleep(0.1)
    raise NotUp(f"no answer within {PATIENCE_S} s")


def one_at_a_time(url: str, texts: Sequence[str]) -> tuple[float, list[float]]:
    """Requests a second over one connection kept open, and p50, p95, p99 in milliseconds."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    spent = []
    for text in texts:
        began = time.perf_counter()
        connection.request("GET", f"/v1/geocode?q={quote(text)}")
        connection.getresponse().read()
        spent.append(time.perf_counter() - began)
    connection.close()
    cuts = statistics.quantiles(spent, n=100)
    return len(spent) / sum(spent), [1000 * cuts[n] for n in (49, 94, 98)]
