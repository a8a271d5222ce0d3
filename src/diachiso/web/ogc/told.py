"""How answers of the map service are given: JSON or HTML, links, tags, the day of last change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response

from diachiso.address.errors import QueryError
from diachiso.address.today import VIETNAM, today
from diachiso.store.pages import StateOfAll
from diachiso.web import wire
from diachiso.web.asking import ASK_AGAIN, tag_of, unchanged
from diachiso.web.page import ONLY_OURSELVES, templates

JSON, HTML, GEOJSON = "application/json", "text/html", wire.GEOJSON
SCHEMA_JSON = "application/schema+json"
QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
FORMS = ("json", "html")
SETTLED = timedelta(seconds=2)
"""A second may hold two changes: what was changed within the last one has no day of change yet."""
VARY = "Accept, Accept-Encoding"


def form_of(request: Request) -> str:
    """Json or html: by `f`, else by what the client likes best (RFC 9110, 12.5.1).

    Raises:
        QueryError: `f` is neither.
    """
    if (told := request.query_params.get("f")) is not None:
        if told not in FORMS:
            raise QueryError(f"f={told!r}: có json, html. / there are json and html.")
        return told
    liked = sorted(map(_liking, request.headers.get("accept", "*/*").split(",")), reverse=True)
    html = next((-n for n, (_, kind) in enumerate(liked) if kind == HTML), -len(liked))
    rest = next((-n for n, (_, kind) in enumerate(liked) if kind != HTML), -len(liked))
    return "html" if html > rest else "json"


def _liking(part: str) -> tuple[float, str]:
    kind, *parameters = (word.strip() for word in part.split(";"))
    weight = next((word[2:] for word in parameters if word.startswith("q=")), "1")
    try:
        return float(weight), kind
    except ValueError:
        return 0.0, kind


@dataclass(frozen=True, slots=True)
class Place:
    """Where the service stands, and how links within it are made."""

    base: str

    @classmethod
    def of(cls, request: Request) -> "Place":
        """The place that the client knows the service by."""
        return cls(f"{str(request.base_url).rstrip('/')}/ogc")

    def url(self, path: str = "", query: Mapping[str, str] | None = None) -> str:
        """An address within the service."""
        return f"{self.base}{path}" + (f"?{urlencode(query)}" if query else "")

    def link(
        self,
        relation: str,
        path: str,
        kind: str,
        title: str,
        query: Mapping[str, str] | None = None,
    ) -> dict[str, str]:
        """A link as OGC API has it."""
        href = self.url(path, query)
        return {"href": href, "rel": relation, "type": kind, "title": title}

    def both(
        self, request: Request, path: str, title: str, json: str = JSON, html: str = HTML
    ) -> list[dict[str, str]]:
        """This document, and the same in the other form."""
        query = {key: value for key, value in request.query_params.items() if key != "f"}
        form = form_of(request)
        kinds = {"json": json, "html": html}
        return [
            self.link(
                "self" if one == form else "alternate",
                path,
                kinds[one],
                f"{title} ({one.upper()})",
                {**query, "f": one},
            )
            for one in (form, *(other for other in FORMS if other != form))
        ]


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a client may keep an answer by: its tag, and when what it tells was last changed."""

    tag: str
    changed: datetime

    @classmethod
    def of(cls, request: Request, state: StateOfAll, *parts: object) -> "Stamp":
        """The stamp of an answer that depends on the state of all, its own address, and today."""
        query = sorted(request.query_params.items())
        where = (request.url.path, query, form_of(request), str(request.base_url))
        tag = tag_of(where, state.edition, state.change, state.land, today(), parts)
        midnight = datetime.combine(today(), time(), VIETNAM)
        return cls(tag, max(state.at, midnight).astimezone(UTC))

    def unchanged(self, request: Request) -> Response | None:
        """304 where the client has the answer already."""
        if "if-none-match" in request.headers:
            answer = unchanged(request, self.tag)
        else:
            answer = Response(status_code=304) if self._is_as_old(request) else None
        if answer is not None:
            answer.headers.update(self.headers)
        return answer

    def _is_as_old(self, request: Request) -> bool:
        """Has nothing changed since the day that the client names?"""
        try:
            since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
        except ValueError:
            return False
        settled = datetime.now(UTC) - self.changed > SETTLED
        return settled and since.tzinfo is not None and self.changed.replace(microsecond=0) <= since

    @property
    def headers(self) -> dict[str, str]:
        """The headers that say so."""
        return {
            "etag": self.tag,
            "last-modified": format_datetime(self.changed.replace(microsecond=0), usegmt=True),
            "cache-control": ASK_AGAIN,
            "vary": VARY,
        }


def document(
    request: Request,
    stamp: Stamp,
    body: Callable[[], wire.Json],
    template: str,
    kind: str = JSON,
    **more: Any,  # noqa: ANN401 (for the template)
) -> Response:
    """A document in the form that the client likes, or 304."""
    if (same := stamp.unchanged(request)) is not None:
        return same
    if form_of(request) == "json":
        return Response(wire.dumps(body()), media_type=kind, headers=stamp.headers)
    return page(request, stamp, template, told=body(), **more)


def page(request: Request, stamp: Stamp, template: str, **shown: Any) -> Response:  # noqa: ANN401
    """A page for people."""
    headers = {**ONLY_OURSELVES, **stamp.headers}
    return templates.TemplateResponse(request, f"ogc/{template}", shown, headers=headers)
