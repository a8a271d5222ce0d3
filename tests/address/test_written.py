"""What people write to name a place is read by the writing alone."""

import pytest
from hypothesis import given, strategies as st

from diachiso.address.code import AddressCode
from diachiso.address.errors import DiachisoError, MalformedCode, OutOfCountry, ZoneNeeded
from diachiso.address.position import Position, from_wgs84, is_within
from diachiso.address.vpostcode import Vpostcode
from diachiso.address.written import PlusCode, Spot, Words, read
from diachiso.address.zone import zones

HERE = Position(105.8482, 21.039)
WHOLE = "7PH72RQX+H7F"


@pytest.mark.parametrize(
    "text",
    [
        "11024-58317",
        "1102458317",
        "11024 58317",
        "11024.58317",
        " 110-245-8317 ",
        "１１０２４－５８３１７",
    ],
)
def test_a_code_in_any_usual_writing(text):
    assert read(text) == AddressCode("1102458317")


@pytest.mark.parametrize("text", ["11024-5831", "110245831777"])
def test_a_code_with_a_digit_too_few_or_too_many_is_told(text):
    with pytest.raises(MalformedCode):
        read(text)


@pytest.mark.parametrize("text", ["110242V3QXF7", "11024-2v3q+xf7", "11024 2V3QXF7"])
def test_a_vpostcode(text):
    assert read(text) == Vpostcode("11024", "2V3QXF7")


def test_plus_codes_whole_and_shortened():
    assert read(WHOLE.lower()) == PlusCode(WHOLE)
    assert read("2RQX+H7 Hà Nội") == PlusCode("2RQX+H7", "Hà Nội")
    assert read("2RQX+H7F, Phường Hoàn Kiếm") == PlusCode("2RQX+H7F", "Phường Hoàn Kiếm")


def test_a_shortened_plus_code_is_of_the_cell_that_is_near():
    assert PlusCode("2RQX+H7F").position(HERE) == PlusCode(WHOLE).position()


@pytest.mark.parametrize("code", ["2RQX+H7", "XXXXXXXX+XX"])
def test_a_plus_code_of_nowhere_is_told(code):
    with pytest.raises(DiachisoError):
        PlusCode(code).position()


@pytest.mark.parametrize(
    ("text", "longitude_first"),
    [
        ("21.039, 105.8482", False),
        ("21.039 105.8482", False),
        ("(21.039; 105.8482)", False),
        ("21,039; 105,8482", False),
        ("21,039 105,8482", False),
        ("21,039, 105,8482", False),
        ("21.039° N, 105.8482° E", False),
        ("N 21.039, E 105.8482", False),
        ("21.039B, 105.8482Đ", False),
        ("21°02'20.4\"N 105°50'53.52\"E", False),
        ("21°02′20.4″ 105°50′53.52″", False),
        ("lat=21.039 lon=105.8482", False),
        ("Vĩ độ: 21.039, kinh độ: 105.8482", False),
        ("geo:21.039,105.8482", False),
        ("https://maps.example/maps/@21.039,105.8482,17z", False),
        ("https://maps.example/?q=21.039,105.8482", False),
        ("https://map.example/#map=17/21.039/105.8482", False),
        ("105.8482,21.039", True),
        ("105.8482E 21.039N", True),
        ("105°50'53.52\"E 21°02'20.4\"N", True),
    ],
)
def test_coordinates_as_people_write_them(text, longitude_first):
    spot = read(text)
    assert spot.position.lat == pytest.approx(HERE.lat, abs=1e-6)
    assert spot.position.lon == pytest.approx(HERE.lon, abs=1e-6)
    assert spot.longitude_first is longitude_first


@pytest.mark.parametrize("text", ["48.8584, 2.2945", "2.2945, 48.8584", "0.0, 0.0"])
def test_coordinates_of_elsewhere_are_told(text):
    with pytest.raises(OutOfCountry):
        read(text)


@pytest.mark.parametrize("zone", [z for z in zones() if z.meridian], ids=lambda zone: zone.name)
@pytest.mark.parametrize(
    "wanted", ["{n:.3f} {e:.3f} {z}", "{e:.3f}, {n:.3f} {z}", "X={n:.3f} Y={e:.3f} VN-2000 {z}"]
)
def test_metres_of_vn_2000_in_a_named_zone(zone, wanted):
    here = Position(min(max(zone.meridian, 102.2), 109.4), 15.5)
    east, north = from_wgs84(zone.name).transform(here.lon, here.lat)
    spot = read(wanted.format(n=north, e=east, z=zone.name))
    assert spot.position.lon == pytest.approx(here.lon, abs=1e-7)
    assert spot.position.lat == pytest.approx(here.lat, abs=1e-7)
    assert spot.zone == zone


@pytest.mark.parametrize(
    "meridian", ["KTT 105°45'", "KTT 105-45", "kinh tuyến trục 105.75", "KTT 105°45′"]
)
def test_a_zone_named_by_its_meridian(meridian):
    east, north = from_wgs84("EPSG:9210").transform(106.7, 10.77)
    spot = read(f"{north:.2f} {east:.2f} {meridian}")
    assert spot.zone.epsg == 9210
    assert spot.position.lon == pytest.approx(106.7, abs=1e-6)


def test_metres_without_a_zone_are_not_guessed():
    with pytest.raises(ZoneNeeded) as asked:
        read("2326000 587000")
    told = asked.value.particulars["zones"]
    assert {"EPSG:5897", "EPSG:9210"} <= {one["crs"] for one in told}


def test_degrees_of_vn_2000_are_moved_to_wgs_84():
    spot = read("21.039 105.8482 VN-2000")
    metres = (
        abs(spot.position.lon - HERE.lon) * 104_000 + abs(spot.position.lat - HERE.lat) * 111_000
    )
    assert 100 < metres < 400


@pytest.mark.parametrize(
    "text",
    [
        "30/4", "3/2", "12B/3", "12 Nguyễn Huệ", "21 Hàng Bài", "16/291 LE DUC THO P15", "12, 15",
        "số 5 ngách 12/3", "Km 9+200 QL1A", "Phường 1", "12.3", "https://example.vn/gioi-thieu",
        "12A, 14B", "0912", "A1+B2", "",
    ],
)  # fmt: skip
def test_anything_else_is_words(text):
    assert read(text) == Words(text)


@given(st.text(max_size=400))
def test_no_text_breaks_the_reading(text):
    try:
        found = read(text)
    except DiachisoError:
        return
    assert not isinstance(found, Spot) or is_within(found.position.lon, found.position.lat)
