"""OGC API - Features Part 2: reference systems by URI, axes as the EPSG register orders them."""

import numpy as np
import pytest
import shapely
from pyproj import CRS
from pyproj.transformer import TransformerGroup

from diachiso.address.position import OFFICIAL_TRANSFORMATION, VN2000
from diachiso.address.reference import CRS84, EPSG, LONG_LAT, SYSTEMS

NOW = {"datetime": "2026-11-01"}
PROJECTED = sorted(VN2000 - {4756})


def official(code):
    """pyproj's own transformation, found by its name."""
    group = TransformerGroup(CRS.from_epsg(4326), CRS.from_epsg(code), always_xy=True)
    named = [one for one in group.transformers if OFFICIAL_TRANSFORMATION in one.description]
    return (named or group.transformers)[0]


def corners(features):
    return {
        one["id"]: shapely.get_coordinates(shapely.geometry.shape(one["geometry"]))
        for one in features
        if one["geometry"] is not None
    }


def test_every_collection_offers_all_systems(ask):
    listed = ask("/collections")
    assert listed["crs"] == list(SYSTEMS)
    assert {
        EPSG.format(code) for code in (4326, 3857, 5897, 5896, 5899, 9205, 9218, 3405, 3406)
    } <= set(SYSTEMS)
    for one in listed["collections"]:
        assert one["crs"] == ["#/crs"]
        alone = ask(f"/collections/{one['id']}")
        assert alone["crs"] == list(SYSTEMS)
        assert alone["storageCrs"] == CRS84
        assert alone["crs"][0] == CRS84


@pytest.mark.parametrize("uri", list(SYSTEMS))
def test_a_page_names_its_system(client, uri):
    answer = client.get("/ogc/collections/addresses/items", params={"crs": uri} | NOW)
    assert answer.headers["content-crs"] == f"<{uri}>"
    code = answer.json()["features"][0]["id"]
    answer = client.get(f"/ogc/collections/addresses/items/{code}", params={"crs": uri} | NOW)
    assert answer.headers["content-crs"] == f"<{uri}>"


def test_without_a_system_it_is_crs84(client):
    answer = client.get("/ogc/collections/addresses/items", params=NOW)
    assert answer.headers["content-crs"] == f"<{CRS84}>"


def test_the_axes_are_as_the_register_has_them(items):
    def first(code):
        (one,) = items("addresses", number="14", crs=EPSG.format(code), **NOW)["features"]
        return one["geometry"]["coordinates"]

    assert first(4326) == pytest.approx([21.028, 105.8511])
    assert first(4756)[0] == pytest.approx(21.028, abs=0.01), "latitude first"
    east, north = first(5897)
    assert (580_000 < east < 600_000, 2_320_000 < north < 2_330_000) == (True, True)
    for uri, system in SYSTEMS.items():
        if uri != CRS84:
            axes = CRS.from_epsg(system.code).axis_info
            assert system.north_first == (axes[0].direction == "north")


@pytest.mark.parametrize("code", [3857, *PROJECTED])
def test_what_is_told_lies_where_pyproj_puts_it(items, code):
    wards = {"bbox": "105.83,21,105.88,21.05", "limit": 10000, "properties": "code"} | NOW
    plain = corners(items("wards", **wards)["features"])
    turned = corners(items("wards", crs=EPSG.format(code), **wards)["features"])
    assert set(plain) == set(turned) == {"00070", "00082", "00097"}
    for ward, where in turned.items():
        x, y = official(code).transform(*plain[ward].T)
        assert np.hypot(where[:, 0] - x, where[:, 1] - y).max() < 0.01


@pytest.mark.parametrize(
    "system", [one for one in SYSTEMS.values() if one.proj], ids=lambda one: str(one.code)
)
def test_postgis_goes_the_official_way_all_over_the_country(town, system):
    """By itself it takes another transformation in the south, up to 0.83 m away."""
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(102.1, 118.5, 500), rng.uniform(5.5, 23.5, 500)
    asked = """
        SELECT ST_X(p), ST_Y(p)
        FROM unnest(%s::float8[], %s::float8[]) WITH ORDINALITY AS t (x, y, n),
             ST_Transform(ST_SetSRID(ST_MakePoint(x, y), 4326), %s, %s) AS p
        ORDER BY n
    """
    with town.connect() as connection:
        told = connection.exec_driver_sql(
            asked, (lon.tolist(), lat.tolist(), LONG_LAT, system.proj)
        )
        found = np.array(told.all())
    wanted = np.array(official(system.code).transform(lon, lat)).T
    metres = 111_000 if system.code == 4756 else 1
    assert np.abs(found - wanted).max() * metres < 0.001


@pytest.fixture
def drawn(ids):
    """The wards of the town in a box: all others have no land here."""

    def found(**query):
        told = ids("wards", limit=10000, properties="code", **NOW, **query)
        return [one for one in told if one in {"00070", "00082", "00097"}]

    return found


def test_a_box_may_be_told_in_another_system(drawn):
    system = SYSTEMS[EPSG.format(5897)]
    west, south = official(5897).transform(105.846, 21.026)
    east, north = official(5897).transform(105.8545, 21.0295)
    found = drawn(bbox=f"{west},{south},{east},{north}", **{"bbox-crs": system.uri})
    assert found == ["00070", "00082"]
    lat_first = {"bbox": "21.025,105.845,21.03,105.855", "bbox-crs": EPSG.format(4326)}
    assert drawn(**lat_first) == ["00070", "00082"]
    lon_first = {"bbox": "105.845,21.025,105.855,21.03", "bbox-crs": CRS84}
    assert drawn(**lon_first) == ["00070", "00082"]


def test_a_box_of_a_projected_system_bends(ids):
    """Over eight degrees of longitude an edge of the box bends by kilometres of latitude."""
    system = SYSTEMS[EPSG.format(5896)]
    box = system.box(100_000, 2_300_000, 900_000, 2_400_000)
    flat = shapely.box(*box.bounds)
    assert flat.area - box.area > 0.05


@pytest.mark.parametrize("name", ["crs", "bbox-crs", "filter-crs"])
@pytest.mark.parametrize("uri", ["EPSG:5897", EPSG.format(9999), "", "http://example.org/5897"])
def test_a_system_that_is_not_offered_is_refused(refused, name, uri):
    assert name in refused("/collections/wards/items", **{name: uri, "bbox": "1,2,3,4"})["detail"]
