"""A street as a ruler: where along it, on which side and in which ward a house number lies.

Known houses are observations of a number at a distance along the street; `pace` says what follows
for the others. Which end the numbers begin at is told by them too; before any is known, an alley
is numbered from its mouth, a street as Circular 08/2024/TT-BXD has it: north to south, east to
west, odd numbers on the left.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, inf
from typing import NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from diachiso.address.division import UnitKey
from diachiso.geocode import score
from diachiso.geocode.course import Floats, Trace
from diachiso.geocode.gazetteer import Course, Point
from diachiso.geocode.pace import Pace

Flags = NDArray[np.bool_]
Sides = tuple[Flags, Flags]
WardsAt = Callable[[Sequence[Point]], Sequence[UnitKey | None]]
FAR_FROM_STREET_M = 150.0
"""Known houses farther than this from the street's course are not believed."""
SIDE_M = 25.0
"""How far from the middle of the street its houses stand."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LEFT, RIGHT = 0, 1


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


class Spot(NamedTuple):
    """Where a number lies: point (lon, lat), ward there, expected error in metres.

    `strayed_m` is how far the number would have to lie from there to be in the ward asked for,
    `beyond_m` by how much it lies beyond the end of the street; `other_side` tells that only the
    other side of the street is in that ward, `elsewhere` that no part of the street is in the old
    ward that the text names.
    """

    point: Point
    ward: UnitKey | None
    error_m: float
    strayed_m: float
    other_side: bool
    beyond_m: float = 0.0
    elsewhere: bool = False


class Belongs(NamedTuple):
    """Where a number belongs along a street, whatever the ward: its side and nearest sample.

    `apart` is how far from there the samples are along the street.
    """

    side: int
    apart: Floats
    sample: int
    error_m: float
    beyond_m: float
    depth_m: float


class Sought(NamedTuple):
    """A ward of today that a number is sought in, and the old ward that the text names, if any."""

    ward: UnitKey
    former: UnitKey | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Wards:
    """The ward of every sample on each side of a street, at one time."""

    inside: Mapping[UnitKey, Sides]
    found: tuple[Sequence[UnitKey | None], Sequence[UnitKey | None]]

    @classmethod
    def of(cls, found: Sequence[UnitKey | None]) -> Self:
        """From the wards of the left side's samples and those of the right side's after them."""
        half = len(found) // 2
        nth = {ward: n for n, ward in enumerate(dict.fromkeys(found))}
        of = np.array([nth[ward] for ward in found])
        left, right = of[:half], of[half:]
        inside = {ward: (left == n, right == n) for ward, n in nth.items() if ward is not None}
        return cls(inside, (tuple(found[:half]), tuple(found[half:])))

    def at(self, side: int, sample: int) -> UnitKey | None:
        """The ward at a sample of a side."""
        return self.found[side][sample]


@dataclass(frozen=True, slots=True, eq=False)
class Ruler:
    """A street sampled, the wards of its sides, and its numbering from either end.

    `doubt` is the chance that the numbers do not rise with the distance of the trace.
    """

    trace: Trace
    wards: Wards
    formers: Wards
    onwards: Pace
    backwards: Pace
    doubt: float

    @classmethod
    def of(
        cls,
        courses: Sequence[Course],
        houses: Iterable[Numbered],
        wards_at: WardsAt,
        formers_at: WardsAt | None = None,
        begins_near: Point | None = None,
    ) -> Self | None:
        """Make the ruler of a street; None where its course is not known.

        `begins_near` is where the numbers begin, if that is known: the mouth of an alley.
        """
        courses = [course for course in courses if len(course.points) > 1]
        if not courses:
            return None
        trace = Trace.of(courses)
        numbers, along = _known(houses, trace)
        onwards = Pace.of(numbers, along)
        backwards = Pace.of(numbers, trace.length_m - along).sharing(onwards)
        odds = backwards.evidence - onwards.evidence - _prior(trace, begins_near)
        spots = [
            (lon, lat) for side in (LEFT, RIGHT) for lon, lat in trace.beside(side, SIDE_M).tolist()
        ]
        drawn = [courses[n].ward for n in trace.owner.tolist()]
        found = [here or way for here, way in zip(wards_at(spots), drawn + drawn, strict=True)]
        former = list(formers_at(spots)) if formers_at else [None] * len(spots)
        doubt = 1 / (1 + exp(-min(max(odds, -50.0), 50.0)))
        return cls(trace, Wards.of(found), Wards.of(former), onwards, backwards, doubt)

    def places(self, number: int, wanted: Sequence[Sought], depth_m: float = 0.0) -> list[Spot]:
        """Where a number lies in each of some wards, were it there.

        Where it is in doubt which way the numbers rise, the ward may tell it better. `depth_m` is
        how far off the street the number lies: down an alley.
        """
        ways = [rises for rises, doubt in self._ways() if doubt < score.WAY_DOUBTED]
        found = [self._placed(number, wanted, rises, depth_m) for rises in ways]
        return [min(spots, key=lambda spot: spot.strayed_m) for spots in zip(*found, strict=True)]

    def _ways(self) -> list[tuple[float, float]]:
        ways = [(1.0, self.doubt), (-1.0, 1 - self.doubt)]
        return sorted(ways, key=lambda way: way[1])

    def _placed(
        self, number: int, wanted: Sequence[Sought], rises: float, depth_m: float
    ) -> list[Spot]:
        along, error, beyond = self._along(number, rises)
        side = LEFT if (number % 2 == 1) == (rises > 0) else RIGHT
        apart = np.abs(self.trace.along - along)
        belongs = Belongs(side, apart, int(apart.argmin()), error, beyond, depth_m)
        return [self._place(one, belongs) for one in wanted]

    def _place(self, wanted: Sought, belongs: Belongs) -> Spot:
        side, apart, free, error, beyond, depth_m = belongs
        used, at, strayed = side, free, 0.0
        inside = self.wards.inside.get(wanted.ward)
        if inside is None:
            point, ward = self._point(side, free, depth_m), self.wards.at(side, free)
            return Spot(point, ward, error, inf, other_side=False, beyond_m=beyond)
        if not inside[side][free]:
            used, at = _nearest(inside, side, apart)
            strayed = float(apart[at] - apart[free])
        named = self.formers.inside.get(wanted.former) if wanted.former is not None else None
        if named is not None and not (inside[used][at] and named[used][at]):
            both = (inside[LEFT] & named[LEFT], inside[RIGHT] & named[RIGHT])
            if both[LEFT].any() or both[RIGHT].any():
                one, there = _nearest(both, side, apart)
                used, at = one, there
                strayed = max(strayed, float(apart[there] - apart[free]))
        return Spot(
            self._point(used, at, depth_m),
            self.wards.at(used, at),
            error + strayed / 2,
            strayed,
            used != side,
            beyond,
            self._elsewhere(wanted.former),
        )

    def _elsewhere(self, former: UnitKey | None) -> bool:
        return (
            former is not None and bool(self.formers.inside) and former not in self.formers.inside
        )

    def _point(self, side: int, at: int, depth_m: float) -> Point:
        return self.trace.beside_sample(side, SIDE_M + depth_m, at)

    def _along(self, number: int, rises: float) -> tuple[float, float, float]:
        """The distance along the street of a number, its error, how far beyond the end it is."""
        length = self.trace.length_m
        distance, error = (self.onwards if rises > 0 else self.backwards).distance(number)
        held = min(max(distance, 0.0), length)
        beyond = max(distance - length, 0.0)
        along = held if rises > 0 else length - held
        return along, min(error, score.KNOWN_SPREAD_M + length / 2), beyond


def _nearest(inside: Sides, side: int, apart: Floats) -> tuple[int, int]:
    """The side and the sample nearest to a place among some (at least one)."""
    best = []
    for one in (LEFT, RIGHT):
        distances = np.where(inside[one], apart, inf)
        at = int(distances.argmin())
        crossed = score.WRONG_SIDE_M if one != side else 0.0
        best.append((float(distances[at]) + crossed, one, at))
    return min(best)[1:]


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
