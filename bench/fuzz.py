"""Looks for a slow input: a million strings through `geocode` and `parse`, some of them mad.

usage: python bench/fuzz.py [N] [--start INDEX] [--seed SEED] [--limit-ms 250] [--again INDEX]

Every string is made from the seed and its index alone; `--again INDEX` takes one a second time and
tells where its time goes. What is printed names the kind of a string, its index and its length,
never the text: some are made of evaluation rows, which are read when this runs and kept nowhere.
Stopped by Ctrl-C (or SIGTERM) it tells of those tried so far, and exits with 1.
Exits with 1 where anything but an answer or an error of ours came out, or something was slow.
"""

import argparse
import cProfile
import csv
import gc
import os
import platform
import resource
import signal
import sys
import time
import unicodedata
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from html import escape
from itertools import cycle, islice
from multiprocessing import get_context
from random import Random
from statistics import fmean
from typing import NamedTuple

from town import HERE, SHARED, town

from diachiso.address.errors import DiachisoError
from diachiso.address.name import fold
from diachiso.geocode.gazetteer import Gazetteer, MemoryGazetteer
from diachiso.geocode.kinds import KIND_WORDS
from diachiso.geocode.query import Query
from diachiso.geocode.search import geocode, parse
from diachiso.geocode.vocabulary import UnitVocabulary
from diachiso.store.facts import read_aliases, read_facts

TODAY = date(2026, 11, 22)
IN_ALL, CHUNK, PROCESSES = 1_000_000, 250, 2
LIMIT_MS = 250
DOUBTFUL_S = 0.1
"""What takes longer is tried again."""
GIVE_UP_S = 60
"""Seconds by the clock after which a string is taken to be endless (a timer of processor time would
make that clock coarse)."""
MOST = 10_000
"""Characters that the service takes in one query."""
MOST_TOLD = 40
TOLD_EVERY = 10_000
LONGEST_ROWS = 300
WORST_OF_ALL = 8
ROW_COLUMNS = ("old_address", "address", "text")

SEPARATORS = ("", " ", ",", ", ", ".", "-", " - ", "/", ";", "\n", "|", "\t", "  ", " , ", "·")
VOWELS = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵ"
CONSONANTS = "bcdđghklmnpqrstvx"
VIETNAMESE = VOWELS + CONSONANTS + VOWELS.upper() + CONSONANTS.upper()
BRACKETS = "([{<«“„‹（【〔‘"
MARKS = "\u0300\u0301\u0303\u0309\u0323\u0302\u0306\u031b\u20dd\u0489"
SWELLING = (
    "\ufdfa\ufdfb\u3300\u33ff\u2a74\u321d\u1d160\ufb2c\u0390\u1f82\ufb03½㎢㍿ﷲ\uff01\uff21\u3000"
)
SWELLING_ENTITIES = ("&ngeqq;", "&#xfdfa;", "&amp;", "&NotEqualTilde;", "&#769;", "&nbsp;", "&#x")
ZERO_WIDTH = "\u200b\u200c\u200d\u200e\u2060\ufeff\u00ad\u202e"
LEGACY = "".join(map(chr, range(0xA1, 0x100)))
TELEX = "aeiouydwsfrxjz0123456789 "
BAIT = (
    *("vn ", "viet nam, ", "vn.,;", " " * 9, "00000 ", "0 ", "84 ", "+84.", "0. ", "goi ", "(goi "),
    *("(gan (cho ", "giao giao ", "note:", ", ghi chu", "sdt:", "tel 0", "1/", "1-", "12A", "A1.2"),
    *(
        "ngo ",
        "ngach 3 ",
        "hem 1/2 ",
        "kiet 4/5 ",
        "lo ",
        "km 5+",
        "tang 3 ",
        "can ho ",
        "so ",
        "bis ",
    ),
    *(
        "P",
        "P.1",
        "F7",
        "Q1",
        "TP",
        "TT",
        "to 5 ",
        "kp 3 ",
        "thon 2 ",
        "xom ",
        "duong ",
        "pho ",
        "d. ",
    ),
    *(
        "quan ",
        "phuong 1 ",
        "xa ",
        "thi ",
        "tran ",
        "tinh ",
        "1",
        "a1",
        "1a",
        "&amp;",
        "&#",
        "--",
        "::",
    ),
)
NUMBER_PIECES = (
    *("/", " / ", "-", " - ", ".", ",", " ", "+", "4", "12", "a", "h", "ab", "p4", "4h", "4h2"),
    *("bis", "ter", "xuyet ", "sec", "so ", "so", "ngo ", "hem", "km", "lo ", "can ", "tang "),
)
NUMBER_WORDS = ("ngõ", "ngách", "hẻm", "kiệt", "số", "ng.", "ngh", "h", "lô", "tầng", "căn", "km")


