"""Reports over HTTP: anybody sends one and asks by its token; the ward reads and answers.

What is said of a restricted address is what is said of a code that does not exist.
"""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from diachiso.address.code import AddressCode
from diachiso.address.division import Level, UnitKey
from diachiso.address.position import Position
from diachiso.address.today import today
from diachiso.registry.officer import Act
from diachiso.registry.register import in_ward
from diachiso.registry.report import Answered, reject
from diachiso.store.acting import acting
from diachiso.store.books import PostgisBooks
from diachiso.store.reports import (
    TOKEN_MARK,
    Entered,
    PostgisReports,
    address_and_ward,
    told as told_to_reporter,
)
from diachiso.web import lookup, reporting, told
from diachiso.web.access import CurrentActing, acting_books, host_of, quotas_of
from diachiso.web.asking import CurrentBooks, only_known

public = APIRouter(prefix="/v1/reports", tags=["reports"], dependencies=[Depends(only_known)])
ward = APIRouter(
    prefix="/v1/registry/reports", tags=["registry"], dependencies=[Depends(only_known)]
)
MOST = 200
NumberInPath = Annotated[int, Path(description="số phản ánh / number of the report")]


@public.post("", status_code=201)
def send_report(request: Request, books: CurrentBooks, form: reporting.ReportForm) -> Response:
    """Say that an address is wrong or missing; the token that is answered is shown once."""
    quota: str | None = request.app.state.settings.report_quota
    if quota:
        network = reporting.network_of(host_of(request))
        quotas_of(request).take(quota, f"report {network}")
    reporting.must_be_enough(form)
    fields, (note, was_masked) = form.fields(), form.quiet_note()
    token = TOKEN_MARK + secrets.token_urlsafe(18)
    with acting(books.engine, None) as writer:
        if form.code is not None:
            code = AddressCode.parse(form.code)
            found = lookup.at_code(writer, code, today(), books.cards)
            position = Position(*found["geometry"]["coordinates"])
            address, unit = address_and_ward(writer, code.digits)
        elif form.point is not None:
            position, address = Position.parse(form.point.lon, form.point.lat), None
            unit = in_ward(PostgisBooks(writer), position, today())
        entered = Entered(form.wrong, position, unit, address, note, fields)
        PostgisReports(writer).enter(entered, token)
    receipt = reporting.receipt(token, unit.code, was_masked=was_masked)
    return told.answer(receipt, status=201, location=f"/v1/reports/{token}")


@public.get("/{token}")
def report_told(
    books: CurrentBooks,
    token: Annotated[str, Path(description="mã tra cứu / token", max_length=64)],
) -> Response:
    """What became of a report: waiting, accepted or rejected, and the ward's reason."""
    with acting(books.engine, None) as writer:
        found = told_to_reporter(writer, token)
    return told.answer(reporting.answer_of(found))


@ward.get("")
def reports(
    request: Request,
    by: CurrentActing,
    ward: Annotated[str, Query(description="mã phường, xã / code of the ward", max_length=5)],
    state: Annotated[Answered | None, Query(description="trạng thái / state")] = None,
    after: Annotated[int, Query(description="sau số này / after this number", ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
) -> Response:
    """The reports of one's ward, side by side with what the registry says; the oldest first."""
    unit = UnitKey(Level.WARD, ward, former=False)
    with acting_books(request) as books:
        books.must_know(unit)
        by.must(Act.ANSWER, unit)
        found = PostgisReports(books.writer).queue(unit, state, after=after, most=limit)
        listed = [reporting.waiting(books, one, today()) for one in found]
    full = len(found) == limit
    return told.answer({"reports": listed, "next": found[-1].number if full else None})


@ward.post("/{number}/accept")
def accept_report(
    request: Request, by: CurrentActing, number: NumberInPath, form: reporting.AcceptForm
) -> Response:
    """Amend, move, retire or register as reported, in one transaction with the answer."""
    with acting_books(request) as books:
        reports = PostgisReports(books.writer)
        done = reporting.accepted(books, reports, number, form, by)
        answered = reports.report(number)
    return told.answer(
        {
            "number": number,
            "state": answered.state,
            "line": answered.line,
            "address": told.address(done),
        }
    )


@ward.post("/{number}/reject")
def reject_report(
    request: Request, by: CurrentActing, number: NumberInPath, form: reporting.RejectForm
) -> Response:
    """Say why nothing is changed; the reporter reads the reason."""
    with acting_books(request) as books:
        reports = PostgisReports(books.writer)
        reject(reports, books, reports.report(number), by, reason=form.reason)
        answered = reports.report(number)
    return told.answer({"number": number, "state": answered.state, "line": answered.line})
