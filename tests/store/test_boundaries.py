"""Boundaries: taken in whole or not at all, each polygon with its source and its days."""

import json
from dataclasses import replace
from datetime import date

import pytest
import shapely
from pyproj import Geod, Transformer
from pyproj.aoi import AreaOfInterest
from shapely import affinity
from sqlalchemy import text

from diachiso.address.division import REFORM
from diachiso.address.errors import SourceError, TerritoryFault, UnknownWardInFile, UnreadableSource
from diachiso.address.position import from_wgs84
from diachiso.settings import CHECKOUT
from diachiso.store.boundaries import ward_at
from diachiso.store.engine import make_engine
from diachiso.store.loading import BoundaryOptions, load_boundary_file

FACTS = CHECKOUT / "data"
GLOBE = Geod(ellps="WGS84")
TODAY = date(2026, 11, 1)
# side by side: Cửa Nam, Hoàn Kiếm, Hồng Hà, a hundredth of a degree each
CUA_NAM, HOAN_KIEM, HONG_HA = (
    shapely.box(105.84 + n / 100, 21.02, 105.85 + n / 100, 21.04) for n in range(3)
)
WEST, MIDDLE, EAST = (
    {"code": "00082", "name": "Cửa Nam"},
    {"code": "00070", "name": "Hoàn Kiếm"},
    {"code": "00097", "name": "Hồng Hà"},
)
ROWS, LANDS = [WEST, MIDDLE, EAST], [CUA_NAM, HOAN_KIEM, HONG_HA]


@pytest.fixture(scope="module")
def engine_of_boundaries(databases):
    engine = make_engine(databases.clone("boundaries"))
    yield engine
    engine.dispose()


@pytest.fixture
def registry(engine_of_boundaries):
    """Units and no polygon: what an earlier test loaded is taken away (as no program may)."""
    with engine_of_boundaries.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = 'replica'"))
        connection.execute(text("DELETE FROM unit_boundary"))
        connection.execute(text("DELETE FROM edition WHERE subject <> 'units'"))
        connection.execute(text("DELETE FROM source"))
    return engine_of_boundaries


@pytest.fixture
def load(registry, file_of):
    """Load features as a file with options."""

    def loaded(rows, lands, name="wards.geojson", written_in="EPSG:4326", **options):
        file = file_of(name, rows, lands, written_in)
        return load_boundary_file(registry, FACTS, file, BoundaryOptions(**options))

    return loaded


def kept(engine, what="*"):
    with engine.connect() as connection:
        return connection.execute(
            text(f"SELECT {what} FROM unit_boundary WHERE upper_inf(recorded) ORDER BY id")  # noqa: S608
        ).all()


def left_behind(engine):
    counts = "SELECT (SELECT count(*) FROM unit_boundary) + (SELECT count(*) FROM source)"
    with engine.connect() as connection:
        return connection.scalar(text(counts)) + connection.scalar(
            text("SELECT count(*) FROM edition WHERE subject <> 'units'")
        )


def ward_of(engine, lon, lat, day=TODAY):
    with engine.connect() as connection:
        found = ward_at(connection, lon, lat, day)
    return found and (found.code, found.former)


# -- matched -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["geojson", "gpkg", "shp", "parquet"])
def test_wards_are_matched_by_code_whatever_the_kind_of_file(load, registry, kind):
    loaded = load(ROWS, LANDS, f"wards.{kind}")
    assert (loaded.written, loaded.unchanged) == (3, 0)
    assert ward_of(registry, 105.855, 21.03) == ("00070", False)
    assert ward_of(registry, 105.855, 21.03, date(2025, 6, 30)) is None


def test_wards_are_matched_by_name_within_the_province(load, registry):
    rows = [
        {"ten_xa": "Phường Cửa Nam", "tinh": "Hà Nội"},
        {"ten_xa": "HOAN KIEM", "tinh": "Thành phố Hà Nội"},
        {"ten_xa": "hồng hà", "tinh": "01"},
    ]
    assert load(rows, LANDS).written == 3
    assert ward_of(registry, 105.865, 21.03) == ("00097", False)


