"""Makes the ruler of a street: its course sampled, the wards of its sides, its numbering.

Known houses are observations of a number at a distance along the street; `pace` says what follows
for the others. Which end the numbers begin at is told by them too; before any is known, an alley
is numbered from its mouth, a street as Circular 08/2024/TT-BXD has it: north to south, east to
west, odd numbers on the left.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from math import exp
from typing import Protocol, TypeVar

import numpy as np

from diachiso.address.division import UnitKey
from diachiso.geocode import score
from diachiso.geocode.course import Floats, Trace
from diachiso.geocode.gazetteer import Course, Point
from diachiso.geocode.pace import learnt
from diachiso.geocode.ruler import LEFT, RIGHT, SIDE_M, Row, Rows, Ruler, Samples, Units

WardsAt = Callable[[Sequence[Point]], Sequence[UnitKey | None]]
Key = TypeVar("Key")
FAR_FROM_STREET_M = 150.0
"""Known houses farther than this from the street's course are not believed."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOST_ODDS = 50.0


class Numbered(Protocol):
    """A house or an alley: its number and a point of it (lon, lat)."""

    @property
    def number(self) -> str:
        """The number at the street, perhaps with a letter."""
        ...

    @property
    def point(self) -> Point:
        """Where it is."""
        ...


def surveyed(
    courses: Sequence[Course],
    houses: Iterable[Numbered],
    wards_at: WardsAt,
    formers_at: WardsAt | None = None,
    begins_near: Point | None = None,
) -> Ruler | None:
    """Make the ruler of a street; None where its course is not known.

    `begins_near` is where the numbers begin, if that is known: the mouth of an alley.
    """
    courses = [course for course in courses if len(course.points) > 1]
    if not courses:
        return None
    trace = Trace.of(courses)
    numbers, along = _known(houses, trace)
    onwards = learnt(numbers, along)
    backwards = learnt(numbers, trace.length_m - along, onwards)
    odds = backwards.evidence - onwards.evidence - _prior(trace, begins_near)
    spots = [
        (lon, lat) for side in (LEFT, RIGHT) for lon, lat in trace.beside(side, SIDE_M).tolist()
    ]
    drawn = [courses[n].ward for n in trace.owner.tolist()]
    found = [here or way for here, way in zip(wards_at(spots), drawn + drawn, strict=True)]
    wards = _sides(found)
    formers = _sides(list(formers_at(spots)) if formers_at else [None] * len(spots))
    order = np.argsort(trace.along, kind="stable").tolist()
    rows = _Rows(trace.along, order)
    return Ruler(
        _samples(trace),
        rows.row(order),
        wards,
        formers,
        rows.of(wards),
        rows.of(_pairs(wards, formers)),
        (onwards.pace, backwards.pace),
        1 / (1 + exp(-min(max(odds, -MOST_ODDS), MOST_ODDS))),
    )


def _sides(found: Sequence[UnitKey | None]) -> Units:
    """The units of the left side's samples and those of the right side's after them."""
    half = len(found) // 2
    return tuple(found[:half]), tuple(found[half:])


Pairs = tuple[Sequence[tuple[UnitKey, UnitKey] | None], Sequence[tuple[UnitKey, UnitKey] | None]]


def _pairs(wards: Units, formers: Units) -> Pairs:
    """The ward and the former one of every sample that is in both."""
    left, right = (
        [
            (ward, former) if ward is not None and former is not None else None
            for ward, former in zip(wards[side], formers[side], strict=True)
        ]
        for side in (LEFT, RIGHT)
    )
    return left, right


class _Rows:
    """Samples in the order of their distance along the street."""

    def __init__(self, along: Floats, order: Sequence[int]) -> None:
        self._along = along.tolist()
        self._order = order

    def row(self, samples: Iterable[int]) -> Row:
        """Some of them, which are in that order."""
        kept = array("H", samples)
        return Row(array("d", [self._along[at] for at in kept]), kept)

    def of(self, sides: tuple[Sequence[Key | None], Sequence[Key | None]]) -> dict[Key, Rows]:
        """Those of every unit, on the left and on the right."""
        found: dict[Key, tuple[list[int], list[int]]] = {}
        for side in (LEFT, RIGHT):
            for at in self._order:
                if (key := sides[side][at]) is not None:
                    found.setdefault(key, ([], []))[side].append(at)
        return {key: (self.row(left), self.row(right)) for key, (left, right) in found.items()}


def _samples(trace: Trace) -> Samples:
    """The trace as plain numbers, of which one at a time is asked."""
    (east, north), (left_east, left_north) = trace.metres.T, trace.left.T
    return Samples(
        array("d", trace.along),
        (array("d", east), array("d", north)),
        (array("d", left_east), array("d", left_north)),
        (array("d", trace.breadth[LEFT]), array("d", trace.breadth[RIGHT])),
        (trace.plane.east, trace.plane.north),
        trace.length_m,
    )


def _known(houses: Iterable[Numbered], trace: Trace) -> tuple[Floats, Floats]:
    """The plain numbers known on a street, and how far along it they are (metres)."""
    plain = [(house.number.rstrip(LETTERS), house.point) for house in houses]
    pairs = [(float(number), point) for number, point in plain if number.isdecimal()]
    if not pairs:
        return np.empty(0), np.empty(0)
    along, off, _ = trace.off([point for _, point in pairs])
    near = off < FAR_FROM_STREET_M
    return np.array([number for number, _ in pairs])[near], along[near]


def _prior(trace: Trace, begins_near: Point | None) -> float:
    """The log-odds that numbers rise with the trace, before any of them is known."""
    if begins_near is not None:
        along, _, _ = trace.off([begins_near])
        return score.MOUTH_TELLS if along[0] <= trace.length_m / 2 else -score.MOUTH_TELLS
    ends = trace.metres[[trace.along.argmin(), trace.along.argmax()]]
    east, north = ends[1] - ends[0]
    southwards = (north if abs(north) > abs(east) else east) < 0
    return score.RULE_TELLS if southwards else -score.RULE_TELLS
