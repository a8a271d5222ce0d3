"""What is drawn: read back from the picture by a QR decoder of others, sealed so that it shows."""

import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
import zxingcpp
from asn1crypto import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from PIL import Image, ImageDraw, ImageFilter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from diachiso.address.code import AddressCode
from diachiso.address.division import Level, UnitKey, Validity
from diachiso.address.errors import KeyUnusable, MalformedPlate, NotPrintable, UnreadableSource
from diachiso.address.number import HouseNumber
from diachiso.address.position import Position, PositionKind
from diachiso.address.record import Address, Details, ObjectKind, Spot, State, StreetRef
from diachiso.registry.plate import Plate, PlateKey, signed, verified
from diachiso.stationery import draw
from diachiso.stationery.draw import Signed
from diachiso.stationery.formats import Format, Size
from diachiso.stationery.papers import House, Letters, Office, certificate, letters
from diachiso.stationery.read import text_in
from diachiso.stationery.seal import Seal, new_seal

DAY = date(2026, 11, 1)
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEYS = [PlateKey(PRIVATE.public_key().public_bytes_raw(), DAY)]
OFFICE = Office("Phường Hoàn Kiếm", "Thành phố Hà Nội")
VERIFY = "https://diachiso.example/verify"


def a_house(number="12/3", code="1102458317", *, state=State.CERTIFIED, page=None):
    details = Details(
        UnitKey(Level.WARD, "00070", former=False),
        (Spot(Position(105.851237, 21.023454), PositionKind.ENTRANCE),),
        HouseNumber.parse(number),
        StreetRef(1, "Đường Nguyễn Thị Minh Khai"),
        ObjectKind.DWELLING,
    )
    address = Address(7, state, details, Validity(DAY), AddressCode(code))
    plate = Plate.of(address, OFFICE.place, DAY)
    return House(address, Signed(plate, signed(plate, PRIVATE), page), OFFICE, "Phường Hàng Trống")


def seen_in(png):
    codes = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))
    assert len(codes) == 1
    return codes[0].text


def pages_of(pdf):
    return int(PdfFileReader(io.BytesIO(pdf)).root["/Pages"]["/Count"])


@pytest.mark.parametrize("number", ["7", "12/3", "1806/127/2/6/15/48/2A"])
def test_a_qr_decoder_reads_the_plate_from_the_picture(number):
    house = a_house(number)
    read = seen_in(draw.plate(house.signed, Format.PNG))
    assert read == house.signed.text
    assert verified(read, KEYS).plate == house.signed.plate


def test_where_the_page_is_known_the_code_opens_it():
    house = a_house(page=VERIFY)
    read = seen_in(draw.plate(house.signed, Format.PNG))
    assert read == f"{VERIFY}#{house.signed.text}"
    assert verified(read, KEYS).plate == house.signed.plate


def test_a_photograph_small_askew_and_scratched_is_read(tmp_path):
    house = a_house()
    plate = Image.open(io.BytesIO(draw.plate(house.signed, Format.PNG))).convert("RGB")
    pen = ImageDraw.Draw(plate)
    pen.line([(1350, 300), (1500, 330)], fill="white", width=12)
    photo = plate.resize((900, 563)).rotate(8, expand=True, fillcolor="gray")
    file = tmp_path / "plate.jpg"
    photo.filter(ImageFilter.GaussianBlur(0.5)).save(file, quality=70)
    assert verified(text_in(file), KEYS).plate == house.signed.plate


def test_what_is_no_picture_of_a_plate_is_told(tmp_path):
    blank = tmp_path / "blank.png"
    Image.new("RGB", (50, 50)).save(blank)
    with pytest.raises(MalformedPlate):
        text_in(blank)
    blank.write_text("text")
    with pytest.raises(UnreadableSource):
        text_in(blank)


