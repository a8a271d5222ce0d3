"""Names: one spelling, one comparison key."""

import unicodedata

import pytest
from hypothesis import given, strategies as st

from diachiso.address.name import fold, name_key, standard, tone_key


@pytest.mark.parametrize(
    ("written", "official"),
    [
        ("Hoà Bình", "Hòa Bình"),
        ("Thuỷ Nguyên", "Thủy Nguyên"),
        ("Khoẻ", "Khỏe"),
        ("Hoàn Kiếm", "Hoàn Kiếm"),  # the nucleus is within: the tone stays
        ("Quý Lộc", "Quý Lộc"),  # qu is a consonant
        ("Quỳnh Lôi", "Quỳnh Lôi"),
        ("  Ba   Đình ", "Ba Đình"),
        ("Đắk R’Lấp", "Đắk R'Lấp"),
        (unicodedata.normalize("NFD", "Đống Đa"), "Đống Đa"),
    ],
)
def test_a_name_has_one_spelling(written, official):
    assert standard(written) == official


@pytest.mark.parametrize(
    ("one", "other"),
    [("Hoà Bình", "hòa bình"), ("Đắk Lắk", "dak lak"), ("Tam Kỳ", "TAM KỲ"), ("R’Lấp", "R'Lấp")],
)
def test_writings_of_one_name_fold_alike(one, other):
    assert fold(one) == fold(other)


def test_i_and_y_compare_equal_but_tones_part_streets():
    assert name_key("Sỹ Bình") == name_key("Sĩ Bình")
    assert tone_key("Hàng Giấy") != tone_key("Hàng Giầy")
    assert fold("Hàng Giấy") == fold("Hàng Giầy")


@given(st.text(max_size=60))
def test_keys_are_stable_and_plain(text):
    assert fold(fold(text)) == fold(text)
    assert standard(standard(text)) == standard(text)
    assert set(fold(text)) <= set("abcdefghijklmnopqrstuvwxyz0123456789 ")


WRITTEN = st.text("aàáạoòỏuùụyỳýeèẹiíqhgQUOAYẸÝđĐ’'`\u0301\u0323ơư 1", max_size=12)


@given(st.text(max_size=40) | WRITTEN)
def test_composed_or_not_a_name_is_the_same(text):
    apart = unicodedata.normalize("NFD", text)
    assert standard(apart) == standard(unicodedata.normalize("NFC", text))
    assert fold(apart) == fold(text)