def test_a_name_that_several_wards_bear_is_refused(load, registry):
    with pytest.raises(UnknownWardInFile, match=r"Hòa Bình, \? \(trùng tên / several\)"):
        load([{"name": "Hòa Bình"}], LANDS[:1])
    assert left_behind(registry) == 0


def test_a_number_that_lost_its_zeros_is_still_the_code(load):
    assert load([{"code": 82, "name": "Cửa Nam"}], LANDS[:1]).written == 1


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"code": "99999", "name": "Đâu đó"}, "no such unit on 2025-07-01: 99999"),
        ({"code": "", "name": "Đâu đó"}, "blank"),
        ({"name": "Đâu Đó", "province": "Hà Nội"}, r"Đâu Đó, Hà Nội \(không có / unknown\)"),
        ({"name": "Hoàn Kiếm", "province": "Đồng Nai"}, "Hoàn Kiếm, Đồng Nai"),
    ],
)
def test_an_unknown_ward_is_named_and_nothing_is_loaded(load, registry, row, told):
    rows = [{"code": "00082", "name": "Cửa Nam"} if "code" in row else row, row]
    with pytest.raises(UnknownWardInFile, match=told):
        load(rows, LANDS[:2])
    assert left_behind(registry) == 0


def test_an_old_code_under_a_new_date_is_refused_by_its_name(load, registry):
    with pytest.raises(
        UnknownWardInFile, match="'Hàng Trống', không phải / not 'Phường Hoàn Kiếm'"
    ):
        load([{"code": "00070", "name": "Hàng Trống"}], LANDS[:1])
    assert left_behind(registry) == 0


def test_a_file_without_code_or_name_says_what_was_looked_for(load):
    with pytest.raises(UnreadableSource, match=r"neither a code nor a name column.*found colour"):
        load([{"colour": "red"}], LANDS[:1])


def test_a_code_that_the_corrections_put_right_is_taken(load, registry):
    ba_che = affinity.translate(CUA_NAM, 1.4, 0.25)
    assert load([{"code": "06978", "name": "Ba Chẽ"}], [ba_che]).written == 1
    assert ward_of(registry, ba_che.centroid.x, ba_che.centroid.y) == ("06970", False)


def test_pieces_of_one_ward_become_one_territory(load, registry):
    loaded = load([MIDDLE, MIDDLE], [HOAN_KIEM, affinity.translate(HOAN_KIEM, 0.1)])
    assert loaded.written == 1
    assert "2 mảnh được gộp / pieces joined" in loaded.mended[0]
    assert ward_of(registry, 105.955, 21.03) == ("00070", False)


# -- mended and refused ------------------------------------------------------------------------


def test_a_ring_that_crosses_itself_is_mended_and_said(load, registry):
    bow_tie = shapely.Polygon([(105.84, 21), (105.85, 21.01), (105.85, 21), (105.84, 21.01)])
    loaded = load([WEST], [bow_tie])
    assert loaded.mended == ("00082: Self-intersection[105.845 21.005]",)
    assert kept(registry, "remark")[0].remark == "Self-intersection[105.845 21.005]"


def test_an_overlap_is_refused_with_wards_and_square_metres(load, registry):
    wider = shapely.box(105.84, 21.02, 105.8501, 21.04)  # ten metres over 2.2 km
    with pytest.raises(TerritoryFault) as fault:
        load(ROWS, [wider, *LANDS[1:]])
    told = str(fault.value)
    assert "00082 Cửa Nam" in told
    assert "00070 Hoàn Kiếm" in told
    area = abs(GLOBE.geometry_area_perimeter(shapely.box(105.85, 21.02, 105.8501, 21.04))[0])
    assert f"{area:,.0f} m² chung / shared" in told
    assert left_behind(registry) == 0


