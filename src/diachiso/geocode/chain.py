"""How the names found fit together: a ward in its district in its province, consistent in time.

What a reading does not account for speaks against it by itself: a reading that takes a name for a
district gets the evidence of that name, even where the district is the wrong one.
"""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Final, final

from diachiso.address.division import Level
from diachiso.geocode import score
from diachiso.geocode.mention import Mention, Span, read_as
from diachiso.geocode.score import Evidence
from diachiso.geocode.vocabulary import Entry, Unit

MOST_CANDIDATES: Final = 160
MOST_READINGS: Final = 24
MOST_OTHERS: Final = 3
ELSEWHERE: Final = (score.DISTRICT_DIFFERS,)
DISTRICT: Final = Level.DISTRICT
Reasons = tuple[Evidence, ...]


@final
class Reading:
    """One way to read the units of a text.

    `evidence` is every reason for and against it, `weight` their sum.
    """

    __slots__ = ("district", "evidence", "province", "ward", "weight")

    def __init__(
        self,
        ward: Mention | None,
        district: Mention | None,
        province: Mention | None,
        evidence: Reasons,
        weight: float,
    ) -> None:
        self.ward: Final = ward
        self.district: Final = district
        self.province: Final = province
        self.evidence: Final = evidence
        self.weight: Final = weight

    def with_evidence(self, one: Evidence) -> "Reading":
        """The same, with further evidence."""
        evidence, weight = (*self.evidence, one), self.weight + one.weight
        return Reading(self.ward, self.district, self.province, evidence, weight)

    @property
    def mentions(self) -> tuple[Mention, ...]:
        """The units that it finds in the text, the smallest first."""
        return tuple([m for m in (self.ward, self.district, self.province) if m is not None])


NO_READING: Final = Reading(None, None, None, (), 0.0)
"""The text names no unit."""


@final
class Link:
    """A larger unit joined to a smaller one: its mention, its evidence and what they weigh."""

    __slots__ = ("evidence", "mention", "weight")

    def __init__(self, mention: Mention, evidence: Reasons, weight: float) -> None:
        self.mention: Final = mention
        self.evidence: Final = evidence
        self.weight: Final = weight


@final
class Larger:
    """The districts and provinces that a text names; `plain_` are those it names plainly."""

    __slots__ = ("districts", "plain_districts", "plain_provinces", "provinces")

    def __init__(
        self, districts: dict[Unit, list[Mention]], provinces: dict[Unit, list[Mention]]
    ) -> None:
        self.districts: Final = districts
        self.provinces: Final = provinces
        self.plain_districts: Final = _plain(districts)
        self.plain_provinces: Final = _plain(provinces)


BY_WEIGHT: Final = attrgetter("weight")


def assemble(spans: Sequence[Span]) -> list[Reading]:
    """Fit the names found into chains of ward, district and province, the best first."""
    districts: dict[Unit, list[Mention]] = {}
    provinces: dict[Unit, list[Mention]] = {}
    for span in spans:
        for entry in span.entries:
            if entry.is_ward:  # wards come last (`UnitVocabulary`)
                break
            named = districts if entry.nature.level is DISTRICT else provinces
            named.setdefault(standing(entry.unit), []).append(read_as(span, entry))
    larger = Larger(districts, provinces)
    readings = [_of_a_ward(read_as(span, entry), larger) for span, entry in _likely(spans, larger)]
    readings += [_of_a_district(m, larger) for group in districts.values() for m in group]
    readings += [_of_a_province(m) for group in provinces.values() for m in group]
    readings.sort(key=BY_WEIGHT, reverse=True)
    return readings[:MOST_READINGS]


def standing(unit: Unit) -> Unit:
    """The unit itself, or the one that took a lapsed unit in."""
    return unit.successor if unit.lapsed and unit.successor else unit


def _plain(named: dict[Unit, list[Mention]]) -> list[Mention]:
    plain = [m for group in named.values() for m in group if m.weight >= score.PLAINLY]
    plain.sort(key=BY_WEIGHT, reverse=True)
    return plain[: 2 * MOST_OTHERS]


def _likely(spans: Sequence[Span], larger: Larger) -> list[tuple[Span, Entry]]:
    """Wards whose district or province is named, or all where none is named plainly.

    Of the many wards that bear a number, those of a district that is named stand for all.
    """
    fit: list[tuple[Span, Entry]] = []
    if larger.plain_districts or larger.plain_provinces:
        for span in spans:
            if span.entries[-1].is_ward:
                fit += _below(span, larger)
    if not fit:
        fit = [(span, entry) for span in spans for entry in span.entries if entry.is_ward]
    return fit[:MOST_CANDIDATES]


def _below(span: Span, larger: Larger) -> list[tuple[Span, Entry]]:
    """The wards of a name that lie in a district or province that the text names."""
    districts, provinces = larger.districts, larger.provinces
    held: list[tuple[Span, Entry]] = []
    fit: list[tuple[Span, Entry]] = []
    numbered = False
    for entry in span.entries:
        if not entry.is_ward:
            continue
        unit = entry.unit
        if unit.district in districts:
            held.append((span, entry))
            fit.append((span, entry))
            numbered = numbered or unit.numbered
        elif unit.province in provinces or _any_of(unit.akin, provinces):
            fit.append((span, entry))
    return held if numbered else fit


