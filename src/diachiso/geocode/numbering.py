"""What is known of the numbers of a street: its houses, its alleys, and where they begin."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple

import numpy as np

from diachiso.address.division import REFORM
from diachiso.address.name import name_key
from diachiso.geocode.course import Floats, Plane, samples
from diachiso.geocode.gazetteer import Gazetteer, Point, Street, street_key
from diachiso.geocode.ruler import Numbered, Ruler

MOST_KNOWN_HOUSES = 600
EVE_OF_REFORM = REFORM - timedelta(days=1)
ALLEY_OF = re.compile(
    r"(?:ngo|ngach|kiet|hem) (?P<path>\d+[a-z]?(?: \d+[a-z]?)*) (?P<street>[a-z].*)"
)
FAR_FROM_PARENT_M = 60.0
"""An alley farther than this from a street does not leave it: a nearer piece of it is not drawn."""
BEGINS_WITHIN_M = 300.0
"""So far from its street an alley still begins at the end nearer to it."""


class AlleyMouth(NamedTuple):
    """The number of an alley and the point where it leaves its street."""

    number: str
    point: Point


def ruler_of(street: Street, gazetteer: Gazetteer, as_of: date) -> Ruler | None:
    """The ruler of a street, made once for the wards of a day's structure."""
    return gazetteer.streets.remember(
        ("ruler", street.id), partial(_ruler, street, gazetteer, as_of)
    )


def _ruler(street: Street, gazetteer: Gazetteer, as_of: date) -> Ruler | None:
    houses = gazetteer.houses_starting(street.id, "", MOST_KNOWN_HOUSES)
    known = [*houses, *alley_mouths(street, gazetteer)]
    wards_at = partial(gazetteer.wards_at, day=as_of)
    formers_at = partial(gazetteer.wards_at, day=EVE_OF_REFORM)
    mouth = _mouth_of(street, gazetteer)
    return Ruler.of(gazetteer.courses(street.id), known, wards_at, formers_at, mouth)


# -- alleys --------------------------------------------------------------------------------------


def alley_mouths(street: Street, gazetteer: Gazetteer) -> Iterator[Numbered]:
    """The alleys of a street that bear its name ('Ngõ 82 Phố Chùa Láng'), where they leave it."""
    alleys = _alleys_by_street(gazetteer).get(street_key(street.name), ())
    along = _points_of(street, gazetteer) if alleys else None
    if along is None:
        return
    for number, alley in alleys:
        mouth = _nearest(alley, along, gazetteer, FAR_FROM_PARENT_M)
        if mouth is not None:
            yield AlleyMouth(number, mouth)


def _alleys_by_street(gazetteer: Gazetteer) -> Mapping[str, Sequence[tuple[str, Street]]]:
    """By the key of a street its alleys, with their numbers at it."""
    return gazetteer.streets.remember("alleys", partial(_read_alleys, gazetteer))


def _read_alleys(gazetteer: Gazetteer) -> Mapping[str, Sequence[tuple[str, Street]]]:
    alleys: dict[str, list[tuple[str, Street]]] = {}
    for street in {
        s.id: s for key in gazetteer.streets for s in gazetteer.streets.get(key)
    }.values():
        match = ALLEY_OF.fullmatch(name_key(street.name))
        if match is not None and " " not in match["path"]:
            number = match["path"].rstrip("abcdefghijklmnopqrstuvwxyz")
            alleys.setdefault(street_key(match["street"]), []).append((number, street))
    return alleys


def _mouth_of(alley: Street, gazetteer: Gazetteer) -> Point | None:
    """Where an alley leaves the street, or the larger alley, that it is named after."""
    match = ALLEY_OF.fullmatch(name_key(alley.name))
    if match is None:
        return None
    above = match["path"].rpartition(" ")[0].replace(" ", "")
    key = street_key(match["street"])
    parents = (*gazetteer.streets.get(f"ngo{above}{key}"), *gazetteer.streets.get(key))
    for parent in parents if above else gazetteer.streets.get(key):
        along = _points_of(parent, gazetteer)
        mouth = None if along is None else _nearest(alley, along, gazetteer, BEGINS_WITHIN_M)
        if mouth is not None:
            return mouth
    return None


def _points_of(street: Street, gazetteer: Gazetteer) -> Floats | None:
    pieces = [samples(c.points) for c in gazetteer.courses(street.id) if len(c.points) > 1]
    return np.vstack(pieces) if pieces else None


def _nearest(alley: Street, along: Floats, gazetteer: Gazetteer, within: float) -> Point | None:
    """The point of an alley that is nearest to a street; None where it is farther than that."""
    points = _points_of(alley, gazetteer)
    if points is None:
        return None
    plane = Plane.around(along)
    ways = plane.metres(points)[:, None, :] - plane.metres(along)[None, :, :]
    apart = np.hypot(ways[..., 0], ways[..., 1]).min(axis=1)
    at = int(apart.argmin())
    return (float(points[at, 0]), float(points[at, 1])) if apart[at] < within else None
