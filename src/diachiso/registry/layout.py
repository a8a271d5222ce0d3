"""Numbers along a street: doors beside a drawn line get theirs, odd on the left, even on the right.

Circular 08/2024/TT-BXD: rising natural numbers, north to south, east to west, north-east to
south-west, south-east to north-west; a street that is numbered already keeps its direction and its
sides. Wide gaps keep numbers free for the houses that will stand there; a door for which no number
is left between its neighbours gets a letter. The same tells the number of one house from its
neighbours. Pure: points in degrees (WGS 84), distances in metres.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import atan2, cos, degrees, radians

from shapely import LineString, Point as Spot

from diachiso.address.number import HouseNumber

Point = tuple[float, float]
METRES_A_DEGREE = 111_320.0
FAR_M = 80.0
"""Doors and houses farther than this from the line are not beside it."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
OCTANT = 45
DOWNWARDS = frozenset({180, 225, 270, 315})
"""Headings that the circular has numbers rise in: S, SW, W, NW."""


class Direction(StrEnum):
    """Why the numbers rise as they do."""

    KEPT = "kept"
    CIRCULAR = "circular"


class Side(StrEnum):
    """The side of the street, seen in the direction in which the numbers rise."""

    LEFT = "left"
    RIGHT = "right"


class Amiss(StrEnum):
    """Why a door gets no number."""

    FAR = "far"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Numbered:
    """A house of the street that has a number already."""

    number: HouseNumber
    point: Point


@dataclass(frozen=True, slots=True)
class Placed:
    """A door along the line: how far along, how far off, its side, its number or what is amiss."""

    door: int
    along_m: float
    off_m: float
    side: Side
    number: HouseNumber | None = None
    amiss: Amiss | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """Doors in the order of the street; `reserved` are the numbers that gaps keep free."""

    direction: Direction
    line: tuple[Point, ...]
    odd_side: Side
    doors: tuple[Placed, ...]
    reserved: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Fixed:
    along: float
    side: Side
    number: int


@dataclass(frozen=True, slots=True)
class _Line:
    """A line in metres about its own latitude."""

    points: tuple[Point, ...]

    def _metres(self, point: Point) -> Point:
        east = METRES_A_DEGREE * cos(radians(self.points[0][1]))
        return point[0] * east, point[1] * METRES_A_DEGREE

    @property
    def shape(self) -> LineString:
        return LineString([self._metres(point) for point in self.points])

    @property
    def turned(self) -> "_Line":
        return _Line(self.points[::-1])

    @property
    def heading(self) -> int:
        """From its beginning to its end, to the nearest octant: 0 north, 90 east."""
        (west, south), (east, north) = map(self._metres, (self.points[0], self.points[-1]))
        turn = degrees(atan2(east - west, north - south))
        return round(turn / OCTANT) * OCTANT % 360

    def beside(self, point: Point) -> tuple[float, float, Side]:
        """How far along it a point lies, how far off, and on which side."""
        shape, spot = self.shape, Spot(self._metres(point))
        along = float(shape.project(spot))
        (x0, y0), (x1, y1) = (
            shape.interpolate(min(max(at, 0.0), shape.length)).coords[0]
            for at in (along - 1.0, along + 1.0)
        )
        leftwards = (x1 - x0) * (spot.y - y0) - (y1 - y0) * (spot.x - x0)
        return along, float(shape.distance(spot)), Side.LEFT if leftwards >= 0 else Side.RIGHT


def laid_out(
    line: Sequence[Point],
    doors: Sequence[Point],
    known: Iterable[Numbered],
    *,
    plot_m: float | None = None,
) -> Layout:
    """Number doors along a line of at least two points among the houses that have numbers.

    `plot_m` is how wide a plot is: a wider gap keeps numbers free; None: none are kept free where
    nothing is known, else as the street's own numbers go.
    """
    known = list(known)
    drawn = _Line(tuple(line))
    fixed = list(_fixed(drawn, known))
    rise = _rise(fixed)
    kept = rise != 0
    if rise < 0 or (not kept and drawn.heading not in DOWNWARDS):
        drawn = drawn.turned
        fixed = list(_fixed(drawn, known))
    odd = _odd_side(fixed)
    taken = {one.number.path[0] for one in known if one.number.path}
    placed: list[Placed] = []
    spots = [(n, *drawn.beside(door)) for n, door in enumerate(doors)]
    for side in Side:
        here = [Placed(n, s, off, on) for n, s, off, on in spots if on is side and off <= FAR_M]
        run = _Run(1 if side is odd else 2, plot_m, taken)
        placed += run.numbered(sorted(here, key=lambda one: one.along_m), fixed, side)
    placed += [Placed(n, s, off, on, amiss=Amiss.FAR) for n, s, off, on in spots if off > FAR_M]
    return Layout(
        Direction.KEPT if kept else Direction.CIRCULAR,
        drawn.points,
        odd,
        tuple(sorted(placed, key=lambda one: one.along_m)),
        _reserved(placed, known),
    )


