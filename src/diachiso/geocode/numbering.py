"""What is known of the numbers of a street: its houses, its alleys, and where they begin."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set as AbstractSet
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple

import numpy as np

from diachiso.address.division import REFORM
from diachiso.address.name import name_key
from diachiso.geocode.course import Floats, Plane, metres_between, samples
from diachiso.geocode.gazetteer import (
    Course,
    Gazetteer,
    NameIndex,
    Point,
    Street,
    street_key,
)
from diachiso.geocode.memory import Memory
from diachiso.geocode.ruler import Ruler
from diachiso.geocode.survey import Numbered, surveyed

Courses = Mapping[int, Sequence[Course]]
"""By street its ways."""
MOST_KNOWN_HOUSES = 600
MOST_RULERS = 10_000
"""So many are kept, of some ten kilobytes each; of up to fifty where a street is long."""
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
    """The ruler of a street, made once for the wards of a day: of the reform's for those before."""
    day = gazetteer.drawn_since(max(as_of, REFORM))
    return rulers_of(gazetteer.streets)((street.id, day), partial(_ruler, street, gazetteer, day))


def rulers_of(streets: NameIndex[Street]) -> Memory:
    """The rulers made so far, by street and day."""
    return streets.remember("rulers", partial(Memory, MOST_RULERS))


def forget_rulers(streets: NameIndex[Street], changed: AbstractSet[int]) -> None:
    """Let the rulers of some streets be made again, from the houses that they have now."""
    rulers_of(streets).forget(lambda of: of[0] in changed)


def forget_other_drawings(streets: NameIndex[Street], drawn: date) -> None:
    """Let go of the rulers for wards as they were drawn on other days."""
    rulers_of(streets).forget(lambda of: of[1] != drawn)


def worth_a_ruler(streets: NameIndex[Street]) -> list[Street]:
    """The streets whose rulers are worth making before they are asked for: the longest first."""
    every = {street.id: street for key in streets for street in streets.get(key)}.values()
    longest = sorted(every, key=lambda street: -sum(s.length_m for s in street.stretches))
    return longest[: MOST_RULERS // 2]


def _ruler(street: Street, gazetteer: Gazetteer, day: date) -> Ruler | None:
    houses = gazetteer.houses_starting(street.id, "", MOST_KNOWN_HOUSES)
    alleys, parents = _alleys_of(street, gazetteer), _parents_of(street, gazetteer)
    near = (street, *(alley for _, alley in alleys), *parents)
    courses = gazetteer.courses([one.id for one in near])
    known = [*houses, *_mouths(alleys, courses.get(street.id, ()), courses)]
    wards_at = partial(gazetteer.wards_at, day=day)
    formers_at = partial(gazetteer.wards_at, day=EVE_OF_REFORM)
    mouth = _mouth_of(street, parents, courses)
    return surveyed(courses.get(street.id, ()), known, wards_at, formers_at, mouth)


# -- alleys --------------------------------------------------------------------------------------


def _alleys_of(street: Street, gazetteer: Gazetteer) -> list[tuple[str, Street]]:
    """The alleys that bear a street's name ('Ngõ 82 Phố Chùa Láng') and may leave it."""
    namesakes = alleys_by_street(gazetteer).get(street_key(street.name), ())
    return [pair for pair in namesakes if _may_meet(pair[1], street, FAR_FROM_PARENT_M)]


def _may_meet(one: Street, other: Street, within: float) -> bool:
    """May two streets come so near each other? Told by their stretches, which are in memory."""
    return any(
        metres_between(here.centre, there.centre) <= here.reach_m + there.reach_m + within
        for here in one.stretches
        for there in other.stretches
    )


def _mouths(
    alleys: Sequence[tuple[str, Street]], course: Sequence[Course], courses: Courses
) -> Iterator[Numbered]:
    """Where the alleys of a street leave it."""
    along = _points_of(course) if alleys else None
    if along is None:
        return
    for number, alley in alleys:
        mouth = _nearest(_points_of(courses.get(alley.id, ())), along, FAR_FROM_PARENT_M)
        if mouth is not None:
            yield AlleyMouth(number, mouth)


def alleys_by_street(gazetteer: Gazetteer) -> Mapping[str, Sequence[tuple[str, Street]]]:
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


def _parents_of(alley: Street, gazetteer: Gazetteer) -> list[Street]:
    """The larger alleys, then the streets, that an alley is named after and may leave."""
    match = ALLEY_OF.fullmatch(name_key(alley.name))
    if match is None:
        return []
    above = match["path"].rpartition(" ")[0].replace(" ", "")
    key = street_key(match["street"])
    larger = gazetteer.streets.get(f"ngo{above}{key}") if above else ()
    parents = (*larger, *gazetteer.streets.get(key))
    return [parent for parent in parents if _may_meet(alley, parent, BEGINS_WITHIN_M)]


def _mouth_of(alley: Street, parents: Sequence[Street], courses: Courses) -> Point | None:
    """Where an alley leaves the first of some streets that it comes near."""
    points = _points_of(courses.get(alley.id, ())) if parents else None
    for parent in parents:
        along = _points_of(courses.get(parent.id, ()))
        mouth = None if along is None else _nearest(points, along, BEGINS_WITHIN_M)
        if mouth is not None:
            return mouth
    return None


def _points_of(courses: Iterable[Course]) -> Floats | None:
    drawn = [course for course in courses if len(course.points) > 1]
    return samples(drawn)[0] if drawn else None


def _nearest(points: Floats | None, along: Floats, within: float) -> Point | None:
    """The point of an alley that is nearest to a street; None where it is farther than that."""
    if points is None:
        return None
    plane = Plane.around(along)
    ways = plane.metres(points)[:, None, :] - plane.metres(along)[None, :, :]
    apart = np.hypot(ways[..., 0], ways[..., 1]).min(axis=1)
    at = int(apart.argmin())
    return (float(points[at, 0]), float(points[at, 1])) if apart[at] < within else None
