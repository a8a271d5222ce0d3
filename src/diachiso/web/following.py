"""A registry followed over HTTP: its snapshot and its changes, checked as they come."""

import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import orjson

from diachiso.address.errors import FeedBroken, FeedUnreachable

PAGE = 5_000
CONNECT_S, ANSWER_S = 10.0, 120.0
TRIES, FIRST_WAIT_S = 4, 0.5
TROUBLED = range(500, 600)
KINDS = ("address", "street", "unit")


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a subject; `after` None: withdrawn; `kind` None: a number, no more."""

    number: int
    kind: str | None = None
    subject: int = 0
    after: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Changes in order, from right after `since` up to `next`; `last` is the newest there is."""

    since: int
    next: int
    last: int
    changes: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that was public at a number, as it comes in: whoever takes it must take all of it."""

    number: int
    standing: Iterator[Told]


class Feed:
    """The feed of a registry; `unit` narrows it to one unit (a code of the day `as_of`)."""

    def __init__(self, url: str, unit: str | None = None, as_of: str | None = None) -> None:
        self._narrow = {k: v for k, v in (("unit", unit), ("as_of", as_of)) if v}
        try:
            self._client = httpx2.Client(
                base_url=url.rstrip("/") + "/",
                follow_redirects=True,
                timeout=httpx2.Timeout(ANSWER_S, connect=CONNECT_S),
                headers={"user-agent": "diachiso replicate"},
            )
        except (httpx2.InvalidURL, ValueError) as fault:
            raise FeedUnreachable(f"{url!r}: không phải URL. / not a URL: {fault}") from None

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Everything as it stands.

        Raises:
            FeedUnreachable: no answer, or it was cut off.
            FeedBroken: it is not a snapshot, or not whole.
        """
        with (
            _said_plainly(),
            self._client.stream("GET", "v1/snapshot", params=self._narrow) as answer,
        ):
            if answer.status_code != httpx2.codes.OK:
                answer.read()
            _must_be_well(answer)
            lines = _lines(answer)
            number = _number(next(lines, None), "snapshot")
            yield Snapshot(number, _standing(lines, number))

    def changes(self, since: int) -> Page:
        """The next changes after a number.

        Raises:
            FeedUnreachable: no answer, though asked several times.
            AheadOfFeed, FeedBroken: the numbers do not follow one another.
        """
        params: dict[str, Any] = {"since": since, "limit": PAGE} | self._narrow
        with _said_plainly():
            answer = _asked(lambda: self._client.get("v1/changes", params=params))
            _must_be_well(answer)
        page = _page(answer, since)
        _must_follow(page, has_holes=bool(self._narrow))
        return page


@contextmanager
def _said_plainly() -> Iterator[None]:
    try:
        yield
    except httpx2.HTTPError as fault:
        raise FeedUnreachable(
            f"Không theo dõi được sổ: {fault}. / The registry does not answer: "
            f"{type(fault).__name__}."
        ) from None


def _asked(ask: Any) -> httpx2.Response:  # noqa: ANN401 (a call without arguments)
    """Ask again when nobody answers, or the service is in trouble; a little later each time."""
    for attempt in range(TRIES - 1):
        try:
            answer: httpx2.Response = ask()
            if answer.status_code not in TROUBLED:
                return answer
        except httpx2.TransportError:
            pass
        time.sleep(FIRST_WAIT_S * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311 (no secret)
    last: httpx2.Response = ask()
    return last


def _must_be_well(answer: httpx2.Response) -> None:
    if answer.status_code == httpx2.codes.OK:
        return
    try:
        detail = str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        detail = f"HTTP {answer.status_code}"
    if answer.status_code in TROUBLED:
        raise FeedUnreachable(detail)
    raise FeedBroken(detail)


def _lines(answer: httpx2.Response) -> Iterator[Mapping[str, Any]]:
    rest = b""
    for chunk in answer.iter_bytes():
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield _object(line)
    if rest:
        raise _cut()


def _object(line: bytes) -> Mapping[str, Any]:
    try:
        told = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise _cut() from None
    if not isinstance(told, dict):
        raise _cut()
    return told


def _number(line: Mapping[str, Any] | None, name: str) -> int:
    if line is None or not isinstance(line.get(name), int):
        raise _cut()
    return int(line[name])


def _standing(lines: Iterator[Mapping[str, Any]], number: int) -> Iterator[Told]:
    for count, line in enumerate(lines):
        if "end" in line:
            if (line["end"], line.get("count")) != (number, count):
                raise _cut()
            return
        yield _told(line)
    raise _cut()


def _page(answer: httpx2.Response, since: int) -> Page:
    body = _object(answer.content)
    try:
        changes = tuple(_told(one) for one in body["changes"])
        until = int(body["next"])
    except (KeyError, TypeError, ValueError):
        raise _cut() from None
    last = answer.headers.get("feed-last", "")
    return Page(since, until, int(last) if last.isdecimal() else until, changes)


def _told(told: Mapping[str, Any]) -> Told:
    number, kind = _number(told, "number"), told.get("kind")
    if kind is None:
        return Told(number)
    after = told.get("after")
    if kind not in KINDS or not (after is None or isinstance(after, dict)):
        raise _cut()
    return Told(number, kind, _number(told, "id"), after)


def _must_follow(page: Page, *, has_holes: bool) -> None:
    """See that no number is missing and none comes twice.

    Raises:
        FeedBroken: names the number after which it breaks.
    """
    at = page.since
    for one in page.changes:
        if one.number != at + 1 and (not has_holes or one.number <= at):
            raise FeedBroken(
                f"Sau thay đổi {at} là {one.number}. / After change {at} comes {one.number}: the "
                "feed has a hole; the copy stays as it was.",
                at=at,
            )
        at = one.number
    if page.next < at or (page.next != at and not has_holes):
        raise FeedBroken(
            f"Thay đổi {at + 1} không thấy. / Change {at + 1} is missing; the copy stays as it "
            "was.",
            at=at,
        )


def _cut() -> FeedBroken:
    return FeedBroken(
        "Câu trả lời không phải của dòng thay đổi, hoặc bị cắt cụt. / The answer is not a feed's, "
        "or was cut off; the copy stays as it was."
    )
