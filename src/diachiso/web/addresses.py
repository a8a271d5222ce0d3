"""Addresses by code, and what lies at a point."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import Field

from diachiso.address.code import AddressCode
from diachiso.address.position import Position
from diachiso.address.vpostcode import Vpostcode
from diachiso.store.engine import Reader
from diachiso.web import lookup, wire
from diachiso.web.asking import Day, answered, books_of, day_of
from diachiso.web.reading import Params, read, told

router = APIRouter(prefix="/v1", tags=["addresses"])
LONGEST_CODE = 64


class OnDay(Params):
    """A day."""

    as_of: Day = None


class AtPoint(OnDay):
    """A point and a day."""

    lon: Annotated[float, Field(description="kinh độ / longitude, degrees WGS 84")]
    lat: Annotated[float, Field(description="vĩ độ / latitude, degrees WGS 84")]


@router.get("/addresses/{code}", openapi_extra=told(OnDay))
async def address(
    request: Request,
    code: Annotated[
        str, Path(description="Mã địa chỉ số / ten-digit code", max_length=LONGEST_CODE)
    ],
) -> Response:
    """The address of a code as it was on a day, whatever wards did meanwhile."""
    wanted, day = AddressCode.parse(code), day_of(read(OnDay, request).as_of)
    cards = books_of(request).cards
    return await _looked_up(
        request, "code", lambda reader: lookup.at_code(reader, wanted, day, cards)
    )


@router.get("/reverse", openapi_extra=told(AtPoint))
async def reverse(request: Request) -> Response:
    """What lies at a point: the nearest recorded addresses within 50 m, and the ward."""
    asked = read(AtPoint, request)
    spot, day = Position.parse(asked.lon, asked.lat), day_of(asked.as_of)
    cards = books_of(request).cards
    return await _looked_up(
        request, "reverse", lambda reader: lookup.at_point(reader, spot, day, cards)
    )


@router.get("/vpostcodes/{vpostcode}", openapi_extra=told(OnDay))
async def vpostcode(
    request: Request,
    vpostcode: Annotated[
        str, Path(description="5 chữ số + 7 ký tự Plus Code", max_length=LONGEST_CODE)
    ],
) -> Response:
    """Where a Vpostcode lies: the middle of its cell of about 3 m."""
    wanted, day = Vpostcode.parse(vpostcode), day_of(read(OnDay, request).as_of)
    cards = books_of(request).cards
    return await _looked_up(
        request, "vpostcode", lambda reader: lookup.at_vpostcode(reader, wanted, day, cards)
    )


async def _looked_up(request: Request, kind: str, work: Callable[[Reader], wire.Json]) -> Response:
    books = books_of(request)
    return answered(request, books.counted(kind, await books.looked_up(work)))
