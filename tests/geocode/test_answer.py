"""What an answer says of its parts: doors recorded once or twice, hamlets, old wards."""

import pytest

from diachiso.address.division import REFORM, Level, UnitKey
from diachiso.geocode.gazetteer import House, MemoryGazetteer, Place, Street, Stretch
from diachiso.geocode.query import Action, MatchLevel, Status
from diachiso.web import wire

HOAN_KIEM, BACH_MAI = (UnitKey(Level.WARD, code, former=False) for code in ("00070", "00292"))
HANG_DAO = "Phường Hàng Đào"
DOOR, OTHER_DOOR = (105.8504, 21.0343), (105.8524, 21.0343)
HAMLET = (105.86, 21.0)


class Town(MemoryGazetteer):
    """One that knows which old ward lay at its doors, and counts how often it is asked."""

    def __init__(self, units, **known):
        super().__init__(units, **known)
        self.asked = 0
        (self.hang_dao,) = (
            one.key
            for one in units.divisions
            if one.key.former and one.latest.full_name == HANG_DAO
        )

    def wards_at(self, points, day):
        self.asked += 1
        return [self.hang_dao if day < REFORM else None for _ in points]


@pytest.fixture
def town(units):
    street = Street(1, "Phố Hàng Ngang", (Stretch(HOAN_KIEM, DOOR, 100.0, 60.0),))
    houses = [
        House(1, "48", DOOR, HOAN_KIEM, "1102489771", accuracy_m=20.0),
        House(1, "50", DOOR, HOAN_KIEM, accuracy_m=20.0),
        House(1, "50", OTHER_DOOR, HOAN_KIEM, accuracy_m=20.0),
    ]
    hamlet = Place(1, "Thôn Đoài", "place=hamlet", HAMLET, BACH_MAI)
    return Town(units, streets=[street], houses=houses, places=[hamlet])


def component(answer, kind):
    return next((one for one in answer.components if one.kind == kind), None)


# -- a recorded house ----------------------------------------------------------------------------


@pytest.mark.parametrize("units_named", ["Hà Nội", "Hoàn Kiếm, Hà Nội", "Phường Hoàn Kiếm, Hà Nội"])
def test_a_recorded_house_is_as_sure_as_its_record(find, town, units_named):
    best = find(f"48 Hàng Ngang, {units_named}", town)[0]
    assert best.match_level is MatchLevel.HOUSE
    assert best.confidence > 0.85
    assert best.expected_error_m < 50
    assert component(best, "house_number").status is Status.MATCHED


def test_a_number_that_two_houses_bear_is_less_exact(find, town):
    once, twice = (find(f"{n} Hàng Ngang, Hoàn Kiếm, Hà Nội", town)[0] for n in (48, 50))
    assert "number_repeated" in {fault.name for fault in twice.faults}
    assert twice.expected_error_m > once.expected_error_m + 150


def test_a_house_without_any_unit_named_is_told_to_lack_its_province(find, town):
    best = find("48 Hàng Ngang", town)[0]
    assert [fault.name for fault in best.faults] == ["province_missing"]
    assert best.next_action.action is Action.CONFIRM


def test_a_misspelt_street_is_corrected_and_said_to_be(find, town):
    best = find("48 Phố Hàng Nagng, Hoàn Kiếm, Hà Nội", town)[0]
    assert component(best, "street").status is Status.CORRECTED
    assert component(best, "street").value == "Phố Hàng Ngang"
    assert "street_misspelt" in {fault.name for fault in best.faults}


# -- yesterday's ward ----------------------------------------------------------------------------


def test_the_old_ward_of_a_recorded_house_is_told_though_the_text_names_the_new(find, town):
    best = find("48 Hàng Ngang, Phường Hoàn Kiếm, Hà Nội", town)[0]
    assert (best.former.ward.full_name, best.former.district.full_name) == (
        HANG_DAO,
        "Quận Hoàn Kiếm",
    )
    assert town.asked == 1


def test_polygons_are_not_asked_where_the_text_names_the_old_ward(find, town):
    best = find("48 Hàng Ngang, Phường Hàng Đào, Quận Hoàn Kiếm, Hà Nội", town)[0]
    assert best.former.ward.full_name == HANG_DAO
    assert town.asked == 0


def test_no_old_ward_is_pretended_where_the_place_is_not_exact(find, town):
    assert find("Phường Hoàn Kiếm, Hà Nội", town)[0].former.ward is None
    assert town.asked == 0


# -- hamlets and residential groups --------------------------------------------------------------

GROUPS = ["Tổ dân phố 5", "Khu phố 3", "Thôn Hạ", "Xóm 7", "Ấp 4", "Bản 2", "TDP 12"]


@pytest.mark.parametrize("group", GROUPS)
def test_a_hamlet_that_is_not_known_is_kept_and_told_to_be_missing(find, country, group):
    best = find(f"{group}, Phường Bạch Mai, Thành phố Hà Nội", country)[0]
    assert component(best, "residential_group").written == group
    assert component(best, "residential_group").status is Status.MISSING
    assert best.match_level is MatchLevel.WARD
    assert "group_unknown" in {fault.name for fault in best.faults}
    assert group in best.label


@pytest.mark.parametrize("line", ["Số 5, Ấp 4", "12 Phố Vọng, Tổ dân phố 5"])
def test_a_hamlet_does_not_vanish_beside_a_number(find, country, line):
    best = find(f"{line}, Phường Bạch Mai, Thành phố Hà Nội", country)[0]
    assert component(best, "residential_group").written == line.split(", ")[1]


def test_a_hamlet_that_is_known_is_found_as_such(find, town):
    best = find("Thôn Đoài, Phường Bạch Mai, Hà Nội", town)[0]
    assert best.match_level is best.coordinate_level is MatchLevel.RESIDENTIAL_GROUP
    assert component(best, "residential_group").status is Status.MATCHED
    assert best.point == HAMLET


# -- what travels --------------------------------------------------------------------------------


def test_a_fault_travels_with_its_penalty_and_both_languages(find, town):
    told = wire.answer(find("48 Hàng Ngang", town)[0])["properties"]["faults"]
    assert told[0].keys() == {"name", "penalty", "detail_vi", "detail_en"}
    assert told[0]["penalty"] > 0
    assert told[0]["detail_en"] == "no province is named"


def test_an_answer_without_a_place_travels_as_a_feature(find, country):
    feature = wire.answer(find("xin chào các bạn", country)[0])
    properties = feature["properties"]
    assert feature["geometry"] is None
    assert (properties["ward"], properties["ward_candidates"]) == (None, [])
    assert (properties["match_level"], properties["confidence"]) == ("none", 0.0)
    assert properties["next_action"]["action"] == "fix"