class Matter(NamedTuple):
    """What strings are made of: real rows, names of units and streets, abbreviations."""

    rows: tuple[str, ...]
    longest: tuple[str, ...]
    units: tuple[str, ...]
    streets: tuple[str, ...]
    abbreviations: tuple[str, ...]


def matter_of(gazetteer: Gazetteer) -> Matter:
    """The names of the gazetteer, and the evaluation rows where they are."""
    namings = [naming for unit in gazetteer.units.divisions for naming in unit.namings]
    units = tuple(dict.fromkeys(n for one in namings for n in (one.full_name, one.name)))
    streets = {s.name: None for key in gazetteer.streets for s in gazetteer.streets.get(key)}
    rows = tuple(_evaluation_rows()) or _rows_of(units)
    longest = tuple(sorted(rows, key=len, reverse=True)[:LONGEST_ROWS])
    return Matter(rows, longest, units, tuple(streets) or units, tuple(_abbreviations()))


def _evaluation_rows() -> Iterator[str]:
    for file in sorted((SHARED / "eval").glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                yield from (row[name] for name in ROW_COLUMNS if row.get(name))


def _rows_of(units: tuple[str, ...]) -> tuple[str, ...]:
    """Something like rows, where no evaluation rows are here."""
    return tuple(f"{n % 400} Đường số {n % 30}, {name}" for n, name in enumerate(units))


def _abbreviations() -> Iterator[str]:
    """Every other writing of data/aliases but units' names, and every word for a kind of unit."""
    with (HERE / "data" / "aliases" / "aliases.csv").open(encoding="utf-8", newline="") as lines:
        yield from dict.fromkeys(row["written"] for row in csv.DictReader(lines))
    yield from KIND_WORDS


# -- the strings ---------------------------------------------------------------------------------

Maker = Callable[[Random, Matter], str]


def random_unicode(rng: Random, _: Matter) -> str:
    """Any code points, lone surrogates too."""
    top = rng.choice((0x80, 0x250, 0x1F00, 0xFFFF, 0x10FFFF))
    return "".join(map(chr, (rng.randint(0, top) for _ in range(rng.randint(0, 400)))))


def random_letters(rng: Random, _: Matter) -> str:
    """Vietnamese letters, spaces and digits that mean nothing."""
    return "".join(rng.choices(VIETNAMESE + "  ,.12", k=rng.randint(1, 300)))


def ten_thousand(rng: Random, matter: Matter) -> str:
    """As long as the service allows, of one piece or of many."""
    pieces = [one(rng, matter) or "?" for one in rng.sample(SHORT_MAKERS, 2)]
    pieces += rng.choices(VIETNAMESE + MARKS + ZERO_WIDTH + "0 ,/(", k=rng.randint(0, 3))
    return "".join(islice(cycle("".join(pieces)), MOST))


def unclosed_brackets(rng: Random, matter: Matter) -> str:
    """Five hundred brackets that nobody closes, bare or with words between them."""
    inside = rng.choice(("", " ", "gần ", "1", rng.choice(matter.units), rng.choice(matter.rows)))
    kinds = rng.choice((BRACKETS, "(", "[", "(gọi "))
    return "".join(rng.choice(kinds) + inside for _ in range(500))[:MOST]


def abbreviations(rng: Random, matter: Matter) -> str:
    """An abbreviation again and again, or many of them."""
    some = rng.sample(matter.abbreviations, rng.choice((1, 1, 2, 3, 40)))
    glue = rng.choice(SEPARATORS)
    return glue.join(islice(cycle(some), rng.choice((2, 10, 80, 500))))[:MOST]


def number_paths(rng: Random, matter: Matter) -> str:
    """Endless house numbers and alleys, perhaps before a street."""
    words = rng.choice(((), NUMBER_WORDS, NUMBER_WORDS[:1]))
    glue = rng.choice(("/", " ", "-", ".", ", ", ""))
    steps = []
    for _ in range(rng.choice((3, 8, 40, 300, 2000))):
        number = str(rng.choice((1, rng.randrange(10**2), rng.randrange(10**9))))
        letter = rng.choice(("", "", "A", "bis", "Đ"))
        steps.append(f"{rng.choice(words)} {number}{letter}" if words else number + letter)
    street = rng.choice((*matter.streets[:3], rng.choice(matter.streets), ""))
    return f"{glue.join(steps)} {street}"[:MOST]


def number_pieces(rng: Random, _: Matter) -> str:
    """Pieces of a number again and again, then what does not follow: read in two ways, no end."""
    again = "".join(rng.choices(NUMBER_PIECES, k=rng.randint(1, 5)))
    begun = "".join(rng.choices(NUMBER_PIECES, k=rng.randint(0, 3)))
    ended = rng.choice((*NUMBER_PIECES, "", "!", "x", "\x01"))
    return begun + again * rng.choice((20, 40, 200)) + ended


def longest_doubled(rng: Random, matter: Matter) -> str:
    """The longest real rows, twice or more often."""
    row = rng.choice(matter.longest)
    return rng.choice(SEPARATORS).join([row] * rng.choice((2, 2, 2, 3, 8)))


def mutated(rng: Random, matter: Matter) -> str:
    """A real row with its letters, marks or separators disturbed."""
    text = rng.choice(matter.rows)
    for change in rng.choices(CHANGES, k=rng.randint(1, 4)):
        text = change(rng, text)
    return text


def mixtures(rng: Random, matter: Matter) -> str:
    """Fields of several real rows and names, in any order."""
    fields = [
        piece for row in rng.choices(matter.rows, k=rng.randint(2, 6)) for piece in row.split(",")
    ]
    fields += rng.choices(matter.units, k=rng.randint(0, 4))
    fields += rng.choices(matter.streets, k=rng.randint(0, 3))
    rng.shuffle(fields)
    return rng.choice(SEPARATORS).join(fields)[:MOST]


def unit_names(rng: Random, matter: Matter) -> str:
    """Names of units in a row: many readings at once."""
    names = rng.choices(matter.units, k=rng.choice((3, 10, 30, 100)))
    text = rng.choice(SEPARATORS).join(names)
    return rng.choice((str, fold, str.upper, str.lower))(text)[:MOST]


def one_name_again(rng: Random, matter: Matter) -> str:
    """One name many times: every mention agrees with every other."""
    name = rng.choice(matter.units)
    if rng.random() < 1 / 2:
        name = _edited(rng, name)
    return rng.choice(SEPARATORS).join([name] * rng.choice((3, 12, 72, 400)))[:MOST]


def glued(rng: Random, matter: Matter) -> str:
    """Names with no space between them, for the cutter of syllables."""
    text = "".join(rng.choices(matter.units, k=rng.choice((2, 6, 30)))).replace(" ", "")
    return rng.choice((text.lower(), text, fold(text).replace(" ", "")))


def street_names(rng: Random, matter: Matter) -> str:
    """Numbers and streets in a row, spelt right or nearly."""
    names = rng.choices(matter.streets, k=rng.choice((1, 2, 5, 25)))
    names = [_edited(rng, name) if rng.random() < 1 / 3 else name for name in names]
    return rng.choice(SEPARATORS).join(f"{rng.randrange(999)} {name}" for name in names)


def swelling(rng: Random, matter: Matter) -> str:
    """Characters that become many when they are normalised."""
    text = "".join(rng.choices(SWELLING, k=rng.choice((10, 200, 1000))))
    text += "".join(rng.choices(SWELLING_ENTITIES, k=rng.randint(0, 100)))
    return text + rng.choice(matter.rows)


def accents(rng: Random, matter: Matter) -> str:
    """Heaps of combining marks on few letters."""
    letters = rng.choice(matter.rows)[: rng.randint(1, 80)]
    most = rng.choice((2, 20, 200))
    return "".join(c + "".join(rng.choices(MARKS, k=rng.randint(0, most))) for c in letters)[:MOST]


def legacy_fonts(rng: Random, matter: Matter) -> str:
    """What looks like TCVN3, VNI-Windows, or the keys of Telex and VNI."""
    letters = rng.choice((LEGACY, LEGACY + TELEX, TELEX, TELEX[:9] + " "))
    text = "".join(rng.choices(letters, k=rng.choice((20, 150, 1000))))
    return text + rng.choice(("", rng.choice(matter.rows)))


def regex_bait(rng: Random, matter: Matter) -> str:
    """Beginnings of what the normaliser looks for, again and again."""
    some = rng.sample(BAIT, rng.randint(1, 4))
    text = "".join(islice(cycle(some), rng.choice((5, 60, 600, 3000))))
    return (text + rng.choice(("", "!", "0", "x", rng.choice(matter.rows))))[:MOST]


def _edited(rng: Random, text: str) -> str:
    at = rng.randint(0, len(text))
    new = rng.choice(VIETNAMESE + "0 ,.")
    return rng.choice(
        (
            text[:at] + new + text[at:],
            text[:at] + text[at + 1 :],
            text[:at] + new + text[at + 1 :],
            text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :],
        )
    )


