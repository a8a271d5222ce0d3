"""Officers and their mandates in PostGIS; mandates follow units through their lineage."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Integer, cast, insert, select

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.registry.officer import Act, Mandate, Officer, Role
from diachiso.store import tables as t
from diachiso.store.engine import Reader, Writer
from diachiso.store.history import days, is_recorded, supersede, validity
from diachiso.store.likely import unit_is


def officer_of(reader: Reader, officer: int, scopes: frozenset[Act] | None = None) -> Officer:
    """An officer with every mandate recorded, past ones too; `scopes` are those of their key."""
    mandate, unit = t.mandate, t.unit
    rows = reader.execute(
        select(mandate, unit.c.level, unit.c.code, unit.c.former)
        .outerjoin(unit, unit.c.id == mandate.c.unit_id)
        .where(mandate.c.officer_id == officer, is_recorded(mandate))
        .order_by(mandate.c.id)
    ).all()
    return Officer(
        officer,
        tuple(
            Mandate(
                Role(row.role),
                UnitKey(Level(row.level), row.code, row.former) if row.unit_id else None,
                validity(row.valid),
                _covered(reader, row.unit_id) if row.unit_id else None,
            )
            for row in rows
        ),
        scopes,
    )


def _covered(reader: Reader, unit: int) -> frozenset[UnitKey]:
    """The wards that a mandate in a unit governs: below it, and those that took its wards in."""
    below = select(cast(unit, Integer).label("unit_id")).cte("below", recursive=True)
    below = below.union(
        select(t.unit_parent.c.unit_id).where(
            t.unit_parent.c.parent_id == below.c.unit_id, is_recorded(t.unit_parent)
        )
    )
    heirs = select(below.c.unit_id).cte("heirs", recursive=True)
    heirs = heirs.union(
        select(t.lineage.c.new_id).where(
            t.lineage.c.old_id == heirs.c.unit_id,
            is_recorded(t.lineage),
            (t.lineage.c.part == "whole") | t.lineage.c.is_default,
        )
    )
    rows = reader.execute(
        select(t.unit.c.code, t.unit.c.former)
        .join(heirs, heirs.c.unit_id == t.unit.c.id)
        .where(t.unit.c.level == Level.WARD.value)
    )
    return frozenset(UnitKey(Level.WARD, row.code, row.former) for row in rows)


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


def end_mandates(writer: Writer, mandates: Sequence[int], on: date) -> None:
    """End mandates on a day; that they were given stays known."""
    kept = writer.execute(
        select(t.mandate).where(t.mandate.c.id.in_(mandates), is_recorded(t.mandate))
    ).all()
    supersede(writer, t.mandate, [row.id for row in kept])
    rows = [
        {
            "officer_id": row.officer_id,
            "role": row.role,
            "unit_id": row.unit_id,
            "granted_by": row.granted_by,
            "valid": days(Validity(row.valid.lower, on)),
        }
        for row in kept
        if row.valid.lower is None or row.valid.lower < on
    ]
    if rows:
        writer.execute(insert(t.mandate), rows)
