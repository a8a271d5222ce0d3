"""The pages for developers: the guide, in either language, and the kinds of problems."""

from enum import StrEnum
from functools import lru_cache
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from diachiso.address.today import today
from diachiso.geocode.query import MOST_ANSWERS
from diachiso.store.history import edition_of
from diachiso.web.asking import Books, CurrentBooks
from diachiso.web.changes import MOST as MOST_CHANGES
from diachiso.web.deprecation import DEPRECATED, LEAST_NOTICE_DAYS
from diachiso.web.examples import Sample
from diachiso.web.geocoding import MOST_IN_A_BATCH
from diachiso.web.meanings import kinds
from diachiso.web.openapi import sample
from diachiso.web.page import ONLY_OURSELVES, templates

router = APIRouter(include_in_schema=False)


class Language(StrEnum):
    """The languages of the guide."""

    VIETNAMESE = "vi"
    ENGLISH = "en"


@router.get("/developers", response_class=HTMLResponse)
def developers_page(
    request: Request,
    books: CurrentBooks,
    lang: Annotated[Language, Query()] = Language.VIETNAMESE,
) -> HTMLResponse:
    """How to use the interface, with calls that run on this very registry."""
    settings = request.app.state.settings
    with books.reading() as reader:
        edition = edition_of(reader)
    told = {
        "lang": lang,
        "base": (settings.public_url or str(request.base_url)).rstrip("/"),
        "it": _sample(books, edition),
        "today": today(),
        "most_texts": MOST_IN_A_BATCH,
        "most_answers": MOST_ANSWERS,
        "most_changes": MOST_CHANGES,
        "public_quota": settings.public_quota,
        "report_quota": settings.report_quota,
        "deprecated": DEPRECATED,
        "notice_days": LEAST_NOTICE_DAYS,
    }
    return templates.TemplateResponse(request, "developers.html", told, headers=ONLY_OURSELVES)


@lru_cache(maxsize=4)
def _sample(books: Books, edition: int) -> Sample:
    del edition  # a change may have retired the address
    with books.reading() as reader:
        return sample(reader, books)


@router.get("/problems", response_class=HTMLResponse)
def problems_page(request: Request) -> HTMLResponse:
    """Every kind of problem, with its status and what it means."""
    return templates.TemplateResponse(
        request, "problems.html", {"kinds": list(kinds())}, headers=ONLY_OURSELVES
    )
