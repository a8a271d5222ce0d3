"""What geocoding asks of PostGIS, over the town."""

import secrets
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from threading import Event
from weakref import ref

import pytest
from sqlalchemy import text

from diachiso.address.division import REFORM, Level, UnitKey
from diachiso.address.errors import StoreUnreachable
from diachiso.geocode.gazetteer import House, street_key
from diachiso.geocode.numbering import ruler_of, rulers_of
from diachiso.settings import CHECKOUT
from diachiso.store import keeper as keeping
from diachiso.store.along import Along
from diachiso.store.engine import IN_MEMORY_ONLY, make_engine, reading, transaction
from diachiso.store.gazetteer import PostgisGazetteer
from diachiso.store.history import record_edition
from diachiso.store.keeper import VocabularyKeeper
from diachiso.store.vocabularies import Vocabularies

FACTS = CHECKOUT / "data"
HOAN_KIEM = UnitKey(Level.WARD, "00070", former=False)
HANG_TRONG = UnitKey(Level.WARD, "00070", former=True)
EVE = date(2025, 6, 30)


@pytest.fixture(scope="module")
def words(town):
    with reading(town) as reader:
        return Vocabularies.read(reader, FACTS)


@pytest.fixture
def gazetteer(town, words, today):
    with reading(town) as reader:
        yield PostgisGazetteer(words, reader, today)


@pytest.fixture
def street(town):
    with town.connect() as connection:
        ids = {row.name: row.id for row in connection.execute(text("SELECT id, name FROM street"))}
    return ids.__getitem__


def test_a_house_is_found_by_its_street_and_number(gazetteer, street):
    (house,) = gazetteer.houses([(street("Phố Hàng Trống"), "2")])
    assert (house.number, house.ward, house.point) == ("2", HOAN_KIEM, (105.8511, 21.022))
    assert house.code.startswith("11024")
    assert list(gazetteer.houses([(street("Phố Hàng Trống"), "999")])) == []
    assert list(gazetteer.houses([])) == []


def test_neighbours_come_by_rising_number_from_both_sides(gazetteer, street):
    near = gazetteer.neighbours(street("Phố Hàng Trống"), 7)
    assert [house.number for house in near] == ["1", "2", "6", "9", "14"]


def test_houses_whose_number_starts_so_come_in_order(gazetteer, street):
    found = gazetteer.houses_starting(street("Phố Tràng Thi"), "12", 5)
    assert [house.number for house in found][:2] == ["12", "12/3/5"]
    assert len(gazetteer.houses_starting(street("Phố Tràng Thi"), "12", 1)) == 1
    assert list(gazetteer.houses_starting(street("Phố Tràng Thi"), "%", 5)) == []


def test_a_street_is_cut_at_the_wards_it_runs_through(gazetteer, street):
    courses = gazetteer.courses([street("Phố Tràng Thi")])[street("Phố Tràng Thi")]
    assert sorted(course.ward.code for course in courses) == ["00070", "00082", "00097"]
    ends = sorted(round(x, 6) for course in courses for x, _ in course.points)
    assert (ends[0], ends[-1]) == (105.842, 105.868)


def test_a_point_lies_in_the_ward_of_the_day(gazetteer, today):
    assert gazetteer.ward_at((105.852, 21.03), today) == HOAN_KIEM
    assert gazetteer.ward_at((105.852, 21.03), EVE) == HANG_TRONG
    points = [(105.852, 21.03), (0.0, 0.0), (105.865, 21.03)]
    assert [k and k.code for k in gazetteer.wards_at(points, today)] == ["00070", None, "00097"]
    assert list(gazetteer.wards_at([], today)) == []


def test_the_shares_of_an_old_ward_are_measured(gazetteer):
    shares = gazetteer.shares(HANG_TRONG)
    assert shares[0].fraction == pytest.approx(1.0, abs=0.001)
    assert shares[0].ward == HOAN_KIEM


def test_a_ward_reaches_as_far_as_its_polygon(gazetteer):
    extent = gazetteer.extent(HOAN_KIEM)
    assert 1_000 < extent.reach_m < 1_500
    undrawn = gazetteer.extent(UnitKey(Level.WARD, "25270", former=False))
    assert undrawn.reach_m > 0, "by its published area"


def test_streets_and_places_are_known_by_name(words):
    (street,) = words.streets.get(street_key("Phố Tràng Thi"))
    assert (street.name, street.other_names) == ("Phố Tràng Thi", ("Rue Borgnis Desbordes",))
    assert [one.name for one in words.places.get(street_key("Nhà hai"))] == ["Nhà hai"]


@contextmanager
def another(databases):
    engine = make_engine(databases.clone("keeper"))
    try:
        yield engine
    finally:
        engine.dispose()


