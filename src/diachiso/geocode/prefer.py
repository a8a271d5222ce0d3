"""What the caller knows of where the address is: a place nearby, a box around it."""

from math import exp

from diachiso.geocode import score
from diachiso.geocode.course import metres_between
from diachiso.geocode.found import Found
from diachiso.geocode.gazetteer import Point
from diachiso.geocode.query import Box


def preferred(found: list[Found], near: Point | None, bbox: Box | None) -> list[Found]:
    """The findings with the caller's knowledge weighed in, the likeliest first.

    `near` is (longitude, latitude); `bbox` is west, south, east, north. Findings without a point
    keep their chance.
    """
    if near is None and bbox is None:
        return found
    weights = [one.chance * _likelihood(one.point, near, bbox) for one in found]
    total, held = sum(weights), sum(one.chance for one in found)
    if not total:
        return found
    weighed = [
        one.with_chance(weight / total * held) for one, weight in zip(found, weights, strict=True)
    ]
    return sorted(weighed, key=lambda one: -one.chance)


def _likelihood(point: Point | None, near: Point | None, bbox: Box | None) -> float:
    if point is None:
        return 1.0
    inside = bbox is None or (bbox[0] <= point[0] <= bbox[2] and bbox[1] <= point[1] <= bbox[3])
    closeness = exp(-metres_between(point, near) / score.NEARBY_M) if near is not None else 1.0
    return (1.0 if inside else score.OUTSIDE_THE_BOX) * max(closeness, score.FAR_AWAY)
