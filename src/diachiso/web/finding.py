"""One box for everything: whatever a person writes to name a place is read, then looked up.

A code, a Vpostcode, a Plus Code, coordinates (VN-2000 too), or words. The answer says under `read`
what the writing was taken for; its features are those of the endpoint that such a thing has.
"""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import Field

from diachiso.address.code import AddressCode
from diachiso.address.errors import MalformedPosition, NoWardHere
from diachiso.address.position import Position
from diachiso.address.vpostcode import Vpostcode
from diachiso.address.written import PlusCode, Spot, Words, Written, read as as_written
from diachiso.geocode.gazetteer import Gazetteer
from diachiso.geocode.query import MOST_ANSWERS, Query as Asked
from diachiso.geocode.search import geocode
from diachiso.web import lookup, wire
from diachiso.web.asking import Books, Day, answered, books_of, day_of
from diachiso.web.geocoding import QUICK_TEXT, Near, Text, point_of
from diachiso.web.reading import Params, read, told

router = APIRouter(prefix="/v1", tags=["geocoding"])


class Finding(Params):
    """Something that a person wrote to name a place."""

    as_of: Day = None
    q: Text
    limit: Annotated[int, Field(ge=1, le=MOST_ANSWERS, description="most answers")] = 8
    near: Near = None


@router.get("/find", openapi_extra=told(Finding))
async def find(request: Request) -> Response:
    """Whatever a person writes: code, Vpostcode, Plus Code, coordinates or address.

    `read` says what it was taken for, and what was made of it.
    """
    params, books = read(Finding, request), books_of(request)
    asked = Asked(params.q, day_of(params.as_of), params.limit, point_of(params.near))
    written = as_written(asked.text)
    if isinstance(written, Words):
        found, kind = await _places(books, asked), "geocode"
    else:
        found, kind = await run_in_threadpool(_at, books, written, asked)
    return answered(request, books.counted(kind, found))


async def _places(books: Books, asked: Asked) -> wire.Json:
    def work(gazetteer: Gazetteer) -> wire.Json:
        places = [wire.answer(one) for one in geocode(asked, gazetteer)]
        return wire.collection(places, read={"as": "text"})

    return await books.told(work, long=len(asked.text) > QUICK_TEXT)


def _at(books: Books, written: Written, asked: Asked) -> tuple[wire.Json, str]:
    """What lies at a code or at a point, and as which kind of lookup it counts."""
    with books.reading() as reader:
        if isinstance(written, AddressCode):
            found = lookup.at_code(reader, written, asked.as_of, books.cards)
            told = {"as": "code", "value": str(written)}
            return wire.collection([found], read=told), "code"
        if isinstance(written, Vpostcode):
            found = lookup.at_vpostcode(reader, written, asked.as_of, books.cards)
            told = {"as": "vpostcode", "value": str(written)}
            return wire.collection([found], read=told), "vpostcode"
        spot, made_of = _spot(written, asked, books.gazetteer(reader))
        reading = {**made_of, "lon": round(spot.lon, 7), "lat": round(spot.lat, 7)}
        try:
            around = lookup.at_point(reader, spot, asked.as_of, books.cards)
        except NoWardHere as nowhere:
            nowhere.particulars["read"] = reading
            raise
    return {**around, "read": reading}, "reverse"


def _spot(written: Written, asked: Asked, gazetteer: Gazetteer) -> tuple[Position, wire.Json]:
    if isinstance(written, PlusCode):
        near = None if written.is_whole else _beside(written, asked, gazetteer)
        return written.position(near), {"as": "plus_code", "value": written.digits}
    assert isinstance(written, Spot)  # noqa: S101 (all that is left)
    return written.position, {"as": "position", **_how_read(written)}


def _beside(code: PlusCode, asked: Asked, gazetteer: Gazetteer) -> Position | None:
    """The point that a shortened Plus Code is near: the place beside it, or the caller's `near`."""
    if code.locality is None:
        return Position(*asked.near) if asked.near else None
    for place in geocode(Asked(code.locality, asked.as_of, 1), gazetteer):
        if place.point is not None:
            return Position(*place.point)
    raise MalformedPosition(
        f"Không rõ nơi “{code.locality}” viết cạnh Plus Code {code.digits}. / “{code.locality}”, "
        f"written beside the Plus Code {code.digits}, is not known."
    )


def _how_read(spot: Spot) -> wire.Json:
    """How coordinates were written, in a sentence where they are not what the page would show."""
    lat, lon = round(spot.position.lat, 6), round(spot.position.lon, 6)
    told: wire.Json = {"crs": spot.zone.name if spot.zone else None}
    if spot.zone is not None:
        told["remark_vi"] = f"Đổi từ VN-2000 ({spot.zone.name}): vĩ độ {lat}, kinh độ {lon}."
        told["remark_en"] = f"From VN-2000 ({spot.zone.name}): latitude {lat}, longitude {lon}."
    elif spot.longitude_first:
        told["remark_vi"] = f"Viết kinh độ trước; đọc là vĩ độ {lat}, kinh độ {lon}."
        told["remark_en"] = f"Longitude came first; read as latitude {lat}, longitude {lon}."
    return told | {"longitude_first": spot.longitude_first}