def load_something(engine):
    with transaction(engine) as writer:
        record_edition(writer, "streets", secrets.token_hex(), {})


def test_a_new_edition_is_read_once_and_the_old_one_let_go(databases):
    with another(databases) as engine:
        keeper = VocabularyKeeper(engine, FACTS)
        before = keeper.current()
        keeper.look_again()
        assert keeper.current() is before, "nothing new"
        with reading(engine) as reader:
            keeper.get_ahead(reader, Event())
        load_something(engine)
        keeper.look_again()
        assert keeper.current().edition > before.edition
        kept = [ref(part) for part in (before, before.units, before.streets, before.units.lineage)]
        del before
        assert [one() for one in kept] == [None] * 4, "it is never collected: it may have no cycles"


def test_answers_come_from_the_old_edition_until_the_new_one_is_whole(databases, monkeypatch):
    monkeypatch.setattr(keeping, "LOOK_AGAIN_S", 0.01)
    with another(databases) as engine:
        keeper = VocabularyKeeper(engine, FACTS)
        before, read = keeper.current(), Vocabularies.read
        begun, may_end = Event(), Event()

        def slowly(reader, facts):
            begun.set()
            assert may_end.wait(60)
            return read(reader, facts)

        monkeypatch.setattr(Vocabularies, "read", slowly)
        with keeper.watching():
            load_something(engine)
            assert begun.wait(60)
            assert keeper.current() is before
            may_end.set()
            until(lambda: keeper.current().edition > before.edition)


def test_a_fault_in_reading_leaves_the_old_edition_and_is_tried_again(databases, monkeypatch):
    monkeypatch.setattr(keeping, "LOOK_AGAIN_S", 0.01)
    monkeypatch.setattr(keeping, "AFTER_A_FAULT_S", 0.01)
    with another(databases) as engine:
        keeper = VocabularyKeeper(engine, FACTS)
        before, read, faults = keeper.current(), Vocabularies.read, []

        def at_the_third_time(reader, facts):
            if len(faults) < 2:
                faults.append(keeper.current())
                raise StoreUnreachable("away")
            return read(reader, facts)

        monkeypatch.setattr(Vocabularies, "read", at_the_third_time)
        with keeper.watching():
            load_something(engine)
            until(lambda: keeper.current() is not before)
        assert faults == [before, before]


def test_a_street_that_gets_its_first_house_is_asked_for_its_houses():
    asked, along = [], Along([1])

    def read():
        asked.append(len(asked))
        return [House(2, "7", (105.85, 21.03), HOAN_KIEM)]

    assert not along.doors(2, read).keys
    assert asked == []
    along.forget([2])
    assert [along.doors(2, read).keys for _ in range(2)] == [("7",), ("7",)]
    assert asked == [0]


def test_the_rulers_of_streets_are_made_before_anybody_asks(town, monkeypatch):
    monkeypatch.setattr(keeping, "LOOK_AGAIN_S", 0.01)
    warm = []
    keeper = VocabularyKeeper(town, FACTS, lambda: warm.append(keeper.is_warm))
    words, day = keeper.current(), keeping.today()
    streets = {one.id: one for key in words.streets for one in words.streets.get(key)}
    with keeper.watching():
        until(lambda: keeper.is_warm)
    assert warm == [False], "once, just before it is said"
    assert len(rulers_of(words.streets)) == len(streets) > 0
    gazetteer = PostgisGazetteer(words, IN_MEMORY_ONLY, day)
    assert all(ruler_of(street, gazetteer, day) for street in streets.values())


def test_rulers_are_made_again_on_the_day_a_ward_is_drawn_anew(town, monkeypatch):
    read, later = Vocabularies.read, date(2027, 3, 1)

    def redrawn(reader, facts):
        known = read(reader, facts)
        assert list(known.redrawn) == [REFORM]
        return replace(known, redrawn=[REFORM, later])

    monkeypatch.setattr(Vocabularies, "read", redrawn)
    keeper = VocabularyKeeper(town, FACTS)
    words = keeper.current()
    for day in (date(2027, 2, 27), date(2027, 2, 28), later, date(2027, 4, 1)):
        monkeypatch.setattr(keeping, "today", lambda day=day: day)
        with reading(town) as reader:
            keeper.get_ahead(reader, Event())
            while not keeper.is_warm:
                keeper.get_ahead(reader, Event())
        made = {drawn for _, drawn in rulers_of(words.streets)}
        assert made == {later if day >= later else REFORM}, day


def until(come):
    deadline = time.monotonic() + 60
    while not come():
        assert time.monotonic() < deadline
        time.sleep(0.01)
