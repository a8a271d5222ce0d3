"""HEAD and OPTIONS of everything (RFC 9110, 9.3.2, 9.3.7); `Allow` where a method is refused.

HEAD is answered as GET is, by the same endpoint, up to the first byte of the body: so the headers
are those of GET, whatever makes them, and nothing that would follow is read.
"""

from fastapi import FastAPI, Request
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
ONLY_OF_GET = b"range"
"""A part of the body is asked for by GET alone (RFC 9110, 14.2)."""


class _HeardEnough(Exception):
    """The headers are sent, and they are all that was asked for."""


class HeadAsGet:
    """Answers HEAD as GET would be, without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; of a HEAD, as a GET whose body nobody hears."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        headers = [one for one in scope["headers"] if one[0] != ONLY_OF_GET]

        async def headers_only(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                return
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            if message.get("more_body", False):
                raise _HeardEnough

        try:
            await self._app({**scope, "method": "GET", "headers": headers}, receive, headers_only)
        except _HeardEnough:
            return


def allowed_at(request: Request) -> str:
    """The methods that a path takes, as `Allow` has them; empty: there is no such path."""
    app: FastAPI = request.app
    scope = {**request.scope, "root_path": request.scope.get("app_root_path", "")}
    taken = {one for one in METHODS if any(_takes(route, scope, one) for route in app.routes)}
    if not taken:
        return ""
    more = {"HEAD", "OPTIONS"} if "GET" in taken else {"OPTIONS"}
    return ", ".join(sorted(taken | more))


def _takes(route: BaseRoute, scope: Scope, method: str) -> bool:
    if isinstance(route, Mount) and method != "GET":
        return False  # what is mounted are files
    return route.matches({**scope, "method": method})[0] is Match.FULL
