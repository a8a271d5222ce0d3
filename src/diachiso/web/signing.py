"""Signing in and out, and changing one's password: pages that work without a script."""

from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from diachiso.address.errors import (
    ActError,
    DiachisoError,
    NotSignedIn,
    ProviderFault,
    TooMany,
    WeakPassword,
)
from diachiso.registry.officer import SPOKEN
from diachiso.store.accounts import (
    SESSION,
    begin_session,
    change_password,
    end_session,
    officer_by_password,
    officer_by_subject,
)
from diachiso.store.engine import transaction
from diachiso.store.passwords import SHORTEST
from diachiso.web import told
from diachiso.web.access import COOKIE, Caller, Form, host_of, known_caller, must_be_ours, quotas_of
from diachiso.web.asking import Books
from diachiso.web.page import ONLY_OURSELVES, templates
from diachiso.web.problems import status_of
from diachiso.web.provider import Errand, Provider

router = APIRouter(include_in_schema=False)
me = APIRouter(prefix="/v1", tags=["registry"])

ERRAND = "diachiso_errand"
ERRAND_S = 600
HEADERS = {**ONLY_OURSELVES, "cache-control": "no-store"}
SEE_OTHER = 303
Onward = Annotated[str, Query(alias="next", max_length=500)]
Known = Annotated[Caller | None, Depends(known_caller)]


def _local(path: str) -> str:
    """A path of this service: nobody is sent elsewhere by a link to the sign-in page."""
    parts = urlsplit(path)
    ours = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if ours and not parts.netloc and "\\" not in path else "/"


def _page(request: Request, name: str, fault: DiachisoError | None = None, **more: Any) -> Response:  # noqa: ANN401
    answer = templates.TemplateResponse(
        request,
        name,
        {"fault": fault, "shortest": SHORTEST, "provider": _provider(request), **more},
        status_code=status_of(fault) if fault else 200,
        headers=HEADERS,
    )
    if isinstance(fault, TooMany):
        answer.headers["retry-after"] = str(fault.particulars["retry_after"])
    return answer


def _provider(request: Request) -> Provider | None:
    provider: Provider | None = request.app.state.provider
    return provider


def _books(request: Request) -> Books:
    books: Books = request.app.state.books
    return books


# -- with a password -----------------------------------------------------------------------------


@router.get("/sign-in", response_class=HTMLResponse)
def sign_in_page(request: Request, onward: Onward = "/") -> Response:
    """The page to sign in."""
    return _page(request, "sign-in.html", onward=_local(onward))


@router.post("/sign-in", response_class=HTMLResponse)
def sign_in(request: Request, form: Form) -> Response:
    """Sign in with login and password."""
    onward = _local(form.get("next", "/"))
    login = form.get("login", "")[:200]
    try:
        must_be_ours(request, form)
        quotas_of(request).may_attempt(login.strip().lower(), host_of(request))
        with transaction(_books(request).engine) as writer:
            officer = officer_by_password(writer, login, form.get("password", "")[:1000])
    except ActError as fault:
        return _page(request, "sign-in.html", fault, onward=onward, login=login)
    return _signed_in(request, officer, onward)


def _signed_in(request: Request, officer: int, onward: str) -> Response:
    with transaction(_books(request).engine) as writer:
        token = begin_session(writer, officer, datetime.now(UTC))
    answer = RedirectResponse(onward, SEE_OTHER, headers={"cache-control": "no-store"})
    _keep(request, answer, COOKIE, token, int(SESSION.total_seconds()), "/")
    answer.delete_cookie(ERRAND, path="/sign-in")
    return answer


def _keep(request: Request, answer: Response, name: str, value: str, age: int, path: str) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=age,
        path=path,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


@router.post("/sign-out")
def sign_out(request: Request, caller: Known) -> Response:
    """End the session."""
    if caller and caller.session:
        with transaction(_books(request).engine) as writer:
            end_session(writer, caller.session.officer, request.cookies[COOKIE])
    answer = RedirectResponse("/", SEE_OTHER, headers={"cache-control": "no-store"})
    answer.delete_cookie(COOKIE)
    return answer


