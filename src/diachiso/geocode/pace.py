"""How far along its street a number lies, and how sure that is: from the numbers known there.

The distance of a number from where the numbering begins is taken as a random walk about a usual
pace: it begins somewhere near the end of the street, every street has a pace of its own, and each
side drifts on by itself as plots are wide or narrow. What the known numbers then say about any
other follows by least squares (a Gaussian process); its spread is the error to expect.

What two numbers share depends on the lesser of them, so that between two known ones it is a
straight line in the number asked for: the distance expected is one too, and its variance a
parabola. Their coefficients are worked out once; what is asked later is a look-up.
"""

from array import array
from typing import NamedTuple

import numpy as np

from diachiso.geocode import score
from diachiso.geocode.course import Floats
from diachiso.geocode.ruler import Pace

MOST_KNOWN = 80
"""Known numbers that are used; of more, every second or third."""
MOST_LEFT = 0.1
CONTRADICTED = 5.0
"""How many standard errors a known number may be off what the others say; the share left out."""


class Learnt(NamedTuple):
    """What known numbers tell, were the street's numbering to begin at one of its ends.

    `evidence` is the log-likelihood of their distances from that end, to compare with the other.
    """

    pace: Pace
    evidence: float


class _Fitted(NamedTuple):
    numbers: Floats
    inverse: Floats
    pulls: Floats
    evidence: float


def learnt(numbers: Floats, distances: Floats, other: Learnt | None = None) -> Learnt:
    """Learn from known numbers, which may be none; a few that contradict the rest are left.

    What does not depend on the distances is that of the other end, where it rests on the same
    numbers.
    """
    fitted = _fitted(numbers, distances)
    shared = _Shared(fitted.numbers)
    lines, at = _kept(shared.lines(fitted.pulls)), _kept(fitted.numbers)
    if other is not None and other.pace.numbers == at:
        pace = Pace(other.pace.numbers, lines, other.pace.parabolas)
    else:
        pace = Pace(at, lines, _kept(shared.parabolas(fitted.inverse)))
    return Learnt(pace, fitted.evidence)


def _kept(figures: Floats) -> "array[float]":
    return array("d", figures.ravel())


def _fitted(numbers: Floats, distances: Floats) -> _Fitted:
    if not len(numbers):
        return _Fitted(numbers, np.empty((0, 0)), numbers, 0.0)
    numbers, distances = _thinned(*_each_once(numbers, distances))
    for _ in range(1 + int(len(numbers) * MOST_LEFT)):
        fitted = _fit(numbers, distances)
        doubtful = np.abs(fitted.pulls) / np.sqrt(np.diag(fitted.inverse))
        if doubtful.max(initial=0.0) < CONTRADICTED:
            break
        kept = np.arange(len(numbers)) != doubtful.argmax()
        numbers, distances = numbers[kept], distances[kept]
    return fitted


def _fit(numbers: Floats, distances: Floats) -> _Fitted:
    seen = np.full(len(numbers), score.KNOWN_SPREAD_M**2)
    covariance = _covariance(numbers) + np.diag(seen)
    off = distances - (score.FIRST_NUMBER_M + score.PACE_M * numbers)
    inverse = np.asarray(np.linalg.inv(covariance), dtype=np.float64)
    pulls = inverse @ off
    evidence = -0.5 * float(off @ pulls + np.linalg.slogdet(covariance)[1])
    return _Fitted(numbers, inverse, pulls, evidence)


def _covariance(numbers: Floats) -> Floats:
    """How much the distances of each two numbers vary together.

    They share the beginning of the street, its pace, and the walk up to the lesser of them; those
    of one side share its own walk besides.
    """
    passed = np.minimum(numbers[:, None], numbers[None, :])
    same_side = numbers[:, None] % 2 == numbers[None, :] % 2
    together = score.FIRST_SPREAD_M**2 + score.WALK_M**2 * passed
    together += score.PACE_SPREAD_M**2 * (numbers[:, None] * numbers[None, :])
    apart = score.SIDE_SPREAD_M**2 + score.SIDE_WALK_M**2 * passed
    return np.asarray(together + np.where(same_side, apart, 0.0), dtype=np.float64)


class _Shared:
    """What a number and each known one vary together, as a line in the number: `at + n * rise`.

    Of shape (2, known + 1, known): for even numbers and odd ones, before the first known number,
    after it, and so on.
    """

    def __init__(self, numbers: Floats) -> None:
        side = np.where(numbers % 2 == np.array([0, 1])[:, None], 1.0, 0.0)[:, None, :]
        passed = np.arange(len(numbers) + 1)[:, None] > np.arange(len(numbers))
        walk = score.WALK_M**2 + side * score.SIDE_WALK_M**2
        begin = score.FIRST_SPREAD_M**2 + side * score.SIDE_SPREAD_M**2
        self._at = begin + np.where(passed, walk * numbers, 0.0)
        self._rise = score.PACE_SPREAD_M**2 * numbers + np.where(passed, 0.0, walk)

    def lines(self, pulls: Floats) -> Floats:
        """The distance expected, of shape (2, known + 1, 2)."""
        usual = np.array([score.FIRST_NUMBER_M, score.PACE_M])
        found = usual + np.stack([self._at @ pulls, self._rise @ pulls], axis=-1)
        return np.asarray(found, dtype=np.float64)

    def parabolas(self, inverse: Floats) -> Floats:
        """Its variance, of shape (2, known + 1, 3)."""
        alone = np.array(
            [
                score.FIRST_SPREAD_M**2 + score.SIDE_SPREAD_M**2,
                score.WALK_M**2 + score.SIDE_WALK_M**2,
                score.PACE_SPREAD_M**2,
            ]
        )
        told, tilted = self._at @ inverse, self._rise @ inverse
        known = [
            (told * self._at).sum(axis=-1),
            2 * (told * self._rise).sum(axis=-1),
            (tilted * self._rise).sum(axis=-1),
        ]
        return np.asarray(alone - np.stack(known, axis=-1), dtype=np.float64)


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
