"""Reports in PostGIS: entered by anybody, read by those who answer for the ward."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from diachiso.address.division import Level, UnitKey
from diachiso.address.errors import Overtaken, UnknownReport
from diachiso.address.position import Position
from diachiso.registry.report import Answer, Answered, Report, Wrong
from diachiso.store import tables as t
from diachiso.store.engine import Reader, Writer
from diachiso.store.features import reference
from diachiso.store.history import is_recorded
from diachiso.store.likely import unit_is
from diachiso.store.passwords import at_rest

TOKEN_MARK = "dcr_"  # noqa: S105 (what every token begins with)


@dataclass(frozen=True, slots=True)
class Entered:
    """A report as it comes in; `address` is a number of identity."""

    wrong: Wrong
    position: Position
    ward: UnitKey
    address: int | None
    note: str | None
    proposed: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What the holder of a token is told."""

    number: int
    wrong: Wrong
    at: datetime
    ward: str
    state: Answered
    reason: str | None
    answered_at: datetime | None
    code: str | None


class PostgisReports:
    """Reports in one transaction."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def enter(self, entered: Entered, token: str) -> None:
        """Write a report; its token is kept as a hash."""
        unit = select(t.unit.c.id).where(unit_is(entered.ward)).scalar_subquery()
        row = {
            "token_hash": at_rest(token),
            "wrong": entered.wrong.value,
            "address_id": entered.address,
            "ward_id": unit,
            "lon": entered.position.lon,
            "lat": entered.position.lat,
            "note": entered.note,
            "proposed": dict(entered.proposed),
        }
        self._writer.execute(insert(t.report).values(row).inline())  # they may not read it back

    def report(self, number: int) -> Report:
        """A report that the one who acts may answer.

        Raises:
            UnknownReport: none of this number, or another ward's.
        """
        row = self._writer.execute(_reports().where(t.report.c.id == number)).one_or_none()
        if row is None:
            raise UnknownReport(f"Không có phản ánh {number}. / No report {number}.")
        return _report(row)

    def queue(
        self, ward: UnitKey, state: Answered | None, *, after: int, most: int
    ) -> list[Report]:
        """The reports of a ward, and of those that it took in; the oldest first."""
        here = select(t.unit.c.id).where(unit_is(ward)).scalar_subquery()
        before = select(t.lineage.c.old_id).where(
            t.lineage.c.new_id == here, is_recorded(t.lineage)
        )
        query = _reports().where(
            (t.report.c.ward_id == here) | t.report.c.ward_id.in_(before), t.report.c.id > after
        )
        if state is not None:
            query = query.where(func.coalesce(t.report_answer.c.state, "open") == state.value)
        rows = self._writer.execute(query.order_by(t.report.c.id).limit(most))
        return [_report(row) for row in rows]

    def answer(self, report: Report, answer: Answer, by: int) -> None:
        """Write the answer to a report, once.

        Raises:
            Overtaken: somebody has answered it.
        """
        row = {
            "report_id": report.number,
            "state": answer.state.value,
            "reason": answer.reason,
            "address_id": answer.address,
            "line": answer.line,
            "officer_id": by,
        }
        written = upsert(t.report_answer).values(row).on_conflict_do_nothing()
        if not self._writer.execute(written.returning(t.report_answer.c.report_id)).all():
            raise Overtaken(
                f"Phản ánh {report.number} vừa được trả lời. / Report {report.number} was answered "
                "meanwhile."
            )


def told(reader: Reader, token: str) -> Told:
    """What the holder of a token may know.

    Raises:
        UnknownReport: no report has this token.
    """
    asked = func.report_told(at_rest(token)).table_valued(
        "id", "wrong", "at", "ward_id", "state", "reason", "answered_at", "code"
    )
    name = t.unit_name
    row = reader.execute(
        select(asked, name.c.name, name.c.kind).join_from(
            asked,
            name,
            (name.c.unit_id == asked.c.ward_id)
            & is_recorded(name)
            & name.c.valid.contains(func.vietnam_today()),
            isouter=True,
        )
    ).one_or_none()
    if row is None:
        raise UnknownReport("Không có phản ánh nào với mã tra cứu này. / No report has this token.")
    return Told(
        row.id,
        Wrong(row.wrong),
        row.at,
        reference("", row.name, row.kind).full_name if row.name else "",
        Answered(row.state or "open"),
        row.reason,
        row.answered_at,
        row.code,
    )


def address_and_ward(reader: Reader, code: str) -> tuple[int, UnitKey]:
    """The identity of a public address by its code, and the ward that it was entered with."""
    version, code_of, unit = t.address_version, t.issued_code, t.unit
    row = reader.execute(
        select(version.c.address_id, unit.c.code, unit.c.former)
        .join(code_of, code_of.c.address_id == version.c.address_id)
        .join(unit, unit.c.id == version.c.ward_id)
        .where(code_of.c.code == code, is_recorded(version))
        .order_by(func.lower(version.c.valid).desc().nulls_last())
        .limit(1)
    ).one()
    return row.address_id, UnitKey(Level.WARD, row.code, row.former)


def _reports() -> Select[Any]:
    said = t.report_answer
    return (
        select(
            t.report,
            t.unit.c.code.label("ward"),
            t.unit.c.former,
            said.c.state,
            said.c.reason,
            said.c.at.label("answered_at"),
            said.c.line,
        )
        .join(t.unit, t.unit.c.id == t.report.c.ward_id)
        .outerjoin(said, said.c.report_id == t.report.c.id)
    )


def _report(row: Row[Any]) -> Report:
    return Report(
        number=row.id,
        wrong=Wrong(row.wrong),
        position=Position(row.lon, row.lat),
        ward=UnitKey(Level.WARD, row.ward, row.former),
        at=row.at,
        address=row.address_id,
        note=row.note,
        proposed=row.proposed,
        state=Answered(row.state or "open"),
        reason=row.reason,
        answered_at=row.answered_at,
        line=row.line,
    )