# -- by OpenID Connect ---------------------------------------------------------------------------


@router.get("/sign-in/provider")
def go_to_provider(request: Request, onward: Onward = "/") -> Response:
    """Send somebody to the provider."""
    provider = _provider(request)
    if provider is None:
        return RedirectResponse("/sign-in", SEE_OTHER)
    errand = Errand.begun(_local(onward))
    try:
        address = provider.address(errand, _back(request))
    except ProviderFault as fault:
        return _page(request, "sign-in.html", fault, onward=errand.onward)
    answer = RedirectResponse(address, SEE_OTHER, headers={"cache-control": "no-store"})
    _keep(request, answer, ERRAND, errand.written(), ERRAND_S, "/sign-in")
    return answer


@router.get("/sign-in/return")
def back_from_provider(request: Request) -> Response:
    """Take in somebody who comes back from the provider."""
    provider = _provider(request)
    if provider is None:
        return RedirectResponse("/sign-in", SEE_OTHER)
    try:
        errand = Errand.read(request.cookies.get(ERRAND, ""))
        one = provider.vouched(errand, dict(request.query_params), _back(request))
        with transaction(_books(request).engine) as writer:
            officer = officer_by_subject(writer, one.issuer, one.subject, one.address)
    except (ActError, ProviderFault) as fault:
        answer = _page(request, "sign-in.html", fault, onward="/")
        answer.delete_cookie(ERRAND, path="/sign-in")
        return answer
    return _signed_in(request, officer, _local(errand.onward))


def _back(request: Request) -> str:
    return str(request.url_for("back_from_provider"))


# -- the password --------------------------------------------------------------------------------


@router.get("/password", response_class=HTMLResponse)
def password_page(request: Request, caller: Known, onward: Onward = "/") -> Response:
    """The page to change one's password."""
    if caller is None or caller.session is None:
        return RedirectResponse("/sign-in?next=/password", SEE_OTHER)
    return _page(request, "password.html", session=caller.session, onward=_local(onward))


@router.post("/password", response_class=HTMLResponse)
def new_password(request: Request, caller: Known, form: Form) -> Response:
    """Change one's password; every other session of theirs ends."""
    if caller is None or caller.session is None:
        return RedirectResponse("/sign-in?next=/password", SEE_OTHER)
    session, onward = caller.session, _local(form.get("next", "/"))
    try:
        quotas_of(request).may_attempt(session.login, host_of(request))
        if form.get("new") != form.get("again"):
            raise WeakPassword("Hai lần gõ không giống nhau. / The two are not the same.")
        with transaction(_books(request).engine) as writer:
            change_password(writer, session, form.get("old", "")[:1000], form.get("new", ""))
    except ActError as fault:
        return _page(request, "password.html", fault, session=session, onward=onward)
    return _signed_in(request, session.officer, onward)


# -- who am I ------------------------------------------------------------------------------------


@me.get("/me")
def who_am_i(caller: Known) -> Response:
    """Who is calling, what they may do and where; `csrf` is what writes of a page must carry."""
    if caller is None:
        raise NotSignedIn("Chưa đăng nhập. / Nobody is signed in.")
    session, key, acting = caller.session, caller.key, caller.acting
    body = {
        "officer": acting.officer.id,
        "login": session.login if session else None,
        "name": session.name if session else key.name if key else None,
        "csrf": session.csrf if session else None,
        "must_change_password": bool(session and session.must_change),
        "scopes": sorted(key.scopes) if key else None,
        "mandates": [
            {
                "role": one.role.value,
                "role_name": SPOKEN[one.role],
                "unit": one.unit.code if one.unit else None,
                "level": one.unit.level.value if one.unit else None,
                "since": one.valid.since,
                "until": one.valid.until,
            }
            for one in acting.officer.mandates
            if one.valid.covers(acting.today)
        ],
    }
    return told.answer(body)
