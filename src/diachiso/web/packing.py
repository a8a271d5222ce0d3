"""Answers are packed for whoever takes that; Starlette's middleware does it.

Every other caller goes past it, and is told that the answer depends on what he takes (RFC 9110,
12.5.5); it tells the others, where it packs.
"""

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Message, Receive, Scope, Send

from diachiso.web.headers import Headers, values_of

VARY = (b"vary", b"Accept-Encoding")


class Packing(GZipMiddleware):
    """gzip, where the caller takes it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pack, or pass on."""
        if scope["type"] != "http" or _takes_gzip(scope):
            await super().__call__(scope, receive, send)
            return

        async def varying(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.get("headers", ())
                if not _names(headers, b"vary", b"accept-encoding"):
                    message["headers"] = [*headers, VARY]
            await send(message)

        await self.app(scope, receive, varying)


def _takes_gzip(scope: Scope) -> bool:
    return _names(scope["headers"], b"accept-encoding", b"gzip")


def _names(headers: Headers, name: bytes, what: bytes) -> bool:
    """Is it named in a header of that name?"""
    return any(what in value.lower() for value in values_of(headers, name))
