"""Grant, delegate and end: who may act where is itself an act, with a line in the ledger.

The ministry grants any role; an approver of a ward delegates to a postal agent, for a time. Nobody
gives a mandate to themselves or ends their own.
"""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.address.errors import FourEyes, Incomplete, TooEarly
from diachiso.registry.books import Deed
from diachiso.registry.officer import Act, Acting, Mandate, Officer, Role

LEVELS: dict[Role, frozenset[Level | None]] = {
    Role.WARD_OFFICER: frozenset({Level.WARD}),
    Role.WARD_APPROVER: frozenset({Level.WARD}),
    Role.POSTAL_AGENT: frozenset({Level.WARD}),
    Role.PROVINCE_AUDITOR: frozenset({Level.PROVINCE}),
    Role.MINISTRY: frozenset({None}),
    Role.ENTERPRISE: frozenset({Level.WARD, Level.PROVINCE, None}),
}
"""What kind of unit each role is bound to; None is the whole country."""
LEVEL_NAMES = {
    Level.WARD: "phường, xã / a ward",
    Level.PROVINCE: "tỉnh / a province",
    Level.DISTRICT: "huyện / a district",
    None: "cả nước / the whole country",
}
NOBODY = 0


@dataclass(frozen=True, slots=True)
class Given:
    """A mandate as it is given to somebody."""

    officer: int
    role: Role
    unit: UnitKey | None
    valid: Validity
    number: int = 0


class Staff(Protocol):
    """Mandates in one transaction of the registry."""

    def mandate(self, number: int) -> Given:
        """A mandate that is recorded.

        Raises:
            UnknownOfficer: none that the one who acts may know of.
        """
        ...

    def give(self, given: Given, by: int | None) -> int:
        """Write a mandate; its number."""
        ...

    def end(self, number: int, on: date, by: int | None) -> None:
        """End a mandate on a day; that it was given stays known."""
        ...

    def seal(self, deed: Deed, by: Acting) -> int:
        """Append the line of the ledger."""
        ...


def operator(today: date, origin: str) -> Acting:
    """Whoever runs the machine of the registry: the commands act so, as no officer."""
    national = Mandate(Role.MINISTRY, None, Validity())
    return Acting(Officer(NOBODY, (national,)), today, origin)


def grant(staff: Staff, given: Given, by: Acting) -> int:
    """Give somebody a role in a unit, for some days or until further notice.

    Raises:
        NotAllowed: not theirs to grant.
        FourEyes: they would grant it to themselves.
        Incomplete: the role is not bound to such a unit, or the days are none.
    """
    by.officer.must(Act.GRANT, given.unit, by.today)
    return _give(staff, given, by, Act.GRANT)


def delegate(staff: Staff, given: Given, by: Acting) -> int:
    """Let a postal agent act for one's ward, for a time.

    Raises:
        NotAllowed: not their ward.
        FourEyes: they would appoint themselves.
        Incomplete: another role, no ward, or no last day.
    """
    if given.unit is None or given.role is not Role.POSTAL_AGENT:
        raise Incomplete(
            "Chỉ ủy quyền được cho nhân viên bưu chính, ở một phường, xã. / Only postal agents "
            "are delegated, in a ward.",
            missing=["unit"],
        )
    by.must(Act.DELEGATE, given.unit)
    if given.valid.until is None:
        raise Incomplete(
            "Ủy quyền cần có ngày kết thúc. / A delegation needs its last day.", missing=["until"]
        )
    return _give(staff, given, by, Act.DELEGATE)


def _give(staff: Staff, given: Given, by: Acting, act: Act) -> int:
    _must_not_be_self(given, by)
    if (given.unit.level if given.unit else None) not in LEVELS[given.role]:
        wanted = "; ".join(sorted(LEVEL_NAMES[one] for one in LEVELS[given.role]))
        raise Incomplete(f"Vai trò {given.role} cần: {wanted}. / is bound so.", missing=["unit"])
    if given.valid.until and given.valid.until <= (given.valid.since or by.today):
        raise Incomplete(
            "Ngày kết thúc phải sau ngày bắt đầu. / It must end after it begins.", missing=["until"]
        )
    number = staff.give(given, by.officer.id or None)
    staff.seal(_deed(act, given, number), by)
    return number


def end(staff: Staff, number: int, by: Acting, on: date) -> Given:
    """End a mandate on a day, at once if it is today.

    Raises:
        NotAllowed: not theirs to end.
        FourEyes: it is their own.
        TooEarly: the day has gone by, or it ends earlier already.
    """
    given = staff.mandate(number)
    may_delegate = (
        given.role is Role.POSTAL_AGENT
        and given.unit is not None
        and by.officer.may(Act.DELEGATE, given.unit, by.today)
    )
    if not may_delegate:
        by.officer.must(Act.GRANT, given.unit, by.today)
    _must_not_be_self(given, by)
    if on < by.today or (given.valid.until is not None and given.valid.until <= on):
        raise TooEarly(
            f"Không thể kết thúc vào ngày {on}. / It cannot end on {on}: that day has gone by, or "
            "it ends earlier already."
        )
    staff.end(number, on, by.officer.id or None)
    ended = Given(given.officer, given.role, given.unit, Validity(given.valid.since, on), number)
    staff.seal(_deed(Act.DELEGATE if may_delegate else Act.GRANT, ended, number), by)
    return ended


def _must_not_be_self(given: Given, by: Acting) -> None:
    if given.officer == by.officer.id:
        raise FourEyes(
            "Không tự giao hay tự kết thúc nhiệm vụ của mình. / Nobody gives themselves a mandate "
            "or ends their own."
        )


def _deed(act: Act, given: Given, number: int) -> Deed:
    note = {
        "mandate": number,
        "officer": given.officer,
        "role": given.role.value,
        "unit": given.unit.code if given.unit else None,
        "since": str(given.valid.since) if given.valid.since else None,
        "until": str(given.valid.until) if given.valid.until else None,
    }
    return Deed(act, given.unit, note={k: v for k, v in note.items() if v is not None})
