"""Officers and their mandates in PostGIS; mandates follow units through their lineage."""

from datetime import date
from typing import Any

from sqlalchemy import FromClause, Row, Select, insert, select, true

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.address.errors import UnknownOfficer
from diachiso.registry.mandates import Given
from diachiso.registry.officer import Act, Mandate, Officer, Role
from diachiso.store import tables as t
from diachiso.store.books import PostgisBooks
from diachiso.store.engine import Reader, Writer
from diachiso.store.history import days, is_recorded, supersede, validity
from diachiso.store.likely import unit_is


def officer_of(reader: Reader, officer: int, scopes: frozenset[Act] | None = None) -> Officer:
    """An officer with every mandate recorded, past ones too; `scopes` are those of their key."""
    return Officer(
        officer,
        tuple(
            Mandate(
                one.role,
                one.unit,
                one.valid,
                covered(reader, one.unit) if one.unit else None,
            )
            for one in mandates(reader, officer=officer)
        ),
        scopes,
    )


def covered(reader: Reader, unit: UnitKey) -> frozenset[UnitKey]:
    """The wards that a mandate in a unit governs: below it, and those that took its wards in."""
    below = select(t.unit.c.id.label("unit_id")).where(unit_is(unit)).cte("below", recursive=True)
    below = below.union(
        select(t.unit_parent.c.unit_id).where(
            t.unit_parent.c.parent_id == below.c.unit_id, is_recorded(t.unit_parent)
        )
    )
    heirs = select(below.c.unit_id).cte("heirs", recursive=True)
    line, one = t.lineage, t.unit
    taken_in = _each(
        select(line.c.new_id).where(
            line.c.old_id == heirs.c.unit_id,
            is_recorded(line),
            (line.c.part == "whole") | line.c.is_default,
        )
    )
    heirs = heirs.union(select(taken_in.c.new_id).select_from(heirs.join(taken_in, true())))
    ward = _each(
        select(one.c.code, one.c.former).where(
            one.c.id == heirs.c.unit_id, one.c.level == Level.WARD.value
        )
    )
    rows = reader.execute(select(ward.c.code, ward.c.former).select_from(heirs.join(ward, true())))
    return frozenset(UnitKey(Level.WARD, row.code, row.former) for row in rows)


def _each(asked: Select[Any]) -> FromClause:
    """Asked for each row by index: the planner expects thousands of them, and would read all."""
    return asked.offset(0).lateral()


def enter_officer(writer: Writer, kind: str = "person") -> int:
    """A new officer: a number."""
    new = insert(t.officer).values(kind=kind).returning(t.officer.c.id)
    return int(writer.scalars(new).one())


def give_mandate(
    writer: Writer, officer: int, role: Role, unit: UnitKey | None, valid: Validity, by: int | None
) -> int:
    """Bind a role to a unit (None: the whole country) for some days."""
    row = {
        "officer_id": officer,
        "role": role.value,
        "unit_id": writer.scalar(select(t.unit.c.id).where(unit_is(unit))) if unit else None,
        "granted_by": by,
        "valid": days(valid),
    }
    return int(writer.scalars(insert(t.mandate).values(row).returning(t.mandate.c.id)).one())


def end_mandate(writer: Writer, number: int, on: date, by: int | None) -> None:
    """End a mandate on a day; that it was given stays known."""
    mandate = t.mandate
    query = select(mandate).where(mandate.c.id == number, is_recorded(mandate))
    row = writer.execute(query).one_or_none()
    if row is None or not supersede(writer, mandate, [number]):
        raise _unknown(number)
    if row.valid.lower is None or row.valid.lower < on:
        ended = {
            "officer_id": row.officer_id,
            "role": row.role,
            "unit_id": row.unit_id,
            "granted_by": by,
            "valid": days(Validity(row.valid.lower, on)),
        }
        writer.execute(insert(mandate).values(ended))


def mandates(
    reader: Reader, *, officer: int | None = None, number: int | None = None
) -> list[Given]:
    """The mandates recorded, as far as the one who acts may see them, the oldest first."""
    mandate, unit = t.mandate, t.unit
    query = (
        select(mandate, unit.c.level, unit.c.code, unit.c.former)
        .outerjoin(unit, unit.c.id == mandate.c.unit_id)
        .where(is_recorded(mandate))
        .order_by(mandate.c.id)
    )
    if officer is not None:
        query = query.where(mandate.c.officer_id == officer)
    if number is not None:
        query = query.where(mandate.c.id == number)
    return [
        Given(row.officer_id, Role(row.role), _unit_of(row), validity(row.valid), row.id)
        for row in reader.execute(query)
    ]


def _unit_of(row: Row[Any]) -> UnitKey | None:
    return UnitKey(Level(row.level), row.code, row.former) if row.unit_id else None


def _unknown(number: int) -> UnknownOfficer:
    return UnknownOfficer(f"Không có nhiệm vụ số {number}. / No mandate has the number {number}.")


class PostgisStaff(PostgisBooks):
    """Mandates as acts: given and ended in one transaction, with a line in the ledger."""

    def mandate(self, number: int) -> Given:
        """A mandate that is recorded.

        Raises:
            UnknownOfficer: none that the one who acts may know of.
        """
        for given in mandates(self.reader, number=number):
            return given
        raise _unknown(number)

    def give(self, given: Given, by: int | None) -> int:
        """Write a mandate; its number.

        Raises:
            UnknownUnit: no such unit.
        """
        if given.unit is not None:
            self.must_know(given.unit)
        return give_mandate(self._writer, given.officer, given.role, given.unit, given.valid, by)

    def end(self, number: int, on: date, by: int | None) -> None:
        """End a mandate on a day; that it was given stays known."""
        end_mandate(self._writer, number, on, by)
