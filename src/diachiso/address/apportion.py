"""How the land of split wards is shared among the wards that took it over.

The reform's table says which wards took over a former ward, not along which line. What is known of
a new ward besides is its area and its centroid. A *claim* of a ward on a spot falls off with the
square of the distance from the ward's centroid; each ward may raise or lower its claim everywhere
(which moves area) and tilt it (which moves its centroid), and each spot goes to the strongest
claim among the wards entitled to it. This is a power diagram whose sites are free to move. Heights
and tilts are those at which areas and centroids come out as published: the minimum of a convex
function, found by Newton's method.

Published figures are not exact, and some centroids belong to a namesake 3 km away. So heights and
tilts are held by springs, and a centroid that the land contradicts is believed less and less.
Borders between claims are straight lines. Land is given and cut in an equal-area plane in metres;
claims are reckoned in kilometres, so that their numbers are of the order of one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

AREA_SLACK = 0.01
"""How far a height is held back; larger: published areas are kept less exactly."""
CENTROID_SLACK = 0.03
"""How far a tilt is held back, per km² of the ward; larger: centroids are kept less exactly."""
DOUBTFUL_KM = 0.2
"""A centroid missed by this much is believed half as much as one that is met."""
NOT_BELIEVED = 1e6
SOFTNESS_KM2 = 0.1
"""Claims closer than this share a spot while the heights are sought."""
SPOTS = 150
"""How many sample spots stand for a piece of land."""
DOUBTS, STEPS, ENOUGH = 6, 60, 1e-4
KM = 1000.0
"""In metres."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known of a new ward: centroid, and area (None where not published)."""

    x_m: float
    y_m: float
    area_m2: float | None


@dataclass(frozen=True, slots=True)
class Piece:
    """Land that went as one to a single heir, or was divided among several."""

    land: MultiPolygon
    heirs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of all wards: height and tilt above what distance gives."""

    codes: tuple[str, ...]
    sites: Floats
    heights: Floats
    tilts: Floats

    def strongest(self, heirs: Sequence[str], spots_m: Floats) -> list[str]:
        """Who among the heirs gets each of these spots."""
        who = np.array([self.codes.index(heir) for heir in heirs])
        best = self._of(who, spots_m / KM).argmax(axis=1)
        return [heirs[k] for k in best]

    def _of(self, who: Ints, spots: Floats) -> Floats:
        away = spots[:, None, :] - self.sites[who]
        tilted = (away * self.tilts[who]).sum(axis=2)
        return np.asarray(self.heights[who] + tilted - (away**2).sum(axis=2))

    def borders(self, piece: Piece) -> list[shapely.LineString]:
        """The lines along which two heirs' claims on a piece are equal, across all of it."""
        who = [self.codes.index(heir) for heir in piece.heirs]
        west, south, east, north = np.array(piece.land.bounds) / KM
        middle = np.array([west + east, south + north]) / 2
        reach = float(np.hypot(east - west, north - south))
        lines = (self._border(j, k, middle, reach) for n, j in enumerate(who) for k in who[:n])
        return [line for line in lines if line is not None and line.intersects(piece.land)]

    def _border(self, j: int, k: int, middle: Floats, reach: float) -> shapely.LineString | None:
        """Claims differ by an affine function: its zero line, near `middle`."""
        slope = self.tilts[j] - self.tilts[k] + 2 * (self.sites[j] - self.sites[k])
        length = float(np.hypot(*slope))
        if length == 0:
            return None
        here = self._of(np.array([j, k]), middle[None])[0]
        foot = middle - (here[0] - here[1]) * slope / length**2
        along = np.array([-slope[1], slope[0]]) / length * reach
        return shapely.LineString(np.array([foot - along, foot + along]) * KM)


def claims(expected: Mapping[str, Expected], pieces: Sequence[Piece]) -> Claims:
    """Find the claims at which areas and centroids come out as expected, as nearly as can be."""
    problem = _Problem(expected, pieces)
    slack = CENTROID_SLACK * problem.area
    answer = np.zeros((len(expected), 3))
    doubt = np.where(problem.misplaced, NOT_BELIEVED, 1.0)
    for _ in range(DOUBTS):
        answer = problem.solved(answer, slack * doubt)
        missed_km = slack * doubt * np.hypot(*answer[:, 1:].T) / problem.area
        doubt = np.maximum(1 + (missed_km / DOUBTFUL_KM) ** 2, NOT_BELIEVED * problem.misplaced)
    return Claims(tuple(expected), problem.sites, answer[:, 0], answer[:, 1:])


