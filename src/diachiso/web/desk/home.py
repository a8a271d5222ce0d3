"""Where one arrives: one's wards, one's last acts, what the browser still holds; the language."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from diachiso.address.division import Level
from diachiso.address.today import today
from diachiso.registry.officer import SPOKEN, Role
from diachiso.store.features import wards_coded
from diachiso.store.figures import a_year_before, figures
from diachiso.store.own_acts import PostgisUndo, own_acts
from diachiso.store.worklists import Wanted, listed
from diachiso.web.access import acting_books
from diachiso.web.desk.shown import Words, rows
from diachiso.web.desk.visitor import (
    LANGUAGE,
    LANGUAGES,
    SEE_OTHER,
    CurrentVisitor,
    DeskRoute,
    page,
    ward_key,
)
from diachiso.web.many import undoable_line

router = APIRouter(prefix="/desk", route_class=DeskRoute, include_in_schema=False)
A_YEAR_S = 365 * 24 * 3600
MOST_WARDS = 200
MOST_POINTS = 100


@router.get("/language")
def language(
    request: Request,
    to: Annotated[str, Query(pattern="^(vi|en)$")],
    onward: Annotated[str, Query(alias="next", max_length=2000)] = "/desk",
) -> Response:
    """Choose the language of the desk."""
    del request
    parts = urlsplit(onward)
    ours = onward.startswith("/desk") and not parts.netloc and "\\" not in onward
    answer = RedirectResponse(onward if ours else "/desk", SEE_OTHER)
    answer.set_cookie(
        LANGUAGE,
        to if to in LANGUAGES else LANGUAGES[0],
        max_age=A_YEAR_S,
        samesite="lax",
        path="/",
    )
    return answer


@router.get("")
def home(request: Request, who: CurrentVisitor) -> Response:
    """The wards somebody works in; one with a single ward is there at once."""
    with acting_books(request) as books:
        named = list(wards_coded(books.reader, who.wards[:MOST_WARDS], today()))
    until = {
        one.unit.code: one.valid.until
        for one in who.mandates
        if one.unit and one.unit.level is Level.WARD
    }
    return page(
        request,
        who,
        "home",
        wards=[(one.unit, one.province, until.get(one.unit.code)) for one in named],
        names={unit.code: unit.full_name for one in named for unit in (one.unit, one.province)},
        mandates=[(who.half(SPOKEN[one.role]), one.unit, one.valid.until) for one in who.mandates],
        more=len(who.wards) > MOST_WARDS,
    )


@router.get("/acts")
def acts(request: Request, who: CurrentVisitor) -> Response:
    """One's own last acts, and the undoing of the last."""
    with acting_books(request) as books:
        found = own_acts(books.reader, 30)
        undoable = undoable_line(PostgisUndo.over(books), who.acting)
    return page(request, who, "acts", acts=found, undoable=undoable, words=Words(who))


@router.get("/outbox")
def outbox(request: Request, who: CurrentVisitor) -> Response:
    """What the browser holds and has not been able to send."""
    return page(request, who, "outbox")


@router.get("/department")
def department(
    request: Request,
    who: CurrentVisitor,
    unit: Annotated[str, Query(pattern="^([0-9]{2})?$")] = "",
) -> Response:
    """The figures of a province or the country, ward by ward, with the way into each."""
    mine = [one.code if one else "" for one in who.oversees]
    if not mine:
        return RedirectResponse("/desk", SEE_OTHER)
    wanted = unit if unit and ("" in mine or unit in mine) else min(mine)
    last = today()
    with acting_books(request) as books:
        found = figures(books.reader, wanted, a_year_before(last), last)
    return page(
        request,
        who,
        "department",
        found=found,
        unit=wanted,
        may_leave="" in mine and bool(wanted),
    )


@router.get("/postal")
def postal(request: Request, who: CurrentVisitor) -> Response:
    """A postal agent's wards, until when they are delegated, and the postal points there."""
    agency = [
        (one.unit, one.valid.until)
        for one in who.mandates
        if one.role is Role.POSTAL_AGENT and one.unit
    ]
    codes = sorted({unit.code for unit, _ in agency} or who.wards[:MOST_WARDS])
    with acting_books(request) as books:
        named = {one.unit.code: one for one in wards_coded(books.reader, codes, today())}
        points = [
            (
                code,
                rows(
                    listed(
                        books.reader,
                        ward_key(code),
                        today(),
                        Wanted(postal=True),
                        most=MOST_POINTS,
                    ).addresses,
                    who,
                ),
            )
            for code in codes
            if code in named
        ]
    until = {unit.code: day for unit, day in agency}
    return page(
        request,
        who,
        "postal",
        named=named,
        points=points,
        until=until,
        agent=bool(agency),
        words=Words(who),
    )
