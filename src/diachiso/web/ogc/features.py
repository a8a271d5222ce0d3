"""Features as they travel: a page streamed as PostGIS makes it, one feature, pages for people."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import Request, Response

from diachiso.address.errors import NotPublished
from diachiso.store.engine import Reader
from diachiso.store.pages import Asked, Told, feature, page as page_of
from diachiso.store.published import Collection
from diachiso.web import wire
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


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks what of a collection, and the transaction in which it is read."""

    request: Request
    reader: Reader
    collection: Collection
    asked: Asked
    stamp: Stamp

    @property
    def headers(self) -> dict[str, str]:
        """Stamp, system of geometries, by what may be filtered (19-079r2, get-queryables-uris)."""
        queryables = Place.of(self.request).url(f"/collections/{self.collection.id}/queryables")
        return {
            **self.stamp.headers,
            "content-crs": f"<{self.asked.system.uri}>",
            "link": f'<{queryables}>; rel="{QUERYABLES}"; type="{SCHEMA_JSON}"',
        }

    @property
    def path(self) -> str:
        """Where the features of the collection are."""
        return f"/collections/{self.collection.id}/items"


class Page:
    """The features of a page, read one after another; whether more follow is known at the end."""

    def __init__(self, asking: Asking) -> None:
        self._found = page_of(asking.reader, asking.collection, asking.asked)
        self._asking = asking
        self._read = 0
        self.many = 0
        self.last: Told | None = None
        self.has_next = False

    def __iter__(self) -> Iterator[Told]:
        with to_its_end(self._found) as found:
            for one in found:
                if self._read == self._asking.asked.most:
                    self.has_next = True  # there is one more than is told, and none after it
                    continue
                self._read += 1
                self.last = one
                if one.id is not None:  # without a code an address is not told
                    self.many += 1
                    yield one

    def links(self) -> list[dict[str, str]]:
        """This page, the same in the other form, and the next one."""
        request, path, title = self._asking.request, self._asking.path, self._asking.collection.vi
        place = Place.of(request)
        links = [
            *place.both(request, path, title, json=GEOJSON),
            place.link("collection", path.removesuffix("/items"), JSON, title),
        ]
        if self.has_next and self.last is not None:
            after = token(self._asking.asked.moment, self.last.place)
            query = {**request.query_params, "after": after}
            kind = GEOJSON if form_of(request) == "json" else HTML
            links.append(place.link("next", path, kind, "Trang sau / next page", query))
        return links


def items(asking: Asking, open_until_sent: ExitStack) -> Response:
    """A page as GeoJSON: whole where it is short, else in chunks as it is read."""
    chunks = _chunks(asking, open_until_sent)
    first = next(chunks)
    if (second := next(chunks, None)) is None:
        return Response(first, media_type=GEOJSON, headers=asking.headers)
    return Streamed(chunks, GEOJSON, asking.headers, begun=(first, second))


def _chunks(asking: Asking, open_until_sent: ExitStack) -> Iterator[bytes]:
    kept, size = [b'{"type":"FeatureCollection","features":['], 0
    with open_until_sent:
        found = Page(asking)
        with to_its_end(iter(found)) as features:
            for one in features:
                part = orjson.dumps(told(one))
                kept.append(part if found.many == 1 else b"," + part)
                size += len(part)
                if size >= CHUNK:
                    yield b"".join(kept)
                    kept, size = [], 0
    asked = asking.asked
    rest = {"links": found.links(), "numberReturned": found.many, "timeStamp": asked.moment}
    if not found.has_next and asked.after is None:
        rest["numberMatched"] = found.many
    yield b"".join((*kept, b"],", orjson.dumps(rest)[1:]))


def items_page(asking: Asking) -> Response:
    """A page of features for people: a table."""
    found, chosen = Page(asking), asking.asked.properties
    rows = [_row(one) for one in found]
    attributes = asking.collection.attributes
    answer = page(
        asking.request,
        asking.stamp,
        "items.html",
        collection=asking.collection,
        attributes=[one for one in attributes if chosen is None or one.name in chosen],
        rows=rows,
        links={one["rel"]: one["href"] for one in found.links()},
        base=Place.of(asking.request).base,
    )
    answer.headers.update(asking.headers)
    return answer


def _row(one: Told) -> dict[str, Any]:
    return {"id": one.id, "properties": orjson.loads(one.properties)}


def item(asking: Asking) -> Response:
    """One feature, as GeoJSON or as a page.

    Raises:
        NotPublished: there is none of this id then.
    """
    request, collection = asking.request, asking.collection
    found = feature(asking.reader, collection, asking.asked)
    if found is None:
        raise NotPublished(
            f"{collection.id}: không có {asking.asked.id!r} vào lúc này. / there is none of this "
            "id at this time; `datetime` asks for another one."
        )
    path = f"{asking.path}/{found.id}"
    place = Place.of(request)
    links = [
        *place.both(request, path, str(found.id), json=GEOJSON),
        place.link("collection", f"/collections/{collection.id}", JSON, collection.vi),
    ]
    if form_of(request) == "json":
        body = orjson.dumps(told(found) | {"links": links})
        return Response(body, media_type=GEOJSON, headers=asking.headers)
    shape = orjson.loads(found.geometry) if found.geometry else None
    answer = page(
        request, asking.stamp, "item.html", collection=collection, row=_row(found), shape=shape,
        links={one["rel"]: one["href"] for one in links}, base=place.base,
    )  # fmt: skip
    answer.headers.update(asking.headers)
    return answer
