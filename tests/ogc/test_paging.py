"""Pages are of one moment, though addresses are entered, retired and withdrawn between them."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.address.number import HouseNumber
from diachiso.address.position import Position, PositionKind
from diachiso.address.record import Details, Spot
from diachiso.address.reference import CRS84
from diachiso.address.today import today
from diachiso.registry.officer import Acting, Role
from diachiso.registry.record import record
from diachiso.registry.register import register
from diachiso.registry.retire import retire
from diachiso.registry.review import restrict
from diachiso.settings import Settings
from diachiso.store.acting import acting
from diachiso.store.books import PostgisBooks
from diachiso.store.engine import make_engine, transaction
from diachiso.store.officers import enter_officer, give_mandate, officer_of
from diachiso.store.page_statements import Shape, statement, written
from diachiso.terminal import service
from diachiso.web.app import create_app
from diachiso.web.ogc.asked import token

WARD = UnitKey(Level.WARD, "00070", former=False)
ITEMS = "/ogc/collections/addresses/items"


class Town:
    """A town whose wards are governed by one officer; what is done stays."""

    def __init__(self, engine):
        self.engine, self._count = engine, 0
        with transaction(engine) as writer:
            self._officer = enter_officer(writer)
            since = Validity(date(2025, 1, 1))
            for ward in (WARD, UnitKey(Level.WARD, "00082", former=False)):
                give_mandate(writer, self._officer, Role.WARD_OFFICER, ward, since, None)

    def _acted(self, verb):
        with acting(self.engine, self._officer) as writer:
            by = Acting(officer_of(writer, self._officer), today(), "test")
            return verb(PostgisBooks(writer, random.Random(self._count)), by)

    def enter(self):
        self._count += 1
        spot = Spot(Position(105.8511, 21.0325 + self._count / 1e5), PositionKind.ENTRANCE)

        def entered(books, by):
            street = books.street_named("Phố Hàng Trống", spot.position)
            number = HouseNumber.parse(str(300 + self._count))
            draft = register(books, Details(WARD, (spot,), number, street), by, today())
            return record(books, draft.address, by, today()).code.digits

        return self._acted(entered)

    def retire(self, code):
        self._acted(
            lambda books, by: retire(
                books, books.address(code, today()), by, today(), reason="phá dỡ"
            )
        )

    def restrict(self, code, *, hidden=True):
        self._acted(
            lambda books, by: restrict(books, books.address(code, today()), by, hidden=hidden)
        )


@pytest.fixture(scope="module")
def built(databases, settle_in):
    engine = make_engine(databases.clone("paging"))
    settle_in(engine)
    yield Town(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def visitor(built):
    with service(built.engine) as engine, TestClient(create_app(Settings(), engine)) as client:
        yield client


def pages(visitor, **query):
    """The codes of one page after another; what is done between them is done between requests."""
    url, told = ITEMS, query
    while url:
        answer = visitor.get(url, params=told)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        yield [one["id"] for one in page["features"]]
        url = next((one["href"] for one in page["links"] if one["rel"] == "next"), None)
        told = None


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"sortby": "number"},
        {"sortby": "-street,code"},
        {"ward": "00070"},
        {"province": "01"},
        {"bbox": "105.85,21.02,105.86,21.04"},
        {"filter": "ward = '00070' AND S_INTERSECTS(geometry, BBOX(105.85,21.02,105.86,21.04))"},
    ],
)
def test_who_pages_gets_what_stood_at_the_beginning_but_what_was_withdrawn(built, visitor, asked):
    for _ in range(6):
        built.enter()
    stood = [code for page in pages(visitor, limit=100, **asked) for code in page]
    came, entered = [], []
    gone = hidden = None
    for turn, page in enumerate(pages(visitor, limit=2, **asked)):
        came += page
        if turn > 1:
            continue
        left = [code for code in stood if code not in came and code not in (gone, hidden)]
        entered.append(built.enter())
        if turn == 0:
            gone, hidden = left[-1], left[-2]
            built.retire(gone)
            built.restrict(hidden)
        else:
            built.retire(came[0])  # that it came already is no fault
    assert came == [code for code in stood if code != hidden]
    assert gone in came
    again = [code for page in pages(visitor, limit=100, **asked) for code in page]
    assert set(again) == set(stood) - {gone, hidden, came[0]} | set(entered)


def test_what_was_withdrawn_is_in_no_page_that_follows_though_the_link_is_older(built, visitor):
    for _ in range(4):
        built.enter()
    first = visitor.get(ITEMS, params={"limit": 2}).json()
    (link,) = [one["href"] for one in first["links"] if one["rel"] == "next"]
    (code, *_) = [one["id"] for one in visitor.get(link).json()["features"]]
    built.restrict(code)
    assert code not in visitor.get(link).text
    assert code not in visitor.get(ITEMS, params={"datetime": "2026-09-01"}).text
    built.restrict(code, hidden=False)
    assert code in visitor.get(ITEMS, params={"limit": 1000}).text


def test_a_place_of_another_kind_is_refused(refused):
    moment = datetime.now(UTC) - timedelta(minutes=1)
    for value in ("0001", True, 1 << 63):
        refused("/collections/addresses/items", after=token(moment, (value,)))


# -- how a page is found -----------------------------------------------------------------------


def shaped(**more):
    return Shape("addresses", instant=True, most=11, system=CRS84, **more)


def test_a_page_is_chosen_without_the_joins_that_only_tell_of_it():
    text_of, _ = written(shaped())
    chosen = text_of.partition("FROM (SELECT")[2].partition("AS chosen")[0]
    assert "unit_name" not in chosen
    assert "LIMIT 11" in chosen
    text_of, _ = written(shaped(sorting=(("ward_name", True),)))
    chosen = text_of.partition("FROM (SELECT")[2].partition("AS chosen")[0]
    assert "unit_name" in chosen
    assert "unit_parent" not in chosen


def test_few_rows_are_found_before_they_are_sorted():
    found, _ = written(shaped(narrow=("ward",), equal=("ward",), few=True))
    assert "AS found ORDER BY" in found
    assert "ward.code =" not in found, "to be of the ward is all that is asked"
    found, _ = written(shaped(narrow=("province",), equal=("province",), few=True))
    assert "coalesce" in found.partition("AS chosen")[0], "whose a ward was depends on the day"


def test_a_shape_is_one_statement_whatever_its_values():
    assert written(shaped(has_box=True)) is written(shaped(has_box=True))
    assert statement(shaped()) is not statement(shaped())


# -- composed land -----------------------------------------------------------------------------


def test_a_tag_is_another_when_provinces_are_composed_anew(built, visitor):
    path = "/ogc/collections/provinces/items"
    tag = visitor.get(path).headers["etag"]
    assert visitor.get(path, headers={"if-none-match": tag}).status_code == 304
    with built.engine.begin() as connection:
        connection.execute(text("DELETE FROM composed_land"))
    without = visitor.get(path, headers={"if-none-match": tag})
    assert without.status_code == 200
    with built.engine.begin() as connection:
        connection.execute(text("SELECT compose_land()"))
    again = visitor.get(path, headers={"if-none-match": without.headers["etag"]})
    assert again.status_code == 200
    assert again.headers["etag"] != tag
