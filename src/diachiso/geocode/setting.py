"""What all answers to one query share, and how units are named in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial

from diachiso.address.division import REFORM, Level, UnitKey
from diachiso.geocode import score
from diachiso.geocode.chain import NO_READING, Reading
from diachiso.geocode.gazetteer import Gazetteer, Point
from diachiso.geocode.line import Line
from diachiso.geocode.locate import Found
from diachiso.geocode.query import Candidate, NamedUnit
from diachiso.geocode.trace import Trace
from diachiso.geocode.vocabulary import Unit, UnitVocabulary
from diachiso.geocode.words import Words

MOST_CANDIDATES = 6
MOST_NAMESAKES = 12
SHARE_DIGITS = 6
EVE_OF_REFORM = date(REFORM.year, REFORM.month - 1, 30)


@dataclass(frozen=True)
class Setting:
    """What all answers to one query share; what follows from it is worked out once for all.

    `streets` are the keys of street names found in the text; `before` tells the old ward at
    exact points whose old ward the text does not name.
    """

    words: Words
    line: Line
    streets: tuple[str, ...]
    found: Sequence[Found]
    readings: Mapping[UnitKey, Reading]
    gazetteer: Gazetteer
    as_of: date
    trace: Trace | None
    before: Mapping[Point, UnitKey | None]

    def reading_of(self, found: Found) -> Reading:
        """The reading that speaks most for a finding."""
        return self.readings.get(found.ward, NO_READING)

    @cached_property
    def likely(self) -> list[Found]:
        """The findings that are not next to impossible."""
        return [one for one in self.found if one.chance >= score.NEXT_TO_IMPOSSIBLE]

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """The wards of today that the address may lie in, with their shares.

        Six at most, but of namesakes more: each is as good as the next.
        """
        told = [*self.found[:MOST_CANDIDATES], *self.likely[MOST_CANDIDATES:MOST_NAMESAKES]]
        return tuple(map(self._candidate, told))

    def _candidate(self, found: Found) -> Candidate:
        ward = self.reading_of(found).ward
        unit = ward.unit if ward is not None and ward.unit.key.former else None
        units, heir = self.gazetteer.units, found.ward
        code, told, default = units.remember(
            (heir, unit, self.as_of), partial(_as_candidate, units, heir, unit, self.as_of)
        )
        return Candidate(code, told, round(found.chance, SHARE_DIGITS), default)


def _as_candidate(
    units: UnitVocabulary, ward: UnitKey, old: Unit | None, as_of: date
) -> tuple[str, str, bool]:
    """Code and name of a ward of today, and whether it is the old one's default successor."""
    name = named_unit(units, ward, as_of)
    pairs = units.lineage.successors(old.key) if old else ()
    default = any(pair.default and pair.new == ward for pair in pairs)
    return name.code, f"{name.full_name}, {name.province_name}", default


def named_unit(units: UnitVocabulary, key: UnitKey, as_of: date) -> NamedUnit:
    """A unit by the name that it had on a day (its last name if it was not there)."""
    return units.remember(("named", key, as_of), partial(_named_unit, units, key, as_of))


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
