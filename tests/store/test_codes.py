"""The books of codes: claimed, taken in, tied once, never changed."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from diachiso.address.code import AddressCode, passing
from diachiso.address.division import Level, UnitKey
from diachiso.address.errors import CodesError
from diachiso.store.codes import PostgisCodeBooks, add_area
from diachiso.store.found import live_slips
from diachiso.store.history import Source, source_id

HOAN_KIEM = UnitKey(Level.WARD, "00070", former=False)
ELSEWHERE = AddressCode("1102400001")
"""Issued by another system: it does not pass the check."""


@pytest.fixture
def books(writer, today):
    return PostgisCodeBooks(writer, today)


def test_taken_codes_are_passed_over(books):
    codes = [passing("11024", f"{n:04}") for n in range(5)]
    assert set(books.claim(codes[:3], 3, HOAN_KIEM)) == set(codes[:3])
    assert set(books.claim(codes, 5, HOAN_KIEM)) == set(codes[3:])
    assert books.claim(codes, 5, HOAN_KIEM) == ()
    assert books.taken("11024") == set(codes)
    assert books.self_checking_taken("11024") == 5


def test_no_more_are_claimed_than_wanted(books):
    codes = [passing("11024", f"{n:04}") for n in range(50)]
    assert len(books.claim(codes, 7, HOAN_KIEM)) == 7
    assert len(books.taken("11024")) == 7


def test_codes_issued_elsewhere_are_kept_as_they_are(writer, books):
    assert not ELSEWHERE.is_self_checking
    books.take_in([ELSEWHERE], HOAN_KIEM)
    row = writer.execute(text("SELECT self_checking, origin FROM issued_code")).one()
    assert tuple(row) == (False, "loaded")
    assert books.claim([ELSEWHERE], 1, HOAN_KIEM) == ()


def test_a_code_is_tied_to_one_address_once(writer, books):
    books.take_in([ELSEWHERE], HOAN_KIEM)
    first, second = (
        writer.scalar(text("INSERT INTO address DEFAULT VALUES RETURNING id")) for _ in "ab"
    )
    tie = text("UPDATE issued_code SET address_id = :id")
    writer.execute(tie, {"id": first})
    with pytest.raises(IntegrityError, match="never changed"):
        writer.execute(tie, {"id": second})


@pytest.mark.parametrize(
    "change",
    ["DELETE FROM issued_code", "UPDATE issued_code SET ward_id = NULL", "TRUNCATE issued_code"],
)
def test_a_code_is_never_taken_back(writer, books, change):
    books.take_in([ELSEWHERE], HOAN_KIEM)
    with pytest.raises(IntegrityError, match="never changed"):
        writer.execute(text(change))


def test_a_slip_of_a_live_code_is_recognised(writer, books):
    live = passing("11024", "5831")
    books.claim([live], 1, HOAN_KIEM)
    slip = next(live.slips())
    assert live_slips(writer, slip) == [], "issued but to nobody yet"
    address = writer.scalar(text("INSERT INTO address DEFAULT VALUES RETURNING id"))
    writer.execute(text("UPDATE issued_code SET address_id = :id"), {"id": address})
    assert live_slips(writer, slip) == [], "of an address that nobody may know of"
    writer.execute(
        text(
            "INSERT INTO address_version (address_id, state, number, number_key, ward_id, position,"
            " position_kind, valid, source_id) SELECT :id, 'recorded', '1', '1', unit.id,"
            " ST_SetSRID(ST_MakePoint(105.85, 21.03), 4326), 'entrance', '[2026-01-01,)', :source"
            " FROM unit WHERE level = 'ward' LIMIT 1"
        ),
        {"id": address, "source": source_id(writer, Source("x", "", "", "", ""))},
    )
    assert live_slips(writer, slip) == [live]


def test_a_further_area_comes_after_the_first(writer, books, today):
    add_area(writer, HOAN_KIEM, "99001", today)
    assert books.areas_of(HOAN_KIEM) == ("11024", "99001")


@pytest.mark.parametrize(
    ("ward", "area", "told"),
    [
        ("00070", "9900", "five digits"),
        ("00070", "99OO1", "five digits"),
        ("99999", "99001", "No ward has the code 99999"),
        ("00070", "11024", "its own already"),
        ("00082", "11024", "another ward's"),
    ],
)
def test_an_area_that_cannot_be_given_is_refused(writer, today, ward, area, told):
    with pytest.raises(CodesError, match=told):
        add_area(writer, UnitKey(Level.WARD, ward, former=False), area, today)