def _without_spaces(rng: Random, text: str) -> str:
    return text.replace(rng.choice((" ", ",", ", ")), rng.choice(("", " ", ".", ",,")))


def _hidden(rng: Random, text: str) -> str:
    return rng.choice(ZERO_WIDTH).join(text)


def _cut(rng: Random, text: str) -> str:
    return text[rng.randint(0, len(text)) :] + text[: rng.randint(0, len(text))]


CHANGES: tuple[Callable[[Random, str], str], ...] = (
    *([_edited] * 6),
    _without_spaces,
    _hidden,
    _cut,
    lambda _, text: fold(text),
    lambda _, text: text.upper(),
    lambda _, text: unicodedata.normalize("NFD", text),
    lambda _, text: escape(text).replace("ư", "&#432;").replace("à", "&agrave;"),
    lambda _, text: " ".join(text),
)
SHORT_MAKERS: list[Maker] = [random_unicode, random_letters, mutated, regex_bait, street_names]
MAKERS: dict[Maker, int] = {
    random_unicode: 10,
    random_letters: 10,
    ten_thousand: 5,
    unclosed_brackets: 3,
    abbreviations: 8,
    number_paths: 6,
    number_pieces: 6,
    longest_doubled: 6,
    mutated: 24,
    mixtures: 8,
    unit_names: 4,
    one_name_again: 4,
    glued: 4,
    street_names: 4,
    swelling: 2,
    accents: 2,
    legacy_fonts: 4,
    regex_bait: 6,
}
"""How often each kind comes, of all of them together."""


