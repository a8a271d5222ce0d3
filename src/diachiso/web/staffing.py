"""Mandates over HTTP: the ministry grants, an approver delegates to a postal agent of the ward."""

from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response
from pydantic import Field

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.address.today import today
from diachiso.registry.mandates import Given, delegate, end, grant
from diachiso.registry.officer import SPOKEN, Act, Acting, Role
from diachiso.store.accounts import account_named, accounts
from diachiso.store.acting import acting
from diachiso.store.officers import PostgisStaff, mandates
from diachiso.web import told
from diachiso.web.access import CurrentActing
from diachiso.web.asking import Books, only_known
from diachiso.web.errands import once
from diachiso.web.forms import Form

router = APIRouter(
    prefix="/v1/registry/mandates", tags=["registry"], dependencies=[Depends(only_known)]
)


class MandateForm(Form):
    """A role in a ward or a province for somebody; the whole country where no unit is named."""

    login: Annotated[str, Field(max_length=200, description="tên đăng nhập / login")]
    role: Role
    ward: Annotated[str | None, Field(pattern=r"^\d{5}$")] = None
    province: Annotated[str | None, Field(pattern=r"^\d{2}$")] = None
    since: date | None = None
    until: Annotated[date | None, Field(description="ngày đầu tiên hết hiệu lực / ends on")] = None

    @property
    def unit(self) -> UnitKey | None:
        """The unit that is named."""
        if self.ward is not None:
            return UnitKey(Level.WARD, self.ward, former=False)
        return UnitKey(Level.PROVINCE, self.province, former=False) if self.province else None


class EndForm(Form):
    """The day from which a mandate no longer holds; today if unset."""

    on: date | None = None


def _books(request: Request) -> Books:
    books: Books = request.app.state.books
    return books


def _told(given: Given, login: str | None) -> dict[str, object]:
    return {
        "mandate": given.number,
        "officer": given.officer,
        "login": login,
        "role": given.role.value,
        "role_name": SPOKEN[given.role],
        "unit": given.unit.code if given.unit else None,
        "since": given.valid.since,
        "until": given.valid.until,
    }


@router.get("")
def list_mandates(request: Request, by: CurrentActing) -> Response:
    """The mandates that the one who asks may see: their own, and those in what they govern."""
    with acting(_books(request).engine, by.officer.id, by.officer.scopes) as writer:
        logins = {one.officer: one.login for one in accounts(writer)}
        given = [_told(one, logins.get(one.officer)) for one in mandates(writer)]
    return told.answer({"mandates": given})


@router.post("", status_code=201)
def give_mandate(request: Request, by: CurrentActing, form: MandateForm) -> Response:
    """Grant or delegate."""
    verb = grant if _grants(by) else delegate
    valid = Validity(form.since or today(), form.until)
    with acting(_books(request).engine, by.officer.id, by.officer.scopes) as writer:
        known = account_named(writer, form.login)
        wanted = Given(known.officer, form.role, form.unit, valid)
        staff = PostgisStaff(writer)
        with once(staff, by):
            number = verb(staff, wanted, by)
    given = _told(replace(wanted, number=number), known.login)
    return told.answer(given, status=201)


def _grants(by: Acting) -> bool:
    return by.officer.may(Act.GRANT, None, by.today)


@router.post("/{number}/end")
def end_mandate(
    request: Request,
    by: CurrentActing,
    form: EndForm,
    number: Annotated[int, Path(description="số nhiệm vụ / number of the mandate")],
) -> Response:
    """End a mandate on a day, at once if no day is named."""
    with acting(_books(request).engine, by.officer.id, by.officer.scopes) as writer:
        staff = PostgisStaff(writer)
        with once(staff, by):
            ended = end(staff, number, by, form.on or today())
    return told.answer(_told(ended, None))
