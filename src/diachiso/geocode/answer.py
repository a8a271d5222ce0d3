"""From a finding to an answer: names of then and now, components, candidates, what to ask."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import NamedTuple

from diachiso.address.division import REFORM, Level, UnitKey
from diachiso.address.name import standard
from diachiso.geocode import score
from diachiso.geocode.chain import Reading
from diachiso.geocode.gazetteer import Gazetteer
from diachiso.geocode.line import Line, PieceKind
from diachiso.geocode.locate import Found
from diachiso.geocode.mention import Mention
from diachiso.geocode.parts import name_of
from diachiso.geocode.query import (
    Action,
    Answer,
    Candidate,
    Component,
    FormerUnits,
    MatchLevel,
    NamedUnit,
    NextAction,
    Status,
)
from diachiso.geocode.trace import Trace
from diachiso.geocode.vocabulary import Unit, UnitVocabulary
from diachiso.geocode.words import Words

MOST_CANDIDATES = 6
PRECISE = frozenset({MatchLevel.HOUSE, MatchLevel.INTERPOLATED, MatchLevel.ALLEY})


class Setting(NamedTuple):
    """What all answers to one query share."""

    words: Words
    line: Line
    candidates: tuple[Candidate, ...]
    gazetteer: Gazetteer
    as_of: date
    trace: Trace | None


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


def confidence_of(found: Found, reading: Reading) -> float:
    """The calibrated probability that the ward is right."""
    placed = found.street is not None
    return score.calibrated(found.chance, score.doubt_of(reading.evidence, placed_on_street=placed))


def error_of(found: Found) -> float | None:
    """The error stated: the truth lies within twice of it nine times in ten, in metres."""
    if found.error_m is None:
        return None
    base, slope = score.ERROR_STATED[found.level.value]
    return round(base + slope * found.error_m, 1)


def answer_of(found: Found, reading: Reading, setting: Setting) -> Answer:
    """One answer: the place found, told in today's units and in those of before."""
    confidence = confidence_of(found, reading)
    units = setting.gazetteer.units
    ward = named_unit(units, _ward_on(setting.as_of, found, reading), setting.as_of)
    former = former_units(reading, units, setting.words)
    faults = tuple(one for one in reading.evidence if one.is_fault)
    return Answer(
        label=_label(found, ward, setting.line),
        code=found.house.code if found.house else None,
        match_level=_match_level(found, reading),
        coordinate_level=found.level if found.point else None,
        point=found.point,
        confidence=round(confidence, 4),
        expected_error_m=error_of(found),
        faults=faults,
        components=components_of(found, reading, ward, setting),
        ward=ward,
        former=former,
        ward_candidates=setting.candidates,
        next_action=next_action(found, reading, confidence, setting),
        trace=setting.trace,
    )


def _ward_on(day: date, found: Found, reading: Reading) -> UnitKey:
    """The ward of a day: the old one that the text names, if the day is before the reform."""
    named = reading.ward.unit if reading.ward else None
    if day < REFORM and named is not None and named.former:
        return named.key
    return found.ward


def _match_level(found: Found, reading: Reading) -> MatchLevel:
    if found.level is not MatchLevel.WARD or reading.ward is not None:
        return found.level
    return MatchLevel.DISTRICT if reading.district is not None else MatchLevel.PROVINCE


def _label(found: Found, ward: NamedUnit, line: Line) -> str:
    number = str(line.number) if line.number else ""
    street = found.street.name if found.street else standard(line.street or "")
    place = found.place.name if found.place else ""
    head = f"{number} {street}".strip() or (line.written(PieceKind.GROUP) or "")
    pieces = (place, head, ward.full_name, ward.province_name or "")
    return ", ".join(piece for piece in pieces if piece)


def former_units(reading: Reading, units: UnitVocabulary, words: Words) -> FormerUnits:
    """The units of before the reform that a reading names."""
    ward = reading.ward.unit if reading.ward and reading.ward.unit.former else None
    district = reading.district.unit if reading.district else (ward.district if ward else None)
    province = _former_province(reading, ward, district)
    return FormerUnits(
        ward=_old(units, ward),
        district=_old(units, district),
        province=_old(units, province),
        lapsed_ward=name_of(reading.ward, words) if ward and ward.lapsed else None,
    )


def _former_province(reading: Reading, ward: Unit | None, district: Unit | None) -> Unit | None:
    for unit in (ward, district):
        if unit is not None and unit.province is not None:
            return unit.province
    named = reading.province.unit if reading.province else None
    return named if named is not None and named.former else None


