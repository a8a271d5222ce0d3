"""What a text names, part by part; notes and phone numbers set aside; old bytes read."""

import pytest

from diachiso.address.division import Level, UnitKey
from diachiso.address.errors import UnknownUnit
from diachiso.geocode.convert import convert
from diachiso.geocode.line import line_of
from diachiso.geocode.normalize import normalize
from diachiso.geocode.search import parse


def test_the_unit_that_is_named_is_given_and_not_its_successor(country):
    parts = parse("Phường Nguyễn Trung Trực, Quận Ba Đình", country)
    assert (parts.ward, parts.district, parts.province) == ("Nguyễn Trung Trực", "Ba Đình", None)


def test_what_the_text_does_not_name_is_not_given(country):
    parts = parse("12 Hàng Bài", country)
    assert (parts.province, parts.district, parts.house_number) == (None, None, "12")
    assert parts.street == "Hàng Bài"


def test_a_phone_number_and_a_note_are_set_aside(country):
    parts = parse("3 Hàng Bài (gọi trước khi giao), Hoàn Kiếm, 0912 345 678", country)
    assert (parts.phone, parts.note) == ("0912 345 678", "gọi trước khi giao")
    assert parts.district == "Hoàn Kiếm"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Hµ Néi, Ph­êng Tróc B¹ch", "Hà Nội, Phường Trúc Bạch"),
        ("Haø Noäi, Phöôøng Truùc Baïch", "Hà Nội, Phường Trúc Bạch"),
        ("Dicjh Vongj Haaju", "Dịch Vọng Hậu"),
        ("Ha2 No65i", "Ha2 Nội"),
        ("H&agrave; N&#7897;i", "Hà Nội"),
        ("ph\u200bường １２", "phường 12"),
        ("kp2 p15 q1", "kp2 p15 q1"),
        ("Bok Tới, Chư Sê, Krông Pắc", "Bok Tới, Chư Sê, Krông Pắc"),
    ],
)
def test_old_bytes_and_raw_keys_become_unicode(written, read):
    assert normalize(written).text == read


@pytest.mark.parametrize(
    ("text", "number", "street"),
    [
        ("41 Trần Triệu Luật", "41", "Trần Triệu Luật"),
        ("22 ngo 629 giai phong", "629/22", "giai phong"),
        ("999 đường 3/2", "999", "đường 3/2"),
        ("Tổ 4, Khu Phố 3, 84/4 Quốc Lộ 13", "84/4", "Quốc Lộ 13"),
        ("Khách sạn Hoa Mai, 176 Cô Giang", "176", "Cô Giang"),
        ("9 ngõ 306, Xuân Đỉnh", "306/9", "Xuân Đỉnh"),
        ("Km 9+200 QL1A", "Km 9+200", "QL1A"),
    ],
)
def test_a_line_is_taken_apart(text, number, street):
    line = line_of(text)
    assert (str(line.number), line.street) == (number, street)


def test_a_split_ward_converts_to_all_its_targets(country):
    dien_bien = UnitKey(Level.WARD, "00025", former=True)
    found = convert(dien_bien, country)
    assert len(found) == len(country.units.lineage.successors(dien_bien))
    assert all(one.key.former is False for one in found)


def test_a_ward_of_today_converts_to_what_it_was_made_from(country):
    assert len(convert(UnitKey(Level.WARD, "00004", former=False), country)) > 2


def test_a_unit_that_never_was_is_unknown(country):
    with pytest.raises(UnknownUnit):
        convert(UnitKey(Level.WARD, "99999", former=False), country)
