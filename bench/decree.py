"""The decree of 1 July 2025, applied to Hanoi as it was known in June: time, counts, agreement.

Units of 30 June 2025, the pilot's old polygons and its addresses; the new polygons, which serve
for measuring alone, lie beside the checkout (../shared/data). Usage: python bench/decree.py
[ADDRESSES]; with a number, so many invented addresses are spread over the old wards as well.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from sqlalchemy import Engine, make_url, select, text

from diachiso.address.division import REFORM, Level, UnitKey, Validity
from diachiso.registry.decree import as_toml, read_decree
from diachiso.registry.officer import Acting, Role
from diachiso.registry.reorganise import SPOKEN, Ground, Plan, planned, reorganise
from diachiso.settings import CHECKOUT, Settings
from diachiso.store import pilot, tables as t
from diachiso.store.acting import acting
from diachiso.store.addresses import Wards, load_addresses
from diachiso.store.boundaries import write_territories
from diachiso.store.boundary_files import Territory
from diachiso.store.decree_facts import decree_of_reform
from diachiso.store.decree_land import Boundaries
from diachiso.store.divisions import load_units, write_facts
from diachiso.store.engine import (
    located,
    make_engine,
    migrate,
    reading,
    transaction,
)
from diachiso.store.facts import Facts, Postcode, read_facts
from diachiso.store.history import Source, is_recorded
from diachiso.store.ledger import prove
from diachiso.store.loading import BoundaryOptions, load_boundary_file, settle
from diachiso.store.matching import read_absorbed
from diachiso.store.observed import read_export
from diachiso.store.officers import enter_officer, give_mandate, officer_of
from diachiso.store.packages import fetch
from diachiso.store.reorganising import PostgisRolls

PROVINCE = "01"
JUNE = date(2025, 6, 30)
BESIDE = Path(os.environ.get("DIACHISO_DATA", CHECKOUT.parent / "shared" / "data"))
SHARED = BESIDE / "boundaries" / "hanoi_wards_2025.geojson"
SOURCES = CHECKOUT / "data" / "boundaries"
FIRST_AREA = 90_000
"""Areas of codes that stand in for the postal codes of old wards, which the facts do not have."""

INVENTED = """
WITH place AS (
    SELECT b.unit_id, (ST_Dump(ST_GeneratePoints(b.geom, :each, 7))).geom
    FROM unit_boundary AS b JOIN unit AS u ON u.id = b.unit_id WHERE u.former
), numbered AS (SELECT *, row_number() OVER () AS n FROM place),
entered AS (INSERT INTO address SELECT FROM numbered RETURNING id),
known AS (SELECT id, row_number() OVER () AS n FROM entered)
INSERT INTO address_version (address_id, state, number, number_key, ward_id, position,
    position_kind, valid, source_id)
SELECT k.id, 'recorded', k.n::text, k.n::text, p.unit_id, p.geom, 'building',
       daterange('2025-06-30', NULL), :source
