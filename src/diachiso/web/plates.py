"""Plates and papers over HTTP, the published keys, and the page that verifies."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import HTMLResponse

from diachiso.address.code import AddressCode
from diachiso.address.errors import UnknownCode, UnknownUnit
from diachiso.address.record import Address, State
from diachiso.address.today import today
from diachiso.stationery import draw
from diachiso.stationery.formats import MEDIA, Format, Size
from diachiso.stationery.papers import House, Letters, letters
from diachiso.store.acting import acting
from diachiso.store.books import PostgisBooks
from diachiso.store.plate_keys import jwks
from diachiso.web import lookup
from diachiso.web.access import CurrentActing, at_work
from diachiso.web.asking import Books, CurrentBooks, answered, kept, only_known, tag_of
from diachiso.web.page import ONLY_OURSELVES, templates
from diachiso.web.press import Press, must_print, of_street
from diachiso.web.registration import CalledInPath, StreetInPath

router = APIRouter(prefix="/v1", tags=["plates"], dependencies=[Depends(only_known)])
page = APIRouter(include_in_schema=False)

PDF = MEDIA[Format.PDF]
JWK_SET = "application/jwk-set+json"
AT_ONCE = 200
"""Houses in one file; the next ones are its next part."""

FormInPath = Annotated[Format, Path(description="svg, pdf, png")]
PartInQuery = Annotated[int, Query(ge=1, description=f"phần / part: {AT_ONCE} houses each")]


async def _press(request: Request) -> Press:
    press: Press = request.app.state.press
    return press


CurrentPress = Annotated[Press, Depends(_press)]


@router.get("/keys")
def keys(request: Request, press: CurrentPress) -> Response:
    """Every key that plates were ever signed with (a JWK set), to verify them offline."""
    return answered(request, jwks(press.keys.published(today())), JWK_SET)


@router.get("/addresses/{code}/plate.{form}")
def plate(
    request: Request,
    books: CurrentBooks,
    press: CurrentPress,
    code: Annotated[str, Path(description="Mã địa chỉ số / ten-digit code", max_length=64)],
    form: FormInPath,
) -> Response:
    """The house plate of a public address, with a QR code that verifies offline."""
    wanted = AddressCode.parse(code)
    with acting(books.engine, None) as nobody:
        address = _public(books, PostgisBooks(nobody), wanted)
        must_print([address], None)
        (house,) = press.houses(nobody, [address], today())
    tag = tag_of(house.signed.text, house.signed.page, form, draw.EDITION)
    return kept(request, tag, lambda: draw.plate(house.signed, form), MEDIA[form])


def _public(books: Books, open_books: PostgisBooks, code: AddressCode) -> Address:
    """The address as everybody may know it.

    Raises:
        UnknownCode: says whether it is not yet known, one slip away from others, or not in use.
        RetiredCode: says since when, why, and what took its place.
    """
    try:
        address = open_books.address(code.digits, today())
    except UnknownCode:
        address = None
    if address is None or address.state is State.RETIRED:
        lookup.at_code(open_books.reader, code, today(), books.cards)
    if address is None:
        raise UnknownCode(f"Chưa cấp mã {code}. / The code {code} is not in use.")
    return address


# -- for those who are signed in -----------------------------------------------------------------


@router.get("/registry/addresses/{called}/plate.{form}")
def plate_of_ours(
    books: CurrentBooks,
    by: CurrentActing,
    press: CurrentPress,
    called: CalledInPath,
    form: FormInPath,
) -> Response:
    """The plate of an address of one's own ward; of a restricted one it holds the code alone."""
    with at_work(books, by) as open_books:
        address = open_books.address(called, today())
        must_print([address], by)
        (house,) = press.houses(open_books.reader, [address], today())
    return _file(draw.plate(house.signed, form), f"plate-{house.signed.plate.code}.{form}", form)


@router.get("/registry/addresses/{called}/certificate.pdf")
def certificate(
    books: CurrentBooks, by: CurrentActing, press: CurrentPress, called: CalledInPath
) -> Response:
    """The certificate of a certified address of one's own ward, sealed (PAdES)."""
    with at_work(books, by) as open_books:
        address = open_books.address(called, today())
        must_print([address], by)
        paper = press.certificate(open_books.reader, address, today())
    return _file(paper, f"certificate-{address.called}.pdf")


@router.get("/registry/streets/{street}/plates.pdf")
def plates_of_street(
    books: CurrentBooks,
    by: CurrentActing,
    press: CurrentPress,
    street: StreetInPath,
    size: Annotated[Size, Query(description="full: 240 x 150 mm; small: 80 x 50 mm")] = Size.SMALL,
    part: PartInQuery = 1,
) -> Response:
    """Plates of a street, as far as it lies in one's own wards, on A4 with crop marks."""
    houses, parts = _in_street(books, by, press, street, part)
    drawn = draw.sheet([house.signed for house in houses], size)
    return _file(drawn, f"plates-{street}-{part}.pdf", parts=parts)


@router.get("/registry/streets/{street}/letters.pdf")
def letters_to_street(
    books: CurrentBooks,
    by: CurrentActing,
    press: CurrentPress,
    street: StreetInPath,
    document: Annotated[str | None, Query(description="căn cứ / document", max_length=200)] = None,
    contact: Annotated[str | None, Query(description="liên hệ / contact", max_length=200)] = None,
    part: PartInQuery = 1,
) -> Response:
    """Letters that tell the houses of a street their numbers and codes, one page each."""
    houses, parts = _in_street(books, by, press, street, part)
    drawn = letters(houses, Letters(today(), document, contact))
    return _file(drawn, f"letters-{street}-{part}.pdf", parts=parts)


def _in_street(
    books: Books, by: CurrentActing, press: Press, street: int, part: int
) -> tuple[list[House], int]:
    with at_work(books, by) as open_books:
        along = open_books.street(street)
        if along is None:
            raise UnknownUnit(f"Không có đường số {street}. / No street has the number {street}.")
        found = of_street(open_books, along, today(), by)
        parts = -(-len(found) // AT_ONCE)
        if part > parts:
            raise UnknownUnit(f"Chỉ có {parts} phần. / There are {parts} parts only.")
        here = found[(part - 1) * AT_ONCE : part * AT_ONCE]
        return press.houses(open_books.reader, here, today()), parts


def _file(
    content: bytes, name: str, form: Format = Format.PDF, *, parts: int | None = None
) -> Response:
    """A paper for one caller alone."""
    headers = {"cache-control": "no-store", "content-disposition": f'inline; filename="{name}"'}
    told = {"diachiso-parts": str(parts)} if parts else {}
    return Response(content, media_type=MEDIA[form], headers=headers | told)


# -- the page that verifies ----------------------------------------------------------------------


@page.get("/verify", response_class=HTMLResponse)
def verify_page(request: Request, press: CurrentPress) -> HTMLResponse:
    """Reads a plate with the camera, or its text, and verifies it in the browser."""
    told = {"keys": jwks(press.keys.published(today()))}
    return templates.TemplateResponse(request, "verify.html", told, headers=ONLY_OURSELVES)
