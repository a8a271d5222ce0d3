"""Positions: degrees within the country, and VN-2000 both ways."""

from math import nan

import pytest
from hypothesis import given, strategies as st
from pyproj import Geod

from diachiso.address.errors import MalformedPosition, OutOfCountry
from diachiso.address.position import VN2000, VN2000_GEOGRAPHIC, Position, from_wgs84, to_wgs84

GLOBE = Geod(ellps="WGS84")
ZONES = sorted(VN2000 - {VN2000_GEOGRAPHIC})


def test_swapped_axes_are_told_with_the_right_order():
    with pytest.raises(OutOfCountry, match=r"look swapped: try lon=105\.85, lat=21\.03"):
        Position.parse(21.03, 105.85)


@pytest.mark.parametrize(
    ("lon", "lat"), [(2.35, 48.85), (-74.0, 40.7), (0, 0), (102.0, 21.0), (105.8, 23.6)]
)
def test_a_point_abroad_is_refused(lon, lat):
    with pytest.raises(OutOfCountry, match="outside Vietnam"):
        Position.parse(lon, lat)


@pytest.mark.parametrize(
    ("lon", "lat"), [(587_000, 2_325_000), (nan, 21), (105.8, nan), (181, 21), (105, float("inf"))]
)
def test_what_is_not_degrees_is_refused(lon, lat):
    with pytest.raises(MalformedPosition, match="not degrees"):
        Position.parse(lon, lat)


@pytest.mark.parametrize("text", ["", "105.85", "105.85;21.03", "a,b", "1,2,3"])
def test_what_is_not_two_numbers_is_refused(text):
    with pytest.raises(MalformedPosition, match=r"lon,lat is needed"):
        Position.read(text)


@pytest.mark.parametrize("text", ["105.85,21.03", " 105.85 , 21.03 "])
def test_longitude_comes_first(text):
    assert Position.read(text) == Position(105.85, 21.03)


@pytest.mark.parametrize(
    ("lon", "lat"), [(112.3, 16.5), (114.3, 9.7)], ids=["Hoàng Sa", "Trường Sa"]
)
def test_the_islands_are_within_the_country(lon, lat):
    assert Position.parse(lon, lat) == Position(lon, lat)


@given(lon=st.floats(102.2, 110), lat=st.floats(8, 23.4), zone=st.sampled_from([*ZONES, 4756]))
def test_vn_2000_leads_back_to_the_same_point_in_every_zone(lon, lat, zone):
    there = from_wgs84(f"EPSG:{zone}").transform(lon, lat)
    back = to_wgs84(f"EPSG:{zone}").transform(*there)
    assert GLOBE.inv(lon, lat, *back)[2] < 0.01


def test_vn_2000_lies_two_hundred_metres_off_wgs_84():
    moved = to_wgs84("EPSG:4756").transform(105.85, 21.03)
    assert 180 < GLOBE.inv(105.85, 21.03, *moved)[2] < 260


def test_an_unknown_reference_system_is_refused_with_those_of_vietnam():
    with pytest.raises(MalformedPosition, match=r"Unknown reference system 'EPSG:1'.*5897"):
        to_wgs84("EPSG:1")
