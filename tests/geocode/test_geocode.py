"""Addresses old, new and mixed lead to the ward of today, and say how sure they are."""

import pytest

from diachiso.address.division import Level, UnitKey
from diachiso.geocode.gazetteer import House, MemoryGazetteer, Street, Stretch
from diachiso.geocode.query import Action, MatchLevel


def ward(code):
    return UnitKey(Level.WARD, code, former=False)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("25 Phan Huy Ích, Nguyễn Trung Trực, Ba Đình, Hà Nội", "00004"),
        ("25 Phan Huy Ích, phường Ba Đình, thành phố Hà Nội", "00004"),
        ("3 ngõ 10 phố Vạn Phúc, P. Vạn Phúc, Q. Hà Đông, TP Hà Nội", "09556"),
        ("12 NGUYEN HUE, P BEN NGHE, Q1, TPHCM", "26740"),
        ("phường 15 quận gò vấp tp hcm", "26878"),
        ("TPHàNội, QuậnBaĐình, PhườngTrúcBạch", "00004"),
        ("Hà Nội - Ba Đình - Trúc Bạch", "00004"),
    ],
)
def test_an_address_old_or_new_gets_its_ward_of_today(find, text, code):
    best = find(text)[0]
    assert best.ward.code == code
    assert best.confidence > 0.8


def test_a_split_ward_gives_every_candidate_and_asks(find):
    best = find("Phường Điện Biên, Quận Ba Đình, Hà Nội")[0]
    assert len(best.ward_candidates) > 1
    assert best.next_action.action in {Action.CHOOSE, Action.CONFIRM}
    assert best.next_action.question


def test_the_former_units_are_told_beside_those_of_today(find):
    former = find("Phường Trúc Bạch, Quận Ba Đình, Hà Nội")[0].former
    assert (former.ward.full_name, former.district.name) == ("Phường Trúc Bạch", "Ba Đình")
    assert former.ward.code == "00004"


def test_nonsense_is_not_placed_with_confidence(find):
    assert all(answer.confidence < 0.5 for answer in find("asdkjh qwe zzz"))


def test_a_house_in_the_registry_gives_its_door_and_code(units, find):
    street = Street(1, "Phố Hàng Giấy", (Stretch(ward("00070"), (105.848, 21.039), 200.0, 110.0),))
    house = House(1, "34", (105.8480778, 21.0390983), ward("00070"), code="1100412345")
    town = MemoryGazetteer(units, streets=[street], houses=[house])
    best = find("34 Hàng Giấy, Đồng Xuân, Hoàn Kiếm, Hà Nội", town)[0]
    assert (best.match_level, best.code) == (MatchLevel.HOUSE, "1100412345")
    assert best.point == (105.8480778, 21.0390983)


def test_explain_tells_every_reading_tried(find):
    trace = find("Cầu Giấy, Hà Nội", explain=True)[0].trace
    assert len(trace.readings) > 1
    assert trace.readings[0].evidence
