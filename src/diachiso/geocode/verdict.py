"""What speaks for and against a finding: the evidence of the ground, and of how the ward is told.

Each piece is an `Evidence` of the one table (`score`); those below zero are told as faults.
"""

from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import Final

from diachiso.address.division import UnitKey
from diachiso.geocode import score
from diachiso.geocode.chain import Reading
from diachiso.geocode.found import Found
from diachiso.geocode.gazetteer import Gazetteer, Street, street_key
from diachiso.geocode.line import PieceKind
from diachiso.geocode.query import MatchLevel
from diachiso.geocode.score import Evidence
from diachiso.geocode.setting import Setting
from diachiso.geocode.vocabulary import Unit, keys_of

ON_A_STREET: Final[dict[MatchLevel, Evidence]] = {
    MatchLevel.HOUSE: score.HOUSE_RECORDED,
    MatchLevel.INTERPOLATED: score.NUMBER_INTERPOLATED,
    MatchLevel.ALLEY: score.NUMBER_DOWN_AN_ALLEY,
}


def evidence_on_the_ground(found: Found, setting: Setting) -> tuple[Evidence, ...]:
    """What was found of the street, the number and the ward, piece by piece."""
    reading = setting.reading_of(found)
    place = _of_the_street(found, setting) if found.street else _without_street(found, setting)
    return (*place, *_of_the_ward(found, reading, setting))


# -- street and number ---------------------------------------------------------------------------


def _of_the_street(found: Found, setting: Setting) -> Iterator[Evidence]:
    if found.street is not None and not is_street_as_written(found.street, setting):
        yield score.STREET_MISSPELT
    yield _of_the_number(found, setting)
    if found.doors > 1:
        yield score.NUMBER_REPEATED
    if found.level is MatchLevel.STRETCH and not found.beyond_m and street_wards(found, setting):
        yield score.STREET_CROSSES_WARDS


def _of_the_number(found: Found, setting: Setting) -> Evidence:
    if found.beyond_m:
        return score.NUMBER_OUT_OF_RANGE
    if (told := ON_A_STREET.get(found.level)) is not None:
        return told
    return score.NUMBER_NOT_PLACED if setting.line.number else score.NUMBER_MISSING


def is_street_as_written(street: Street, setting: Setting) -> bool:
    """Does the text write the street by one of its names, diacritics and kind aside?"""
    written = {*map(street_key, setting.line.street_names), *setting.streets}
    names = [street_key(name) for name in street.names]
    return any(name.endswith(one) for name in names for one in written if one)


def street_wards(found: Found, setting: Setting) -> list[Found]:
    """The other likely findings on the same street: it runs through their wards too."""
    return [one for one in setting.likely if one.ward != found.ward and one.street == found.street]


def _without_street(found: Found, setting: Setting) -> Iterator[Evidence]:
    line = setting.line
    if found.place is not None:
        return
    if line.street is not None:
        known = found.ward in wards_with_streets(setting.gazetteer)
        yield score.STREET_UNKNOWN_THERE if known else score.STREET_NOT_CHECKED
    elif line.number is not None:
        yield score.STREET_MISSING
    if line.written(PieceKind.GROUP):
        yield score.GROUP_UNKNOWN


def wards_with_streets(gazetteer: Gazetteer) -> frozenset[UnitKey]:
    """The wards of which any street is loaded: only there a street can be unknown."""
    return gazetteer.streets.remember("wards with streets", partial(_with_streets, gazetteer))


def _with_streets(gazetteer: Gazetteer) -> frozenset[UnitKey]:
    streets = chain.from_iterable(gazetteer.streets.get(key) for key in gazetteer.streets)
    return frozenset(stretch.ward for street in streets for stretch in street.stretches)


# -- the ward ------------------------------------------------------------------------------------


def _of_the_ward(found: Found, reading: Reading, setting: Setting) -> Iterator[Evidence]:
    if found.street is None and found.place is None:
        if (old := divided_ward(reading, setting)) is not None:
            yield _guess(old, setting.gazetteer)
        if namesakes(found, setting):
            yield score.NAMESAKE_WARDS
    if reading.province is None and reading.district is None:
        yield score.PROVINCE_MISSING


def divided_ward(reading: Reading, setting: Setting) -> Unit | None:
    """The ward that the text names, if it was divided among several of today."""
    unit = reading.ward.unit if reading.ward else None
    if unit is None:
        return None
    return unit if setting.gazetteer.units.lineage.is_split(unit.key) else None


def _guess(old: Unit, gazetteer: Gazetteer) -> Evidence:
    by_area = all(share.fraction is not None for share in gazetteer.shares(old.key))
    return score.WARD_GUESSED_BY_SHARE if by_area else score.WARD_GUESSED_BY_DEFAULT


def namesakes(found: Found, setting: Setting) -> list[Found]:
    """The findings that another unit of the same name leads to, and that are about as likely."""
    own = setting.reading_of(found).ward
    if own is None:
        return []
    name = keys_of(own.unit.name)[0]
    rivals = []
    for one in setting.found:
        other = setting.reading_of(one).ward
        if one.ward == found.ward or other is None or other.unit.key == own.unit.key:
            continue
        if one.chance >= score.RIVAL * found.chance and keys_of(other.unit.name)[0] == name:
            rivals.append(one)
    return rivals
