"""OGC API - Tiles: tilesets, tile matrix sets, tiles in both grids. docs/conformance-tiles.md."""

import mapbox_vector_tile
import pytest
from shapely.geometry import shape

from diachiso.address.quad import EQUATOR_M, Grid, Tile, tile_at
from diachiso.store.tiles import Layer

SPOT = (105.8551, 21.0301)
DAY = {"datetime": "2026-11-01"}
COLLECTIONS = [
    "provinces", "wards", "former_wards", "former_districts", "streets", "addresses",
    "postal_points",
]  # fmt: skip


@pytest.fixture
def told(client):
    def told(path, **params):
        answer = client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/json"
        return answer.json()

    return told


def test_the_tile_matrix_sets_are_listed_with_where_they_are(told):
    listed = told("/ogc/tileMatrixSets")["tileMatrixSets"]
    assert [one["id"] for one in listed] == ["WebMercatorQuad", "WorldCRS84Quad"]
    for one in listed:
        assert one["uri"].endswith(f"/OGC/1.0/{one['id']}")
        assert told(one["links"][0]["href"])["id"] == one["id"]


def test_web_mercator_is_as_the_standard_defines_it(told):
    grid = told("/ogc/tileMatrixSets/WebMercatorQuad")
    assert grid["crs"].endswith("EPSG/0/3857")
    assert grid["orderedAxes"] == ["X", "Y"]
    first, second = grid["tileMatrices"][:2]
    # OGC 17-083r4, table D.1
    assert first["scaleDenominator"] == pytest.approx(559082264.028717)
    assert first["cellSize"] == pytest.approx(156543.033928041)
    assert first["pointOfOrigin"] == pytest.approx([-20037508.3427892, 20037508.3427892])
    assert (second["matrixWidth"], second["matrixHeight"]) == (2, 2)


def test_degrees_are_as_the_standard_defines_them(told):
    grid = told("/ogc/tileMatrixSets/WorldCRS84Quad")
    first = grid["tileMatrices"][0]
    # OGC 17-083r4, table D.2
    assert first["scaleDenominator"] == pytest.approx(279541132.0143589)
    assert first["cellSize"] == pytest.approx(0.703125)
    assert first["pointOfOrigin"] == [-180, 90]
    assert (first["matrixWidth"], first["matrixHeight"]) == (2, 1)


@pytest.mark.parametrize("collection", [*COLLECTIONS, None])
def test_tilesets_are_listed_and_lead_to_tiles(client, told, collection):
    base = f"/ogc/collections/{collection}/tiles" if collection else "/ogc/tiles"
    listed = told(base)["tilesets"]
    assert [one["dataType"] for one in listed] == ["vector", "vector"]
    for one, grid in zip(listed, Grid, strict=True):
        links = {link["rel"]: link for link in one["links"]}
        whole = told(links["self"]["href"])
        assert whole["tileMatrixSetURI"] == one["tileMatrixSetURI"]
        assert told(links["http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"]["href"])
        assert links["item"]["templated"]
        assert links["item"]["type"] == "application/vnd.mapbox-vector-tile"
        limits = whole["tileMatrixSetLimits"][-1]
        place = tile_at(*SPOT, int(limits["tileMatrix"]), grid)
        assert limits["minTileRow"] <= place.y <= limits["maxTileRow"]
        assert limits["minTileCol"] <= place.x <= limits["maxTileCol"]
        url = links["item"]["href"].format(tileMatrix=place.z, tileRow=place.y, tileCol=place.x)
        assert client.get(url, params=DAY).status_code in {200, 204}


@pytest.mark.parametrize("place", ["", *(f"/collections/{one}" for one in COLLECTIONS)])
def test_landing_page_and_collections_lead_to_their_tilesets(client, told, place):
    links = client.get(f"/ogc{place}", headers={"accept": "application/json"}).json()["links"]
    (lead,) = [one for one in links if one["rel"].endswith("/tilesets-vector")]
    assert lead["href"].endswith(f"/ogc{place}/tiles")
    assert told(lead["href"])["tilesets"]


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_each_matrix_is_limited_once(told, collection):
    for grid in Grid:
        limits = told(f"/ogc/collections/{collection}/tiles/{grid}")["tileMatrixSetLimits"]
        matrices = [one["tileMatrix"] for one in limits]
        assert len(matrices) == len(set(matrices)) > 0
        for one in limits:
            assert 0 <= one["minTileRow"] <= one["maxTileRow"] < grid.rows(int(one["tileMatrix"]))
            assert (
                0 <= one["minTileCol"] <= one["maxTileCol"] < grid.columns(int(one["tileMatrix"]))
            )


def test_a_tileset_says_what_its_layers_hold(told):
    whole = told("/ogc/collections/wards/tiles/WebMercatorQuad")
    assert [one["id"] for one in whole["layers"]] == ["wards", "ward_names"]
    assert whole["layers"][0]["propertiesSchema"]["properties"]["code"] == {"type": "string"}
    tilejson = told("/ogc/collections/wards/tiles/WebMercatorQuad", f="tilejson", **DAY)
    assert tilejson["tilejson"] == "3.0.0"
    assert "{z}/{y}/{x}" in tilejson["tiles"][0]


def test_the_same_tile_is_the_same_under_either_address(client):
    place = tile_at(*SPOT, 14)
    ours = client.get(f"/tiles/wards/14/{place.x}/{place.y}.mvt", params={"as_of": "2026-11-01"})
    ogc = client.get(
        f"/ogc/collections/wards/tiles/WebMercatorQuad/14/{place.y}/{place.x}", params=DAY
    )
    assert ogc.content == ours.content
    assert ogc.headers["etag"] == ours.headers["etag"]


