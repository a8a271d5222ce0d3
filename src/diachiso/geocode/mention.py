"""A stretch of words read as a unit, with the evidence of how it is written and where it stands."""

from functools import lru_cache
from typing import Final, final

from rapidfuzz.distance import Levenshtein

from diachiso.address.division import Kind, Level
from diachiso.geocode import score
from diachiso.geocode.kinds import KindWord
from diachiso.geocode.score import Evidence
from diachiso.geocode.unit import Entry, Nature, Unit

BRIEF: Final = 2
"""Names of so few letters say little without a kind."""
CUT_SHORT: Final = 9
"""In place of the number of wrong letters: only the beginning of the name is written."""
SLIPS: Final = {1: score.MISSPELT, 2: score.BADLY_MISSPELT, CUT_SHORT: score.CUT_SHORT}
LEVEL_OF_KIND: Final[dict[Kind, frozenset[Level]]] = {
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


@final
class Span:
    """A stretch of words that may be a name.

    `head` is where its kind begins (`start` if no kind is written), `tail` where a kind written
    after it ends. `place` is the evidence of where it stands, `slips` how many letters are wrong.
    """

    __slots__ = (
        "end",
        "entries",
        "head",
        "key",
        "kind",
        "place",
        "slips",
        "start",
        "tail",
        "toned",
    )

    def __init__(
        self,
        head: int,
        start: int,
        end: int,
        tail: int,
        key: str,
        toned: str,
        entries: tuple[Entry, ...],
        kind: KindWord | None,
        slips: int,
        place: tuple[Evidence, ...],
    ) -> None:
        self.head: Final = head
        self.start: Final = start
        self.end: Final = end
        self.tail: Final = tail
        self.key: Final = key
        self.toned: Final = toned
        self.entries: Final = entries
        self.kind: Final = kind
        self.slips: Final = slips
        self.place: Final = place

    def placed(self, place: tuple[Evidence, ...]) -> "Span":
        """The same with other evidence of where it stands."""
        return Span(
            self.head,
            self.start,
            self.end,
            self.tail,
            self.key,
            self.toned,
            self.entries,
            self.kind,
            self.slips,
            place,
        )

    def without_kind(self, place: tuple[Evidence, ...]) -> "Span":
        """The same without the kind before it, which belongs to the name before that."""
        return Span(
            self.start,
            self.start,
            self.end,
            self.tail,
            self.key,
            self.toned,
            self.entries,
            None,
            self.slips,
            place,
        )


@final
class Mention:
    """A span read as one unit, with the evidence of its name and place."""

    __slots__ = ("evidence", "span", "unit", "weight")

    def __init__(
        self, unit: Unit, span: Span, evidence: tuple[Evidence, ...], weight: float
    ) -> None:
        self.unit: Final = unit
        self.span: Final = span
        self.evidence: Final = evidence
        self.weight: Final = weight


def read_as(span: Span, entry: Entry) -> Mention:
    """A span read as one unit."""
    marks = _marks(span, entry)
    brief = len(span.key) <= BRIEF
    judged = _judged(span.place, span.slips, span.kind, marks, brief, entry.nature)
    evidence, weight = judged
    return Mention(entry.unit, span, evidence, weight)


def _marks(span: Span, entry: Entry) -> Evidence | None:
    """Do the diacritics agree, where both the text and the name have some?"""
    written, known = span.toned, entry.toned
    if written == span.key or not known:
        return None
    if span.slips:
        most = span.slips + 1
        far = span.slips != CUT_SHORT and _far(written, known, most)
        return score.MARKS_DIFFER if far else None
    if written == known:
        return score.MARKS_AGREE
    return score.MARKS_DIFFER if _far(written, known, 1) else score.MARKS_DIFFER_A_LITTLE


def _far(one: str, other: str, most: int) -> bool:
    return Levenshtein.distance(one, other, score_cutoff=most) > most


@lru_cache(maxsize=16_384)
def _judged(
    place: tuple[Evidence, ...],
    slips: int,
    kind: KindWord | None,
    marks: Evidence | None,
    brief: bool,  # noqa: FBT001 (a part of the key)
    nature: Nature,
) -> tuple[tuple[Evidence, ...], float]:
    """The evidence of a name and its weight: the same few cases again and again."""
    evidence = [score.NAME_FOUND, *place]
    if nature.level is not Level.WARD:
        province = nature.level is Level.PROVINCE
        evidence.append(score.PROVINCE_NAME if province else score.DISTRICT_NAME)
    if slips:
        evidence.append(SLIPS[slips])
    if marks is not None:
        evidence.append(marks)
    if nature.alias:
        evidence.append(score.OTHER_NAME)
    if nature.lapsed:
        evidence.append(score.GONE_BEFORE_2025)
    if kind is not None:
        evidence.append(_kind_fits(kind, nature))
    elif brief:
        evidence.append(score.BRIEF_NAME)
    return tuple(evidence), sum(one.weight for one in evidence)


def _kind_fits(kind: KindWord, nature: Nature) -> Evidence:
    if kind.kinds & nature.kinds:
        return score.KIND_AGREES
    if any(nature.level in LEVEL_OF_KIND[one] for one in kind.kinds):
        return score.KIND_NEAR
    return score.KIND_DIFFERS
