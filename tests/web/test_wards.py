"""Wards on any day."""

import pytest


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
