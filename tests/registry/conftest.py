"""An office in the town: who may act, a transaction that never commits, addresses to act on."""

import random
from datetime import date

import pytest
from sqlalchemy import text

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.address.number import HouseNumber
from diachiso.address.position import Position, PositionKind
from diachiso.address.record import Details, ObjectKind, Spot
from diachiso.registry.officer import Acting, Role
from diachiso.store.acting import says
from diachiso.store.books import PostgisBooks
from diachiso.store.engine import Reader, Writer
from diachiso.store.officers import enter_officer, give_mandate, officer_of

TODAY = date(2026, 11, 1)
SINCE = Validity(date(2025, 1, 1))
HOAN_KIEM = UnitKey(Level.WARD, "00070", former=False)
CUA_NAM = UnitKey(Level.WARD, "00082", former=False)


class Office:
    """One transaction of the town as its owner; `as_` turns it into somebody who acts."""

    def __init__(self, connection):
        self.writer = Writer(Reader(connection))
        self.books = PostgisBooks(self.writer, random.Random(7))

    def hire(self, role, unit=None, valid=SINCE):
        """Somebody new, with a role in a unit."""
        self.writer.execute(text("RESET ROLE"))
        officer = enter_officer(self.writer)
        give_mandate(self.writer, officer, role, unit, valid, None)
        return officer

    def as_(self, officer, today=TODAY):
        """Act as somebody, with no more rights in the database than theirs."""
        self.writer.execute(text("RESET ROLE"))
        who = officer_of(self.writer, officer)
        self.writer.execute(text("SET LOCAL ROLE diachiso_app"))
        says(self.writer, officer)
        return Acting(who, today, "test")

    def house(self, number, lon, lat, street="Phố Hàng Trống", **more):
        """The details of a house."""
        spot = Position(lon, lat)
        return Details(
            ward=HOAN_KIEM,
            spots=(Spot(spot, PositionKind.ENTRANCE, 3.0),),
            number=HouseNumber.parse(number) if number else None,
            street=self.books.street_named(street, spot) if street else None,
            kind=ObjectKind.DWELLING,
            **more,
        )


@pytest.fixture
def office(town):
    with town.connect() as connection, connection.begin() as nothing_stays:
        yield Office(connection)
        nothing_stays.rollback()


@pytest.fixture
def clerk(office):
    return office.hire(Role.WARD_OFFICER, HOAN_KIEM)


@pytest.fixture
def approver(office):
    return office.hire(Role.WARD_APPROVER, HOAN_KIEM)
