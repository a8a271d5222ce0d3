"""From a street and a number to a place: house, neighbours, alley, stretch, street, ward."""

from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from datetime import date
from functools import partial
from math import exp
from types import MappingProxyType
from typing import Final, final

from diachiso.address.division import UnitKey
from diachiso.address.number import HouseNumber
from diachiso.geocode import score
from diachiso.geocode.course import metres_between
from diachiso.geocode.found import Found, OnStreet, StreetNamed
from diachiso.geocode.gazetteer import (
    Gazetteer,
    House,
    Place,
    Street,
    spoken_key,
    street_key,
)
from diachiso.geocode.line import Line
from diachiso.geocode.middle import middle_of
from diachiso.geocode.numbering import ruler_of
from diachiso.geocode.query import MatchLevel
from diachiso.geocode.ruler import Sought

MOST_STREETS: Final = 12
MOST_FOUND: Final = 12
SHORTEST_NEAR: Final = 6
MOST_NAMESAKES: Final = 6
MOST_FIELDS: Final = 3
NO_FORMERS: Final[Mapping[UnitKey, UnitKey]] = MappingProxyType({})


@final
class Wanted:
    """What is to be placed: the line of the address, the street keys and fields of the text.

    Only so many findings as `most` are placed on the ground; the others are wards and chances.
    `formers` are the old wards that the text names, by the wards of today that they lead to.
    """

    __slots__ = ("as_of", "fields", "formers", "line", "most", "streets")

    def __init__(
        self,
        line: Line,
        streets: tuple[str, ...],
        fields: Sequence[str],
        as_of: date,
        most: int = MOST_FOUND,
        formers: Mapping[UnitKey, UnitKey] = NO_FORMERS,
    ) -> None:
        self.line: Final = line
        self.streets: Final = streets
        self.fields: Final = fields
        self.as_of: Final = as_of
        self.most: Final = most
        self.formers: Final = formers


@final
class Known:
    """What is known on the ground, ward by ward."""

    __slots__ = ("houses", "places", "streets")

    def __init__(
        self,
        streets: Mapping[UnitKey, OnStreet],
        places: Mapping[UnitKey, Place],
        houses: Mapping[UnitKey, Sequence[House]],
    ) -> None:
        self.streets: Final = streets
        self.places: Final = places
        self.houses: Final = houses


def locate(
    wanted: Wanted, wards: Mapping[UnitKey, float], nothing: float, gazetteer: Gazetteer
) -> list[Found]:
    """Where the address may lie, the likeliest first: one finding for each ward.

    `wards` are the chances that the units of the text give; `nothing` is the chance that it names
    no unit, which goes to the wards of the street.
    """
    anywhere = nothing >= score.STREET_TELLS
    streets = on_streets(wanted, None if anywhere else wards.keys(), gazetteer)
    places = {} if streets else places_named(wanted, gazetteer)
    fits = {ward: on.fit for ward, on in streets.items()} or dict.fromkeys(places, 1.0)
    chances = weigh_by_fits(wards, nothing, fits, covered_wards(gazetteer))
    ranked = sorted(chances, key=lambda ward: -chances[ward])[:MOST_FOUND]
    known = Known(streets, places, _houses(streets, ranked, gazetteer))
    placed = [
        _in_ward(ward, chances[ward], known, wanted, gazetteer) for ward in ranked[: wanted.most]
    ]
    unplaced = ranked[wanted.most :]
    return placed + [Found(w, chances[w], MatchLevel.WARD, None, None) for w in unplaced]


# -- streets -------------------------------------------------------------------------------------


def streets_named(wanted: Wanted, gazetteer: Gazetteer) -> Iterator[StreetNamed]:
    """The streets that the text names, each with the number on it; alleys with names first."""
    if not len(gazetteer.streets):
        return
    numbers = wanted.line.numbers
    in_alleys = [number for number in numbers if number.alley]
    written = {street_key(name): name for name in reversed(wanted.line.street_names)}
    keys = dict.fromkeys((*map(street_key, wanted.line.street_names), *wanted.streets))
    for exactly in (True, False):
        for key in keys:
            alleys = (
                [one for n in in_alleys for one in _alleys(n, key, gazetteer)] if exactly else []
            )
            streets = _as_marked(_streets_of(key, gazetteer, exactly=exactly), written.get(key))
            if streets or alleys:
                yield from alleys
                least = score.PAST_ITS_ALLEY if alleys else 1.0
                number = numbers[0] if numbers else None
                yield from (
                    StreetNamed(one, number, least * share)
                    for one, share in _by_length(streets[:MOST_STREETS])
                )
                return


