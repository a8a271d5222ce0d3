"""Typing help: from the second letter, with and without diacritics, street before house."""

from datetime import date

import pytest

from diachiso.address.division import Level, UnitKey
from diachiso.geocode.autocomplete import SuggestionKind, autocomplete
from diachiso.geocode.gazetteer import House, MemoryGazetteer, Place, Street, Stretch

TODAY = date(2026, 11, 22)
HOAN_KIEM = UnitKey(Level.WARD, "00070", former=False)


@pytest.fixture(scope="module")
def town(units):
    names = ("Phố Hàng Giấy", "Phố Hàng Giầy", "Phố Hàng Gai")
    streets = [
        Street(n, name, (Stretch(HOAN_KIEM, (105.85, 21.03), 100.0, 50.0),))
        for n, name in enumerate(names)
    ]
    houses = [House(0, number, (105.85, 21.03), HOAN_KIEM) for number in ("3", "34", "36", "5")]
    places = [Place(9, "Hàng Da Galleria", "shop=mall", (105.846, 21.031), HOAN_KIEM)]
    return MemoryGazetteer(units, streets=streets, houses=houses, places=places)


def texts(found):
    return [one.text for one in found]


def test_one_letter_is_too_few(town):
    assert autocomplete("h", town, as_of=TODAY) == ()


def test_letters_without_marks_find_all_that_fold_to_them(town):
    assert texts(autocomplete("hang gi", town, as_of=TODAY))[:2] == [
        "Phố Hàng Giấy",
        "Phố Hàng Giầy",
    ]


def test_marks_decide_where_they_are_typed(town):
    assert texts(autocomplete("hàng giầy", town, as_of=TODAY))[0] == "Phố Hàng Giầy"


def test_a_number_before_the_street_completes_to_houses(town):
    found = autocomplete("3 Hàng Giấy", town, as_of=TODAY)
    houses = [one.text for one in found if one.kind is SuggestionKind.HOUSE]
    assert houses == ["3 Phố Hàng Giấy", "34 Phố Hàng Giấy", "36 Phố Hàng Giấy"]


def test_only_what_stands_before_the_caret_counts(town):
    assert texts(autocomplete("hàng ga, Hà Nội", town, as_of=TODAY, caret=7))[0] == "Phố Hàng Gai"


def test_units_and_places_are_suggested_too(town):
    assert "Hàng Da Galleria" in texts(autocomplete("hàng da", town, as_of=TODAY))
    assert "Phường Cầu Giấy" in texts(autocomplete("cau giay", town, as_of=TODAY))
