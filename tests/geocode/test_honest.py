"""Five ways to be wrong, each of them admitted."""

from pathlib import Path

import pytest

from diachiso.address.division import Level, UnitKey
from diachiso.address.lineage import Lineage, Part, Succession
from diachiso.geocode.gazetteer import Course, House, MemoryGazetteer, Street, Stretch
from diachiso.geocode.query import Action, MatchLevel
from diachiso.geocode.vocabulary import UnitVocabulary
from diachiso.store.facts import read_facts

DATA = Path(__file__).parents[2] / "data"
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


def test_of_several_answers_one_is_right(find):
    answers = find("Phường Cát Linh, Quận Đống Đa, Hà Nội")  # each by itself: 1.12 together
    assert len({answer.ward.key for answer in answers}) == len(answers) > 1
    assert sum(answer.confidence for answer in answers) <= 1


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


# -- a ward of today that a later decree ended ---------------------------------------------------


@pytest.fixture(scope="module")
def after_a_decree():
    """Bạch Mai was put into Hoàn Kiếm, and Cửa Nam divided between Hoàn Kiếm and Ba Đình."""
    facts = read_facts(DATA)
    today = {code: UnitKey(Level.WARD, code, former=False) for code in ("00070", "00082", "00004")}
    hoan_kiem, cua_nam, ba_dinh = today.values()
    later = [
        Succession(BACH_MAI, hoan_kiem, Part.WHOLE, default=True, source="a test"),
        Succession(cua_nam, hoan_kiem, Part.PART, default=True, source="a test"),
        Succession(cua_nam, ba_dinh, Part.PART, default=False, source="a test"),
    ]
    lineage = Lineage([*facts.lineage.successions, *later])
    return MemoryGazetteer(UnitVocabulary.of(facts.divisions, lineage))


@pytest.mark.parametrize(
    "text", ["Phường Bạch Mai, Thành phố Hà Nội", "Phường Bạch Mai, Quận Hai Bà Trưng, Hà Nội"]
)
def test_a_ward_that_was_ended_is_found_in_what_took_it_in(find, after_a_decree, text):
    assert find(text, after_a_decree)[0].ward.code == "00070"


def test_a_ward_of_today_that_was_divided_is_a_choice(find, after_a_decree):
    best = find("Phường Cửa Nam, Thành phố Hà Nội", after_a_decree)[0]
    assert {one.code for one in best.ward_candidates} >= {"00070", "00004"}
    assert best.ward.code != "00082"
    assert best.next_action.action is Action.CHOOSE
    assert "ward_guessed_by_default" in {fault.name for fault in best.faults}
