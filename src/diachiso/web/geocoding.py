"""Text to places: one at a time, or a thousand."""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import Field

from diachiso.address.division import Level, UnitKey
from diachiso.address.position import Position
from diachiso.address.today import today
from diachiso.geocode.autocomplete import autocomplete
from diachiso.geocode.convert import convert
from diachiso.geocode.gazetteer import Gazetteer
from diachiso.geocode.query import FIELDS, LONGEST, MOST_ANSWERS, Query as Asked
from diachiso.geocode.search import geocode, parse
from diachiso.web import wire
from diachiso.web.asking import (
    ABOUT_THE_BOX,
    LONGEST_BOX,
    Day,
    answered,
    books_of,
    day_of,
    parse_bbox,
)
from diachiso.web.reading import Body, Params, read, read_body, told, told_body

router = APIRouter(prefix="/v1", tags=["geocoding"])

MOST_IN_A_BATCH = 1_000
JSON = "application/json"
QUICK_TEXT, QUICK_BATCH = 300, 4
"""Letters of a text, and texts of a batch, up to which the others can wait for the answer."""

TextField = Annotated[str | None, Field(max_length=500)]
Text = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST,
        description="Địa chỉ như người ta viết / an address as people write it",
    ),
]
Near = Annotated[str | None, Field(max_length=64, description="lon,lat: places nearer to it first")]


class Geocoding(Params):
    """What is to be placed: a text, or fields."""

    house_number: TextField = None
    street: TextField = None
    ward: TextField = None
    district: TextField = None
    province: TextField = None
    as_of: Day = None
    bbox: Annotated[str | None, Field(max_length=LONGEST_BOX, description=ABOUT_THE_BOX)] = None
    q: Text | None = None
    limit: Annotated[int, Field(ge=1, le=MOST_ANSWERS, description="most answers")] = 5
    near: Near = None
    explain: Annotated[bool, Field(description="show every reading that was tried")] = False

    def text(self) -> str:
        """The text: `q` or the fields, not both and not neither.

        Raises:
            RequestValidationError: both, or neither.
        """
        fields = {name: told for name in FIELDS if (told := getattr(self, name))}
        text = self.q if self.q is not None else Asked.text_of(fields)
        if bool(fields) == (self.q is not None) or not text.strip():
            raise RequestValidationError(
                [
                    {
                        "type": "missing",
                        "loc": ("query", "q"),
                        "msg": f"cần q, hoặc các trường / give q, or fields ({', '.join(FIELDS)})",
                        "input": None,
                    }
                ]
            )
        return text


class Completing(Params):
    """A text that is being written."""

    q: Text
    as_of: Day = None
    caret: Annotated[int | None, Field(ge=0, description="where the writer is in the text")] = None
    limit: Annotated[int, Field(ge=1, le=MOST_ANSWERS)] = 8


class Direction(StrEnum):
    """Which side of July 2025 is asked for."""

    TODAY = "today"
    FORMER = "former"


class Converting(Params):
    """A unit whose counterparts are asked for."""

    code: Annotated[str, Field(pattern="^[0-9]{2,5}$", description="statistics code")]
    to: Annotated[Direction, Field(description="today: old to new; former: new to old")]
    level: Level = Level.WARD


class One(Body):
    """A text of a batch, with the caller's own id."""

    id: str = Field(max_length=200)
    q: str = Field(max_length=LONGEST)


class Batch(Body):
    """Texts to place, a thousand at most."""

    queries: list[One] = Field(max_length=MOST_IN_A_BATCH)
    limit: int = Field(1, ge=1, le=MOST_ANSWERS)


class ParseBatch(Body):
    """Texts to take apart, a thousand at most."""

    queries: list[One] = Field(max_length=MOST_IN_A_BATCH)


BODIES = (Batch, ParseBatch)


