"""Addresses by code, and what lies at a point."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from diachiso.address.code import AddressCode
from diachiso.address.position import Position
from diachiso.address.vpostcode import Vpostcode
from diachiso.web import lookup
from diachiso.web.asking import AsOf, CurrentBooks, answered, only_known

router = APIRouter(prefix="/v1", tags=["addresses"], dependencies=[Depends(only_known)])


@router.get("/addresses/{code}")
def address(
    request: Request,
    books: CurrentBooks,
    as_of: AsOf,
    code: Annotated[str, Path(description="Mã địa chỉ số / ten-digit code", max_length=64)],
) -> Response:
    """The address of a code as it was on a day, whatever wards did meanwhile."""
    wanted = AddressCode.parse(code)
    with books.reading() as reader:
        found = lookup.at_code(reader, wanted, as_of, books.cards)
    return answered(request, books.counted("code", found))


@router.get("/reverse")
def reverse(
    request: Request,
    books: CurrentBooks,
    as_of: AsOf,
    lon: Annotated[float, Query(description="kinh độ / longitude, degrees WGS 84")],
    lat: Annotated[float, Query(description="vĩ độ / latitude, degrees WGS 84")],
) -> Response:
    """What lies at a point: the nearest recorded addresses within 50 m, and the ward."""
    spot = Position.parse(lon, lat)
    with books.reading() as reader:
        found = lookup.at_point(reader, spot, as_of, books.cards)
    return answered(request, books.counted("reverse", found))


@router.get("/vpostcodes/{vpostcode}")
def vpostcode(
    request: Request,
    books: CurrentBooks,
    as_of: AsOf,
    vpostcode: Annotated[str, Path(description="5 chữ số + 7 ký tự Plus Code", max_length=64)],
) -> Response:
    """Where a Vpostcode lies: the middle of its cell of about 3 m."""
    wanted = Vpostcode.parse(vpostcode)
    with books.reading() as reader:
        here = lookup.at_vpostcode(reader, wanted, as_of, books.cards)
    return answered(request, books.counted("vpostcode", here))
