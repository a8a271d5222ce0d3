"""Vpostcode: a postal code and seven characters of the Plus Code, both ways."""

from math import cos, hypot, radians

import pytest
from hypothesis import given, strategies as st

from diachiso.address.errors import MalformedVpostcode
from diachiso.address.position import Position
from diachiso.address.vpostcode import Vpostcode

METRES_A_DEGREE = 111_320
HALF_A_CELL_M = 2.6  # from the middle of a cell of 1/8000 x 1/32000 degrees to its corner

in_vietnam = st.builds(Position, st.floats(103, 117), st.floats(7, 23))
nearby = st.floats(-0.2, 0.2)


def metres(a, b):
    east = (a.lon - b.lon) * cos(radians(a.lat))
    return hypot(east, a.lat - b.lat) * METRES_A_DEGREE


@given(in_vietnam, nearby, nearby)
def test_a_vpostcode_leads_back_to_its_point_from_anywhere_in_the_ward(spot, east, north):
    written = str(Vpostcode.at("11024", spot))
    assert len(written) == 12
    found = Vpostcode.parse(written).position(Position(spot.lon + east, spot.lat + north))
    assert metres(found, spot) < HALF_A_CELL_M


@given(in_vietnam)
def test_the_middle_of_its_cell_has_the_same_vpostcode(spot):
    code = Vpostcode.at("11024", spot)
    assert Vpostcode.at("11024", code.position(spot)) == code


@pytest.mark.parametrize(
    "written",
    ["110242V3QXF7", "11024-2V3Q+XF7", "11024 2v3qxf7", " 11024.2V3QXF7 "],
)
def test_every_usual_writing_is_read(written):
    assert str(Vpostcode.parse(written)) == "110242V3QXF7"


@pytest.mark.parametrize(
    "written",
    ["", "11024", "1102-2V3QXF7", "110242V3QXF", "110242V3QXF77", "110242V3QXFA", "2V3QXF711024"],
)
def test_what_is_no_vpostcode_is_refused(written):
    with pytest.raises(MalformedVpostcode, match="not a Vpostcode"):
        Vpostcode.parse(written)
