"""What all answers to one query share, and how units are named in them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, final

from diachiso.address.division import REFORM, Level, UnitKey
from diachiso.geocode import score
from diachiso.geocode.chain import NO_READING, Reading, standing
from diachiso.geocode.found import Found
from diachiso.geocode.gazetteer import Gazetteer, Point
from diachiso.geocode.line import Line
from diachiso.geocode.query import Candidate, NamedUnit
from diachiso.geocode.trace import Trace
from diachiso.geocode.vocabulary import Unit, UnitVocabulary
from diachiso.geocode.words import Words

MOST_CANDIDATES: Final = 6
MOST_NAMESAKES: Final = 12
MILLIONTHS: Final = 1_000_000
EVE_OF_REFORM: Final = date(REFORM.year, REFORM.month - 1, 30)


@final
class Setting:
    """What all answers to one query share; what follows from it is worked out once for all.

    `streets` are the keys of street names found in the text; `before` tells the old ward at
    exact points whose old ward the text does not name. `likely` are the findings that are not
    next to impossible; `candidates` the wards of today that the address may lie in, with their
    shares: six at most, but of namesakes more, for each is as good as the next.
    """

    __slots__ = (
        "as_of",
        "before",
        "candidates",
        "found",
        "gazetteer",
        "likely",
        "line",
        "readings",
        "streets",
        "trace",
        "words",
    )

    def __init__(
        self,
        words: Words,
        line: Line,
        streets: tuple[str, ...],
        found: Sequence[Found],
        likely: Sequence[Found],
        readings: Mapping[UnitKey, Reading],
        candidates: tuple[Candidate, ...],
        gazetteer: Gazetteer,
        as_of: date,
        trace: Trace | None,
        before: Mapping[Point, UnitKey | None],
    ) -> None:
        self.words: Final = words
        self.line: Final = line
        self.streets: Final = streets
        self.found: Final = found
        self.likely: Final = likely
        self.readings: Final = readings
        self.candidates: Final = candidates
        self.gazetteer: Final = gazetteer
        self.as_of: Final = as_of
        self.trace: Final = trace
        self.before: Final = before

    def reading_of(self, found: Found) -> Reading:
        """The reading that speaks most for a finding."""
        return self.readings.get(found.ward, NO_READING)


def likely_of(found: Sequence[Found]) -> list[Found]:
    """The findings that are not next to impossible."""
    return [one for one in found if one.chance >= score.NEXT_TO_IMPOSSIBLE]


def candidates_of(
    found: Sequence[Found],
    likely: Sequence[Found],
    readings: Mapping[UnitKey, Reading],
    units: UnitVocabulary,
    as_of: date,
) -> tuple[Candidate, ...]:
    """The wards to choose from, each by its name on the day."""
    told = [*found[:MOST_CANDIDATES], *likely[MOST_CANDIDATES:MOST_NAMESAKES]]
    return tuple([_candidate(one, readings.get(one.ward), units, as_of) for one in told])


def _candidate(
    found: Found, reading: Reading | None, units: UnitVocabulary, as_of: date
) -> Candidate:
    ward = reading.ward if reading is not None else None
    unit = standing(ward.unit) if ward is not None and ward.unit.key.former else None
    code, told, default = as_candidate(units, found.ward, unit, as_of)
    share = int(found.chance * MILLIONTHS + 0.5) / MILLIONTHS  # `round` would print it
    return Candidate(code, told, share, default=default)


def as_candidate(
    units: UnitVocabulary, ward: UnitKey, old: Unit | None, as_of: date
) -> tuple[str, str, bool]:
    """Code and name of a ward of today, and whether it is the old one's default successor."""
    return units.remember((ward, old, as_of), _as_candidate, units, ward, old, as_of)


def _as_candidate(
    units: UnitVocabulary, ward: UnitKey, old: Unit | None, as_of: date
) -> tuple[str, str, bool]:
    name = named_unit(units, ward, as_of)
    pairs = units.lineage.successors(old.key) if old else ()
    default = any(pair.default and pair.new == ward for pair in pairs)
    return name.code, f"{name.full_name}, {name.province_name}", default


def named_unit(units: UnitVocabulary, key: UnitKey, as_of: date) -> NamedUnit:
    """A unit by the name that it had on a day (its last name if it was not there)."""
    return units.remember(("named", key, as_of), _named_unit, units, key, as_of)


def _named_unit(units: UnitVocabulary, key: UnitKey, as_of: date) -> NamedUnit:
    division = units.divisions[key]
    naming = division.naming_on(as_of) or division.latest
    province = units.divisions.get(division.parent) if division.parent else None
    while province is not None and province.level is not Level.PROVINCE:
        province = units.divisions.get(province.parent) if province.parent else None
    told = province and (province.naming_on(as_of) or province.latest)
    return NamedUnit(
        key=key,
        name=naming.name,
        full_name=naming.full_name,
        valid=naming.valid,
        province_code=province.code if province else None,
        province_name=told.full_name if told else None,
    )
