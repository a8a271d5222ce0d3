"""A street as a ruler: where along it, on which side and in which ward a house number lies.

Known houses are observations of a number at a distance along the street; a wanted number is placed
by all of them, the near ones weighing most. With none, the numbering is taken to rise as Circular
08/2024/TT-BXD has it: north to south, east to west, odd numbers on the left.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from diachiso.address.division import UnitKey
from diachiso.geocode import score
from diachiso.geocode.gazetteer import Course, Point

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
WardsAt = Callable[[Sequence[Point]], Sequence[UnitKey | None]]
METRES_A_DEGREE = 111_320.0
STEP_M = 20.0
"""How far apart the samples of a course are at most."""
MOST_SAMPLES = 250
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

    `strayed_m` is how far the number would have to lie from there to be in the ward asked for;
    `other_side` tells that only the other side of the street is in that ward; `beyond_m` is how
    far past the street's end the number would lie.
    """

    point: Point
    ward: UnitKey | None
    error_m: float
    strayed_m: float
    other_side: bool
    beyond_m: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Ruler:
    """The two sides of a street as samples along it (metres), and the numbers known on it."""

    sides: tuple[Floats, Floats]
    wards: tuple[Places, Places]
    ward_keys: tuple[UnitKey | None, ...]
    along: Floats
    numbers: Floats
    numbers_along: Floats
    rises: float
    pace: float
    by_rule: bool

    @classmethod
    def of(
        cls, courses: Sequence[Course], houses: Iterable[Numbered], wards_at: WardsAt
    ) -> Self | None:
        """Make the ruler of a street; None where its course is not known."""
        courses = [course for course in courses if len(course.points) > 1]
        if not courses:
            return None
        pieces = [_samples(course.points) for course in courses]
        owner = np.repeat(np.arange(len(courses)), [len(piece) for piece in pieces])
        points = np.vstack(pieces)
        if len(points) > MOST_SAMPLES:
            kept = np.linspace(0, len(points) - 1, MOST_SAMPLES).astype(np.intp)
            points, owner = points[kept], owner[kept]
        plane = Plane.around(points)
        metres = plane.metres(points)
        middle = metres.mean(axis=0)
        axis = np.linalg.svd(metres - middle, full_matrices=False)[2][0]
        along = (metres - middle) @ axis
        numbers, known = _known(houses, metres, plane)
        numbers_along = (known - middle) @ axis
        rises, pace, by_rule = _numbering(numbers, numbers_along, axis)
        onwards = rises * axis
        left = np.array([-onwards[1], onwards[0]]) * SIDE_M
        sides = (plane.degrees(metres + left), plane.degrees(metres - left))
        drawn = [courses[n].ward for n in owner]
        wards, keys = _wards(sides, drawn, wards_at)
        return cls(sides, wards, keys, along, numbers, numbers_along, rises, pace, by_rule)

    def places(self, number: int, wards: Sequence[UnitKey]) -> list[Spot]:
        """Where a number lies in each of some wards, were it there.

        Where only the rule tells which way the numbers rise, the ward may tell it better.
        """
        ways = (self.rises, -self.rises) if self.by_rule else (self.rises,)
        found = [self._placed(number, wards, rises) for rises in ways]
        return [min(spots, key=lambda spot: spot.strayed_m) for spots in zip(*found, strict=True)]

    def _placed(self, number: int, wards: Sequence[UnitKey], rises: float) -> list[Spot]:
        wanted, error, beyond = self._along(number, rises)
        apart = np.abs(self.along - wanted)
        free = int(np.argmin(apart))
        side = LEFT if (number % 2 == 1) == (rises == self.rises) else RIGHT
        spots = [self._place(ward, side, apart, free, error) for ward in wards]
        return [spot._replace(beyond_m=beyond) for spot in spots] if beyond else spots

    def _place(self, ward: UnitKey, side: int, apart: Floats, free: int, error: float) -> Spot:
        at, used = free, side
        if self._ward(side, free) != ward:
            inside = self._inside(ward, side, apart)
            if inside is None:
                return Spot(
                    self._point(side, free), self._ward(side, free), error, np.inf, other_side=False
                )
            at, used = inside
        strayed = float(apart[at]) - float(apart[free])
        ward_there = self._ward(used, at)
        error += strayed / 2
        return Spot(self._point(used, at), ward_there, error, strayed, used != side)

    def _inside(self, ward: UnitKey, side: int, apart: Floats) -> tuple[int, int] | None:
        """The sample nearest to a place, on this side if need be on the other, in a ward."""
        if ward not in self.ward_keys:
            return None
        wanted = self.ward_keys.index(ward)
        best = [
            (
                float(apart[here[0]]) + (score.WRONG_SIDE_M if one != side else 0.0),
                int(here[0]),
                one,
            )
            for one in (LEFT, RIGHT)
            if len(here := _nearest(self.wards[one] == wanted, apart))
        ]
        return min(best)[1:] if best else None

    def _point(self, side: int, at: int) -> Point:
        lon, lat = self.sides[side][at]
        return float(lon), float(lat)

    def _ward(self, side: int, at: int) -> UnitKey | None:
        return self.ward_keys[int(self.wards[side][at])]

    def _along(self, number: int, rises: float) -> tuple[float, float, float]:
        """The distance along the street of a number, its expected error, how far past the end."""
        low, high = float(self.along.min()), float(self.along.max())
        start = low if rises > 0 else high
        guess = start + rises * (score.FIRST_NUMBER_M + self.pace * number)
        apart = np.abs(self.numbers - number)
        other_side = np.where((self.numbers - number) % 2 == 0, 0.0, score.OTHER_SIDE_M)
        spread = np.hypot(score.HOUSE_M + score.PACE_ERROR_M * apart, other_side)
        unseen = score.UNSEEN_M + score.UNSEEN_PACE_ERROR_M * number
        seen = self.numbers_along + rises * self.pace * (number - self.numbers)
        weights = np.append(spread, unseen) ** -score.NEARNESS
        wanted = float(np.average(np.append(seen, guess), weights=weights))
        length = high - low
        error = min(float(spread.min(initial=np.inf)), unseen, score.HOUSE_M + length / 2)
        return float(np.clip(wanted, low, high)), error, max(low - wanted, wanted - high, 0.0)


