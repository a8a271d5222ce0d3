"""diachiso and the PyPI peers on the same labelled rows in one run: docs/scoreboard.md.

usage: python bench/score.py [--url URL] [--runs N] [--timeout S] [--peers NAME ...] [--limit N]

The rows and the scorer lie beside the checkout (../shared) and are no part of the product; without
them there is nothing to do. The peers are installed into .diachiso/peers from bench/peers.txt.
"""

import argparse
import csv
import importlib.util
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from scoreboard import calibration, page
from scoreboard.calibration import Case
from scoreboard.program import Asked, Program
from scoreboard.service import NotUp, Service, one_at_a_time, service

from diachiso.settings import Settings

HERE = Path(__file__).resolve().parents[1]
SHARED = HERE.parent / "shared"
SCORER = SHARED / "eval" / "score.py"
WORKERS = HERE / "bench" / "scoreboard"
PEERS = {
    "vietnamadminunits": "1.0.4",
    "vietnam-address-converter": "1.0.5",
    "vn-address-converter": "0.1.3",
}
SETS = ("conversion", "parsing", "noisy_new", "geocoding")
TASKS = {"parsing": "parse", "noisy_new": "read"}
QUIET_LOAD = 0.6
"""Speed is measured when other work takes fewer processors than this, or patience is at its end."""
SINGLES = 1000
AT_A_TIME = 2
"""How many processes of a peer answer at once, where nothing is timed."""
Row = dict[str, str]
Answers = dict[str, dict[str, Any]]


class Scoring:
    """The scorer beside the checkout, its rows, and how names become codes."""

    def __init__(self, limit: int) -> None:
        self.scorer = load_scorer()
        self.rows = {name: rows(name, limit) for name in SETS}
        self._full: dict[tuple[str, str], str] = {}
        self._short: dict[tuple[str, str], set[str]] = {}
        with (HERE / "data" / "units" / "wards.csv").open(encoding="utf-8", newline="") as lines:
            for ward in csv.DictReader(lines):
                province = self.scorer.short(ward["province_name"])
                self._full[self.scorer.fold(ward["full_name"]), province] = ward["code"]
                key = self.scorer.short(ward["full_name"]), province
                self._short.setdefault(key, set()).add(ward["code"])

    def texts(self, name: str, *, folded: bool) -> list[str]:
        """What is asked, row by row."""
        key = self.scorer.SETS[name][1]
        texts = [row[key] for row in self.rows[name]]
        return [self.scorer.plain(text) for text in texts] if folded else texts

    def code(self, name: Sequence[str]) -> str:
        """The ward of today that a peer names, by its name and province."""
        ward, province = name
        province = self.scorer.short(province)
        if found := self._full.get((self.scorer.fold(ward), province)):
            return found
        alike = self._short.get((self.scorer.short(ward), province), set())
        return next(iter(alike)) if len(alike) == 1 else ""

    def in_our_form(self, told: dict[str, Any]) -> dict[str, Any]:
        """A peer's answer as the scorer reads answers."""
        if "parts" in told:
            return {"parts": told["parts"]}
        code = told.get("code") or self.code(told.get("name") or ("", ""))
        others = [self.code(name) for name in told.get("candidates") or ()]
        properties = {
            "ward": {"code": code},
            "ward_candidates": [{"code": other} for other in others],
            "confidence": told.get("confidence"),
        }
        geometry = {"coordinates": told["point"]} if told.get("point") else None
        feature = {"properties": properties, "geometry": geometry}
        return {"features": [feature] if code or any(others) else []}

    def judge(self, program: Program, name: str, answers: Answers, *, folded: bool) -> None:
        """Put the scorer's lines, and the confidences, beside the program's name."""
        chosen = self.rows[name]
        by_id = {row["id"]: answers.get(row["id"], {}) for row in chosen}
        lines = self.scorer.SETS[name][2](chosen, by_id)
        program.told[name, folded] = dict(map(page.read_line, lines))
        if name == "conversion":
            found = [self.scorer.props(by_id[row["id"]])[0] for row in chosen]
            if any(best.get("confidence") is not None for best in found):
                program.pairs[folded] = [
                    (float(best.get("confidence") or 0), self.scorer.ward(best) == row["ward_code"])
                    for best, row in zip(found, chosen, strict=True)
                ]


