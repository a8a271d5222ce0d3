"""The straight way to what is asked thousands of times a second.

FastAPI looks for a route in every router that is included, solves what the endpoint depends on and
sees to what it gives back. An endpoint that reads its whole request by itself (`reading.read`) and
makes the response needs nothing of it: it is found by its path, before all others, and answers
(record 57). What goes wrong is told by the handlers that the app has for it. The OpenAPI document
tells of these endpoints as of any other.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from inspect import iscoroutinefunction, signature

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.routing import APIRoute
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

OF_SERVERS = (500, Exception)
"""What Starlette tells the last, outside of everything."""
Endpoint = Callable[[Request], Awaitable[Response]]


class StraightWays:
    """Answers for the endpoints that take a request and depend on nothing; passes on the others."""

    def __init__(self, app: ASGIApp, routers: Iterable[APIRouter]) -> None:
        self._app = app
        self._ways = dict(_ways(routers))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        http = scope["type"] == "http"
        way = self._ways.get((scope["method"], scope["path"])) if http else None
        if way is None:
            await self._app(scope, receive, send)
            return
        try:
            answer: ASGIApp = await way(Request(scope, receive))
        except Exception as fault:  # noqa: BLE001 (it goes on to who knows what to do with it)
            answer = _told(fault, scope["app"])
        await answer(scope, receive, send)


def _told(fault: Exception, app: FastAPI) -> ASGIApp:
    """The answer to a fault, by the app's own handlers; what none knows goes on, to the log."""

    async def raising(*_: object) -> None:
        raise fault

    known = {what: how for what, how in app.exception_handlers.items() if what not in OF_SERVERS}
    return ExceptionMiddleware(raising, known)


def _ways(routers: Iterable[APIRouter]) -> Iterator[tuple[tuple[str, str], Endpoint]]:
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute) and _takes_a_request(route):
                for method in route.methods or ():
                    yield (method, route.path), route.endpoint


def _takes_a_request(route: APIRoute) -> bool:
    alone = list(signature(route.endpoint).parameters) == ["request"] and not route.dependencies
    return alone and iscoroutinefunction(route.endpoint) and "{" not in route.path