def _by_length(streets: Sequence[Street]) -> Iterator[tuple[Street, float]]:
    """Streets of one name, and how likely each is meant: the longer, the more houses it has."""
    lengths = [sum(s.length_m + score.SHORTEST_STRETCH_M for s in one.stretches) for one in streets]
    for street, length in zip(streets, lengths, strict=True):
        yield street, (length / max(lengths)) ** score.LENGTH_TELLS


def _streets_of(key: str, gazetteer: Gazetteer, *, exactly: bool) -> list[Street]:
    if exactly:
        return list(gazetteer.streets.get(key))
    if len(key) < SHORTEST_NEAR or not key.isalpha():
        return []
    return [street for group in gazetteer.streets.near(key) for street in group]


def _as_marked(streets: list[Street], written: str | None) -> list[Street]:
    """Those whose diacritics are the ones written, if any are: Hàng Giấy is not Hàng Giầy."""
    if len(streets) < 2 or written is None or written.isascii():  # noqa: PLR2004 (several)
        return streets
    spoken = spoken_key(written)
    return [s for s in streets if spoken in map(spoken_key, s.names)] or streets


def _alleys(number: HouseNumber, key: str, gazetteer: Gazetteer) -> Iterator[StreetNamed]:
    """Alleys that are in the street table by themselves: 'Ngõ 82 Phố Chùa Láng'."""
    for depth in range(len(number.alley), 0, -1):
        kind = ("ngo", "ngach", "hem")[min(depth, 3) - 1]
        mouth = "".join(number.alley[:depth]).lower()
        deeper = HouseNumber(path=number.path[depth:], has_house=number.has_house)
        for between in ("", "duong", "pho"):
            for street in gazetteer.streets.get(f"{kind}{mouth}{between}{key}"):
                yield StreetNamed(street, deeper, is_alley=True)


def on_streets(
    wanted: Wanted, wards: AbstractSet[UnitKey] | None, gazetteer: Gazetteer
) -> dict[UnitKey, OnStreet]:
    """For every ward that the streets named run through, the best place in it.

    Streets that touch none of some wards are left out; None lets them lie anywhere.
    """
    best: dict[UnitKey, OnStreet] = {}
    for named in streets_named(wanted, gazetteer):
        if wards is not None and wards.isdisjoint(s.ward for s in named.street.stretches):
            continue
        for one in _along(named, gazetteer, wanted):
            ward = one.stretch.ward
            if ward not in best or one.fit > best[ward].fit:
                best[ward] = one
    return best


def _along(named: StreetNamed, gazetteer: Gazetteer, wanted: Wanted) -> Iterator[OnStreet]:
    street, number = named.street, named.number
    at_street = number.at_street if number else None
    ruler = ruler_of(street, gazetteer, wanted.as_of) if at_street is not None else None
    if ruler is None or at_street is None:
        total = sum(s.length_m + score.SHORTEST_STRETCH_M for s in street.stretches)
        for stretch in street.stretches:
            share = (stretch.length_m + score.SHORTEST_STRETCH_M) / total
            yield OnStreet(street, stretch, share * named.fit, None, number)
        return
    sought = [Sought(s.ward, wanted.formers.get(s.ward)) for s in street.stretches]
    spots = ruler.places(at_street, sought, _depth_m(number))
    for stretch, spot in zip(street.stretches, spots, strict=True):
        fit = exp(-spot.strayed_m / (score.STRAY_SHARE * spot.error_m + score.STRAY_M))
        if not named.is_alley:
            fit *= exp(-spot.beyond_m / (spot.error_m + score.BEYOND_M))
        fit *= score.WRONG_SIDE if spot.other_side else 1.0
        fit *= score.FORMER_MISSED if spot.elsewhere else 1.0
        yield OnStreet(street, stretch, fit * named.fit, spot, number)


def _depth_m(number: HouseNumber | None) -> float:
    """How far off its street a house lies whose alley is on no map."""
    return score.DOWN_AN_ALLEY_M if number is not None and len(number.path) > 1 else 0.0


def weigh_by_fits(
    wards: Mapping[UnitKey, float],
    nothing: float,
    fits: Mapping[UnitKey, float],
    covered: AbstractSet[UnitKey],
) -> dict[UnitKey, float]:
    """Chances of the wards given how well the street or place named fits in some of them.

    Where the street table is not complete, a street that is not in it says nothing.
    """
    fitting = sum(fits.values())
    if fitting <= score.NOT_THERE:  # no street, or none that a house of the number could be on
        return dict(wards)
    raw = {}
    for ward, chance in wards.items():
        absent = score.STREET_ELSEWHERE if ward in covered else score.STREET_UNKNOWN
        raw[ward] = chance * max(fits.get(ward, 0.0), absent)
    share = nothing * score.STREET_ALONE / fitting
    for ward, fit in fits.items():
        raw[ward] = raw.get(ward, 0.0) + share * fit
    total = sum(raw.values()) + nothing * score.STREET_ELSEWHERE
    return {ward: value / total for ward, value in raw.items()}