def string_of(seed: int, index: int, matter: Matter) -> tuple[str, str]:
    """The kind of the string with this index, and the string."""
    rng = Random(f"{seed}/{index}")  # noqa: S311 (strings to try, not secrets)
    maker = rng.choices(list(MAKERS), list(MAKERS.values()))[0]
    return maker.__name__.strip("_").replace("_", " "), maker(rng, matter)


# -- the measurement -----------------------------------------------------------------------------


class Tried(NamedTuple):
    """One string: its kind and length, the seconds of both calls, and what went wrong.

    `at_first_s` is what a string took that was tried again because it took long.
    """

    index: int
    kind: str
    length: int
    geocode_s: float
    parse_s: float
    answered: bool
    wrong: str | None
    at_first_s: float = 0.0

    @property
    def worst_s(self) -> float:
        """The slower of the two calls."""
        return max(self.geocode_s, self.parse_s)


class Chunk(NamedTuple):
    """What a process brings back: the strings tried, and the most memory it ever held."""

    tried: list[Tried]
    memory_mb: float


class EndlessError(Exception):
    """A string takes so long that nobody waits for its end."""


def _give_up(*_: object) -> None:
    raise EndlessError


class Bench:
    """The gazetteer and the matter, made once and inherited by the processes."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.gazetteer: Gazetteer = town() or units_alone()
        self.matter = matter_of(self.gazetteer)
        signal.signal(signal.SIGALRM, _give_up)

    def chunk(self, start: int, end: int) -> Chunk:
        """Try some strings."""
        return Chunk([self.one(index) for index in range(start, end)], memory_mb())

    def one(self, index: int) -> Tried:
        """Try one string, and a slow one twice more: the least is what the string itself takes.

        Even processor time has hiccups where other work holds the cores: 271 ms for one of 11.
        """
        tried = self._once(index)
        if tried.worst_s < DOUBTFUL_S:
            return tried
        least = min((tried, self._once(index), self._once(index)), key=lambda one: one.worst_s)
        return least._replace(at_first_s=tried.worst_s)

    def _once(self, index: int) -> Tried:
        kind, text = string_of(self.seed, index, self.matter)
        geocode_s, answers, wrong = timed(lambda: geocode(Query(text, TODAY), self.gazetteer))
        parse_s, _, also_wrong = timed(lambda: parse(text, self.gazetteer))
        return Tried(index, kind, len(text), geocode_s, parse_s, bool(answers), wrong or also_wrong)

    def profile(self, index: int) -> None:
        """Where the time of one string goes."""
        kind, text = string_of(self.seed, index, self.matter)
        print(f"{kind}, {len(text)} characters: {self.one(index)}")
        with cProfile.Profile() as profile:
            timed(lambda: geocode(Query(text, TODAY), self.gazetteer))
            timed(lambda: parse(text, self.gazetteer))
        profile.print_stats("cumulative")


def timed(call: Callable[[], object]) -> tuple[float, object, str | None]:
    """Seconds, the outcome, and the name of an error that is not ours."""
    outcome, wrong = None, None
    started = time.process_time()
    signal.setitimer(signal.ITIMER_REAL, GIVE_UP_S)
    try:
        outcome = call()
    except DiachisoError:
        pass
    except Exception as error:  # noqa: BLE001 (finding these is what a fuzzer is for)
        wrong = f"{type(error).__name__} at {_where(error)}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return time.process_time() - started, outcome, wrong


def _where(error: Exception) -> str:
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    if step is None:
        return "?"
    code = step.tb_frame.f_code
    return f"{os.path.basename(code.co_filename)}:{step.tb_lineno} {code.co_name}"  # noqa: PTH119


def units_alone() -> MemoryGazetteer:
    """The units of the country without a street."""
    facts = read_facts(HERE / "data")
    return MemoryGazetteer(
        UnitVocabulary.of(facts.divisions, facts.lineage, read_aliases(HERE / "data"))
    )


def memory_mb() -> float:
    """The most memory that this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# -- the report ----------------------------------------------------------------------------------


