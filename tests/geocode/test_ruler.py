"""Numbers placed along a street: by known houses, by alleys, by the circular's rule, by wards.

Maps are drawn with north up; a letter is 20 m, and the corner at the top left is in Hanoi.
"""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, strategies as st

from diachiso.address.division import Level, UnitKey
from diachiso.geocode.course import Trace, metres_between
from diachiso.geocode.gazetteer import Course
from diachiso.geocode.pace import learnt
from diachiso.geocode.ruler import Row, Sought
from diachiso.geocode.survey import surveyed

WEST, NORTH = 105.80, 21.03
METRE_EAST, METRE_NORTH = 1 / 103_900, 1 / 111_320
TODAY, OTHER = (UnitKey(Level.WARD, code, former=False) for code in ("00070", "00082"))
OLD, OLDER = (UnitKey(Level.WARD, code, former=True) for code in ("00070", "00079"))


class Door(NamedTuple):
    number: str
    point: tuple[float, float]


def at(east, south):
    """A point so many metres east and south of the corner."""
    return (WEST + east * METRE_EAST, NORTH - south * METRE_NORTH)


def line(*corners):
    return Course(tuple(at(*corner) for corner in corners))


def all_in(ward):
    return lambda points: [ward] * len(points)


def north_of(south, here, there):
    """One ward north of a parallel, another south of it."""
    border = at(0, south)[1]
    return lambda points: [here if y >= border else there for _, y in points]


def ruler(*courses, doors=(), wards=None, formers=None, mouth=None):
    return surveyed(courses, doors, wards or all_in(TODAY), formers, mouth)


def placed(made, number, ward=TODAY, former=None, **told):
    return made.places(number, [Sought(ward, former)], **told)[0]


SOUTHWARDS = line((0, 0), (0, 1000))


def test_without_known_numbers_a_street_rises_from_north_to_south_odd_numbers_on_the_left():
    made = ruler(SOUTHWARDS)
    first, later, even = (placed(made, number) for number in (1, 101, 102))
    assert first.point[1] > later.point[1], "number 1 is in the north"
    assert later.point[0] > WEST > even.point[0], "facing south, the left is in the east"


def test_an_alley_rises_from_its_mouth_whatever_the_rule_says():
    made = ruler(SOUTHWARDS, mouth=at(0, 1000))
    assert metres_between(placed(made, 1).point, at(0, 1000)) < 100
    assert metres_between(placed(made, 251).point, at(0, 1000)) > 700


def test_known_numbers_turn_the_rule_round():
    doors = [Door(str(n), at(10, 1000 - 4 * n)) for n in (11, 51, 101, 151)]
    made = ruler(SOUTHWARDS, doors=doors)
    assert metres_between(placed(made, 75).point, at(0, 1000 - 4 * 75)) < 45
    assert placed(made, 75).error_m < placed(ruler(SOUTHWARDS), 75).error_m


def test_each_side_has_a_pace_of_its_own():
    """Shops on the left, factories on the right: number 100 is far beyond number 101."""
    left = [Door(str(n), at(15, 3 * n)) for n in range(1, 160, 20)]
    right = [Door(str(n), at(-15, 8 * n)) for n in range(2, 110, 20)]
    made = ruler(SOUTHWARDS, doors=left + right)
    assert metres_between(placed(made, 91).point, at(0, 273)) < 60
    assert metres_between(placed(made, 92).point, at(0, 736)) < 60


def test_one_number_that_contradicts_all_others_is_left_aside():
    doors = [Door(str(n), at(10, 4 * n)) for n in range(1, 240, 12)]
    astray = Door("119", at(10, 40))
    free, led_astray = ruler(SOUTHWARDS, doors=doors), ruler(SOUTHWARDS, doors=[*doors, astray])
    off = metres_between(placed(free, 125).point, placed(led_astray, 125).point)
    assert off < 30


def test_a_house_far_from_its_street_is_not_believed():
    assert len(ruler(SOUTHWARDS, doors=[Door("7", at(400, 30))]).onwards.numbers) == 0


def test_beyond_the_end_of_the_street_the_number_stays_at_the_end_and_says_so():
    short = ruler(line((0, 0), (0, 200)))
    spot = placed(short, 611)
    assert spot.beyond_m > 1000
    assert metres_between(spot.point, at(0, 200)) < 60


def test_distances_are_walked_round_a_bend():
    """The ends of a hook are near each other, but far apart for one who walks."""
    hook = Trace.of([line((0, 0), (0, 500), (100, 500), (100, 0))])
    assert hook.length_m == pytest.approx(1100, abs=40)
    along, off, _ = hook.off([at(100, 0), at(0, 250)])
    assert abs(along[0] - along[1]) == pytest.approx(850, abs=60)
    assert max(off) < 25


