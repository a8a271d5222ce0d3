import numpy as np
import pytest
import shapely
from hypothesis import given, settings, strategies as st
from shapely import MultiPolygon

from diachiso.address.apportion import Expected, Piece
from diachiso.address.recompose import UNCLAIMED, pieces_of, shared_out, tiled

KM = 1000


def block(west, south, east, north):
    """Land in kilometres, as a MultiPolygon of the plane in metres."""
    return MultiPolygon([shapely.box(west * KM, south * KM, east * KM, north * KM)])


def known(x, y, area_km2=None):
    return Expected(x * KM, y * KM, area_km2 and area_km2 * KM**2)


def km2(land):
    return land.area / KM**2


@pytest.fixture
def two_heirs():
    """Old wards a and b went whole to A and B; s between them was split.

    0   2     5   7
    +---+-----+---+
    | a |  s  | b |
    +---+-----+---+
    """
    return {
        "a": Piece(block(0, 0, 2, 2), ("A",)),
        "s": Piece(block(2, 0, 5, 2), ("A", "B")),
        "b": Piece(block(5, 0, 7, 2), ("B",)),
    }


def test_a_split_ward_is_divided_so_that_known_areas_come_out(two_heirs):
    wards = shared_out(two_heirs, {"A": known(2, 1, 8), "B": known(5.5, 1, 6)})
    assert km2(wards["A"]) == pytest.approx(8, rel=0.02)
    assert km2(wards["B"]) == pytest.approx(6, rel=0.02)
    assert wards["A"].bounds == pytest.approx((0, 0, 4 * KM, 2 * KM), abs=50)


def test_where_no_area_is_known_the_nearer_ward_gets_the_land(two_heirs):
    wards = shared_out(two_heirs, {"A": known(1, 1), "B": known(6, 1)})
    assert wards["A"].bounds[2] == pytest.approx(3.5 * KM, abs=200)


def test_centroids_tell_along_which_line_a_ward_was_cut():
    """Areas alone could cut the square any way; the centroids say: A has the north."""
    square = {"s": Piece(block(0, 0, 4, 4), ("A", "B"))}
    wards = shared_out(square, {"A": known(2, 3, 8), "B": known(2, 1, 8)})
    assert wards["A"].intersection(block(0, 2, 4, 4)).area == pytest.approx(8 * KM**2, rel=0.02)


def test_a_centroid_of_a_namesake_does_not_spoil_the_rest(two_heirs):
    wards = shared_out(two_heirs, {"A": known(2, 31, 8), "B": known(5.5, 1, 6)})
    assert km2(wards["A"]) == pytest.approx(8, rel=0.1)
    assert km2(wards["B"]) == pytest.approx(6, rel=0.1)


def test_a_share_cut_off_from_its_ward_goes_to_the_neighbour():
    """B's only way to the east of the split ward leads through A: B is not entitled to a."""
    pieces = {
        "b": Piece(block(0, 0, 1, 4), ("B",)),
        "s": Piece(block(1, 0, 2, 4), ("A", "B")),
        "a": Piece(block(2, 0, 3, 4), ("A",)),
        "t": Piece(block(3, 0, 3.2, 4), ("A", "B")),
    }
    wards = shared_out(pieces, {"A": known(1.8, 2), "B": known(2.6, 2)})
    assert all(len(ward.geoms) == 1 for ward in wards.values())


def test_polygons_that_nearly_meet_are_made_to_tile():
    """a and b leave a crack of 2 m and overlap by 3 m further down."""
    a = shapely.Polygon([(0, 0), (1003, 0), (999, 2000), (0, 2000)])
    b = shapely.Polygon([(1000, 0), (2000, 0), (2000, 2000), (1001, 2000)])
    cap = shapely.box(0, 2000, 2000, 2100)
    lands, _ = tiled(np.array([a, b, cap]), ["a", "b", "c"])
    assert sum(land.area for land in lands.values()) == pytest.approx(2000 * 2100, abs=1)
    assert lands["a"].intersection(lands["b"]).area == 0


