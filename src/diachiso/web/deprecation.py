"""ONE table: what is deprecated, since when, until when, and what takes its place.

Whoever asks for such a thing is told so by the headers of the answer (Deprecation, RFC 9745;
Sunset, RFC 8594; Link), by `deprecated` in the OpenAPI document, and on the page /developers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

WHERE = "/developers#deprecated"
LEAST_NOTICE_DAYS = 365
"""So long something goes on working, at least, from the day on which it is deprecated."""


@dataclass(frozen=True, slots=True)
class Deprecated:
    """A path (all below it too), or one query parameter of it, that will go."""

    path: str
    since: date
    sunset: date
    successor: str
    why_vi: str
    why_en: str
    parameter: str | None = None

    def is_asked_by(self, path: str, query: str) -> bool:
        """Does a request ask for it?"""
        is_here = path == self.path or path.startswith(f"{self.path.rstrip('/')}/")
        return is_here and (self.parameter is None or self.parameter in parse_qs(query, True))

    def headers(self) -> list[tuple[bytes, bytes]]:
        """What the answer says of it."""
        begins = datetime.combine(self.since, time(), UTC)
        ends = datetime.combine(self.sunset, time(), UTC)
        told = {
            "deprecation": f"@{int(begins.timestamp())}",
            "sunset": format_datetime(ends, usegmt=True),
            "link": f'<{WHERE}>; rel="deprecation"; type="text/html", '
            f'<{self.successor}>; rel="successor-version"',
        }
        return [(name.encode(), value.encode()) for name, value in told.items()]


DEPRECATED: tuple[Deprecated, ...] = ()
"""Nothing is deprecated yet. An entry stays here until its sunset, then the thing and it go."""


class Deprecations:
    """Tells whoever asks for something deprecated that it is."""

    def __init__(self, app: ASGIApp, table: Sequence[Deprecated] = DEPRECATED) -> None:
        self._app, self._table = app, table

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with the headers of what is asked for."""
        if scope["type"] != "http" or not (told := self._told(scope)):
            await self._app(scope, receive, send)
            return

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *told.headers()]
            await send(message)

        await self._app(scope, receive, telling)

    def _told(self, scope: Scope) -> Deprecated | None:
        if not self._table:
            return None
        query = scope["query_string"].decode("latin-1")
        return next((one for one in self._table if one.is_asked_by(scope["path"], query)), None)
