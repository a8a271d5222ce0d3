"""Report: somebody says what is wrong, and is asked for no name; the ward answers with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from diachiso.address.division import UnitKey
from diachiso.address.errors import Incomplete, Overtaken
from diachiso.address.position import Position
from diachiso.address.record import NOTHING, Address, Details
from diachiso.registry.amend import amend, move
from diachiso.registry.books import Books, Deed
from diachiso.registry.officer import Act, Acting
from diachiso.registry.persons import must_name_nobody
from diachiso.registry.record import record
from diachiso.registry.register import register
from diachiso.registry.retire import retire


class Wrong(StrEnum):
    """What is wrong."""

    NUMBER = "number"
    STREET = "street"
    NAME = "name"
    POSITION = "position"
    KIND = "kind"
    OTHER = "other"
    GONE = "gone"
    MISSING = "missing"


class Answered(StrEnum):
    """How a report stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


SPOKEN: Mapping[Answered, str] = {
    Answered.OPEN: "đang chờ phường, xã xem / waiting for the ward",
    Answered.ACCEPTED: "đã tiếp nhận và sửa / accepted",
    Answered.REJECTED: "không tiếp nhận / rejected",
}


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody says is wrong at a place; `proposed` are the fields of a form."""

    number: int
    wrong: Wrong
    position: Position
    ward: UnitKey
    at: datetime
    address: int | None = None
    note: str | None = None
    proposed: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    state: Answered = Answered.OPEN
    reason: str | None = None
    answered_at: datetime | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the ward says to a report, and the line of the ledger that tells it."""

    state: Answered
    reason: str | None
    address: int | None
    line: int


class Reports(Protocol):
    """Where reports lie."""

    def answer(self, report: Report, answer: Answer, by: int) -> None:
        """Write the answer to a report, once.

        Raises:
            Overtaken: somebody has answered it.
        """
        ...


def accept(
    reports: Reports,
    books: Books,
    report: Report,
    by: Acting,
    on: date,
    *,
    address: Address | None = None,
    details: Details | None = None,
    reason: str | None = None,
    distinct: bool = False,
) -> Address:
    """Do what a report asks for, and say so in the ledger: amend, move, retire, or register.

    Raises:
        Incomplete: the report does not say enough to act on.
        Overtaken: somebody has answered it.
        NotAllowed: not theirs to answer, or to do what is asked.
        ActError: what the verb refuses.
    """
    ward = _must_answer(books, report, by)
    if report.wrong is Wrong.MISSING:
        if details is None:
            raise _says_too_little("details")
        draft = register(books, details, by, on).address
        done, did = record(books, draft, by, on, distinct=distinct), "register"
    elif address is None:
        raise _says_too_little("called")
    elif report.wrong is Wrong.GONE:
        done, did = retire(books, address, by, on, reason=reason or ""), "retire"
    else:
        done, did = _corrected(books, address, details, by, on)
    note = {"report": report.number, "answer": "accepted", "did": did, "address": done.called}
    line = books.seal(Deed(Act.ANSWER, ward, note=note), by)
    reports.answer(report, Answer(Answered.ACCEPTED, reason, done.id, line), by.officer.id)
    return done


def reject(reports: Reports, books: Books, report: Report, by: Acting, *, reason: str) -> None:
    """Say why nothing is changed.

    Raises:
        Incomplete: no reason is given.
        Overtaken: somebody has answered it.
        NotAllowed: not theirs to answer.
    """
    ward = _must_answer(books, report, by)
    if not reason.strip():
        raise Incomplete("Cần nêu lý do. / A reason is needed.", missing=["reason"])
    must_name_nobody(reason)
    note = {"report": report.number, "answer": "rejected"}
    line = books.seal(Deed(Act.ANSWER, ward, note=note), by)
    answer = Answer(Answered.REJECTED, reason, report.address, line)
    reports.answer(report, answer, by.officer.id)


def _must_answer(books: Books, report: Report, by: Acting) -> UnitKey:
    """The ward that answers today, which may have taken in the one that was reported to."""
    ward = books.ward_at(report.position, by.today) or report.ward
    by.must(Act.ANSWER, ward)
    if report.state is not Answered.OPEN:
        raise Overtaken(
            f"Phản ánh {report.number} đã được trả lời. / Report {report.number} is answered."
        )
    return ward


def _corrected(
    books: Books, address: Address, details: Details | None, by: Acting, on: date
) -> tuple[Address, str]:
    if details is None or details == address.details:
        raise _says_too_little("details")
    there = books.ward_at(details.spot.position, on)
    if there is None or there == address.details.ward:
        return amend(books, address, details, by, on), "amend"
    moved = move(books, address, details.spots, by, on)
    rest = replace(details, ward=there, restricted=moved.details.restricted)
    return (moved if rest == moved.details else amend(books, moved, rest, by, on)), "move"


def _says_too_little(missing: str) -> Incomplete:
    told = {
        "called": "Phản ánh không nêu mã; hãy nêu địa chỉ nào. / The report names no code: say "
        "which address it is about.",
        "details": "Phản ánh không nêu điều cần sửa; hãy nêu chi tiết đúng. / The report does not "
        "say what would be right: give the details.",
    }
    return Incomplete(told[missing], missing=[missing])
