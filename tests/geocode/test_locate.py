"""From a street and a number to a place: alleys, namesakes, the old ward, the middle."""

from datetime import date

import pytest

from diachiso.address.division import REFORM, Level, UnitKey
from diachiso.geocode.course import metres_between
from diachiso.geocode.gazetteer import (
    Course,
    Extent,
    House,
    MemoryGazetteer,
    Place,
    Street,
    Stretch,
)
from diachiso.geocode.locate import weigh_by_fits
from diachiso.geocode.query import MatchLevel

CUA_NAM, HOAN_KIEM = (UnitKey(Level.WARD, code, former=False) for code in ("00082", "00070"))
HANG_TRONG, CUA_NAM_BEFORE = (UnitKey(Level.WARD, code, former=True) for code in ("00070", "00082"))
BORDER = 105.850


class Town(MemoryGazetteer):
    """West of the border lies Cửa Nam, east of it Hoàn Kiếm; Hàng Trống is its northern half."""

    def ward_at(self, point, day: date):
        if point[0] < BORDER:
            return CUA_NAM if day >= REFORM else CUA_NAM_BEFORE
        if day >= REFORM:
            return HOAN_KIEM
        return HANG_TRONG if point[1] > 21.03 else None


def street(identity, name, ward, *points):
    middle = points[len(points) // 2]
    reach = max(metres_between(middle, point) for point in points)
    course = Course(tuple(points), ward)
    return Street(identity, name, (Stretch(ward, middle, 2 * reach, reach),)), course


@pytest.fixture
def town(units):
    def town(*streets, houses=(), places=(), extents=None):
        return Town(
            units,
            streets=[one for one, _ in streets],
            courses={one.id: [course] for one, course in streets},
            houses=houses,
            places=places,
            extents=extents,
        )

    return town


RAM = "Hàng Trống, Hoàn Kiếm, Hà Nội"
MAIN = street(1, "Phố Lò Rèn", HOAN_KIEM, (105.851, 21.035), (105.851, 21.026))
ALLEY = street(2, "Ngõ 40 Phố Lò Rèn", HOAN_KIEM, (105.853, 21.0335), (105.8511, 21.0335))


def test_an_alley_on_the_map_is_numbered_from_the_street_it_leaves(find, town):
    """By the rule of the circular number 3 would be at the eastern end."""
    near = find(f"số 3 ngõ 40 phố Lò Rèn, {RAM}", town(MAIN, ALLEY))[0]
    far = find(f"số 51 ngõ 40 phố Lò Rèn, {RAM}", town(MAIN, ALLEY))[0]
    mouth = (105.8511, 21.0335)
    assert metres_between(near.point, mouth) < 80 < metres_between(far.point, mouth)
    assert near.match_level is MatchLevel.INTERPOLATED


def test_the_mouth_of_an_alley_is_a_number_on_its_street(find, town):
    best = find(f"40 phố Lò Rèn, {RAM}", town(MAIN, ALLEY))[0]
    without = find(f"40 phố Lò Rèn, {RAM}", town(MAIN))[0]
    assert metres_between(best.point, (105.851, 21.0335)) < 60
    assert best.expected_error_m < without.expected_error_m


def test_an_alley_on_no_map_lies_off_its_street(find, town):
    best = find(f"số 3 ngõ 60 phố Lò Rèn, {RAM}", town(MAIN))[0]
    assert best.match_level is MatchLevel.ALLEY
    assert abs(best.point[0] - 105.851) * 103_900 == pytest.approx(75, abs=10)


def test_of_two_streets_of_one_name_it_is_the_one_long_enough_for_the_number(find, town):
    lane = street(1, "Phố Lò Rèn", HOAN_KIEM, (105.8510, 21.0340), (105.8510, 21.0325))
    avenue = street(2, "Đường Lò Rèn", CUA_NAM, (105.8400, 21.0400), (105.8400, 21.0200))
    text = "411 Lò Rèn, Hoàn Kiếm, Hà Nội"
    assert find(text, town(lane, avenue))[0].ward.code == CUA_NAM.code
    assert find("11 phố Lò Rèn, phường Hoàn Kiếm", town(lane, avenue))[0].ward.code == "00070"


def test_of_two_streets_of_one_name_the_longer_is_likelier(find, town):
    avenue = street(1, "Đường Lò Rèn", HOAN_KIEM, (105.8600, 21.0400), (105.8600, 21.0200))
    lane = street(2, "Phố Lò Rèn", CUA_NAM, (105.8450, 21.0300), (105.8450, 21.0290))
    shares = {
        one.ward.code: one.ward_candidates[0].share
        for one in find("Lò Rèn, Hà Nội", town(avenue, lane))[:1]
    }
    assert shares["00070"] > 0.7


@pytest.mark.parametrize("written", ["3/40 phố Lò Rèn", "40/3 phố Lò Rèn"])
def test_both_orders_of_a_house_in_an_alley_are_understood(find, town, written):
    best = find(f"{written}, {RAM}", town(MAIN, ALLEY))[0]
    told = find(f"số 3 ngõ 40 phố Lò Rèn, {RAM}", town(MAIN, ALLEY))[0]
    assert best.point == told.point


def test_without_an_alley_on_the_map_the_greater_number_is_on_the_street(find, town):
    near, far = (
        find(f"{written} phố Lò Rèn, {RAM}", town(MAIN))[0] for written in ("3/180", "180/3")
    )
    assert near.point == far.point


def test_the_old_ward_named_tells_which_part_of_the_street_is_meant(find, town):
    south = street(1, "Phố Lò Rèn", HOAN_KIEM, (105.851, 21.035), (105.851, 21.006))
    best = find(f"500 phố Lò Rèn, {RAM}", town(south))[0]
    assert best.point[1] > 21.0295, "the south of the street is not in Hàng Trống"


def test_of_two_houses_of_one_number_it_is_the_one_among_its_neighbours(find, town):
    known = [
        House(1, str(n), (105.8511, 21.035 - n * 0.00004), HOAN_KIEM) for n in range(1, 120, 6)
    ]
    astray = House(1, "61", (105.8511, 21.0265), HOAN_KIEM)
    best = find(f"61 phố Lò Rèn, {RAM}", town(MAIN, houses=[astray, *known, astray]))[0]
    assert best.match_level is MatchLevel.HOUSE
    assert metres_between(best.point, (105.8511, 21.035 - 61 * 0.00004)) < 10


def test_an_unknown_street_lies_in_the_middle_of_the_old_ward_named(find, town):
    extents = {
        HOAN_KIEM: Extent((105.852, 21.020), 2000.0),
        HANG_TRONG: Extent((105.850, 21.030), 400.0),
    }
    best = find(f"7 phố Không Có, {RAM}", town(extents=extents))[0]
    assert best.match_level is MatchLevel.WARD
    assert best.point == (105.850, 21.030)


def test_known_places_draw_the_middle_of_an_old_ward_to_where_people_are(find, town):
    extents = {HANG_TRONG: Extent((105.850, 21.030), 400.0)}
    shops = [Place(n, f"Cửa hàng {n}", "shop=yes", (105.8515, 21.031), HOAN_KIEM) for n in range(3)]
    assert find(f"7 phố Không Có, {RAM}", town(places=shops, extents=extents))[0].point == (
        105.8515,
        21.031,
    )


def test_a_street_of_one_syllable_ends_where_the_kind_of_a_unit_begins(find, town):
    ward = UnitKey(Level.WARD, "00199", former=False)
    short = street(1, "Đường Láng", ward, (105.801, 21.025), (105.801, 21.016))

    best = find("8 ngo 20 duong lang q dong da tp ha noi", town(short))[0]

    assert next(c.value for c in best.components if c.kind == "street") == "Đường Láng"


@pytest.mark.parametrize("fit", [0.0, 5e-324, 1e-309, 1e-200])
def test_a_street_that_no_house_of_the_number_could_be_on_says_nothing(fit):
    fits = {HOAN_KIEM: fit}
    assert weigh_by_fits({CUA_NAM: 0.7}, 0.3, fits, frozenset()) == {CUA_NAM: 0.7}


def test_a_number_however_far_beyond_the_end_of_a_street_has_an_answer(find, town):
    lane = town(street(1, "Phố Lò Rèn", HOAN_KIEM, (105.851, 21.030), (105.851, 21.028)))
    for hundredths in range(463):  # a hundred times as far, a hundredth at a time
        (best, *_) = find(f"{1.01**hundredths * 999:.0f} Lò Rèn", lane)
        assert 0 <= best.confidence <= 1
