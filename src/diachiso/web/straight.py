"""The straight way to what is asked thousands of times a second.

FastAPI looks for a route in every router that is included, solves what the endpoint depends on and
sees to what it gives back. An endpoint that reads its whole request by itself (`reading.read`) and
makes the response needs nothing of it: it stands before all others as a plain route of Starlette,
which FastAPI is made of (record 57). The OpenAPI document tells of it as of any other.
"""

from collections.abc import Iterable, Iterator
from inspect import iscoroutinefunction, signature

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import Route


def straight_ways(routers: Iterable[APIRouter]) -> Iterator[Route]:
    """Plain routes to the endpoints that take a request and depend on nothing."""
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute) and _takes_a_request(route):
                yield Route(route.path, route.endpoint, methods=sorted(route.methods or ()))


def _takes_a_request(route: APIRoute) -> bool:
    alone = list(signature(route.endpoint).parameters) == ["request"] and not route.dependencies
    return alone and iscoroutinefunction(route.endpoint)
