"""Tiles for map clients, and what describes them."""

import pytest

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
