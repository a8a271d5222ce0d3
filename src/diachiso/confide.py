"""The command `diachiso contact`: whom a ward writes to about an address.

A person is read from prompts or from stdin, never from the command line, which other processes
see and shells remember.
"""

import sys
from datetime import date, timedelta
from typing import Annotated, Any

import orjson
import typer

from diachiso.address.division import parse_day
from diachiso.address.errors import Incomplete
from diachiso.address.today import today
from diachiso.desk import at_desk
from diachiso.office import Called
from diachiso.registry.contact import (
    Contact,
    Part,
    purge_contacts,
    set_contact,
    show_contacts,
)
from diachiso.settings import Settings
from diachiso.store.contacts import PostgisContacts
from diachiso.store.personal_key import PersonalKey
from diachiso.terminal import By, say, show

contact = typer.Typer(
    help="Người liên hệ của địa chỉ. / Whom a ward writes to.", no_args_is_help=True
)
ASKED = {"name": "họ tên / name", "phone": "điện thoại / telephone", "email": "e-mail"}


@contact.command("set")
def set_one(
    called: Called,
    by: By,
    part: Annotated[Part, typer.Option(help="chủ hay người liên hệ / which")] = Part.OWNER,
    until: Annotated[str | None, typer.Option(help="ngày xóa / purge date, YYYY-MM-DD")] = None,
) -> None:
    """Giữ người liên hệ đến ngày xóa. / Keep a contact, encrypted, until its purge date."""
    settings = Settings()
    key, day = PersonalKey.of(settings), _purge_day(settings, until)
    person = _asked() if sys.stdin.isatty() else _read()
    with at_desk(by) as desk:
        address = desk.address(called)
        contacts = PostgisContacts(desk.books.writer, key)
        set_contact(contacts, address, Contact(part, person, day), desk.by)
    say(f"{address.called}: giữ đến / kept until {day}")


@contact.command("show")
def show_all(
    called: Called,
    by: By,
    reason: Annotated[str, typer.Option(help="vì sao xem / why, written down")],
) -> None:
    """Xem người liên hệ; có ghi lại. / Read the contacts; that you did is written down."""
    key = PersonalKey.of(Settings())
    with at_desk(by) as desk:
        address = desk.address(called)
        contacts = PostgisContacts(desk.books.writer, key)
        found = show_contacts(contacts, address, desk.by, reason=reason)
    show([{"part": one.part, "purge_on": one.purge_on, **one.person} for one in found])


@contact.command("purge")
def purge_all(
    called: Called,
    by: By,
    reason: Annotated[str, typer.Option(help="vì sao xóa / why")] = "asked",
) -> None:
    """Xóa người liên hệ ngay. / Let go of the contacts of an address now."""
    with at_desk(by) as desk:
        address = desk.address(called)
        contacts = PostgisContacts(desk.books.writer)
        gone = purge_contacts(contacts, address, desk.by, reason=reason)
    say(f"{address.called}: {gone} đã xóa / purged")


def _purge_day(settings: Settings, until: str | None) -> date:
    return parse_day(until) if until else today() + timedelta(days=settings.contact_days)


def _asked() -> dict[str, str]:
    return {name: typer.prompt(told, default="", err=True) for name, told in ASKED.items()}


def _read() -> dict[str, Any]:
    try:
        person = orjson.loads(sys.stdin.buffer.read())
    except orjson.JSONDecodeError:
        person = None
    if not isinstance(person, dict) or not all(type(one) is str for one in person.values()):
        raise Incomplete(
            'Cần JSON trên stdin: {"name": "…", "phone": "…"}. / JSON is needed on stdin.'
        )
    return person
