"""Addresses by code, what lies at a point, and Vpostcodes."""

import pytest

from diachiso.address.code import AddressCode
from diachiso.address.vpostcode import Vpostcode

NOW = {"as_of": "2026-11-01"}


def test_a_code_answers_with_its_address_and_the_wards_then_and_before(client, code_of):
    code = code_of(101)
    answer = client.get(f"/v1/addresses/{code}", params=NOW)
    feature = answer.json()
    told = feature["properties"]
    assert answer.headers["content-type"] == "application/geo+json"
    assert feature["id"] == told["code"] == code
    assert feature["geometry"] == {"type": "Point", "coordinates": [105.8511, 21.022]}
    assert told["label"] == "2 Phố Hàng Trống, Phường Hoàn Kiếm, Thành phố Hà Nội"
    assert (told["number"], told["street"], told["place"]) == ("2", "Phố Hàng Trống", "Nhà hai")
    assert told["ward"]["code"] == "00070"
    assert told["former"]["full_name"] == "Phường Hàng Trống"
    assert told["former"]["district"]["full_name"] == "Quận Hoàn Kiếm"
    assert (told["state"], told["certified"], told["position_kind"]) == (
        "recorded",
        False,
        "observed",
    )
    assert told["self_checking"] is True
    assert told["attribution"] == "© OpenStreetMap contributors"


@pytest.mark.parametrize("writing", ["{a}-{b}", "{a} {b}", "{a}.{b}", "{a}{b}", " {a}–{b} "])
def test_a_code_is_read_from_any_usual_writing(client, code_of, writing):
    code = code_of(102)
    answer = client.get(f"/v1/addresses/{writing.format(a=code[:5], b=code[5:])}", params=NOW)
    assert answer.json()["id"] == code


def test_full_width_digits_are_read(client, code_of):
    code = code_of(102)
    wide = code.translate({ord("0") + n: 0xFF10 + n for n in range(10)})
    assert client.get(f"/v1/addresses/{wide}", params=NOW).json()["id"] == code


def test_a_code_with_a_letter_is_refused_with_its_place(problem):
    told = problem("/v1/addresses/1102A-58317")
    assert told["type"] == "/problems#MalformedCode"
    assert "character 5 is 'A'" in told["detail"]


def test_an_unknown_code_one_slip_from_a_live_one_says_so(problem, code_of):
    live = AddressCode(code_of(103))
    told = problem(f"/v1/addresses/{next(live.slips())}", 404)
    assert told["type"] == "/problems#UnknownCode"
    assert str(live) in told["one_slip_away"]
    assert str(live) in told["detail"]


def test_a_code_far_from_all_is_not_in_use(problem):
    told = problem("/v1/addresses/9999999999", 404)
    assert told["one_slip_away"] == []


def test_a_code_asked_for_a_day_before_it_was_known_says_since_when(problem, code_of):
    told = problem(f"/v1/addresses/{code_of(101)}?as_of=2026-07-31", 404)
    assert told["known_from"] == "2026-08-01"


def test_an_alley_number_keeps_its_standard_form(client, code_of):
    told = client.get(f"/v1/addresses/{code_of(109)}", params=NOW).json()["properties"]
    assert told["number"].startswith("5 ") or told["number"] == "12/3/5"


# -- reverse -----------------------------------------------------------------------------------


def test_a_point_answers_with_the_nearest_doors_and_the_wards_then_and_before(client, code_of):
    spot = {"lon": 105.85111, "lat": 21.02201}
    features = client.get("/v1/reverse", params=spot | NOW).json()["features"]
    door, place = features[0]["properties"], features[-1]["properties"]
    assert door["code"] == code_of(101)
    assert 0 < door["distance_m"] < 3
    assert [f["properties"]["match_level"] for f in features] == ["house", "house", "ward"]
    assert [f["properties"].get("distance_m") for f in features[:2]] == sorted(
        f["properties"].get("distance_m") for f in features[:2]
    )
    assert place["ward"]["full_name"] == "Phường Hoàn Kiếm"
    assert place["former"]["full_name"] == "Phường Hàng Trống"
    assert place["label"] == "Phường Hoàn Kiếm, Thành phố Hà Nội"


def test_a_point_on_a_day_before_the_reform_lies_in_the_old_ward(client):
    spot = {"lon": 105.858, "lat": 21.022, "as_of": "2025-06-30"}
    (place,) = client.get("/v1/reverse", params=spot).json()["features"]
    assert place["properties"]["ward"]["full_name"] == "Phường Tràng Tiền"


def test_a_point_in_the_sea_names_the_nearest_ward(problem):
    told = problem("/v1/reverse?lon=107.5&lat=20.0", 404)
    assert told["type"] == "/problems#NoWardHere"
    assert told["nearest"]["full_name"] == "Phường Hồng Hà"
    assert 150_000 < told["nearest"]["distance_m"] < 250_000


@pytest.mark.parametrize(
    ("query", "kind", "told"),
    [
        ("lon=2.35&lat=48.85", "OutOfCountry", "outside Vietnam"),
        ("lon=21.03&lat=105.85", "OutOfCountry", "try lon=105.85, lat=21.03"),
        ("lon=587000&lat=2325000", "MalformedPosition", "not degrees"),
        ("lon=nan&lat=21", "MalformedPosition", "not degrees"),
        ("lon=inf&lat=21", "MalformedPosition", "not degrees"),
        ("lon=east&lat=21", "InvalidRequest", "query.lon"),
        ("lat=21", "InvalidRequest", "query.lon"),
    ],
)
def test_a_point_that_is_none_of_ours_is_refused(problem, query, kind, told):
    answer = problem(f"/v1/reverse?{query}")
    assert answer["type"] == f"/problems#{kind}"
    assert told in answer["detail"]


# -- Vpostcode ---------------------------------------------------------------------------------


def test_the_vpostcode_of_an_address_leads_back_to_it(client, code_of):
    told = client.get(f"/v1/addresses/{code_of(101)}", params=NOW).json()["properties"]
    assert Vpostcode.parse(told["vpostcode"]).postcode == "11024"
    place = client.get(f"/v1/vpostcodes/{told['vpostcode']}", params=NOW).json()
    lon, lat = place["geometry"]["coordinates"]
    assert (abs(lon - 105.8511), abs(lat - 21.022)) < (0.00002, 0.00002)
    assert place["properties"]["vpostcode"] == told["vpostcode"]


def test_a_vpostcode_that_is_none_is_refused(problem):
    assert problem("/v1/vpostcodes/11024")["type"] == "/problems#MalformedVpostcode"
    assert problem("/v1/vpostcodes/992212V3QXF7", 404)["type"] == "/problems#UnknownCode"
