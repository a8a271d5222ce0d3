"""Postal points: what may be said of them, and state mail that is never public."""

from dataclasses import replace
from datetime import date

import pytest

from diachiso.address.division import Level, UnitKey
from diachiso.address.errors import MalformedAttribute, MoveRefused, NotAllowed, PersonalData
from diachiso.address.record import ObjectKind
from diachiso.registry.amend import amend
from diachiso.registry.officer import Role
from diachiso.registry.postal import ATTRIBUTES, checked
from diachiso.registry.record import record
from diachiso.registry.register import register
from diachiso.registry.review import restrict
from diachiso.store.points import postal_points

TODAY = date(2026, 11, 1)
HOAN_KIEM = UnitKey(Level.WARD, "00070", former=False)
HOURS = "Mo-Fr 07:30-11:30,13:30-17:00; Sa 08:00-11:00"


@pytest.fixture
def point(office):
    def point(kind, **attributes):
        blank = office.house(None, 105.8512, 21.0366, street=None, name="Bưu cục Hàng Trống")
        return replace(blank, kind=kind, attributes=attributes)

    return point


@pytest.mark.parametrize(
    ("kind", "written", "kept"),
    [
        (ObjectKind.POST_OFFICE, {"hours": HOURS}, {"hours": HOURS}),
        (ObjectKind.POST_OFFICE, {"staffed": "Có"}, {"staffed": True}),
        (ObjectKind.CULTURE_POINT, {"staffed": "không"}, {"staffed": False}),
        (ObjectKind.LETTER_BOX, {"hours": "Mo-Sa 16:00-16:30"}, {"hours": "Mo-Sa 16:00-16:30"}),
        (ObjectKind.MAIL_BOXES, {"boxes": "48"}, {"boxes": 48}),
        (ObjectKind.PICKUP_POINT, {"keeper": " HTX Rau "}, {"keeper": "HTX Rau"}),
        (ObjectKind.MAIL_BOXES, {"boxes": None}, {}),
    ],
)
def test_what_is_said_of_a_point_is_read(point, kind, written, kept):
    assert checked(point(kind, **written)).attributes == kept


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (ObjectKind.POST_OFFICE, {"hours": "8h-17h"}),
        (ObjectKind.POST_OFFICE, {"hours": "Mo-Fr 25:00-26:00"}),
        (ObjectKind.POST_OFFICE, {"staffed": "đôi khi"}),
        (ObjectKind.POST_OFFICE, {"boxes": 4}),
        (ObjectKind.LETTER_BOX, {"staffed": True}),
        (ObjectKind.MAIL_BOXES, {"boxes": 0}),
        (ObjectKind.MAIL_BOXES, {"boxes": 1.5}),
        (ObjectKind.MAIL_BOXES, {"boxes": True}),
        (ObjectKind.MAIL_BOXES, {"boxes": float("nan")}),
        (ObjectKind.PICKUP_POINT, {"keeper": ""}),
        (ObjectKind.PICKUP_POINT, {"state_mail": True}),
        (ObjectKind.PICKUP_POINT, {"owner": "HTX"}),
        (ObjectKind.DWELLING, {"staffed": True}),
    ],
)
def test_what_is_not_so_is_refused_by_name(point, kind, written):
    with pytest.raises(MalformedAttribute) as told:
        checked(point(kind, **written))
    assert told.value.particulars["attribute"] == next(iter(written))
    assert " / " in str(told.value)


def test_a_keeper_is_no_person(point):
    with pytest.raises(PersonalData):
        checked(point(ObjectKind.LETTER_BOX, keeper="chị Lan 0912345678"))


def test_other_kinds_keep_attributes_of_their_own(point):
    other = point(ObjectKind.WORK, floors=4)
    assert checked(other) == other


def test_every_attribute_has_a_heading_for_spreadsheets():
    assert len({one.heading for one in ATTRIBUTES.values()}) == len(ATTRIBUTES)
    assert set(ATTRIBUTES) == {"keeper", "staffed", "hours", "boxes", "state_mail"}


def test_a_postal_agent_enters_a_point_and_everybody_sees_it(office, point):
    agent = office.hire(Role.POSTAL_AGENT, HOAN_KIEM)
    by = office.as_(agent)
    details = point(ObjectKind.POST_OFFICE, staffed=True, hours=HOURS, keeper="Bưu điện Hoàn Kiếm")
    done = record(office.books, register(office.books, details, by, TODAY).address, by, TODAY)
    (found,) = postal_points(office.writer, TODAY, kinds=[ObjectKind.POST_OFFICE], ward=HOAN_KIEM)
    assert found.code == done.code.digits
    assert found.attributes["hours"] == HOURS


def test_state_mail_is_restricted_from_the_start_and_stays_so(office, point, clerk):
    agent = office.hire(Role.POSTAL_AGENT, HOAN_KIEM)
    secret = point(ObjectKind.POST_OFFICE, state_mail=True)
    with pytest.raises(NotAllowed):
        register(office.books, secret, office.as_(agent), TODAY)
    by = office.as_(clerk)
    done = record(office.books, register(office.books, secret, by, TODAY).address, by, TODAY)
    assert done.details.restricted
    with pytest.raises(MoveRefused, match="KT1"):
        restrict(office.books, done, by, hidden=False)
    office.as_(agent)
    assert postal_points(office.writer, TODAY, kinds=[ObjectKind.POST_OFFICE]) == []


def test_what_is_public_does_not_become_state_mail_unhidden(office, point, clerk):
    by = office.as_(clerk)
    plain = point(ObjectKind.LETTER_BOX)
    done = record(office.books, register(office.books, plain, by, TODAY).address, by, TODAY)
    secret = replace(done.details, attributes={"state_mail": True})
    with pytest.raises(MoveRefused, match="KT1"):
        amend(office.books, done, secret, by, TODAY)
    hidden = restrict(office.books, done, by, hidden=True)
    again = office.books.address(hidden.called, TODAY)
    secret = replace(again.details, attributes={"state_mail": True})
    assert amend(office.books, again, secret, by, TODAY).details.restricted
