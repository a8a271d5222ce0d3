"""How far along its street a number lies, and how sure that is: from the numbers known there.

The distance of a number from where the numbering begins is taken as a random walk about a usual
pace: it begins somewhere near the end of the street, every street has a pace of its own, and each
side drifts on by itself as plots are wide or narrow. What the known numbers then say about any
other follows by least squares (a Gaussian process); its spread is the error to expect.
"""

from dataclasses import dataclass, replace
from math import sqrt
from typing import Self, TypeVar

import numpy as np

from diachiso.geocode import score
from diachiso.geocode.course import Floats

Number = TypeVar("Number", float, Floats)
MOST_KNOWN = 80
"""Known numbers that are used; of more, every second or third."""
MOST_LEFT = 0.1
CONTRADICTED = 5.0
"""How many standard errors a known number may be off what the others say; the share left out."""


@dataclass(frozen=True, slots=True, eq=False)
class Pace:
    """Numbers known at distances from one end of a street, taken to begin at that end.

    `evidence` is the log-likelihood of the distances, to compare with the other end.
    """

    numbers: Floats
    inverse: Floats
    pulls: Floats
    evidence: float

    @classmethod
    def of(cls, numbers: Floats, distances: Floats) -> Self:
        """Learn from known numbers, which may be none; a few that contradict the rest are left."""
        if not len(numbers):
            return cls(numbers, np.empty((0, 0)), numbers, 0.0)
        numbers, distances = _thinned(*_each_once(numbers, distances))
        for _ in range(1 + int(len(numbers) * MOST_LEFT)):
            pace = cls._of(numbers, distances)
            doubtful = np.abs(pace.pulls) / np.sqrt(np.diag(pace.inverse))
            if doubtful.max(initial=0.0) < CONTRADICTED:
                break
            kept = np.arange(len(numbers)) != doubtful.argmax()
            numbers, distances = numbers[kept], distances[kept]
        return pace

    @classmethod
    def _of(cls, numbers: Floats, distances: Floats) -> Self:
        seen = np.full(len(numbers), score.KNOWN_SPREAD_M**2)
        covariance = _covariance(numbers) + np.diag(seen)
        off = distances - _usual(numbers)
        inverse = np.asarray(np.linalg.inv(covariance), dtype=np.float64)
        pulls = inverse @ off
        evidence = -0.5 * float(off @ pulls + np.linalg.slogdet(covariance)[1])
        return cls(numbers, inverse, pulls, evidence)

    def sharing(self, other: "Pace") -> "Pace":
        """The same with the other's inverse, the larger part of it, where that is the same too."""
        same = np.array_equal(self.numbers, other.numbers)
        return replace(self, inverse=other.inverse) if same else self

    def distance(self, number: int) -> tuple[float, float]:
        """How far from the beginning a number lies, and the standard error (metres)."""
        expected = score.FIRST_NUMBER_M + score.PACE_M * number
        spread = _together(number, number * number) + _apart(number)
        if len(self.numbers):
            shared = self._shared(number)
            expected += float(shared @ self.pulls)
            spread -= float(shared @ self.inverse @ shared)
        return expected, sqrt(max(spread, 0.0) + score.KNOWN_SPREAD_M**2)

    def _shared(self, number: int) -> Floats:
        """How much the distances of a number and of each known one vary together."""
        passed = np.minimum(self.numbers, number)
        same_side = self.numbers % 2 == number % 2
        together = _together(passed, self.numbers * number)
        return np.asarray(together + np.where(same_side, _apart(passed), 0.0), dtype=np.float64)


def _usual(numbers: Floats) -> Floats:
    return score.FIRST_NUMBER_M + score.PACE_M * numbers


def _covariance(numbers: Floats) -> Floats:
    """How much the distances of each two numbers vary together."""
    passed = np.minimum(numbers[:, None], numbers[None, :])
    same_side = numbers[:, None] % 2 == numbers[None, :] % 2
    together = _together(passed, numbers[:, None] * numbers[None, :])
    return np.asarray(together + np.where(same_side, _apart(passed), 0.0), dtype=np.float64)


def _together(passed: Number, product: Number) -> Number:
    """What two numbers share on a street: its beginning, its pace, the walk up to the lesser."""
    walked = score.FIRST_SPREAD_M**2 + score.WALK_M**2 * passed
    return walked + score.PACE_SPREAD_M**2 * product


def _apart(passed: Number) -> Number:
    """What two numbers of one side share besides."""
    return score.SIDE_SPREAD_M**2 + score.SIDE_WALK_M**2 * passed


def _each_once(numbers: Floats, distances: Floats) -> tuple[Floats, Floats]:
    """The numbers, each with the median of its distances."""
    order = np.lexsort((distances, numbers))
    each, first, many = np.unique(numbers[order], return_index=True, return_counts=True)
    sorted_ = distances[order]
    return each, (sorted_[first + (many - 1) // 2] + sorted_[first + many // 2]) / 2


def _thinned(numbers: Floats, distances: Floats) -> tuple[Floats, Floats]:
    if len(numbers) <= MOST_KNOWN:
        return numbers, distances
    kept = np.linspace(0, len(numbers) - 1, MOST_KNOWN).astype(np.intp)
    return numbers[kept], distances[kept]
