"""Accounts and sessions in PostGIS: who an officer is, and who is signed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select, update

from diachiso.address.errors import SignInRefused, UnknownOfficer
from diachiso.store import tables as t
from diachiso.store.acting import says
from diachiso.store.engine import Reader, Writer
from diachiso.store.passwords import at_rest, fits, hashed, is_dated, must_be_strong, secret

SESSION = timedelta(hours=12)
"""A working day; then one signs in again."""


LONGEST_NUMBER = 18
"""Digits of an officer's number."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in; `csrf` is what their forms must carry."""

    officer: int
    login: str
    name: str
    csrf: str
    must_change: bool


@dataclass(frozen=True, slots=True)
class Account:
    """Who an officer is, as those see it who may give mandates."""

    officer: int
    login: str
    name: str
    disabled_at: datetime | None


# -- signing in ----------------------------------------------------------------------------------


def officer_by_password(writer: Writer, login: str, password: str) -> int:
    """Who signs in with a password; the answer takes as long whether the login is known or not.

    Raises:
        SignInRefused: no such login and password.
    """
    known = func.access.credentials(login.strip().lower()).table_valued(
        "officer_id", "password_hash", "must_change"
    )
    row = writer.execute(select(known)).one_or_none()
    kept = row.password_hash if row else None
    if not fits(password, kept) or row is None:
        raise SignInRefused("Sai tên đăng nhập hoặc mật khẩu. / Wrong login or password.")
    if is_dated(row.password_hash):
        _keep(writer, row.officer_id, hashed(password), must_change=row.must_change)
    return int(row.officer_id)


def officer_by_subject(writer: Writer, issuer: str, subject: str, address: str | None) -> int:
    """Whom a provider of OpenID Connect vouches for; `address` is an e-mail that it verified.

    Raises:
        SignInRefused: nobody was entered for them.
    """
    officer = writer.scalar(select(func.access.federated(issuer, subject, address)))
    if officer is None:
        raise SignInRefused(
            "Tài khoản này chưa được cấp quyền; hãy hỏi người quản trị. / No officer is entered "
            "for this account; ask whoever runs the registry."
        )
    return int(officer)


def begin_session(writer: Writer, officer: int, now: datetime) -> str:
    """Sign somebody in: the token for their cookie. Sessions that are over are swept away."""
    says(writer, officer)
    kept = t.session
    writer.execute(delete(kept).where(kept.c.until < func.now()))
    token = secret()
    row = {
        "hash": at_rest(token),
        "officer_id": officer,
        "csrf": secret(),
        "until": now + SESSION,
    }
    writer.execute(insert(kept).values(row))
    return token


def session_of(reader: Reader, token: str) -> Session | None:
    """Who holds this token, if they are signed in."""
    held = func.access.session_holder(at_rest(token)).table_valued(
        "officer_id", "csrf", "login", "display_name", "must_change"
    )
    row = reader.execute(select(held)).one_or_none()
    if row is None:
        return None
    return Session(row.officer_id, row.login, row.display_name, row.csrf, row.must_change)


def end_session(writer: Writer, officer: int, token: str) -> None:
    """Sign out."""
    says(writer, officer)
    writer.execute(delete(t.session).where(t.session.c.hash == at_rest(token)))


# -- passwords -----------------------------------------------------------------------------------


def change_password(writer: Writer, session: Session, old: str, new: str) -> None:
    """Choose another password; every session of theirs ends.

    Raises:
        SignInRefused: the old one is not right.
        WeakPassword: the new one is easily guessed.
    """
    officer_by_password(writer, session.login, old)
    must_be_strong(new, session.login, old)
    says(writer, session.officer)
    _keep(writer, session.officer, hashed(new), must_change=False)
    writer.execute(delete(t.session).where(t.session.c.officer_id == session.officer))


def reset_password(writer: Writer, officer: int, password: str) -> None:
    """Give somebody a one-time password (the commands do); every session of theirs ends."""
    _keep(writer, officer, hashed(password), must_change=True)
    writer.execute(delete(t.session).where(t.session.c.officer_id == officer))


def _keep(writer: Writer, officer: int, kept: str, *, must_change: bool) -> None:
    says(writer, officer)
    account = t.account
    writer.execute(
        update(account)
        .where(account.c.officer_id == officer)
        .values(password_hash=kept, must_change=must_change)
    )


# -- accounts ------------------------------------------------------------------------------------


def enter_account(
    writer: Writer, officer: int, login: str, name: str, password: str | None = None
) -> None:
    """Say who an officer is; with a one-time password, or none where OpenID Connect is used."""
    row = {
        "officer_id": officer,
        "login": login.strip().lower(),
        "display_name": name,
        "password_hash": hashed(password) if password else None,
        "must_change": password is not None,
    }
    writer.execute(insert(t.account).values(row))


def account_named(reader: Reader, login: str) -> Account:
    """The account of a login.

    Raises:
        UnknownOfficer: none, or none that the one who acts may see.
    """
    wanted = login.strip().lower()
    for account in accounts(reader, wanted):
        return account
    raise UnknownOfficer(f"Không có cán bộ {wanted}. / No officer is called {wanted}.")


def officer_called(reader: Reader, called: str) -> int:
    """The officer of a number or a login.

    Raises:
        UnknownOfficer: nobody is called so.
    """
    if called.isascii() and called.isdecimal() and len(called) <= LONGEST_NUMBER:
        return int(called)
    return account_named(reader, called).officer


def accounts(reader: Reader, login: str | None = None) -> Sequence[Account]:
    """Every account, in the order of logins; or the one of this login."""
    account = t.account.c
    query = select(account.officer_id, account.login, account.display_name, account.disabled_at)
    if login is not None:
        query = query.where(account.login == login)
    return [Account(*row) for row in reader.execute(query.order_by(account.login))]


def disable(writer: Writer, officer: int) -> None:
    """Nobody signs in with this account any more."""
    writer.execute(
        update(t.account)
        .where(t.account.c.officer_id == officer, t.account.c.disabled_at.is_(None))
        .values(disabled_at=func.now())
    )
    writer.execute(delete(t.session).where(t.session.c.officer_id == officer))
