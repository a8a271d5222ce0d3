"""The addresses of the map service under /ogc."""

from contextlib import ExitStack

from fastapi import APIRouter, Request, Response

from diachiso.address.errors import NotPublished, QueryError
from diachiso.store.collections import COLLECTIONS
from diachiso.store.pages import StateOfAll, state_of_all
from diachiso.store.published import Collection
from diachiso.web.asking import Books, CurrentBooks
from diachiso.web.ogc import declared, features
from diachiso.web.ogc.asked import item_asked, items_asked, must_be_known
from diachiso.web.ogc.openapi import definition
from diachiso.web.ogc.told import SCHEMA_JSON, Place, Stamp, document, form_of

router = APIRouter(prefix="/ogc", tags=["map clients"], include_in_schema=False)
FORM_ONLY = frozenset({"f"})


def _collection(wanted: str) -> Collection:
    if wanted not in COLLECTIONS:
        raise NotPublished(
            f"Không có bộ dữ liệu {wanted[:80]!r}. / There is no such collection; there are "
            f"{', '.join(COLLECTIONS)}."
        )
    return COLLECTIONS[wanted]


def _state(books: Books) -> StateOfAll:
    with books.glancing() as reader:
        return state_of_all(reader)


def _stamp(request: Request, books: Books) -> Stamp:
    must_be_known(request.query_params, FORM_ONLY)
    return Stamp.of(request, _state(books))


@router.get("")
@router.get("/")
def landing(request: Request, books: CurrentBooks) -> Response:
    """Where everything is."""
    stamp = _stamp(request, books)
    return document(
        request, stamp, lambda: declared.landing(request), "landing.html",
        collections=COLLECTIONS.values(), base=Place.of(request).base,
    )  # fmt: skip


@router.get("/conformance")
def conformance(request: Request, books: CurrentBooks) -> Response:
    """Which parts of which standards hold here."""
    stamp = _stamp(request, books)
    return document(request, stamp, lambda: declared.conformance(request), "conformance.html",
                    base=Place.of(request).base)  # fmt: skip


@router.get("/api")
def api(request: Request, books: CurrentBooks) -> Response:
    """The definition of the map service in OpenAPI 3.0."""
    stamp = _stamp(request, books)
    return document(
        request, stamp, lambda: definition(Place.of(request).base), "api.html",
        declared.OAS30, base=Place.of(request).base,
    )  # fmt: skip


@router.get("/collections")
def collections(request: Request, books: CurrentBooks) -> Response:
    """All collections."""
    stamp = _stamp(request, books)
    return document(
        request, stamp, lambda: declared.collections(request), "collections.html",
        collections=COLLECTIONS.values(), base=Place.of(request).base,
    )  # fmt: skip


@router.get("/collections/{collection_id}")
def collection(request: Request, books: CurrentBooks, collection_id: str) -> Response:
    """One collection."""
    one = _collection(collection_id)
    stamp = _stamp(request, books)
    return document(request, stamp, lambda: declared.collection(request, one), "collection.html",
                    collection=one, base=Place.of(request).base)  # fmt: skip


@router.get("/collections/{collection_id}/queryables")
def queryables(request: Request, books: CurrentBooks, collection_id: str) -> Response:
    """By what a collection may be filtered."""
    one = _collection(collection_id)
    stamp = _stamp(request, books)
    return document(
        request, stamp, lambda: declared.queryables(request, one), "queryables.html",
        SCHEMA_JSON, collection=one, base=Place.of(request).base,
    )  # fmt: skip


@router.get("/collections/{collection_id}/items")
def items(request: Request, books: CurrentBooks, collection_id: str) -> Response:
    """A page of features."""
    one = _collection(collection_id)
    _must_be_said_once(request)
    with ExitStack() as open_until_sent:
        reader = open_until_sent.enter_context(books.reading())
        state = state_of_all(reader)
        asked = items_asked(request.query_params, one, state.now)
        stamp = Stamp.of(request, state)
        if (same := stamp.unchanged(request)) is not None:
            return same
        told = features.Asking(request, reader, one, asked, stamp)
        if form_of(request) == "json":
            return features.items(told, open_until_sent.pop_all())
        return features.items_page(told)


@router.get("/collections/{collection_id}/items/{feature_id}")
def item(request: Request, books: CurrentBooks, collection_id: str, feature_id: str) -> Response:
    """One feature."""
    one = _collection(collection_id)
    _must_be_said_once(request)
    with books.glancing() as reader:  # what is recorded is asked of the moment of the state
        state = state_of_all(reader)
        asked = item_asked(request.query_params, one, feature_id, state.now)
        stamp = Stamp.of(request, state)
        if (same := stamp.unchanged(request)) is not None:
            return same
        return features.item(features.Asking(request, reader, one, asked, stamp))


def _must_be_said_once(request: Request) -> None:
    for name in request.query_params:
        if len(request.query_params.getlist(name)) > 1:
            raise QueryError(f"{name}: chỉ ghi một lần. / is to be given once.")
