"""Five ways to be wrong, each of them admitted."""

import pytest

from diachiso.address.division import Level, UnitKey
from diachiso.geocode.gazetteer import Course, House, MemoryGazetteer, Street, Stretch
from diachiso.geocode.query import Action, MatchLevel

BACH_MAI = UnitKey(Level.WARD, "00292", former=False)


@pytest.fixture(scope="module")
def town(units):
    street = Street(1, "Phố Lê Thanh Nghị", (Stretch(BACH_MAI, (105.845, 21.0), 800.0, 400.0),))
    houses = [House(1, str(n), (105.841 + n * 3e-5, 21.0), BACH_MAI) for n in (1, 21, 41, 61)]
    course = Course(((105.841, 21.0), (105.849, 21.0)), BACH_MAI)
    return MemoryGazetteer(units, streets=[street], houses=houses, courses={1: [course]})


def test_namesake_wards_are_a_choice(find):
    best = find("Phường Tân Phú")[0]
    assert best.confidence < 0.6
    assert best.next_action.action is Action.CHOOSE
    assert len({candidate.code for candidate in best.ward_candidates}) > 2


def test_a_split_ward_without_a_street_shows_its_shares(find):
    best = find("Phường Khương Đình, Quận Thanh Xuân, Hà Nội")[0]
    assert best.confidence < 0.9
    assert sum(candidate.share for candidate in best.ward_candidates) == pytest.approx(1, abs=0.05)


def test_an_unknown_number_is_placed_between_its_neighbours(find, town):
    best = find("31 Lê Thanh Nghị, Bạch Mai, Hai Bà Trưng, Hà Nội", town)[0]
    assert best.coordinate_level is MatchLevel.INTERPOLATED
    assert best.point[0] == pytest.approx(105.841 + 31 * 3e-5, abs=3e-4)
    assert best.expected_error_m > 50
    assert best.code is None


def test_an_unknown_street_falls_back_to_the_ward_and_says_so(find, town):
    best = find("12 Phố Không Có Thật, Phường Bạch Mai, Thành phố Hà Nội", town)[0]
    assert (best.match_level, best.ward.key) == (MatchLevel.WARD, BACH_MAI)
    street = next(one for one in best.components if one.kind == "street")
    assert street.status.value == "missing"
    assert best.expected_error_m > 300


@pytest.mark.parametrize("text", ["", "   ", "asdkjh qwe", "?!?!", "🙂🙂🙂", "xin chào các bạn"])
def test_nonsense_is_told_as_such(find, text):
    assert all(answer.confidence < 0.3 for answer in find(text))
