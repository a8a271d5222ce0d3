"""No text is slow, however long or mad."""

import time

import pytest
from hypothesis import given, settings, strategies as st

from diachiso.geocode.kinds import KIND_WORDS
from diachiso.geocode.search import parse

MOST_S = 0.25
MAD = {
    "letters": "nguyễn" * 1700,
    "brackets": "(" * 500,
    "nested notes": "(gần " * 500,
    "abbreviations": " ".join([*KIND_WORDS] * 10),
    "numbers": "1/2/3/4/5/6/7/8/9/" * 500,
    "commas": "," * 10000,
    "kinds": "phường " * 1500,
    "alleys": "ngõ 1 ngách 2 " * 700,
    "digits": "0" * 10000,
    "marks": "\u0301\u0323" * 5000,
    "entities": "&amp;" * 2000,
    "lone d": "d. ồ " * 2000,
    "namesakes": "Tân Phú, " * 1000,
}


@pytest.mark.parametrize("text", MAD.values(), ids=MAD.keys())
def test_no_text_takes_a_quarter_of_a_second(find, country, text):
    started = time.perf_counter()
    find(text)
    parse(text, country)
    assert time.perf_counter() - started < 2 * MOST_S


@settings(max_examples=150, deadline=1000)
@given(st.text(max_size=300))
def test_any_text_is_answered(find_anything, text):
    find_anything(text)