@router.get("/geocode", openapi_extra=told(Geocoding))
async def geocode_one(request: Request) -> Response:
    """Places that a text, or fields, may mean; the likeliest first, with a reason for each."""
    params, books = read(Geocoding, request), books_of(request)
    near, bbox = point_of(params.near), parse_bbox(params.bbox) if params.bbox is not None else None
    asked = Asked(params.text(), day_of(params.as_of), params.limit, near, bbox, params.explain)

    def work(gazetteer: Gazetteer) -> wire.Json:
        return wire.collection([wire.answer(one) for one in geocode(asked, gazetteer)])

    found = await books.told(work, long=len(asked.text) > QUICK_TEXT)
    return answered(request, books.counted("geocode", found))


def point_of(text: str | None) -> tuple[float, float] | None:
    """Read 'lon,lat', where it is given.

    Raises:
        MalformedPosition: not two numbers, or not degrees.
        OutOfCountry: far from Vietnam.
    """
    if text is None:
        return None
    spot = Position.read(text)
    return spot.lon, spot.lat


@router.post("/geocode/batch", openapi_extra=told_body(Batch))
async def geocode_many(request: Request) -> Response:
    """The same for many texts; the answers come in the order of the questions."""
    batch, books, day = await read_body(Batch, request), books_of(request), today()

    def work(gazetteer: Gazetteer) -> tuple[bytes, Counter[str]]:
        results = [
            {
                "id": one.id,
                "features": [
                    wire.answer(found)
                    for found in geocode(Asked(one.q, day, batch.limit), gazetteer)
                ],
            }
            for one in batch.queries
        ]
        return wire.dumps({"results": results}), Counter(map(wire.ward_of, results))

    answer, wards = await books.told(work, long=_is_long(batch.queries))
    for ward, times in wards.items():
        books.tally.count("geocode", ward, times)
    return Response(answer, media_type=JSON)


@router.post("/parse/batch", openapi_extra=told_body(ParseBatch))
async def parse_many(request: Request) -> Response:
    """The parts that each text names, in canonical spelling; null where it names none."""
    batch, books = await read_body(ParseBatch, request), books_of(request)

    def work(gazetteer: Gazetteer) -> bytes:
        results = [{"id": o.id, "parts": parse(o.q, gazetteer)._asdict()} for o in batch.queries]
        return wire.dumps({"results": results})

    return Response(await books.told(work, long=_is_long(batch.queries)), media_type=JSON)


def _is_long(queries: Sequence[One]) -> bool:
    return len(queries) > QUICK_BATCH or any(len(one.q) > QUICK_TEXT for one in queries)


@router.get("/autocomplete", openapi_extra=told(Completing))
async def complete(request: Request) -> Response:
    """How the field at the caret may go on: street, house, place or unit; from two letters on."""
    asked, books = read(Completing, request), books_of(request)
    day = day_of(asked.as_of)

    def work(gazetteer: Gazetteer) -> wire.Json:
        found = autocomplete(asked.q, gazetteer, as_of=day, caret=asked.caret, limit=asked.limit)
        return {"suggestions": [wire.suggestion(one) for one in found]}

    books.tally.count("autocomplete")
    return answered(request, await books.told(work, long=len(asked.q) > QUICK_TEXT), JSON)


@router.get("/convert", openapi_extra=told(Converting))
async def convert_unit(request: Request) -> Response:
    """The counterparts of a unit on the other side of July 2025, the likeliest first."""
    asked, books = read(Converting, request), books_of(request)
    key = UnitKey(asked.level, asked.code, former=asked.to is Direction.TODAY)

    def work(gazetteer: Gazetteer) -> wire.Json:
        found, divisions = convert(key, gazetteer), gazetteer.units.divisions
        return {
            "from": wire.unit_in_short(divisions[key]),
            "to": [wire.counterpart(one, divisions[one.key]) for one in found],
        }

    books.tally.count("convert")
    return answered(request, await books.told(work), JSON)
