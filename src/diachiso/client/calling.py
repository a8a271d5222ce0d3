"""One call with patience: what may pass is tried again, what is wrong is told at once."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Any

import httpx2

PASSING = frozenset({429, 502, 503, 504})
"""Too much asked, or a service that restarts: it may go better in a while."""
NEVER_ARRIVED = (httpx2.ConnectError, httpx2.ConnectTimeout)


class CallFailed(Exception):
    """The root of what this client raises."""


class Unreachable(CallFailed):
    """No answer came, however often it was asked."""


class Broken(CallFailed):
    """What came is not an answer of the registry, or not whole."""


class Problem(CallFailed):
    """The registry says what is wrong (RFC 9457). `kind` never changes; sentences may."""

    def __init__(self, status: int, told: Mapping[str, Any]) -> None:
        super().__init__(told.get("detail") or told.get("title") or f"HTTP {status}")
        self.status = status
        self.told = MappingProxyType(dict(told))

    @property
    def kind(self) -> str:
        """UnknownCode, TooMany, …: what the page /problems explains."""
        return str(self.told.get("type", "")).rpartition("#")[2]


@dataclass(frozen=True, slots=True)
class Patience:
    """How often to try again, and how long to wait in between, in seconds.

    What the registry asks for by Retry-After is waited for; more than `longest` is not, and its
    problem is raised at once.
    """

    times: int = 5
    first: float = 0.5
    longest: float = 60.0

    def wait(self, tried: int, asked: float | None, chance: float) -> float | None:
        """How long to wait after so many tries; None: no longer."""
        if tried >= self.times or (asked is not None and asked > self.longest):
            return None
        if asked is not None:
            return asked
        most = min(self.longest, self.first * float(2**tried))
        return most / 2 + most / 2 * chance


@dataclass(frozen=True, slots=True)
class Caller:
    """Calls one registry. `sleep` and `chance` are arguments, so that tests need not wait."""

    http: httpx2.Client
    patience: Patience = Patience()
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random

    def json(self, method: str, path: str, *, once: bool = False, **sent: Any) -> Any:  # noqa: ANN401 (JSON)
        """The JSON of a good answer. `once`: a write, tried again only if it never arrived.

        Raises:
            Problem: the registry refuses.
            Unreachable: it does not answer.
            Broken: its answer is not JSON.
        """
        answer = self.answer(method, path, once=once, **sent)
        try:
            return answer.json()
        except ValueError as fault:
            raise Broken(f"{path}: not JSON") from fault

    def answer(self, method: str, path: str, *, once: bool = False, **sent: Any) -> httpx2.Response:  # noqa: ANN401 (httpx2's own)
        """A good answer, after as many tries as patience allows."""
        tried = 0
        while True:
            answer, fault = self._try(method, path, sent)
            if answer is not None and answer.is_success:
                return answer
            wait = None
            if self._may_pass(answer, fault, once=once):
                asked = asked_to_wait(answer) if answer is not None else None
                wait = self.patience.wait(tried, asked, self.chance())
            if wait is None:
                raise told(path, answer, fault)
            self.sleep(wait)
            tried += 1

    def _try(
        self, method: str, path: str, sent: Mapping[str, Any]
    ) -> tuple[httpx2.Response | None, httpx2.TransportError | None]:
        try:
            return self.http.request(method, path, **sent), None
        except httpx2.TransportError as fault:
            return None, fault

    def _may_pass(
        self, answer: httpx2.Response | None, fault: Exception | None, *, once: bool
    ) -> bool:
        if answer is None:
            return not once or isinstance(fault, NEVER_ARRIVED)
        return answer.status_code in PASSING and (not once or answer.status_code == 429)  # noqa: PLR2004


def asked_to_wait(answer: httpx2.Response) -> float | None:
    """The seconds of Retry-After, which may be a number or a date (RFC 9110, 10.2.3)."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    try:
        then = parsedate_to_datetime(text)
    except ValueError:
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return max(0.0, (then - datetime.now(UTC)).total_seconds())


def told(path: str, answer: httpx2.Response | None, fault: Exception | None) -> CallFailed:
    """What went wrong, as one of ours."""
    if answer is None:
        return Unreachable(f"{path}: {fault}")
    try:
        body = answer.json()
    except ValueError:
        body = None
    return Problem(answer.status_code, body if isinstance(body, dict) else {})