def _nearest(inside: NDArray[np.bool_], apart: Floats) -> Places:
    places = np.flatnonzero(inside)
    return places[[np.argmin(apart[places])]] if len(places) else places


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


def _samples(points: Sequence[Point]) -> Floats:
    """Points of a line with none farther than `STEP_M` from the next."""
    line = np.asarray(points, dtype=np.float64)
    steps = np.hypot(*np.diff(Plane.around(line).metres(line), axis=0).T)
    pieces = [
        np.linspace(start, end, max(1, int(step / STEP_M)), endpoint=False)
        for start, end, step in zip(line[:-1], line[1:], steps, strict=True)
    ]
    return np.vstack([*pieces, line[-1:]])


def _known(houses: Iterable[Numbered], metres: Floats, plane: Plane) -> tuple[Floats, Floats]:
    """The plain numbers known on a street, and where their houses are (metres)."""
    plain = [(house.number.rstrip(LETTERS), house.point) for house in houses]
    pairs = [(float(number), point) for number, point in plain if number.isdecimal()]
    if not pairs:
        return np.empty(0), np.empty((0, 2))
    numbers = np.array([number for number, _ in pairs])
    spots = plane.metres(np.array([point for _, point in pairs]))
    off = np.array([np.hypot(*(metres - spot).T).min() for spot in spots])
    near = off < FAR_FROM_STREET_M
    return numbers[near], spots[near]


def _numbering(numbers: Floats, along: Floats, axis: Floats) -> tuple[float, float, bool]:
    """Which way the numbers rise (+1 or -1), by how many metres each, by the rule alone?"""
    east, north = axis
    by_rule = -1.0 if (north if abs(north) > abs(east) else east) > 0 else 1.0
    first, second = np.triu_indices(len(numbers), 1)
    apart = numbers[second] - numbers[first]
    far = np.abs(apart) >= score.NUMBERS_APART
    if not far.any():
        return by_rule, score.PACE_M, True
    slope = float(np.median((along[second] - along[first])[far] / apart[far]))
    rises = 1.0 if slope > 0 else -1.0
    if far.sum() < score.PAIRS_TO_TRUST:
        return rises, score.PACE_M, False
    return rises, float(np.clip(abs(slope), *score.PACES_M)), False


def _wards(
    sides: tuple[Floats, Floats], drawn: list[UnitKey | None], wards_at: WardsAt
) -> tuple[tuple[Places, Places], tuple[UnitKey | None, ...]]:
    """The ward of each sample on each side; where no polygon tells, that of the course."""
    spots = [(float(lon), float(lat)) for side in sides for lon, lat in side]
    found = [here or way for here, way in zip(wards_at(spots), drawn + drawn, strict=True)]
    keys = tuple(dict.fromkeys(found))
    number = {key: n for n, key in enumerate(keys)}
    flat = np.array([number[key] for key in found], dtype=np.intp)
    return (flat[: len(drawn)], flat[len(drawn) :]), keys
