"""Reads are shared with every site (CORS); writes and whatever needs somebody known are with none.

A page of another site may ask what anybody may ask, without cookies and without a key, and read
what the caller should know of the answer. The two batches are reads that come as POST.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from diachiso.web.headers import Headers, values_of

OPEN = (
    *("/v1/", "/tiles", "/ogc", "/styles", "/glyphs/", "/exports"),
    *("/openapi.json", "/problems", "/healthz"),
)
CLOSED = ("/v1/registry", "/v1/me", "/v1/reports", "/v1/webhooks")
BATCHES = frozenset({"/v1/geocode/batch", "/v1/parse/batch"})
READS = "GET, HEAD, OPTIONS"
EXPOSED = (
    "ETag, Link, Retry-After, Deprecation, Sunset, Content-Crs, Content-Range, Last-Modified, "
    "feed-number, feed-last"
)
ASKED = "content-type, if-none-match, if-modified-since, range"
A_DAY = "86400"

SHARED: list[tuple[bytes, bytes]] = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", EXPOSED.encode()),
]


def is_shared(path: str, method: str) -> bool:
    """May a page of another site ask this?"""
    if path in BATCHES:
        return method == "POST"
    return method in {"GET", "HEAD"} and path.startswith(OPEN) and not path.startswith(CLOSED)


class SharedReads:
    """Adds the headers of CORS, and answers what browsers ask beforehand."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or answer the question of a browser beforehand."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path, method = scope["path"], scope["method"]
        if method == "OPTIONS" and (wanted := _wanted(scope["headers"])):
            await _answer_beforehand(send, shared=is_shared(path, wanted), path=path)
            return
        if not is_shared(path, method):
            await self._app(scope, receive, send)
            return

        async def sharing(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *SHARED]
            await send(message)

        await self._app(scope, receive, sharing)


def _wanted(headers: Headers) -> str:
    """The method that a browser asks for beforehand; empty where it asks for none."""
    told = values_of(headers, b"access-control-request-method")
    return told[0].decode("latin-1") if told else ""


async def _answer_beforehand(send: Send, *, shared: bool, path: str) -> None:
    """204 with what is allowed; without permission the browser asks no further."""
    methods = "POST, OPTIONS" if path in BATCHES else READS
    allowed = {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": methods,
        "access-control-allow-headers": ASKED,
        "access-control-max-age": A_DAY,
    }
    headers = [(name.encode(), value.encode()) for name, value in allowed.items()]
    await send({"type": "http.response.start", "status": 204, "headers": headers if shared else []})
    await send({"type": "http.response.body", "body": b""})
