"""What maps and pages are told, over the town."""

from datetime import date

import pytest
from sqlalchemy import text

from diachiso.address.code import AddressCode
from diachiso.store.engine import reading
from diachiso.store.features import (
    heirs_of,
    lives_of,
    ward_holding,
    ward_on,
    wards_on,
)
from diachiso.store.found import address_on, first_day_of, nearest_addresses
from diachiso.store.nearby import ward_near, ward_of_postcode

EVE = date(2025, 6, 30)


@pytest.fixture
def reader(town):
    with reading(town) as reader:
        yield reader


@pytest.fixture
def code(reader):
    return AddressCode(
        reader.scalar(
            text(
                "SELECT code FROM issued_code JOIN external_id USING (address_id)"
                " WHERE value = '101'"
            )
        )
    )


def test_a_ward_carries_all_that_stands_above_it(reader, today):
    now, before = ward_on(reader, "00070", today), ward_on(reader, "00070", EVE)
    assert (now.unit.full_name, now.province.full_name, now.district) == (
        "Phường Hoàn Kiếm",
        "Thành phố Hà Nội",
        None,
    )
    assert (before.unit.full_name, before.district.full_name) == (
        "Phường Hàng Trống",
        "Quận Hoàn Kiếm",
    )
    assert now.postcodes == ("11024",)
    assert now.boundary.bbox == pytest.approx((105.85, 21.02, 105.86, 21.04))
    assert ward_on(reader, "99999", today) is None


def test_wards_come_by_province_by_box_or_all(reader, today):
    box = (105.845, 21.025, 105.855, 21.03)
    assert len(list(wards_on(reader, today, province="01"))) == 126
    assert [w.unit.code for w in wards_on(reader, today, bbox=box)] == ["00070", "00082"]
    assert [w.unit.code for w in wards_on(reader, EVE, bbox=box)] == ["00070", "00079"]


def test_a_point_on_a_common_border_has_one_ward(reader, today):
    assert ward_holding(reader, 105.85, 21.03, today).unit.code == "00070"
    assert ward_holding(reader, 107.5, 20.0, today) is None


def test_the_nearest_ward_is_told_with_its_distance_in_metres(reader):
    ward, metres = ward_near(reader, 105.88, 21.03)
    assert ward.full_name == "Phường Hồng Hà"
    assert metres == pytest.approx(1_039, abs=5)


def test_a_postal_code_leads_to_its_ward(reader, today):
    assert ward_of_postcode(reader, "11024", today).unit.code == "00070"
    assert ward_of_postcode(reader, "99999", today) is None


def test_heirs_say_which_part_they_took(reader, today):
    old = ward_on(reader, "00079", EVE)
    heirs = {heir.unit.code: heir for heir in heirs_of(reader, old)}
    assert heirs["00070"].share == pytest.approx(1.0, abs=0.001)
    made_of = heirs_of(reader, ward_on(reader, "00070", today))
    assert "00079" in {heir.unit.code for heir in made_of}


def test_a_code_lists_every_ward_that_bore_it(reader):
    assert [name for name, _ in lives_of(reader, "00070")] == [
        "Phường Hàng Trống",
        "Phường Hoàn Kiếm",
    ]


def test_an_address_is_told_from_its_first_day_on(reader, code, today):
    found = address_on(reader, code, today)
    assert (found.number, found.street, found.entered_ward.code) == ("2", "Phố Hàng Trống", "00070")
    assert first_day_of(reader, code) == date(2026, 8, 1)
    assert address_on(reader, code, date(2026, 7, 31)) is None


def test_the_nearest_doors_come_first_and_not_from_afar(reader, today):
    near = nearest_addresses(reader, 105.851, 21.022, today, within_m=250, most=3)
    metres = [one.distance_m for one in near]
    assert len(near) == 3
    assert metres == sorted(metres)
    assert nearest_addresses(reader, 105.845, 21.021, today, within_m=50, most=3) == []
