"""Addresses old, new and mixed lead to the ward of today, and say how sure they are."""

from datetime import date

import pytest

from diachiso.address.division import Level, UnitKey
from diachiso.geocode.gazetteer import House, MemoryGazetteer, Street, Stretch
from diachiso.geocode.query import Action, MatchLevel, Query
from diachiso.geocode.search import geocode


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


@pytest.mark.parametrize("alley", ["18 ngõ 72, ", "18 ngõ 72 ", "7/18/72 ", "9 ngách 18 ngõ 72, "])
def test_a_street_is_no_ward_of_another_district(find, alley):
    """There is a Xã Nguyễn Trãi, 17 km from the district named."""
    best = find(f"{alley}Nguyễn Trãi, Q. Đống Đa, TP. Hà Nội")[0]
    assert best.former.district.full_name == "Quận Đống Đa"
    assert best.former.ward is None


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


def test_a_caller_nearby_decides_between_namesakes(find):
    can_tho, ha_noi = (105.77, 10.03), (105.84, 21.03)
    assert find("phường xuân khánh", near=can_tho)[0].ward.province_name == "Thành phố Cần Thơ"
    assert find("phường xuân khánh", near=ha_noi)[0].ward.province_name == "Thành phố Hà Nội"


def test_a_box_decides_between_namesakes(find):
    north = (105.0, 20.5, 106.5, 21.5)
    assert find("phường xuân khánh", bbox=north)[0].ward.province_name == "Thành phố Hà Nội"


def test_structured_fields_make_one_text():
    fields = {"province": "Hà Nội", "street": "Hàng Bài", "house_number": "3"}
    assert Query.text_of(fields) == "3 Hàng Bài, Hà Nội"


def test_on_a_day_before_the_reform_the_ward_is_the_old_one(country):
    query = Query("Phường Trúc Bạch, Quận Ba Đình, Hà Nội", date(2025, 6, 30))
    assert geocode(query, country)[0].ward.full_name == "Phường Trúc Bạch"


def test_names_are_those_of_the_day(country):
    before = geocode(Query("xã Lộc Ninh, Đồng Nai", date(2025, 7, 2)), country)[0]
    after = geocode(Query("xã Lộc Ninh, Đồng Nai", date(2026, 11, 22)), country)[0]
    assert (before.ward.full_name, after.ward.full_name) == ("Xã Lộc Ninh", "Phường Lộc Ninh")
