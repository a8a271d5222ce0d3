"""Wards on any day, as GeoJSON."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from diachiso.address.errors import AddressError, UnknownUnit
from diachiso.store.divisions import province_is_known
from diachiso.store.features import Span, lives_of, wards_on
from diachiso.store.history import edition_of
from diachiso.web import wire
from diachiso.web.asking import AsOf, Box, CurrentBooks, answered, only_known, streaming, tag_of
from diachiso.web.streamed import to_its_end

router = APIRouter(prefix="/v1", tags=["wards"], dependencies=[Depends(only_known)])

WardCode = Annotated[str, Path(description="Mã đơn vị / statistics code, five digits")]
Province = Annotated[
    str | None,
    Query(description="Mã tỉnh / statistics code of a province, two digits", pattern="^[0-9]{2}$"),
]


@router.get("/wards")
def wards(
    request: Request, books: CurrentBooks, as_of: AsOf, bbox: Box, province: Province = None
) -> Response:
    """The wards of a day: of a province, or touching a box; unpaged, streamed."""
    with books.reading() as reader:
        tag = tag_of("wards", edition_of(reader), as_of, bbox, province)
        if province is not None and not province_is_known(reader, province, as_of):
            raise UnknownUnit(
                f"Ngày {as_of} không có tỉnh, thành phố mã {province}. / "
                f"No province had the code {province} on {as_of}."
            )

    def chunks() -> Iterator[bytes]:
        with (
            books.reading() as reader,
            to_its_end(wards_on(reader, as_of, province=province, bbox=bbox)) as found,
        ):
            yield from wire.streamed((wire.ward(one, as_of) for one in found), as_of=as_of)

    return streaming(request, tag, chunks, wire.GEOJSON)


@router.get("/wards/{code}")
def ward(request: Request, books: CurrentBooks, code: WardCode, as_of: AsOf) -> Response:
    """The ward that bore a code on a day: one code names two units across July 2025."""
    if not (code.isascii() and code.isdecimal() and len(code) == 5):  # noqa: PLR2004 (by law)
        raise AddressError(
            f"{code!r}: mã phường, xã có 5 chữ số. / a ward's statistics code has 5 digits."
        )
    with books.reading() as reader:
        found = books.cards.on(reader, code, as_of)
        if found is None:
            raise UnknownUnit(_when(code, lives_of(reader, code), str(as_of)))
    return answered(request, wire.ward(found[0], as_of, found[1]))


def _when(code: str, lives: list[tuple[str, Span]], day: str) -> str:
    told = "; ".join(
        f"{name} ({span.since or '…'} - {span.until or 'nay / today'})" for name, span in lives
    )
    if not told:
        return f"Không phường, xã nào mang mã {code}. / No ward bears the code {code}."
    return f"Ngày {day} mã {code} không còn hoặc chưa có: {told}. / Not in force on {day}."
