"""What those who report send, what those who answer send, and what both are told."""

from datetime import date
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Annotated, Any

from pydantic import Field, model_validator

from diachiso.address.errors import Incomplete, UnknownCode
from diachiso.address.record import Address, Details
from diachiso.registry.difference import FIELDS, differences
from diachiso.registry.officer import Acting
from diachiso.registry.persons import MASKED, masked, must_name_nobody
from diachiso.registry.report import SPOKEN, Report, Wrong, accept
from diachiso.store.books import PostgisBooks
from diachiso.store.reports import PostgisReports, Told
from diachiso.web import told, wire
from diachiso.web.forms import Called, DetailsForm, Form, PositionForm, Short

NETWORK = {4: 24, 6: 56}
"""How many bits of an address name the network that a quota is for."""


class PointForm(Form):
    """A place on the map: longitude and latitude in degrees (WGS 84)."""

    lon: float
    lat: float


class ReportForm(Form):
    """What is wrong with the address of a code, or at a point; who reports is not asked."""

    wrong: Wrong
    code: Annotated[str | None, Field(max_length=64)] = None
    point: PointForm | None = None
    proposed: DetailsForm = DetailsForm()
    note: Annotated[str | None, Field(max_length=1000)] = None

    @model_validator(mode="after")
    def _names_a_place(self) -> "ReportForm":
        if (self.code is None) == (self.point is None):
            raise ValueError(
                "cần code hoặc point, một trong hai / give a code or a point, not both"
            )
        if self.wrong is Wrong.MISSING and self.point is None:
            raise ValueError("địa chỉ còn thiếu: cần point / a missing address needs its point")
        return self

    def fields(self) -> dict[str, Any]:
        """The proposed fields that were given, none of which names a person.

        Raises:
            PersonalData: one does.
        """
        given = self.proposed.model_dump(mode="json", exclude_unset=True)
        must_name_nobody(given)
        return given

    def quiet_note(self) -> tuple[str | None, bool]:
        """The note without what names a person, and whether anything was taken out."""
        return masked(self.note) if self.note else (None, False)


class AcceptForm(Form):
    """Which address it is (`called`), where the report names none.

    `details`: what the ward knows better than the report; `distinct`: the missing address is none
    of those that it resembles.
    """

    called: Called | None = None
    details: DetailsForm = DetailsForm()
    reason: Short | None = None
    distinct: bool = False
    on: date | None = None


class RejectForm(Form):
    """Why nothing is changed."""

    reason: Annotated[str, Field(max_length=1000)]


def accepted(
    books: PostgisBooks, reports: PostgisReports, number: int, form: AcceptForm, by: Acting
) -> Address:
    """Do what a report asks for; the address as it is then."""
    report, on = reports.report(number), form.on or by.today
    address = _meant(books, report, form, on)
    details = _right(books, report, form, address, on)
    return accept(
        reports,
        books,
        report,
        by,
        on,
        address=address,
        details=details,
        reason=form.reason,
        distinct=form.distinct,
    )


def _meant(books: PostgisBooks, report: Report, form: AcceptForm, on: date) -> Address | None:
    """The address that a report is about."""
    if report.wrong is Wrong.MISSING:
        return None
    if report.address is not None:
        return books.address(f"D{report.address}", on)
    return books.address(form.called, on) if form.called else None


def _right(
    books: PostgisBooks, report: Report, form: AcceptForm, address: Address | None, on: date
) -> Details | None:
    """What the address should be: as reported, corrected by the ward."""
    given = {**report.proposed, **form.details.model_dump(mode="json", exclude_unset=True)}
    if report.wrong is Wrong.MISSING:
        spot = report.position
        given.setdefault("positions", [PositionForm(lon=spot.lon, lat=spot.lat).model_dump()])
        return DetailsForm.model_validate(given).details(books, on)
    if address is None or not given:
        return None
    return DetailsForm.model_validate(given).onto(address.details, books)


def network_of(host: str) -> str:
    """The network of an address: a household changes its last bits as it likes."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(ip_network((address, NETWORK[address.version]), strict=False))


def answer_of(one: Told) -> wire.Json:
    """What the reporter is told."""
    return {
        "number": one.number,
        "wrong": one.wrong,
        "ward": one.ward,
        "reported_at": one.at,
        "state": one.state,
        "meaning": SPOKEN[one.state],
        "reason": one.reason,
        "answered_at": one.answered_at,
        "code": one.code,
    }


def receipt(token: str, ward: str, *, was_masked: bool) -> wire.Json:
    """What the reporter is given, once."""
    return {
        "token": token,
        "where": f"/v1/reports/{token}",
        "ward": ward,
        "remark": "Hãy giữ mã tra cứu: mã chỉ hiện một lần. / Keep the token: it is shown once.",
        "masked": MASKED if was_masked else None,
    }


def waiting(books: PostgisBooks, report: Report, today: date) -> wire.Json:
    """A report side by side with what the registry says."""
    address = _known(books, report, today)
    return {
        "number": report.number,
        "wrong": report.wrong,
        "state": report.state,
        "reported_at": report.at,
        "lon": report.position.lon,
        "lat": report.position.lat,
        "note": report.note,
        "proposed": dict(report.proposed),
        "address": told.address(address) if address else None,
        "differences": [
            {
                "field": one.field,
                "name": FIELDS[one.field],
                "now": one.now,
                "proposed": one.proposed,
                "distance_m": one.distance_m,
            }
            for one in differences(address.details if address else None, _named(books, report))
        ],
        "reason": report.reason,
        "answered_at": report.answered_at,
        "line": report.line,
    }


def _known(books: PostgisBooks, report: Report, today: date) -> Address | None:
    if report.address is None:
        return None
    try:
        return books.address(f"D{report.address}", today)
    except UnknownCode:  # restricted since, and not theirs to see
        return None


def _named(books: PostgisBooks, report: Report) -> dict[str, Any]:
    """The proposed fields with the street by name."""
    proposed = dict(report.proposed)
    if (number := proposed.pop("street_id", None)) is not None:
        street = books.street(number)
        proposed["street"] = street.name if street else None
    return proposed


def must_be_enough(form: ReportForm) -> None:
    """See that a report says something that a ward can look into.

    Raises:
        Incomplete: neither details nor a note, where the kind alone says too little.
    """
    if form.wrong is not Wrong.GONE and not form.note and not form.proposed.model_fields_set:
        raise Incomplete(
            "Cần nêu điều đúng hoặc ghi chú. / Say what would be right, or write a note.",
            missing=["proposed", "note"],
        )
