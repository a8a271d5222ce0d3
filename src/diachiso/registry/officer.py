"""Who may act on which ward, and when.

A mandate binds a role to a unit (none: the whole country) for some days. It follows the unit
through its lineage: whoever governed a ward governs the ward that took it in whole, or its larger
part. The database holds the same table (`role_right`) and checks again by row-level security.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from diachiso.address.division import UnitKey, Validity
from diachiso.address.errors import ActError, FourEyes, NotAllowed, NotYourWard


class Role(StrEnum):
    """What somebody is to a unit."""

    WARD_OFFICER = "ward_officer"
    WARD_APPROVER = "ward_approver"
    POSTAL_AGENT = "postal_agent"
    PROVINCE_AUDITOR = "province_auditor"
    MINISTRY = "ministry"
    ENTERPRISE = "enterprise"


class Act(StrEnum):
    """What somebody may do."""

    REGISTER = "register"
    RECORD = "record"
    AMEND = "amend"
    MOVE = "move"
    SPLIT = "split"
    MERGE = "merge"
    RETIRE = "retire"
    REVIEW = "review"
    RESTRICT = "restrict"
    RENUMBER = "renumber"
    RENAME = "rename"
    CERTIFY = "certify"
    ANSWER = "answer"
    DELEGATE = "delegate"
    GRANT = "grant"
    REORGANISE = "reorganise"
    READ_RESTRICTED = "read_restricted"
    READ_LEDGER = "read_ledger"
    READ_CHANGES = "read_changes"


_COUNTER = frozenset({Act.REGISTER, Act.RECORD, Act.AMEND, Act.MOVE, Act.ANSWER})
_OFFICE = _COUNTER | {
    Act.SPLIT,
    Act.MERGE,
    Act.RETIRE,
    Act.REVIEW,
    Act.RESTRICT,
    Act.RENUMBER,
    Act.READ_RESTRICTED,
}

RIGHTS: Mapping[Role, frozenset[Act]] = {
    Role.POSTAL_AGENT: _COUNTER,
    Role.WARD_OFFICER: _OFFICE,
    Role.WARD_APPROVER: _OFFICE | {Act.CERTIFY, Act.RENAME, Act.DELEGATE, Act.READ_LEDGER},
    Role.PROVINCE_AUDITOR: frozenset({Act.READ_RESTRICTED, Act.READ_LEDGER, Act.REVIEW}),
    Role.MINISTRY: frozenset(
        {
            Act.REORGANISE,
            Act.GRANT,
            Act.REVIEW,
            Act.RENAME,
            Act.READ_RESTRICTED,
            Act.READ_LEDGER,
            Act.READ_CHANGES,
        }
    ),
    Role.ENTERPRISE: frozenset({Act.READ_CHANGES}),
}
"""One table: what each role may do, in its unit."""

SPOKEN: Mapping[Role, str] = {
    Role.WARD_OFFICER: "cán bộ phường, xã / ward officer",
    Role.WARD_APPROVER: "người duyệt của phường, xã / ward approver",
    Role.POSTAL_AGENT: "nhân viên bưu chính / postal agent",
    Role.PROVINCE_AUDITOR: "thanh tra tỉnh / province auditor",
    Role.MINISTRY: "bộ / ministry",
    Role.ENTERPRISE: "doanh nghiệp / enterprise",
}


@dataclass(frozen=True, slots=True)
class Mandate:
    """A role in a unit; `covers` are the wards of today and of before that it governs.

    `unit` None is the whole country, and then `covers` is None as well.
    """

    role: Role
    unit: UnitKey | None
    valid: Validity
    covers: frozenset[UnitKey] | None = None

    def governs(self, ward: UnitKey | None) -> bool:
        """Does it reach this ward (None: the whole country)?"""
        return self.covers is None if ward is None else self.covers is None or ward in self.covers


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody who may act; the registry knows no more of them than a number.

    `scopes` are what a key of a client may be used for (None: all that its mandates allow).
    """

    id: int
    mandates: tuple[Mandate, ...]
    scopes: frozenset[Act] | None = None

    def may(self, act: Act, ward: UnitKey | None, on: date) -> bool:
        """Does a mandate of this day allow the act in this ward (None: in the whole country)?"""
        return self.is_in_scope(act) and any(
            act in RIGHTS[mandate.role] and mandate.governs(ward) and mandate.valid.covers(on)
            for mandate in self.mandates
        )

    def is_in_scope(self, act: Act) -> bool:
        """May what they came with be used for this?"""
        return self.scopes is None or act in self.scopes

    def must(self, act: Act, ward: UnitKey | None, on: date) -> None:
        """See that the act is allowed.

        Raises:
            NotYourWard: allowed elsewhere, but not in this ward.
            NotAllowed: no mandate of this day allows the act anywhere, or the key is not for it.
        """
        if self.may(act, ward, on):
            return
        if not self.is_in_scope(act):
            raise NotAllowed(
                f"Khóa này không dùng được cho việc này ({act.value}). / This key is not issued "
                f"for {act.value}.",
                act=act.value,
            )
        here = ward.code if ward else "cả nước / the whole country"
        live = [m for m in self.mandates if m.valid.covers(on)]
        if any(act in RIGHTS[m.role] for m in live):
            raise NotYourWard(
                f"Bạn không phụ trách {here}. / You do not govern {here}.", act=act.value
            )
        roles = ", ".join(sorted(SPOKEN[m.role] for m in live)) or "không có / none"
        raise NotAllowed(
            f"Vai trò của bạn ({roles}) không được phép làm việc này ({act.value}). / "
            f"None of your roles allows {act.value}.",
            act=act.value,
        )

    def must_somewhere(self, act: Act, on: date) -> None:
        """See that the act is allowed anywhere at all.

        Raises:
            NotAllowed: no mandate of this day allows it, or the key is not for it.
        """
        live = [m for m in self.mandates if m.valid.covers(on)]
        if not (self.is_in_scope(act) and any(act in RIGHTS[m.role] for m in live)):
            self.must(act, None, on)

    def must_not_be(self, author: int | None) -> None:
        """Four eyes: nobody vouches for what they wrote.

        Raises:
            FourEyes: it is the same person.
        """
        if author == self.id:
            raise FourEyes(
                "Người lập không được tự chứng nhận; nhờ người khác duyệt. / Its author cannot "
                "certify it; another must."
            )


class KeyReused(ActError):
    """A key that came with another errand before."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What somebody was sent to do, under a key: sent again, it is not done again.

    `digest` tells what was sent, so that a key is not used for something else.
    """

    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody at work: who, on which day, from where ('web 203.0.113.7', 'command', 'intake')."""

    officer: Officer
    today: date
    origin: str
    errand: Errand | None = None

    def must(self, act: Act, *wards: UnitKey) -> None:
        """See that the act is allowed in each of these wards today.

        Raises:
            NotAllowed: no role allows it, or not there.
        """
        for ward in wards:
            self.officer.must(act, ward, self.today)

    def must_nationally(self, act: Act) -> None:
        """See that the act is allowed in the whole country today.

        Raises:
            NotAllowed: no role allows it, or not everywhere.
        """
        self.officer.must(act, None, self.today)
