"""The desk of a ward: its map, and lists of drafts, doubts, duplicates and reports."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from diachiso.address.division import UnitKey
from diachiso.address.record import ObjectKind, State
from diachiso.address.today import today
from diachiso.registry.officer import Act
from diachiso.registry.report import Answered
from diachiso.store.books import PostgisBooks
from diachiso.store.features import wards_coded
from diachiso.store.landmarks import archipelagos
from diachiso.store.reports import PostgisReports
from diachiso.store.ward_tiles import address_tile, box_of
from diachiso.store.worklists import Wanted, counted, listed, streets_in, twins
from diachiso.web import reporting
from diachiso.web.access import acting_books
from diachiso.web.desk.kept import kept_counts
from diachiso.web.desk.shown import KINDS, STATES, Words, rows
from diachiso.web.desk.visitor import CurrentVisitor, DeskRoute, Visitor, page
from diachiso.web.tiles import MVT, Column, Row, Zoom

router = APIRouter(prefix="/desk/wards/{ward}", route_class=DeskRoute, include_in_schema=False)
PAGE = 50
REPORTS = 20
STATE = f"^({'|'.join(State)})?$"

WardInPath = Annotated[str, Path(max_length=5)]
After = Annotated[str, Query(max_length=400)]
Text = Annotated[str, Query(max_length=200)]


def head(
    request: Request,
    books: PostgisBooks,
    who: Visitor,
    ward: UnitKey,
    tab: str,
    *,
    aside: bool = False,
) -> dict[str, Any]:
    """What stands on every page of a ward: its name, the counts, what its reader may do.

    `aside`: the counts are not what is looked for there; they may be of a moment ago.
    """
    named = next(wards_coded(books.reader, [ward.code], today()), None)
    officer = who.acting.officer.id
    counts = kept_counts(request).of(
        (ward.code, officer),
        lambda: counted(books.reader, ward, today(), officer),
        anew=not aside,
    )
    return {
        "ward": ward.code,
        "ward_name": named.unit.full_name if named else ward.code,
        "province": named.province.full_name if named else "",
        "box": box_of(books.reader, ward, today()),
        "counts": counts,
        "tab": tab,
        "words": Words(who),
        "kinds": [(one.value, who.say(*KINDS[one])) for one in ObjectKind],
        "archipelagos": archipelagos(request.app.state.settings.facts),
        "may": {act.value: who.may(act, ward.code) for act in Act},
    }


@router.get("")
def map_page(request: Request, who: CurrentVisitor, ward: WardInPath) -> Response:
    """The map of a ward, where houses are registered by clicking."""
    unit = who.must_work_in(ward)
    with acting_books(request) as books:
        books.must_know(unit)
        shown = head(request, books, who, unit, "map")
    return page(request, who, "ward", **shown)


@router.get("/addresses")
def addresses(
    request: Request,
    who: CurrentVisitor,
    ward: WardInPath,
    state: Annotated[str, Query(pattern=STATE)] = "",
    street: Annotated[str, Query(pattern=r"^\d{0,12}$")] = "",
    number: Text = "",
    only: Annotated[str, Query(pattern="^(|certify|doubts|mine|postal)$")] = "",
    after: After = "",
) -> Response:
    """A list of addresses, filtered, a page at a time."""
    unit = who.must_work_in(ward)
    mine = who.acting.officer.id
    wanted = Wanted(
        states=(State.RECORDED,) if only == "certify" else (State(state),) if state else (),
        street=int(street) if street else None,
        number=number.strip(),
        doubted=only == "doubts",
        postal=only == "postal",
        author=mine if only == "mine" else None,
        not_by=mine if only == "certify" else None,
    )
    with acting_books(request) as books:
        books.must_know(unit)
        tab = {"certify": "certify", "doubts": "doubts"}.get(only, "list")
        tab = "drafts" if not only and state == State.PROPOSED else tab
        shown = head(request, books, who, unit, tab, aside=bool(after))
        found = listed(books.reader, unit, today(), wanted, after=after, most=PAGE)
        named = books.street(int(street)) if street else None
    return page(
        request,
        who,
        "addresses",
        **shown,
        rows=rows(found.addresses, who),
        following=found.following,
        asked={"state": state, "number": number, "only": only, "street": street},
        street=named,
        states=[(one.value, who.say(*STATES[one])) for one in State],
        first=not after,
    )


@router.get("/duplicates")
def duplicates(
    request: Request, who: CurrentVisitor, ward: WardInPath, after: After = ""
) -> Response:
    """Numbers that several houses of a street have."""
    unit = who.must_work_in(ward)
    with acting_books(request) as books:
        books.must_know(unit)
        shown = head(request, books, who, unit, "duplicates", aside=bool(after))
        found, following = twins(books.reader, unit, today(), after=after)
    groups = [rows(one.addresses, who) for one in found]
    return page(request, who, "duplicates", **shown, groups=groups, following=following)


@router.get("/reports")
def reports(
    request: Request,
    who: CurrentVisitor,
    ward: WardInPath,
    state: Annotated[Answered, Query()] = Answered.OPEN,
    after: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """What people report, side by side with what the registry says."""
    unit = who.must_work_in(ward)
    with acting_books(request) as books:
        books.must_know(unit)
        shown = head(request, books, who, unit, "reports", aside=bool(after))
        mine = who.may(Act.ANSWER, ward)
        found = (
            PostgisReports(books.writer).queue(unit, state, after=after, most=REPORTS)
            if mine
            else []
        )
        told = [reporting.waiting(books, one, today()) for one in found]
    following = found[-1].number if len(found) == REPORTS else None
    return page(
        request, who, "reports", **shown, reports=told, state=state.value, following=following
    )


@router.get("/streets")
def streets(request: Request, who: CurrentVisitor, ward: WardInPath, named: Text = "") -> Response:
    """The streets of a ward: their houses, their plates and letters to print."""
    unit = who.must_work_in(ward)
    with acting_books(request) as books:
        books.must_know(unit)
        shown = head(request, books, who, unit, "streets", aside=True)
        found = streets_in(books.reader, unit, today(), named)
    return page(request, who, "streets", **shown, streets=found, named=named)


@router.get("/numbering")
def numbering(
    request: Request,
    who: CurrentVisitor,
    ward: WardInPath,
    street: Annotated[int | None, Query()] = None,
) -> Response:
    """Number a whole street by drawing a line."""
    unit = who.must_work_in(ward)
    who.acting.must(Act.REGISTER, unit)
    with acting_books(request) as books:
        books.must_know(unit)
        shown = head(request, books, who, unit, "numbering", aside=True)
        named = books.street(street) if street is not None else None
    return page(request, who, "numbering", **shown, street=named)


@router.get("/upload")
def upload(request: Request, who: CurrentVisitor, ward: WardInPath) -> Response:
    """Send a spreadsheet in, and look on while it is taken in."""
    unit = who.must_work_in(ward)
    who.acting.must(Act.REGISTER, unit)
    with acting_books(request) as books:
        books.must_know(unit)
        shown = head(request, books, who, unit, "upload", aside=True)
    return page(request, who, "upload", **shown)


@router.get("/addresses/{z}/{x}/{y}.mvt")
def tile(
    request: Request, who: CurrentVisitor, ward: WardInPath, z: Zoom, x: Column, y: Row
) -> Response:
    """The addresses of a ward as a tile, for its officers alone."""
    unit = who.must_work_in(ward)
    with acting_books(request) as books:
        content = address_tile(books.reader, unit, z, x, y, today())
    return Response(
        content,
        media_type=MVT,
        headers={"cache-control": "no-store"},
        status_code=200 if content else 204,
    )
