"""Strings seen in the wild (domain.md, section 5), each with the answer that we judge right."""

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
    assert best.confidence > 0.8


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
