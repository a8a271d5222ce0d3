"""Webhooks: whoever may follow the changes lets them be told, instead of asking."""

import base64
import secrets
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from diachiso.address.errors import AheadOfFeed, WebhookRefused
from diachiso.address.today import today
from diachiso.registry.officer import Act, Acting
from diachiso.settings import Settings
from diachiso.store.acting import acting
from diachiso.store.feed import last_number, units_meant
from diachiso.store.keyring import secret_box
from diachiso.store.webhooks import (
    Webhook,
    enter_webhook,
    remove_webhook,
    webhook_of,
    webhooks_of,
)
from diachiso.web import wire
from diachiso.web.access import CurrentActing
from diachiso.web.asking import CurrentBooks, only_known
from diachiso.web.outward import LONGEST_URL, Allowed, target_of
from diachiso.web.told import answer

router = APIRouter(prefix="/v1/webhooks", tags=["feed"], dependencies=[Depends(only_known)])

BOX = "webhooks"
"""The name of the key that seals secrets."""
SECRET_BYTES = 32
MOST = 10
"""Webhooks that one may have."""

HookInPath = Annotated[int, Path(description="số của webhook / number of the webhook")]


class WebhookForm(BaseModel):
    """Where changes are to be sent, and which."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(max_length=LONGEST_URL, description="https, a public host")
    unit: str | None = Field(None, pattern="^[0-9]{2,5}$", description="of this unit alone")
    as_of: date | None = Field(None, description="the day of which the code is; today if unset")
    since: int | None = Field(None, ge=0, description="after this number; unset: from now on")


@router.post("")
def register_webhook(
    request: Request, books: CurrentBooks, by: CurrentActing, form: WebhookForm
) -> Response:
    """Have changes sent to a URL. The secret that signs them is told now and never again."""
    by.officer.must_somewhere(Act.READ_CHANGES, by.today)
    settings = _settings(request)
    target_of(form.url, Allowed.parse(settings.webhook_hosts))
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    sealed = secret_box(settings.home, BOX).encrypt(secret.encode()).decode()
    on = (form.as_of or today()) if form.unit else None
    with acting(books.engine, by.officer.id, by.officer.scopes) as writer:
        if form.unit and on:
            units_meant(writer, form.unit, on)
        if len(webhooks_of(writer, by.officer.id)) >= MOST:
            raise WebhookRefused(
                f"Đã có {MOST} webhook; hãy xóa bớt. / There are {MOST} already; delete one."
            )
        last = last_number(writer)
        if (form.since or 0) > last:
            raise AheadOfFeed(
                f"Mới có {last} thay đổi. / There are {last} changes so far.", last=last
            )
        hook = enter_webhook(
            writer,
            by.officer.id,
            form.url,
            sealed,
            position=last if form.since is None else form.since,
            unit=form.unit,
            as_of=on,
        )
    body = {**_told(hook), "secret": secret}
    return answer(body, status=201, location=f"/v1/webhooks/{hook.id}")


@router.get("")
def webhooks(books: CurrentBooks, by: CurrentActing) -> Response:
    """One's own webhooks: how far each has been told, and what the last try came to."""
    with acting(books.engine, by.officer.id, by.officer.scopes) as reader:
        found = webhooks_of(reader, by.officer.id)
    return answer({"webhooks": [_told(one) for one in found]})


@router.get("/{webhook}")
def webhook(books: CurrentBooks, by: CurrentActing, webhook: HookInPath) -> Response:
    """One of one's own."""
    with acting(books.engine, by.officer.id, by.officer.scopes) as reader:
        found = webhook_of(reader, by.officer.id, webhook)
    return answer(_told(found))


@router.delete("/{webhook}")
def delete_webhook(books: CurrentBooks, by: CurrentActing, webhook: HookInPath) -> Response:
    """Send nothing more there."""
    _may_end(by)
    with acting(books.engine, by.officer.id, by.officer.scopes) as writer:
        remove_webhook(writer, by.officer.id, webhook)
    return Response(status_code=204)


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _may_end(by: Acting) -> None:
    """Whoever lost the right to follow may still end what they began; a key must be for it."""
    if not by.officer.is_in_scope(Act.READ_CHANGES):
        by.officer.must_somewhere(Act.READ_CHANGES, by.today)


def _told(hook: Webhook) -> wire.Json:
    return {
        "id": hook.id,
        "url": hook.url,
        "unit": hook.unit,
        "as_of": hook.as_of,
        "created_at": hook.created_at,
        "state": hook.state,
        "position": hook.position,
        "failing_since": hook.failing_since,
        "tries": hook.tries,
        "next_at": hook.next_at if hook.tries else None,
        "answer": hook.answer,
    }
