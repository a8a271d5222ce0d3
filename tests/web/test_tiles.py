"""Tiles for map clients, and what describes them."""

from datetime import date

import mapbox_vector_tile
import pytest
from shapely.geometry import shape

from diachiso.address.quad import tile_at
from diachiso.store import tiles
from diachiso.store.engine import reading

NOW = {"as_of": "2026-11-01"}
HOAN_KIEM_AT_14 = "14/13009/7212"
"""The tile of 105.855, 21.03."""


@pytest.fixture
def tile(client):
    return lambda path, day=NOW, **more: client.get(f"/tiles/{path}.mvt", params=day, **more)


def test_a_tile_of_wards_holds_land_and_names(tile):
    answer = tile(f"wards/{HOAN_KIEM_AT_14}")
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    for word in ("wards", "ward_names", "Hoàn Kiếm", "00070", "official"):
        assert word.encode() in answer.content


def test_a_tile_of_a_day_before_the_reform_holds_the_old_wards(tile):
    old = tile(f"wards/{HOAN_KIEM_AT_14}", {"as_of": "2025-06-30"}).content
    assert "Hàng Trống".encode() in old
    assert "Hoàn Kiếm".encode() not in old


def test_a_tile_of_streets_holds_lanes_from_near_only(tile):
    near = tile(f"streets/{HOAN_KIEM_AT_14}").content
    assert "Phố Hàng Trống".encode() in near
    far = tile("streets/12/3252/1803").content
    assert "Phố Tràng Thi".encode() in far
    assert "Phố Hàng Trống".encode() not in far


def test_a_tile_without_land_is_empty(tile):
    answer = tile("wards/14/0/0")
    assert (answer.status_code, answer.content) == (204, b"")


def test_a_tile_that_is_known_is_not_sent_again(tile):
    first = tile(f"wards/{HOAN_KIEM_AT_14}")
    again = tile(f"wards/{HOAN_KIEM_AT_14}", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other_day = tile(f"wards/{HOAN_KIEM_AT_14}", {"as_of": "2025-06-30"})
    assert other_day.headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("14/99999/0", "MalformedPosition"),
        ("0/0/1", "MalformedPosition"),
        ("23/0/0", "InvalidRequest"),
        ("1/-1/0", "InvalidRequest"),
        ("a/b/c", "InvalidRequest"),
    ],
)
def test_a_tile_that_is_not_there_is_refused(problem, place, kind):
    assert problem(f"/tiles/wards/{place}.mvt")["type"] == f"/problems#{kind}"


def test_the_description_names_layers_accuracy_and_whom_to_credit(client):
    told = client.get("/tiles/wards.json", params=NOW).json()
    assert told["tilejson"] == "3.0.0"
    assert told["bounds"] == pytest.approx([105.84, 21.02, 105.87, 21.04])
    assert told["accuracy"] == {"official": 3}
    assert [layer["id"] for layer in told["vector_layers"]] == ["wards", "ward_names"]
    assert "© OpenStreetMap contributors" in told["attribution"]
    url = told["tiles"][0].format(z=14, x=13009, y=7212)
    assert client.get(url).status_code == 200


def test_a_day_without_land_has_no_bounds(client):
    told = client.get("/tiles/wards.json", params={"as_of": "1990-01-01"}).json()
    assert "bounds" not in told
    assert told["accuracy"] == {}


# -- decoded ---------------------------------------------------------------------------------------

UNITS = ("provinces", "wards", "former_districts", "former_wards")
EVE = {"as_of": "2025-06-30"}


@pytest.fixture
def decoded(tile):
    def decoded(path, day=NOW):
        return {
            name: [one["properties"] for one in layer["features"]]
            for name, layer in mapbox_vector_tile.decode(tile(path, day).content).items()
        }

    return decoded


@pytest.mark.parametrize("z", range(17))
def test_geometry_is_valid_at_every_zoom(tile, z):
    place = tile_at(105.8551, 21.0301, z)
    found = 0
    for layer in (*UNITS, "streets", "addresses", "national"):
        content = tile(f"{layer}/{z}/{place.x}/{place.y}").content
        for drawn in mapbox_vector_tile.decode(content).values():
            for one in drawn["features"]:
                assert shape(one["geometry"]).is_valid, (layer, one)
                found += 1
    assert found


