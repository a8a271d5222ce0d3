"""The verbs of the registry over HTTP, for those who are signed in or hold a key.

Each endpoint is one transaction that commits before its answer leaves. `on` is the day from which
it is so (today if unset); `version` is the number of the version that the caller looked at.
"""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from diachiso.address.division import Level, UnitKey
from diachiso.address.errors import Overtaken, UnknownUnit
from diachiso.address.number import HouseNumber
from diachiso.address.record import Address, State, StreetRef
from diachiso.address.today import today
from diachiso.registry.amend import amend, move
from diachiso.registry.certify import certify
from diachiso.registry.officer import Act
from diachiso.registry.record import record
from diachiso.registry.register import complete, register
from diachiso.registry.renumber import rename, renumber
from diachiso.registry.retire import merge, retire
from diachiso.registry.review import restrict, review, settle
from diachiso.registry.split import split
from diachiso.store.books import PostgisBooks
from diachiso.store.histories import history_of, in_ward_on, successors_of
from diachiso.web import forms, told
from diachiso.web.access import CurrentActing, at_work
from diachiso.web.asking import CurrentBooks, only_known

router = APIRouter(prefix="/v1/registry", tags=["registry"], dependencies=[Depends(only_known)])

CalledInPath = Annotated[
    str, Path(description="mã hoặc số nháp / code or draft number (D17)", max_length=64)
]
StreetInPath = Annotated[int, Path(description="số của đường / number of the street")]
MOST = 1000


def looked_at(books: PostgisBooks, called: str, form: forms.ActForm) -> tuple[Address, date]:
    """The address as it stands on the day of the act, if it is still the version looked at.

    Raises:
        Overtaken: it is not.
    """
    on = form.on or today()
    address = books.address(called, on)
    if form.version is not None and form.version != address.version:
        raise Overtaken(
            f"{address.called}: người khác vừa sửa; hãy xem lại rồi làm lại. / somebody else "
            "changed it meanwhile; look again, then repeat."
        )
    return address, on


# -- reading -------------------------------------------------------------------------------------


