"""From a street and a number to a place: house, neighbours, alley, stretch, street, ward."""

from collections.abc import Sequence
from typing import NamedTuple

from diachiso.address.division import UnitKey
from diachiso.geocode import score
from diachiso.geocode.gazetteer import Gazetteer, House, Place, Point, Street, Stretch, street_key
from diachiso.geocode.line import Line, PieceKind
from diachiso.geocode.query import MatchLevel
from diachiso.geocode.today import LikelyWard


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
    chances = {likely.ward: likely.chance for likely in wards}
    chances = weigh_by_streets(chances, streets)
    found = [
        _on_a_street(line, ward, chance, streets, gazetteer) for ward, chance in chances.items()
    ]
    return sorted(found, key=lambda one: -one.chance)


def streets_named(line: Line, gazetteer: Gazetteer) -> tuple[Street, ...]:
    """The streets whose name the line gives."""
    if line.street is None or not len(gazetteer.streets):
        return ()
    return gazetteer.streets.get(street_key(line.street))


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
                lengths[stretch.ward] = lengths.get(stretch.ward, 0.0) + stretch.length_m
    total = sum(lengths.values())
    if not total:
        return chances
    raw = {
        ward: chance * (score.STREET_ELSEWHERE + lengths.get(ward, 0.0) / total)
        for ward, chance in chances.items()
    }
    norm = sum(raw.values()) / sum(chances.values())
    return {ward: value / norm for ward, value in raw.items()}


def _on_a_street(
    line: Line, ward: UnitKey, chance: float, streets: Sequence[Street], gazetteer: Gazetteer
) -> Found:
    here = [(s, t) for s in streets for t in s.stretches if t.ward == ward]
    if here:
        street, stretch = max(here, key=lambda pair: pair[1].length_m)
        return _numbered(line, street, stretch, chance, gazetteer)
    extent = gazetteer.extent(ward)
    centre, reach = (extent.centre, extent.reach_m) if extent else (None, None)
    level = MatchLevel.WARD
    if line.written(PieceKind.GROUP):
        level = MatchLevel.WARD
    return Found(ward, chance, level, centre, reach)


def _numbered(
    line: Line, street: Street, stretch: Stretch, chance: float, gazetteer: Gazetteer
) -> Found:
    number = line.number
    if number is not None and number.path:
        houses = gazetteer.houses([(street.id, number.key)])
        for house in sorted(houses, key=lambda h: h.ward != stretch.ward):
            return Found(
                house.ward, chance, MatchLevel.HOUSE, house.point, 15.0, street=street, house=house
            )
    return Found(
        stretch.ward, chance, MatchLevel.STRETCH, stretch.centre, stretch.reach_m / 2, street=street
    )