def load_scorer() -> ModuleType:
    """The scorer, by its path; it reads its arguments when imported, and is given an empty set."""
    spec = importlib.util.spec_from_file_location("shared_scorer", SCORER)
    if spec is None or spec.loader is None:
        raise ImportError(str(SCORER))
    module, given = importlib.util.module_from_spec(spec), sys.argv
    sys.argv = [str(SCORER), "--sets", "nothing"]
    try:
        spec.loader.exec_module(module)
    finally:
        sys.argv = given
    return module


def rows(name: str, limit: int) -> list[Row]:
    """The rows of an evaluation set, or some of them."""
    file = SHARED / "data" / "eval" / f"{name}.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        found = list(csv.DictReader(lines))
    return found[:: max(1, len(found) // limit)] if limit else found


# -- processes of their own ----------------------------------------------------------------------


def install_peers() -> Path:
    """The peers' own environment, beside ours; made again when the pins change."""
    folder, pins = Settings().home.resolve() / "peers", HERE / "bench" / "peers.txt"
    python, done = folder / "bin" / "python", folder / "peers.txt"
    if done.exists() and done.read_bytes() == pins.read_bytes():
        return python
    subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", folder], check=True)
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "-qq"]
    safely = ["--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:"]
    subprocess.run([*pip, *safely, "-r", str(pins)], check=True)
    done.write_bytes(pins.read_bytes())
    return python


def worker(
    python: Path, script: str, job: dict[str, Any], timeout_s: int, *, source: bool = False
) -> dict[str, Any]:
    """Run a job in a process of its own; {"failed": why} if it does not end well.

    With `source` the geocoder is not the compiled one, if there is one.
    """
    environment = {**os.environ, **({"DIACHISO_COMPILED": "0"} if source else {})}
    command = [str(python), str(WORKERS / script)]
    asked = json.dumps(job | {"began": time.time()})
    try:
        done = subprocess.run(
            command,
            input=asked,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"no end within {timeout_s} s"}
    if done.returncode:
        word = (done.stderr.strip().splitlines() or ["no word"])[-1]
        return {"failed": word.replace(str(HERE.parent), "..")[:120]}
    return json.loads(done.stdout)


def quietly(loads: list[float], patience_s: int) -> None:
    """Wait for other work on the machine to end, for a while; note how much of it is left."""
    deadline = time.monotonic() + patience_s
    while (busy := _others()) > QUIET_LOAD and time.monotonic() < deadline:
        time.sleep(2)
    loads.append(busy)


def _others() -> float:
    """How many processors were at work, on average over two seconds."""

    def at_work() -> int:
        figures = list(map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]))
        return sum(figures) - figures[3] - figures[4]

    before = at_work()
    time.sleep(2)
    return (at_work() - before) / os.sysconf("SC_CLK_TCK") / 2


# -- what is measured ----------------------------------------------------------------------------


def ask_ours(scoring: Scoring, served: Service) -> Program:
    """diachiso, by the scorer's own calls over HTTP."""
    ours = Program("diachiso")
    for name in SETS:
        path, key, _ = scoring.scorer.SETS[name]
        for folded in (False, True):
            how = SimpleNamespace(plain=folded)
            answers, _ = scoring.scorer.run(served.url, path, scoring.rows[name], key, how)
            scoring.judge(ours, name, answers, folded=folded)
        say(f"diachiso: {name}")
    return ours


