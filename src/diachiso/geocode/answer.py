"""From a finding to an answer: names of then and now, components, candidates, what to ask."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from diachiso.address.division import REFORM, UnitKey
from diachiso.address.name import standard
from diachiso.geocode import score
from diachiso.geocode.advice import next_action, nothing_recognised
from diachiso.geocode.chain import Reading
from diachiso.geocode.found import Found
from diachiso.geocode.gazetteer import Gazetteer, Place, Point, street_key
from diachiso.geocode.letters import bare_text
from diachiso.geocode.line import ESTATE_KIND, Line, PieceKind
from diachiso.geocode.mention import Mention
from diachiso.geocode.parts import name_of
from diachiso.geocode.query import Answer, Component, FormerUnits, MatchLevel, NamedUnit, Status
from diachiso.geocode.score import Evidence
from diachiso.geocode.setting import EVE_OF_REFORM, Setting, named_unit
from diachiso.geocode.trace import Trace
from diachiso.geocode.verdict import evidence_on_the_ground, is_street_as_written
from diachiso.geocode.vocabulary import Unit, UnitVocabulary
from diachiso.geocode.words import Words

DOOR_FOUND: Final[dict[MatchLevel, Status]] = {
    MatchLevel.HOUSE: Status.MATCHED,
    MatchLevel.INTERPOLATED: Status.INFERRED,
    MatchLevel.ALLEY: Status.INFERRED,
}
LONGEST_LABEL: Final = 200
AT_A_POINT: Final = frozenset({MatchLevel.HOUSE, MatchLevel.PLACE})
"""The levels whose point is exact enough to tell the old ward by."""


def answer_of(found: Found, setting: Setting) -> Answer:
    """One answer: the place found, told in today's units and in those of before."""
    reading = setting.reading_of(found)
    ground = evidence_on_the_ground(found, setting)
    doubt = score.doubt_of(reading.evidence, at_a_number=found.level in DOOR_FOUND)
    confidence = score.calibrated(found.chance, doubt, ground)
    units = setting.gazetteer.units
    ward = named_unit(units, _ward_on(setting.as_of, found, reading), setting.as_of)
    level = _place_level(found, setting.line)
    return Answer(
        label=_label(found, ward, setting.line),
        code=found.house.code if found.house else None,
        match_level=_match_level(level, reading),
        coordinate_level=level if found.point else None,
        point=found.point,
        confidence=round(confidence, 4),
        expected_error_m=error_of(found, setting.line),
        faults=faults_of((*reading.evidence, *ground)),
        components=components_of(found, reading, ward, setting),
        ward=ward,
        former=former_units(found, reading, setting),
        ward_candidates=setting.candidates,
        next_action=next_action(found, ground, confidence, setting),
        trace=setting.trace,
    )


def unrecognised(text: str, line: Line, trace: Trace | None) -> Answer:
    """The answer to a text that names no unit and no street: no place, and what to do."""
    return Answer(
        label=" ".join(text.split())[:LONGEST_LABEL],
        code=None,
        match_level=MatchLevel.NONE,
        coordinate_level=None,
        point=None,
        confidence=0.0,
        expected_error_m=None,
        faults=(score.NOTHING_RECOGNISED,),
        components=(*_of_the_line(line), *map(_not_written, ("ward", "district", "province"))),
        ward=None,
        former=FormerUnits(None, None, None),
        ward_candidates=(),
        next_action=nothing_recognised(),
        trace=trace,
    )


