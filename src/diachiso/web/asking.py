"""What every endpoint asks of its request: the day, the box, nothing unknown; and how it answers.

What is in memory is answered at once, on the event loop; what needs the database is answered in a
thread, with one read-only connection in a `with` block (record 27). Dependencies are `async`, for
FastAPI sends every other one through a thread of its own. An answer has an ETag (the hash of its
bytes, or of the edition of the data where the bytes are many) and is never cached without asking
again.
"""

import hashlib
from asyncio import Lock, sleep
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import Field
from sqlalchemy import Engine

from diachiso.address.division import parse_day
from diachiso.address.errors import MalformedBbox
from diachiso.address.today import today
from diachiso.geocode.gazetteer import Gazetteer
from diachiso.store.cards import WardCards
from diachiso.store.engine import IN_MEMORY_ONLY, NotInMemory, Reader, glancing, reading
from diachiso.store.features import Bbox
from diachiso.store.gazetteer import PostgisGazetteer
from diachiso.store.keeper import VocabularyKeeper
from diachiso.store.lookups import Tally
from diachiso.web import wire
from diachiso.web.headers import values_of
from diachiso.web.reading import unknown_parameters
from diachiso.web.streamed import Streamed

AT_ONCE = 2
"""Lookups in the database: one computes while the other waits for it (record 27)."""
ASK_AGAIN = "public, no-cache"
Told = TypeVar("Told")
HALF_TURN, QUARTER_TURN = 180.0, 90.0


@dataclass(frozen=True, slots=True)
class Books:
    """What endpoints read from: the database, and the vocabularies in memory.

    `turns` has whoever came first be answered first, and the loop look who else has come before
    each. Without, a caller whose request is seen too late for one round of the loop is put behind
    all the others in the next, and waits twice as long, again and again.
    """

    engine: Engine
    keeper: VocabularyKeeper
    cards: WardCards = field(default_factory=WardCards)
    tally: Tally = field(default_factory=Tally)
    turns: Lock = field(default_factory=Lock)
    lookups: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(AT_ONCE))

    def reading(self) -> Any:  # noqa: ANN401 (a context manager of Reader)
        """One read-only transaction."""
        return reading(self.engine)

    def glancing(self) -> Any:  # noqa: ANN401 (a context manager of Reader)
        """A connection for a short question or two, each of its own moment."""
        return glancing(self.engine)

    def counted(self, kind: str, body: wire.Json) -> wire.Json:
        """Count a lookup for the ward that is answered first, and hand the answer on."""
        self.tally.count(kind, wire.ward_of(body))
        return body

    def gazetteer(self, reader: Reader) -> PostgisGazetteer:
        """The gazetteer of this request."""
        return PostgisGazetteer(self.keeper.current(), reader, today())

    async def told(self, work: Callable[[Gazetteer], Told], *, long: bool = False) -> Told:
        """Do some work of geocoding: at once where memory holds all that it asks for.

        Long work, and work that turns out to ask the database, is done in a thread; such work is
        begun again there, so it may change nothing.
        """
        if not long:
            async with self.turns:
                await sleep(0)
                try:
                    return work(self.gazetteer(IN_MEMORY_ONLY))
                except NotInMemory:
                    pass
        return await run_in_threadpool(self._with_database, work)

    async def looked_up(self, work: Callable[[Reader], Told]) -> Told:
        """Ask the database a short question or two, in a thread, in the order of the callers.

        More threads would wait for the interpreter instead, and be let in out of turn.
        """
        return await run_sync(self._glance, work, limiter=self.lookups)

    def _glance(self, work: Callable[[Reader], Told]) -> Told:
        with self.glancing() as reader:
            return work(reader)

    def _with_database(self, work: Callable[[Gazetteer], Told]) -> Told:
        """Each question of its own moment: what memory keeps of a snapshot might be of before."""
        with self.glancing() as reader:
            return work(self.gazetteer(reader))


async def _books(request: Request) -> Books:
    return books_of(request)


def books_of(request: Request) -> Books:
    """What this service reads from."""
    books: Books = request.app.state.books
    return books


CurrentBooks = Annotated[Books, Depends(_books)]


async def only_known(request: Request) -> None:
    """Refuse query parameters that the endpoint does not have: a misspelt one changes answers.

    Raises:
        RequestValidationError: names the unknown ones and those there are.
    """
    route = request.scope["route"]
    known = {param.alias for param in _query_params(route.dependant)}
    if unknown := [name for name in request.query_params if name not in known]:
        raise unknown_parameters(unknown, known)