def test_one_drawing_for_every_format():
    house = a_house()
    svg = draw.plate(house.signed, Format.SVG).decode()
    assert re.search(r'<svg[^>]*viewBox="0 0 680\.3\d* 425\.1\d*"', svg), "240 x 150 mm"
    assert "<text" not in svg, "letters are drawn: no font is needed to print it"
    assert pages_of(draw.plate(house.signed, Format.PDF)) == 1
    assert draw.plate(house.signed, Format.PNG).startswith(b"\x89PNG")


def test_the_same_plate_is_drawn_alike():
    house = a_house()
    for form in Format:
        assert draw.plate.__wrapped__(house.signed, form) == draw.plate(house.signed, form)


def test_sheets_hold_ten_small_plates_or_a_large_one():
    plates = [a_house(str(n), f"11024583{n}").signed for n in range(10, 21)]
    assert pages_of(draw.sheet(plates, Size.SMALL)) == 2
    assert pages_of(draw.sheet(plates[:3], Size.FULL)) == 3


def test_a_letter_to_each_house():
    made = letters([a_house("1"), a_house("2"), a_house("3")], Letters(DAY, "12/QĐ-UBND", "024"))
    assert pages_of(made) == 3


def test_days_are_written_as_the_decree_does():
    assert OFFICE.place_and_day(date(2026, 2, 3)).endswith("ngày 03 tháng 02 năm 2026")
    assert OFFICE.place_and_day(date(2026, 11, 22)).endswith("ngày 22 tháng 11 năm 2026")


# -- the seal ------------------------------------------------------------------------------------


def judged(pdf, seal):
    (mark,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    trusted = ValidationContext(
        trust_roots=[x509.Certificate.load(seal.certificate)], allow_fetching=False
    )
    with ThreadPoolExecutor(1) as apart:  # it runs an event loop of its own, once a thread
        return apart.submit(validate_pdf_signature, mark, trusted).result()


@pytest.fixture(scope="module")
def seal():
    return Seal.of_registry(new_seal(datetime.now(UTC)), "seal.pem")


@pytest.fixture(scope="module")
def sealed(seal):
    return seal.on(certificate(a_house(), DAY), reason="Chứng nhận")


def test_the_seal_on_a_certificate_holds(seal, sealed):
    verdict = judged(sealed, seal)
    assert verdict.bottom_line
    assert verdict.coverage.name == "ENTIRE_FILE"


def test_a_changed_certificate_is_found_out(seal, sealed):
    place = sealed.index(b"stream") + 40
    changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
    assert not judged(changed, seal).bottom_line


def test_the_seal_of_another_is_not_trusted(sealed):
    other = Seal.of_registry(new_seal(datetime.now(UTC)), "seal.pem")
    assert not judged(sealed, other).bottom_line


def test_an_operator_brings_a_seal(tmp_path):
    pem = new_seal(datetime.now(UTC))
    key, own = load(pem)
    file = pkcs12.serialize_key_and_certificates(
        b"UBND", key, own, None, BestAvailableEncryption(b"secret")
    )
    theirs = Seal.of_operator(file, "secret", "seal.p12")
    assert judged(theirs.on(certificate(a_house(), DAY), reason="x"), theirs).bottom_line
    with pytest.raises(KeyUnusable):
        Seal.of_operator(file, "wrong", "seal.p12")
    with pytest.raises(KeyUnusable):
        Seal.of_operator(b"nothing", None, "seal.p12")
    with pytest.raises(KeyUnusable):
        Seal.of_registry(b"nothing", "seal.pem")


def load(pem):
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415
    from cryptography.x509 import load_pem_x509_certificate  # noqa: PLC0415

    return load_pem_private_key(pem, None), load_pem_x509_certificate(pem)


@pytest.mark.parametrize("state", [State.RECORDED])
def test_only_a_certified_address_gets_a_certificate(state):
    with pytest.raises(NotPrintable):
        certificate(a_house(state=state), DAY)
