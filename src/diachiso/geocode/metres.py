"""Distances on the ground, about: good enough to weigh places by, not to measure land."""

from math import cos, hypot, radians

from diachiso.geocode.gazetteer import Point

METRES_A_DEGREE = 111_320.0


def metres_between(one: Point, other: Point) -> float:
    """The distance of two points (lon, lat) in metres, on a plane."""
    east = (one[0] - other[0]) * cos(radians((one[1] + other[1]) / 2))
    return METRES_A_DEGREE * hypot(east, one[1] - other[1])
