"""Every plausible reading of the words: which ward, in which district, in which province."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

from diachiso.geocode import score
from diachiso.geocode.chain import Reading, assemble
from diachiso.geocode.mend import mend
from diachiso.geocode.mention import Mention, Span
from diachiso.geocode.misspelt import (
    Window,
    cut_short_spans,
    near_spans,
    spans_below,
    windows_of,
)
from diachiso.geocode.score import Evidence
from diachiso.geocode.spans import Ground, IsStreet, exact_spans, ground_of
from diachiso.geocode.unread import passing_over
from diachiso.geocode.vocabulary import Unit, UnitVocabulary
from diachiso.geocode.words import Words, words_of


class Interpretation(NamedTuple):
    """The words of a text, the names found in it and the readings, the best first.

    `streets` are the glued bare names of known streets that stand where a street would.
    """

    words: Words
    spans: tuple[Span, ...]
    readings: tuple[Reading, ...]
    suffices: bool
    streets: tuple[str, ...] = ()

    @property
    def weight(self) -> float:
        """The weight of the likeliest reading."""
        return self.readings[0].weight if self.readings else 0.0

    @property
    def best(self) -> Reading | None:
        """The likeliest reading, where its evidence is worth telling."""
        return self.readings[0] if self.weight >= score.WORTH_TELLING else None

    def with_evidence(self, one: Evidence) -> "Interpretation":
        """The same, with further evidence on every reading."""
        readings = (reading.with_evidence(one) for reading in self.readings)
        return self._replace(readings=tuple(readings))


def unknown(_: str) -> bool:
    """No street is known."""
    return False


def interpret(
    text: str, vocabulary: UnitVocabulary, is_street: IsStreet = unknown
) -> Interpretation:
    """Readings, the best first: the text as it stands, then with its words mended."""
    first = _interpret_words(words_of(text, vocabulary.cutter), vocabulary, is_street)
    if first.suffices or not (mended := mend(first.words)):
        return first
    again = _interpret_words(words_of(mended, vocabulary.cutter), vocabulary, is_street)
    worth = again.weight + score.TEXT_MENDED.weight
    return again.with_evidence(score.TEXT_MENDED) if worth > first.weight else first


def _interpret_words(
    words: Words, vocabulary: UnitVocabulary, is_street: IsStreet
) -> Interpretation:
    """Exact names first, misspelt ones where those do not suffice."""
    ground = ground_of(words, is_street)
    exact = spans = exact_spans(ground, vocabulary)
    readings = passing_over(assemble(spans), ground, exact)
    suffices = _suffice(readings, words)
    if not suffices:
        settled = _settled(ground, readings)
        windows = windows_of(settled)
        if near := near_spans(settled, windows, vocabulary, _fits(readings)):
            spans = [*spans, *near]
            readings = passing_over(assemble(spans), ground, exact)
            suffices = _suffice(readings, words)
            settled = _settled(ground, readings)
            windows = windows_of(settled)
        further = [] if suffices else _further(settled, windows, vocabulary, readings)
        if further:
            spans = [*spans, *further]
            readings = passing_over(assemble(spans), ground, exact)
            suffices = _suffice(readings, words)
    streets = tuple([words.glued(start, end) for start, end in ground.streets])
    return Interpretation(words, tuple(spans), tuple(readings), suffices, streets)


def _further(
    ground: Ground,
    windows: Sequence[Window],
    vocabulary: UnitVocabulary,
    readings: Sequence[Reading],
) -> list[Span]:
    """Names two letters away, and names cut short, below the units that are found."""
    below = spans_below(ground, windows, vocabulary, _parents(readings))
    return below + cut_short_spans(ground, vocabulary, _provinces(readings))


def remains(interpretation: Interpretation) -> str:
    """The text without its units, also where they are named twice; pieces parted by commas."""
    words, best = interpretation.words, interpretation.best
    if best is None:
        return words.text
    units = {mention.unit for mention in best.mentions}
    taken = [m.span for m in best.mentions if STREETLIKE.isdisjoint(m.span.place)]
    taken += [
        span
        for span in interpretation.spans
        if not span.slips
        and (span.kind is not None or score.FIELD_OF_ITS_OWN in span.place)
        and STREETLIKE.isdisjoint(span.place)
        and any(entry.unit in units for entry in span.entries)
    ]
    return _outside(words, taken)


def _outside(words: Words, taken: list[Span]) -> str:
    pieces, at = [], 0
    for span in sorted(taken, key=lambda span: (span.head, span.start, span.end, span.tail)):
        start, end = words.starts[span.head], words.ends[span.tail - 1]
        if start >= at:
            pieces.append(words.text[at:start])
        at = max(at, end)
    pieces.append(words.text[at:])
    return ", ".join(piece.strip(" ,;.-") for piece in pieces if piece.strip(" ,;.-"))


STREETLIKE: Final = frozenset({score.LIKE_A_STREET, score.AFTER_A_NUMBER, score.INSIDE_A_STREET})
WRONG: Final = frozenset({score.DISTRICT_DIFFERS, score.PROVINCE_DIFFERS, score.WARD_PASSED_OVER})


def _suffice(readings: list[Reading], words: Words) -> bool:
    """Is the best reading whole and well spelt, and does it explain how the text ends?"""
    best = readings[0] if readings else None
    if best is None or best.ward is None or best.weight < score.ENOUGH:
        return False
    mentions = best.mentions
    if any(m.span.slips for m in mentions) or not _ends_explained(mentions, words):
        return False
    evidence = best.evidence
    return WRONG.isdisjoint(evidence) and _is_whole(best, evidence)


def _is_whole(best: Reading, evidence: tuple[Evidence, ...]) -> bool:
    """All levels of its time are there, or what is missing leaves no gap."""
    former = best.ward is not None and best.ward.unit.former
    if former and best.district is None:
        return False
    if best.province is not None:
        return True
    return score.NEXT_TO_EACH_OTHER in evidence


def _ends_explained(mentions: tuple[Mention, ...], words: Words) -> bool:
    """The largest unit ends the text, or begins it where the order is reversed."""
    first, last = mentions[0].span, mentions[-1].span
    if first.head <= last.head:
        return max([m.span.tail for m in mentions]) == len(words)
    return last.head == 0 or first.tail == len(words)


def _settled(ground: Ground, readings: list[Reading]) -> Ground:
    """The ground with the district and province settled that the best reading plainly finds."""
    best = readings[0] if readings else None
    if best is None or not WRONG.isdisjoint(best.evidence):
        return ground
    sure = score.PROVINCE_HOLDS in best.evidence or score.DISTRICT_HOLDS in best.evidence
    larger = (best.district if sure else None, best.province)
    plain = [m for m in larger if m and not m.span.slips and m.weight >= score.PLAINLY]
    return ground.with_settled(plain, [m for m in best.mentions if not m.span.slips])


def _provinces(readings: Sequence[Reading]) -> list[Mention]:
    """The provinces of the best readings, where those have nothing smaller."""
    if not readings or readings[0].ward or readings[0].district:
        return []
    return [r.province for r in readings[:4] if r.province and not (r.ward or r.district)]


def _fits(readings: list[Reading]) -> Callable[[Unit], bool]:
    """May a unit stand below the province that the best reading plainly finds, or above none?"""
    best = readings[0] if readings else None
    found = best.province if best else None
    if found is None or found.span.slips or found.weight < score.PLAINLY:
        return _any
    provinces = {found.unit, *found.unit.akin}
    provinces |= {r.province.unit for r in readings if r.province and r.province.span is found.span}
    return partial(_within, provinces)


def _any(_: Unit) -> bool:
    return True


def _within(provinces: set[Unit], unit: Unit) -> bool:
    return unit.province is None or unit.province in provinces


def _parents(readings: Sequence[Reading]) -> list[Unit]:
    """The districts of the best readings, or the province where no ward is found at all."""
    found: dict[Unit, None] = {}
    for reading in readings[:2]:
        if reading.district is not None:
            found[reading.district.unit] = None
        elif reading.province is not None and reading.ward is None:
            found[reading.province.unit] = None
    return list(found)
