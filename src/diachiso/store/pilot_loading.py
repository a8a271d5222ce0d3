"""The pilot, loaded: approximate wards and observed addresses of a province, from packages."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Engine, select

from diachiso.address.division import REFORM, Level, UnitKey
from diachiso.store import pilot, tables as t
from diachiso.store.addresses import Taken, Wards
from diachiso.store.boundaries import write_territories
from diachiso.store.boundary_files import Territory
from diachiso.store.divisions import facts_digest, read_divisions, unit_ids
from diachiso.store.engine import Reader, reading, transaction
from diachiso.store.facts import read_facts
from diachiso.store.history import Source, is_loaded, is_recorded, record_edition
from diachiso.store.loading import EXPORTED, observe, settle
from diachiso.store.matching import read_absorbed
from diachiso.store.observed import Observed, read_export
from diachiso.store.packages import Package, fetch
from diachiso.store.progress import Track, quietly

APPROXIMATE = "approximate"
DISTRICT_DIGITS = 3
FORMER = "former wards"


@dataclass(frozen=True, slots=True)
class PilotLoaded:
    """What the pilot brought."""

    wards: int
    former_wards: int
    report: str
    addresses: Taken
    places: int


def load_pilot(
    engine: Engine,
    facts: Path,
    packages: Path,
    province: str,
    *,
    today: date,
    track: Track = quietly,
) -> PilotLoaded | None:
    """Draw a province's wards from packages of the registry, and record its observed addresses.

    Better polygons than approximate ones stay. None when the same was loaded before.

    Raises:
        UnreadableSource: the packages cannot be fetched, or hold nothing of the province.
        UnknownUnit: there is no such province.
    """
    manifest = facts / "boundaries" / "manifest.toml"
    digest = hashlib.sha256(
        manifest.read_bytes() + facts_digest(facts).encode() + province.encode()
    ).hexdigest()
    subject = f"pilot {province}"
    with reading(engine) as reader:
        if is_loaded(reader, subject, digest):
            return None
    sources = fetch(manifest, facts / "boundaries" / "requirements.txt", packages)
    polygons, points = sources
    drawn = pilot.reconstruct(
        province,
        facts=read_facts(facts),
        absorbed=read_absorbed(facts / "aliases" / "aliases.csv"),
        packages=packages,
    )
    wards, former = _write_pilot(engine, drawn, _source_of(polygons, REFORM))
    settle(engine)
    seen = read_export(packages / points.members[0].to)
    inside = _within(engine, seen, province)
    taken, places = observe(engine, inside, _source_of(points, EXPORTED), today, track)
    with transaction(engine) as writer:
        record_edition(writer, subject, digest, {"wards": wards, "addresses": taken.recorded})
    settle(engine)
    return PilotLoaded(wards, former, str(drawn.report), taken, places)


def load_former_wards(
    engine: Engine, facts: Path, packages: Path, track: Track = quietly
) -> int | None:
    """Draw the wards of before July 2025 in the whole country, where none are drawn yet.

    They tell how a split ward was shared out, and in which old ward a point lay. None when the
    same was loaded before.
    """
    manifest = facts / "boundaries" / "manifest.toml"
    digest = hashlib.sha256(manifest.read_bytes() + facts_digest(facts).encode()).hexdigest()
    with reading(engine) as reader:
        if is_loaded(reader, FORMER, digest):
            return None
        drawn = drawn_units(reader)
    polygons, _ = fetch(manifest, facts / "boundaries" / "requirements.txt", packages)
    known = read_facts(facts)
    absorbed = read_absorbed(facts / "aliases" / "aliases.csv")
    provinces = known.divisions.of_level(Level.PROVINCE, former=True)
    old = pilot.read_polygons(packages / pilot.POLYGONS, [p.latest.name for p in provinces])
    written = 0
    today = known.divisions.of_level(Level.PROVINCE, former=False)
    for province in track(today, "Phường, xã cũ / former wards"):
        lands = pilot.former_lands(pilot.province_of(known, province.code), old, absorbed)
        fresh = [
            Territory(_former(code), land, (), APPROXIMATE, pilot.OLD_OUTLINES_M)
            for code, land in lands.items()
            if _former(code) not in drawn
        ]
        with transaction(engine) as writer:
            source = _source_of(polygons, REFORM)
            loaded = write_territories(writer, fresh, source, effective=None, tolerate=True)
        written += loaded.written
    with transaction(engine) as writer:
        record_edition(writer, FORMER, digest, {"wards": written})
    settle(engine)
    return written


def drawn_units(reader: Reader) -> set[UnitKey]:
    """The units that have a polygon."""
    keys = {identity: key for key, identity in unit_ids(reader).items()}
    kept = t.unit_boundary
    return {keys[row] for row in reader.scalars(select(kept.c.unit_id).where(is_recorded(kept)))}


def _source_of(package: Package, state_of: date) -> Source:
    return Source(
        package.name,
        package.version,
        package.sha256,
        package.licence,
        package.attribution,
        state_of,
    )


def _write_pilot(engine: Engine, drawn: pilot.Reconstruction, source: Source) -> tuple[int, int]:
    with transaction(engine) as writer:
        better = _better_than_approximate(writer)
        new = [
            Territory(
                UnitKey(Level.WARD, code, former=False),
                territory.land,
                (territory.how.value,),
                APPROXIMATE,
                territory.accuracy_m,
            )
            for code, territory in drawn.wards.items()
        ]
        old = [
            Territory(_former(code), land, (), APPROXIMATE, pilot.OLD_OUTLINES_M)
            for code, land in drawn.former.items()
        ]
        written = [
            write_territories(
                writer,
                [x for x in group if x.unit not in better],
                source,
                effective=None,
                tolerate=True,
            ).written
            for group in (new, old)
        ]
    return written[0], written[1]


def _former(code: str) -> UnitKey:
    """An island district that had no communes stands for itself, by its three digits."""
    level = Level.DISTRICT if len(code) == DISTRICT_DIGITS else Level.WARD
    return UnitKey(level, code, former=True)


def _better_than_approximate(reader: Reader) -> set[UnitKey]:
    kept = t.unit_boundary
    keys = {identity: key for key, identity in unit_ids(reader).items()}
    rows = reader.scalars(
        select(kept.c.unit_id).where(is_recorded(kept), kept.c.accuracy != APPROXIMATE)
    )
    return {keys[row] for row in rows}


def _within(engine: Engine, seen: Sequence[Observed], province: str) -> list[Observed]:
    """The points that lie in a ward of the province."""
    with reading(engine) as reader:
        found = Wards(reader, EXPORTED).of([(one.lon, one.lat) for one in seen])
        divisions = read_divisions(reader)
    return [
        one
        for one, ward in zip(seen, found, strict=True)
        if ward and divisions.province_of(divisions[ward]).code == province
    ]