def faults_of(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """What speaks against an answer, each fault once."""
    return tuple(dict.fromkeys(one for one in evidence if one.is_fault))


def error_of(found: Found, line: Line) -> float | None:
    """The error stated: the truth lies within twice of it nine times in ten, in metres."""
    if found.error_m is None:
        return None
    kind = found.level.value
    if found.level is MatchLevel.STRETCH and line.number is not None:
        kind = "past_the_end" if found.beyond_m else "unplaced"
    base, slope = score.ERROR_STATED[kind]
    return round(base + slope * found.error_m, 1)


def _ward_on(day: date, found: Found, reading: Reading) -> UnitKey:
    """The ward of a day: the old one that the text names, if the day is before the reform."""
    named = reading.ward.unit if reading.ward else None
    if day < REFORM and named is not None and named.former:
        return named.key
    return found.ward


def _place_level(found: Found, line: Line) -> MatchLevel:
    """How precisely the place is found; a place that is the hamlet written is told as such."""
    group = line.written(PieceKind.GROUP)
    if found.place is not None and group is not None and _names(found.place, group):
        return MatchLevel.RESIDENTIAL_GROUP
    return found.level


def _match_level(level: MatchLevel, reading: Reading) -> MatchLevel:
    if level is not MatchLevel.WARD or reading.ward is not None:
        return level
    return MatchLevel.DISTRICT if reading.district is not None else MatchLevel.PROVINCE


def _label(found: Found, ward: NamedUnit, line: Line) -> str:
    number = line.number_told
    street = found.street.name if found.street else standard(line.street or "")
    place = found.place.name if found.place else ""
    group = line.written(PieceKind.GROUP) or ""
    below = "" if street or group == place else group
    pieces = (place, f"{number} {street}".strip(), below, ward.full_name, ward.province_name or "")
    return ", ".join(piece for piece in pieces if piece)


# -- the units of before -------------------------------------------------------------------------


def former_units(found: Found, reading: Reading, setting: Setting) -> FormerUnits:
    """The units of before the reform that the text names, or else that the place lay in."""
    units = setting.gazetteer.units
    ward = reading.ward.unit if reading.ward and reading.ward.unit.former else None
    district = reading.district.unit if reading.district else (ward.district if ward else None)
    if ward is None and (here := _ward_before(found, setting)) is not None:
        ward, district = here, here.district
    province = _former_province(reading, ward, district)
    lapsed = reading.ward if ward is not None and ward.lapsed else None
    return FormerUnits(
        ward=_old(units, ward),
        district=_old(units, district),
        province=_old(units, province),
        lapsed_ward=name_of(lapsed, setting.words),
    )


def _ward_before(found: Found, setting: Setting) -> Unit | None:
    key = setting.before.get(found.point) if found.point else None
    return setting.gazetteer.units.unit_of(key) if key is not None and key.former else None


def wards_before(
    found: Sequence[Found], readings: Mapping[UnitKey, Reading], gazetteer: Gazetteer
) -> dict[Point, UnitKey | None]:
    """The old ward at each exact point whose old ward the text does not name, in one query."""
    points = [
        one.point
        for one in found
        if one.level in AT_A_POINT and one.point and not _names_old_ward(readings.get(one.ward))
    ]
    if not points:
        return {}
    return dict(zip(points, gazetteer.wards_at(points, EVE_OF_REFORM), strict=True))


def _names_old_ward(reading: Reading | None) -> bool:
    return reading is not None and reading.ward is not None and reading.ward.unit.former


def _former_province(reading: Reading, ward: Unit | None, district: Unit | None) -> Unit | None:
    for unit in (ward, district):
        if unit is not None and unit.province is not None:
            return unit.province
    named = reading.province.unit if reading.province else None
    return named if named is not None and named.former else None


def _old(units: UnitVocabulary, unit: Unit | None) -> NamedUnit | None:
    return named_unit(units, unit.key, EVE_OF_REFORM) if unit is not None else None


# -- components ----------------------------------------------------------------------------------


def components_of(
    found: Found, reading: Reading, ward: NamedUnit, setting: Setting
) -> tuple[Component, ...]:
    """Every part of the address with its status; hamlets, buildings and places where written."""
    words = setting.words
    return (
        _number(found, setting.line),
        _street(found, setting),
        *_places(found.place, setting.line),
        _unit("ward", reading.ward, ward.full_name, words),
        _unit("district", reading.district, None, words),
        _unit("province", reading.province, ward.province_name, words),
    )


def _number(found: Found, line: Line) -> Component:
    told = line.number_told
    if not told:
        return Component("house_number", None, None, Status.MISSING)
    otherwise = Status.INFERRED if found.beyond_m else Status.MISSING
    return Component("house_number", told, told, DOOR_FOUND.get(found.level, otherwise))


def _street(found: Found, setting: Setting) -> Component:
    written = setting.line.street
    if found.street is None:
        return Component("street", written, written and standard(written), Status.MISSING)
    as_written = is_street_as_written(found.street, setting)
    status = Status.MATCHED if as_written else Status.CORRECTED
    return Component("street", written, found.street.name, status)


NAMED_PIECES: Final = (
    ("residential_group", PieceKind.GROUP),
    ("building", PieceKind.ESTATE),
    ("place", PieceKind.NAME),
)


def _places(place: Place | None, line: Line) -> Iterator[Component]:
    """Hamlets, estates and places that are written: found where a place bears the name."""
    for kind, piece in NAMED_PIECES:
        names = line.names if piece is PieceKind.NAME else [line.written(piece)]
        if written := ", ".join(filter(None, names)):
            found = place is not None and any(_names(place, name) for name in names if name)
            status = Status.MATCHED if found else Status.MISSING
            yield Component(kind, written, place.name if place and found else written, status)


def _names(place: Place, written: str) -> bool:
    keys = set(map(street_key, place.names))
    return any(
        street_key(one) in keys for one in (written, ESTATE_KIND.sub("", bare_text(written)))
    )


def _of_the_line(line: Line) -> Iterator[Component]:
    """Number, street and places of a line that nothing was found for."""
    number = line.number_told or None
    yield Component("house_number", number, number, Status.MISSING)
    yield Component("street", line.street, line.street, Status.MISSING)
    yield from _places(None, line)


def _not_written(kind: str) -> Component:
    return Component(kind, None, None, Status.MISSING)


CORRECTING: Final = frozenset(
    {score.MISSPELT, score.BADLY_MISSPELT, score.CUT_SHORT, score.MARKS_DIFFER}
)


def _unit(kind: str, mention: Mention | None, inferred: str | None, words: Words) -> Component:
    if mention is None:
        return Component(kind, None, inferred, Status.INFERRED if inferred else Status.MISSING)
    status = Status.MATCHED if CORRECTING.isdisjoint(mention.evidence) else Status.CORRECTED
    return Component(
        kind, words.written(mention.span.head, mention.span.tail), name_of(mention, words), status
    )