def _query_params(dependant: Any) -> Iterator[Any]:  # noqa: ANN401 (FastAPI's Dependant)
    yield from dependant.query_params
    for below in dependant.dependencies:
        yield from _query_params(below)


ABOUT_THE_DAY = "Ngày / day (YYYY-MM-DD); today if unset"
ABOUT_THE_BOX = "west,south,east,north in degrees WGS 84"
LONGEST_DAY, LONGEST_BOX = 32, 200
Day = Annotated[str | None, Field(max_length=LONGEST_DAY, description=ABOUT_THE_DAY)]
"""A day as it is asked for, where parameters are read at one go (`reading`)."""


async def _day(
    as_of: Annotated[str | None, Query(description=ABOUT_THE_DAY, max_length=LONGEST_DAY)] = None,
) -> date:
    return day_of(as_of)


def day_of(told: str | None) -> date:
    """The day asked for: today, if none is.

    Raises:
        MalformedDay: it is no day.
    """
    return parse_day(told) if told is not None else today()


AsOf = Annotated[date, Depends(_day)]


async def _box(
    bbox: Annotated[str | None, Query(description=ABOUT_THE_BOX, max_length=LONGEST_BOX)] = None,
) -> Bbox | None:
    return parse_bbox(bbox) if bbox is not None else None


Box = Annotated[Bbox | None, Depends(_box)]


def parse_bbox(text: str) -> Bbox:
    """Read west,south,east,north.

    Raises:
        MalformedBbox: not four numbers, not degrees, or the wrong way round.
    """
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise MalformedBbox(
            f"bbox={text!r}: cần bốn số tây,nam,đông,bắc. / four numbers are needed: "
            "west,south,east,north, for instance 105.8,20.9,105.9,21.1."
        ) from None
    if not (_is_degrees(west, HALF_TURN, east) and _is_degrees(south, QUARTER_TURN, north)):
        raise MalformedBbox(
            f"bbox={text!r}: không phải là độ kinh, vĩ. / not degrees of longitude and latitude."
        )
    if west > east or south > north:
        raise MalformedBbox(
            f"bbox={text!r}: ngược chiều; cần tây,nam,đông,bắc. / the wrong way round: west,south,"
            f"east,north would be {min(west, east):g},{min(south, north):g},"
            f"{max(west, east):g},{max(south, north):g}."
        )
    return west, south, east, north


def _is_degrees(low: float, most: float, high: float) -> bool:
    """Within the globe? NaN is not."""
    return -most <= low <= most and -most <= high <= most


# -- answers -------------------------------------------------------------------------------------


def answered(request: Request, body: object, media_type: str = wire.GEOJSON) -> Response:
    """The answer, or 304 when the caller has it already."""
    content = wire.dumps(body)
    tag = _tag(content)
    return unchanged(request, tag) or Response(
        content, media_type=media_type, headers=_headers(tag)
    )


def streaming(
    request: Request, tag: str, chunks: Callable[[], Iterator[bytes]], media_type: str
) -> Response:
    """A long answer under a tag known beforehand, or 304."""
    return unchanged(request, tag) or Streamed(chunks(), media_type, _headers(tag))


def kept(request: Request, tag: str, content: Callable[[], bytes], media_type: str) -> Response:
    """An answer that is made only where the caller has none under this tag."""
    return unchanged(request, tag) or Response(
        content(), media_type=media_type, headers=_headers(tag)
    )


def tag_of(*parts: object) -> str:
    """A tag made of what an answer depends on: the edition, the parameters, the day."""
    return _tag(repr(parts).encode())


def unchanged(request: Request, tag: str) -> Response | None:
    """304 when the caller's tag is this one (RFC 9110, 13.1.2)."""
    asked = values_of(request.scope["headers"], b"if-none-match")
    if not asked:
        return None
    told = b",".join(asked).decode("latin-1")
    tags = {one.strip().removeprefix("W/") for one in told.split(",")}
    if "*" in tags or tag.removeprefix("W/") in tags:
        return Response(status_code=304, headers=_headers(tag))
    return None


def _tag(content: bytes) -> str:
    return f'W/"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'


def _headers(tag: str) -> dict[str, str]:
    return {"etag": tag, "cache-control": ASK_AGAIN}