FROM numbered AS p JOIN known AS k USING (n)
"""


def main(invented: int) -> None:
    """Make both databases, apply the decree to one, compare with the other."""
    if not SHARED.is_file():
        print("skipped: ../shared/data is not here")
        return
    facts = read_facts(CHECKOUT / "data")
    with located(Settings()) as url, database(url, "june") as june, database(url, "facts") as after:
        prepare(june, facts, invented)
        apply(june, facts)
        with transaction(after) as writer:
            load_units(writer, CHECKOUT / "data")
        load_boundary_file(after, CHECKOUT / "data", SHARED, BoundaryOptions())
        compare(june, after)


@contextmanager
def database(url: str, name: str) -> Iterator[Engine]:
    """A database of its own with the schema, gone afterwards."""
    name = f"diachiso_bench_decree_{name}"
    admin = make_engine(url).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine = make_engine(make_url(url).set(database=name).render_as_string(hide_password=False))
    try:
        with engine.begin() as connection:
            for extension in ("postgis", "btree_gist"):
                connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {extension}"))
        migrate(engine)
        yield engine
    finally:
        engine.dispose()
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        admin.dispose()


def prepare(engine: Engine, facts: Facts, invented: int) -> None:
    """June 2025: the old units, their approximate polygons, the pilot's addresses."""
    packages = Settings().home / "packages"
    polygons, points = fetch(SOURCES / "manifest.toml", SOURCES / "requirements.txt", packages)
    absorbed = read_absorbed(CHECKOUT / "data" / "aliases" / "aliases.csv")
    drawn = pilot.reconstruct(PROVINCE, facts=facts, absorbed=absorbed, packages=packages)
    old = [UnitKey(Level.WARD, code, former=True) for code in sorted(drawn.former)]
    areas = [Postcode(k, str(FIRST_AREA + n), "", date(2017, 1, 1)) for n, k in enumerate(old)]
    known = facts.as_known_on(JUNE)
    with transaction(engine) as writer:
        write_facts(writer, Facts(known.divisions, known.lineage, tuple(areas), ()))
        lands = [Territory(key, drawn.former[key.code], (), "approximate", 75.0) for key in old]
        source = Source(polygons.name, polygons.version, polygons.sha256, "", "")
        write_territories(writer, lands, source, effective=None, tolerate=True)
    seen = read_export(packages / points.members[0].to)
    with reading(engine) as reader:
        held = Wards(reader, JUNE).of([(one.lon, one.lat) for one in seen])
    here = [one for one, ward in zip(seen, held, strict=True) if ward]
    source = Source(points.name, points.version, points.sha256, "", "", JUNE)
    with transaction(engine) as writer:
        taken = load_addresses(writer, here, source, on=JUNE, today=JUNE)
        if invented:
            origin = writer.scalar(select(t.source.c.id).limit(1))
            told = {"each": -(-invented // len(old)), "source": origin}
            writer.execute(text(INVENTED), told)
    settle(engine)
    print(f"old wards drawn: {len(old)} of 526; addresses with a code: {taken.recorded}")


def apply(engine: Engine, facts: Facts) -> None:
    """Write the decree's file, try it dry, apply it, apply it again; tell the time."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "decree.toml"
        file.write_text(as_toml(decree_of_reform(facts, PROVINCE)), "utf-8")
        decree = read_decree(file.read_bytes(), file.name)
    with transaction(engine) as writer:
        officer = enter_officer(writer)
        give_mandate(writer, officer, Role.MINISTRY, None, Validity(JUNE), None)
    land = Boundaries(SHARED, {})

    def done(what: str, *, dry: bool) -> Plan | None:
        start, spent = time.perf_counter(), time.process_time()
        with acting(engine, officer) as writer:
            server = Path(f"/proc/{writer.scalar(text('SELECT pg_backend_pid()'))}/stat")
            before = processor_s(server)
            by = Acting(officer_of(writer, officer), REFORM, "bench")
            rolls = PostgisRolls(writer, land)
            plan = planned(rolls, decree, by) if dry else reorganise(rolls, decree, by)
        here, ours = time.perf_counter() - start, time.process_time() - spent
        told = f"this process {ours:.1f} s, the server {processor_s(server) - before:.1f} s"
        print(f"{what}: {here:.1f} s by the clock; processor time: {told}", flush=True)
        return plan

    dry, plan = done("dry run", dry=True), done("run", dry=False)
    if dry is None or plan is None:
        raise SystemExit("the decree is applied already")
    print(f"dry run and run agree: {dry.digest == plan.digest} ({plan.digest[:16]})")
    for what, count in plan.note.items():
        print(f"  {what}: {count}")
    for ground in Ground:
        print(f"  {SPOKEN[ground]}: {plan.grounds[ground]}")
    split = sum(len(plan.units.heirs[one.lying.ward]) > 1 for one in plan.placements)
    print(f"  addresses in old wards that were split: {split}")
    print(f"the same decree again: {done('again', dry=False)}")
    start = time.perf_counter()
    with reading(engine) as reader:
        head = prove(reader)
    print(f"ledger proved: {head.last_change} changes in {time.perf_counter() - start:.1f} s")


def processor_s(stat: Path) -> float:
    """What a process on this machine has computed so far (proc(5)); 0 where it is elsewhere."""
    if not stat.is_file():
        return 0.0
    user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def compare(june: Engine, after: Engine) -> None:
    """The same by the facts and the map alone: every address, every unit of the province."""
    with reading(june) as reader:
        rows = reader.execute(
            text(
                "SELECT ST_X(position), ST_Y(position), u.code, 'ward' = ANY (doubts) AS doubted"
                " FROM address_version AS v JOIN unit AS u ON u.id = v.ward_id"
                " WHERE upper_inf(v.recorded) AND v.valid @> date '2025-07-01'"
            )
        ).all()
    with reading(after) as reader:
        wards = Wards(reader, REFORM).of([(row[0], row[1]) for row in rows])
    same = sum(
        ward is not None and ward.code == row.code for row, ward in zip(rows, wards, strict=True)
    )
    nowhere = wards.count(None)
    print(f"addresses: {same} of {len(rows)} as the map says, {nowhere} in no polygon of it")
    mine = {engine: units_of(engine) for engine in (june, after)}
    print(f"units as the facts say, before they are loaded again: {agreement(mine, june, after)}")
    with transaction(june) as writer:
        changes = load_units(writer, CHECKOUT / "data")
    print(f"the facts loaded after the decree: {changes}")
    mine = {engine: units_of(engine) for engine in (june, after)}
    print(f"units as the facts say, after: {agreement(mine, june, after)}")


def agreement(mine: dict[Engine, dict[str, set]], june: Engine, after: Engine) -> str:
    """Rows of each table, and those that differ."""
    return ", ".join(
        f"{table} {len(rows)} rows, {len(rows ^ mine[after][table])} differ"
        for table, rows in mine[june].items()
    )


def units_of(engine: Engine) -> dict[str, set]:
    """All that is recorded of the units of the province on either side, by code."""
    u, life, name, line = t.unit, t.unit_life, t.unit_name, t.lineage
    new, heir = u.alias("new"), u.alias("heir")
    parent = t.unit_parent
    facts = read_facts(CHECKOUT / "data")
    mine = {
        (unit.level.value, unit.code, unit.key.former)
        for unit in facts.divisions
        if facts.divisions.province_of(unit).code == PROVINCE
    }
    key = (u.c.level, u.c.code, u.c.former)
    queries = {
        "life": select(*key, life.c.valid).join(life).where(is_recorded(life)),
        "name": select(*key, name.c.name, name.c.kind, name.c.valid)
        .join(name)
        .where(is_recorded(name)),
        "parent": select(*key, new.c.code, parent.c.valid)
        .join(parent, parent.c.unit_id == u.c.id)
        .join(new, new.c.id == parent.c.parent_id)
        .where(is_recorded(parent)),
        "lineage": select(*key, heir.c.code, line.c.part, line.c.is_default, line.c.effective)
        .join(line, line.c.old_id == u.c.id)
        .join(heir, heir.c.id == line.c.new_id)
        .where(is_recorded(line)),
    }
    with reading(engine) as reader:
        return {
            table: {tuple(map(str, row)) for row in reader.execute(query) if tuple(row)[:3] in mine}
            for table, query in queries.items()
        }


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 0)
