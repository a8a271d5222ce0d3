"""Who sits at the desk: somebody signed in, the language they read, the wards they work in."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import Depends, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute

from diachiso.address.division import Level, UnitKey
from diachiso.address.errors import DiachisoError, MustChange, NotSignedIn, UnknownUnit
from diachiso.registry.officer import RIGHTS, SPOKEN, Act, Acting, Mandate
from diachiso.store.accounts import Session
from diachiso.web.access import Caller, current_caller
from diachiso.web.page import ONLY_OURSELVES, templates
from diachiso.web.problems import TITLES, halves, status_of

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
LANGUAGES = ("vi", "en")
LANGUAGE = "diachiso_language"
SEE_OTHER = 303
HEADERS = {**ONLY_OURSELVES, "cache-control": "no-store"}


def _vietnam(moment: datetime) -> str:
    """A moment as people in Vietnam read it."""
    return f"{moment.astimezone(VIETNAM):%d/%m/%Y %H:%M}"


templates.env.filters["vietnam"] = _vietnam


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at the desk."""

    session: Session
    acting: Acting
    language: str
    here: str

    @property
    def mandates(self) -> list[Mandate]:
        """Their mandates of today."""
        return [one for one in self.acting.officer.mandates if one.valid.covers(self.acting.today)]

    @property
    def wards(self) -> list[str]:
        """The codes of today's wards that their mandates name or reach; none: the whole country."""
        return sorted(
            {ward.code for one in self.mandates for ward in one.covers or () if not ward.former}
        )

    @property
    def is_national(self) -> bool:
        """Do they look after the whole country?"""
        return any(one.unit is None for one in self.mandates)

    @property
    def oversees(self) -> list[UnitKey | None]:
        """The provinces (None: the country) that a mandate of theirs is bound to."""
        return [
            one.unit
            for one in self.mandates
            if one.unit is None or one.unit.level is Level.PROVINCE
        ]

    @property
    def delegating(self) -> list[str]:
        """The wards that they may let a postal agent act for."""
        return sorted(
            {
                ward.code
                for one in self.mandates
                if Act.DELEGATE in RIGHTS[one.role]
                for ward in one.covers or ()
                if not ward.former
            }
        )

    def may(self, act: Act, ward: str) -> bool:
        """May they do this in a ward today?"""
        return self.acting.officer.may(act, ward_key(ward), self.acting.today)

    def must_work_in(self, ward: str) -> UnitKey:
        """See that the lists of a ward are theirs to read.

        Raises:
            NotAllowed, NotYourWard: they are not.
        """
        unit = ward_key(ward)
        if not (self.may(Act.AMEND, ward) or self.may(Act.READ_LEDGER, ward)):
            self.acting.must(Act.AMEND, unit)
        return unit

    def say(self, vi: str, en: str) -> str:
        """Words in the language that they read."""
        return en if self.language == "en" else vi

    def half(self, both: str) -> str:
        """The half of 'Tiếng Việt / English' that they read."""
        return halves(both)[self.language == "en"]


def ward_key(code: str) -> UnitKey:
    """A ward of today.

    Raises:
        UnknownUnit: no code of a ward has this form.
    """
    if len(code) != len("00070") or not code.isdecimal():
        raise UnknownUnit(f"Không có phường, xã {code}. / No ward has the code {code}.")
    return UnitKey(Level.WARD, code, former=False)


def language_of(request: Request) -> str:
    """Vietnamese, unless they chose otherwise."""
    kept = request.cookies.get(LANGUAGE)
    return kept if kept in LANGUAGES else LANGUAGES[0]


def current_visitor(
    request: Request, caller: Annotated[Caller, Depends(current_caller)]
) -> Visitor:
    """Who sits at the desk: a key of a client does not.

    Raises:
        NotSignedIn: nobody.
    """
    if caller.session is None:
        raise NotSignedIn("Hãy đăng nhập. / Sign in.")
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return Visitor(caller.session, caller.acting, language_of(request), here)


CurrentVisitor = Annotated[Visitor, Depends(current_visitor)]


def page(request: Request, who: Visitor, name: str, *, status: int = 200, **more: Any) -> Response:  # noqa: ANN401
    """A page of the desk."""
    told = {
        "who": who,
        "language": who.language,
        "say": who.say,
        "half": who.half,
        "roles": [who.half(SPOKEN[one.role]) for one in who.mandates],
        **more,
    }
    return templates.TemplateResponse(
        request, f"desk/{name}.html", told, status_code=status, headers=HEADERS
    )


# -- faults --------------------------------------------------------------------------------------


class DeskRoute(APIRoute):
    """A route of pages: a fault is a page too, and who is not signed in is sent to the door."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, with faults told as pages."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            onward = quote(request.url.path)
            try:
                return await handler(request)
            except NotSignedIn:
                return RedirectResponse(f"/sign-in?next={onward}", SEE_OTHER)
            except MustChange:
                return RedirectResponse(f"/password?next={onward}", SEE_OTHER)
            except DiachisoError as fault:
                kind = type(fault).__name__
                return _fault(request, status_of(fault), TITLES.get(kind, kind), str(fault))
            except RequestValidationError:
                both = "Địa chỉ trang không đúng. / The address of this page is not right."
                return _fault(request, 422, TITLES["InvalidRequest"], both)
            except HTTPException as fault:
                return _fault(request, fault.status_code, str(fault.detail), str(fault.detail))

        return handle


def _fault(request: Request, status: int, title: str, detail: str) -> Response:
    language = language_of(request)
    at = LANGUAGES.index(language)
    told = {
        "language": language,
        "say": lambda vi, en: (vi, en)[at],
        "title": halves(title)[at],
        "detail": halves(detail)[at],
    }
    return templates.TemplateResponse(
        request, "desk/fault.html", told, status_code=status, headers=HEADERS
    )
