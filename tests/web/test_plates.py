"""Plates and papers over HTTP: what everybody gets, what an office gets, what nobody gets."""

import io
from datetime import date
from xml.etree import ElementTree as ET

import pytest
import zxingcpp
from fastapi.testclient import TestClient
from PIL import Image
from pyhanko.pdf_utils.reader import PdfFileReader
from sqlalchemy import text

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.address.errors import NotAllowed
from diachiso.address.record import Address, Details, State
from diachiso.registry.officer import Act, Role
from diachiso.registry.plate import Plate, verified
from diachiso.settings import Settings
from diachiso.store.engine import transaction
from diachiso.store.keys import issue_key
from diachiso.store.officers import enter_officer, give_mandate
from diachiso.store.plate_keys import keys_in
from diachiso.terminal import service
from diachiso.web.app import create_app
from diachiso.web.press import must_print

WARD = UnitKey(Level.WARD, "00070", former=False)
OTHER = UnitKey(Level.WARD, "00082", former=False)
SINCE = Validity(date(2025, 1, 1))


@pytest.fixture(scope="module")
def visitor(owner, tmp_path_factory):
    settings = Settings(
        home=tmp_path_factory.mktemp("home"), public_url="https://diachiso.example/"
    )
    with service(owner) as engine, TestClient(create_app(settings, engine)) as client:
        yield client


@pytest.fixture(scope="module")
def calls(owner, visitor):
    """Ask as somebody with a role."""

    def caller(role, ward):
        with transaction(owner) as writer:
            officer = enter_officer(writer)
            give_mandate(writer, officer, role, ward, SINCE, None)
            key = issue_key(writer, officer, role.value, tuple(Act))
        headers = {"authorization": f"Bearer {key}"}

        def call(path, status=200, body=None):
            method = "POST" if body is not None else "GET"
            answer = visitor.request(method, f"/v1/registry/{path}", headers=headers, json=body)
            assert answer.status_code == status, answer.text
            return answer

        return call

    return caller


@pytest.fixture(scope="module")
def clerk(calls):
    return calls(Role.WARD_OFFICER, WARD)


@pytest.fixture(scope="module")
def approver(calls):
    return calls(Role.WARD_APPROVER, WARD)


@pytest.fixture(scope="module")
def stranger(calls):
    return calls(Role.WARD_OFFICER, OTHER)


def a_house(clerk, number, lat):
    here = [{"lon": 105.8511, "lat": lat}]
    form = {"number": number, "street": "Phố Hàng Trống", "positions": here, "record": True}
    return clerk("addresses", 201, form).json()


def read(png, visitor):
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))
    return verified(code.text, keys_in(visitor.get("/v1/keys").json())).plate


def pages_of(answer):
    return int(PdfFileReader(io.BytesIO(answer.content)).root["/Pages"]["/Count"])


def street_of(owner, name):
    with owner.connect() as connection:
        return connection.scalar(
            text("SELECT id FROM street WHERE name = :name AND upper_inf(recorded)"),
            {"name": name},
        )


def test_everybody_gets_the_plate_of_a_public_address(visitor, code_of_town, owner):
    code = code_of_town(owner, 101)
    png = visitor.get(f"/v1/addresses/{code}/plate.png")
    assert png.headers["content-type"] == "image/png"
    plate = read(png.content, visitor)
    assert plate.code.digits == code
    assert (plate.number, plate.street) == ("2", "Phố Hàng Trống")
    assert plate.ward == "Phường Hoàn Kiếm, Thành phố Hà Nội"
    assert plate.position == (105.8511, 21.022)
    svg = visitor.get(f"/v1/addresses/{code}/plate.svg")
    assert svg.headers["content-type"] == "image/svg+xml"
    assert ET.fromstring(svg.content).tag.endswith("svg")  # noqa: S314 (our own)
    assert pages_of(visitor.get(f"/v1/addresses/{code}/plate.pdf")) == 1


@pytest.fixture(scope="module")
def code_of_town():
    def of(owner, osm):
        with owner.connect() as connection:
            return connection.scalar(
                text(
                    "SELECT code FROM external_id JOIN issued_code USING (address_id) "
                    "WHERE scheme = 'osm' AND value = :osm"
                ),
                {"osm": str(osm)},
            )

    return of


def test_a_plate_that_is_there_already_is_not_drawn_again(visitor, code_of_town, owner):
    path = f"/v1/addresses/{code_of_town(owner, 102)}/plate.svg"
    tag = visitor.get(path).headers["etag"]
    assert visitor.get(path, headers={"if-none-match": tag}).status_code == 304
    assert visitor.get(path.replace("svg", "pdf")).headers["etag"] != tag