def test_a_province_is_one_area_made_of_its_wards(decoded):
    names = decoded(f"provinces/{HOAN_KIEM_AT_14}")["provinces"]
    assert names == [{"code": "01", "name": "Hà Nội", "kind": "thành phố"}]


def test_former_units_are_those_of_the_eve_unless_a_day_before_it_is_asked_for(decoded):
    for day in (NOW, EVE):
        [district] = decoded(f"former_districts/{HOAN_KIEM_AT_14}", day)["former_districts"]
        assert district["name"] == "Hoàn Kiếm"
        wards = decoded(f"former_wards/{HOAN_KIEM_AT_14}", day)["former_wards"]
        assert {one["name"] for one in wards} == {"Hàng Trống", "Tràng Tiền"}


@pytest.mark.parametrize("z", range(3, 8))
def test_the_overview_has_both_archipelagos_and_the_sea_between(client, z):
    found = {}
    for lon, lat in ((112.135, 16.568), (114.45, 9.71), (113.29, 13.14)):
        place = tile_at(lon, lat, z)
        content = client.get(f"/tiles/country/{z}/{place.x}/{place.y}.mvt", params=NOW).content
        for one in mapbox_vector_tile.decode(content)["national"]["features"]:
            found[one["properties"]["name"]] = one["properties"]
    assert set(found) == {"Đặc khu Hoàng Sa", "Đặc khu Trường Sa", "Biển Đông"}
    assert found["Đặc khu Hoàng Sa"]["province"] == "Đà Nẵng"
    assert found["Đặc khu Trường Sa"]["province"] == "Khánh Hòa"


def test_addresses_stand_by_themselves_from_near_and_are_counted_from_afar(decoded):
    near = decoded(f"addresses/{HOAN_KIEM_AT_14}")["addresses"]
    assert {one["number"] for one in near} >= {"6", "40"}
    assert all(len(one["code"]) == 10 for one in near)
    assert {one["street"] for one in near} == {"Phố Hàng Trống", "Phố Tràng Thi"}
    for z in range(14):
        place = tile_at(105.851, 21.03, z)
        far = decoded(f"addresses/{z}/{place.x}/{place.y}")["addresses"]
        assert all(set(one) == {"count"} for one in far)
    place = tile_at(105.851, 21.03, 8)
    assert (
        sum(one["count"] for one in decoded(f"addresses/8/{place.x}/{place.y}")["addresses"]) == 9
    )


def test_too_many_addresses_are_counted_from_near_too(decoded, monkeypatch):
    monkeypatch.setattr(tiles, "MOST_POINTS", 3)
    many = decoded(f"addresses/{HOAN_KIEM_AT_14}", {"as_of": "2026-10-30"})["addresses"]
    assert sum(one["count"] for one in many) == len(many) + sum(one["count"] - 1 for one in many)
    assert all("code" not in one for one in many)


def test_a_tile_that_would_be_too_large_is_drawn_more_coarsely(bound, monkeypatch):
    place = tile_at(105.851, 21.03, 14)
    day = date(2026, 11, 1)
    with reading(bound) as reader:
        whole = tiles.draw(reader, tiles.Layer.STREETS, place, day, tiles.Atlas())
        monkeypatch.setattr(tiles, "MOST_BYTES", len(whole) - 1)
        less = tiles.draw(reader, tiles.Layer.STREETS, place, day, tiles.Atlas())
    assert 0 < len(less) < len(whole)


def test_a_tile_comes_packed_to_whoever_can_open_it(client):
    plain = client.get(f"/tiles/wards/{HOAN_KIEM_AT_14}.mvt", params=NOW,
                       headers={"accept-encoding": "identity"})  # fmt: skip
    packed = client.get(f"/tiles/wards/{HOAN_KIEM_AT_14}.mvt", params=NOW)
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"


def test_tiles_that_are_of_nothing_known_are_refused(problem):
    assert problem("/tiles/houses/0/0/0.mvt", 404)["type"] == "/problems#UnknownTileset"
    assert problem("/tiles/houses.json", 404)["type"] == "/problems#UnknownTileset"


@pytest.mark.parametrize("name", ["provinces", "streets", "addresses", "postal_points", "country"])
def test_every_tileset_describes_itself(client, name):
    told = client.get(f"/tiles/{name}.json", params=NOW).json()
    assert told["vector_layers"]
    assert told["minzoom"] <= told["maxzoom"] == 16
    assert all(len(one["fields"]) > 0 for one in told["vector_layers"])
