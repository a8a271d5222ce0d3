"""The feed: numbered changes, and a snapshot to begin from; docs/feed.md says how to follow."""

import zlib
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response

from diachiso.store.engine import Reader
from diachiso.store.feed import (
    Change,
    Standing,
    changes_since,
    last_number,
    standing_at,
    units_meant,
)
from diachiso.web import wire
from diachiso.web.asking import (
    ASK_AGAIN,
    AsOf,
    CurrentBooks,
    answered,
    only_known,
    tag_of,
    unchanged,
)
from diachiso.web.streamed import Streamed, to_its_end

router = APIRouter(prefix="/v1", tags=["feed"], dependencies=[Depends(only_known)])

JSON = "application/json"
NDJSON = "application/x-ndjson"
NUMBER = "feed-number"
"""The header of a snapshot that names the change it stands at."""
LAST = "feed-last"
"""The header of a page of changes that names the newest change."""
MOST, USUAL = 5_000, 1_000
SETTLED = "public, max-age=3600"
"""A full page never changes: whoever stands between may keep it for an hour."""
CHUNK = 1 << 16
GZIP_LEVEL, GZIP_WINDOW = 5, 31

Unit = Annotated[
    str | None,
    Query(
        description="mã phường, xã, huyện cũ hoặc tỉnh / code of a ward, former district, province",
        pattern="^[0-9]{2,5}$",
    ),
]
BIGGEST = 2**63 - 1


@router.get("/changes")
def changes(
    request: Request,
    books: CurrentBooks,
    as_of: AsOf,
    since: Annotated[int, Query(ge=0, le=BIGGEST, description="sau số này / after this number")],
    limit: Annotated[int, Query(ge=1, le=MOST, description="nhiều nhất / at most")] = USUAL,
    unit: Unit = None,
) -> Response:
    """What changed after a number, in order. Ask again with `since` = `next`.

    Numbers have no holes, and a number that was told once never gets another meaning. With `unit`
    only its changes are told (`as_of` says of which day the code is), and numbers are left out.
    """
    with books.reading() as reader:
        found = changes_since(reader, since, limit, _meant(reader, unit, as_of))
    body = {"since": since, "next": found.next, "changes": [told(one) for one in found.changes]}
    answer = answered(request, body, JSON)
    answer.headers[LAST] = str(found.last)
    if len(found.changes) == limit and unit is None:
        answer.headers["cache-control"] = SETTLED
    return answer


@router.get("/snapshot")
def snapshot(request: Request, books: CurrentBooks, as_of: AsOf, unit: Unit = None) -> Response:
    """All that is public as it stands at a number, a JSON value a line; then follow the changes.

    The first line and the header `feed-number` name the number, the last line how many there were.
    """
    with books.reading() as reader:
        number, units = last_number(reader), _meant(reader, unit, as_of)
    tag = tag_of("snapshot", number, units)
    if (same := unchanged(request, tag)) is not None:
        return same

    def lines() -> Iterator[bytes]:
        yield line({"snapshot": number, **({"unit": unit, "as_of": as_of} if unit else {})})
        count = 0
        with books.reading() as reader, to_its_end(standing_at(reader, number, units)) as found:
            for count, one in enumerate(found, start=1):  # noqa: B007
                yield line(_standing(one))
        yield line({"end": number, "count": count})

    headers = {"etag": tag, "cache-control": ASK_AGAIN}
    headers[NUMBER] = str(number)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        return Streamed(_packed(lines()), NDJSON, headers)
    return Streamed(_in_chunks(lines()), NDJSON, headers)


def _meant(reader: Reader, unit: str | None, day: date) -> tuple[int, ...] | None:
    return units_meant(reader, unit, day) if unit is not None else None


def told(change: Change) -> wire.Json:
    """A change as it travels; of a restricted address its number and nothing else."""
    if change.kind is None:
        return {"number": change.number}
    return {
        "number": change.number,
        "line": change.line,
        "at": change.at,
        "act": change.act,
        "kind": change.kind,
        "id": change.subject,
        "before": change.before,
        "after": _as_kept(change.after),
    }


def _standing(one: Standing) -> wire.Json:
    return {
        "kind": one.kind,
        "id": one.subject,
        "number": one.number,
        "after": _as_kept(one.after),
    }


def _as_kept(after: str | None) -> Any:  # noqa: ANN401 (JSON made by PostgreSQL)
    return orjson.Fragment(after) if after is not None else None


def line(value: object) -> bytes:
    """A JSON value and the end of its line."""
    return wire.dumps(value) + b"\n"


def _in_chunks(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Fewer, larger pieces: each one costs a turn of the event loop."""
    held = bytearray()
    for one in lines:
        held += one
        if len(held) >= CHUNK:
            yield bytes(held)
            held.clear()
    yield bytes(held)


def _packed(lines: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, GZIP_WINDOW)
    for chunk in _in_chunks(lines):
        if packed := packer.compress(chunk):
            yield packed
    yield packer.flush()