def test_what_has_no_plate_says_why(visitor, clerk, approver):
    assert visitor.get("/v1/addresses/12/plate.svg").status_code == 422
    unknown = visitor.get("/v1/addresses/9999999999/plate.svg")
    assert unknown.status_code == 404
    assert unknown.json()["type"].endswith("UnknownCode")
    assert visitor.get("/v1/addresses/9999999999/plate.gif").status_code == 422
    house = a_house(clerk, "60", 21.0361)
    doubt = {"doubts": ["number"], "reason": "xem lại"}
    clerk(f"addresses/{house['code']}/review", body=doubt)
    doubted = visitor.get(f"/v1/addresses/{house['code']}/plate.svg")
    assert doubted.status_code == 409
    assert doubted.json()["type"].endswith("NotPrintable")
    approver(f"addresses/{house['code']}/settle", body={})
    clerk(f"addresses/{house['code']}/retire", body={"reason": "đã phá dỡ"})
    assert visitor.get(f"/v1/addresses/{house['code']}/plate.svg").status_code == 410


def test_of_a_restricted_address_only_its_ward_prints_a_plate_with_the_code_alone(
    visitor, clerk, stranger, calls
):
    code = a_house(clerk, "62", 21.0363)["code"]
    clerk(f"addresses/{code}/restrict", body={"hidden": True})
    assert visitor.get(f"/v1/addresses/{code}/plate.png").status_code == 404
    stranger(f"addresses/{code}/plate.png", 404)
    auditor = calls(Role.PROVINCE_AUDITOR, None)
    auditor(f"addresses/{code}/plate.png", 403)
    printed = clerk(f"addresses/{code}/plate.png")
    assert printed.headers["cache-control"] == "no-store"
    plate = read(printed.content, visitor)
    assert plate == Plate(plate.code, plate.on)
    assert plate.code.digits == code


def test_papers_of_a_street_are_for_the_offices_of_its_wards(visitor, clerk, stranger, owner):
    street = street_of(owner, "Phố Hàng Trống")
    for path in (f"streets/{street}/plates.pdf", f"streets/{street}/letters.pdf"):
        assert visitor.get(f"/v1/registry/{path}").status_code == 401
        assert stranger(path, 403).json()["type"].endswith("NotYourWard")
        clerk(path.replace(str(street), "999999"), 404)
        clerk(f"{path}?part=2", 404)
    houses = pages_of(clerk(f"streets/{street}/letters.pdf?document=12/Q%C4%90-UBND"))
    assert houses >= 5
    sheets = clerk(f"streets/{street}/plates.pdf?size=full")
    assert pages_of(sheets) == houses
    assert sheets.headers["diachiso-parts"] == "1"


def test_an_office_prints_of_a_street_what_lies_in_its_own_ward(clerk, stranger, owner):
    street = street_of(owner, "Phố Tràng Thi")
    whole = 4
    here = pages_of(clerk(f"streets/{street}/letters.pdf"))
    there = pages_of(stranger(f"streets/{street}/letters.pdf"))
    assert (here, there) == (2, 2)
    assert here + there == whole


def test_a_certificate_is_of_a_certified_address_and_sealed(clerk, approver, stranger):
    code = a_house(clerk, "64", 21.0365)["code"]
    refused = clerk(f"addresses/{code}/certificate.pdf", 409).json()
    assert refused["type"].endswith("NotPrintable")
    approver(f"addresses/{code}/certify", body={})
    paper = clerk(f"addresses/{code}/certificate.pdf")
    (seal,) = PdfFileReader(io.BytesIO(paper.content)).embedded_signatures
    seal.compute_integrity_info()
    assert seal.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    stranger(f"addresses/{code}/certificate.pdf", 403)


def test_the_page_carries_the_keys_and_asks_nobody_else(visitor):
    page = visitor.get("/verify")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    kid = visitor.get("/v1/keys").json()["keys"][-1]["kid"]
    assert kid in page.text
    assert visitor.get("/v1/keys").headers["content-type"] == "application/jwk-set+json"


def test_that_nothing_restricted_is_printed_by_anybody_is_seen_to_twice():
    """Row-level security hides it; if it ever did not, the press would refuse."""
    details = Details(WARD, (), restricted=True)
    with pytest.raises(NotAllowed):
        must_print([Address(7, State.RECORDED, details, SINCE)], None)
