"""One box: whatever a person writes is read and looked up."""

import pytest
from openlocationcode import openlocationcode as plus

from diachiso.address.position import from_wgs84

HOUSE = (105.8511, 21.022)


@pytest.fixture
def find(client):
    def find(q, **more):
        answer = client.get("/v1/find", params={"q": q, **more})
        assert answer.status_code == 200, answer.text
        return answer.json()

    return find


def first(found):
    return found["features"][0]["properties"]


def test_a_code_is_answered_as_its_address(find, code_of):
    code = code_of(101)
    found = find(f"{code[:5]} {code[5:]}")
    assert found["read"] == {"as": "code", "value": f"{code[:5]}-{code[5:]}"}
    assert first(found)["code"] == code


def test_words_are_geocoded_as_by_geocode(find, client):
    text = "2 Phố Hàng Trống, Hoàn Kiếm, Hà Nội"
    found = find(text)
    assert found.pop("read") == {"as": "text"}
    assert found == client.get("/v1/geocode", params={"q": text, "limit": 8}).json()


@pytest.mark.parametrize("text", ["21.022, 105.8511", "105.8511 21.022"])
def test_coordinates_are_what_lies_there(find, code_of, text):
    found = find(text)
    assert first(found)["code"] == code_of(101)
    assert (found["read"]["lat"], found["read"]["lon"]) == (21.022, 105.8511)
    assert found["read"]["longitude_first"] is text.startswith("105")
    assert ("remark_vi" in found["read"]) is text.startswith("105")


def test_coordinates_of_vn_2000(find, code_of):
    east, north = from_wgs84("EPSG:5897").transform(*HOUSE)
    found = find(f"{north:.3f} {east:.3f} KTT 105°00'")
    assert first(found)["code"] == code_of(101)
    assert found["read"]["crs"] == "EPSG:5897"
    assert "EPSG:5897" in found["read"]["remark_vi"]


def test_coordinates_of_vn_2000_without_a_zone_are_asked_for_it(problem):
    told = problem("/v1/find?q=2324700%20588400")
    assert told["type"] == "/problems#ZoneNeeded"
    assert "EPSG:5897" in {zone["crs"] for zone in told["zones"]}
    assert f"{told['metres']} EPSG:5897" == "2324700 588400 EPSG:5897"


def test_plus_codes_whole_and_shortened(find, code_of):
    whole = plus.encode(HOUSE[1], HOUSE[0], 11)
    assert first(find(whole))["code"] == code_of(101)
    assert first(find(f"{whole[4:]} Hoàn Kiếm, Hà Nội"))["code"] == code_of(101)
    assert first(find(whole[4:], near="105.85,21.02"))["code"] == code_of(101)


def test_a_shortened_plus_code_alone_is_asked_for_its_place(problem):
    assert "Hà Nội" in problem("/v1/find?q=2RQX%2BH7")["detail"]
    assert "xyzzy" in problem("/v1/find?q=2RQX%2BH7%20xyzzy")["detail"]


def test_a_vpostcode_is_its_cell(find, client):
    wanted = first(find("21.022, 105.8511"))["vpostcode"]
    found = find(wanted)
    assert found["read"] == {"as": "vpostcode", "value": wanted}
    assert first(found) == client.get(f"/v1/vpostcodes/{wanted}").json()["properties"]


def test_at_sea_it_is_told_where_that_is(problem):
    told = problem("/v1/find?q=15,%20110.5", 404)
    assert (told["read"]["lat"], told["read"]["lon"]) == (15, 110.5)


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("00000-00000", "UnknownCode"),
        ("1234-5678", "MalformedCode"),
        ("48.85, 2.29", "OutOfCountry"),
    ],
)
def test_what_is_wrong_is_a_problem(client, query, kind):
    told = client.get("/v1/find", params={"q": query}).json()
    assert told["type"] == f"/problems#{kind}"
