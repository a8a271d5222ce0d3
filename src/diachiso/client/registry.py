"""The client: one method for each thing that anybody may ask of the registry."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import islice
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx2

from diachiso.client.answers import (
    Address,
    Answer,
    Change,
    Counterpart,
    Found,
    Parts,
    Receipt,
    ReportTold,
    Result,
    Standing,
    Suggestion,
)
from diachiso.client.calling import Broken, Caller, Patience, Unreachable, told

MOST_IN_A_BATCH = 1_000
MOST_CHANGES = 5_000
Text = str | tuple[str, str]
"""A text, or an id of one's own and a text."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that is public at a number, to be read once; then follow `changes(since=number)`."""

    number: int
    entries: Iterator[Standing]


class Client:
    """A registry at a URL; `key` is needed for a quota of one's own alone.

    What may pass (a transport that breaks, 429, 502 to 504) is tried again with `patience`.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        batch: int = 500,
        patience: Patience | None = None,
        timeout: float = 60.0,
        http: httpx2.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`http` takes the place of a client of our own, in tests or behind a proxy."""
        if not 1 <= batch <= MOST_IN_A_BATCH:
            raise ValueError(f"batch: 1 to {MOST_IN_A_BATCH}")
        headers = {"authorization": f"Bearer {key}"} if key else {}
        self._http = http or httpx2.Client(base_url=url, headers=headers, timeout=timeout)
        self._call = Caller(self._http, patience or Patience(), sleep)
        self._batch = batch

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    # -- looking up ------------------------------------------------------------------------------

    def find(self, text: str, *, as_of: date | None = None, limit: int = 8) -> Found:
        """Whatever a person writes: code, Vpostcode, Plus Code, coordinates or address."""
        return Found.of(self._get("/v1/find", q=text, as_of=as_of, limit=limit))

    def geocode(
        self,
        text: str,
        *,
        as_of: date | None = None,
        limit: int = 5,
        near: tuple[float, float] | None = None,
    ) -> tuple[Answer, ...]:
        """Places that a text may mean, the likeliest first; `near` is (longitude, latitude)."""
        point = f"{near[0]},{near[1]}" if near else None
        found = self._get("/v1/geocode", q=text, as_of=as_of, limit=limit, near=point)
        return tuple(map(Answer.of, found["features"]))

    def geocode_many(self, texts: Iterable[Text], *, limit: int = 1) -> Iterator[Result]:
        """The same for any number of texts, a batch at a time; results come in their order.

        Texts without an id of their own are numbered from 0.
        """
        return self._many("/v1/geocode/batch", texts, Result.of, {"limit": limit})

    def parse_many(self, texts: Iterable[Text]) -> Iterator[Parts]:
        """The parts that each text names, a batch at a time, in their order."""
        return self._many("/v1/parse/batch", texts, Parts.of, {})

    def autocomplete(
        self, text: str, *, caret: int | None = None, limit: int = 8
    ) -> tuple[Suggestion, ...]:
        """How the field at the caret may go on."""
        found = self._get("/v1/autocomplete", q=text, caret=caret, limit=limit)
        return tuple(map(Suggestion.of, found["suggestions"]))

    def address(self, code: str, *, as_of: date | None = None) -> Address:
        """The address of a code.

        Raises:
            Problem: `UnknownCode`, `RetiredCode` or `MalformedCode`.
        """
        return Address.of(self._get(f"/v1/addresses/{_quoted(code)}", as_of=as_of))

    def reverse(self, lon: float, lat: float, *, as_of: date | None = None) -> tuple[Address, ...]:
        """What lies at a point: recorded addresses within 50 m, and last the ward."""
        found = self._get("/v1/reverse", lon=lon, lat=lat, as_of=as_of)
        return tuple(map(Address.of, found["features"]))

    def convert(
        self, code: str, *, to: str = "today", level: str = "ward"
    ) -> tuple[Counterpart, ...]:
        """The counterparts of a unit across July 2025: `to` is today or former."""
        found = self._get("/v1/convert", code=code, to=to, level=level)
        return tuple(map(Counterpart.of, found["to"]))

    # -- following -------------------------------------------------------------------------------

    def changes(
        self, since: int, *, unit: str | None = None, page: int = 1_000
    ) -> Iterator[Change]:
        """Every change after a number, page by page, until there are no more."""
        while True:
            found = self._get("/v1/changes", since=since, unit=unit, limit=min(page, MOST_CHANGES))
            yield from map(Change.of, found["changes"])
            if found["next"] == since:
                return
            since = found["next"]

    @contextmanager
    def snapshot(self, *, unit: str | None = None) -> Iterator[Snapshot]:
        """All that is public as it stands at a number, streamed.

        Raises:
            Broken: it was cut off; found out at its end.
            Problem, Unreachable: it was refused, or did not come.
        """
        try:
            with self._http.stream("GET", "/v1/snapshot", params=_said(unit=unit)) as answer:
                if not answer.is_success:
                    answer.read()
                    raise told("/v1/snapshot", answer, None)
                lines = map(json.loads, filter(None, answer.iter_lines()))
                head: dict[str, Any] = next(lines, {})
                if "snapshot" not in head:
                    raise Broken("snapshot: no number at its head")
                yield Snapshot(head["snapshot"], _whole(lines))
        except httpx2.TransportError as fault:
            raise Unreachable(f"/v1/snapshot: {fault}") from fault

    # -- reporting -------------------------------------------------------------------------------

    def report(self, wrong: str, **details: Any) -> Receipt:  # noqa: ANN401 (fields of a form)
        """Say that an address is wrong: `code` or `point`, `proposed`, `note`. Sent once."""
        body = {"wrong": wrong, **details}
        it = self._call.json("POST", "/v1/reports", once=True, json=body)
        return Receipt(it["token"], it["where"], it["ward"], it.get("masked"))

    def report_told(self, token: str) -> ReportTold:
        """What became of a report."""
        it = self._get(f"/v1/reports/{_quoted(token)}")
        return ReportTold(it["number"], it["wrong"], it["state"], it["reason"], it["code"])

    # -- how -------------------------------------------------------------------------------------

    def _get(self, path: str, **asked: object) -> Any:  # noqa: ANN401 (JSON)
        return self._call.json("GET", path, params=_said(**asked))

    def _many(
        self,
        path: str,
        texts: Iterable[Text],
        read: Callable[[Mapping[str, Any]], T],
        more: Mapping[str, Any],
    ) -> Iterator[T]:
        numbered = (
            {"id": str(at), "q": one} if isinstance(one, str) else {"id": one[0], "q": one[1]}
            for at, one in enumerate(texts)
        )
        while queries := list(islice(numbered, self._batch)):
            found = self._call.json("POST", path, json={"queries": queries, **more})
            if len(found["results"]) != len(queries):
                raise Broken(f"{path}: {len(found['results'])} results for {len(queries)} texts")
            yield from map(read, found["results"])


def _said(**asked: object) -> dict[str, str]:
    """The parameters that are given; days as YYYY-MM-DD."""
    return {name: str(value) for name, value in asked.items() if value is not None}


def _quoted(part: str) -> str:
    return quote(part, safe="")


def _whole(lines: Iterator[Any]) -> Iterator[Standing]:
    """The entries; the last line says how many there were."""
    for count, one in enumerate(lines):
        if "end" not in one:
            yield Standing.of(one)
        elif one["count"] == count:
            return
        else:
            raise Broken(f"snapshot: {count} entries of {one['count']}")
    raise Broken("snapshot: cut off before its last line")
