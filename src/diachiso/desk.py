"""Where a command of an office works: the books, who acts, the day; and what was written for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from pydantic import ValidationError

from diachiso.address.division import parse_day
from diachiso.address.errors import Incomplete
from diachiso.address.position import Position
from diachiso.address.record import Address, StreetRef
from diachiso.address.today import today
from diachiso.registry.officer import Acting
from diachiso.store.acting import acting
from diachiso.store.books import PostgisBooks
from diachiso.store.officers import officer_of
from diachiso.terminal import database, who_acts
from diachiso.web import forms


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a command works: the books of one transaction, who acts, and the day."""

    books: PostgisBooks
    by: Acting
    on: date

    def address(self, called: str) -> Address:
        """The address of a code or draft number on the day."""
        return self.books.address(called, self.on)


@contextmanager
def at_desk(by: str, on: str | None = None) -> Iterator[Desk]:
    """One act of somebody, committed when the block ends well."""
    day = parse_day(on) if on else today()
    with database() as (_, engine):
        officer = who_acts(engine, by)
        with acting(engine, officer) as writer:
            who = Acting(officer_of(writer, officer), today(), "command")
            yield Desk(PostgisBooks(writer), who, day)


def details_form(at: list[str] | None, document: str | None, **given: object) -> forms.DetailsForm:
    """The form that options on the command line fill.

    Raises:
        Incomplete: an option is not what it should be.
    """
    form = given | {
        "document": {"number": document} if document else None,
        "positions": positions_at(at) if at else None,
    }
    try:
        return forms.DetailsForm.model_validate({k: v for k, v in form.items() if v})
    except ValidationError as fault:
        first = fault.errors()[0]
        raise Incomplete(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def positions_at(at: list[str] | None) -> list[forms.PositionForm]:
    """Positions written lon,lat; the entrance first."""
    spots = [Position.read(one) for one in at or ()]
    return [forms.PositionForm(lon=spot.lon, lat=spot.lat) for spot in spots]


def piece_form(written: str) -> forms.PieceForm:
    """A part of a plot, written 12A or 12A=105.85,21.03."""
    number, _, at = written.partition("=")
    return forms.PieceForm(number=number, positions=positions_at([at]) if at else [])


def street_of(desk: Desk, street: int) -> StreetRef:
    """A street by its number.

    Raises:
        Incomplete: there is none.
    """
    found = desk.books.street(street)
    if found is None:
        raise Incomplete(f"Không có đường số {street}. / No street has the number {street}.")
    return found
