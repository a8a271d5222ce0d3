"""What a plate holds: read back whole, refused when one bit of it is another."""

import base64
from dataclasses import replace
from datetime import date

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings, strategies as st

from diachiso.address.code import AddressCode
from diachiso.address.division import Level, UnitKey, Validity
from diachiso.address.errors import (
    ExpiredPlateKey,
    ForgedPlate,
    MalformedPlate,
    NotPrintable,
    PlateError,
    UnknownPlateKey,
)
from diachiso.address.number import HouseNumber
from diachiso.address.position import Position, PositionKind
from diachiso.address.record import Address, Details, ObjectKind, Spot, State, StreetRef
from diachiso.registry.plate import MARK, Plate, PlateKey, signed, verified
from diachiso.settings import CHECKOUT

DAY = date(2026, 11, 1)
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = PlateKey(PRIVATE.public_key().public_bytes_raw(), date(2026, 1, 1))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
OTHER_KEY = PlateKey(OTHER.public_key().public_bytes_raw(), date(2026, 1, 1))
WARD = "Phường Hoàn Kiếm, Thành phố Hà Nội"
PLATE = Plate(
    AddressCode("1102458317"),
    DAY,
    number="12/3",
    street="Phố Hàng Trống",
    ward=WARD,
    ward_code="00070",
    position=(105.85124, 21.02345),
)
TEXT = signed(PLATE, PRIVATE)

WORDS = st.none() | st.text(min_size=1, max_size=40).filter(lambda t: t.isprintable())
PLATES = st.builds(
    Plate,
    code=st.from_regex(r"\A[0-9]{10}\Z").map(AddressCode),
    on=st.dates(date(2026, 1, 1), date(2100, 1, 1)),
    number=WORDS,
    street=WORDS,
    place=WORDS,
    ward=WORDS,
    ward_code=WORDS,
    position=st.none()
    | st.tuples(
        st.integers(10210000, 11850000).map(lambda n: n / 100_000),
        st.integers(550000, 2350000).map(lambda n: n / 100_000),
    ),
)


def packed(content):
    return MARK + base64.b32encode(content).decode().rstrip("=")


def unpacked(text):
    body = text.removeprefix(MARK)
    return base64.b32decode(body + "=" * (-len(body) % 8))


@given(plate=PLATES)
def test_what_was_signed_is_read_back(plate):
    assert verified(signed(plate, PRIVATE), [OTHER_KEY, KEY]).plate == plate


def test_an_address_of_a_page_that_ends_in_it_is_read_too():
    found = verified(f"https://diachiso.example/verify#{TEXT}\n", [KEY])
    assert found.plate == PLATE
    assert found.key == KEY


def test_it_is_short():
    assert len(TEXT) < 350
    assert set(TEXT) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:"), "a QR code packs it tightly"


def test_every_single_flipped_bit_is_refused():
    content = unpacked(TEXT)
    for bit in range(len(content) * 8):
        flipped = bytearray(content)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(PlateError):
            verified(packed(bytes(flipped)), [KEY, OTHER_KEY])


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(plate=PLATES, place=st.floats(0, 1, exclude_max=True))
def test_a_flipped_bit_of_any_plate_is_refused(plate, place):
    content = bytearray(unpacked(signed(plate, PRIVATE)))
    bit = int(place * len(content) * 8)
    content[bit // 8] ^= 1 << bit % 8
    with pytest.raises(PlateError):
        verified(packed(bytes(content)), [KEY])


def test_every_flipped_bit_of_the_text_is_refused():
    for place in range(len(TEXT)):
        for bit in range(7):
            written = chr(ord(TEXT[place]) ^ 1 << bit)
            with pytest.raises(PlateError):
                verified(TEXT[:place] + written + TEXT[place + 1 :], [KEY])


@given(noise=st.binary(max_size=300))
def test_noise_is_malformed(noise):
    with pytest.raises(MalformedPlate):
        verified(packed(noise), [KEY])


@given(text=st.text(max_size=300))
def test_any_text_is_malformed(text):
    with pytest.raises(MalformedPlate):
        verified(text, [KEY])
    with pytest.raises(MalformedPlate):
        verified(MARK + text, [KEY])


def test_there_is_one_way_to_write_it():
    content = unpacked(TEXT)
    for other in (
        TEXT.lower(),
        TEXT + "=" * 3,
        TEXT + "A",
        packed(content + b"\0"),
        packed(cbor2.dumps(cbor2.loads(content).value)),
        packed(cbor2.dumps(cbor2.CBORTag(61, cbor2.loads(content)))),
    ):
        with pytest.raises(MalformedPlate):
            verified(other, [KEY])


def test_the_reader_is_told_what_is_wrong():
    with pytest.raises(UnknownPlateKey, match="Khóa"):
        verified(TEXT, [OTHER_KEY])
    message = cbor2.loads(unpacked(TEXT)).value
    forged = [message[0], {}, message[2].replace(b"12/3", b"12/4"), message[3]]
    with pytest.raises(ForgedPlate, match="Chữ ký"):
        verified(packed(cbor2.dumps(cbor2.CBORTag(18, forged), canonical=True)), [KEY])
    with pytest.raises(ExpiredPlateKey):
        verified(TEXT, [replace(KEY, until=date(2026, 10, 31))])
    with pytest.raises(ExpiredPlateKey):
        verified(TEXT, [replace(KEY, since=date(2026, 11, 2))])
    with pytest.raises(ExpiredPlateKey, match="thu hồi"):
        verified(TEXT, [replace(KEY, until=DAY, revoked=True)])


def test_a_key_that_was_given_up_is_good_for_the_days_on_which_it_signed():
    assert verified(TEXT, [replace(KEY, until=DAY)]).plate == PLATE


def test_the_documents_have_this_very_plate_to_test_with():
    told = (CHECKOUT / "docs" / "plates.md").read_text("utf-8")
    assert TEXT in told
    assert KEY.id in told


# -- of an address -------------------------------------------------------------------------------


def an_address(state=State.RECORDED, *, restricted=False, **more):
    details = Details(
        UnitKey(Level.WARD, "00070", former=False),
        (Spot(Position(105.851237, 21.023454), PositionKind.ENTRANCE),),
        HouseNumber.parse("12/3"),
        StreetRef(1, "Phố Hàng Trống"),
        ObjectKind.DWELLING,
        restricted=restricted,
        **more,
    )
    code = None if state is State.PROPOSED else AddressCode("1102458317")
    return Address(7, state, details, Validity(date(2026, 10, 1)), code, author=3)


def test_a_plate_says_where_the_house_is():
    assert Plate.of(an_address(), WARD, DAY) == replace(PLATE, position=(105.85124, 21.02345))
    grouped = Plate.of(an_address(residential_group="Tổ 5", estate="Khu A"), WARD, DAY)
    assert grouped.place == "Tổ 5, Khu A"
    assert Plate.of(an_address(name="Phở Thìn"), WARD, DAY).place is None


def test_of_a_restricted_address_it_holds_the_code_alone():
    assert Plate.of(an_address(restricted=True), WARD, DAY) == Plate(PLATE.code, DAY)


@pytest.mark.parametrize("state", [State.PROPOSED, State.UNDER_REVIEW, State.RETIRED])
def test_what_is_not_settled_gets_no_plate(state):
    with pytest.raises(NotPrintable):
        Plate.of(an_address(state), WARD, DAY)
