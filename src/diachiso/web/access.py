"""Who is calling: somebody signed in (a cookie), or a client with a key (a bearer token).

`CurrentActing` is what an endpoint asks for that somebody must be known for; `acting_books` opens
the one transaction in which they act. A write that comes with the cookie must carry the session's
own token as well (`X-CSRF-Token`, or the field `csrf` of a form), for a browser sends the cookie
by itself.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from fastapi import Depends, Request

from diachiso.address.errors import ForgedRequest, MustChange, NotSignedIn
from diachiso.address.today import today
from diachiso.registry.officer import Act, Acting, Errand
from diachiso.store.accounts import Session, session_of
from diachiso.store.acting import acting, says
from diachiso.store.books import PostgisBooks
from diachiso.store.engine import Reader, transaction
from diachiso.store.keys import MARK, KeyHolder, key_holder
from diachiso.store.officers import officer_of
from diachiso.web.asking import Books
from diachiso.web.errands import errand_of, once
from diachiso.web.quotas import Quotas

COOKIE = "diachiso_session"
HEADER = "x-csrf-token"
FIELD = "csrf"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FORM = "application/x-www-form-urlencoded"
LONGEST_FORM = 100_000


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling: by session or by key."""

    acting: Acting
    session: Session | None = None
    key: KeyHolder | None = None

    @property
    def scopes(self) -> frozenset[Act] | None:
        """What their key is for."""
        return self.acting.officer.scopes


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form as a browser sends them; none where something else was sent."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != FORM:
        return {}
    if int(request.headers.get("content-length") or LONGEST_FORM + 1) > LONGEST_FORM:
        return {}
    fields = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[-1] for name, values in fields.items()}


Form = Annotated[dict[str, str], Depends(form_of)]


def known_caller(request: Request, form: Form) -> Caller | None:
    """Who is calling; None where neither a key nor a session came with the request.

    Raises:
        SignInRefused: the key does not work.
        TooMany: its quota is spent.
        ForgedRequest: a write with a cookie, but without the session's token.
    """
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and key.strip().startswith(MARK):
        return _by_key(request, key.strip())
    token = request.cookies.get(COOKIE)
    return _by_session(request, token, form) if token else None


def _by_key(request: Request, key: str) -> Caller:
    books: Books = request.app.state.books
    with transaction(books.engine) as writer:
        holder = key_holder(writer, key)
        origin = f"key {holder.prefix} {host_of(request)}"
        who = _acting(writer, holder.officer, holder.scopes, origin)
    if holder.quota:
        quotas_of(request).take(holder.quota, holder.prefix)
    return Caller(who, key=holder)


def _by_session(request: Request, token: str, form: dict[str, str]) -> Caller | None:
    books: Books = request.app.state.books
    with books.reading() as reader:
        session = session_of(reader, token)
        if session is None:
            return None
        who = _acting(reader, session.officer, None, f"web {host_of(request)}")
    if request.method not in SAFE:
        must_be_ours(request, form, session)
    return Caller(who, session=session)


def _acting(reader: Reader, officer: int, scopes: frozenset[Act] | None, origin: str) -> Acting:
    says(reader, officer, scopes)
    return Acting(officer_of(reader, officer, scopes), today(), origin)


def must_be_ours(request: Request, form: dict[str, str], session: Session | None = None) -> None:
    """See that a write was sent by a page of this service, not by another site's.

    Raises:
        ForgedRequest: another origin sent it, or the session's token is missing.
    """
    origin = request.headers.get("origin")
    told = request.headers.get(HEADER) or form.get(FIELD, "")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if foreign or (session and not secrets.compare_digest(told.encode(), session.csrf.encode())):
        raise ForgedRequest(
            "Yêu cầu không đến từ trang này; hãy tải lại trang rồi làm lại. / This was not sent by "
            "a page of this service; load the page again, then repeat."
        )


def current_caller(
    request: Request,
    caller: Annotated[Caller | None, Depends(known_caller)],
    errand: Annotated[Errand | None, Depends(errand_of)],
) -> Caller:
    """Who is calling; somebody must be known.

    Raises:
        NotSignedIn: nobody is.
        MustChange: they have a one-time password still.
    """
    if caller is None:
        raise NotSignedIn(
            "Hãy đăng nhập (/sign-in) hoặc gửi khóa. / Sign in at /sign-in, or send a key: "
            "Authorization: Bearer dcs_…"
        )
    if caller.session and caller.session.must_change:
        raise MustChange("Hãy đổi mật khẩu trước (/password). / Change your password first.")
    caller = replace(caller, acting=replace(caller.acting, errand=errand))
    request.state.caller = caller
    return caller


CurrentCaller = Annotated[Caller, Depends(current_caller)]


def current_acting(caller: CurrentCaller) -> Acting:
    """Somebody at work."""
    return caller.acting


CurrentActing = Annotated[Acting, Depends(current_acting)]


@contextmanager
def at_work(books: Books, by: Acting | None) -> Iterator[PostgisBooks]:
    """The books in one transaction of somebody who acts, committed when the block ends well.

    Raises:
        Repeated: the errand that they came with was done before.
        KeyReused: its key came with something else.
    """
    officer = by.officer if by else None
    with (
        acting(
            books.engine, officer.id if officer else None, officer.scopes if officer else None
        ) as writer,
        once(PostgisBooks(writer), by) as open_books,
    ):
        yield open_books


@contextmanager
def acting_books(request: Request) -> Iterator[PostgisBooks]:
    """The same for the one who is calling.

    Where the endpoint asks for no `CurrentActing`, nobody acts: what is public can be read.
    """
    books: Books = request.app.state.books
    caller: Caller | None = getattr(request.state, "caller", None)
    with at_work(books, caller.acting if caller else None) as open_books:
        yield open_books


def within_public_quota(
    request: Request, caller: Annotated[Caller | None, Depends(known_caller)]
) -> None:
    """Count a request of somebody without a key; whoever has one is counted by its own quota.

    Raises:
        TooMany: the operator's DIACHISO_PUBLIC_QUOTA is spent.
    """
    quota: str | None = request.app.state.settings.public_quota
    if quota and caller is None:
        quotas_of(request).take(quota, host_of(request))


def host_of(request: Request) -> str:
    """Where the request came from."""
    return request.client.host if request.client else "-"


def quotas_of(request: Request) -> Quotas:
    """The counters of this process."""
    quotas: Quotas = request.app.state.quotas
    return quotas