def test_a_gap_is_refused_with_its_neighbours(load, registry):
    bay = shapely.box(105.849, 21.025, 105.85, 21.03)
    with pytest.raises(TerritoryFault, match="unclaimed") as fault:
        load(ROWS, [CUA_NAM.difference(bay), *LANDS[1:]])
    assert "00070 Hoàn Kiếm, 00082 Cửa Nam" in str(fault.value)
    assert left_behind(registry) == 0


def test_a_sliver_within_the_tolerance_is_let_pass(load):
    wider = shapely.box(105.84, 21.02, 105.8501, 21.04)
    assert load(ROWS, [wider, *LANDS[1:]], tolerance_m2=50_000).written == 3


def test_what_is_known_to_overlap_may_be_loaded_with_its_report(load):
    wider = shapely.box(105.84, 21.02, 105.8501, 21.04)
    loaded = load(ROWS, [wider, *LANDS[1:]], tolerate=True)
    assert loaded.written == 3
    assert "m² chung" in loaded.faults


def test_a_ward_without_area_is_refused(load, registry):
    line = shapely.Polygon([(105.84, 21), (105.85, 21), (105.84, 21)])
    with pytest.raises(TerritoryFault, match="no area"):
        load([WEST, MIDDLE], [line, HOAN_KIEM])
    assert left_behind(registry) == 0


def test_a_feature_without_geometry_is_refused(load, registry, file_of):
    file = file_of("wards.geojson", ROWS, LANDS)
    content = json.loads(file.read_text("utf-8"))
    content["features"][1]["geometry"] = None
    file.write_text(json.dumps(content), "utf-8")
    with pytest.raises(UnreadableSource, match="1 features have no geometry"):
        load_boundary_file(registry, FACTS, file, BoundaryOptions())
    assert left_behind(registry) == 0


