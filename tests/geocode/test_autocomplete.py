"""Typing help: from the second letter, with and without diacritics, street before house."""

from datetime import date

import pytest

from diachiso.address.division import Level, UnitKey
from diachiso.geocode.autocomplete import SuggestionKind, autocomplete
from diachiso.geocode.gazetteer import House, MemoryGazetteer, Place, Street, Stretch

TODAY = date(2026, 11, 22)
HOAN_KIEM = UnitKey(Level.WARD, "00070", former=False)
BIEN_HOA = UnitKey(Level.WARD, "26041", former=False)


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


def test_a_lot_a_post_and_a_flat_are_written_as_people_write_them(units):
    street = Street(1, "Phố Hàng Gai", (Stretch(HOAN_KIEM, (105.85, 21.03), 100.0, 50.0),))
    keys = ("LO9B", "KM12+800", "S2.05:1203", ":7")
    houses = [House(1, key, (105.85, 21.03), HOAN_KIEM) for key in keys]
    town = MemoryGazetteer(units, streets=[street], houses=houses)
    found = autocomplete("phố hàng gai", town, as_of=TODAY)
    assert {(one.text, one.kind.value) for one in found[:4]} == {
        ("Lô 9B Phố Hàng Gai", "house"),
        ("Km 12+800, Phố Hàng Gai", "house"),
        ("Căn 1203, toà S2.05, Phố Hàng Gai", "apartment"),
        ("Căn 7, Phố Hàng Gai", "apartment"),
    }
    (flat, *_) = autocomplete("căn 12 toà S2.05 hàng gai", town, as_of=TODAY)
    assert flat.kind in {SuggestionKind.APARTMENT, SuggestionKind.STREET}


def test_a_residential_group_is_called_one(units):
    group = Place(1, "Tổ dân phố 5", "amenity=community_centre", (105.85, 21.03), HOAN_KIEM)
    (found, *_) = autocomplete("to dan", MemoryGazetteer(units, places=[group]), as_of=TODAY)
    assert (found.text, found.kind) == ("Tổ dân phố 5", SuggestionKind.RESIDENTIAL_GROUP)


@pytest.fixture(scope="module")
def two_towns(units):
    streets = [
        Street(n, "Phố Lý Thái Tổ", (Stretch(ward, point, 100.0, 50.0),))
        for n, (ward, point) in enumerate(
            [(BIEN_HOA, (106.82, 10.95)), (HOAN_KIEM, (105.85, 21.03))]
        )
    ]
    return MemoryGazetteer(units, streets=streets)


@pytest.mark.parametrize(
    ("around", "first"),
    [
        (", phường Hoàn Kiếm", (105.85, 21.03)),
        (", quận Hoàn Kiếm, Hà Nội", (105.85, 21.03)),
        (", ha noi", (105.85, 21.03)),
        (", Biên Hòa, Đồng Nai", (106.82, 10.95)),
    ],
)
def test_what_stands_behind_the_caret_says_where(two_towns, around, first):
    found = autocomplete(f"lý thái{around}", two_towns, as_of=TODAY, caret=len("lý thái"))
    points = [one.point for one in found if one.kind is SuggestionKind.STREET]
    assert points[0] == first
    assert len(points) == 2, "the other is not left out"
    middle = autocomplete(f"lý thái tổ{around}", two_towns, as_of=TODAY, caret=len("lý th"))
    assert middle[0].point == first, "the rest of the word is not yet where"


def test_what_stands_in_the_fields_before_says_where_too(two_towns):
    for town, point in (("Hà Nội", (105.85, 21.03)), ("Đồng Nai", (106.82, 10.95))):
        assert autocomplete(f"{town}, lý thái", two_towns, as_of=TODAY)[0].point == point


def test_only_what_stands_before_the_caret_counts(town):
    assert texts(autocomplete("hàng ga, Hà Nội", town, as_of=TODAY, caret=7))[0] == "Phố Hàng Gai"


def test_units_and_places_are_suggested_too(town):
    assert "Hàng Da Galleria" in texts(autocomplete("hàng da", town, as_of=TODAY))
    assert "Phường Cầu Giấy" in texts(autocomplete("cau giay", town, as_of=TODAY))
