"""Five ways to be wrong about an address, and what an honest answer says in each of them.

Told with the units of `data/` and a street drawn in memory: 1 to 61 Phố Lê Thanh Nghị are known.
"""

from datetime import date
from functools import cache

import pytest

from diachiso.address.division import Level, UnitKey
from diachiso.geocode.gazetteer import Course, House, MemoryGazetteer, Share, Street, Stretch
from diachiso.geocode.query import Action, MatchLevel, Query, Status
from diachiso.geocode.search import geocode
from diachiso.geocode.vocabulary import UnitVocabulary
from diachiso.settings import CHECKOUT
from diachiso.store.facts import read_aliases, read_facts

ON = date(2026, 11, 22)
BACH_MAI = UnitKey(Level.WARD, "00292", former=False)
WEST, LATITUDE, DOOR = 105.841, 21.0, 3e-5
KNOWN = (1, 21, 41, 61)
UNLIKELY = 0.2


@cache
def facts_of_the_country():
    return read_facts(CHECKOUT / "data")


def units_of_the_country():
    """A vocabulary of its own for each gazetteer: it remembers what it was asked."""
    facts = facts_of_the_country()
    return UnitVocabulary.of(facts.divisions, facts.lineage, read_aliases(CHECKOUT / "data"))


@pytest.fixture(scope="module")
def hanoi():
    middle = (WEST + 30 * DOOR, LATITUDE)
    street = Street(1, "Phố Lê Thanh Nghị", (Stretch(BACH_MAI, middle, 800.0, 400.0),))
    return MemoryGazetteer(
        units_of_the_country(),
        streets=[street],
        houses=[House(1, str(n), (WEST + n * DOOR, LATITUDE), BACH_MAI) for n in KNOWN],
        courses={1: [Course(((WEST, LATITUDE), (105.849, LATITUDE)), BACH_MAI)]},
    )


@pytest.fixture
def ask(hanoi):
    def ask(text, gazetteer=hanoi):
        return geocode(Query(text, ON), gazetteer)

    return ask


def component(answer, kind):
    return next(one for one in answer.components if one.kind == kind)


def honest_shares(answer):
    shares = [candidate.share for candidate in answer.ward_candidates]
    return shares == sorted(shares, reverse=True) and sum(shares) <= 1 + 1e-3


# -- 1. wards that bear one name ------------------------------------------------------------------


@pytest.mark.parametrize("text", ["Phường Tân Phú", "Xã An Phú", "xa an phu", "phường 1"])
def test_of_namesake_wards_none_is_preferred_without_a_reason(ask, text):
    best, *others = ask(text)
    assert best.confidence < 0.6
    assert others
    assert len({candidate.code for candidate in best.ward_candidates}) > 2
    assert honest_shares(best)


@pytest.mark.parametrize("text", ["Phường Tân Phú", "Xã An Phú", "phường 1"])
def test_namesake_wards_are_asked_about_by_their_provinces(ask, text):
    best = ask(text)[0]
    assert best.next_action.action is Action.CHOOSE
    for candidate in best.ward_candidates[:2]:
        assert candidate.name in best.next_action.question
        assert candidate.name in best.next_action.question_en
    assert component(best, "province").status is Status.INFERRED


def test_the_province_ends_the_doubt_about_namesakes(ask):
    alone = ask("Xã An Phú")[0]
    told = ask("Xã An Phú, Tỉnh Quảng Ngãi")[0]
    assert told.ward.province_name == "Tỉnh Quảng Ngãi"
    assert told.confidence > 2 * alone.confidence


# -- 2. a ward that was divided, and no street to tell in which part ------------------------------

DIVIDED = "Phường Khương Đình, Quận Thanh Xuân, Hà Nội"


def test_a_divided_ward_gives_all_its_parts_with_their_shares(ask):
    best = ask(DIVIDED)[0]
    assert len(best.ward_candidates) == 2
    assert honest_shares(best)
    assert sum(candidate.share for candidate in best.ward_candidates) > 0.9
    assert best.confidence < 0.9
    assert best.next_action.action is not Action.ACCEPT
    assert best.next_action.question
    assert best.match_level is MatchLevel.WARD
    assert best.former.ward.full_name == "Phường Khương Đình"


def by_area(larger, smaller):
    """A gazetteer in which the two parts of the divided ward have these shares of its area."""
    units = units_of_the_country()
    (old,) = (d.key for d in units.divisions if d.key.former and d.latest.name == "Khương Đình")
    small, large = (pair.new for pair in units.lineage.successors(old))
    shares = [Share(large, larger, default=False), Share(small, smaller, default=True)]
    return MemoryGazetteer(units, shares={old: shares})


def test_the_larger_part_of_a_divided_ward_by_area_comes_first(ask):
    best = ask(DIVIDED, by_area(0.8, 0.2))[0]
    assert best.ward_candidates[0].share == pytest.approx(0.8, abs=0.1)
    assert best.ward.code == best.ward_candidates[0].code
    assert [one.default for one in best.ward_candidates] == [False, True]