@dataclass(frozen=True, slots=True)
class _Share:
    """Sample spots of a divided piece: who is entitled, what each spot weighs, distances."""

    who: Ints
    weight: Floats
    away: Floats
    nearness: Floats

    @classmethod
    def of(cls, piece: Piece, rank: Mapping[str, int], sites: Floats) -> "_Share":
        who = np.array([rank[heir] for heir in piece.heirs])
        spots = _spots(piece.land) / KM
        away = spots[:, None, :] - sites[who]
        weight = np.full(len(spots), piece.land.area / KM**2 / len(spots))
        ones = np.ones((*away.shape[:2], 1))
        return cls(who, weight, np.concatenate([ones, away], axis=2), -(away**2).sum(axis=2))

    def softly(self, answer: Floats) -> tuple[float, Floats]:
        """The claims on the piece added up, and how each spot is shared, with soft borders."""
        claim = (self.nearness + (self.away * answer[self.who]).sum(axis=2)) / SOFTNESS_KM2
        top = claim.max(axis=1, keepdims=True)
        share = np.exp(claim - top)
        total = share.sum(axis=1, keepdims=True)
        height = SOFTNESS_KM2 * (top + np.log(total))[:, 0]
        return float(self.weight @ height), share / total

    def curvature(self, share: Floats) -> Floats:
        """How fast areas and moments change with heights and tilts: a 3K x 3K block."""
        heirs = len(self.who)
        felt = (share[:, :, None] * self.away).reshape(len(share), -1)
        block = -(felt * self.weight[:, None]).T @ felt
        for k in range(heirs):
            own = slice(3 * k, 3 * k + 3)
            mass = (self.weight * share[:, k])[:, None]
            block[own, own] += (self.away[:, k] * mass).T @ self.away[:, k]
        return np.asarray(block / SOFTNESS_KM2)


class _Problem:
    """The convex function of heights and tilts, its slope and curvature."""

    def __init__(self, expected: Mapping[str, Expected], pieces: Sequence[Piece]) -> None:
        rank = {code: n for n, code in enumerate(expected)}
        self.sites, self.misplaced = _sites(expected, pieces)
        self.shares = [_Share.of(p, rank, self.sites) for p in pieces if len(p.heirs) > 1]
        whole = np.zeros((len(rank), 3))
        for piece in pieces:
            if len(piece.heirs) == 1:
                n = rank[piece.heirs[0]]
                middle = np.array(piece.land.centroid.coords[0]) / KM - self.sites[n]
                whole[n] += piece.land.area / KM**2 * np.array([1, *middle])
        known = [e.area_m2 and e.area_m2 / KM**2 for e in expected.values()]
        typical = float(np.median([a for a in known if a] or [1.0]))
        self.area = np.array(
            [a or max(typical, w) for a, w in zip(known, whole[:, 0], strict=True)]
        )
        self.unknown = np.array([not a for a in known])
        self.missing = np.column_stack([self.area, np.zeros((len(rank), 2))]) - whole
        self.missing[self.unknown, 0] = 0

    def solved(self, answer: Floats, tilt_slack: Floats) -> Floats:
        """Newton's method with halved steps; a ward of unknown area keeps the height 0."""
        height_slack = np.where(self.unknown, 1e6, AREA_SLACK)
        spring = np.column_stack([height_slack, tilt_slack, tilt_slack])
        for _ in range(STEPS):
            value, slope, curvature = self._around(answer, spring)
            step = -np.linalg.solve(curvature, slope.ravel()).reshape(answer.shape)
            gain = -float((slope * step).sum())
            if gain < ENOUGH:
                break
            size = 1.0
            while (
                size > ENOUGH
                and self._value(answer + size * step, spring) > value - size * gain / 4
            ):
                size /= 2
            answer = answer + size * step
        return answer

    def _value(self, answer: Floats, spring: Floats) -> float:
        claimed = sum(share.softly(answer)[0] for share in self.shares)
        held = float((spring * answer**2).sum()) / 2
        return claimed - float((answer * self.missing).sum()) + held

    def _around(self, answer: Floats, spring: Floats) -> tuple[float, Floats, Floats]:
        value = self._value(answer, spring)
        slope = spring * answer - self.missing
        curvature = np.diag(spring.ravel())
        for share in self.shares:
            _, shared = share.softly(answer)
            slope[share.who] += ((share.weight[:, None] * shared)[:, :, None] * share.away).sum(0)
            own = (3 * share.who[:, None] + np.arange(3)).ravel()
            curvature[np.ix_(own, own)] += share.curvature(shared)
        return value, slope, curvature


def _sites(
    expected: Mapping[str, Expected], pieces: Sequence[Piece]
) -> tuple[Floats, NDArray[np.bool_]]:
    """The centroids; those outside all land that the ward may have are a namesake's, and moved."""
    sites = np.array([(e.x_m, e.y_m) for e in expected.values()])
    misplaced = np.zeros(len(sites), dtype=bool)
    for n, code in enumerate(expected):
        land = shapely.GeometryCollection([p.land for p in pieces if code in p.heirs])
        misplaced[n] = not (land.is_empty or land.convex_hull.covers(shapely.Point(sites[n])))
        if misplaced[n]:
            sites[n] = land.centroid.coords[0]
    return sites / KM, misplaced


def _spots(land: MultiPolygon) -> Floats:
    """Spots on an even grid within the land."""
    west, south, east, north = land.bounds
    step = float(np.sqrt(land.area / SPOTS))
    x, y = np.meshgrid(
        np.arange(west + step / 2, east, step), np.arange(south + step / 2, north, step)
    )
    inside = shapely.contains_xy(land, x, y)
    spots = np.column_stack([x[inside], y[inside]])
    return spots if len(spots) else np.array(land.representative_point().coords)
