"""The course of a street as samples: how far along it each lies, and what is left and right of it.

Distances are walked, not straight: a street may bend, have two carriageways and gaps. They count
from one end of the longest walk; which end has the low numbers is not settled here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, hypot, radians
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from diachiso.geocode.gazetteer import Course, Point

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
METRES_A_DEGREE = 111_320.0
STEP_M = 20.0
"""How far apart the samples of a course are at most."""
MOST_SAMPLES = 250
NEXT_STEPS = 2.5
"""Samples within so many steps of each other are walked between straight on."""
GAP = 30.0
"""How much longer than it is a gap in the course counts when the walk is sought."""
ABREAST_M, CARRIAGEWAYS_M = 25.0, 60.0
"""Samples that lie side by side: so little ahead of each other, and so near."""


def metres_between(one: Point, other: Point) -> float:
    """The distance of two points in metres, on a plane."""
    east = (one[0] - other[0]) * cos(radians((one[1] + other[1]) / 2))
    return METRES_A_DEGREE * hypot(east, one[1] - other[1])


class Plane(NamedTuple):
    """Degrees and metres about a latitude: flat, good enough within a city."""

    east: float
    north: float

    @classmethod
    def around(cls, points: Floats) -> "Plane":
        """The plane of some points."""
        return cls(
            METRES_A_DEGREE * float(np.cos(np.radians(points[:, 1].mean()))), METRES_A_DEGREE
        )

    def metres(self, points: Floats) -> Floats:
        """Degrees to metres."""
        return np.asarray(points * np.array(self), dtype=np.float64)

    def degrees(self, points: Floats) -> Floats:
        """Metres to degrees."""
        return np.asarray(points / np.array(self), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """A street, sampled: places in metres of `plane`, and the distance of each along the street.

    `onwards` is the direction of rising distance at each sample, `left` that to its left;
    `breadth` how far the street itself reaches to the left and to the right of it; `owner` the
    course that it is a sample of.
    """

    plane: Plane
    metres: Floats
    along: Floats
    onwards: Floats
    left: Floats
    breadth: tuple[Floats, Floats]
    owner: Places
    length_m: float
    """The longest walk along the street."""

    @classmethod
    def of(cls, courses: Sequence[Course]) -> Self:
        """Sample the courses (at least one, each of at least two points) and walk along them."""
        points, owner = samples(courses)
        thinned = max(1.0, len(points) / MOST_SAMPLES)
        if thinned > 1:
            kept = np.linspace(0, len(points) - 1, MOST_SAMPLES).astype(np.intp)
            points, owner = points[kept], owner[kept]
        plane = Plane.around(points)
        metres = plane.metres(points)
        ways = metres[None, :, :] - metres[:, None, :]
        apart = np.hypot(ways[..., 0], ways[..., 1])
        near = NEXT_STEPS * STEP_M * thinned
        along = _walked(apart, near)
        onwards = _onwards(ways, apart, along, near)
        left = np.stack([-onwards[:, 1], onwards[:, 0]], axis=1)
        breadth = _breadth(ways, apart, onwards)
        return cls(plane, metres, along, onwards, left, breadth, owner, float(along.max()))

    def beside(self, side: int, metres: float) -> Floats:
        """Points so far off the street on a side (0 left, 1 right), in degrees."""
        off = (self.breadth[side] + metres) * (1 if side == 0 else -1)
        return self.plane.degrees(self.metres + off[:, None] * self.left)

    def off(self, points: Sequence[Point]) -> tuple[Floats, Floats, Floats]:
        """For points: how far along the street, how far from it, how far to its left (metres)."""
        spots = self.plane.metres(np.asarray(points, dtype=np.float64).reshape(-1, 2))
        ways = spots[:, None, :] - self.metres[None, :, :]
        apart = np.hypot(ways[..., 0], ways[..., 1])
        nearest = apart.argmin(axis=1)
        way = ways[np.arange(len(spots)), nearest]
        ahead = np.clip((way * self.onwards[nearest]).sum(axis=1), -STEP_M, STEP_M)
        leftwards = (way * self.left[nearest]).sum(axis=1)
        along = np.clip(self.along[nearest] + ahead, 0.0, self.length_m)
        return along, apart[np.arange(len(spots)), nearest], leftwards


def samples(courses: Sequence[Course]) -> tuple[Floats, Places]:
    """Points along courses (each of at least two), and the course that each is of.

    None is farther than `STEP_M` from the next.
    """
    line = np.array([point for course in courses for point in course.points], dtype=np.float64)
    sizes = [len(course.points) for course in courses]
    of = np.repeat(np.arange(len(sizes)), sizes)
    steps = np.hypot(*np.diff(Plane.around(line).metres(line), axis=0).T)
    counts = np.maximum((steps / STEP_M).astype(np.intp), 1)
    counts[np.cumsum(sizes[:-1], dtype=np.intp) - 1] = 1  # from one course to the next: no step
    counts = np.append(counts, 1)
    start = np.repeat(np.arange(len(line)), counts)
    nth = np.arange(len(start)) - np.repeat(np.cumsum(counts) - counts, counts)
    ends = np.append(line[1:], line[-1:], axis=0)
    share = (nth / counts[start])[:, None]
    return line[start] + share * (ends[start] - line[start]), of[start]


def _walked(apart: Floats, near: float) -> Floats:
    """The distance of each sample from one end of the longest walk."""
    cost = np.where(apart <= near, apart, GAP * apart)
    one_end = int(_walk(cost, apart, 0).argmax())
    return _walk(cost, apart, one_end)


def _walk(cost: Floats, apart: Floats, start: int) -> Floats:
    """The length of the cheapest walk to each sample (Dijkstra's)."""
    best = cost[start].copy()
    length = apart[start].copy()
    open_ = best.copy()  # of those that are not settled
    open_[start] = np.inf
    for _ in range(len(cost) - 1):
        here = int(open_.argmin())
        open_[here] = np.inf
        through = best[here] + cost[here]
        shorter = through < best
        np.copyto(length, length[here] + apart[here], where=shorter)
        np.copyto(open_, through, where=shorter)
        np.minimum(best, through, out=best)
    return np.asarray(length, dtype=np.float64)


def _onwards(ways: Floats, apart: Floats, along: Floats, near: float) -> Floats:
    """The direction in which the distance rises at each sample, as its surroundings have it."""
    rise = np.where(apart <= near, along[None, :] - along[:, None], 0.0)
    pull = np.stack([(rise * ways[..., 0]).sum(axis=1), (rise * ways[..., 1]).sum(axis=1)], axis=1)
    size = np.hypot(*pull.T)
    unit = pull / np.where(size > 0, size, 1.0)[:, None]
    unit[size == 0] = (1.0, 0.0)
    return np.asarray(unit, dtype=np.float64)


def _breadth(ways: Floats, apart: Floats, onwards: Floats) -> tuple[Floats, Floats]:
    """How far other carriageways lie to the left and to the right of each sample."""
    ahead = ways[..., 0] * onwards[:, None, 0] + ways[..., 1] * onwards[:, None, 1]
    leftwards = ways[..., 1] * onwards[:, None, 0] - ways[..., 0] * onwards[:, None, 1]
    beside = (np.abs(ahead) < ABREAST_M) & (apart < CARRIAGEWAYS_M)
    to_left = np.where(beside, leftwards, 0.0).max(axis=1)
    to_right = np.where(beside, -leftwards, 0.0).max(axis=1)
    return np.maximum(to_left, 0.0), np.maximum(to_right, 0.0)
