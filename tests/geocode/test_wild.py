"""Strings seen in the wild (domain.md, section 5), each with the answer that we judge right."""

import unicodedata

import pytest

from diachiso.geocode.search import parse

SURE = [
    ("16/291 LE DUC THO P15 Q.GO VAP TP", "An Hội Đông", "15", "Gò Vấp", "16/291"),
    ("660/8 PHAM THE HIEN P4 Q8", "Chánh Hưng", "4", "8", "660/8"),
    ("128 TRAN HUNG DAO F7 Q5", "An Đông", "7", "5", "128"),
    ("041 LO B C/C AN QUANG P9 Q10", "Vườn Lài", "9", "10", "41"),
    ("71 C9 CONG HOA P.13,Q.TB", "Tân Bình", "13", "Tân Bình", "71"),
    ("95,TDP 7,P.TAN LOI,TP BMT", "Buôn Ma Thuột", "Tân Lợi", "Buôn Ma Thuột", "95"),
    ("59 NGUYEN CHICH P NAM NGAN TPTH", "Hàm Rồng", "Nam Ngạn", "Thanh Hóa", "59"),
    ("12 nguyen hue, p ben nghe, q1, tphcm", "Sài Gòn", "Bến Nghé", "1", "12"),
    (
        "43/47 Cù Chính Lan, Thanh Khê Đông, TK, ĐN",
        "Thanh Khê",
        "Thanh Khê Đông",
        "Thanh Khê",
        "43/47",
    ),
    ("Đường XVNT, P 17, Quận BT", "Gia Định", "17", "Bình Thạnh", None),
    ("47/9B Tô Ký Q.12 Phường Trung Mỹ Tây", "Trung Mỹ Tây", "Trung Mỹ Tây", "12", "47/9B"),
]


@pytest.mark.parametrize(("text", "today", "ward", "district", "number"), SURE)
def test_a_full_chain_is_read_however_it_is_written(
    find, country, text, today, ward, district, number
):
    best = find(text)[0]
    parts = parse(text, country)
    assert (best.ward.name, parts.ward, parts.district) == (today, ward, district)
    assert parts.house_number == number
    assert best.confidence > 0.6
    assert best.next_action.action.value == ("choose" if is_guess(best) else "accept")


def is_guess(answer):
    """Was the old ward divided, and does nothing tell in which part the address lies?"""
    return any(fault.name == "ward_guessed_by_default" for fault in answer.faults)


def test_a_ward_without_its_district_is_a_choice_of_namesakes(find):
    best = find("999 đường 3/2, p. xuân khánh")[0]
    assert best.ward.name == "Ninh Kiều"
    assert best.confidence < 0.6
    assert best.next_action.action.value == "choose"


def test_street_or_ward_is_left_open(find):
    best = find("dien bien ba dinh ha noi")[0]
    assert best.ward.name == "Ba Đình"
    assert best.confidence < 0.95
    assert len(best.ward_candidates) > 1


def test_an_alley_and_a_street_alone_are_read_but_not_placed(find, country):
    assert parse("22 ngo 629 giai phong", country).house_number == "629/22"
    assert all(answer.confidence < 0.5 for answer in find("22 ngo 629 giai phong"))


def test_raw_telex_is_typed_out(find, country):
    assert parse("Dicjh Vongj Haaju", country).ward == "Dịch Vọng Hậu"
    best = find("Dicjh Vongj Haaju")[0]
    assert best.ward.name == "Cầu Giấy"
    assert best.confidence < 0.6


DECOMPOSED = unicodedata.normalize(
    "NFD", "12 Phố Huế, Phường Bùi Thị Xuân, Quận Hai Bà Trưng, Hà Nội"
)
MANNERS = [
    ("12 Nguyen Hue St, Ben Nghe Ward, District 1, Ho Chi Minh City", "Sài Gòn", "accept"),
    ("Ward 5, District 3, Ho Chi Minh City", "Bàn Cờ", "accept"),
    ("Phường Thảo Điền, Quận 2, TP HCM", "An Khánh", "accept"),
    ("12 đường số 5, Long Thạnh Mỹ, Quận 9, HCM", "Long Bình", "choose"),
    ("45 đường 30/4, P. Xuân Khánh, Q. Ninh Kiều, Cần Thơ", "Ninh Kiều", "accept"),
    (DECOMPOSED, "Hai Bà Trưng", "choose"),
    ("P. Tr&uacute;c B&#7841;ch, Q. Ba &#272;&igrave;nh, H&agrave; N&#7897;i", "Ba Đình", "accept"),
    ("Phường Trúc\u200b Bạch, Ba\u200b Đình, Hà Nội", "Ba Đình", "accept"),
    ("Ph­êng Tróc B¹ch, QuËn Ba §×nh, Hµ Néi", "Ba Đình", "accept"),
    ("Phöôøng Truùc Baïch, Quaän Ba Ñình, Haø Noäi", "Ba Đình", "accept"),
    ("5 Trúc Bạch, P. Trúc Bạch, Ba Đình, HN - gọi trước 0912345678", "Ba Đình", "accept"),
    ("Hà Nội, Ba Đình, Trúc Bạch, 5 Trấn Vũ", "Ba Đình", "accept"),
    ("p hoa thuan tay, q hai chau, da nang", "Hòa Cường", "accept"),
    ("Phường Hoà Thuận Tây, Hải Châu, ĐN", "Hòa Cường", "accept"),
    ("P. Thống Nhất, Biên Hòa, ĐN", "Trấn Biên", "accept"),
    ("TT. Phước Hải, Đất Đỏ, BRVT", "Phước Hải", "accept"),
    ("P. Tự An, BMT", "Buôn Ma Thuột", "accept"),
    ("P14, TB, HCM", "Tân Bình", "accept"),
    ("Q. BT, HCM, P 22", "Thạnh Mỹ Tây", "accept"),
    ("TT Trâu Quỳ, Gia Lâm, HN", "Gia Lâm", "choose"),
    ("123/3/5B Cô Giang, P. Cầu Ông Lãnh, Q1, HCM", "Bến Thành", "choose"),
    ("Phuong12, GoVap, TPHCM", "An Hội Tây", "accept"),
    ("PHƯỜNG 4 QUẬN TÂN BÌNH TPHCM", "Tân Sơn Nhất", "accept"),
]


@pytest.mark.parametrize(("text", "today", "action"), MANNERS)
def test_every_manner_of_writing_has_its_answer(find, text, today, action):
    best = find(text)[0]
    assert (best.ward.name, best.next_action.action.value) == (today, action)
