"""Addresses by code, and what lies at a point."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from diachiso.address.code import AddressCode
from diachiso.address.division import REFORM
from diachiso.address.errors import NoWardHere, UnknownCode
from diachiso.address.position import Position
from diachiso.address.vpostcode import Vpostcode
from diachiso.store.engine import Reader
from diachiso.store.features import (
    Ward,
    ward_holding,
    ward_near,
    ward_of_postcode,
)
from diachiso.store.found import address_on, first_day_of, live_slips, nearest_addresses
from diachiso.web import wire
from diachiso.web.asking import AsOf, CurrentBooks, answered, only_known

router = APIRouter(prefix="/v1", tags=["addresses"], dependencies=[Depends(only_known)])

EVE_OF_REFORM = REFORM.replace(month=REFORM.month - 1, day=30)
AT_THE_DOOR_M = 50.0
NEIGHBOURS = 3


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
        found = address_on(reader, wanted, as_of)
        if found is None:
            raise _unknown(reader, wanted, str(as_of))
        then = ward_holding(reader, found.lon, found.lat, as_of)
        former = ward_holding(reader, found.lon, found.lat, EVE_OF_REFORM)
    return answered(request, wire.address(found, as_of, then, former))


def _unknown(reader: Reader, code: AddressCode, day: str) -> UnknownCode:
    """Say why there is nothing: not yet known that day, a slip of the hand, or never issued."""
    if (first := first_day_of(reader, code)) is not None:
        return UnknownCode(
            f"Mã {code} được biết từ ngày {first}, sau ngày {day}. / "
            f"The code {code} is known from {first} on, which is after {day}.",
            known_from=first,
        )
    near = [str(slip) for slip in live_slips(reader, code)]
    if near:
        return UnknownCode(
            f"Chưa cấp mã {code}; có thể gõ nhầm một chữ số của {', '.join(near)}. / The code "
            f"{code} is not in use; it is one slip away from {', '.join(near)}.",
            one_slip_away=near,
        )
    return UnknownCode(f"Chưa cấp mã {code}. / The code {code} is not in use.", one_slip_away=[])


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
        then = ward_holding(reader, spot.lon, spot.lat, as_of)
        if then is None:
            raise _nowhere(reader, spot)
        former = ward_holding(reader, spot.lon, spot.lat, EVE_OF_REFORM)
        near = nearest_addresses(
            reader, spot.lon, spot.lat, as_of, within_m=AT_THE_DOOR_M, most=NEIGHBOURS
        )
        doors = [
            wire.address(
                one,
                as_of,
                ward_holding(reader, one.lon, one.lat, as_of),
                ward_holding(reader, one.lon, one.lat, EVE_OF_REFORM),
            )
            for one in near
        ]
    place = wire.here(spot.lon, spot.lat, as_of, then, former)
    return answered(request, wire.collection([*doors, place]))


def _nowhere(reader: Reader, spot: Position) -> NoWardHere:
    nearest = ward_near(reader, spot.lon, spot.lat)
    if nearest is None:
        return NoWardHere(
            "Chưa nạp ranh giới nào. / No boundary is loaded: `diachiso load pilot` draws Hanoi's."
        )
    ward, metres = nearest
    return NoWardHere(
        f"Điểm {spot.lon:g}, {spot.lat:g} không nằm trong phường, xã nào đã có ranh giới (ngoài "
        f"biển, hoặc nơi chưa nạp); gần nhất là {ward.full_name}, cách {metres / 1000:,.1f} km. / "
        "The point lies in no ward whose boundary is loaded (at sea, or not loaded here); the "
        f"nearest is {ward.full_name}, {metres / 1000:,.1f} km away.",
        nearest={"code": ward.code, "full_name": ward.full_name, "distance_m": round(metres)},
    )


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
        issuing: Ward | None = ward_of_postcode(reader, wanted.postcode, as_of)
        if issuing is None or issuing.centre is None:
            raise UnknownCode(
                f"Chưa nạp mã bưu chính {wanted.postcode}. / The postal code {wanted.postcode} is "
                "not loaded."
            )
        spot = wanted.position(Position(*issuing.centre))
        then = ward_holding(reader, spot.lon, spot.lat, as_of)
        former = ward_holding(reader, spot.lon, spot.lat, EVE_OF_REFORM)
    return answered(request, wire.here(spot.lon, spot.lat, as_of, then or issuing, former))