def covered_wards(gazetteer: Gazetteer) -> AbstractSet[UnitKey]:
    """The wards whose streets are in the table, by and large."""
    return gazetteer.streets.remember("covered", partial(_covered_wards, gazetteer))


def _covered_wards(gazetteer: Gazetteer) -> AbstractSet[UnitKey]:
    lengths: dict[UnitKey, float] = {}
    for street in {
        s.id: s for key in gazetteer.streets for s in gazetteer.streets.get(key)
    }.values():
        for stretch in street.stretches:
            lengths[stretch.ward] = lengths.get(stretch.ward, 0.0) + stretch.length_m
    return frozenset(ward for ward, length in lengths.items() if length >= score.COVERED_M)


# -- places --------------------------------------------------------------------------------------


def places_named(wanted: Wanted, gazetteer: Gazetteer) -> dict[UnitKey, Place]:
    """The places that the line names, exactly: one for each ward, none for common names."""
    if not len(gazetteer.places):
        return {}
    for name in (*wanted.fields, *wanted.line.place_names):
        found = gazetteer.places.get(street_key(name)) if " " in name else ()
        if 0 < len(found) <= MOST_NAMESAKES:
            return {place.ward: place for place in found}
    return {}


def _houses(
    streets: Mapping[UnitKey, OnStreet], wards: Sequence[UnitKey], gazetteer: Gazetteer
) -> dict[UnitKey, list[House]]:
    """The houses of the wanted number on the streets named, by ward, in one query."""
    numbered = [streets[ward] for ward in wards if ward in streets]
    wanted = {
        (on.street.id, key)
        for on in numbered
        if on.number and on.number.path
        for key in on.number.either_way
    }
    by_ward: dict[UnitKey, list[House]] = {}
    for house in gazetteer.houses(sorted(wanted)) if wanted else ():
        by_ward.setdefault(house.ward, []).append(house)
    return by_ward


def _in_ward(
    ward: UnitKey, chance: float, known: Known, wanted: Wanted, gazetteer: Gazetteer
) -> Found:
    if (on := known.streets.get(ward)) is not None:
        return _on_street(ward, chance, on, known.houses.get(ward, ()))
    if (place := known.places.get(ward)) is not None:
        return Found(ward, chance, MatchLevel.PLACE, place.point, score.PLACE_M, place=place)
    extent = middle_of(ward, wanted.formers.get(ward), gazetteer)
    if extent is None:
        return Found(ward, chance, MatchLevel.WARD, None, None)
    error = score.SHARE_OF_REACH * extent.reach_m
    return Found(ward, chance, MatchLevel.WARD, extent.centre, error)


def _on_street(ward: UnitKey, chance: float, on: OnStreet, houses: Sequence[House]) -> Found:
    number, street = on.number, on.street
    if at_door := [house for house in houses if house.street == street.id]:
        return _at_a_door(ward, chance, on, at_door)
    if on.spot is not None and number is not None:
        alley = len(number.path) > 1 or not number.has_house
        level = MatchLevel.ALLEY if alley else MatchLevel.INTERPOLATED
        error = on.spot.error_m + (score.DOWN_AN_ALLEY_M if alley else 0.0)
        beyond = on.spot.beyond_m if on.spot.beyond_m > score.PAST_THE_END_M else 0.0
        level = MatchLevel.STRETCH if beyond else level
        return Found(ward, chance, level, on.spot.point, error + beyond, street, beyond_m=beyond)
    error = score.SHARE_OF_REACH * on.stretch.reach_m
    return Found(ward, chance, MatchLevel.STRETCH, on.stretch.centre, error, street)


def _at_a_door(ward: UnitKey, chance: float, on: OnStreet, houses: Sequence[House]) -> Found:
    """The recorded house; of several the one nearest to where the number belongs.

    The farther it is from there, and from the others that bear the number, the larger the error.
    """
    belongs = on.spot.point if on.spot is not None else houses[0].point
    house = min(houses, key=lambda one: metres_between(one.point, belongs))
    error = score.HOUSE_M if house.accuracy_m is None else house.accuracy_m
    error += score.HOUSE_OFF * metres_between(house.point, belongs)
    error += max(metres_between(house.point, other.point) for other in houses)
    doors = len(houses)
    level = MatchLevel.HOUSE
    return Found(ward, chance, level, house.point, error, on.street, house, doors=doors)