@pytest.mark.parametrize("cut", ["wards.geojson", "wards.gpkg", "wards.shp", "wards.parquet"])
def test_a_file_cut_off_leaves_nothing_behind(registry, file_of, cut):
    file = file_of(cut, ROWS, LANDS)
    file.write_bytes(file.read_bytes()[: file.stat().st_size * 2 // 3])
    with pytest.raises(UnreadableSource, match="broken or cut off"):
        load_boundary_file(registry, FACTS, file, BoundaryOptions())
    assert left_behind(registry) == 0


# -- reference systems -------------------------------------------------------------------------


def moved(land, how):
    return shapely.transform(land, how, interleaved=False)


def test_vn_2000_lands_where_pyproj_puts_it(load, registry):
    metres = moved(HOAN_KIEM, from_wgs84("EPSG:5897").transform)
    load([MIDDLE], [metres], crs="EPSG:5897")
    hanoi = AreaOfInterest(105, 20, 107, 22)
    of_pyproj = Transformer.from_crs(
        "EPSG:5897", "EPSG:4326", always_xy=True, area_of_interest=hanoi
    )
    (row,) = kept(registry, "ST_AsBinary(geom) AS wkb")
    ours = shapely.get_coordinates(shapely.from_wkb(bytes(row.wkb)).normalize())
    theirs = shapely.get_coordinates(
        shapely.MultiPolygon([moved(metres, of_pyproj.transform)]).normalize()
    )
    for here, there in zip(ours, theirs, strict=True):
        assert GLOBE.inv(*here, *there)[2] < 1


def test_metres_without_a_reference_system_are_refused_with_the_one_to_try(load, registry):
    metres = moved(HOAN_KIEM, from_wgs84("EPSG:5897").transform)
    with pytest.raises(UnreadableSource, match="look like metres: pass --crs EPSG:5897"):
        load([MIDDLE], [metres])
    assert left_behind(registry) == 0


def test_swapped_axes_are_refused_with_advice(load, registry):
    swapped = [moved(land, lambda x, y: (y, x)) for land in LANDS]
    with pytest.raises(UnreadableSource, match="Longitude and latitude are swapped"):
        load(ROWS, swapped)
    assert left_behind(registry) == 0


def test_land_abroad_is_refused(load, registry):
    with pytest.raises(UnreadableSource, match="do not lie in Vietnam"):
        load([MIDDLE], [shapely.box(2.3, 48.8, 2.4, 48.9)])
    assert left_behind(registry) == 0


# -- in time -----------------------------------------------------------------------------------


def test_the_same_file_again_changes_nothing(load, registry):
    load(ROWS, LANDS)
    before = kept(registry)
    assert load(ROWS, LANDS) is None
    assert kept(registry) == before


def test_the_same_land_under_another_name_of_file_is_not_written_again(load, registry):
    load(ROWS, LANDS)
    loaded = load(ROWS, LANDS, "again.gpkg")
    assert (loaded.written, loaded.unchanged) == (0, 3)


def test_a_later_boundary_leaves_the_earlier_answer_for_the_days_before(load, registry):
    load(ROWS, LANDS)
    west = shapely.box(105.84, 21.02, 105.855, 21.04)
    east = shapely.box(105.855, 21.02, 105.86, 21.04)
    changed = date(2026, 9, 1)
    loaded = load([WEST, MIDDLE], [west, east], "later.geojson", effective=changed, decree="1/NQ")
    assert loaded.written == 2
    spot = (105.852, 21.03)
    assert ward_of(registry, *spot, date(2026, 8, 31)) == ("00070", False)
    assert ward_of(registry, *spot, changed) == ("00082", False)
    assert ward_of(registry, 105.865, 21.03, changed) == ("00097", False), "not in the new file"
    assert {row.decree for row in kept(registry, "decree")} == {None, "1/NQ"}


def test_old_wards_hold_until_the_reform(load, registry):
    load([{"code": "00070", "name": "Hàng Trống"}], [HOAN_KIEM], effective=date(2025, 1, 1))
    assert ward_of(registry, 105.855, 21.03, date(2025, 6, 30)) == ("00070", True)
    assert ward_of(registry, 105.855, 21.03, REFORM) is None


def test_a_boundary_keeps_its_source_and_accuracy(load, registry):
    options = {"accuracy": "surveyed", "accuracy_m": 0.5, "licence": "CC0", "attribution": "Sở"}
    load([MIDDLE], [HOAN_KIEM], **options)
    with registry.connect() as connection:
        row = connection.execute(
            text(
                "SELECT accuracy, accuracy_m, licence, attribution, name, length(sha256) "
                "FROM unit_boundary JOIN source ON source.id = source_id"
            )
        ).one()
    assert tuple(row) == ("surveyed", 0.5, "CC0", "Sở", "wards.geojson", 64)


def test_better_land_of_the_same_shape_takes_the_place_of_the_worse(load, registry):
    load([MIDDLE], [HOAN_KIEM], accuracy="published")
    assert load([MIDDLE], [HOAN_KIEM], accuracy="official").written == 1
    assert [row.accuracy for row in kept(registry, "accuracy")] == ["official"]


def test_a_boundary_after_its_unit_ended_is_refused(load, registry):
    with pytest.raises(SourceError):
        load([{"code": "00079", "name": "Tràng Tiền"}], [HOAN_KIEM], effective=REFORM)
    assert left_behind(registry) == 0


# -- the data beside the product ---------------------------------------------------------------


def test_the_126_wards_of_hanoi_load_without_an_overlap(registry, shared):
    file = shared / "boundaries" / "hanoi_wards_2025.geojson"
    strict = replace(BoundaryOptions(), tolerance_m2=100.0)
    loaded = load_boundary_file(registry, FACTS, file, strict)
    assert (loaded.written, loaded.faults) == (126, "")
    overlaps = """
        SELECT count(*) FROM unit_boundary AS a JOIN unit_boundary AS b
        ON a.id < b.id AND ST_Intersects(a.geom, b.geom)
        AND ST_Area(ST_Intersection(a.geom, b.geom)::geography) > 1
    """
    with registry.connect() as connection:
        assert connection.scalar(text(overlaps)) == 0
