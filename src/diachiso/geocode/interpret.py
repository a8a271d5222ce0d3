"""Every plausible reading of the words: which ward, in which district, in which province."""

from collections.abc import Iterable
from typing import NamedTuple

from diachiso.address.division import Level
from diachiso.geocode import score
from diachiso.geocode.mention import (
    Mention,
    Span,
    exact_spans,
    kinds_in,
    near_spans,
    read_as,
    spans_below,
)
from diachiso.geocode.score import Evidence
from diachiso.geocode.vocabulary import Entry, Unit, UnitVocabulary
from diachiso.geocode.words import Words

MOST_CANDIDATES = 160
MOST_READINGS = 24
Named = dict[Unit, list[Mention]]


class Reading(NamedTuple):
    """One way to read the units of a text; `weight` is the sum of its evidence."""

    ward: Mention | None
    district: Mention | None
    province: Mention | None
    evidence: tuple[Evidence, ...]
    weight: float

    @property
    def mentions(self) -> tuple[Mention, ...]:
        """The units that it finds in the text, the smallest first."""
        return tuple(m for m in (self.ward, self.district, self.province) if m is not None)


class Interpretation(NamedTuple):
    """The words of a text, the names found in it and the readings, the best first."""

    words: Words
    spans: tuple[Span, ...]
    readings: tuple[Reading, ...]

    @property
    def best(self) -> Reading | None:
        """The likeliest reading."""
        return self.readings[0] if self.readings else None


def interpret(words: Words, vocabulary: UnitVocabulary) -> Interpretation:
    """Readings, the best first: exact names first, misspelt ones where those do not suffice."""
    kinds = kinds_in(words)
    spans = exact_spans(words, vocabulary, kinds)
    readings = assemble(spans)
    if not _suffices(readings):
        spans = [*spans, *near_spans(words, vocabulary, kinds)]
        readings = assemble(spans)
    if not _suffices(readings):
        spans = [*spans, *spans_below(words, vocabulary, kinds, _parents(readings))]
        readings = assemble(spans)
    return Interpretation(words, tuple(spans), tuple(readings))


def remains(interpretation: Interpretation) -> str:
    """The text without its units, also where they are named twice; pieces parted by commas."""
    words, best = interpretation.words, interpretation.best
    if best is None:
        return words.text
    units = {mention.unit for mention in best.mentions}
    taken = [mention.span for mention in best.mentions]
    taken += [
        span
        for span in interpretation.spans
        if not span.slips
        and (span.kind is not None or score.FIELD_OF_ITS_OWN in span.place)
        and score.LIKE_A_STREET not in span.place
        and any(entry.unit in units for entry in span.entries)
    ]
    return _outside(words, taken)


def _outside(words: Words, taken: list[Span]) -> str:
    pieces, at = [], 0
    for span in sorted(taken):
        start, end = words.starts[span.head], words.ends[span.tail - 1]
        if start >= at:
            pieces.append(words.text[at:start])
        at = max(at, end)
    pieces.append(words.text[at:])
    return ", ".join(piece.strip(" ,;.-") for piece in pieces if piece.strip(" ,;.-"))


def _suffices(readings: list[Reading]) -> bool:
    return bool(readings) and readings[0].ward is not None and readings[0].weight >= ENOUGH


ENOUGH = 9.0


def _parents(readings: list[Reading]) -> list[Unit]:
    found: dict[Unit, None] = {}
    for reading in readings[:3]:
        for mention in (reading.district, reading.province):
            if mention is not None:
                found[mention.unit] = None
    return list(found)


def assemble(spans: Iterable[Span]) -> list[Reading]:
    """Fit the names found into chains of ward, district and province."""
    districts: Named = {}
    provinces: Named = {}
    wards: list[tuple[Span, Entry]] = []
    for span in spans:
        for entry in span.entries:
            level = entry.unit.key.level
            if level is Level.WARD:
                wards.append((span, entry))
            else:
                named = districts if level is Level.DISTRICT else provinces
                target = standing(entry.unit)
                named.setdefault(target, []).append(read_as(span, entry))
    readings = [
        _chain(read_as(*pair), districts, provinces)
        for pair in _likely(wards, districts, provinces)
    ]
    readings += [
        _district_alone(mention, provinces) for group in districts.values() for mention in group
    ]
    readings += [_province_alone(mention) for group in provinces.values() for mention in group]
    readings.sort(key=lambda reading: -reading.weight)
    return readings[:MOST_READINGS]