def test_two_carriageways_are_one_street_and_its_sides_lie_outside_both():
    boulevard = Trace.of([line((0, 0), (0, 600)), line((40, 600), (40, 0))])
    assert boulevard.length_m == pytest.approx(600, abs=60)
    sides = [boulevard.beside(side, 25.0) for side in (0, 1)]
    metres = [(side[:, 0] - WEST) / METRE_EAST for side in sides]
    low, high = sorted(metres, key=lambda easts: float(np.median(easts)))
    assert float(np.median(low)) == pytest.approx(-25, abs=5)
    assert float(np.median(high)) == pytest.approx(65, abs=5)


def test_a_ward_named_draws_the_number_into_it():
    known = [Door(str(n), at(10, 4 * n)) for n in (1, 21, 61)]
    made = ruler(SOUTHWARDS, doors=known, wards=north_of(500, TODAY, OTHER))
    free, drawn = placed(made, 51), placed(made, 51, OTHER)
    assert (free.ward, drawn.ward) == (TODAY, OTHER)
    assert free.strayed_m == 0 < drawn.strayed_m
    assert drawn.error_m > free.error_m


def test_where_no_number_is_known_the_ward_tells_the_direction():
    """By the rule number 3 is in the north; in the southern ward it is by the southern end."""
    made = ruler(SOUTHWARDS, wards=north_of(700, TODAY, OTHER))
    assert metres_between(placed(made, 3, OTHER).point, at(0, 1000)) < 100


def test_the_old_ward_named_narrows_the_stretch():
    made = ruler(SOUTHWARDS, formers=north_of(800, OLD, OLDER))
    south = placed(made, 120, former=OLDER)
    assert south.point[1] <= at(0, 800)[1]
    assert placed(made, 120, former=OLD).strayed_m == 0


def test_an_old_ward_that_the_street_never_enters_is_told():
    made = ruler(SOUTHWARDS, formers=all_in(OLD))
    assert placed(made, 5, former=OLDER).elsewhere
    assert not placed(made, 5, former=OLD).elsewhere
    assert not placed(ruler(SOUTHWARDS), 5, former=OLD).elsewhere, "no old ward is drawn"


def test_down_an_alley_is_further_from_the_street():
    made = ruler(SOUTHWARDS)
    near, deep = placed(made, 51), placed(made, 51, depth_m=50.0)
    assert metres_between(near.point, deep.point) == pytest.approx(50, abs=2)


def test_a_street_without_a_course_has_no_ruler():
    assert ruler() is None
    assert ruler(Course((at(0, 0),))) is None


def test_the_error_grows_with_the_distance_from_known_numbers():
    pace = learnt(np.array([50.0]), np.array([200.0])).pace
    errors = [pace.distance(number)[1] for number in (50, 54, 90, 250)]
    assert errors == sorted(errors)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=12), st.integers(-3, 33))
def test_the_nearest_sample_is_the_first_of_those_nearest(alongs, asked):
    order = sorted(range(len(alongs)), key=alongs.__getitem__)
    row = Row([float(alongs[at]) for at in order], order)
    nearest = min(range(len(alongs)), key=lambda at: (abs(alongs[at] - asked), at))
    assert row.nearest(float(asked)) == (abs(alongs[nearest] - asked), nearest)


def test_of_no_samples_none_is_near():
    assert Row([], []).nearest(5.0)[0] == float("inf")


def test_the_side_that_lies_in_the_ward_is_told():
    """A border along the middle of the street: odd numbers in one ward, even ones in another."""
    middle = at(0, 0)[0]
    made = ruler(
        SOUTHWARDS, wards=lambda points: [TODAY if x > middle else OTHER for x, _ in points]
    )
    assert not placed(made, 51, TODAY).other_side
    across = placed(made, 51, OTHER)
    assert across.other_side
    assert across.ward == OTHER
    assert across.strayed_m == 0
    assert across.point[0] < middle


@pytest.mark.parametrize("length", [437, 613, 777, 1291])
def test_a_border_along_the_street_does_not_turn_its_numbers_round(length):
    """Across the street is no way along it: where both ways fit alike, the likelier is taken."""
    course, middle = line((0, 0), (0, length)), at(0, 0)[0]

    def wards(points):
        return [TODAY if x > middle else OTHER for x, _ in points]

    divided, free = ruler(course, wards=wards), ruler(course)
    for number in range(1, 240):
        for ward in (TODAY, OTHER):
            spot = placed(divided, number, ward)
            assert spot.strayed_m == 0
            assert spot.other_side == ((number % 2 == 1) != (ward == TODAY))
            assert spot.point[1] == placed(free, number).point[1]
