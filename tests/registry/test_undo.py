"""Undo: one's own last act is made good, on its day, while nothing was built on it."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from diachiso.address.errors import NotAllowed
from diachiso.address.number import HouseNumber
from diachiso.address.record import State
from diachiso.address.today import today
from diachiso.registry.amend import amend
from diachiso.registry.certify import certify, certify_all
from diachiso.registry.number import number_street
from diachiso.registry.officer import Role
from diachiso.registry.record import record
from diachiso.registry.register import register
from diachiso.registry.retire import merge, retire
from diachiso.registry.review import restrict, review, settle
from diachiso.registry.split import Piece, split
from diachiso.registry.undo import UNDONE, NotUndoable, undo
from diachiso.store.ledger import prove
from diachiso.store.own_acts import PostgisUndo, own_acts

DAY = today()


@pytest.fixture
def works(office):
    """The office, with the books in which acts are undone; it is today there."""
    office.books = PostgisUndo(office.writer)
    return office


@pytest.fixture
def one(works, clerk):
    """A recorded house, written by the clerk."""
    by = works.as_(clerk, DAY)
    draft = register(works.books, works.house("20", 105.8511, 21.0335), by, DAY).address
    return record(works.books, draft, by, DAY)


def undone(works, by):
    return undo(works.books, works.books.last_act().line, by)


def now(works, address):
    return works.books.address(address.called, DAY)


def test_what_was_amended_is_as_before_and_both_stand_in_the_ledger(works, clerk, one):
    by = works.as_(clerk, DAY)
    amend(works.books, one, replace(one.details, number=HouseNumber.parse("99")), by, DAY)
    (back,) = undone(works, by)
    assert (str(back.details.number), back.state) == ("20", State.RECORDED)
    told = own_acts(works.writer)
    assert told[0].undoes == told[1].line
    assert told[1].is_undone
    works.writer.execute(text("RESET ROLE"))
    assert prove(works.writer).number >= told[0].line


def test_a_code_that_was_issued_is_retired_and_answers_for_ever(works, clerk, one):
    (back,) = undone(works, works.as_(clerk, DAY))
    assert (back.state, back.code, back.reason) == (State.RETIRED, one.code, UNDONE)


def test_a_draft_that_was_entered_ends_only_with_the_right_to_retire(works, office):
    agent = office.hire(Role.POSTAL_AGENT, office.house("1", 105.8511, 21.033).ward)
    by = works.as_(agent, DAY)
    register(works.books, works.house("31", 105.8511, 21.0331), by, DAY)
    with pytest.raises(NotAllowed):
        undone(works, by)


def test_a_retired_house_is_given_back_as_it_was(works, clerk, approver, one):
    certify(works.books, one, works.as_(approver, DAY), DAY)
    by = works.as_(approver, DAY)
    retire(works.books, now(works, one), by, DAY, reason="nhầm")
    (back,) = undone(works, by)
    assert back.state is State.CERTIFIED  # another wrote it; the approver may vouch for it
    by = works.as_(clerk, DAY)
    retire(works.books, now(works, one), by, DAY, reason="nhầm")
    (back,) = undone(works, by)
    assert back.state is State.RECORDED  # a clerk vouches for nothing: certified anew
    assert back.reason is None


def test_a_split_is_undone_and_may_be_made_again(works, clerk, one):
    by = works.as_(clerk, DAY)
    pieces = [Piece(HouseNumber.parse(number)) for number in ("20", "20A")]
    kept, part = split(works.books, one, pieces, by, DAY)
    undone(works, by)
    assert now(works, part).state is State.RETIRED
    assert now(works, kept).state is State.RECORDED
    heirs = "SELECT count(*) FROM succession WHERE old_id = :one AND upper_inf(recorded)"
    assert works.writer.scalar(text(heirs), {"one": one.id}) == 0
    split(works.books, now(works, one), pieces, by, DAY)
    assert works.writer.scalar(text(heirs), {"one": one.id}) == 1


def test_a_merge_is_undone_and_made_again(works, clerk, one):
    by = works.as_(clerk, DAY)
    other = register(works.books, works.house("22", 105.8511, 21.0336), by, DAY).address
    other = record(works.books, other, by, DAY)
    merge(works.books, [other], one, by, DAY)
    undone(works, by)
    assert now(works, other).state is State.RECORDED
    merge(works.books, [now(works, other)], now(works, one), by, DAY)
    assert now(works, other).state is State.RETIRED


def test_a_doubt_and_its_end_are_undone(works, clerk, one):
    by = works.as_(clerk, DAY)
    doubted = review(works.books, one, ["position"], by, DAY, reason="lệch")
    settle(works.books, doubted, by, DAY)
    (back,) = undone(works, by)
    assert (back.state, back.details.doubts) == (State.UNDER_REVIEW, {"position"})
    with pytest.raises(NotUndoable, match="đã là hoàn tác"):
        undone(works, by)


def test_many_that_were_certified_are_undone_together(works, clerk, approver, one):
    by = works.as_(clerk, DAY)
    houses = [works.house(str(n), 105.8511, 21.034 + n / 1e6) for n in (40, 42)]
    more = number_street(works.books, houses, by, DAY, record=True)
    by = works.as_(approver, DAY)
    done = certify_all(works.books, [one, *more], by, DAY)
    assert len(done.certified) == 3
    assert {address.state for address in undone(works, by)} == {State.RECORDED}


def test_four_eyes_hold_for_many(works, approver, one):
    by = works.as_(approver, DAY)
    mine = register(works.books, works.house("50", 105.8511, 21.0345), by, DAY).address
    mine = record(works.books, mine, by, DAY)
    done = certify_all(works.books, [one, mine], by, DAY)
    assert [address.id for address in done.certified] == [one.id]
    assert list(done.refused) == [mine.called]


def test_nothing_is_undone_that_was_built_on(works, clerk, approver, one):
    certify(works.books, one, works.as_(approver, DAY), DAY)
    by = works.as_(clerk, DAY)
    assert works.books.last_act() is not None
    with pytest.raises(NotUndoable, match="làm tiếp"):
        undone(works, by)


def test_only_ones_own_last_act_of_today_is_undone(works, clerk, approver, one):
    first, last = (told.line for told in own_acts(works.writer)[1::-1])
    by = works.as_(clerk, DAY)
    with pytest.raises(NotUndoable, match="gần nhất"):
        undo(works.books, first, by)
    with pytest.raises(NotUndoable, match="trong ngày"):
        undo(works.books, last, replace(by, today=DAY.replace(year=DAY.year + 1)))
    with pytest.raises(NotUndoable, match="gần nhất"):
        undo(works.books, last, works.as_(approver, DAY))


def test_what_has_an_opposite_of_its_own_is_not_undone(works, clerk, one):
    by = works.as_(clerk, DAY)
    restrict(works.books, one, by, hidden=True)
    with pytest.raises(NotUndoable, match="việc ngược lại"):
        undone(works, by)


def test_nobody_sees_or_writes_the_trail_of_another(works, clerk, approver, one):
    works.as_(approver, DAY)
    assert works.writer.scalar(text("SELECT count(*) FROM own_act")) == 0
    for statement in (
        "INSERT INTO own_act SELECT 1, :who, 'amend', now(), jsonb '[]', jsonb '[]'",
        "INSERT INTO errand (officer_id, key, digest, lines) SELECT :who, 'k', 'd', '{}'",
    ):
        trial = works.writer.begin_nested()
        with pytest.raises(ProgrammingError, match="row-level security"):
            works.writer.execute(text(statement), {"who": clerk})
        trial.rollback()
