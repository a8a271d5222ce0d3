"""The ledger over HTTP: published heads for everybody, the lines for those who audit.

Of a line nothing is public, its hash neither: what it covers but for the officer and the network
they came from is told by the feed, and those few are soon tried. A signed head betrays nothing,
for without the line before it nothing can be tried.
"""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from diachiso.registry.officer import Act
from diachiso.store.audit import Line, lines_since, touched_by
from diachiso.store.engine import Reader
from diachiso.store.heads import published
from diachiso.web import told, wire
from diachiso.web.access import CurrentActing, acting_books
from diachiso.web.asking import answered, only_known

public = APIRouter(prefix="/v1/ledger", tags=["feed"], dependencies=[Depends(only_known)])
auditors = APIRouter(
    prefix="/v1/registry/ledger", tags=["registry"], dependencies=[Depends(only_known)]
)
MOST = 1_000
MOST_CHANGES = 100
"""Changes that are told with a line; a decree's are in the feed."""
BIGGEST = 2**63 - 1


@public.get("/heads")
def heads(request: Request) -> Response:
    """The signed heads that were published, the newest first: `diachiso ledger verify --head`."""
    return answered(request, {"heads": published(request.app.state.settings.home)}, told.JSON)


@auditors.get("")
def lines(
    request: Request,
    by: CurrentActing,
    since: Annotated[int, Query(ge=0, le=BIGGEST, description="sau dòng này / after this")] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
) -> Response:
    """The lines of one's own units after a number: who, when, from where, before and after."""
    by.officer.must_somewhere(Act.READ_LEDGER, by.today)
    with acting_books(request) as books:
        found = lines_since(books.reader, since, limit)
        listed = [_line(books.reader, one) for one in found]
    full = len(found) == limit
    return told.answer({"lines": listed, "next": found[-1].number if full else None})


def _line(reader: Reader, line: Line) -> wire.Json:
    touched = touched_by(reader, line.number, MOST_CHANGES)
    return {**asdict(line), "touched": [asdict(one) for one in touched]}
