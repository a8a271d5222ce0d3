"""Issuing codes on real PostGIS: self-checking ones first, none twice, nobody waits."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, insert, text

from diachiso.address.code import PASSING_PER_AREA, AddressCode
from diachiso.address.division import Level, UnitKey
from diachiso.address.errors import AreaExhausted, NoAreaForWard
from diachiso.registry.issue import issue, self_checking
from diachiso.store import tables as t
from diachiso.store.codes import PostgisCodeBooks, add_area
from diachiso.store.engine import make_engine, transaction

HOAN_KIEM = UnitKey(Level.WARD, "00070", former=False)
AREA = "11024"
LOC_NINH = UnitKey(Level.WARD, "25270", former=False)
CHANCE = secrets.SystemRandom()


@pytest.fixture
def draw(writer, today):
    """Issue codes of a ward and nothing stays of it."""
    return lambda count=1, ward=HOAN_KIEM: issue(
        PostgisCodeBooks(writer, today), ward, count, CHANCE
    )


def hold(writer, codes):
    rows = [{"code": c.digits, "self_checking": c.is_self_checking} for c in codes]
    writer.execute(insert(t.issued_code), rows)


def hold_all_but(writer, free):
    """Every code of the area is issued, but the last so many."""
    numbered = text("""
        INSERT INTO issued_code (code, self_checking)
        SELECT :area || lpad(n::text, 5, '0'), :area || lpad(n::text, 5, '0') = ANY (:passing)
        FROM generate_series(0, 99999 - :free) AS n
    """)
    passing = [code.digits for code in self_checking(AREA)]
    writer.execute(numbered, {"area": AREA, "free": free, "passing": passing})


def test_codes_carry_the_wards_area_and_check_themselves(draw):
    codes = draw(200)
    assert len(set(codes)) == 200
    assert {code.area for code in codes} == {AREA}
    assert all(code.is_self_checking for code in codes)


def test_none_are_wanted_none_are_issued(draw):
    assert draw(0) == []


def test_after_the_self_checking_codes_come_the_others(writer, draw):
    free = sorted(self_checking(AREA))[:2]
    hold(writer, self_checking(AREA) - set(free))
    codes = draw(5)
    assert sorted(code for code in codes if code.is_self_checking) == free
    assert len(set(codes)) == 5


def test_an_area_gives_each_of_its_codes_and_then_says_what_to_do(writer, draw):
    hold_all_but(writer, 3)
    assert {code.extension for code in draw(3)} == {"99997", "99998", "99999"}
    with pytest.raises(AreaExhausted, match=f"diachiso code area {HOAN_KIEM.code}"):
        draw()


def test_a_ward_with_a_second_area_goes_on_issuing(writer, draw, today):
    hold_all_but(writer, 1)
    add_area(writer, HOAN_KIEM, "99001", today)
    codes = draw(3)
    assert [code.area for code in codes] == [AREA, "99001", "99001"]
    assert all(code.is_self_checking for code in codes[1:])


def test_a_ward_without_a_postal_code_says_which_file_to_load(draw):
    with pytest.raises(NoAreaForWard, match=r"25270.*diachiso load postcodes FILE"):
        draw(ward=LOC_NINH)


def test_the_area_is_the_postal_code_of_the_day(writer, today):
    before = PostgisCodeBooks(writer, today.replace(year=2025, month=7))
    assert before.areas_of(HOAN_KIEM) == (), "the decision is of 24 August 2025"
    assert PostgisCodeBooks(writer, today).areas_of(HOAN_KIEM) == (AREA,)


# -- many at once ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def counter(databases) -> Iterator[Engine]:
    """A database where codes are issued for good."""
    engine = make_engine(databases.clone("issuing"))
    yield engine
    engine.dispose()


def issued_in(engine, count, today, ward=HOAN_KIEM):
    with transaction(engine) as writer:
        return issue(PostgisCodeBooks(writer, today), ward, count, CHANCE)


def test_eight_writers_of_one_ward_never_meet(counter, today):
    with ThreadPoolExecutor(8) as pool:
        batches = list(pool.map(lambda n: issued_in(counter, n, today), [1, 40, 700] * 8))
    codes = [code for batch in batches for code in batch]
    assert len(codes) == len(set(codes)) == 8 * 741
    assert all(code.is_self_checking for code in codes)


def test_codes_held_in_an_open_transaction_stall_nobody_and_come_back_when_it_fails(counter, today):
    ward, area = UnitKey(Level.WARD, "00082", former=False), "11025"
    with transaction(counter) as writer:
        (area,) = PostgisCodeBooks(writer, today).areas_of(ward)
        free = sorted(self_checking(area))[:3]
        hold(writer, self_checking(area) - set(free))
    with counter.connect() as idle, idle.begin() as never_ends:
        held = issue(PostgisCodeBooks(idle, today), ward, 2, CHANCE)
        with transaction(counter) as writer:
            writer.execute(text("SET LOCAL lock_timeout = '1ms'"))  # to wait is to fail
            others = issue(PostgisCodeBooks(writer, today), ward, 3, CHANCE)
        never_ends.rollback()
    assert set(held) < set(free)
    assert set(others) & set(free) == set(free) - set(held)
    assert [code.is_self_checking for code in others].count(False) == 2
    assert set(issued_in(counter, 2, today, ward)) == set(held), "nobody had seen them"
    with counter.connect() as connection:
        checked = connection.scalar(
            text("SELECT count(*) FROM issued_code WHERE area = :area AND self_checking"),
            {"area": area},
        )
    assert checked == PASSING_PER_AREA


def test_a_code_once_issued_is_never_issued_again(counter, today):
    before = set(issued_in(counter, 1000, today))
    assert before.isdisjoint(issued_in(counter, 1000, today))
    with counter.connect() as connection:
        kept = {AddressCode(c) for c in connection.scalars(text("SELECT code FROM issued_code"))}
    assert before < kept
