"""Papers: the certificate of an address, and letters to the houses of a street. No names in them.

Their head is the one of Decree 30/2020/NĐ-CP; the office that issues them is the ward's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from diachiso.address.errors import NotPrintable
from diachiso.address.record import SPOKEN, Address, Document, State
from diachiso.stationery.draw import Signed, compiled, qr_svg
from diachiso.stationery.formats import Format


@dataclass(frozen=True, slots=True)
class Office:
    """Who issues a paper: the ward, in its province, by their full names."""

    ward: str
    province: str

    @property
    def place(self) -> str:
        """The ward in its province."""
        return f"{self.ward}, {self.province}"

    @property
    def told(self) -> list[str]:
        """The two lines of a paper's head."""
        return [f"{self.province}", f"Ủy ban nhân dân {self.ward}"]

    def place_and_day(self, day: date) -> str:
        """'Phường Hoàn Kiếm, ngày 01 tháng 11 năm 2026': Decree 30/2020 writes so."""
        month = f"{day.month:02}" if day.month <= FEBRUARY else f"{day.month}"
        return f"{self.ward}, ngày {day.day:02} tháng {month} năm {day.year}"


FEBRUARY = 2
"""Days below 10 and months below 3 are written with a nought before them."""


@dataclass(frozen=True, slots=True)
class House:
    """An address with its signed plate and its office; `former` is its ward before 1 July 2025."""

    address: Address
    signed: Signed
    office: Office
    former: str | None = None


def certificate(house: House, on: date) -> bytes:
    """The certificate of an address as PDF, not yet sealed.

    Raises:
        NotPrintable: nobody has certified the address.
    """
    address = house.address
    if address.state is not State.CERTIFIED or address.code is None:
        raise NotPrintable(
            f"{address.called}: {SPOKEN[address.state].split(' / ')[0]}, chưa được chứng nhận. / "
            f"{address.state.value}: only a certified address gets a certificate."
        )
    told = {
        "code": address.code.digits,
        "qr": qr_svg(house.signed.text, house.signed.page),
        "page": house.signed.page,
        "office": house.office.told,
        "place-and-day": house.office.place_and_day(on),
        "facts": [fact for fact in _facts(house) if fact[-1]],
    }
    return compiled("certificate", told, Format.PDF)


def _facts(house: House) -> list[tuple[str, str, str | None]]:
    details = house.address.details
    spot = details.spot.position
    since = house.address.valid.since
    return [
        ("Số nhà", "House number", str(details.number) if details.number else None),
        ("Đường, phố", "Street", details.street.name if details.street else None),
        ("Tổ dân phố, thôn", "Residential group", details.residential_group),
        ("Khu đô thị, khu tập thể", "Estate", details.estate),
        ("Tên gọi", "Name", details.name),
        ("Phường, xã hiện nay", "Ward today", house.office.place),
        ("Phường, xã trước 01/7/2025", "Ward before 1 July 2025", house.former),
        (
            "Vị trí (WGS 84)",
            "Position",
            f"{spot.lat:.5f}° vĩ độ Bắc, {spot.lon:.5f}° kinh độ Đông",
        ),
        ("Chứng nhận từ ngày", "Certified since", _day(since) if since else None),
        ("Văn bản", "Document", _paper(details.document) if details.document else None),
    ]


@dataclass(frozen=True, slots=True)
class Letters:
    """What the letters to a street say beside its houses."""

    on: date
    document: str | None = None
    contact: str | None = None


def letters(houses: Sequence[House], said: Letters) -> bytes:
    """A letter to each house, one page each, as PDF."""
    told = {
        "document": said.document,
        "contact": said.contact,
        "letters": [_letter(house, said.on) for house in houses],
    }
    return compiled("letters", told, Format.PDF)


def _letter(house: House, on: date) -> dict[str, Any]:
    details, code = house.address.details, house.signed.plate.code
    facts = [
        ("Số nhà", str(details.number) if details.number else None),
        ("Đường, phố", details.street.name if details.street else None),
        ("Tổ dân phố, thôn", details.residential_group),
        ("Khu đô thị", details.estate),
        ("Mã địa chỉ số", str(code)),
    ]
    return {
        "code": code.digits,
        "qr": qr_svg(house.signed.text, house.signed.page),
        "office": house.office.told,
        "ward": house.office.place,
        "place-and-day": house.office.place_and_day(on),
        "label": details.label,
        "facts": [fact for fact in facts if fact[-1]],
    }


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _paper(paper: Document) -> str:
    on = f"ngày {_day(paper.on)}" if paper.on else None
    return " ".join(filter(None, [paper.number, on, paper.issuer]))
