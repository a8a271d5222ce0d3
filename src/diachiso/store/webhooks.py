"""Webhooks in PostGIS: who is told, how far each has been told, what is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, literal, select, update

from diachiso.address.errors import UnknownWebhook
from diachiso.store import tables as t
from diachiso.store.engine import Reader, Writer

LEASE = timedelta(minutes=2)
"""How long a courier may be on its way; then another may take over."""
GIVE_UP_AFTER = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Webhook:
    """Somebody who is told of changes; `position`: told up to this change."""

    id: int
    officer: int
    url: str
    unit: str | None
    as_of: date | None
    created_at: datetime
    state: str
    position: int
    tries: int
    failing_since: datetime | None
    next_at: datetime
    answer: str | None


@dataclass(frozen=True, slots=True)
class Due:
    """What a courier takes along; `pending`: a try before this one went up to that change."""

    id: int
    url: str
    unit: str | None
    as_of: date | None
    secret: str
    position: int
    pending: int | None
    tries: int


_SHOWN: tuple[ColumnElement[Any], ...] = (
    t.webhook.c.id,
    t.webhook.c.officer_id,
    t.webhook.c.url,
    t.webhook.c.unit,
    t.webhook.c.as_of,
    t.webhook.c.created_at,
    t.webhook.c.state,
    t.webhook.c.position,
    t.webhook.c.tries,
    t.webhook.c.failing_since,
    t.webhook.c.next_at,
    t.webhook.c.answer,
)


def enter_webhook(
    writer: Writer,
    officer: int,
    url: str,
    secret: str,
    *,
    position: int,
    unit: str | None = None,
    as_of: date | None = None,
) -> Webhook:
    """A new webhook; `secret` is sealed already."""
    row = {"officer_id": officer, "url": url, "secret": secret, "position": position}
    new = insert(t.webhook).values(row | {"unit": unit, "as_of": as_of}).returning(*_SHOWN)
    return Webhook(*writer.execute(new).one())


def webhooks_of(reader: Reader, officer: int) -> list[Webhook]:
    """All of somebody's."""
    mine = select(*_SHOWN).where(t.webhook.c.officer_id == officer).order_by(t.webhook.c.id)
    return [Webhook(*row) for row in reader.execute(mine)]


def webhook_of(reader: Reader, officer: int, identity: int) -> Webhook:
    """One of somebody's.

    Raises:
        UnknownWebhook: they have none of this number.
    """
    row = reader.execute(select(*_SHOWN).where(*_is(officer, identity))).one_or_none()
    if row is None:
        raise _unknown(identity)
    return Webhook(*row)


def remove_webhook(writer: Writer, officer: int, identity: int) -> None:
    """Tell it nothing more, and forget its secret.

    Raises:
        UnknownWebhook: they have none of this number.
    """
    if not writer.execute(delete(t.webhook).where(*_is(officer, identity))).rowcount:
        raise _unknown(identity)


def _is(officer: int, identity: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return t.webhook.c.id == identity, t.webhook.c.officer_id == officer


def _unknown(identity: int) -> UnknownWebhook:
    return UnknownWebhook(
        f"Bạn không có webhook số {identity}. / You have no webhook of number {identity}."
    )


# -- deliveries: the owner's connection, for the secret is read ------------------------------------


def claim(writer: Writer, most: int) -> Sequence[Due]:
    """Take what is due for a while: no other courier gets it meanwhile."""
    hook = t.webhook
    newest = select(func.max(t.change.c.number)).scalar_subquery()
    due = (
        select(hook.c.id)
        .where(
            hook.c.state == "live",
            hook.c.next_at <= func.now(),
            func.coalesce(hook.c.busy_until <= func.now(), True),
            hook.c.position < newest,
        )
        .order_by(hook.c.next_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    taking = (
        update(hook)
        .where(hook.c.id.in_(due))
        .values(busy_until=func.now() + literal(LEASE))
        .returning(
            hook.c.id,
            hook.c.url,
            hook.c.unit,
            hook.c.as_of,
            hook.c.secret,
            hook.c.position,
            hook.c.pending,
            hook.c.tries,
        )
    )
    return [Due(*row) for row in writer.execute(taking)]


def set_out(writer: Writer, due: Due, pending: int) -> None:
    """Note how far this try goes: if it is repeated, it tells the very same."""
    writer.execute(update(t.webhook).where(*_unmoved(due)).values(pending=pending))


def arrived(writer: Writer, due: Due, position: int, answer: str | None) -> None:
    """Told up to here; the next may go at once."""
    writer.execute(
        update(t.webhook)
        .where(*_unmoved(due))
        .values(
            position=position,
            pending=None,
            tries=0,
            failing_since=None,
            busy_until=None,
            next_at=func.now(),
            **({"answer": answer} if answer else {}),
        )
    )


def failed(writer: Writer, due: Due, answer: str, wait: timedelta, *, gone: bool = False) -> str:
    """Note a try that failed, and when to try again; given up where it failed for days."""
    hook = t.webhook
    since = func.coalesce(hook.c.failing_since, func.now())
    over = writer.scalar(
        select(since + literal(GIVE_UP_AFTER) <= func.now()).where(hook.c.id == due.id)
    )
    state = "gone" if gone else "given_up" if over else "live"
    writer.execute(
        update(hook)
        .where(*_unmoved(due))
        .values(
            state=state,
            tries=hook.c.tries + 1,
            failing_since=since,
            busy_until=None,
            next_at=func.now() + literal(wait),
            answer=answer,
        )
    )
    return state


def _unmoved(due: Due) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Unless another courier was quicker."""
    return t.webhook.c.id == due.id, t.webhook.c.position == due.position