def ask_peer(scoring: Scoring, name: str, python: Path, timeout_s: int) -> Program:
    """A peer on the same rows, a process for each set and form of the text."""
    peer = Program(name)

    def asked(what: Asked) -> tuple[Asked, dict[str, Any]]:
        task, texts = TASKS.get(what[0], "convert"), scoring.texts(what[0], folded=what[1])
        job = {"peer": name, "task": task, "texts": texts}
        return what, worker(python, "peer.py", job, timeout_s)

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        done = list(pool.map(asked, product(SETS, (False, True))))
    for (chosen, folded), result in done:
        if reason := result.get("failed"):
            peer.failed[chosen, folded] = reason
            continue
        peer.faults[chosen, folded] = sum("fault" in told for told in result["answers"])
        told = map(scoring.in_our_form, result["answers"])
        ids = [row["id"] for row in scoring.rows[chosen]]
        scoring.judge(peer, chosen, dict(zip(ids, told, strict=True)), folded=folded)
    say(f"{name}: asked")
    return peer


def time_in_process(
    program: Program, texts: list[str], args: argparse.Namespace, python: Path, loads: list[float]
) -> None:
    """Addresses a second of one process, a fresh one for every run, warmed by one address."""
    own = program.name == "diachiso"
    ours = {"convert": "geocode", "parse": "parse", "source": "geocode", "cold": "geocode"}
    tasks = ours if own else {"convert": "convert"}
    for label, task in tasks.items():
        for _ in range(args.runs):
            quietly(loads, args.patience)
            job = {"peer": program.name, "task": task, "texts": texts, "cold": label == "cold"}
            script = "ours.py" if own else "peer.py"
            result = worker(python, script, job, args.timeout, source=label == "source")
            if reason := result.get("failed"):
                program.failed[f"speed: {label}", False] = reason
                break
            if own and label != "source" and not result["compiled"]:
                program.failed[f"speed: {label}", False] = "not compiled: the source was timed"
            program.speed.setdefault(label, []).append(result["rate"])
            program.speed.setdefault(f"{label}, cpu", []).append(result["cpu_rate"])
            for part in ("first", "again"):
                program.speed.setdefault(f"{label}, {part}", []).append(result[part])
            if label == "convert":
                program.start_s.append(result["start_s"])
                program.warm_s.append(result.get("warm_s", result["start_s"]))
                held = program.memory.get("process", 0)
                program.memory["process"] = max(held, result["peak_mb"])
        say(f"{program.name}: speed, {label}")


def time_over_http(
    ours: Program, scoring: Scoring, served: Service, args: argparse.Namespace, loads: list[float]
) -> None:
    """The same over HTTP: by the scorer's batches of 500, and one at a time."""
    path, key, _ = scoring.scorer.SETS["conversion"]
    how, texts = SimpleNamespace(plain=False), scoring.texts("conversion", folded=False)[:SINGLES]
    for _ in range(args.runs):
        quietly(loads, args.patience)
        _, rate = scoring.scorer.run(served.url, path, scoring.rows["conversion"], key, how)
        ours.speed.setdefault("batch", []).append(rate)
        rate, cuts = one_at_a_time(served.url, texts)
        ours.speed.setdefault("singly", []).append(rate)
        for label, value in zip(("p50", "p95", "p99"), cuts, strict=True):
            ours.speed.setdefault(label, []).append(value)
    ours.memory |= served.memory()
    say("diachiso: speed over HTTP")


def evidence_of(scoring: Scoring, name: str, *, folded: bool, timeout_s: int) -> list[Case]:
    """What calibration sees of the answers to a set of rows.

    Raises:
        RuntimeError: the worker did not end well; the message says how.
    """
    job = {"task": "evidence", "texts": scoring.texts(name, folded=folded)}
    result = worker(Path(sys.executable), "ours.py", job, timeout_s, source=True)
    if reason := result.get("failed"):
        raise RuntimeError(reason)
    return [
        Case(row["id"], chance, tuple(doubts), code == row["ward_code"], told)
        for row, seen in zip(scoring.rows[name], result["found"], strict=True)
        if seen is not None
        for chance, doubts, code, told in [seen]
    ]


