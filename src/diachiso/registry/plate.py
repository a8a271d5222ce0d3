"""What a house plate holds: a few facts with a signature that verifies offline.

A COSE_Sign1 (RFC 9052) over a CBOR map, signed with Ed25519, written in base32 after `DCS1:`, which
a QR code packs tightly. There is one way to write a given plate and the reader takes no other, so
no bit of it can be changed unseen. docs/plates.md is for those who write verifiers. No personal
data: of a restricted address the code alone.
"""

import base64
import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from diachiso.address.code import AddressCode
from diachiso.address.errors import (
    ExpiredPlateKey,
    ForgedPlate,
    MalformedCode,
    MalformedPlate,
    NotPrintable,
    UnknownPlateKey,
)
from diachiso.address.record import SPOKEN, Address, State

MARK = "DCS1:"
LONGEST = 1000
"""Characters; a plate has some 280."""
COSE_SIGN1 = 18
HEADER_ALG, HEADER_KID, EDDSA = 1, 4, -8
KEY_ID_BYTES = 8
EPOCH = date(1970, 1, 1)
PER_DEGREE = 100_000
"""Positions are told in hundred-thousandths of a degree, about a metre."""
LASTING = frozenset({State.RECORDED, State.CERTIFIED})


@dataclass(frozen=True, slots=True)
class PlateKey:
    """A published key: the days on which it signs (`until` is the last), and whether it leaked."""

    public: bytes
    since: date
    until: date | None = None
    revoked: bool = False

    @property
    def id(self) -> str:
        """What it is called: the first eight bytes of its SHA-256, in hexadecimal."""
        return hashlib.sha256(self.public).digest()[:KEY_ID_BYTES].hex()


@dataclass(frozen=True, slots=True)
class Plate:
    """What a plate says; all but the code and the day are missing for a restricted address.

    `position` is longitude, latitude in degrees WGS 84, rounded to about a metre.
    """

    code: AddressCode
    on: date
    number: str | None = None
    street: str | None = None
    place: str | None = None
    ward: str | None = None
    ward_code: str | None = None
    position: tuple[float, float] | None = None

    @classmethod
    def of(cls, address: Address, ward: str, on: date) -> Self:
        """The plate of an address in a ward ('Phường Hoàn Kiếm, Thành phố Hà Nội') on a day.

        Raises:
            NotPrintable: it has no code yet, is in doubt, or is retired.
        """
        if address.code is None or address.state not in LASTING:
            raise NotPrintable(
                f"{address.called}: {SPOKEN[address.state].split(' / ')[0]}, chưa làm biển. / "
                f"{address.state.value}: it gets no plate."
            )
        details = address.details
        if details.restricted:
            return cls(address.code, on)
        spot = details.spot.position
        name = None if details.number else details.name  # what a shop is called is not its address
        inner = (details.residential_group, details.estate, name)
        return cls(
            address.code,
            on,
            _plain(str(details.number)) if details.number else None,
            _plain(details.street.name) if details.street else None,
            _plain(", ".join(filter(None, inner))) or None,
            _plain(ward),
            details.ward.code,
            (_rounded(spot.lon), _rounded(spot.lat)),
        )


@dataclass(frozen=True, slots=True)
class Verified:
    """A plate that is what its issuer signed, and by which key."""

    plate: Plate
    key: PlateKey


def signed(plate: Plate, key: Ed25519PrivateKey) -> str:
    """The text that a plate's QR code holds."""
    kid = bytes.fromhex(PlateKey(key.public_key().public_bytes_raw(), plate.on).id)
    protected, payload = _dumps({HEADER_ALG: EDDSA, HEADER_KID: kid}), _dumps(_claims(plate))
    message = [protected, {}, payload, key.sign(_to_be_signed(protected, payload))]
    packed = base64.b32encode(_dumps(cbor2.CBORTag(COSE_SIGN1, message)))
    return MARK + packed.decode().rstrip("=")


def verified(text: str, keys: Iterable[PlateKey]) -> Verified:
    """The plate of a text (or of an address of a page that ends in it), if it is to be trusted.

    Raises:
        MalformedPlate: not the signed text of a plate, or not whole.
        UnknownPlateKey: its key is not among these.
        ForgedPlate: the signature does not fit.
        ExpiredPlateKey: dated outside the days of its key, or the key was revoked.
    """
    kid, protected, payload, signature = _opened(_unpacked(text))
    key = next((key for key in keys if key.id == kid), None)
    if key is None:
        raise UnknownPlateKey(
            f"Khóa {kid} không có trong danh sách đã công bố; biển giả, hoặc danh sách cũ. / The "
            f"key {kid} is not among the published ones: a false plate, or an old list.",
            key=kid,
        )
    try:
        public = Ed25519PublicKey.from_public_bytes(key.public)
        public.verify(signature, _to_be_signed(protected, payload))
    except InvalidSignature:
        raise ForgedPlate(
            "Chữ ký không khớp: nội dung đã bị sửa. / The signature does not fit: something was "
            "changed.",
            key=kid,
        ) from None
    plate = _plate(_loads(payload))
    _must_be_of_its_days(plate, key)
    return Verified(plate, key)


