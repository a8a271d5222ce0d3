"""Loads: each does nothing the second time, and leaves nothing when it fails."""

from datetime import date

import pytest
from sqlalchemy import text

from diachiso.address.errors import UnreadableSource
from diachiso.settings import CHECKOUT
from diachiso.store.engine import make_engine
from diachiso.store.loading import (
    BoundaryOptions,
    boundary_files,
    bring_up_units,
    load_boundary_file,
    load_place_file,
    load_postcode_file,
    load_street_file,
    place_files,
    require_folder,
    street_files,
)

FACTS = CHECKOUT / "data"
SEEN_ON = date(2026, 8, 1)
EVERYTHING = """
    SELECT (SELECT count(*) FROM address_version), (SELECT count(*) FROM issued_code),
           (SELECT count(*) FROM street), (SELECT count(*) FROM street_way),
           (SELECT count(*) FROM place), (SELECT count(*) FROM unit_boundary),
           (SELECT count(*) FROM unit_name), (SELECT count(*) FROM edition)
"""


@pytest.fixture(scope="module")
def mine(databases, settle_in):
    """A town of one's own, which loads may change."""
    engine = make_engine(databases.clone("loading"))
    settle_in(engine)
    yield engine
    engine.dispose()


def everything(engine):
    with engine.connect() as connection:
        return tuple(connection.execute(text(EVERYTHING)).one())


def test_a_second_start_loads_nothing(mine, town_files, today):
    before = everything(mine)
    assert bring_up_units(mine, FACTS) is None
    assert load_street_file(mine, street_files(town_files)[0]) is None
    (places,) = place_files(town_files)
    again = load_place_file(mine, places, addresses=True, places=True, on=SEEN_ON, today=today)
    assert again is None
    assert everything(mine) == before


def test_the_same_points_in_another_file_are_known(mine, town_files, tmp_path, today):
    copy = tmp_path / "copy.csv"
    copy.write_bytes(place_files(town_files)[0].read_bytes())
    taken, _ = load_place_file(mine, copy, addresses=True, places=False, on=SEEN_ON, today=today)
    assert (taken.known, taken.recorded) == (9, 0)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("osm_id,name\n1,a\n", "lacks the columns lat, lon"),
        ("osm_id,lon,lat\n1,105.85,21.03\n2,east,21\n", "line 3"),
        ("", "lacks the columns"),
    ],
)
def test_a_table_that_is_none_leaves_nothing_behind(mine, tmp_path, today, content, told):
    file = tmp_path / "points.csv"
    file.write_text(content, "utf-8")
    before = everything(mine)
    with pytest.raises(UnreadableSource, match=told):
        load_place_file(mine, file, addresses=True, places=True, on=SEEN_ON, today=today)
    assert everything(mine) == before


def test_a_table_in_another_alphabet_is_refused(mine, tmp_path, today):
    file = tmp_path / "points.csv"
    file.write_bytes("lon,lat,street\n105.85,21.03,Phố Huế\n".encode("utf-16"))
    with pytest.raises(UnreadableSource):
        load_place_file(mine, file, addresses=True, places=True, on=SEEN_ON, today=today)


def test_postal_codes_of_another_province_may_be_loaded(mine, tmp_path, today):
    file = tmp_path / "dong_nai.csv"
    file.write_text("ward_code,postal_code\n25270,76001\n", "utf-8")
    changes, issued = load_postcode_file(mine, file, today)
    assert (changes.added, issued) == (1, 0)
    assert load_postcode_file(mine, file, today)[0].added == 0


def test_files_are_found_in_their_folders(town_files, tmp_path):
    assert [file.name for file in boundary_files(town_files)] == ["wards.geojson"]
    assert [file.name for file in street_files(town_files)] == ["streets.geojson"]
    assert [file.name for file in place_files(town_files)] == ["houses.csv"]
    require_folder(town_files)
    for folder in (tmp_path, tmp_path / "gone"):
        with pytest.raises(UnreadableSource, match=r"DIACHISO_DATA=.*nothing to load there"):
            require_folder(folder)


def test_boundaries_that_overlap_are_tolerated_and_told(databases, file_of, monkeypatch):
    shapely = pytest.importorskip("shapely")
    engine = make_engine(databases.clone("lenient"))
    lands = [shapely.box(105.84, 21.02, 105.851, 21.04), shapely.box(105.85, 21.02, 105.86, 21.04)]
    rows = [{"code": "00082", "name": "Cửa Nam"}, {"code": "00070", "name": "Hoàn Kiếm"}]
    file, options = file_of("w.geojson", rows, lands), BoundaryOptions(tolerate=True)
    loaded = load_boundary_file(engine, FACTS, file, options)
    assert loaded.written == 2
    assert "00082 Cửa Nam" in loaded.faults
    # the second time the file is not even read: a country's takes seconds and a gigabyte
    monkeypatch.delattr("diachiso.store.loading.read_features")
    assert load_boundary_file(engine, FACTS, file, options) is None
    engine.dispose()
