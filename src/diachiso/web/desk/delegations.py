"""Delegations: which postal agents act for one's wards, until when; new ones, and their ends."""

from datetime import timedelta

from fastapi import APIRouter, Request, Response

from diachiso.address.errors import NotAllowed
from diachiso.address.today import today
from diachiso.registry.mandates import Given
from diachiso.registry.officer import Role
from diachiso.store.accounts import accounts
from diachiso.store.features import wards_coded
from diachiso.store.officers import mandates
from diachiso.web.access import acting_books
from diachiso.web.desk.visitor import CurrentVisitor, DeskRoute, page

router = APIRouter(prefix="/desk", route_class=DeskRoute, include_in_schema=False)
USUAL = timedelta(days=90)
"""For how long the form proposes to delegate."""
MOST_ENDED = 50


@router.get("/delegations")
def delegations(request: Request, who: CurrentVisitor) -> Response:
    """The delegations of one's wards, and a form for another."""
    wards, day = who.delegating, today()
    if not wards:
        raise NotAllowed("Chỉ người duyệt của phường, xã ủy quyền. / Only a ward's approver does.")
    with acting_books(request) as books:
        people = {one.officer: one for one in accounts(books.reader)}
        given = [
            one
            for one in reversed(mandates(books.reader))
            if one.role is Role.POSTAL_AGENT and one.unit is not None and one.unit.code in wards
        ]
        named = {one.unit.code: one for one in wards_coded(books.reader, wards, day)}
    rows = [
        {
            "number": one.number,
            "person": people.get(one.officer),
            "officer": one.officer,
            "ward": one.unit.code if one.unit else "",
            "since": one.valid.since,
            "until": one.valid.until,
            "is_ended": _is_ended(one),
            "begins_later": one.valid.since is not None and one.valid.since > day,
            "mine": one.officer == who.acting.officer.id,
        }
        for one in given
    ]
    return page(
        request,
        who,
        "delegations",
        live=[one for one in rows if not one["is_ended"]],
        ended=[one for one in rows if one["is_ended"]][:MOST_ENDED],
        agents=sorted({people[one.officer] for one in given if one.officer in people},
                      key=lambda one: one.login),
        named=named,
        wards=[(code, named[code].unit.full_name) for code in wards if code in named],
        first=day,
        proposed=day + USUAL,
        tomorrow=day + timedelta(days=1),
    )  # fmt: skip


def _is_ended(one: Given) -> bool:
    return one.valid.until is not None and one.valid.until <= today()