def _any_of(units: tuple[Unit, ...], named: dict[Unit, list[Mention]]) -> bool:
    """Is one of them named? As a loop: most have one or two, and it is asked of every name."""
    for unit in units:  # noqa: SIM110 (see above)
        if unit in named:
            return True
    return False


def _of_a_ward(ward: Mention, larger: Larger) -> Reading:
    """The ward in the district that is named, or, if that is another one, the better of both."""
    district = _district(ward, larger)
    if district is not None and district.mention.weight >= score.PLAINLY and ward.unit.key.former:
        return _joined(ward, district, larger)
    alone = _joined(ward, None, larger)
    other = district or _another_district(ward, larger)
    if other is None:
        return alone
    joined = _joined(ward, other, larger)
    return joined if joined.weight > alone.weight else alone


def _joined(ward: Mention, district: Link | None, larger: Larger) -> Reading:
    in_district = in_province = None
    evidence, weight = ward.evidence, ward.weight
    if district is not None:
        in_district = district.mention
        evidence += district.evidence
        weight += district.weight
    province = _province(ward, in_district, larger)
    if province is not None:
        in_province = province.mention
        evidence += province.evidence
        weight += province.weight
    lacking = _lacking(ward, district, province)
    if lacking is not None:
        evidence += (lacking,)
        weight += lacking.weight
    return Reading(ward, in_district, in_province, evidence, weight)


def _lacking(ward: Mention, district: Link | None, province: Link | None) -> Evidence | None:
    if ward.unit.key.former:
        return None if district else score.DISTRICT_MISSING
    if ward.span.kind is None:
        return score.TODAYS_WARD_WITHOUT_KIND
    return score.NEW_FORM if province and not district else None


def _district(ward: Mention, larger: Larger) -> Link | None:
    """The district that holds the ward, or one that it was made from."""
    if not larger.districts:
        return None
    unit = ward.unit
    if unit.district is not None:
        named = larger.districts.get(unit.district)
        return _best(named, ward, (score.DISTRICT_HOLDS,)) if named else None
    if unit.districts.isdisjoint(larger.districts):
        return None
    old = [m for one, named in larger.districts.items() if one in unit.districts for m in named]
    return _best(old, ward, (score.OLD_AND_NEW_MIXED,))


def _another_district(ward: Mention, larger: Larger) -> Link | None:
    """A district that the text names plainly, where it is not the ward's but of its province."""
    others = [m for m in larger.plain_districts if _same_province(m.unit, ward.unit)]
    if not others:
        return None
    is_street = ward.span.kind is None and score.LIKE_A_STREET in ward.span.place
    reasons = (score.DISTRICT_DIFFERS, score.STREET_RATHER) if is_street else ELSEWHERE
    return _best(others[:MOST_OTHERS], ward, reasons)


def _same_province(district: Unit, ward: Unit) -> bool:
    return district.province is ward.province or district.province in ward.akin


def _province(ward: Mention, district: Mention | None, larger: Larger) -> Link | None:
    """The province that holds the ward, one of the other side of the reform, or another."""
    unit, provinces = ward.unit, larger.provinces
    if not provinces:
        return None
    held = district or ward
    if unit.province in provinces:
        own = _best(provinces[unit.province], held, (score.PROVINCE_HOLDS,), ward)
        if own is not None:
            return own
    for akin in unit.akin:
        if akin in provinces:
            reasons = (score.PROVINCE_HOLDS, score.OLD_AND_NEW_MIXED)
            if (mixed := _best(provinces[akin], held, reasons, ward)) is not None:
                return mixed
    others = larger.plain_provinces[:MOST_OTHERS]
    return _best(others, held, (score.PROVINCE_DIFFERS,), ward) if others else None


def _best(
    mentions: Iterable[Mention],
    below: Mention,
    reasons: Reasons,
    also: Mention | None = None,
) -> Link | None:
    """The mention of a larger unit that stands best, apart from the smaller ones."""
    best: Mention | None = None
    order = score.OUT_OF_TURN
    most = 0.0
    head, tail = below.span.head, below.span.tail
    for mention in mentions:
        span = mention.span
        start = span.head
        if start < tail and head < span.tail:
            continue
        if also is not None and start < also.span.tail and also.span.head < span.tail:
            continue
        stands = score.IN_TURN if tail < start else score.OUT_OF_TURN
        if tail == start:
            stands = score.NEXT_TO_EACH_OTHER
        weight = mention.weight + stands.weight
        if best is None or weight > most:
            best, order, most = mention, stands, weight
    if best is None:
        return None
    for reason in reasons:
        most += reason.weight
    evidence = best.evidence
    evidence += (order,)
    evidence += reasons
    return Link(best, evidence, most)


def _of_a_district(district: Mention, larger: Larger) -> Reading:
    evidence = (*district.evidence, score.WARD_MISSING)
    weight = district.weight + score.WARD_MISSING.weight
    province = _province(district, None, larger)
    if province is None:
        return Reading(None, district, None, evidence, weight)
    weight += province.weight
    return Reading(None, district, province.mention, evidence + province.evidence, weight)


def _of_a_province(province: Mention) -> Reading:
    evidence = (*province.evidence, score.WARD_MISSING)
    return Reading(None, None, province, evidence, province.weight + score.WARD_MISSING.weight)
