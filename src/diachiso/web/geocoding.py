"""Text to places: one at a time, or a thousand."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from diachiso.address.position import Position
from diachiso.geocode.query import MOST_ANSWERS, Query as Asked
from diachiso.geocode.search import geocode, parse
from diachiso.web import wire
from diachiso.web.asking import AsOf, Box, CurrentBooks, answered, only_known, today

router = APIRouter(prefix="/v1", tags=["geocoding"], dependencies=[Depends(only_known)])

LONGEST = 10_000
MOST_IN_A_BATCH = 1_000
JSON = "application/json"

Text = Annotated[
    str,
    Query(
        description="Địa chỉ như người ta viết / an address as people write it",
        min_length=1,
        max_length=LONGEST,
    ),
]
Limit = Annotated[int, Query(ge=1, le=MOST_ANSWERS, description="most answers")]
Near = Annotated[str | None, Query(description="lon,lat: places nearer to it first", max_length=64)]


class One(BaseModel):
    """A text of a batch, with the caller's own id."""

    model_config = ConfigDict(extra="forbid")
    id: str = Field(max_length=200)
    q: str = Field(max_length=LONGEST)


class Batch(BaseModel):
    """Texts to place, a thousand at most."""

    model_config = ConfigDict(extra="forbid")
    queries: list[One] = Field(max_length=MOST_IN_A_BATCH)
    limit: int = Field(1, ge=1, le=MOST_ANSWERS)


class ParseBatch(BaseModel):
    """Texts to take apart, a thousand at most."""

    model_config = ConfigDict(extra="forbid")
    queries: list[One] = Field(max_length=MOST_IN_A_BATCH)


@router.get("/geocode")
def geocode_one(
    request: Request,
    books: CurrentBooks,
    q: Text,
    as_of: AsOf,
    bbox: Box,
    limit: Limit = 5,
    near: Near = None,
    explain: Annotated[bool, Query(description="show every reading that was tried")] = False,  # noqa: FBT002
) -> Response:
    """Places that a text may mean, the likeliest first, with a reason for every score."""
    asked = Asked(q, as_of, limit, _point(near), bbox, explain)
    with books.reading() as reader:
        answers = geocode(asked, books.gazetteer(reader))
    return answered(request, wire.collection([wire.answer(one) for one in answers]))


def _point(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    spot = Position.read(text)
    return spot.lon, spot.lat


@router.post("/geocode/batch")
def geocode_many(books: CurrentBooks, batch: Batch) -> Response:
    """The same for many texts; the answers come in the order of the questions."""
    day = today()
    with books.reading() as reader:
        gazetteer = books.gazetteer(reader)
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
    return _plain({"results": results})


@router.post("/parse/batch")
def parse_many(books: CurrentBooks, batch: ParseBatch) -> Response:
    """The parts that each text names, in canonical spelling; null where it names none."""
    with books.reading() as reader:
        gazetteer = books.gazetteer(reader)
        results = [{"id": o.id, "parts": asdict(parse(o.q, gazetteer))} for o in batch.queries]
    return _plain({"results": results})


def _plain(body: dict[str, Any]) -> Response:
    return Response(wire.dumps(body), media_type=JSON)