@pytest.mark.parametrize("z", [0, 4, 8, 11, 13, 15])
def test_tiles_in_degrees_are_valid_and_lie_where_they_should(client, z):
    place = tile_at(*SPOT, z, Grid.DEGREES)
    base = f"/ogc/collections/wards/tiles/WorldCRS84Quad/{z}/{place.y}/{place.x}"
    content = client.get(base, params=DAY).content
    if z < 8 and b"Ho" not in content:
        return  # the town is smaller than a pixel, or wards are not drawn from so far
    west, south, east, north = place.box()
    [hoan_kiem] = [
        shape(one["geometry"])
        for one in mapbox_vector_tile.decode(content)["wards"]["features"]
        if one["properties"]["code"] == "00070"
    ] or [None]
    if hoan_kiem is None:
        return
    assert hoan_kiem.is_valid
    x, y = ((SPOT[0] - west) / (east - west)) * 4096, ((SPOT[1] - south) / (north - south)) * 4096
    reach = 32 + hoan_kiem.length
    assert hoan_kiem.distance(shape({"type": "Point", "coordinates": (x, y)})) <= reach
    if z >= 11:
        assert hoan_kiem.buffer(1).covers(shape({"type": "Point", "coordinates": (x, y)}))


def test_clusters_of_both_grids_count_the_same(client):
    totals = []
    for grid in Grid:
        place = tile_at(*SPOT, 8, grid)
        content = client.get(
            f"/ogc/collections/addresses/tiles/{grid}/8/{place.y}/{place.x}", params=DAY
        ).content
        features = mapbox_vector_tile.decode(content)["addresses"]["features"]
        totals.append(sum(one["properties"]["count"] for one in features))
    assert totals == [9, 9]


def test_a_day_before_the_reform_is_drawn_by_datetime(client):
    place = tile_at(*SPOT, 14)
    base = f"/ogc/collections/wards/tiles/WebMercatorQuad/14/{place.y}/{place.x}"
    for moment in ("2025-06-30", "2025-06-30T08:00:00Z", "2024-01-01/2025-06-30", "../2025-06-30"):
        assert "Tràng Tiền".encode() in client.get(base, params={"datetime": moment}).content
    for span in ('"2025-06-30"', '"2025-06-30T08:00:00Z"', '*:"2025-06-30"'):
        answer = client.get(base, params={"subset": f"datetime({span})"})
        assert "Tràng Tiền".encode() in answer.content
    for later in ({"datetime": "2025-06-30/.."}, {"subset": 'datetime("2025-06-30":*)'}):
        assert "Hoàn Kiếm".encode() in client.get(base, params=later).content


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/ogc/tileMatrixSets/Nowhere", 404, "UnknownTileset"),
        ("/ogc/collections/houses/tiles", 404, "UnknownTileset"),
        ("/ogc/collections/wards/tiles/Nowhere", 404, "UnknownTileset"),
        ("/ogc/collections/wards/tiles/WebMercatorQuad/3/8/0", 404, "UnknownTileset"),
        ("/ogc/collections/wards/tiles/WebMercatorQuad/99/0/0", 404, "UnknownTileset"),
        ("/ogc/collections/wards/tiles/WebMercatorQuad/14/0/0", 404, "UnknownTileset"),
        ("/ogc/tiles/WebMercatorQuad/3/x/0", 404, "UnknownTileset"),
        ("/ogc/tiles/WebMercatorQuad/3/3/6?datetime=yesterday", 400, "QueryError"),
        ("/ogc/tiles/WebMercatorQuad/3/3/6?subset=Lat(1:2)", 400, "QueryError"),
        ("/ogc/tiles/WebMercatorQuad/3/3/6?colour=red", 400, "QueryError"),
    ],
)
def test_what_is_not_there_is_refused_in_words(problem, path, status, kind):
    told = problem(path, status)
    assert told["type"] == f"/problems#{kind}"


def test_every_collection_is_a_layer():
    assert {layer.value for layer in Layer} - {"national"} == set(COLLECTIONS)


def test_a_tile_is_where_its_box_is():
    tile = Tile(5, 25, 14)
    west, south, east, north = tile.in_degrees()
    middle = ((west + east) / 2, (south + north) / 2)
    assert tile_at(*middle, 5) == tile
    assert tile.box()[2] - tile.box()[0] == pytest.approx(EQUATOR_M / 32)
    assert {one.z for one in tile.children()} == {6}
    assert tile_at(*middle, 6) in tile.children()


def test_the_definition_tells_of_every_tileset_and_of_what_tiles_ask(client):
    """20-057, /conf/oas30/completeness: links that are given lead where the definition says."""
    paths = client.get("/ogc/api").json()["paths"]
    for base in ("", "/collections/{collectionId}"):
        assert f"{base}/tiles" in paths
        asked = paths[f"{base}/tiles/{{tileMatrixSetId}}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"]
        named = [one["$ref"].rpartition("-")[2] for one in asked["get"]["parameters"]]
        assert named[-6:] == [
            "tileMatrixSetId", "tileMatrix", "tileRow", "tileCol", "datetime", "subset"
        ]  # fmt: skip
        whole = client.get(f"/ogc{base.format(collectionId='wards')}/tiles/WebMercatorQuad").json()
        (item,) = [one["href"] for one in whole["links"] if one["rel"] == "item"]
        described = f"{base.format(collectionId='wards')}/tiles/WebMercatorQuad"
        assert item.endswith(f"/ogc{described}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}")


def test_the_paths_are_described(client):
    paths = client.get("/openapi.json").json()["paths"]
    assert "/ogc/collections/{collection}/tiles/{grid}/{z}/{y}/{x}" in paths
    assert "/ogc/tiles/{grid}/{z}/{y}/{x}" in paths
    assert "/ogc/tileMatrixSets/{grid}" in paths
