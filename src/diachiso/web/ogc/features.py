"""Features as they travel: a page streamed as PostGIS makes it, one feature, pages for people."""

from collections.abc import Iterator
from typing import Any

import orjson
from fastapi import Request, Response

from diachiso.address.errors import NotPublished
from diachiso.store.engine import Reader
from diachiso.store.pages import Asked, Told, feature, page as page_of
from diachiso.store.published import Collection
from diachiso.web import wire
from diachiso.web.asking import Books
from diachiso.web.ogc.asked import token
from diachiso.web.ogc.told import (
    GEOJSON,
    HTML,
    JSON,
    QUERYABLES,
    SCHEMA_JSON,
    Place,
    Stamp,
    form_of,
    page,
)
from diachiso.web.streamed import Streamed, to_its_end

CHUNK = 1 << 18
"""Bytes that are sent at once; what is shorter in all goes out whole, with its length."""


def told(one: Told) -> wire.Json:
    """A feature; its geometry and properties pass through as PostGIS wrote them."""
    return {
        "type": "Feature",
        "id": one.id,
        "geometry": orjson.Fragment(one.geometry) if one.geometry else None,
        "properties": orjson.Fragment(one.properties),
    }


class Page:
    """The features of a page, read one after another; whether more follow is known at the end."""

    def __init__(self, reader: Reader, collection: Collection, asked: Asked) -> None:
        self._found = page_of(reader, collection, asked)
        self._asked = asked
        self.many = 0
        self.last: Told | None = None
        self.has_next = False

    def __iter__(self) -> Iterator[Told]:
        with to_its_end(self._found) as found:
            for one in found:
                if self.many == self._asked.most:
                    self.has_next = True  # there is one more than is told, and none after it
                else:
                    self.many += 1
                    self.last = one
                    yield one

    def links(self, request: Request, path: str, title: str) -> list[dict[str, str]]:
        """This page, the same in the other form, and the next one."""
        place = Place.of(request)
        links = [
            *place.both(request, path, title, json=GEOJSON),
            place.link("collection", path.removesuffix("/items"), JSON, title),
        ]
        if self.has_next and self.last is not None:
            query = {**request.query_params, "after": token(self._asked.moment, self.last.place)}
            kind = GEOJSON if form_of(request) == "json" else HTML
            links.append(place.link("next", path, kind, "Trang sau / next page", query))
        return links


def items(
    request: Request, books: Books, collection: Collection, asked: Asked, stamp: Stamp
) -> Response:
    """A page as GeoJSON: whole where it is short, else in chunks as it is read."""
    chunks = _chunks(request, books, collection, asked)
    first = next(chunks)
    headers = {**stamp.headers, **_headers(request, collection, asked)}
    if (second := next(chunks, None)) is None:
        return Response(first, media_type=GEOJSON, headers=headers)
    return Streamed(chunks, GEOJSON, headers, begun=(first, second))


def _chunks(
    request: Request, books: Books, collection: Collection, asked: Asked
) -> Iterator[bytes]:
    kept, size = [b'{"type":"FeatureCollection","features":['], 0
    with books.reading() as reader:
        found = Page(reader, collection, asked)
        with to_its_end(iter(found)) as features:
            for one in features:
                part = orjson.dumps(told(one))
                kept.append(part if found.many == 1 else b"," + part)
                size += len(part)
                if size >= CHUNK:
                    yield b"".join(kept)
                    kept, size = [], 0
    links = found.links(request, f"/collections/{collection.id}/items", collection.vi)
    rest = {"links": links, "numberReturned": found.many, "timeStamp": asked.moment}
    if not found.has_next and asked.after is None:
        rest["numberMatched"] = found.many
    yield b"".join((*kept, b"],", orjson.dumps(rest)[1:]))


def items_page(
    request: Request, books: Books, collection: Collection, asked: Asked, stamp: Stamp
) -> Response:
    """A page of features for people: a table."""
    with books.reading() as reader:
        found = Page(reader, collection, asked)
        rows = [_row(one) for one in found]
    path = f"/collections/{collection.id}/items"
    links = {one["rel"]: one["href"] for one in found.links(request, path, collection.vi)}
    shown = [
        one for one in collection.attributes
        if asked.properties is None or one.name in asked.properties
    ]  # fmt: skip
    answer = page(
        request,
        stamp,
        "items.html",
        collection=collection,
        attributes=shown,
        rows=rows,
        links=links,
        base=Place.of(request).base,
    )
    answer.headers.update(_headers(request, collection, asked))
    return answer


def _headers(request: Request, collection: Collection, asked: Asked) -> dict[str, str]:
    """The system of the geometries, and by what may be filtered (19-079r2, get-queryables-uris)."""
    queryables = Place.of(request).url(f"/collections/{collection.id}/queryables")
    return {
        "content-crs": f"<{asked.system.uri}>",
        "link": f'<{queryables}>; rel="{QUERYABLES}"; type="{SCHEMA_JSON}"',
    }


def _row(one: Told) -> dict[str, Any]:
    return {"id": one.id, "properties": orjson.loads(one.properties)}


def item(
    request: Request, books: Books, collection: Collection, asked: Asked, stamp: Stamp
) -> Response:
    """One feature, as GeoJSON or as a page.

    Raises:
        NotPublished: there is none of this id then.
    """
    if (same := stamp.unchanged(request)) is not None:
        return same
    with books.reading() as reader:
        found = feature(reader, collection, asked)
    if found is None:
        raise NotPublished(
            f"{collection.id}: không có {asked.id!r} vào lúc này. / there is none of this id at "
            "this time; `datetime` asks for another one."
        )
    path = f"/collections/{collection.id}/items/{found.id}"
    place = Place.of(request)
    links = [
        *place.both(request, path, str(found.id), json=GEOJSON),
        place.link("collection", f"/collections/{collection.id}", JSON, collection.vi),
    ]
    headers = {"content-crs": f"<{asked.system.uri}>"}
    if form_of(request) == "json":
        body = orjson.dumps(told(found) | {"links": links})
        return Response(body, media_type=GEOJSON, headers=headers | stamp.headers)
    shape = orjson.loads(found.geometry) if found.geometry else None
    answer = page(
        request, stamp, "item.html", collection=collection, row=_row(found), shape=shape,
        links={one["rel"]: one["href"] for one in links}, base=place.base,
    )  # fmt: skip
    answer.headers.update(headers)
    return answer
