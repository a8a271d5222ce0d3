"""Every fault of the table: an address that it is told of, and the words for it in the docs."""

from pathlib import Path

import pytest

from diachiso.address.division import Level, UnitKey
from diachiso.geocode import score
from diachiso.geocode.gazetteer import Course, House, MemoryGazetteer, Share, Street, Stretch
from diachiso.geocode.meanings import MEANINGS

DOCS = Path(__file__).parents[2] / "docs" / "faults.md"
BACH_MAI, HAI_BA_TRUNG = (UnitKey(Level.WARD, code, former=False) for code in ("00292", "00256"))
WEST, NORTH, DOOR = 105.841, 21.0, 3e-5
KHUONG_DINH = "Phường Khương Đình, Quận Thanh Xuân, Hà Nội"
IN_BACH_MAI = "Phường Bạch Mai, Thành phố Hà Nội"

OF_READING = {
    "marks_differ_a_little": "Phường Bạch Mái, Thành phố Hà Nội",
    "marks_differ": "Phường Bách Mái, Thành phố Hà Nội",
    "misspelt": "Phường Bacch Maii Đồng, Xã Tan Hiepp, Thành phố Hà Nội",
    "badly_misspelt": "Phường Khuongg Dinhh, Quận Thanh Xuân, Hà Nội",
    "cut_short": "Nam Từ L, Hà Nội",
    "other_name": "12 Nguyễn Huệ, P. Bến Nghé, Quận 1, TPHCM",
    "brief_name": "Ia, Gia Lai",
    "kind_differs": "Quận Khương Đình, Hà Nội",
    "field_edge": "số 5 ấp 3 xã Bình Chánh TPHCM",
    "like_a_street": "12 Láng, Hà Nội",
    "after_a_number": "Số 12, Láng Thượng, Đống Đa, Hà Nội",
    "inside_a_street": "31 Lê Thanh Nghị, Hà Nội",
    "inside_a_name": "xã Lê Thanh Nghị, Mỹ Đức, Hà Nội",
    "out_of_turn": "Hà Nội, Quận Thanh Xuân, Phường Khương Đình",
    "district_missing": "Phường Khương Đình, Hà Nội",
    "district_differs": "Phường Khương Đình, Quận Ba Đình, Hà Nội",
    "street_rather": "12 Khương Đình, Quận Ba Đình, Hà Nội",
    "province_differs": "Phường Khương Đình, Quận Thanh Xuân, Tỉnh Nghệ An",
    "old_and_new_mixed": "Phường Sài Gòn, Quận 1, TPHCM",
    "gone_before_2025": "Xã Mễ Trì, Huyện Từ Liêm, Hà Nội",
    "ward_missing": "Quận Thanh Xuân, Hà Nội",
    "ward_passed_over": "Láng Thượng, Phường Xyzzyz Plughh, Quận Đống Đa, Hà Nội",
    "text_mended": "phường duong ồng Xuân, quận Hoàn Kiếm, Hà Nội",
    "todays_ward_without_kind": "Hạnh Thông, Thành phố Hồ Chí Minh",
}
ON_THE_GROUND = {
    "number_interpolated": f"31 Lê Thanh Nghị, {IN_BACH_MAI}",
    "number_down_an_alley": f"Số 5 ngõ 31 Lê Thanh Nghị, {IN_BACH_MAI}",
    "number_out_of_range": f"999 Lê Thanh Nghị, {IN_BACH_MAI}",
    "number_not_placed": f"12 Phố Không Đo, {IN_BACH_MAI}",
    "number_missing": f"Phố Lê Thanh Nghị, {IN_BACH_MAI}",
    "number_repeated": f"41 Lê Thanh Nghị, {IN_BACH_MAI}",
    "street_missing": f"Số 5, Tổ dân phố 5, {IN_BACH_MAI}",
    "street_misspelt": f"21 Phố Lê Thnah Nghị, {IN_BACH_MAI}",
    "street_crosses_wards": "Phố Không Đo, Quận Hai Bà Trưng, Hà Nội",
    "street_unknown": f"12 Phố Không Có Thật, {IN_BACH_MAI}",
    "street_not_checked": "12 Phố Không Có Thật, Phường Ba Đình, Thành phố Hà Nội",
    "group_unknown": f"Tổ dân phố 5, {IN_BACH_MAI}",
    "ward_guessed_by_share": "Phường Thanh Nhàn, Quận Hai Bà Trưng, Hà Nội",
    "ward_guessed_by_default": KHUONG_DINH,
    "namesake_wards": "Phường Tân Phú",
    "province_missing": "Phường Bạch Mai",
    "nothing_recognised": "xin chào các bạn",
}
FAULTS = [one for one in score.TABLE if one.is_fault]


@pytest.fixture(scope="module")
def town(units):
    streets = [
        Street(1, "Phố Lê Thanh Nghị", (Stretch(BACH_MAI, (WEST, NORTH), 800.0, 400.0),)),
        Street(
            2,
            "Phố Không Đo",
            (
                Stretch(BACH_MAI, (WEST, NORTH), 100.0, 50.0),
                Stretch(HAI_BA_TRUNG, (WEST, NORTH + 0.01), 100.0, 50.0),
            ),
        ),
    ]
    numbers = (1, 21, 41, 41, 61)
    houses = [House(1, str(n), (WEST + n * DOOR, NORTH), BACH_MAI) for n in numbers]
    course = Course(((WEST, NORTH), (WEST + 0.008, NORTH)), BACH_MAI)
    (old,) = (
        unit.key
        for unit in units.divisions
        if unit.key.former and unit.latest.full_name == "Phường Thanh Nhàn"
    )
    parts = [pair.new for pair in units.lineage.successors(old)]
    shares = [Share(part, 1 / len(parts), default=False) for part in parts]
    return MemoryGazetteer(
        units, streets=streets, houses=houses, courses={1: [course]}, shares={old: shares}
    )


@pytest.mark.parametrize(("fault", "text"), (OF_READING | ON_THE_GROUND).items())
def test_a_fault_is_told_where_it_is_made(find, town, fault, text):
    assert fault in {one.name for answer in find(text, town) for one in answer.faults}


def test_every_fault_of_the_table_has_its_address():
    assert {one.name for one in FAULTS} == OF_READING.keys() | ON_THE_GROUND.keys()


def test_an_address_without_fault_has_none(find, town):
    assert find(f"21 Phố Lê Thanh Nghị, {IN_BACH_MAI}", town)[0].faults == ()


@pytest.mark.parametrize("fault", ON_THE_GROUND)
def test_what_is_not_known_on_the_ground_is_never_an_award(fault):
    (told,) = (one for one in score.TABLE if one.name == fault)
    assert told.weight <= -0.05


@pytest.mark.parametrize("one", score.TABLE, ids=lambda one: one.name)
def test_every_piece_of_evidence_is_documented_in_both_languages(one):
    amount = -one.weight if one.is_fault else one.weight
    line = f"| `{one.name}` | {amount:g} | {one.detail_vi} | {one.detail_en} |"
    assert line in DOCS.read_text("utf-8").splitlines()


def test_meanings_are_those_of_the_table():
    assert MEANINGS.keys() == {one.name for one in score.TABLE}
