"""A street as a ruler: where along it a house number lies.

Known houses are observations of the number at a distance along the street; a wanted number is
placed by all of them, the near ones weighing most. With none, the numbering is taken to rise as
Circular 08/2024/TT-BXD has it (north to south, east to west) and at the usual pace.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from diachiso.address.division import UnitKey
from diachiso.geocode import score
from diachiso.geocode.gazetteer import Course, House, Point

Floats = NDArray[np.float64]
METRES_A_DEGREE = 111_320.0
STEP_M = 15.0
"""How far apart the samples of a course are at most."""
MOST_SAMPLES = 4000
FAR_FROM_STREET_M = 150.0
"""Known houses farther than this from the street's course are not believed."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True, eq=False)
class Ruler:
    """Samples of a street with their distance along it (metres), and the numbers known on it."""

    points: Floats
    along: Floats
    wards: NDArray[np.intp]
    ward_keys: tuple[UnitKey | None, ...]
    numbers: Floats
    numbers_along: Floats
    rises: float
    pace: float

    @classmethod
    def of(cls, courses: Sequence[Course], houses: Iterable[House]) -> Self | None:
        """Make the ruler of a street; None where its course is not known."""
        keys = tuple(dict.fromkeys(course.ward for course in courses))
        pieces = [_samples(course.points) for course in courses if len(course.points) > 1]
        if not pieces:
            return None
        points = np.vstack(pieces)
        wards = np.concatenate(
            [
                np.full(len(piece), keys.index(course.ward))
                for piece, course in zip(
                    pieces, (c for c in courses if len(c.points) > 1), strict=True
                )
            ]
        )
        latitude = float(points[:, 1].mean())
        metres = _metres(points, latitude)
        middle = metres.mean(axis=0)
        axis = np.linalg.svd(metres - middle, full_matrices=False)[2][0]
        along = (metres - middle) @ axis
        numbers, numbers_along = _known(houses, metres, middle, axis, latitude=latitude)
        rises, pace = _numbering(numbers, numbers_along, axis)
        return cls(points, along, wards, keys, numbers, numbers_along, rises, pace)

    def place(
        self, number: int, ward: UnitKey | None = None
    ) -> tuple[Point, UnitKey | None, float]:
        """Where a number lies: point (lon, lat), ward there, expected error in metres.

        Where the ward is known and the street runs through it, the point is in it.
        """
        wanted, error = self._along(number)
        inside = self._samples_in(ward)
        at = inside[np.argmin(np.abs(self.along[inside] - wanted))]
        strayed = abs(float(self.along[at]) - wanted)
        point = (float(self.points[at, 0]), float(self.points[at, 1]))
        return point, self.ward_keys[self.wards[at]], error + 0.5 * strayed

    def _samples_in(self, ward: UnitKey | None) -> NDArray[np.intp]:
        if ward in self.ward_keys:
            return np.flatnonzero(self.wards == self.ward_keys.index(ward))
        return np.arange(len(self.along))

    def _along(self, number: int) -> tuple[float, float]:
        """The distance along the street of a number, and its expected error."""
        low, high = float(self.along.min()), float(self.along.max())
        start = low if self.rises > 0 else high
        guess = start + self.rises * (score.FIRST_NUMBER_M + self.pace * number)
        apart = np.abs(self.numbers - number)
        same_side = (self.numbers - number) % 2 == 0
        spread = score.HOUSE_M**2 + (score.PACE_ERROR_M * apart) ** 2
        spread = spread + np.where(same_side, 0.0, score.OTHER_SIDE_M**2)
        seen = self.numbers_along + self.rises * self.pace * (number - self.numbers)
        unseen = score.UNSEEN_M**2 + (score.UNSEEN_PACE_ERROR_M * number) ** 2
        weights = np.append(1 / spread**2, 1 / unseen**2)
        wanted = float(np.average(np.append(seen, guess), weights=weights))
        error = float(np.sqrt(min(spread.min(initial=np.inf), unseen)))
        return float(np.clip(wanted, low, high)), error


def _samples(points: Sequence[Point]) -> Floats:
    """Points of a line with none farther than `STEP_M` from the next."""
    line = np.asarray(points, dtype=np.float64)
    steps = np.hypot(*np.diff(_metres(line, float(line[0, 1])), axis=0).T)
    pieces = [
        np.linspace(start, end, max(2, int(step / STEP_M) + 1), endpoint=False)
        for start, end, step in zip(line[:-1], line[1:], steps, strict=True)
    ]
    return np.vstack([*pieces, line[-1:]])[:MOST_SAMPLES]


def _metres(points: Floats, latitude: float) -> Floats:
    """Degrees to metres on a plane, good enough within a city."""
    scale = np.cos(np.radians(latitude))
    return points * np.array([METRES_A_DEGREE * scale, METRES_A_DEGREE])


def _known(
    houses: Iterable[House], metres: Floats, middle: Floats, axis: Floats, *, latitude: float
) -> tuple[Floats, Floats]:
    """The plain numbers known on a street, and how far along it they are."""
    numbers, along = [], []
    for house in houses:
        plain = house.number.rstrip(LETTERS)
        if plain.isdecimal():
            numbers.append(float(plain))
            along.append(house.point)
    if not numbers:
        return np.empty(0), np.empty(0)
    spots = _metres(np.asarray(along, dtype=np.float64), latitude)
    off = np.array([np.hypot(*(metres - spot).T).min() for spot in spots])
    near = off < FAR_FROM_STREET_M
    return np.asarray(numbers)[near], ((spots - middle) @ axis)[near]


def _numbering(numbers: Floats, along: Floats, axis: Floats) -> tuple[float, float]:
    """Which way the numbers rise (+1 or -1 along the axis), and by how many metres each."""
    east, north = axis
    by_rule = -1.0 if (north if abs(north) > abs(east) else east) > 0 else 1.0
    first, second = np.triu_indices(len(numbers), 1)
    apart = numbers[second] - numbers[first]
    far = np.abs(apart) >= score.NUMBERS_APART
    if not far.any():
        return by_rule, score.PACE_M
    slopes = (along[second] - along[first])[far] / apart[far]
    slope = float(np.median(slopes))
    if far.sum() < score.PAIRS_TO_TRUST:
        return (1.0 if slope > 0 else -1.0), score.PACE_M
    return (1.0 if slope > 0 else -1.0), float(np.clip(abs(slope), *score.PACES_M))
