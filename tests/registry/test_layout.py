"""Numbers along a street: Circular 08/2024 has odd on the left, rising southwards and westwards."""

from math import cos, radians

import pytest

from diachiso.address.number import HouseNumber
from diachiso.registry.layout import Amiss, Direction, Numbered, Side, laid_out

LON, LAT = 105.85, 21.03
DEGREE_M = 111_320.0


def at(east, north):
    """A point so many metres from the corner."""
    return (LON + east / (DEGREE_M * cos(radians(LAT))), LAT + north / DEGREE_M)


def known(**houses):
    return [Numbered(HouseNumber.parse(n.lstrip("n")), at(*where)) for n, where in houses.items()]


def numbers(layout):
    return {one.door: str(one.number) for one in layout.doors if one.number}


@pytest.mark.parametrize(
    ("end", "rises_with_the_line"),
    [
        ((0, -200), True),  # southwards
        ((-200, 0), True),  # westwards
        ((-200, -200), True),  # to the south-west
        ((-200, 200), True),  # to the north-west
        ((0, 200), False),
        ((200, 0), False),
        ((200, 200), False),
        ((200, -200), False),
    ],
)
def test_a_new_street_is_numbered_as_the_circular_has_it(end, rises_with_the_line):
    doors = [at(end[0] * share, end[1] * share) for share in (0.1, 0.9)]
    layout = laid_out([at(0, 0), at(*end)], doors, [])
    assert layout.direction is Direction.CIRCULAR
    first = layout.doors[0].door
    assert (first == 0) is rises_with_the_line


def test_odd_numbers_are_on_the_left():
    line = [at(0, 200), at(0, 0)]  # southwards: the left is the east
    layout = laid_out(line, [at(5, 150), at(-5, 140), at(5, 50), at(-5, 40)], [])
    assert numbers(layout) == {0: "1", 1: "2", 2: "3", 3: "4"}
    assert layout.odd_side is Side.LEFT
    assert layout.reserved == ()


def test_wide_gaps_keep_numbers_free():
    line = [at(0, 200), at(0, 0)]
    layout = laid_out(line, [at(5, 199), at(5, 149), at(-5, 199)], [], plot_m=10)
    assert numbers(layout) == {0: "1", 1: "11", 2: "2"}
    assert layout.reserved == (3, 5, 7, 9)


def test_a_street_that_is_numbered_keeps_its_direction_and_its_sides():
    line = [at(0, 200), at(0, 0)]
    houses = known(n1=(-5, 10), n2=(5, 10), n21=(-5, 190), n20=(5, 190))  # from the south
    layout = laid_out(line, [at(-5, 100), at(5, 100)], houses)
    assert layout.direction is Direction.KEPT
    assert layout.line[0] == line[-1]
    assert numbers(layout) == {0: "11", 1: "10"} or numbers(layout) == {0: "11", 1: "12"}


def test_a_door_between_neighbours_without_a_free_number_gets_a_letter():
    line = [at(0, 200), at(0, 0)]
    houses = known(n12=(-5, 150), n14=(-5, 140), n2=(-5, 190))
    layout = laid_out(line, [at(-5, 147), at(-5, 144)], houses)
    assert numbers(layout) == {0: "12A", 1: "12B"}
    taken = [*houses, *known(n12A=(-5, 148))]
    assert numbers(laid_out(line, [at(-5, 145)], taken)) == {0: "12B"}


def test_what_has_no_number_left_or_lies_far_off_is_told():
    line = [at(0, 200), at(0, 0)]
    layout = laid_out(line, [at(5, 199), at(300, 100)], known(n1=(5, 190), n3=(5, 150)))
    assert {one.door: one.amiss for one in layout.doors} == {0: Amiss.FULL, 1: Amiss.FAR}


def test_no_number_is_given_twice():
    line = [at(0, 400), at(0, 0)]
    houses = known(n1=(5, 390), n9=(5, 200), n9A=(5, 195), n20=(-5, 100))
    doors = [at(5 if n % 2 else -5, 380 - 7 * n) for n in range(50)]
    given = list(numbers(laid_out(line, doors, houses)).values())
    assert len(given) == len(set(given))
    assert not {"1", "9", "9A", "20"} & set(given)


def test_an_alley_takes_its_number_at_the_street():
    line = [at(0, 200), at(0, 0)]
    houses = [Numbered(HouseNumber.parse("5 ngõ 4"), at(-60, 150)), *known(n2=(-5, 190))]
    layout = laid_out(line, [at(-5, 100)], houses)
    assert numbers(layout) == {0: "6"}