def _old(units: UnitVocabulary, unit: Unit | None) -> NamedUnit | None:
    return named_unit(units, unit.key, _EVE_OF_REFORM) if unit is not None else None


_EVE_OF_REFORM = date(REFORM.year, REFORM.month - 1, 30)


def components_of(
    found: Found, reading: Reading, ward: NamedUnit, setting: Setting
) -> tuple[Component, ...]:
    """Every part of the address with its status."""
    line, words = setting.line, setting.words
    number = line.number
    return (
        _plain("house_number", str(number) if number else None, found.level in PRECISE),
        _street(found, line),
        _unit("ward", reading.ward, ward.full_name, words),
        _unit("district", reading.district, None, words),
        _unit("province", reading.province, ward.province_name, words),
    )


def _plain(kind: str, value: str | None, known: bool) -> Component:  # noqa: FBT001
    status = Status.MATCHED if known else Status.INFERRED
    return Component(kind, value, value, status if value else Status.MISSING)


def _street(found: Found, line: Line) -> Component:
    written = line.street
    if found.street is None:
        return Component("street", written, written, Status.INFERRED if written else Status.MISSING)
    return Component("street", written, found.street.name, Status.MATCHED)


CORRECTING = frozenset({score.MISSPELT, score.BADLY_MISSPELT, score.CUT_SHORT, score.MARKS_DIFFER})


def _unit(kind: str, mention: Mention | None, inferred: str | None, words: Words) -> Component:
    if mention is None:
        return Component(kind, None, inferred, Status.INFERRED if inferred else Status.MISSING)
    corrected = any(one in CORRECTING for one in mention.evidence)
    status = Status.CORRECTED if corrected else Status.MATCHED
    return Component(
        kind, words.written(mention.span.head, mention.span.tail), name_of(mention, words), status
    )


# -- what to do next -----------------------------------------------------------------------------


def next_action(found: Found, reading: Reading, confidence: float, setting: Setting) -> NextAction:
    """Accept, confirm, choose or fix, with the question that would decide."""
    if confidence >= score.SURE:
        return NextAction(Action.ACCEPT)
    if reading.ward is None and found.street is None and found.place is None:
        return _ward_asked(reading, setting)
    if len(setting.candidates) > 1 and confidence < score.PROBABLE:
        return _choice(reading, setting)
    name = named_unit(setting.gazetteer.units, found.ward, setting.as_of).full_name
    return NextAction(Action.CONFIRM, f"Có phải {name} không?", f"Is it {name}?")


def _ward_asked(reading: Reading, setting: Setting) -> NextAction:
    """The text names no ward: choose among those of the district, or begin anew."""
    if reading.district is None:
        return NextAction(
            Action.FIX, "Địa chỉ thuộc phường, xã nào?", "Which ward or commune is the address in?"
        )
    listed = "; ".join(candidate.name for candidate in setting.candidates[:4])
    name = reading.district.unit.name
    return NextAction(
        Action.CHOOSE,
        f"{name} cũ nay gồm: {listed}. Địa chỉ nằm ở đơn vị nào?",
        f"The former {name} is now: {listed}. Which one is the address in?",
    )


def _choice(reading: Reading, setting: Setting) -> NextAction:
    names = [candidate.name for candidate in setting.candidates[:4]]
    listed = "; ".join(names)
    unit = reading.ward.unit if reading.ward else None
    if unit is not None and unit.former and setting.gazetteer.units.lineage.is_split(unit.key):
        return NextAction(
            Action.CHOOSE,
            f"{unit.name} cũ đã được chia: {listed}. Địa chỉ nằm ở đơn vị nào?",
            f"The former {unit.name} was divided: {listed}. Which one is it in?",
        )
    return NextAction(
        Action.CHOOSE,
        f"Có nhiều nơi cùng tên: {listed}. Đúng là nơi nào?",
        f"Several places bear this name: {listed}. Which one is meant?",
    )


def candidates_of(found: Sequence[Found], setting: Gazetteer, as_of: date) -> tuple[Candidate, ...]:
    """The wards of today that the address may lie in, with their shares."""
    told = []
    for one in found[:MOST_CANDIDATES]:
        name = named_unit(setting.units, one.ward, as_of)
        told.append(
            Candidate(name.code, f"{name.full_name}, {name.province_name}", round(one.chance, 4))
        )
    return tuple(told)