def _fixed(line: _Line, known: Iterable[Numbered]) -> Iterator[_Fixed]:
    """Plain houses right at the street; what lies down an alley says nothing of the line."""
    for one in known:
        number = one.number.at_street
        along, off, side = line.beside(one.point)
        if number is not None and len(one.number.path) == 1 and off <= FAR_M:
            yield _Fixed(along, side, number)


def _rise(fixed: Sequence[_Fixed]) -> float:
    """Above nought where known numbers rise with the line, below where they fall."""
    if len({one.number for one in fixed}) < 2:  # noqa: PLR2004 (one number has no direction)
        return 0.0
    numbers = sum(one.number for one in fixed) / len(fixed)
    along = sum(one.along for one in fixed) / len(fixed)
    return sum((one.number - numbers) * (one.along - along) for one in fixed)


def _odd_side(fixed: Sequence[_Fixed]) -> Side:
    """Where the odd numbers are: on the left, unless the street has them on the right."""
    left = sum(1 if (one.side is Side.LEFT) == (one.number % 2 == 1) else -1 for one in fixed)
    return Side.LEFT if left >= 0 else Side.RIGHT


def _reserved(placed: Sequence[Placed], known: Sequence[Numbered]) -> tuple[int, ...]:
    """The numbers kept free among those that are given now."""
    given = {one.number.at_street or 0 for one in placed if one.number}
    used = given | {one.number.at_street or 0 for one in known}
    free: list[int] = []
    for parity in (1, 0):
        mine = [number for number in given if number % 2 == parity]
        if mine:
            first = 2 - parity
            free += [n for n in range(first, max(mine), 2) if n not in used]
    return tuple(sorted(free))


@dataclass(frozen=True, slots=True)
class _Run:
    """One side of the street."""

    first: int
    plot_m: float | None
    taken: set[str]

    def numbered(
        self, doors: Sequence[Placed], fixed: Sequence[_Fixed], side: Side
    ) -> Iterator[Placed]:
        """The doors of the side with their numbers, stretch by stretch between known houses."""
        known = sorted(
            (one for one in fixed if one.side is side and one.number % 2 == self.first % 2),
            key=lambda one: one.along,
        )
        plot = self.plot_m or _pace(known)
        for before, after in zip([None, *known], [*known, None], strict=True):
            low = before.along if before else float("-inf")
            high = after.along if after else float("inf")
            here = [one for one in doors if low <= one.along_m < high]
            yield from self._between(here, before, after, plot)

    def _between(
        self,
        doors: Sequence[Placed],
        before: _Fixed | None,
        after: _Fixed | None,
        plot: float | None,
    ) -> Iterator[Placed]:
        wanted = list(_wanted(doors, before, after, plot, self.first))
        start = before.number + 2 if before else self.first
        end = after.number if after else (wanted[-1] if wanted else start) + 2 * len(doors) + 2
        end = max(end, start) if after is None else end
        free = [n for n in range(start, end, 2) if str(n) not in self.taken]
        lettered = max(0, len(doors) - len(free))
        for one in doors[:lettered]:
            yield self._with_letter(one, before)
        at = -1
        for turn, one in enumerate(doors[lettered:]):
            left = len(doors) - lettered - turn
            choice = range(at + 1, len(free) - left + 1)
            at = min(choice, key=lambda n: (abs(free[n] - wanted[lettered + turn]), n))
            yield self._with(one, str(free[at]))

    def _with_letter(self, one: Placed, before: _Fixed | None) -> Placed:
        base = before.number if before else None
        for letter in LETTERS if base is not None else "":
            if f"{base}{letter}" not in self.taken:
                return self._with(one, f"{base}{letter}")
        return Placed(one.door, one.along_m, one.off_m, one.side, amiss=Amiss.FULL)

    def _with(self, one: Placed, number: str) -> Placed:
        self.taken.add(number)
        return Placed(one.door, one.along_m, one.off_m, one.side, HouseNumber.parse(number))


def _pace(known: Sequence[_Fixed]) -> float | None:
    """How many metres a number takes on this side, by the houses that are known."""
    if len(known) < 2 or known[-1].number == known[0].number:  # noqa: PLR2004 (two make a pace)
        return None
    metres = 2 * (known[-1].along - known[0].along) / (known[-1].number - known[0].number)
    return metres if metres > 1 else None


def _wanted(
    doors: Sequence[Placed],
    before: _Fixed | None,
    after: _Fixed | None,
    plot: float | None,
    first: int,
) -> Iterator[int]:
    """The number that each door would have if all were free."""
    if before and after:
        metres = max(after.along - before.along, 1.0)
        for one in doors:
            share = (one.along_m - before.along) / metres
            yield round(before.number + (after.number - before.number) * share)
        return
    if after:  # counted back from the first known house
        for turn, one in enumerate(doors):
            plots = (after.along - one.along_m) / plot if plot else len(doors) - turn
            yield after.number - 2 * max(1, round(plots))
        return
    last, number = (before.along, before.number) if before else (0.0, first - 2)
    for one in doors:
        metres = one.along_m - last
        plots = max(1, round(metres / plot)) if plot else 1
        if number < first:  # the first of the side: it may stand at the very corner
            plots = 1 + int(metres // plot) if plot else 1
        last, number = one.along_m, number + 2 * plots
        yield number
