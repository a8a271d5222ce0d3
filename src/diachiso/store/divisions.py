"""Units in PostGIS: written from the facts, read back as registry words or as features."""

import hashlib
from collections.abc import Collection, Iterable
from datetime import date
from pathlib import Path

from sqlalchemy import Table, func, select
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
    Row,
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
    changes = write_facts(writer, facts)
    units = [("unit", identity) for identity in unit_ids(writer).values()]
    seal_touched(writer, {"subject": SUBJECT}, units)
    summary = {"units": len(facts.divisions), "added": changes.added}
    record_edition(writer, SUBJECT, digest, summary)
    return changes


def write_facts(writer: Writer, facts: Facts) -> Changes:
    """Record what the facts say; of units that a decree wrote, what the decree says stands."""
    ids = _write_units(writer, facts.divisions)
    decreed = frozenset(writer.scalars(select(t.decree_unit.c.unit_id)))
    steps = (_lives, _names, _parents, _figures, _lineage)
    written = (step(writer, facts, ids, decreed) for step in steps)
    return sum(written, Changes()) + write_postcodes(writer, facts.postcodes)


def _brought_up(
    writer: Writer,
    table: Table,
    rows: Iterable[Row],
    decreed: frozenset[int],
    whose: str = "unit_id",
) -> Changes:
    """Make what is recorded equal to the facts, but for units that a decree wrote."""
    wanted = [row for row in rows if row[whose] not in decreed]
    return reconcile(writer, table, wanted, within=table.c[whose].not_in(decreed))


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


def _lives(writer: Writer, facts: Facts, ids: UnitIds, decreed: frozenset[int]) -> Changes:
    return _brought_up(
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
        decreed,
    )


def _names(writer: Writer, facts: Facts, ids: UnitIds, decreed: frozenset[int]) -> Changes:
    return _brought_up(
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
        decreed,
    )


def _parents(writer: Writer, facts: Facts, ids: UnitIds, decreed: frozenset[int]) -> Changes:
    return _brought_up(
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
        decreed,
    )


def _figures(writer: Writer, facts: Facts, ids: UnitIds, decreed: frozenset[int]) -> Changes:
    """Published figures: of every unit of the facts, as long as it stands in the registry."""
    told = {ids[d.key]: d for d in facts.divisions if d.centre is not None}
    until = _ends(writer, decreed)
    return reconcile(
        writer,
        t.unit_figure,
        (
            {
                "unit_id": unit,
                "area_km2": d.area_km2,
                "lon": d.centre[0],
                "lat": d.centre[1],
                "valid": days(_clipped(d.valid, until.get(unit))),
            }
            for unit, d in told.items()
            if d.centre is not None
        ),
        within=t.unit_figure.c.unit_id.in_(told) | t.unit_figure.c.unit_id.not_in(decreed),
    )


def _ends(reader: Reader, units: Collection[int]) -> dict[int, date]:
    """The days on which units ended, of those that did."""
    life = t.unit_life
    rows = reader.execute(
        select(life.c.unit_id, func.upper(life.c.valid).label("until")).where(
            is_recorded(life), life.c.unit_id.in_(units), ~func.upper_inf(life.c.valid)
        )
    )
    return {row.unit_id: row.until for row in rows}


def _clipped(valid: Validity, until: date | None) -> Validity:
    """The days of a fact, but for those after its unit ended."""
    ends = [day for day in (valid.until, until) if day is not None]
    return Validity(valid.since, min(ends, default=None))


def _lineage(writer: Writer, facts: Facts, ids: UnitIds, decreed: frozenset[int]) -> Changes:
    return _brought_up(
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
        decreed,
        whose="old_id",
    )


def write_postcodes(writer: Writer, postcodes: tuple[Postcode, ...]) -> Changes:
    """Record postal codes of wards that have none yet or another; others stay as they are.

    A ward that a file names takes the codes of the file; wards it does not name are left alone.
    """
    ids = unit_ids(writer)
    named = {ids[p.ward] for p in postcodes if p.ward in ids}
    until = _ends(writer, named)
    return reconcile(
        writer,
        t.postcode,
        (
            {
                "unit_id": ids[p.ward],
                "code": p.code,
                "rank": 1,
                "valid": days(_clipped(Validity(p.since), until.get(ids[p.ward]))),
                "decree": p.decree,
            }
            for p in postcodes
            if p.ward in ids and not p.since >= until.get(ids[p.ward], date.max)
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
    latest = select(parent.c.unit_id, parent.c.parent_id).where(is_recorded(parent))
    rows = reader.execute(latest.order_by(func.lower(parent.c.valid).nulls_first()))
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
