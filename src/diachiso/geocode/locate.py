"""From a street and a number to a place: house, neighbours, alley, stretch, street, ward."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from diachiso.address.division import UnitKey
from diachiso.address.number import HouseNumber
from diachiso.geocode import score
from diachiso.geocode.gazetteer import Gazetteer, House, Place, Point, Street, Stretch, street_key
from diachiso.geocode.line import Line
from diachiso.geocode.query import MatchLevel
from diachiso.geocode.ruler import Ruler
from diachiso.geocode.today import LikelyWard

MOST_STREETS = 12
MOST_KNOWN_HOUSES = 600


class Found(NamedTuple):
    """Something found on the ground, in one ward of today."""

    ward: UnitKey
    chance: float
    level: MatchLevel
    point: Point | None
    error_m: float | None
    street: Street | None = None
    house: House | None = None
    place: Place | None = None


def locate(line: Line, wards: Sequence[LikelyWard], gazetteer: Gazetteer) -> list[Found]:
    """Where the address may lie, the likeliest first: one finding for each ward."""
    streets = streets_named(line, gazetteer)
    chances = weigh_by_streets({w.ward: w.chance for w in wards}, streets)
    found = [_in_ward(line, ward, chance, streets, gazetteer) for ward, chance in chances.items()]
    return sorted(found, key=lambda one: -one.chance)


def streets_named(line: Line, gazetteer: Gazetteer) -> tuple[Street, ...]:
    """The streets whose name the line gives, exactly or with one slip; alleys that bear names."""
    if not len(gazetteer.streets):
        return ()
    for name in line.street_names:
        key = street_key(name)
        if exact := gazetteer.streets.get(key):
            return exact[:MOST_STREETS]
        if near := [street for group in gazetteer.streets.near(key) for street in group]:
            return tuple(near[:MOST_STREETS])
    return ()


def weigh_by_streets(
    chances: dict[UnitKey, float], streets: Sequence[Street]
) -> dict[UnitKey, float]:
    """Chances of the wards given that the street named runs through some of them.

    Streets that run through none of them say nothing: the street table is never complete.
    """
    lengths: dict[UnitKey, float] = {}
    for street in streets:
        for stretch in street.stretches:
            if stretch.ward in chances:
                length = stretch.length_m + score.SHORTEST_STRETCH_M
                lengths[stretch.ward] = lengths.get(stretch.ward, 0.0) + length
    total = sum(lengths.values())
    if not total:
        return chances
    raw = {
        ward: chance * (score.STREET_ELSEWHERE + lengths.get(ward, 0.0) / total)
        for ward, chance in chances.items()
    }
    norm = sum(raw.values()) / sum(chances.values())
    return {ward: value / norm for ward, value in raw.items()}


def _in_ward(
    line: Line, ward: UnitKey, chance: float, streets: Sequence[Street], gazetteer: Gazetteer
) -> Found:
    here = [(s, t) for s in streets for t in s.stretches if t.ward == ward]
    if here:
        street, stretch = max(here, key=lambda pair: pair[1].length_m)
        return _on_street(line.number, street, stretch, chance, gazetteer)
    extent = gazetteer.extent(ward)
    if extent is None:
        return Found(ward, chance, MatchLevel.WARD, None, None)
    error = score.SHARE_OF_REACH * extent.reach_m
    return Found(ward, chance, MatchLevel.WARD, extent.centre, error)


def _on_street(
    number: HouseNumber | None, street: Street, stretch: Stretch, chance: float, gazetteer: Gazetteer
) -> Found:
    if number is not None and number.path:
        house = _house(number, street, stretch, gazetteer)
        if house is not None:
            return Found(
                house.ward, chance, MatchLevel.HOUSE, house.point, score.HOUSE_M, street, house
            )
        ruler = ruler_of(street, gazetteer)
        at_street = number.at_street
        if ruler is not None and at_street is not None:
            point, _, error = ruler.place(at_street, stretch.ward)
            alley = len(number.path) > 1 or not number.has_house
            level = MatchLevel.ALLEY if alley else MatchLevel.INTERPOLATED
            error += score.DOWN_AN_ALLEY_M if alley else 0.0
            return Found(stretch.ward, chance, level, point, error, street)
    error = score.SHARE_OF_REACH * stretch.reach_m
    return Found(stretch.ward, chance, MatchLevel.STRETCH, stretch.centre, error, street)


def _house(
    number: HouseNumber, street: Street, stretch: Stretch, gazetteer: Gazetteer
) -> House | None:
    houses = gazetteer.houses([(street.id, number.key)])
    return min(houses, key=lambda house: house.ward != stretch.ward, default=None)


def ruler_of(street: Street, gazetteer: Gazetteer) -> Ruler | None:
    """The ruler of a street, made once."""
    return gazetteer.streets.remember(("ruler", street.id), partial(_ruler, street, gazetteer))


def _ruler(street: Street, gazetteer: Gazetteer) -> Ruler | None:
    houses = gazetteer.houses_starting(street.id, "", MOST_KNOWN_HOUSES)
    return Ruler.of(gazetteer.courses(street.id), houses)