def test_a_divided_ward_is_asked_about_part_by_part(ask):
    best = ask(DIVIDED)[0]
    assert best.next_action.action is Action.CHOOSE
    assert all(one.name in best.next_action.question for one in best.ward_candidates)


def names(faults):
    return {fault.name for fault in faults}


def test_a_divided_ward_without_polygons_is_told_to_be_a_guess_by_the_table(ask):
    best = ask(DIVIDED)[0]
    assert "ward_guessed_by_default" in names(best.faults)
    assert [one.default for one in best.ward_candidates] == [True, False]


def test_a_divided_ward_with_polygons_is_told_to_be_a_guess_by_area(ask):
    best = ask(DIVIDED, by_area(0.8, 0.2))[0]
    assert "ward_guessed_by_share" in names(best.faults)
    assert best.next_action.action is Action.CHOOSE


def test_a_street_ends_the_guess(ask):
    best = ask("21 Lê Thanh Nghị, Phường Đồng Tâm, Quận Hai Bà Trưng, Hà Nội")[0]
    assert best.ward.key == BACH_MAI
    assert not {"ward_guessed_by_share", "ward_guessed_by_default"} & names(best.faults)


# -- 3. a number that is not known, in a street that is -------------------------------------------


def test_an_unknown_number_is_placed_between_its_neighbours_and_called_so(ask):
    best = ask("31 Lê Thanh Nghị, Bạch Mai, Hai Bà Trưng, Hà Nội")[0]
    assert best.match_level is best.coordinate_level is MatchLevel.INTERPOLATED
    assert best.point == pytest.approx((WEST + 31 * DOOR, LATITUDE), abs=3e-4)
    assert best.code is None


def test_an_unknown_number_is_less_certain_than_a_known_one(ask):
    known = ask("21 Lê Thanh Nghị, Bạch Mai, Hai Bà Trưng, Hà Nội")[0]
    between = ask("31 Lê Thanh Nghị, Bạch Mai, Hai Bà Trưng, Hà Nội")[0]
    beyond = ask("999 Lê Thanh Nghị, Bạch Mai, Hai Bà Trưng, Hà Nội")[0]
    assert known.match_level is MatchLevel.HOUSE
    assert component(known, "house_number").status is Status.MATCHED
    assert known.expected_error_m < between.expected_error_m < beyond.expected_error_m


@pytest.mark.parametrize("number", [31, 999])
def test_an_unknown_number_is_not_called_matched(ask, number):
    best = ask(f"{number} Lê Thanh Nghị, Bạch Mai, Hai Bà Trưng, Hà Nội")[0]
    assert component(best, "house_number").status is Status.INFERRED


# -- 4. a street that is not known, in a ward that is ---------------------------------------------

NO_SUCH_STREET = "12 Phố Không Có Thật, Phường Bạch Mai, Thành phố Hà Nội"


def test_an_unknown_street_leaves_the_ward_and_no_more(ask):
    best = ask(NO_SUCH_STREET)[0]
    assert best.ward.key == BACH_MAI
    assert best.match_level is best.coordinate_level is MatchLevel.WARD
    assert best.expected_error_m > 300
    assert best.code is None


def test_an_unknown_street_is_kept_as_written_and_not_called_matched(ask):
    best = ask(NO_SUCH_STREET)[0]
    street, number = component(best, "street"), component(best, "house_number")
    assert street.written == "Phố Không Có Thật"
    assert Status.MATCHED not in (street.status, number.status)
    assert "Lê Thanh Nghị" not in best.label


def test_an_unknown_street_is_asked_about(ask):
    best = ask(NO_SUCH_STREET)[0]
    assert best.next_action.action is not Action.ACCEPT
    assert "Không Có Thật" in best.next_action.question


# -- 5. no address at all -------------------------------------------------------------------------

NONSENSE = ["asdkjh qwe", "xin chào các bạn", "Paris, France", "lorem ipsum dolor sit amet"]
NOTHING = ["", "   ", "???", "🙂🙂🙂", "\u200b\u200b"]
NOWHERE = ["1234567890", "số 5", "12/3/4", *NONSENSE]


@pytest.mark.parametrize("text", NOTHING)
def test_what_says_nothing_has_no_answer(ask, text):
    assert ask(text) == ()


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_is_never_likely_and_never_accepted(ask, text):
    for answer in ask(text):
        assert answer.confidence < UNLIKELY
        assert answer.faults
        assert answer.next_action.action is not Action.ACCEPT
        assert answer.next_action.question
        assert answer.next_action.question_en


@pytest.mark.parametrize("text", NOWHERE)
def test_what_is_nowhere_is_to_be_written_anew(ask, text):
    (answer,) = ask(text)
    assert answer.next_action.action is Action.FIX
    assert [fault.name for fault in answer.faults] == ["nothing_recognised"]


@pytest.mark.parametrize("text", NOWHERE)
def test_no_ward_is_pretended_for_nonsense(ask, text):
    (answer,) = ask(text)
    assert answer.match_level is MatchLevel.NONE
    assert (answer.ward, answer.point, answer.ward_candidates) == (None, None, ())
    assert answer.confidence == 0
