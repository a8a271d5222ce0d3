"""A street as a ruler: where along it, on which side and in which ward a house number lies.

A ruler is made once (`survey`), with everything in the order in which numbers are looked for, so
that to place a number is a few looks and sums: no array is walked.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from math import inf, sqrt
from typing import Final, final

from diachiso.address.division import UnitKey
from diachiso.geocode import score
from diachiso.geocode.gazetteer import Point

SIDE_M: Final = 25.0
"""How far from the middle of the street its houses stand."""
LEFT: Final = 0
RIGHT: Final = 1


@final
class Spot:
    """Where a number lies: point (lon, lat), ward there, expected error in metres.

    `strayed_m` is how far the number would have to lie from there to be in the ward asked for,
    `beyond_m` by how much it lies beyond the end of the street; `other_side` tells that only the
    other side of the street is in that ward, `elsewhere` that no part of the street is in the old
    ward that the text names.
    """

    __slots__ = ("beyond_m", "elsewhere", "error_m", "other_side", "point", "strayed_m", "ward")

    def __init__(
        self,
        point: Point,
        ward: UnitKey | None,
        error_m: float,
        strayed_m: float,
        beyond_m: float = 0.0,
        *,
        other_side: bool = False,
        elsewhere: bool = False,
    ) -> None:
        self.point: Final = point
        self.ward: Final = ward
        self.error_m: Final = error_m
        self.strayed_m: Final = strayed_m
        self.beyond_m: Final = beyond_m
        self.other_side: Final = other_side
        self.elsewhere: Final = elsewhere


@final
class Sought:
    """A ward of today that a number is sought in, and the old ward that the text names, if any."""

    __slots__ = ("former", "ward")

    def __init__(self, ward: UnitKey, former: UnitKey | None = None) -> None:
        self.ward: Final = ward
        self.former: Final = former


@final
class Pace:
    """How far from an end of the street its numbers lie, as the known ones have it (`pace`).

    Between two known numbers the distance expected is a straight line in the number, and its
    variance a parabola, one for even numbers and one for odd ones. `numbers` are the known ones,
    rising; `lines` (m) and `parabolas` (m2) hold the coefficients, the constant first, of what is
    before, between and after them: for even numbers, then for odd ones.
    """

    __slots__ = ("lines", "numbers", "parabolas")

    def __init__(
        self, numbers: Sequence[float], lines: Sequence[float], parabolas: Sequence[float]
    ) -> None:
        self.numbers: Final = numbers
        self.lines: Final = lines
        self.parabolas: Final = parabolas

    def distance(self, number: int) -> tuple[float, float]:
        """How far from the beginning a number lies, and the standard error (metres)."""
        n = float(number)
        at = bisect_left(self.numbers, n) + number % 2 * (len(self.numbers) + 1)
        line, parabola = 2 * at, 3 * at
        expected = self.lines[line] + n * self.lines[line + 1]
        rising = self.parabolas[parabola + 1] + n * self.parabolas[parabola + 2]
        spread = self.parabolas[parabola] + n * rising
        return expected, sqrt(max(spread, 0.0) + score.KNOWN_SPREAD_M**2)


@final
class Row:
    """Some samples of a street, in the order in which one walks along it."""

    __slots__ = ("along", "samples")

    def __init__(self, along: Sequence[float], samples: Sequence[int]) -> None:
        self.along: Final = along
        self.samples: Final = samples

    def nearest(self, along: float) -> tuple[float, int]:
        """How far along the street the nearest sample is, and which: of several the first.

        None is at an infinite distance.
        """
        after = bisect_left(self.along, along)
        far, sample = inf, 0
        if after < len(self.along):
            far, sample = self.along[after] - along, self.samples[after]
        if after > 0:
            last = self.along[after - 1]
            first = self.samples[bisect_left(self.along, last)]
            back = along - last
            if back < far or (back == far and first < sample):
                far, sample = back, first
        return far, sample


Rows = tuple[Row, Row]
"""On the left and on the right."""


@final
class Samples:
    """The samples of a street: metres along it, and on a plane; what is left of each.

    `breadth` is how far the street itself reaches to the left and to the right of it, `degree` how
    many metres one of longitude and one of latitude has.
    """

    __slots__ = (
        "along",
        "breadth",
        "degree",
        "east",
        "left_east",
        "left_north",
        "length_m",
        "north",
    )

    def __init__(
        self,
        along: Sequence[float],
        place: tuple[Sequence[float], Sequence[float]],
        left: tuple[Sequence[float], Sequence[float]],
        breadth: tuple[Sequence[float], Sequence[float]],
        degree: tuple[float, float],
        length_m: float,
    ) -> None:
        self.along: Final = along
        self.east: Final = place[0]
        self.north: Final = place[1]
        self.left_east: Final = left[0]
        self.left_north: Final = left[1]
        self.breadth: Final = breadth
        self.degree: Final = degree
        self.length_m: Final = length_m

    def beside(self, side: int, at: int, metres: float) -> Point:
        """The point so far off the street, on a side, at a sample."""
        off = self.breadth[side][at] + metres
        if side == RIGHT:
            off = -off
        east, north = self.degree
        return (
            (self.east[at] + off * self.left_east[at]) / east,
            (self.north[at] + off * self.left_north[at]) / north,
        )


@final
class Belongs:
    """Where a number belongs along a street, whatever the ward: its side and nearest sample.

    `along` is its distance along the street, `off` how far the sample is from there.
    """

    __slots__ = ("along", "beyond_m", "depth_m", "error_m", "off", "sample", "side")

    def __init__(
        self,
        side: int,
        along: float,
        nearest: tuple[float, int],
        error_m: float,
        beyond_m: float,
        depth_m: float,
    ) -> None:
        self.side: Final = side
        self.along: Final = along
        self.off: Final = nearest[0]
        self.sample: Final = nearest[1]
        self.error_m: Final = error_m
        self.beyond_m: Final = beyond_m
        self.depth_m: Final = depth_m


Units = tuple[Sequence[UnitKey | None], Sequence[UnitKey | None]]
"""Of every sample the unit on its left, and on its right."""


@final
class Ruler:
    """A street sampled, the wards of its sides, and its numbering from either end.

    `wards` are those of the time that is asked for, `formers` those of before; `inside` has the
    samples of each ward, `both` those of each ward that were in a former one. `doubt` is the chance
    that the numbers do not rise with the distance along the street.
    """

    __slots__ = (
        "backwards",
        "both",
        "doubt",
        "every",
        "former",
        "formers",
        "inside",
        "onwards",
        "samples",
        "wards",
    )

    def __init__(
        self,
        samples: Samples,
        every: Row,
        wards: Units,
        formers: Units,
        inside: Mapping[UnitKey, Rows],
        both: Mapping[tuple[UnitKey, UnitKey], Rows],
        paces: tuple[Pace, Pace],
        doubt: float,
    ) -> None:
        self.samples: Final = samples
        self.every: Final = every
        self.wards: Final = wards
        self.formers: Final = formers
        self.former: Final = frozenset([*formers[LEFT], *formers[RIGHT]]) - {None}
        self.inside: Final = inside
        self.both: Final = both
        self.onwards: Final = paces[0]
        self.backwards: Final = paces[1]
        self.doubt: Final = doubt

    def places(self, number: int, wanted: Sequence[Sought], depth_m: float = 0.0) -> list[Spot]:
        """Where a number lies in each of some wards, were it there.

        Where it is in doubt which way the numbers rise, the ward may tell it better. `depth_m` is
        how far off the street the number lies: down an alley.
        """
        rises = self.doubt <= 1 - self.doubt
        spots = self._placed(number, wanted, depth_m, rises=rises)
        if max(self.doubt, 1 - self.doubt) >= score.WAY_DOUBTED:
            return spots
        others = self._placed(number, wanted, depth_m, rises=not rises)
        return [
            other if other.strayed_m < spot.strayed_m else spot
            for spot, other in zip(spots, others, strict=True)
        ]

    def _placed(
        self, number: int, wanted: Sequence[Sought], depth_m: float, *, rises: bool
    ) -> list[Spot]:
        length = self.samples.length_m
        distance, error = (self.onwards if rises else self.backwards).distance(number)
        held = min(max(distance, 0.0), length)
        along = held if rises else length - held
        belongs = Belongs(
            LEFT if (number % 2 == 1) == rises else RIGHT,
            along,
            self.every.nearest(along),
            min(error, score.KNOWN_SPREAD_M + length / 2),
            max(distance - length, 0.0),
            depth_m,
        )
        return [self._place(one, belongs) for one in wanted]

    def _place(self, wanted: Sought, belongs: Belongs) -> Spot:
        used, at, strayed = belongs.side, belongs.sample, 0.0
        inside = self.inside.get(wanted.ward)
        if inside is None:
            return self._spot(used, at, inf, belongs)
        if self.wards[used][at] != wanted.ward:
            strayed, used, at = _nearest(inside, belongs)
        former = wanted.former
        if former is not None and self.formers[used][at] != former:
            both = self.both.get((wanted.ward, former))
            if both is not None:
                off, used, at = _nearest(both, belongs)
                strayed = max(strayed, off)
        return self._spot(used, at, strayed, belongs, former)

    def _spot(
        self, side: int, at: int, strayed: float, belongs: Belongs, former: UnitKey | None = None
    ) -> Spot:
        error = belongs.error_m
        return Spot(
            self.samples.beside(side, at, SIDE_M + belongs.depth_m),
            self.wards[side][at],
            error if strayed == inf else error + strayed / 2,
            strayed,
            belongs.beyond_m,
            other_side=side != belongs.side,
            elsewhere=former is not None and bool(self.former) and former not in self.former,
        )


def _nearest(rows: Rows, belongs: Belongs) -> tuple[float, int, int]:
    """Of some samples (at least one) the nearest to where a number belongs.

    How much farther along the street it is than the nearest of all, its side, and which it is.
    """
    least, far, side, at = inf, inf, LEFT, 0
    for one in (LEFT, RIGHT):
        off, sample = rows[one].nearest(belongs.along)
        crossed = score.WRONG_SIDE_M if one != belongs.side else 0.0
        if off + crossed < least:
            least, far, side, at = off + crossed, off, one, sample
    return far - belongs.off, side, at  # exactly 0 where it is the same sample, across the street
