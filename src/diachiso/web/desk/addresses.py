"""One address at the desk: what it is, what was ever written of it, what may be done with it."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from diachiso.address.record import State
from diachiso.address.today import today
from diachiso.registry.officer import Act
from diachiso.registry.plate import LASTING
from diachiso.registry.postal import ATTRIBUTES as POSTAL_ATTRIBUTES
from diachiso.registry.review import ATTRIBUTES as DOUBTABLE
from diachiso.store.histories import history_of, successors_of
from diachiso.web.access import acting_books
from diachiso.web.desk.lists import head
from diachiso.web.desk.shown import Words, called, printed, rows
from diachiso.web.desk.visitor import CurrentVisitor, DeskRoute, page

router = APIRouter(prefix="/desk/addresses", route_class=DeskRoute, include_in_schema=False)


@router.get("/{which}")
def address(
    request: Request, who: CurrentVisitor, which: Annotated[str, Path(max_length=64)]
) -> Response:
    """An address, its history, and forms for what its reader may do."""
    with acting_books(request) as books:
        found = books.address(which, today())
        unit = who.must_work_in(found.details.ward.code)
        shown = head(request, books, who, unit, "list", aside=True)
        alike = [
            one
            for one in books.likely(found.details, today())
            if one.address.id != found.id and found.state is not State.RETIRED
        ]
        history = history_of(books.reader, found.id)
        successors = successors_of(books.reader, found.id)
    words = Words(who)
    mine = found.author == who.acting.officer.id
    may = shown["may"]
    live = found.state is not State.RETIRED
    coded = found.state in (State.RECORDED, State.CERTIFIED)
    can = {
        "record": live and found.state is State.PROPOSED and may[Act.RECORD],
        "certify": found.state in (State.RECORDED, State.UNDER_REVIEW)
        and may[Act.CERTIFY]
        and not mine,
        "amend": live and may[Act.AMEND],
        "move": live and may[Act.MOVE],
        "split": coded and may[Act.SPLIT],
        "merge": live and may[Act.MERGE],
        "retire": live and may[Act.RETIRE],
        "review": live and found.state is not State.PROPOSED and may[Act.REVIEW],
        "settle": found.state is State.UNDER_REVIEW and may[Act.AMEND],
        "restrict": live and may[Act.RESTRICT],
        "print": found.code is not None and found.state in LASTING and may[Act.AMEND],
    }
    return page(
        request,
        who,
        "address",
        **shown,
        one=found,
        called=called(found),
        printed=printed(found),
        state_name=words.state(found.state),
        alike=[
            {**row, "distance_m": round(like.distance_m)}
            for row, like in zip(rows([one.address for one in alike], who), alike, strict=True)
        ],
        history=[
            {
                "state": words.state(one.address.state),
                "label": one.address.details.label,
                "since": one.address.valid.since,
                "until": one.address.valid.until,
                "entered": one.since,
                "believed": one.until is None,
                "reason": who.half(one.address.reason) if one.address.reason else None,
                "author": one.address.author,
            }
            for one in reversed(history)
        ],
        successors=successors,
        can=can,
        mine=mine,
        doubtable=[(name, words.attribute(name)) for name in sorted(DOUBTABLE)],
        postal=[one for one in POSTAL_ATTRIBUTES.values() if found.details.kind in one.kinds],
    )
