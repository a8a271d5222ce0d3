"""Where a ward is meant when nothing in it is found: the old ward named, and where people are."""

from collections.abc import Mapping, Sequence
from functools import partial
from statistics import median

from diachiso.address.division import UnitKey
from diachiso.geocode.course import metres_between
from diachiso.geocode.gazetteer import Extent, Gazetteer, Point

FEW_PLACES = 3
NEAR_SHARE = 0.6
"""Places are of an old ward when they lie within so much of its reach from its middle."""


def middle_of(ward: UnitKey, former: UnitKey | None, gazetteer: Gazetteer) -> Extent | None:
    """The middle of a ward of today, or of the old ward that became (most of) it, if one is named.

    Known places draw the middle to where people live. None where neither is drawn.
    """
    what = ("middle", ward, former)
    return gazetteer.places.remember(what, partial(_middle_of, ward, former, gazetteer))


def _middle_of(ward: UnitKey, former: UnitKey | None, gazetteer: Gazetteer) -> Extent | None:
    if former is None or gazetteer.shares(former)[0].ward != ward:
        return gazetteer.extent(ward)
    old = gazetteer.extent(former)
    if old is None:
        return gazetteer.extent(ward)
    near = [
        point
        for point in _places_by_ward(gazetteer).get(ward, ())
        if metres_between(point, old.centre) < NEAR_SHARE * old.reach_m
    ]
    if len(near) < FEW_PLACES:
        return old
    return Extent((median(x for x, _ in near), median(y for _, y in near)), old.reach_m)


def _places_by_ward(gazetteer: Gazetteer) -> Mapping[UnitKey, Sequence[Point]]:
    return gazetteer.places.remember("by ward", partial(_read_places, gazetteer))


def _read_places(gazetteer: Gazetteer) -> Mapping[UnitKey, Sequence[Point]]:
    places = {place.id: place for key in gazetteer.places for place in gazetteer.places.get(key)}
    by_ward: dict[UnitKey, list[Point]] = {}
    for place in places.values():
        by_ward.setdefault(place.ward, []).append(place.point)
    return by_ward
