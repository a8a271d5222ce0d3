"""Ten-digit codes: read from any usual writing, printed one way, checked by themselves."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from diachiso.address.code import DIGITS, PASSING_PER_AREA, AddressCode, passing
from diachiso.address.errors import MalformedCode
from diachiso.registry.issue import self_checking

ten_digits = st.text(DIGITS, min_size=10, max_size=10)
five_digits = st.text(DIGITS, min_size=5, max_size=5)
four_digits = st.text(DIGITS, min_size=4, max_size=4)
separators = st.sampled_from(["", " ", "-", ".", "–", "\u00a0", " - ", "_"])
FULL_WIDTH = str.maketrans(DIGITS, "".join(chr(0xFF10 + n) for n in range(10)))


@given(ten_digits)
def test_a_code_is_printed_one_way_and_read_back(digits):
    code = AddressCode.parse(digits)
    assert str(code) == f"{digits[:5]}-{digits[5:]}"
    assert AddressCode.parse(str(code)) == code
    assert AddressCode.of(code.area, code.extension) == code


@given(ten_digits, st.lists(separators, min_size=10, max_size=10))
def test_separators_anywhere_do_not_matter(digits, between):
    written = "".join(mark + digit for mark, digit in zip(between, digits, strict=True))
    assert AddressCode.parse(f" {written}\t") == AddressCode(digits)


@given(ten_digits)
def test_full_width_digits_are_digits(digits):
    assert AddressCode.parse(digits.translate(FULL_WIDTH)) == AddressCode(digits)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("11024-5831O", "character 10 is 'O'"),
        ("l1024-58317", "character 1 is 'l'"),
        ("11024+58317", "character 6 is '+'"),
        ("11024\x0058317", "character 6 is '\\x00'"),
        ("١١٠٢٤-٥٨٣١٧", "character 1 is '١'"),
        ("11024-5831", "this has 9"),
        ("11024-583170", "this has 11"),
        ("", "this has 0"),
        ("  ", "this has 0"),
    ],
)
def test_what_is_no_code_is_refused_with_the_place_of_the_fault(written, told):
    with pytest.raises(MalformedCode, match=told.replace("+", r"\+").replace("\\x", r"\\x")):
        AddressCode.parse(written)


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading(text):
    with suppress(MalformedCode):
        digits = AddressCode.parse(text).digits
        assert len(digits) == 10
        assert set(digits) <= set(DIGITS)


# -- the check ---------------------------------------------------------------------------------


def misspelt(digits):
    """Every code one wrong digit, or one swap of unlike neighbours, away."""
    for place, right in enumerate(digits):
        for wrong in DIGITS.replace(right, ""):
            yield digits[:place] + wrong + digits[place + 1 :]
    for place, (left, right) in enumerate(pairwise(digits)):
        if left != right:
            yield digits[:place] + right + left + digits[place + 2 :]


@given(five_digits, four_digits)
def test_no_slip_of_a_self_checking_code_is_self_checking(area, first_four):
    code = passing(area, first_four)
    assert code.is_self_checking
    assert not any(AddressCode(slip).is_self_checking for slip in misspelt(code.digits))


@given(ten_digits)
def test_slips_are_the_misspellings_that_stay_in_the_area(digits):
    slips = [slip.digits for slip in AddressCode(digits).slips()]
    assert len(slips) == len(set(slips))
    assert set(slips) == {slip for slip in misspelt(digits) if slip[:5] == digits[:5]}


@given(five_digits, four_digits)
def test_one_last_digit_of_ten_passes(area, first_four):
    every = [AddressCode(area + first_four + last) for last in DIGITS]
    assert [code for code in every if code.is_self_checking] == [passing(area, first_four)]


@pytest.mark.parametrize("area", ["11024", "00000", "99999"])
def test_ten_thousand_codes_of_an_area_check_themselves(area):
    codes = self_checking(area)
    assert len(codes) == PASSING_PER_AREA == 10_000
    assert {code.area for code in codes} == {area}
    assert all(code.is_self_checking for code in codes)
