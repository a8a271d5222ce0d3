import pytest
import shapely
from hypothesis import given, strategies as st
from shapely import MultiPolygon, Polygon

from diachiso.address.errors import TerritoryFault
from diachiso.address.territory import (
    CoordinateFault,
    Gap,
    Overlap,
    Plane,
    area_m2,
    faults,
    gaps,
    overlaps,
    repair,
    report,
    suspect,
)

CELL = 0.001
CELL_M2 = 103.9 * 110.7
"""A thousandth of a degree each way, at Hanoi's latitude."""


@pytest.fixture
def draw():
    """Each letter is a ward, each character a cell; capitals lie over the small letters' map."""

    def drawn(*maps):
        cells = {}
        for picture in maps:
            lines = [line.strip() for line in picture.strip().splitlines()]
            for row, line in enumerate(lines):
                for column, letter in enumerate(line):
                    west, north = 105.8 + column * CELL, 21.03 - row * CELL
                    cell = shapely.box(west, north - CELL, west + CELL, north)
                    cells.setdefault(letter, []).append(cell)
        cells.pop(".", None)
        return {letter: repair(shapely.union_all(land))[0] for letter, land in cells.items()}

    return drawn


def test_wards_side_by_side_have_no_fault(draw):
    wards = draw("""
        aabb
        aacc
    """)
    assert faults(wards, tolerance_m2=1) == []


def test_land_that_two_wards_claim_is_found_with_its_area(draw):
    wards = draw(
        """
        aaa..
        aaa..
        """,
        """
        ..bbb
        .....
        """,
    )
    (overlap,) = overlaps(wards)
    assert overlap == Overlap("a", "b", pytest.approx(CELL_M2, rel=0.01))


def test_the_same_polygon_under_two_codes_overlaps_in_full(draw):
    (land,) = draw("aa").values()
    (overlap,) = overlaps({"00001": land, "00004": land})
    assert overlap.area_m2 == pytest.approx(2 * CELL_M2, rel=0.01)


def test_a_ward_inside_another_overlaps_it(draw):
    wards = draw(
        """
        aaaa
        aaaa
        aaaa
        """,
        """
        ....
        .b..
        ....
        """,
    )
    assert [o.codes for o in overlaps(wards)] == [("a", "b")]


def test_a_hole_between_wards_is_found_with_its_neighbours(draw):
    wards = draw("""
        aabb
        a..b
        aacc
    """)
    (gap,) = gaps(wards)
    assert gap.neighbours == ("a", "b", "c")
    assert gap.area_m2 == pytest.approx(2 * CELL_M2, rel=0.01)
    assert (gap.lon, gap.lat) == (
        pytest.approx(105.802, abs=CELL),
        pytest.approx(21.0285, abs=CELL),
    )


def test_an_enclave_leaves_no_gap(draw):
    wards = draw("""
        aaa
        aba
        aaa
    """)
    assert faults(wards, tolerance_m2=1) == []


def test_a_bay_that_is_open_to_the_sea_is_no_gap(draw):
    wards = draw("""
        aab
        a.b
        a.b
    """)
    assert gaps(wards) == []


def test_neighbours_with_corners_of_their_own_have_no_fault():
    left = MultiPolygon([Polygon([(105, 21), (105.01, 21), (105.01, 21.01), (105, 21.01)])])
    corner = (105.01, 21.005)
    right = Polygon([(105.01, 21), (105.02, 21), (105.02, 21.01), (105.01, 21.01), corner])
    assert faults({"a": left, "b": MultiPolygon([right])}, tolerance_m2=1) == []


def test_what_is_smaller_than_the_tolerance_is_let_pass(draw):
    wards = draw("""
        aaa
        a.b
        bbb
    """)
    assert gaps(wards, tolerance_m2=2 * CELL_M2) == []


def test_the_report_names_the_wards_and_counts_what_it_leaves_out():
    found = [Overlap("00004", "00008", 12345.6), Gap(99.0, ("00004",), 105.8, 21.0)]
    text = report(found, {"00004": "Phường Ba Đình"}, limit=1)
    assert "00004 Phường Ba Đình" in text
    assert "00008: 12,346 m²" in text
    assert "1 more" in text


def test_a_bow_tie_becomes_two_triangles_and_says_so():
    land, said = repair(Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]))
    assert land.is_valid
    assert len(land.geoms) == 2
    assert "Self-intersection" in said[0]


def test_what_is_sound_is_left_alone():
    land, said = repair(shapely.box(105, 21, 106, 22))
    assert said == ()
    assert land.equals(shapely.box(105, 21, 106, 22))


def test_lines_and_points_among_polygons_are_dropped_and_said():
    mixed = shapely.GeometryCollection([shapely.box(0, 0, 1, 1), shapely.Point(5, 5)])
    land, said = repair(mixed)
    assert len(land.geoms) == 1
    assert len(said) == 1


@pytest.mark.parametrize(
    "nothing",
    [Polygon(), shapely.Point(105, 21), Polygon([(105, 21), (106, 22), (105, 21)])],
    ids=["empty", "a point", "a line there and back"],
)
def test_what_has_no_area_is_refused(nothing):
    with pytest.raises(TerritoryFault):
        repair(nothing)


@given(lon=st.floats(103, 117), lat=st.floats(7, 23))
def test_the_plane_keeps_areas_and_leads_back(lon, lat):
    square = shapely.box(lon, lat, lon + 0.01, lat + 0.01)
    plane = Plane.around([square])
    back = plane.degrees(plane.metres(square))
    assert shapely.equals_exact(back, square, tolerance=1e-7)
    far = Plane(108.0, 16.0).metres(square).area
    assert area_m2(square) == pytest.approx(far, rel=1e-6)


HANOI = (105.8, 21.0)


@pytest.mark.parametrize(
    ("box", "fault", "epsg"),
    [
        ((21.0, 105.8, 21.1, 105.9), CoordinateFault.SWAPPED_AXES, None),
        ((583000, 2325000, 584000, 2326000), CoordinateFault.METRES, 5897),
        ((2325000, 583000, 2326000, 584000), CoordinateFault.METRES_SWAPPED, 5897),
        ((2.3, 48.8, 2.4, 48.9), CoordinateFault.ELSEWHERE, None),
    ],
    ids=["latitude first", "VN-2000 metres", "northing first", "Paris"],
)
def test_wrong_coordinates_are_recognised(box, fault, epsg):
    found = suspect([shapely.box(*box)], near=HANOI)
    assert found.fault is fault
    assert found.candidates[:1] == ((epsg,) if epsg else ())
    assert str(epsg or "") in found.advice


@pytest.mark.parametrize(
    "box",
    [(105.8, 21.0, 105.9, 21.1), (111.0, 15.7, 112.8, 17.1), (111.5, 6.5, 117.5, 12.0)],
    ids=["Hà Nội", "Hoàng Sa", "Trường Sa"],
)
def test_land_and_islands_of_vietnam_are_not_suspected(box):
    assert suspect([shapely.box(*box)]) is None


def test_one_polygon_abroad_is_enough_to_be_suspected():
    home = [shapely.box(105.8, 21.0, 105.9, 21.1)] * 5
    assert suspect([*home, shapely.box(2, 48, 3, 49)]).fault is CoordinateFault.ELSEWHERE