def test_parts_of_one_ward_are_dissolved():
    lands, _ = tiled(np.array([block(0, 0, 1, 1), block(1, 0, 2, 1)]), ["a", "a"])
    assert len(lands["a"].geoms) == 1
    assert km2(lands["a"]) == pytest.approx(2)


def test_small_unclaimed_land_goes_to_the_longest_border():
    lands, unclaimed_m2 = tiled(
        np.array([block(0, 0, 1, 3), block(1, 0, 2, 1), block(1, 1, 1.2, 2)]), ["a", "b", None]
    )
    assert unclaimed_m2 == pytest.approx(0.2 * KM**2)
    assert km2(lands["a"]) == pytest.approx(3.2)


def test_large_unclaimed_land_may_go_to_any_ward_around_it():
    lands, _ = tiled(
        np.array([block(0, 0, 2, 2), block(2, 0, 4, 2), block(4, 0, 6, 2)]), ["a", None, "b"]
    )
    pieces = pieces_of(lands, {"a": ("A",), "b": ("B",)})
    assert pieces[f"{UNCLAIMED}0"].heirs == ("A", "B")


def test_land_of_a_ward_without_heirs_in_the_province_is_left_out():
    pieces = pieces_of({"a": block(0, 0, 1, 1)}, {"a": ()})
    assert pieces == {}


def test_an_heir_that_nothing_is_known_of_is_an_error(two_heirs):
    with pytest.raises(KeyError):
        shared_out(two_heirs, {"A": known(2, 1)})


sites = st.tuples(st.floats(0, 8), st.floats(0, 4))
areas = st.none() | st.floats(1, 20)


@settings(max_examples=25, deadline=None)
@given(where=st.tuples(sites, sites, sites), size=st.tuples(areas, areas, areas))
def test_whatever_is_expected_the_shares_tile_the_land(where, size):
    """
    +---+---+
    | p | q |   p went to A, B; q to A, B, C; r to C
    +---+---+
    |   r   |
    +-------+
    """
    pieces = {
        "p": Piece(block(0, 2, 4, 4), ("A", "B")),
        "q": Piece(block(4, 2, 8, 4), ("A", "B", "C")),
        "r": Piece(block(0, 0, 8, 2), ("C",)),
    }
    expected = {c: known(*w, a) for c, w, a in zip("ABC", where, size, strict=True)}
    wards = shared_out(pieces, expected)
    lands = list(wards.values())
    assert all(land.is_valid for land in lands)
    assert shapely.union_all(lands).area == pytest.approx(32 * KM**2, rel=1e-6)
    assert sum(land.area for land in lands) == pytest.approx(32 * KM**2, rel=1e-6)
    assert wards["C"].intersection(pieces["p"].land).area == pytest.approx(0, abs=1)


@settings(max_examples=25, deadline=None)
@given(cut=st.floats(0.5, 2.5), tilt=st.floats(-0.4, 0.4))
def test_a_straight_cut_is_found_again_from_areas_and_centroids(cut, tilt):
    """What areas and centroids a dividing line gave, the line is recovered from."""
    land = shapely.Polygon([(2, 0), (5, 0), (5, 2), (2, 2)])
    west = shapely.Polygon([(0, 0), (2 + cut - tilt, 0), (2 + cut + tilt, 2), (0, 2)])
    east = shapely.box(0, 0, 7, 2).difference(west)
    pieces = {
        "a": Piece(block(0, 0, 2, 2), ("A",)),
        "s": Piece(MultiPolygon([shapely.transform(land, lambda c: c * KM)]), ("A", "B")),
        "b": Piece(block(5, 0, 7, 2), ("B",)),
    }
    expected = {
        code: known(part.centroid.x, part.centroid.y, part.area)
        for code, part in (("A", west), ("B", east))
    }
    wards = shared_out(pieces, expected)
    true = shapely.transform(west, lambda c: c * KM)
    assert wards["A"].symmetric_difference(true).area < 0.35 * KM**2