@dataclass
class Report:
    """Figures as they come in."""

    limit_s: float
    geocode_s: array = field(default_factory=lambda: array("d"))
    parse_s: array = field(default_factory=lambda: array("d"))
    by_kind: dict[str, array] = field(default_factory=dict)
    worst: list[Tried] = field(default_factory=list)
    wrong: Counter[str] = field(default_factory=Counter)
    answered: int = 0
    slow: int = 0
    at_first_s: list[float] = field(default_factory=list)
    memory_mb: float = 0.0

    def take(self, chunk: Chunk) -> None:
        """Add what a process brought, and tell at once what is slow or wrong."""
        self.memory_mb = max(self.memory_mb, chunk.memory_mb)
        for tried in chunk.tried:
            self.geocode_s.append(tried.geocode_s)
            self.parse_s.append(tried.parse_s)
            self.by_kind.setdefault(tried.kind, array("d")).append(tried.worst_s)
            self.answered += tried.answered
            if tried.at_first_s:
                self.at_first_s.append(tried.at_first_s)
            self._look_at(tried)
        self.worst = sorted([*self.worst, *chunk.tried], key=lambda t: -t.worst_s)[:WORST_OF_ALL]

    def _look_at(self, tried: Tried) -> None:
        if tried.wrong:
            self.wrong[tried.wrong] += 1
            if self.wrong[tried.wrong] <= 3:  # noqa: PLR2004 (a few are enough to find the rest)
                print(f"WRONG {tried.wrong} · {_told(tried)}", flush=True)
        if tried.worst_s > self.limit_s:
            self.slow += 1
            if self.slow <= MOST_TOLD:
                print(f"SLOW {_told(tried)}", flush=True)

    def lines(self) -> Iterator[str]:
        """The whole report."""
        n = len(self.geocode_s)
        for name, seconds in (("geocode", self.geocode_s), ("parse", self.parse_s)):
            yield f"{name}: {_spread(seconds)}"
        for kind, seconds in sorted(self.by_kind.items(), key=lambda pair: -max(pair[1])):
            yield f"  {kind}: n={len(seconds):,} · {_spread(seconds)}"
        yield "the worst: " + " | ".join(map(_told, self.worst))
        yield f"answered {self.answered / n:.1%} · errors not ours: {sum(self.wrong.values())}"
        yield f"over {self.limit_s * 1000:.0f} ms: {self.slow}"
        longest = max(self.at_first_s, default=0.0) * 1000
        yield f"tried again: {len(self.at_first_s)}, the longest at first {longest:.0f} ms"


