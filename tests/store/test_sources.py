"""Files of features: four kinds come in alike, broken ones are refused with a sentence."""

import gzip
import json
from hashlib import sha256
from pathlib import Path

import pytest
import shapely

from diachiso.address.errors import MalformedPosition, UnreadableSource
from diachiso.store.sources import kind_of, read_features, sha256_of

WEST_HALF, EAST_HALF = (
    shapely.box(105.84, 21.02, 105.85, 21.04),
    shapely.box(105.85, 21.02, 105.86, 21.04),
)
ROWS = [{"code": "00082", "name": "Cửa Nam"}, {"code": "00070", "name": "Hoàn Kiếm"}]
LANDS = [WEST_HALF, EAST_HALF]
KINDS = ["wards.geojson", "wards.gpkg", "wards.shp", "wards.parquet"]
FIVE_GB = 5 * 1024**3


@pytest.fixture(params=KINDS)
def any_file(request, file_of):
    return file_of(request.param, ROWS, LANDS)


def test_every_kind_of_file_says_the_same(any_file):
    features = read_features(any_file)
    assert features.columns == {"code": ["00082", "00070"], "name": ["Cửa Nam", "Hoàn Kiếm"]}
    assert all(a.equals(b) for a, b in zip(features.geometries, LANDS, strict=True))


def test_a_file_cut_off_in_the_middle_is_refused(any_file):
    content = any_file.read_bytes()
    any_file.write_bytes(content[: len(content) * 2 // 3])
    with pytest.raises(UnreadableSource, match="broken or cut off"):
        read_features(any_file)


@pytest.mark.parametrize("kind", ["geojson", "gpkg", "shp", "parquet", "json"])
def test_five_gigabytes_of_nothing_are_refused_at_a_glance(tmp_path, kind):
    file = tmp_path / f"nothing.{kind}"
    with file.open("wb") as stream:
        stream.truncate(FIVE_GB)
    with pytest.raises(UnreadableSource, match="there is nothing in it"):
        read_features(file)


@pytest.mark.parametrize("content", [b"", b" \n\t" * 1000])
def test_an_empty_file_is_refused(tmp_path, content):
    file = tmp_path / "empty.geojson"
    file.write_bytes(content)
    with pytest.raises(UnreadableSource, match="there is nothing in it"):
        read_features(file)


def test_a_collection_without_features_is_refused(file_of):
    with pytest.raises(UnreadableSource, match="holds no feature"):
        read_features(file_of("none.geojson", [], []))


@pytest.mark.parametrize("name", ["wards.csv", "wards.pdf", "wards", "wards.zip", "wards.csv.gz"])
def test_a_file_of_another_kind_is_refused_with_the_kinds_there_are(tmp_path, name):
    (tmp_path / name).write_text("code,name\n", "utf-8")
    with pytest.raises(UnreadableSource, match=r"takes only .*GeoParquet"):
        read_features(tmp_path / name)


@pytest.mark.parametrize("name", KINDS)
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path, name):
    (tmp_path / name).write_text("mã,tên\n00070,Hoàn Kiếm\n", "utf-8")
    with pytest.raises(UnreadableSource, match="not what its name says"):
        read_features(tmp_path / name)


@pytest.mark.parametrize("content", ['{"a": 1}', '{"type": "Topology"}', "{]}", '{"features": {}}'])
def test_json_that_is_not_geojson_is_refused(tmp_path, content):
    file = tmp_path / "some.geojson"
    file.write_text(content, "utf-8")
    with pytest.raises(UnreadableSource):
        read_features(file)


def test_parquet_without_geometry_is_refused(file_of, tmp_path):
    pq = pytest.importorskip("pyarrow.parquet")
    file = file_of("plain.parquet", ROWS, LANDS)
    pq.write_table(pq.read_table(file).replace_schema_metadata({}), file)
    with pytest.raises(UnreadableSource, match="not GeoParquet"):
        read_features(file)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UnreadableSource, match=r"gone\.geojson"):
        read_features(tmp_path / "gone.geojson")


def test_a_packed_file_is_looked_through(file_of, tmp_path):
    plain = file_of("wards.geojson", ROWS, LANDS)
    packed = tmp_path / "wards.geojson.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert kind_of(packed) == ".geojson"
    assert len(read_features(packed)) == 2
    packed.write_bytes(packed.read_bytes()[:-40])
    with pytest.raises(UnreadableSource):
        read_features(packed)


# -- reference systems -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["wards.gpkg", "wards.shp"])
def test_a_file_that_states_vn_2000_comes_out_in_wgs_84(file_of, name):
    metres = [shapely.box(583_000, 2_325_000, 584_000, 2_326_000)]
    (land,) = read_features(file_of(name, ROWS[:1], metres, crs="EPSG:5897")).geometries
    assert 105.7 < land.centroid.x < 106.0
    assert 20.9 < land.centroid.y < 21.1


def test_a_file_that_states_no_system_is_refused_with_advice(file_of):
    file = file_of("wards.shp", ROWS, LANDS)
    file.with_suffix(".prj").unlink()
    with pytest.raises(UnreadableSource, match="states no reference system: pass --crs"):
        read_features(file)
    assert len(read_features(file, "EPSG:4326")) == 2


def test_a_system_that_is_not_known_is_refused(file_of):
    with pytest.raises(MalformedPosition, match="Unknown reference system"):
        read_features(file_of("wards.geojson", ROWS, LANDS), "EPSG:123456")


def test_a_hash_is_that_of_the_bytes(tmp_path):
    file = Path(tmp_path / "any")
    file.write_bytes(json.dumps(ROWS).encode() * 100_000)
    assert sha256_of(file) == sha256(file.read_bytes()).hexdigest()