def _must_be_of_its_days(plate: Plate, key: PlateKey) -> None:
    if key.revoked:
        raise ExpiredPlateKey(
            f"Khóa {key.id} đã bị thu hồi; cần biển mới. / The key {key.id} was revoked; a new "
            "plate is needed.",
            key=key.id,
        )
    if plate.on < key.since or (key.until is not None and plate.on > key.until):
        raise ExpiredPlateKey(
            f"Biển ghi ngày {plate.on}, khóa {key.id} chỉ dùng từ {key.since} đến {key.until}. / "
            f"The plate is dated {plate.on}; its key signed from {key.since} to {key.until}.",
            key=key.id,
        )


# -- as it is written ----------------------------------------------------------------------------


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _rounded(degrees: float) -> float:
    return round(degrees * PER_DEGREE) / PER_DEGREE


def _claims(plate: Plate) -> dict[int, Any]:
    spot = plate.position
    claims = {
        1: plate.code.digits,
        2: (plate.on - EPOCH).days,
        3: plate.number,
        4: plate.street,
        5: plate.place,
        6: plate.ward,
        7: plate.ward_code,
        8: [round(degrees * PER_DEGREE) for degrees in spot] if spot else None,
    }
    return {name: value for name, value in claims.items() if value is not None}


def _plate(claims: object) -> Plate:
    match claims:
        case {1: str(code), 2: int(days), **rest} if not rest.keys() - range(3, 9):
            pass
        case _:
            raise _malformed("CBOR")
    try:
        return Plate(
            AddressCode.parse(code),
            EPOCH + timedelta(days=days),
            number=_text(rest.get(3)),
            street=_text(rest.get(4)),
            place=_text(rest.get(5)),
            ward=_text(rest.get(6)),
            ward_code=_text(rest.get(7)),
            position=_position(rest.get(8)),
        )
    except (MalformedCode, OverflowError) as fault:
        raise _malformed(str(fault)) from None


def _text(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise _malformed("CBOR")
    return value


def _position(value: object) -> tuple[float, float] | None:
    match value:
        case None:
            return None
        case [int(lon), int(lat)]:
            return lon / PER_DEGREE, lat / PER_DEGREE
        case _:
            raise _malformed("CBOR")


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """The Sig_structure of RFC 9052, 4.4."""
    return _dumps(["Signature1", protected, b"", payload])


def _dumps(value: object) -> bytes:
    return cbor2.dumps(value, canonical=True)


def _unpacked(text: str) -> bytes:
    """The bytes of a text; there is one text to each."""
    _, mark, packed = text.strip().rpartition(MARK)
    if not mark or len(packed) > LONGEST:
        raise _malformed(MARK)
    try:
        content = base64.b32decode(packed + "=" * (-len(packed) % 8))
    except ValueError:  # of base64's own, or not ASCII
        raise _malformed("base32") from None
    if base64.b32encode(content).decode().rstrip("=") != packed:
        raise _malformed("base32")
    return content


def _opened(content: bytes) -> tuple[str, bytes, bytes, bytes]:
    """The parts of a message: key, protected header, payload, signature."""
    match _loads(content):
        case cbor2.CBORTag(
            tag=18, value=[bytes(protected), {} as unprotected, bytes(payload), bytes(signature)]
        ) if not unprotected:
            pass
        case _:
            raise _malformed("COSE_Sign1")
    match _loads(protected):
        case {1: -8, 4: bytes(kid), **rest} if not rest and len(kid) == KEY_ID_BYTES:
            return kid.hex(), protected, payload, signature
        case _:
            raise _malformed("COSE_Sign1")


def _loads(content: bytes) -> object:
    """What CBOR holds; refused when it could have been written otherwise."""
    try:
        value: object = cbor2.loads(content)
        again = _dumps(value)
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError):
        raise _malformed("CBOR") from None
    if again != content:
        raise _malformed("CBOR")
    return value


def _malformed(what: str) -> MalformedPlate:
    return MalformedPlate(
        f"Không phải là mã của biển số nhà, hoặc bị thiếu ({what}). / Not the text of a house "
        f"plate, or not whole ({what})."
    )
