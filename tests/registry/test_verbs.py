"""One house through every verb: the code stays, each day keeps what was so, nobody goes beyond."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from diachiso.address.division import Level, UnitKey
from diachiso.address.errors import (
    FourEyes,
    LikelyDuplicate,
    MoveRefused,
    NotAllowed,
    NotYourWard,
    Overtaken,
    TooEarly,
    UnknownCode,
)
from diachiso.address.number import HouseNumber
from diachiso.address.position import Position, PositionKind
from diachiso.address.record import Spot, State
from diachiso.registry.amend import amend, move
from diachiso.registry.books import Likeness
from diachiso.registry.certify import certify
from diachiso.registry.officer import Role
from diachiso.registry.record import record
from diachiso.registry.register import register
from diachiso.registry.renumber import rename, renumber
from diachiso.registry.retire import merge, retire
from diachiso.registry.review import restrict, review, settle
from diachiso.registry.split import Piece, split

CUA_NAM = UnitKey(Level.WARD, "00082", former=False)
DAY = date(2026, 11, 1)
LATER = DAY + timedelta(days=10)
LATEST = DAY + timedelta(days=20)


@pytest.fixture
def recorded(office, clerk):
    by = office.as_(clerk)
    draft = register(office.books, office.house("20", 105.8511, 21.0345), by, DAY).address
    return record(office.books, draft, by, DAY)


def test_a_draft_has_a_number_of_its_own_and_no_code(office, clerk):
    by = office.as_(clerk)
    done = register(office.books, office.house("20", 105.8511, 21.0345), by, DAY)
    assert done.address.state is State.PROPOSED
    assert done.address.called == f"D{done.address.id}"
    assert done.likely == ()
    assert office.books.address(done.address.called, DAY).details.ward.code == "00070"


def test_what_may_be_the_same_is_shown_with_the_reason(office, clerk):
    by = office.as_(clerk)
    (same,) = register(office.books, office.house("2", 105.8511, 21.0221), by, DAY).likely
    assert same.likeness == {Likeness.NUMBER_IN_STREET, Likeness.TEXT}
    assert 10 < same.distance_m < 13
    (near,) = register(office.books, office.house("2A", 105.8511, 21.022), by, DAY).likely
    assert near.likeness == {Likeness.POINT}


def test_the_same_number_is_recorded_only_when_it_is_said_to_be_another(office, clerk):
    by = office.as_(clerk)
    draft = register(office.books, office.house("2", 105.8511, 21.0345), by, DAY).address
    with pytest.raises(LikelyDuplicate, match="số và đường"):
        record(office.books, draft, by, DAY)
    assert record(office.books, draft, by, DAY, distinct=True).code is not None


def test_recording_issues_a_code_of_the_ward_that_never_changes(office, clerk, approver, recorded):
    code = recorded.code
    assert code.is_self_checking
    certified = certify(office.books, recorded, office.as_(approver), LATER)
    assert (certified.code, certified.state) == (code, State.CERTIFIED)
    other = office.house("22", 105.8511, 21.0345)
    amended = amend(office.books, certified, other, office.as_(clerk), LATEST)
    assert (amended.code, amended.state) == (code, State.RECORDED)
    told = [office.books.address(str(code), day) for day in (DAY, LATER, LATEST)]
    assert [one.state.value for one in told] == ["recorded", "certified", "recorded"]
    assert [str(one.details.number) for one in told] == ["20", "20", "22"]


def test_nobody_certifies_what_they_wrote(office, approver):
    by = office.as_(approver)
    draft = register(office.books, office.house("20", 105.8511, 21.0345), by, DAY).address
    mine = record(office.books, draft, by, DAY)
    with pytest.raises(FourEyes, match="tự chứng nhận"):
        certify(office.books, mine, by, DAY)
    row = office.books.address(mine.called, DAY)
    with pytest.raises(ProgrammingError, match="nobody certifies what they wrote"):
        office.books.revise(row, row.becoming(State.CERTIFIED, LATER))


def test_a_clerk_cannot_certify(office, clerk, recorded):
    with pytest.raises(NotAllowed, match="cán bộ phường, xã"):
        certify(office.books, recorded, office.as_(clerk), DAY)


def test_another_ward_is_not_theirs(office, recorded):
    by = office.as_(office.hire(Role.WARD_OFFICER, CUA_NAM))
    with pytest.raises(NotYourWard, match="không phụ trách 00070"):
        retire(office.books, recorded, by, LATER, reason="x")
    with pytest.raises(ProgrammingError, match="governed by others"):
        office.books.revise(recorded, recorded.becoming(State.RETIRED, LATER, reason="x"))


def test_a_split_keeps_the_code_of_the_first(office, clerk, recorded):
    by = office.as_(clerk)
    spot = Spot(Position(105.8511, 21.0346), PositionKind.ENTRANCE)
    pieces = [Piece(HouseNumber.parse(n)) for n in ("20", "20A")]
    pieces.append(Piece(HouseNumber.parse("20B"), (spot,)))
    kept, first, second = split(office.books, recorded, pieces, by, LATER)
    assert kept.code == recorded.code
    assert len({kept.code, first.code, second.code}) == 3
    assert second.details.spot == spot
    with pytest.raises(UnknownCode):
        office.books.address(str(first.code), DAY)


def test_a_retired_address_is_kept_with_its_reason(office, clerk, recorded):
    by = office.as_(clerk)
    ended = retire(office.books, recorded, by, LATER, reason="đã phá dỡ")
    assert office.books.address(str(ended.code), DAY).state is State.RECORDED
    assert office.books.address(str(ended.code), LATER).reason == "đã phá dỡ"
    with pytest.raises(MoveRefused, match="thôi dùng"):
        amend(office.books, ended, recorded.details, by, LATEST)


def test_merged_addresses_are_succeeded_by_the_one_that_stays(office, clerk, recorded):
    by = office.as_(clerk)
    draft = register(office.books, office.house("22", 105.8511, 21.0346), by, DAY).address
    other = record(office.books, draft, by, DAY)
    (ended,) = merge(office.books, [other], recorded, by, LATER)
    assert str(recorded.code) in ended.reason
    rows = office.writer.execute(text("SELECT old_id, new_id FROM succession")).all()
    assert rows == [(other.id, recorded.id)]


def test_a_review_flags_what_is_doubted_and_is_settled(office, clerk, recorded):
    by = office.as_(clerk)
    doubted = review(office.books, recorded, ["position"], by, LATER, reason="lệch 30 m")
    assert doubted.state is State.UNDER_REVIEW
    assert office.books.address(str(recorded.code), LATER).details.doubts == {"position"}
    settled = settle(office.books, doubted, by, LATEST)
    assert (settled.state, settled.details.doubts) == (State.RECORDED, frozenset())


def test_a_street_is_renamed_and_certified_houses_stay_certified(office, approver, clerk, recorded):
    certified = certify(office.books, recorded, office.as_(approver), DAY)
    street = certified.details.street
    by = office.as_(approver)
    renamed, houses = rename(office.books, street, "phố Mới", by, LATER)
    assert len(houses) == 6
    told = office.books.address(str(recorded.code), LATER)
    assert (told.state, told.details.street) == (State.CERTIFIED, renamed)
    assert office.books.address(str(recorded.code), DAY).details.street == street


def test_houses_get_new_numbers_in_one_act(office, clerk, recorded):
    by = office.as_(clerk)
    numbers = {recorded.called: HouseNumber.parse("24")}
    (house,) = renumber(office.books, recorded.details.street, numbers, by, LATER)
    assert (house.code, str(house.details.number)) == (recorded.code, "24")


def test_a_restricted_address_is_found_by_its_ward_alone(office, clerk, recorded):
    restrict(office.books, recorded, office.as_(clerk), hidden=True)
    assert office.books.address(str(recorded.code), DAY).details.restricted
    office.as_(office.hire(Role.WARD_OFFICER, CUA_NAM))
    with pytest.raises(UnknownCode):
        office.books.address(str(recorded.code), DAY)
    assert office.books.likely(recorded.details, DAY) == ()


def test_two_who_change_one_version_do_not_overwrite_each_other(office, clerk, recorded):
    by = office.as_(clerk)
    amend(office.books, recorded, office.house("22", 105.8511, 21.0345), by, LATER)
    with pytest.raises(Overtaken, match="người khác"):
        amend(office.books, recorded, office.house("24", 105.8511, 21.0345), by, LATER)
    now = office.books.address(recorded.called, LATER)
    with pytest.raises(TooEarly):
        amend(office.books, now, office.house("24", 105.8511, 21.0345), by, DAY)


def test_a_move_across_wards_takes_a_mandate_in_both(office, clerk, recorded):
    by = office.as_(clerk)
    there = [Spot(Position(105.8444, 21.03), PositionKind.ENTRANCE)]
    with pytest.raises(NotYourWard):
        move(office.books, recorded, there, by, LATER)