def _told(tried: Tried) -> str:
    return (
        f"{tried.kind}, index {tried.index}, {tried.length} characters:"
        f" geocode {tried.geocode_s * 1000:.0f} ms, parse {tried.parse_s * 1000:.0f} ms"
    )


def _spread(seconds: Iterable[float]) -> str:
    ranked = sorted(seconds)
    p50, p99, p9999 = (ranked[int(len(ranked) * share)] for share in (0.5, 0.99, 0.9999))
    return (
        f"mean {fmean(ranked) * 1000:.2f} ms · p50 {p50 * 1000:.2f} · p99 {p99 * 1000:.1f}"
        f" · p99.99 {p9999 * 1000:.1f} · worst {ranked[-1] * 1000:.1f} ms"
    )


def main() -> int:
    """Try them all on every core, and print what came out."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("n", nargs="?", type=int, default=IN_ALL)
    arguments.add_argument(
        "--start", type=int, default=0, metavar="INDEX", help="the first of them"
    )
    arguments.add_argument("--seed", type=int, default=20250701)
    arguments.add_argument("--limit-ms", type=float, default=LIMIT_MS)
    arguments.add_argument("--again", type=int, metavar="INDEX")
    asked = arguments.parse_args()
    bench = Bench(asked.seed)
    gc.collect()
    gc.freeze()
    if asked.again is not None:
        bench.profile(asked.again)
        return 0
    report = Report(asked.limit_ms / 1000)
    before, started = memory_mb(), time.perf_counter()
    end = asked.start + asked.n
    spans = [(one, min(one + CHUNK, end)) for one in range(asked.start, end, CHUNK)]
    with get_context("fork").Pool(PROCESSES, initializer=_inherit, initargs=(bench,)) as pool:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with suppress(KeyboardInterrupt):
            for chunk in pool.imap_unordered(_chunk, spans):
                report.take(chunk)
                if not len(report.parse_s) % TOLD_EVERY:
                    print(
                        f"{len(report.parse_s):,} tried, the worst: {_told(report.worst[0])}",
                        flush=True,
                    )
    took, tried = time.perf_counter() - started, len(report.parse_s)
    short = "" if tried == asked.n else f" of {asked.n:,} (STOPPED)"
    print(f"{tried:,} strings{short} from {asked.start:,}, seed {asked.seed}, {took:.0f} s")
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"{os.cpu_count()} cores, {platform.machine()}, load average {load}; processor time")
    print("\n".join(report.lines()))
    print(
        f"memory: {before:.0f} MB to load, a process that tries {report.memory_mb:.0f} MB at most"
    )
    return 1 if report.wrong or report.slow or short else 0


INHERITED: list[Bench] = []


def _inherit(bench: Bench) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process tells what came out
    INHERITED.append(bench)


def _chunk(span: tuple[int, int]) -> Chunk:
    return INHERITED[0].chunk(*span)


if __name__ == "__main__":
    sys.exit(main())