def standing(unit: Unit) -> Unit:
    """The unit itself, or the one that took a lapsed unit in."""
    return unit.successor if unit.lapsed and unit.successor else unit


def _likely(
    wards: list[tuple[Span, Entry]], districts: Named, provinces: Named
) -> list[tuple[Span, Entry]]:
    """Wards whose district or province is named, or all where none is."""
    fit = [
        (span, entry)
        for span, entry in wards
        if entry.unit.district in districts
        or entry.unit.province in provinces
        or any(unit in provinces for unit in entry.unit.akin)
    ]
    return (fit or wards)[:MOST_CANDIDATES]


def _chain(ward: Mention, districts: Named, provinces: Named) -> Reading:
    unit = ward.unit
    evidence = list(ward.evidence)
    weight = ward.weight
    district = _best(districts.get(unit.district, ()), ward) if unit.district else None
    if district is not None:
        evidence += [*district[1], score.DISTRICT_HOLDS]
        weight += district[2] + score.DISTRICT_HOLDS.weight
    held = district[0] if district else ward
    province, extra = _province(unit, held, ward, provinces)
    fit = _faults(ward, district[0] if district else None, province, districts, provinces)
    evidence += extra + fit
    weight += sum([e.weight for e in extra]) + sum([e.weight for e in fit])
    return Reading(ward, district[0] if district else None, province, tuple(evidence), weight)


def _best(
    mentions: Iterable[Mention], below: Mention, also: Mention | None = None
) -> tuple[Mention, tuple[Evidence, ...], float] | None:
    """The mention of the larger unit that fits best, with its evidence and weight."""
    best = None
    for mention in mentions:
        if _overlap(mention.span, below.span) or (also and _overlap(mention.span, also.span)):
            continue
        order = _order(below.span, mention.span)
        weight = mention.weight + order.weight
        if best is None or weight > best[2]:
            best = (mention, (*mention.evidence, order), weight)
    return best


def _overlap(one: Span, other: Span) -> bool:
    return one.head < other.tail and other.head < one.tail


def _order(small: Span, large: Span) -> Evidence:
    if small.tail == large.head:
        return score.NEXT_TO_EACH_OTHER
    return score.IN_TURN if small.tail < large.head else score.OUT_OF_TURN


def _province(
    unit: Unit, held: Mention, ward: Mention, provinces: Named
) -> tuple[Mention | None, list[Evidence]]:
    also = ward if held is not ward else None
    own = _best(provinces.get(unit.province, ()), held, also) if unit.province else None
    if own is not None:
        return own[0], [*own[1], score.PROVINCE_HOLDS]
    for akin in unit.akin:
        if (other := _best(provinces.get(akin, ()), held, also)) is not None:
            return other[0], [*other[1], score.PROVINCE_HOLDS, score.OLD_AND_NEW_MIXED]
    return None, []


def _faults(
    ward: Mention,
    district: Mention | None,
    province: Mention | None,
    districts: Named,
    provinces: Named,
) -> list[Evidence]:
    found = []
    taken = [m.span for m in (ward, district, province) if m]
    if district is None:
        if _another(districts, taken):
            found.append(score.DISTRICT_DIFFERS)
        elif ward.unit.former:
            found.append(score.DISTRICT_MISSING)
        elif province is not None:
            found.append(score.NEW_FORM)
    if province is None and _another(provinces, taken):
        found.append(score.PROVINCE_DIFFERS)
    return found


def _another(named: Named, taken: list[Span]) -> bool:
    """Is a unit of this level named elsewhere, plainly?"""
    return any(
        mention.weight >= PLAINLY and not any(_overlap(mention.span, span) for span in taken)
        for group in named.values()
        for mention in group
    )


PLAINLY = 3.5


def _district_alone(mention: Mention, provinces: Named) -> Reading:
    province, extra = _province(mention.unit, mention, mention, provinces)
    evidence = [*mention.evidence, *extra, score.WARD_MISSING]
    if province is None and _another(provinces, [mention.span]):
        evidence.append(score.PROVINCE_DIFFERS)
    return Reading(None, mention, province, tuple(evidence), sum([e.weight for e in evidence]))


def _province_alone(mention: Mention) -> Reading:
    evidence = (*mention.evidence, score.WARD_MISSING)
    return Reading(None, None, mention, evidence, sum([e.weight for e in evidence]))
