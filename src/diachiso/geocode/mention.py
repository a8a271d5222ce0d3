"""A stretch of words read as a unit, with the evidence of how it is written and where it stands."""

from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from diachiso.address.division import Kind, Level
from diachiso.geocode import score
from diachiso.geocode.kinds import KindWord
from diachiso.geocode.score import Evidence
from diachiso.geocode.vocabulary import Entry, Unit

BRIEF = 2
"""Names of so few letters say little without a kind."""
CUT_SHORT = 9
"""In place of the number of wrong letters: only the beginning of the name is written."""
SLIPS = {1: score.MISSPELT, 2: score.BADLY_MISSPELT, CUT_SHORT: score.CUT_SHORT}
LEVEL_OF_KIND: dict[Kind, frozenset[Level]] = {
    Kind.TINH: frozenset({Level.PROVINCE}),
    Kind.THANH_PHO: frozenset({Level.PROVINCE, Level.DISTRICT}),
    Kind.QUAN: frozenset({Level.DISTRICT}),
    Kind.HUYEN: frozenset({Level.DISTRICT}),
    Kind.THI_XA: frozenset({Level.DISTRICT}),
    Kind.PHUONG: frozenset({Level.WARD}),
    Kind.XA: frozenset({Level.WARD}),
    Kind.THI_TRAN: frozenset({Level.WARD}),
    Kind.DAC_KHU: frozenset({Level.WARD}),
}


class Span(NamedTuple):
    """A stretch of words that may be a name.

    `head` is where its kind begins (`start` if no kind is written), `tail` where a kind written
    after it ends. `place` is the evidence of where it stands, `slips` how many letters are wrong.
    """

    head: int
    start: int
    end: int
    tail: int
    key: str
    toned: str
    entries: tuple[Entry, ...]
    kind: KindWord | None
    slips: int
    place: tuple[Evidence, ...]


class Mention(NamedTuple):
    """A span read as one unit, with the evidence of its name and place."""

    unit: Unit
    span: Span
    evidence: tuple[Evidence, ...]
    weight: float


def read_as(span: Span, entry: Entry) -> Mention:
    """A span read as one unit."""
    evidence = [score.NAME_FOUND, *span.place]
    unit = entry.unit
    level = unit.key.level
    if level is not Level.WARD:
        evidence.append(score.PROVINCE_NAME if level is Level.PROVINCE else score.DISTRICT_NAME)
    if span.slips:
        _judge_slips(span, entry, evidence)
    elif span.toned != span.key:
        _judge_marks(span, entry, evidence)
    if entry.alias:
        evidence.append(score.OTHER_NAME)
    if unit.lapsed:
        evidence.append(score.GONE_BEFORE_2025)
    if span.kind is not None:
        evidence.append(_kind_fits(span.kind, unit))
    elif len(span.key) <= BRIEF:
        evidence.append(score.BRIEF_NAME)
    return Mention(unit, span, tuple(evidence), sum([e.weight for e in evidence]))


def _judge_slips(span: Span, entry: Entry, evidence: list[Evidence]) -> None:
    evidence.append(SLIPS[span.slips])
    if span.toned != span.key and entry.toned and span.slips != CUT_SHORT:
        most = span.slips + 1
        if Levenshtein.distance(span.toned, entry.toned, score_cutoff=most) > most:
            evidence.append(score.MARKS_DIFFER)


def _judge_marks(span: Span, entry: Entry, evidence: list[Evidence]) -> None:
    if span.toned == entry.toned:
        evidence.append(score.MARKS_AGREE)
    elif entry.toned:
        little = Levenshtein.distance(span.toned, entry.toned, score_cutoff=2) <= 1
        evidence.append(score.MARKS_DIFFER_A_LITTLE if little else score.MARKS_DIFFER)


def _kind_fits(kind: KindWord, unit: Unit) -> Evidence:
    if kind.kinds & unit.kinds:
        return score.KIND_AGREES
    if any(unit.key.level in LEVEL_OF_KIND[one] for one in kind.kinds):
        return score.KIND_NEAR
    return score.KIND_DIFFERS
