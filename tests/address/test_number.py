"""House numbers as people write them (domain.md, section 3)."""

from contextlib import suppress

import pytest
from hypothesis import given, strategies as st

from diachiso.address.errors import MalformedNumber
from diachiso.address.number import HouseNumber


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("12A", "12A"),
        ("số 12a", "12A"),
        ("041", "41"),
        ("12 bis", "12BIS"),
        ("22 ngõ 629", "629/22"),
        ("ngõ 629 số 22", "629/22"),
        ("số 5 ngách 12/3 ngõ 12", "12/3/5"),
        ("5 hẻm 12/3/4", "12/3/4/5"),
        ("Kiệt 45/3", "45/3"),
        ("12/3/5B", "12/3/5B"),
        ("12 xuyệc 3", "12/3"),
        ("1806/127/2/6/15/48/2A", "1806/127/2/6/15/48/2A"),
        ("73B/563B bis", "73B/563BBIS"),
        ("L1004A", "L1004A"),
        ("LK12-05", "LK12-05"),
        ("BT4-3", "BT4-3"),
        ("117/H27", "117/H27"),
        ("Km 9+200", "KM9+200"),
        ("041 LO B C/C", "41"),
    ],
)
def test_every_writing_of_a_number_has_one_key(written, key):
    assert HouseNumber.parse(written).key == key


def test_both_orders_of_an_alley_compare_equal():
    assert HouseNumber.parse("5B ngách 12/3 ngõ 12") == HouseNumber.parse("12/3/5B")


def test_a_range_keeps_its_end_and_is_found_by_its_beginning():
    number = HouseNumber.parse("246 - 260")
    assert (number.key, number.until, str(number)) == ("246", "260", "246-260")


def test_a_flat_is_told_with_its_building():
    number = HouseNumber.parse("Căn 1203 toà S2.05")
    assert (number.flat, number.building, number.path) == ("1203", "S2.05", ())
    assert str(number) == "Căn 1203, toà S2.05"


def test_an_alley_alone_is_no_house():
    alley = HouseNumber.parse("Ngõ 164")
    assert (alley.has_house, alley.alley, alley.at_street) == (False, ("164",), 164)


@pytest.mark.parametrize("text", ["", "abc", "phố Huế", "9" * 200])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(MalformedNumber):
        HouseNumber.parse(text)


parts = st.from_regex(r"[1-9][0-9]{0,3}[A-D]?", fullmatch=True)


@given(st.lists(parts, min_size=1, max_size=6))
def test_the_standard_form_reads_back_as_the_same_number(path):
    number = HouseNumber.parse("/".join(path))
    assert number.path == tuple(path)
    assert HouseNumber.parse(str(number)) == number


@given(st.text(max_size=100))
def test_no_text_breaks_the_grammar(text):
    with suppress(MalformedNumber):
        assert HouseNumber.parse(text).key
