"""What a note may not hold, and what stands side by side."""

import pytest

from diachiso.address.division import Level, UnitKey
from diachiso.address.errors import PersonalData
from diachiso.address.number import HouseNumber
from diachiso.address.position import Position, PositionKind
from diachiso.address.record import Details, Spot, StreetRef
from diachiso.registry.difference import differences
from diachiso.registry.persons import MASK, masked, must_name_nobody


@pytest.mark.parametrize(
    "note",
    [
        "gọi 0912345678 nhé",
        "0912 345 678",
        "+84 912.345.678",
        "(024) 3825-4321",
        "thư: lan.nguyen@thu.example",
        "CCCD 001090012345",
        "０９１２３４５６７８",
    ],
)
def test_numbers_and_addresses_of_persons_are_masked(note):
    told, was_masked = masked(note)
    assert was_masked
    assert MASK in told
    assert not any(part in told for part in ("345", "3825", "@"))


@pytest.mark.parametrize(
    "note",
    [
        "số 12/34/5 ngõ 82, biển cũ ghi 84",
        "mã 01024-58310 đặt sai chỗ",
        "1102458310",
        "từ 2025-07-01 đổi tên; Km 9+200 QL1A",
        "cách đó 0.5 km, 105.8511 21.0345",
    ],
)
def test_numbers_of_houses_codes_days_and_points_stay(note):
    assert masked(note) == (note, False)


def test_fields_are_looked_into_however_deep():
    must_name_nobody({"name": "Quán Sen", "positions": [{"lon": 105.8}]})
    with pytest.raises(PersonalData):
        must_name_nobody({"attributes": {"keeper": ["Lan 0912345678"]}})


def test_only_what_differs_stands_side_by_side():
    now = Details(
        ward=UnitKey(Level.WARD, "00070", former=False),
        spots=(Spot(Position(105.85, 21.03), PositionKind.ENTRANCE),),
        number=HouseNumber.parse("12"),
        street=StreetRef(1, "Phố Hàng Trống"),
    )
    place = {"lon": 105.85, "lat": 21.0301}
    told = {"number": "12A", "street": "Phố Hàng Trống", "name": None, "positions": [place]}
    number, position = differences(now, told)
    assert (number.field, number.now, number.proposed) == ("number", "12", "12A")
    assert position.distance_m == pytest.approx(11.1, abs=0.1)
    assert [one.now for one in differences(None, told)] == [None, None, None]
