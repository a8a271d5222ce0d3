"""What is told of wards from memory is what the database tells, on any day and after any load."""

from datetime import date

import pytest

from diachiso.store import cards as module
from diachiso.store.cards import WardCards
from diachiso.store.engine import reading
from diachiso.store.features import heirs_of, ward_holding, ward_on

DAYS = (date(2026, 11, 1), date(2025, 6, 30), date(2025, 7, 1), date(1990, 1, 1))
SPOTS = ((105.85, 21.03), (105.852, 21.03), (105.865, 21.03), (107.5, 20.0))


@pytest.fixture
def reader(town):
    with reading(town) as reader:
        yield reader


@pytest.fixture
def statements(reader):
    """How many statements the reader has been asked."""
    asked = []
    execute = reader.execute

    def counted(*those, **more):
        asked.append(those[0])
        return execute(*those, **more)

    reader.execute = counted
    return asked


def test_points_lie_in_the_same_wards_as_when_asked_for_one_by_one(reader):
    asked = [(*spot, day) for spot in SPOTS for day in DAYS]
    for cards in (WardCards(), read_ahead(reader)):
        found = cards.holding(reader, asked)
        assert found == [ward_holding(reader, *spot) for spot in asked]
        assert cards.holding(reader, asked) == found, "from memory as well"


def read_ahead(reader):
    cards = WardCards()
    cards.read(reader, DAYS)
    return cards


@pytest.mark.parametrize("code", ["00070", "00079", "25270", "99999"])
def test_a_ward_is_told_with_its_land_and_its_heirs(reader, code):
    for cards in (WardCards(), read_ahead(reader)):
        for day in DAYS * 2:
            ward = ward_on(reader, code, day)
            assert cards.on(reader, code, day) == (ward and (ward, heirs_of(reader, ward)))


def test_what_was_read_ahead_takes_one_statement(reader, statements):
    cards = read_ahead(reader)
    del statements[:]
    cards.holding(reader, [(*spot, day) for spot in SPOTS for day in DAYS])
    assert len(statements) == 1
    cards.read(reader, DAYS)
    assert len(statements) == 1, "no ward is read again"


def test_too_many_cards_are_let_go_and_read_again(reader, monkeypatch):
    monkeypatch.setattr(module, "MOST_CARDS", 1)
    cards = WardCards()
    for _ in range(2):
        for spot in SPOTS[:3]:
            asked = [(*spot, day) for day in DAYS]
            assert cards.holding(reader, asked) == [ward_holding(reader, *one) for one in asked]