@router.get("/addresses")
def addresses(
    books: CurrentBooks,
    by: CurrentActing,
    ward: Annotated[str, Query(description="mã phường, xã / code of the ward", max_length=5)],
    state: Annotated[list[State] | None, Query(description="trạng thái / states")] = None,
    after: Annotated[int, Query(description="sau số này / after this id", ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
) -> Response:
    """The addresses of one's own ward, drafts and restricted ones too, a page at a time."""
    unit = UnitKey(Level.WARD, ward, former=False)
    with at_work(books, by) as open_books:
        open_books.must_know(unit)
        if not any(by.officer.may(act, unit, by.today) for act in (Act.AMEND, Act.READ_LEDGER)):
            by.must(Act.AMEND, unit)
        found = in_ward_on(
            open_books.reader, unit, today(), states=state or (), after=after, most=limit
        )
    full = len(found) == limit
    return told.answer(
        {"addresses": [told.address(one) for one in found], "next": found[-1].id if full else None}
    )


@router.get("/addresses/{called}")
def address(books: CurrentBooks, by: CurrentActing, called: CalledInPath) -> Response:
    """An address as the one who acts may see it, with all that was ever written of it."""
    with at_work(books, by) as open_books:
        found = open_books.address(called, today())
        history = history_of(open_books.reader, found.id)
        successors = successors_of(open_books.reader, found.id)
    return told.answer(
        {
            **told.address(found),
            "successors": successors,
            "history": [told.written(one) for one in history],
        }
    )


@router.post("/likely")
def likely(books: CurrentBooks, by: CurrentActing, form: forms.DetailsForm) -> Response:
    """What may be the same as these details, before anything is entered."""
    with at_work(books, by) as open_books, open_books.only_looking():
        details = complete(form.details(open_books, today()))
        by.must(Act.REGISTER, details.ward)
        found = open_books.likely(details, today())
    return told.answer({"ward": details.ward.code, "likely": [told.likely(one) for one in found]})


# -- acting --------------------------------------------------------------------------------------


@router.post("/addresses")
def register_address(
    request: Request, books: CurrentBooks, by: CurrentActing, form: forms.RegisterForm
) -> Response:
    """Enter a draft, or record it at once; what may be the same is shown beside it."""
    on = form.on or today()
    with at_work(books, by) as open_books:
        done = register(open_books, form.details(open_books, on), by, on)
        entered = done.address
        if form.record:
            entered = record(open_books, entered, by, on, distinct=form.distinct)
    where = f"{request.url.path}/{entered.called}"
    return told.answer(
        {**told.address(entered), "likely": [told.likely(one) for one in done.likely]},
        status=201,
        location=where,
    )


@router.post("/addresses/{called}/record")
def record_address(
    books: CurrentBooks, by: CurrentActing, called: CalledInPath, form: forms.RecordForm
) -> Response:
    """Give a draft its code."""
    with at_work(books, by) as open_books:
        draft, on = looked_at(open_books, called, form)
        done = record(open_books, draft, by, on, distinct=form.distinct)
    return told.answer(told.address(done))


@router.post("/addresses/{called}/certify")
def certify_address(
    books: CurrentBooks, by: CurrentActing, called: CalledInPath, form: forms.ActForm
) -> Response:
    """Vouch for what somebody else wrote."""
    with at_work(books, by) as open_books:
        found, on = looked_at(open_books, called, form)
        done = certify(open_books, found, by, on)
    return told.answer(told.address(done))


@router.post("/addresses/{called}/amend")
def amend_address(
    books: CurrentBooks, by: CurrentActing, called: CalledInPath, form: forms.AmendForm
) -> Response:
    """Correct details; what the form does not name stays."""
    with at_work(books, by) as open_books:
        found, on = looked_at(open_books, called, form)
        done = amend(open_books, found, form.onto(found.details, open_books), by, on)
    return told.answer(told.address(done))


@router.post("/addresses/{called}/move")
def move_address(
    books: CurrentBooks, by: CurrentActing, called: CalledInPath, form: forms.MoveForm
) -> Response:
    """Put it in its right place, in another ward if need be."""
    with at_work(books, by) as open_books:
        found, on = looked_at(open_books, called, form)
        done = move(open_books, found, forms.entrance_first(form.positions), by, on)
    return told.answer(told.address(done))


@router.post("/addresses/{called}/split")
def split_address(
    books: CurrentBooks, by: CurrentActing, called: CalledInPath, form: forms.SplitForm
) -> Response:
    """Divide a plot: the first part keeps the code."""
    with at_work(books, by) as open_books:
        found, on = looked_at(open_books, called, form)
        done = split(open_books, found, [one.piece() for one in form.pieces], by, on)
    return told.answer({"addresses": [told.address(one) for one in done]})


@router.post("/addresses/{called}/merge")
def merge_addresses(
    books: CurrentBooks, by: CurrentActing, called: CalledInPath, form: forms.MergeForm
) -> Response:
    """Let others end in this one."""
    with at_work(books, by) as open_books:
        into, on = looked_at(open_books, called, form)
        others = [open_books.address(other, on) for other in form.others]
        done = merge(open_books, others, into, by, on)
    return told.answer({"addresses": [told.address(one) for one in done]})


@router.post("/addresses/{called}/retire")
def retire_address(
    books: CurrentBooks, by: CurrentActing, called: CalledInPath, form: forms.RetireForm
) -> Response:
    """End an address, with a reason and successors."""
    with at_work(books, by) as open_books:
        found, on = looked_at(open_books, called, form)
        heirs = [open_books.address(heir, on) for heir in form.successors]
        done = retire(open_books, found, by, on, reason=form.reason, successors=heirs)
    return told.answer(told.address(done))


@router.post("/addresses/{called}/review")
def review_address(
    books: CurrentBooks, by: CurrentActing, called: CalledInPath, form: forms.ReviewForm
) -> Response:
    """Put it under review, with what is in doubt."""
    with at_work(books, by) as open_books:
        found, on = looked_at(open_books, called, form)
        done = review(open_books, found, form.doubts, by, on, reason=form.reason)
    return told.answer(told.address(done))


@router.post("/addresses/{called}/settle")
def settle_address(
    books: CurrentBooks, by: CurrentActing, called: CalledInPath, form: forms.ActForm
) -> Response:
    """End a review: the doubts are gone."""
    with at_work(books, by) as open_books:
        found, on = looked_at(open_books, called, form)
        done = settle(open_books, found, by, on)
    return told.answer(told.address(done))


@router.post("/addresses/{called}/restrict")
def restrict_address(
    books: CurrentBooks, by: CurrentActing, called: CalledInPath, form: forms.RestrictForm
) -> Response:
    """Hide it from all but its ward, or show it again."""
    with at_work(books, by) as open_books:
        found, _ = looked_at(open_books, called, forms.ActForm(version=form.version))
        done = restrict(open_books, found, by, hidden=form.hidden)
    return told.answer(told.address(done))


@router.post("/streets/{street}/renumber")
def renumber_street(
    books: CurrentBooks, by: CurrentActing, street: StreetInPath, form: forms.RenumberForm
) -> Response:
    """New numbers for houses of a street, in one act."""
    numbers = {called: HouseNumber.parse(number) for called, number in form.numbers.items()}
    paper = form.document.document() if form.document else None
    with at_work(books, by) as open_books:
        along = _street(open_books, street)
        done = renumber(open_books, along, numbers, by, form.on or today(), document=paper)
    return told.answer({"addresses": [told.address(one) for one in done]})


@router.post("/streets/{street}/rename")
def rename_street(
    books: CurrentBooks, by: CurrentActing, street: StreetInPath, form: forms.RenameForm
) -> Response:
    """A new name for a street, and for all its addresses."""
    paper = form.document.document() if form.document else None
    with at_work(books, by) as open_books:
        along = _street(open_books, street)
        renamed, done = rename(open_books, along, form.name, by, form.on or today(), document=paper)
    return told.answer({"street": told.street(renamed), "addresses": len(done)})


def _street(books: PostgisBooks, street: int) -> StreetRef:
    found = books.street(street)
    if found is None:
        raise UnknownUnit(f"Không có đường số {street}. / No street has the number {street}.")
    return found
