"""Real clients: GDAL's OAPIF driver (pyogrio's wheel), OWSLib, QGIS where it is installed."""

import shutil
import subprocess
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from owslib.ogcapi.features import Features

from diachiso.address.position import from_wgs84
from diachiso.address.reference import EPSG

TOWN = {"00070", "00082", "00097"}
SYSTEM_PYTHON = "/usr/bin/python3"
QGIS = shutil.which("qgis") and Path(SYSTEM_PYTHON).exists()
DRAW = """
import os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from qgis.core import (QgsApplication, QgsCoordinateReferenceSystem, QgsMapRendererParallelJob,
                       QgsMapSettings, QgsRectangle, QgsVectorLayer)
from qgis.PyQt.QtCore import QSize
base, picture = sys.argv[1:]
QgsApplication.setPrefixPath("/usr", True)
app = QgsApplication([], False)
app.initQgis()
layers = [QgsVectorLayer(f"url='{base}' typename='{one}' restrictToRequestBBOX='1'", one, "OAPIF")
          for one in ("addresses", "streets", "wards")]
for layer in layers:
    assert layer.isValid(), layer.error().message()
settings = QgsMapSettings()
settings.setLayers(layers)
settings.setDestinationCrs(QgsCoordinateReferenceSystem("OGC:CRS84"))
settings.setExtent(QgsRectangle(105.835, 21.015, 105.875, 21.045))
settings.setOutputSize(QSize(800, 600))
job = QgsMapRendererParallelJob(settings)
job.start()
job.waitForFinished()
job.renderedImage().save(picture)
box = QgsRectangle(105.835, 21.015, 105.875, 21.045)
print(sum(1 for one in layers[2].getFeatures(box) if one.hasGeometry()), flush=True)
os._exit(0)
"""


@pytest.fixture(scope="module")
def gdal():
    """GDAL in a process of its own: it keeps the interpreter while it waits for the service."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        yield lambda work, *args, **more: process.submit(work, *args, **more).result(timeout=120)


@pytest.fixture
def source(served):
    return f"OAPIF:{served}/ogc"


def test_gdal_lists_the_collections(gdal, source):
    layers = dict(gdal(pyogrio.list_layers, source))
    assert {
        "provinces",
        "wards",
        "former_wards",
        "former_districts",
        "streets",
        "addresses",
        "postal_points",
    } == set(layers)


def test_gdal_carries_all_wards_into_a_geopackage(gdal, source, tmp_path):
    meta, _, shapes, fields = gdal(pyogrio.raw.read, source, layer="wards")
    codes = list(fields[list(meta["fields"]).index("code")])
    assert len(codes) == len(set(codes)) == 3321
    land = shapely.from_wkb(shapes)
    assert shapely.is_valid(land[~shapely.is_missing(land)]).all()
    file = tmp_path / "wards.gpkg"
    pyogrio.raw.write(
        file, shapes, fields, list(meta["fields"]), geometry_type="MultiPolygon", crs="EPSG:4326",
        driver="GPKG",
    )  # fmt: skip
    assert pyogrio.read_info(file)["features"] == 3321


def test_gdal_gets_hanois_zone_where_pyproj_puts_it(gdal, source):
    """Part 2 by GDAL itself: it asks for EPSG:5897 and takes the axes as the register has them."""
    box = {"bbox": (105.84, 21.02, 105.87, 21.04)}
    _, _, plain, _ = gdal(pyogrio.raw.read, source, layer="wards", columns=["code"], **box)
    meta, _, shapes, fields = gdal(
        pyogrio.raw.read, source, layer="wards", columns=["code"], CRS=EPSG.format(5897)
    )
    assert "5897" in meta["crs"]
    kept = [n for n, shape in enumerate(shapes) if shape is not None]
    assert {fields[0][n] for n in kept} == TOWN
    turn = from_wgs84("EPSG:5897")
    lands = sorted(
        shapely.from_wkb([one for one in plain if one is not None]), key=lambda one: one.bounds
    )
    for land, told in zip(
        lands,
        sorted(shapely.from_wkb([shapes[n] for n in kept]), key=lambda one: one.bounds),
        strict=True,
    ):
        wanted = np.array(turn.transform(*shapely.get_coordinates(land).T)).T
        assert np.abs(shapely.get_coordinates(told) - wanted).max() < 0.01


def test_gdal_pages_and_filters(gdal, source):
    _, _, shapes, fields = gdal(pyogrio.raw.read, source, layer="addresses", PAGE_SIZE="2")
    assert len(shapes) == len(set(fields[0])) == 9
    _, _, _, fields = gdal(
        pyogrio.raw.read, source, layer="wards", columns=["code"], where="name = 'Hoàn Kiếm'"
    )
    assert list(fields[0]) == ["00070"]


def test_owslib_reads_everything(served):
    service = Features(f"{served}/ogc")
    assert "wards" in service.feature_collections()
    assert any(one.endswith("conf/features-filter") for one in service.conformance()["conformsTo"])
    assert service.api()["openapi"].startswith("3.0")
    assert service.collection("wards")["itemType"] == "feature"
    assert "name" in service.collection_queryables("wards")["properties"]
    told = service.collection_items("wards", bbox=[105.83, 21.0, 105.88, 21.05], limit=10000)
    assert {one["id"] for one in told["features"] if one["geometry"]} == TOWN
    told = service.collection_items("wards", filter="name = 'Hoàn Kiếm'")
    assert [one["id"] for one in told["features"]] == ["00070"]
    assert service.collection_item("wards", "00070")["properties"]["name"] == "Hoàn Kiếm"


@pytest.mark.skipif(not QGIS, reason="QGIS is not installed here (apt: qgis python3-qgis)")
def test_qgis_adds_the_layers_and_draws_them(served, tmp_path):
    picture = tmp_path / "town.png"
    done = subprocess.run(  # noqa: S603 (our own words)
        [SYSTEM_PYTHON, "-c", DRAW, f"{served}/ogc", str(picture)],
        capture_output=True, text=True, timeout=100, check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)},
    )  # fmt: skip
    if "No module named 'qgis'" in done.stderr:
        pytest.skip("QGIS has no Python here (apt: python3-qgis)")
    assert done.stdout.split()[-1:] == ["3"], done.stderr
    from PIL import Image  # noqa: PLC0415

    with Image.open(picture) as image:
        assert len(image.convert("RGB").getcolors(1 << 24)) > 3, "land, lines and points in colours"
