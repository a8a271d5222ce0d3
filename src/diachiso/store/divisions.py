"""Units in PostGIS: written from the facts, read back as registry words or as features."""

import hashlib
from datetime import date
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from diachiso.address.division import (
    REFORM,
    Division,
    Divisions,
    Kind,
    Level,
    Naming,
    UnitKey,
    Validity,
)
from diachiso.address.lineage import Lineage, Part, Succession
from diachiso.address.name import name_key
from diachiso.store import tables as t
from diachiso.store.engine import Reader, Writer
from diachiso.store.facts import Facts, Postcode, read_facts
from diachiso.store.history import (
    Changes,
    days,
    holds_on,
    is_loaded,
    is_recorded,
    reconcile,
    record_edition,
    validity,
)
from diachiso.store.sealing import seal_touched

UnitIds = dict[UnitKey, int]
SUBJECT = "units"


def load_units(writer: Writer, folder: Path) -> Changes | None:
    """Bring units, lineage and postal codes up to the facts; None when they already are.

    Raises:
        UnreadableSource: a fact file is missing or broken.
    """
    digest = facts_digest(folder)
    if is_loaded(writer, SUBJECT, digest):
        return None
    facts = read_facts(folder)
    ids = _write_units(writer, facts.divisions)
    changes = sum(
        (write(writer, facts, ids) for write in (_lives, _names, _parents, _figures, _lineage)),
        Changes(),
    ) + write_postcodes(writer, facts.postcodes)
    seal_touched(writer, {"subject": SUBJECT}, [("unit", identity) for identity in ids.values()])
    record_edition(writer, SUBJECT, digest, {"units": len(ids), "added": changes.added})
    return changes


def facts_digest(folder: Path) -> str:
    """One hash over every fact file."""
    digest = hashlib.sha256()
    for file in sorted(folder.glob("units/*.csv")) + sorted(folder.glob("postcodes/*.csv")):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def _write_units(writer: Writer, divisions: Divisions) -> UnitIds:
    rows = [{"level": d.level.value, "code": d.code, "former": d.key.former} for d in divisions]
    writer.execute(upsert(t.unit).on_conflict_do_nothing(), rows)
    return unit_ids(writer)


def unit_ids(reader: Reader) -> UnitIds:
    """The row of every unit."""
    rows = reader.execute(select(t.unit))
    return {UnitKey(Level(row.level), row.code, row.former): row.id for row in rows}


def _lives(writer: Writer, facts: Facts, ids: UnitIds) -> Changes:
    return reconcile(
        writer,
        t.unit_life,
        (
            {
                "unit_id": ids[d.key],
                "level": d.level.value,
                "code": d.code,
                "valid": days(d.valid),
                "decree": d.namings[0].decree,
            }
            for d in facts.divisions
        ),
    )


def _names(writer: Writer, facts: Facts, ids: UnitIds) -> Changes:
    return reconcile(
        writer,
        t.unit_name,
        (
            {
                "unit_id": ids[d.key],
                "name": naming.name,
                "kind": naming.kind.value,
                "key": name_key(naming.name),
                "valid": days(naming.valid),
                "decree": naming.decree,
            }
            for d in facts.divisions
            for naming in d.namings
        ),
    )


def _parents(writer: Writer, facts: Facts, ids: UnitIds) -> Changes:
    return reconcile(
        writer,
        t.unit_parent,
        (
            {
                "unit_id": ids[d.key],
                "parent_id": ids[d.parent],
                "valid": days(d.valid),
                "decree": d.namings[0].decree,
            }
            for d in facts.divisions
            if d.parent is not None
        ),
    )


def _figures(writer: Writer, facts: Facts, ids: UnitIds) -> Changes:
    return reconcile(
        writer,
        t.unit_figure,
        (
            {
                "unit_id": ids[d.key],
                "area_km2": d.area_km2,
                "lon": d.centre[0],
                "lat": d.centre[1],
                "valid": days(d.valid),
            }
            for d in facts.divisions
            if d.centre is not None
        ),
    )


def _lineage(writer: Writer, facts: Facts, ids: UnitIds) -> Changes:
    return reconcile(
        writer,
        t.lineage,
        (
            {
                "old_id": ids[s.old],
                "new_id": ids[s.new],
                "part": s.part.value,
                "is_default": s.default,
                "effective": REFORM,
                "origin": s.source,
            }
            for s in facts.lineage.successions
        ),
    )


def write_postcodes(writer: Writer, postcodes: tuple[Postcode, ...]) -> Changes:
    """Record postal codes of wards that have none yet or another; others stay as they are.

    A ward that a file names takes the codes of the file; wards it does not name are left alone.
    """
    ids = unit_ids(writer)
    named = {ids[p.ward] for p in postcodes if p.ward in ids}
    return reconcile(
        writer,
        t.postcode,
        (
            {
                "unit_id": ids[p.ward],
                "code": p.code,
                "rank": 1,
                "valid": days(Validity(p.since)),
                "decree": p.decree,
            }
            for p in postcodes
            if p.ward in ids
        ),
        within=t.postcode.c.unit_id.in_(named) & (t.postcode.c.rank == 1),
    )


def read_divisions(reader: Reader) -> Divisions:
    """Every unit with all its names in time, as geocoding wants them in memory."""
    keys = {identity: key for key, identity in unit_ids(reader).items()}
    namings = _read_namings(reader)
    parents = _read_parents(reader)
    life, figure = t.unit_life, t.unit_figure
    rows = reader.execute(
        select(life.c.unit_id, life.c.valid, figure.c.area_km2, figure.c.lon, figure.c.lat)
        .outerjoin_from(life, figure, (figure.c.unit_id == life.c.unit_id) & is_recorded(figure))
        .where(is_recorded(life))
    )
    return Divisions(
        Division(
            key=keys[row.unit_id],
            valid=validity(row.valid),
            namings=namings[row.unit_id],
            parent=keys.get(parents.get(row.unit_id, 0)),
            centre=None if row.lon is None else (row.lon, row.lat),
            area_km2=row.area_km2,
        )
        for row in rows
    )


def _read_namings(reader: Reader) -> dict[int, tuple[Naming, ...]]:
    name = t.unit_name
    named: dict[int, tuple[Naming, ...]] = {}
    ordered = select(name).where(is_recorded(name)).order_by(func.lower(name.c.valid).nulls_first())
    for row in reader.execute(ordered):
        naming = Naming(row.name, Kind(row.kind), validity(row.valid), row.decree)
        named[row.unit_id] = (*named.get(row.unit_id, ()), naming)
    return named


def _read_parents(reader: Reader) -> dict[int, int]:
    parent = t.unit_parent
    rows = reader.execute(select(parent.c.unit_id, parent.c.parent_id).where(is_recorded(parent)))
    return {row.unit_id: row.parent_id for row in rows}


def read_lineage(reader: Reader) -> Lineage:
    """Which unit became which."""
    keys = {identity: key for key, identity in unit_ids(reader).items()}
    rows = reader.execute(select(t.lineage).where(is_recorded(t.lineage)))
    return Lineage(
        Succession(keys[row.old_id], keys[row.new_id], Part(row.part), row.is_default, row.origin)
        for row in rows
    )


def province_is_known(reader: Reader, code: str, day: date) -> bool:
    """Did a province bear this code on this day?"""
    life = t.unit_life
    found = select(life.c.id).where(
        life.c.level == Level.PROVINCE.value, life.c.code == code, holds_on(life, day)
    )
    return reader.scalar(found) is not None
