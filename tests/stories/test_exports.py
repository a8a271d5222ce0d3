"""Everything public as files: what is in them, what is signed, what a second run does."""

import gzip
import json
import shutil

import mapbox_vector_tile
import pytest
import shapely
from fastapi.testclient import TestClient
from pmtiles.reader import MmapSource, Reader
from pyarrow import parquet
from typer.testing import CliRunner

from diachiso.__main__ import app
from diachiso.address.errors import DiachisoError
from diachiso.address.quad import tile_at
from diachiso.settings import Settings
from diachiso.store.engine import make_engine
from diachiso.web.app import create_app

SPOT = (105.851, 21.024)


@pytest.fixture(scope="module")
def run(databases, settle_in, tmp_path_factory):
    """A command of diachiso over a town of its own; `run.home` is its folder."""
    home = tmp_path_factory.mktemp("home")
    url = databases.clone("exports")
    engine = make_engine(url)
    settle_in(engine)

    def run(*words, status=0):
        told = {"DIACHISO_HOME": str(home), "DIACHISO_DATABASE_URL": url}
        done = CliRunner().invoke(app, [*words], env=told)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == status, done.output
        return done.output

    run.home, run.engine = home, engine
    yield run
    engine.dispose()


@pytest.fixture(scope="module")
def exported(run):
    run("export", "make", "--as-of", "2026-11-01")
    return run.home / "exports"


@pytest.fixture(scope="module")
def manifest(exported):
    return json.loads((exported / "manifest.json").read_text("utf-8"))


@pytest.fixture
def file(exported, manifest):
    """The file of a name, without its hash."""

    def file(stem, ending):
        names = [one["name"] for one in manifest["files"]]
        [name] = [one for one in names if one.startswith(f"{stem}-") and one.endswith(ending)]
        return exported / name

    return file


def test_every_collection_is_a_table_with_its_geometry(manifest, file):
    stems = {one["name"].rsplit("-", 1)[0] for one in manifest["files"]
             if one["name"].endswith("parquet")}  # fmt: skip
    assert stems == {
        "provinces", "wards", "former_districts", "former_wards", "streets", "addresses",
        "postal_points",
    }  # fmt: skip
    table = parquet.read_table(file("addresses", "parquet"))
    geo = json.loads(table.schema.metadata[b"geo"])
    assert geo["version"] == "1.1.0"
    assert geo["columns"]["geometry"] == {"encoding": "WKB", "geometry_types": ["Point"]}
    rows = {row["number"]: row for row in table.to_pylist()}
    assert len(rows) == table.num_rows == 9
    assert rows["2"]["street"] == "Phố Hàng Trống"
    assert rows["2"]["ward_code"] == "00070"
    spot = shapely.from_wkb(rows["2"]["geometry"])
    assert (spot.x, spot.y) == pytest.approx((105.8511, 21.022))


def test_columns_are_those_that_are_public(file):
    names = set(parquet.read_schema(file("addresses", "parquet")).names)
    assert not names & {"author_id", "reason", "doubts", "attributes", "document_number"}


def test_provinces_are_their_wards_together(file):
    rows = parquet.read_table(file("provinces", "parquet")).to_pylist()
    assert len(rows) == 34
    [hanoi] = [row for row in rows if row["code"] == "01"]
    land = shapely.from_wkb(hanoi["geometry"])
    assert land.bounds == pytest.approx((105.84, 21.02, 105.87, 21.04))
    assert all(row["geometry"] is None for row in rows if row is not hanoi)


def test_archives_hold_the_tiles_that_are_served(run, file):
    with file("addresses", "pmtiles").open("rb") as content:
        archive = Reader(MmapSource(content))
        header, place = archive.header(), tile_at(*SPOT, 14)
        packed = archive.get(14, place.x, place.y)
    assert (header["min_zoom"], header["max_zoom"]) == (0, 14)
    with TestClient(create_app(Settings(home=run.home), run.engine)) as client:
        served = client.get(f"/tiles/addresses/14/{place.x}/{place.y}.mvt?as_of=2026-11-01")
    decoded = mapbox_vector_tile.decode(gzip.decompress(packed))
    assert decoded == mapbox_vector_tile.decode(served.content)


def test_a_second_run_does_nothing_and_says_so(run, exported):
    before = {one.name: one.stat().st_mtime_ns for one in exported.iterdir()}
    assert "Nothing has changed" in run("export", "make", "--as-of", "2026-11-01").replace(
        "\n", " "
    )
    assert {one.name: one.stat().st_mtime_ns for one in exported.iterdir()} == before


def test_what_is_whole_is_proved(run, exported):
    assert "Whole: " in run("export", "verify", str(exported)).replace("\n", " ")


def test_without_an_export_there_is_nothing_to_prove(run, tmp_path):
    assert "manifest.json" in fault(run, "export", "verify", str(tmp_path))


def fault(run, *words):
    try:
        return run(*words, status=2)
    except DiachisoError as refused:
        return str(refused)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda folder, name: (folder / name).unlink(), "is not there"),
        (lambda folder, name: (folder / name).write_bytes(b"PAR1"), "not the file"),
        (lambda folder, _: rewrite(folder, "change", 7), "signature"),
        (lambda folder, _: rewrite(folder, "as_of", "2020-01-01"), "signature"),
    ],
)
def test_what_was_changed_is_found(run, exported, manifest, tmp_path, spoil, told):
    folder = tmp_path / "copy"
    shutil.copytree(exported, folder)
    spoil(folder, manifest["files"][0]["name"])
    assert told in fault(run, "export", "verify", str(folder))


def rewrite(folder, name, value):
    file = folder / "manifest.json"
    file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), name: value}), "utf-8")


def test_a_manifest_of_another_registry_is_not_ours(run, exported):
    key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    assert "signature" in fault(run, "export", "verify", str(exported), "--key", key)


def test_files_are_served_whole_and_in_parts(run, exported, manifest):
    one = manifest["files"][0]
    with TestClient(create_app(Settings(home=run.home), run.engine)) as client:
        told = client.get("/exports/manifest.json")
        assert told.json() == manifest
        assert told.headers["cache-control"] == "public, no-cache"
        whole = client.get(f"/exports/{one['name']}")
        assert whole.content == (exported / one["name"]).read_bytes()
        assert "immutable" in whole.headers["cache-control"]
        part = client.get(f"/exports/{one['name']}", headers={"range": "bytes=4-2003"})
        assert (part.status_code, part.content) == (206, whole.content[4:2004])
        for name in ("nothing.parquet", ".hidden.parquet", "..%2Fkeys%2Fledger.pem", "ledger.pem"):
            answer = client.get(f"/exports/{name}")
            assert answer.status_code == 404
            assert answer.headers["content-type"] == "application/problem+json"


def test_what_no_manifest_names_is_removed_and_the_last_export_stays(run, exported, manifest):
    stray = exported / "wards-0000000000.parquet"
    stray.write_bytes(b"x")
    run("export", "make", "--as-of", "2025-06-30")
    assert not stray.exists()
    assert (exported / manifest["files"][0]["name"]).exists()
    assert json.loads((exported / "manifest.json").read_text("utf-8"))["as_of"] == "2025-06-30"
