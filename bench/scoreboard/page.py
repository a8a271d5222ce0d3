"""The scoreboard as a page: what was measured, beside what was aimed at."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from scoreboard import calibration
from scoreboard.program import Line, Program

FIGURE = re.compile(r"(?:^|· )(?:n=\d+ )?([^·]*?) ?(-|inf|[\d.]+)%?(?: m)?(?= ·|$)")
SIZE = re.compile(r"^n=(\d+)")


class Fitted(NamedTuple):
    """How good a calibration is on rows of one form."""

    way: str
    folded: bool
    error: float
    brier: str
    answered: float
    right: float


def read_line(line: str) -> tuple[str, Line]:
    """`conversion/all: n=9 ward top-1 88.9% · among candidates 100.0%`, taken apart."""
    what, _, told = line.partition(": ")
    size = SIZE.match(told)
    figures = {name: None if figure == "-" else float(figure) for name, figure in _pairs(told)}
    return what, Line(int(size[1]) if size else 0, figures)


def _pairs(told: str) -> Iterator[tuple[str, str]]:
    for found in FIGURE.finditer(told):
        yield found[1], found[2]


# what, the set, the scorer's line, its figure, the aim
ROWS: tuple[tuple[str, str, str, str, str], ...] = (
    ("noisy text → province, district and ward", "parsing", "parsing", "all three", "≥ 92"),
    ("— blank labels taken strictly", "parsing", "parsing", "blank labels taken strictly", ""),
    ("old or mixed text → ward of today", "conversion", "conversion/all", "ward top-1", "≥ 86"),
    ("— old ward moved whole", "conversion", "conversion/whole", "ward top-1", "≥ 97"),
    ("— old ward split", "conversion", "conversion/split", "ward top-1", "≥ 80"),
    ("— already in the new form", "conversion", "conversion/new form", "ward top-1", "≥ 98"),
    (
        "— chain incomplete, or a ward gone before 2025",
        "conversion",
        "conversion/incomplete or former",
        "ward top-1",
        "≥ 60",
    ),
    (
        "— text and point disagree",
        "conversion",
        "conversion/text and point disagree",
        "ward top-1",
        "",
    ),
    ("— Hà Nội", "conversion", "conversion/Hà Nội", "ward top-1", ""),
    ("— Hồ Chí Minh", "conversion", "conversion/Hồ Chí Minh", "ward top-1", ""),
    ("among six candidates", "conversion", "conversion/all", "among candidates", "≥ 93"),
    ("— old ward split", "conversion", "conversion/split", "among candidates", "≥ 98"),
    ("new form with noise → ward", "noisy_new", "noisy_new", "ward top-1", "≥ 92"),
    ("house and street in Hanoi: right ward", "geocoding", "geocoding", "right ward", "≥ 90"),
    ("— within 100 m", "geocoding", "geocoding", "<=100 m", "≥ 40"),
    ("— within 250 m", "geocoding", "geocoding", "<=250 m", "≥ 68"),
    ("— within 1 km", "geocoding", "geocoding", "<=1 km", "≥ 94"),
    ("— median, metres", "geocoding", "geocoding", "median", "< 150"),
    (
        "— truth within twice the error stated",
        "geocoding",
        "geocoding/expected error honest (truth within 2x expected)",
        "",
        "≥ 90",
    ),
)


@dataclass(frozen=True)
class Page:
    """Everything that the page tells."""

    programs: Sequence[Program]
    versions: dict[str, str]
    fitted: Sequence[Fitted] | str
    machine: str
    when: datetime
    loads: Sequence[float]
    load_average: float
    service_start_s: Sequence[float]
    runs: int

    def text(self) -> str:
        """The page in Markdown."""
        parts = (
            self._head(),
            self._accuracy(),
            self._calibration(),
            self._fitted(),
            self._speed(),
            self._notes(),
        )
        return "\n\n".join("\n".join(part) for part in parts) + "\n"

    def _head(self) -> Iterator[str]:
        yield "# Scoreboard"
        yield ""
        yield (
            f"Written by `make score` ({self.when:%Y-%m-%d %H:%M} UTC) on {self.machine}. "
            "All programs answered the same development rows (`../shared/data/eval`) in one run; "
            "the figures come out of the functions of `../shared/eval/score.py`. Each cell: "
            "**full text / folded** (no diacritics, no commas, lower case)."
        )

    def _accuracy(self) -> Iterator[str]:
        yield "## Accuracy, %"
        yield ""
        yield from self._header("rows", "aim")
        for what, name, line, figure, aim in ROWS:
            cells = [self._cell(program, name, line, figure) for program in self.programs]
            yield _row(what, self._n(name, line), aim, *cells)
        yield _row("folded: points below the full text", "", "≤ 2", *map(_lost, self.programs))

    def _header(self, *columns: str) -> Iterator[str]:
        names = [f"{p.name} {self.versions.get(p.name, '')}".strip() for p in self.programs]
        yield _row("", *columns, *names)
        yield _row("---", *("---:" for _ in (*columns, *names)))

    def _n(self, name: str, line: str) -> str:
        told = self.programs[0].told.get((name, False), {}).get(line)
        return str(told.n) if told and told.n else ""

    def _cell(self, program: Program, name: str, line: str, figure: str) -> str:
        told = [_figure(program, name, line, figure, folded=folded) for folded in (False, True)]
        return told[0] if told[0] == told[1] and not told[0][:1].isdigit() else " / ".join(told)

    def _calibration(self) -> Iterator[str]:
        yield "## A probability that means something"
        yield ""
        yield "![confidence against the share right](scoreboard-calibration.svg)"
        yield ""
        yield from self._header("aim")
        for what, aim, measure in (
            ("calibration error (ECE, ten bins)", "≤ 0.05", "error"),
            ("answered at ≥ 0.9, %", "≥ 60", "answered"),
            ("of those right, %", "≥ 95", "right"),
        ):
            yield _row(what, aim, *(_confidence(program, measure) for program in self.programs))

    def _fitted(self) -> Iterator[str]:
        yield "### Does the calibration hold on rows that it was not fitted on?"
        yield ""
        if isinstance(self.fitted, str):
            yield f"Not measured: {self.fitted}"
            return
        yield (
            "The calibration table alone is fitted anew, full and folded text of a row together in "
            f"one of {calibration.FOLDS} folds (by a hash of the row's id). The weights of the "
            "evidence are not: they were set by hand and moved on one half of these rows, the "
            "other half looked on (decision 0011)."
        )
        yield ""
        yield _row("conversion rows", "text", "ECE", "Brier", "at ≥ 0.9, %", "of those right, %")
        yield _row("---", "---", "---:", "---:", "---:", "---:")
        for one in self.fitted:
            shares = (f"{100 * share:.1f}" for share in (one.answered, one.right))
            form = "folded" if one.folded else "full"
            yield _row(one.way, form, f"{one.error:.3f}", one.brier, *shares)

    def _speed(self) -> Iterator[str]:
        yield "## Speed and memory"
        yield ""
        yield (
            f"Best of {self.runs} runs (least to most), each in a fresh process of one thread, "
            "warmed by one address; texts: the conversion rows, in full, one answer to each. The "
            "rate is that of the second half of the texts: new ones, to a process that is up and "
            "has its streets prepared, as the service does beside its first answers. "
            "diachiso is compiled (`make compiled`). Just before the runs, "
            f"other work held {min(self.loads):.1f} to {max(self.loads):.1f} of the machine's "
            f"processors (mean {sum(self.loads) / len(self.loads):.1f}); load average at the end "
            f"{self.load_average:.1f}. On a busy machine the figures by processor time are the "
            "ones to compare; they leave out what PostgreSQL does for diachiso."
        )
        yield ""
        yield from self._header()
        for what, measure in (
            ("text → ward of today, addresses/s in process (aim ≥ 3,000)", "convert"),
            ("— per second of processor time that the process got", "convert, cpu"),
            ("— the first half, nothing asked before", "convert, first"),
            ("— the same before any street is prepared", "cold, first"),
            ("— all of them a second time", "convert, again"),
            ("— new texts, without `make compiled`", "source"),
            ("— without it, the first half", "source, first"),
            ("— without it, all a second time", "source, again"),
            ("text → parts (`parse`), addresses/s in process", "parse"),
            ("— per second of processor time", "parse, cpu"),
            ("over HTTP by batches of 500, addresses/s", "batch"),
            ("over HTTP one at a time, requests/s", "singly"),
        ):
            yield _row(what, *(_rates(program, measure) for program in self.programs))
        yield _row("— p50 / p95 / p99, ms", *map(_cuts, self.programs))
        yield _row(
            "start to first answer in process, s",
            *(_spread(program.start_s, "{:.1f}", best=min) for program in self.programs),
        )
        yield _row(
            "— and until its streets are prepared, s",
            *(_spread(program.warm_s, "{:.1f}", best=min) for program in self.programs),
        )
        yield _row(
            "peak memory of that process, MB", *(_memory(p, "process") for p in self.programs)
        )
        yield _row(
            "peak memory of the service, MB", *(_memory(p, "service") for p in self.programs)
        )
        yield _row("its PostgreSQL, MB", *(_memory(p, "PostgreSQL") for p in self.programs))
        service = _spread(self.service_start_s, "{:.1f}", best=min)
        yield _row(
            "start of the service (the most: loading, if it had to), s",
            service,
            *("" for _ in self.programs[1:]),
        )

    def _notes(self) -> Iterator[str]:
        yield "## How it was run"
        yield ""
        yield (
            "`make score` starts `DIACHISO_DATA=../shared/data .venv/bin/diachiso up` on a free "
            "port (or uses `--url`), asks it as the scorer does, and runs each peer with "
            "`bench/peers.txt` installed in `.diachiso/peers`, a process for every set. In "
            "process: `bench/scoreboard/ours.py` and `peer.py`."
        )
        yield ""
        yield (
            "- vietnamadminunits: `convert_address`; `parse_address` LEGACY for parsing and "
            "FROM_2025 for new-form noise. For split wards it asks a public geocoding service; "
            "that call is cut off here (no text leaves the machine), so it gives its default "
            "ward. Its points are the published middles of wards."
        )
        yield (
            "- vietnam-address-converter: `auto_convert_address` (the first of several successors "
            "is its guess, all are its candidates); `parse_address_text` for parsing. Its "
            "confidence is a score by kind of match."
        )
        yield (
            "- vn-address-converter: `convert_to_new_address`, `parse_address`. It raises where it "
            "finds nothing; such rows count as unanswered."
        )
        for program in self.programs:
            for (name, folded), count in program.faults.items():
                if count:
                    form = "folded" if folded else "full"
                    yield f"- {program.name} raised on {count} rows of {name}, {form}."
            for (name, _), reason in program.failed.items():
                yield f"- {program.name} failed, {name}: {reason}."


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _figure(program: Program, name: str, line: str, figure: str, *, folded: bool) -> str:
    if (name, folded) in program.failed:
        return "failed"
    told = program.told.get((name, folded), {}).get(line)
    if told is None or not told.figures:
        return "–"
    if name == "geocoding" and figure != "right ward" and told.figures.get("answered") == 0:
        return "no point"
    value = told.figures.get(figure)
    if value is None or value == float("inf"):
        return "–"
    return f"{value:.0f}" if figure == "median" else f"{value:.1f}"


def _lost(program: Program) -> str:
    lines = [program.told.get(("conversion", folded), {}) for folded in (False, True)]
    full, folded = (told.get("conversion/all") for told in lines)
    if full is None or folded is None:
        return "–"
    return f"{(full.figures['ward top-1'] or 0) - (folded.figures['ward top-1'] or 0):.1f}"


def _confidence(program: Program, measure: str) -> str:
    if not program.pairs:
        return "gives none"
    told = []
    for pairs in (program.pairs.get(False), program.pairs.get(True)):
        if not pairs:
            told.append("–")
        elif measure == "error":
            told.append(f"{calibration.error(pairs):.3f}")
        else:
            told.append(f"{100 * calibration.sure(pairs)[measure == 'right']:.1f}")
    return " / ".join(told)


def _rates(program: Program, measure: str) -> str:
    return _spread(program.speed.get(measure, ()), "{:,.0f}", best=max)


def _spread(values: Sequence[float], form: str, *, best: Callable[[Sequence[float]], float]) -> str:
    if not values:
        return "–"
    told = (form.format(value) for value in (best(values), min(values), max(values)))
    return "{} ({}–{})".format(*told)


def _cuts(program: Program) -> str:
    found = [program.speed.get(cut) for cut in ("p50", "p95", "p99")]
    return " / ".join(f"{min(values):.1f}" for values in found if values) or "–"


def _memory(program: Program, what: str) -> str:
    return f"{program.memory[what]:.0f}" if what in program.memory else "–"
