"""Wards on any day."""

import pytest
import shapely


def test_one_code_names_two_wards_across_the_reform(client):
    before = client.get("/v1/wards/00070", params={"as_of": "2025-06-30"}).json()["properties"]
    after = client.get("/v1/wards/00070", params={"as_of": "2026-11-01"}).json()["properties"]
    assert (before["full_name"], before["district"]["full_name"]) == (
        "Phường Hàng Trống",
        "Quận Hoàn Kiếm",
    )
    assert (after["full_name"], after["district"], after["postcodes"]) == (
        "Phường Hoàn Kiếm",
        None,
        ["11024"],
    )


@pytest.mark.parametrize(
    ("day", "name", "province"),
    [
        ("2025-06-30", "Thị trấn Lộc Ninh", "Tỉnh Bình Phước"),
        ("2026-04-29", "Xã Lộc Ninh", "Tỉnh Đồng Nai"),
        ("2026-04-30", "Phường Lộc Ninh", "Thành phố Đồng Nai"),
    ],
)
def test_a_ward_of_dong_nai_changes_its_kind_on_its_day(client, day, name, province):
    ward = client.get("/v1/wards/25270", params={"as_of": day}).json()["properties"]
    assert (ward["full_name"], ward["province"]["full_name"]) == (name, province)


def test_a_code_that_no_unit_bears_is_not_found(client):
    answer = client.get("/v1/wards/99999")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems#UnknownUnit"


def test_a_province_answers_whole_and_again_with_304(client):
    answer = client.get("/v1/wards", params={"province": "01", "as_of": "2026-11-01"})
    assert len(answer.json()["features"]) == 126
    again = client.get(
        "/v1/wards",
        params={"province": "01", "as_of": "2026-11-01"},
        headers={"if-none-match": answer.headers["etag"]},
    )
    assert (again.status_code, again.content) == (304, b"")


# -- what travels ------------------------------------------------------------------------------

NOW = {"as_of": "2026-11-01"}


def closed(ring):
    return ring[0] == ring[-1] and len(ring) >= 4


def test_a_ward_is_valid_geojson(client):
    ward = client.get("/v1/wards/00070", params=NOW).json()
    land = shapely.geometry.shape(ward["geometry"])
    assert ward["type"] == "Feature"
    assert ward["geometry"]["type"] == "MultiPolygon"
    assert land.is_valid
    assert all(closed(ring) for polygon in ward["geometry"]["coordinates"] for ring in polygon)
    assert land.bounds == pytest.approx((105.85, 21.02, 105.86, 21.04)), "longitude first"
    assert tuple(ward["bbox"]) == land.bounds
    assert "crs" not in ward


def test_wards_are_one_valid_collection(client):
    answer = client.get("/v1/wards", params=NOW | {"province": "01"})
    told = answer.json()
    assert answer.headers["content-type"] == "application/geo+json"
    assert told["type"] == "FeatureCollection"
    assert "crs" not in told
    assert [f["id"] for f in told["features"]] == sorted({f["id"] for f in told["features"]})
    for feature in told["features"]:
        land = feature["geometry"]
        assert land is None or shapely.geometry.shape(land).is_valid


def test_vietnamese_letters_travel_as_themselves(client):
    answer = client.get("/v1/wards/00070", params=NOW)
    assert "Phường Hoàn Kiếm" in answer.content.decode("utf-8")
    assert "\\u" not in answer.text


def test_a_ward_tells_where_its_boundary_comes_from(client):
    told = client.get("/v1/wards/00070", params=NOW).json()["properties"]["boundary"]
    assert (told["accuracy"], told["approximate"]) == ("official", False)
    assert told["source"] == "wards.geojson"
    assert (told["valid_from"], told["valid_until"]) == ("2025-07-01", None)


def test_a_ward_of_today_names_what_it_was_made_of_and_an_old_one_what_became_of_it(client):
    new = client.get("/v1/wards/00070", params=NOW).json()["properties"]
    assert "00070" in [one["code"] for one in new["predecessors"]]
    old = client.get("/v1/wards/00079", params={"as_of": "2025-06-30"}).json()["properties"]
    assert old["former"] is True
    assert "00070" in [one["code"] for one in old["successors"]]


def test_a_box_holds_the_wards_that_touch_it(client):
    box = {"bbox": "105.845,21.025,105.855,21.03"}
    told = client.get("/v1/wards", params=NOW | box).json()
    assert [f["id"] for f in told["features"]] == ["00070", "00082"]
    in_no_province = client.get("/v1/wards", params=NOW | box | {"province": "75"}).json()
    assert in_no_province["features"] == []


def test_a_province_of_before_the_reform_has_its_wards(client):
    told = client.get("/v1/wards", params={"province": "70", "as_of": "2025-06-30"}).json()
    assert {f["properties"]["province"]["full_name"] for f in told["features"]} == {
        "Tỉnh Bình Phước"
    }


def test_a_code_that_has_lapsed_says_when_it_was_in_force(client):
    answer = client.get("/v1/wards/00079", params=NOW)
    assert answer.status_code == 404
    assert "Phường Tràng Tiền" in answer.json()["detail"]
    assert "2025-07-01" in answer.json()["detail"]
