"""The ledger proves itself: one byte changed anywhere is named; the feed has no holes."""

import json
import random
from dataclasses import dataclass
from datetime import date

import pytest
from sqlalchemy import Engine, text

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.address.errors import LedgerBroken
from diachiso.address.number import HouseNumber
from diachiso.address.position import Position, PositionKind
from diachiso.address.record import Details, Spot
from diachiso.registry.officer import Acting, Role
from diachiso.registry.record import record
from diachiso.registry.register import register
from diachiso.registry.review import restrict
from diachiso.store.acting import says
from diachiso.store.books import PostgisBooks
from diachiso.store.engine import make_engine, transaction
from diachiso.store.feed import changes_since
from diachiso.store.ledger import head_of, prove
from diachiso.store.officers import enter_officer, give_mandate, officer_of

DAY = date(2026, 11, 1)
WARD = UnitKey(Level.WARD, "00070", former=False)


@dataclass(frozen=True)
class Acted:
    """The town, and how far ledger and feed had come by its loads."""

    engine: Engine
    lines: int
    changes: int


@pytest.fixture(scope="module")
def acted(databases, settle_in):
    """The town after six acts: three houses registered and recorded, the last one hidden."""
    engine = make_engine(databases.clone("ledger"))
    settle_in(engine)
    with transaction(engine) as writer:
        loaded = head_of(writer)
        officer = enter_officer(writer)
        give_mandate(writer, officer, Role.WARD_OFFICER, WARD, Validity(date(2025, 1, 1)), None)
        says(writer, officer)
        by = Acting(officer_of(writer, officer), DAY, "test")
        books = PostgisBooks(writer, random.Random(3))
        for n in range(3):
            spot = Spot(Position(105.8511, 21.0345 + n / 1e4), PositionKind.ENTRANCE)
            street = books.street_named("Phố Hàng Trống", spot.position)
            details = Details(WARD, (spot,), HouseNumber.parse(str(20 + n)), street)
            house = record(books, register(books, details, by, DAY).address, by, DAY)
        restrict(books, house, by, hidden=True)
    yield Acted(engine, loaded.number, loaded.last_change)
    engine.dispose()


def test_every_act_is_a_line_and_every_line_is_proved(acted):
    with acted.engine.connect() as reader:
        head = prove(reader)
        assert head == head_of(reader)
        assert head.number == acted.lines + 7
        body = reader.scalar(text("SELECT body FROM ledger ORDER BY number DESC"))
    assert (body["act"], body["note"], body["origin"]) == ("restrict", {"hidden": True}, "test")


def test_the_feed_has_no_hole_and_tells_nothing_of_what_is_hidden(acted):
    with acted.engine.connect() as reader:
        changes = changes_since(reader, acted.changes, 100).changes
    assert [one.number - acted.changes for one in changes] == list(range(1, 9))
    withdrawn, hidden = changes[-2:]
    assert (withdrawn.kind, withdrawn.after) == ("address", None)
    assert (hidden.kind, hidden.subject, hidden.act, hidden.at, hidden.after) == (None,) * 5
    assert json.loads(changes[1].after)["code"]
    assert json.loads(changes[1].after)["versions"][-1]["number"] == "20"


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (
            "UPDATE ledger SET body = jsonb_set(body, '{{act}}', '1') WHERE number = {line}+3",
            3,
        ),
        ("UPDATE ledger SET hash = reverse(hash) WHERE number = {line}+2", 2),
        ("INSERT INTO change (number, line, digest) VALUES ({change}+9, {line}+7, 'x')", None),
        ("UPDATE ledger SET previous = repeat('1', 64) WHERE number = {line}+4", 4),
        ('UPDATE change SET after = after || \'{{"code": "1"}}\' WHERE number = {change}+2', 2),
        ("UPDATE change SET at = at + interval '1 microsecond' WHERE number = {change}+5", 5),
        ("UPDATE restricted_change SET after = after || '{{\"x\": 1}}'", 7),
        ("UPDATE change SET subject_id = 1 WHERE number = {change}+1", 1),
        ("DELETE FROM restricted_change; DELETE FROM change WHERE number = {change}+8", 7),
        (
            "DELETE FROM change WHERE line = {line}+3; DELETE FROM ledger WHERE number = {line}+3",
            3,
        ),
    ],
)
def test_one_byte_changed_with_all_rights_is_named(acted, spoil, told):
    with acted.engine.connect() as reader, reader.begin() as nothing_stays:
        reader.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in spoil.split("; "):
            reader.execute(text(statement.format(line=acted.lines, change=acted.changes)))
        with pytest.raises(LedgerBroken) as fault:
            prove(reader)
        nothing_stays.rollback()
    line = fault.value.particulars.get("line")
    assert line == (None if told is None else acted.lines + told)
