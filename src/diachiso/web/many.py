"""Certifying many at once, one's own last acts, and undoing the last of them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from pydantic import Field

from diachiso.address.errors import DiachisoError, Overtaken, UnknownCode
from diachiso.address.today import today
from diachiso.registry.certify import certify_all
from diachiso.registry.undo import NotUndoable, must_be_undoable, undo
from diachiso.store.own_acts import PostgisUndo, Told, own_acts
from diachiso.web import told, wire
from diachiso.web.access import CurrentActing, at_work
from diachiso.web.asking import CurrentBooks, only_known
from diachiso.web.forms import ActForm, Called, Form
from diachiso.web.problems import halves
from diachiso.web.registration import looked_at

router = APIRouter(prefix="/v1/registry", tags=["registry"], dependencies=[Depends(only_known)])
MOST = 500


class LookedAt(Form):
    """An address, and the version of it that was looked at."""

    called: Called
    version: int | None = None


class CertifyForm(ActForm):
    """What to vouch for."""

    addresses: Annotated[list[LookedAt], Field(min_length=1, max_length=MOST)]


@router.post("/certify")
def certify_many(books: CurrentBooks, by: CurrentActing, form: CertifyForm) -> Response:
    """Vouch for many; those that cannot be certified are told with the reason."""
    on = form.on or today()
    refused: dict[str, DiachisoError] = {}
    found = []
    with at_work(books, by) as open_books:
        for one in form.addresses:
            try:
                seen = ActForm(on=on, version=one.version)
                found.append(looked_at(open_books, one.called, seen)[0])
            except (UnknownCode, Overtaken) as fault:
                refused[one.called] = fault
        done = certify_all(open_books, found, by, on)
    refused |= done.refused
    return told.answer(
        {
            "certified": [one.called for one in done.certified],
            "refused": [
                {
                    "called": called,
                    "type": f"/problems#{type(fault).__name__}",
                    **dict(zip(("detail_vi", "detail_en"), halves(str(fault)), strict=True)),
                }
                for called, fault in refused.items()
            ],
        }
    )


# -- one's own acts ------------------------------------------------------------------------------


@router.get("/acts")
def acts(books: CurrentBooks, by: CurrentActing) -> Response:
    """One's own last acts, the newest first, and whether the last can be undone."""
    with at_work(books, by) as open_books:
        found = own_acts(open_books.reader)
        undoable = undoable_line(PostgisUndo.over(open_books), by)
    return told.answer({"acts": [_act(one) for one in found], "undoable": undoable})


def undoable_line(books: PostgisUndo, by: CurrentActing) -> int | None:
    """The line of the last act, if it can be undone still."""
    act = books.last_act()
    if act is None:
        return None
    try:
        must_be_undoable(act, by.today)
    except NotUndoable:
        return None
    return None if books.is_built_on(act) else act.line


def _act(one: Told) -> wire.Json:
    return {
        "line": one.line,
        "act": one.act,
        "at": one.at,
        "addresses": one.addresses,
        "first": f"D{one.first}" if one.first else None,
        "undoes": one.undoes,
        "undone": one.is_undone,
    }


@router.post("/acts/{line}/undo")
def undo_act(
    books: CurrentBooks,
    by: CurrentActing,
    line: Annotated[int, Path(description="dòng của sổ cái / line of the ledger")],
) -> Response:
    """Make one's own last act good, as long as nothing was built on it."""
    with at_work(books, by) as open_books:
        done = undo(PostgisUndo.over(open_books), line, by)
    return told.answer({"addresses": [told.address(one) for one in done]})
