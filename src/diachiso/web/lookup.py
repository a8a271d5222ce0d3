"""What is at a code or at a point: the same words for the API and for the command line."""

from collections.abc import Sequence
from datetime import date

from diachiso.address.code import AddressCode
from diachiso.address.division import REFORM
from diachiso.address.errors import NoWardHere, RetiredCode, UnknownCode
from diachiso.address.position import Position
from diachiso.address.record import State
from diachiso.address.vpostcode import Vpostcode
from diachiso.geocode.gazetteer import Point
from diachiso.store.cards import WardCards
from diachiso.store.engine import Reader
from diachiso.store.features import Ward
from diachiso.store.found import (
    AddressFound,
    address_on,
    first_day_of,
    live_slips,
    nearest_addresses,
)
from diachiso.store.nearby import undrawn_ward_near, ward_near, ward_of_postcode
from diachiso.web import wire

EVE_OF_REFORM = REFORM.replace(month=REFORM.month - 1, day=30)
AT_THE_DOOR_M = 50.0
NEIGHBOURS = 3


def at_code(
    reader: Reader, code: AddressCode, as_of: date, cards: WardCards | None = None
) -> wire.Json:
    """The address of a code as it was on a day, whatever wards did meanwhile.

    Raises:
        RetiredCode: the address is gone; says since when, why, and what took its place.
        UnknownCode: says whether it is not yet known, one slip away from others, or not in use.
    """
    found = address_on(reader, code, as_of)
    if found is None:
        raise _unknown(reader, code, as_of)
    if found.state == State.RETIRED:
        raise _retired(found)
    ((then, former),) = _wards(reader, [(found.lon, found.lat)], as_of, cards)
    return wire.address(found, as_of, then, former)


def _retired(found: AddressFound) -> RetiredCode:
    heirs = ", ".join(str(AddressCode(one)) for one in found.successors)
    after = f" Kế tiếp / successors: {heirs}." if heirs else ""
    return RetiredCode(
        f"Mã {found.code} thôi dùng từ {found.valid.since}: {found.reason}. / The code "
        f"{found.code} is retired since {found.valid.since}.{after}",
        retired_from=found.valid.since,
        reason=found.reason,
        successors=found.successors,
    )


def _wards(
    reader: Reader, spots: Sequence[Point], as_of: date, cards: WardCards | None
) -> list[tuple[Ward | None, Ward | None]]:
    """The wards of some points on the day, and those of before the reform, in one query."""
    asked = [(*spot, day) for spot in spots for day in (as_of, EVE_OF_REFORM)]
    found = (cards or WardCards()).holding(reader, asked)
    return list(zip(found[::2], found[1::2], strict=True))


def _unknown(reader: Reader, code: AddressCode, day: date) -> UnknownCode:
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


def at_point(
    reader: Reader, spot: Position, as_of: date, cards: WardCards | None = None
) -> wire.Json:
    """The recorded addresses within 50 m, the nearest first, and last the ward.

    Raises:
        NoWardHere: at sea, abroad, or where no boundary is loaded.
    """
    near = nearest_addresses(
        reader, spot.lon, spot.lat, as_of, within_m=AT_THE_DOOR_M, most=NEIGHBOURS
    )
    spots = [(spot.lon, spot.lat), *((one.lon, one.lat) for one in near)]
    (then, former), *theirs = _wards(reader, spots, as_of, cards)
    if then is None:
        raise _nowhere(reader, spot)
    doors = [wire.address(one, as_of, *its) for one, its in zip(near, theirs, strict=True)]
    return wire.collection([*doors, wire.here(spot.lon, spot.lat, as_of, then, former)])


def at_vpostcode(
    reader: Reader, wanted: Vpostcode, as_of: date, cards: WardCards | None = None
) -> wire.Json:
    """The ward that holds a Vpostcode, at the middle of its cell of about 3 m.

    Raises:
        UnknownCode: its postal code is not loaded.
    """
    issuing = ward_of_postcode(reader, wanted.postcode, as_of)
    if issuing is None or issuing.centre is None:
        raise UnknownCode(
            f"Chưa nạp mã bưu chính {wanted.postcode}. / The postal code {wanted.postcode} is "
            "not loaded."
        )
    spot = wanted.position(Position(*issuing.centre))
    ((then, former),) = _wards(reader, [(spot.lon, spot.lat)], as_of, cards)
    return wire.here(spot.lon, spot.lat, as_of, then or issuing, former)


def _nowhere(reader: Reader, spot: Position) -> NoWardHere:
    """Say why: no boundary is loaded here, or the point is at sea."""
    if (undrawn := undrawn_ward_near(reader, spot.lon, spot.lat)) is not None:
        ward, province = undrawn
        return NoWardHere(
            f"Chưa nạp ranh giới quanh {spot.lon:g}, {spot.lat:g} (gần {ward.full_name}, "
            f"{province.full_name}): `diachiso load pilot --province {province.code}`, hoặc `load "
            f"boundaries`. / No boundary is loaded around here (near {ward.full_name}, "
            f"{province.full_name}): run `diachiso load pilot --province {province.code}`, or load "
            "official ones."
        )
    nearest = ward_near(reader, spot.lon, spot.lat)
    if nearest is None:
        return NoWardHere(
            "Chưa nạp ranh giới nào. / No boundary is loaded: `diachiso load pilot` draws Hanoi's."
        )
    ward, metres = nearest
    return NoWardHere(
        f"Điểm {spot.lon:g}, {spot.lat:g} không nằm trong phường, xã nào (ngoài biển?); gần nhất "
        f"là {ward.full_name}, cách {metres / 1000:,.1f} km. / The point lies in no ward (at sea?);"
        f" the nearest is {ward.full_name}, {metres / 1000:,.1f} km away.",
        nearest={"code": ward.code, "full_name": ward.full_name, "distance_m": round(metres)},
    )