def cross_validate(scoring: Scoring, timeout_s: int) -> list[page.Fitted] | str:
    """Calibration as committed, fitted on all rows, and fitted without the rows looked at.

    Fitted on the rows of conversion and of geocoding, looked at on those of conversion.
    """
    cases: list[Case] = []
    split: list[bool | None] = []
    try:
        for name, folded in product(("conversion", "geocoding"), (False, True)):
            some = evidence_of(scoring, name, folded=folded, timeout_s=timeout_s)
            cases += some
            split += [folded if name == "conversion" else None] * len(some)
    except RuntimeError as reason:
        return str(reason)
    for name, weight in calibration.table(cases).items():
        say(f"calibration asks for {name}: {weight:.2f}")
    everything = calibration.predicted(calibration.fitted(cases), cases)
    ways = {
        "the table as committed": [(case.told, case.right) for case in cases],
        "fitted on all of these rows": [
            (float(told), case.right) for told, case in zip(everything, cases, strict=True)
        ],
        f"fitted on {calibration.FOLDS - 1}/{calibration.FOLDS} of the rows, "
        "looked at on the rest": calibration.folds_apart(cases),
    }
    measured = []
    for way, pairs in ways.items():
        for folded in (False, True):
            some = [pair for pair, of in zip(pairs, split, strict=True) if of == folded]
            error, brier = scoring.scorer.calibration(some), scoring.scorer.brier(some)
            measured.append(page.Fitted(way, folded, error, brier, *calibration.sure(some)))
    return measured


# -- told ----------------------------------------------------------------------------------------


def say(line: str) -> None:
    """What is being done."""
    print(line, file=sys.stderr, flush=True)


def machine() -> str:
    """The machine, by its processor, memory and system."""
    model = "processor unnamed"
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{model}, {os.cpu_count()} processors, {memory:.0f} GB, {system}"


def arguments() -> argparse.Namespace:
    """What the command line asks."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--url", help="a service that runs already, with the shared data loaded")
    asked.add_argument("--runs", type=int, default=3, help="how often each speed is measured")
    asked.add_argument("--timeout", type=int, default=300, help="seconds for a peer and a set")
    asked.add_argument("--patience", type=int, default=60, help="seconds to wait for quiet")
    asked.add_argument("--peers", nargs="*", default=list(PEERS), choices=list(PEERS))
    asked.add_argument("--limit", type=int, default=0, help="so many rows of each set (a trial)")
    return asked.parse_args()


def main() -> None:
    """Measure everything, print the page, and write it unless this was a trial."""
    args = arguments()
    if not (SCORER.exists() and (SHARED / "data" / "eval").is_dir()):
        print("skipped: nothing to score, ../shared (rows and scorer) is not here")
        return
    scoring, loads = Scoring(args.limit), []
    python = install_peers() if args.peers else Path(sys.executable)
    programs = [ask_peer(scoring, name, python, args.timeout) for name in args.peers]
    texts = scoring.texts("conversion", folded=False)
    with service(args.url, SHARED / "data", args.runs) as served:
        ours = ask_ours(scoring, served)
        fitted = cross_validate(scoring, args.timeout)
        time_over_http(ours, scoring, served, args, loads)
        for program in (ours, *programs):
            own = Path(sys.executable) if program is ours else python
            time_in_process(program, texts, args, own, loads)
    told = page.Page(
        programs=[ours, *programs],
        versions=PEERS,
        fitted=fitted,
        machine=machine(),
        when=datetime.now(UTC),
        loads=loads,
        load_average=os.getloadavg()[0],
        service_start_s=served.start_s,
        runs=args.runs,
    ).text()
    print(told)
    if not args.limit and args.peers == list(PEERS):
        (HERE / "docs" / "scoreboard.md").write_text(told, "utf-8")
        series = {"full text": ours.pairs[False], "folded": ours.pairs[True]}
        drawing = calibration.drawing(series)
        (HERE / "docs" / "scoreboard-calibration.svg").write_text(drawing, "utf-8")


if __name__ == "__main__":
    try:
        main()
    except NotUp as reason:
        raise SystemExit(f"the service did not come up: {reason}") from None
