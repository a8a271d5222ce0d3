"""What fills a registry, in order: units, the pilot, and what a folder of better data holds.

Each load is one or a few transactions, notes an edition, and does nothing when the same was loaded
before: a second start reloads nothing.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Engine, select, text

from diachiso.address.division import REFORM, Level
from diachiso.address.errors import UnreadableSource
from diachiso.address.territory import TOLERANCE_M2
from diachiso.store import tables as t
from diachiso.store.addresses import Taken, load_addresses, record_proposed
from diachiso.store.boundaries import Loaded, refresh_derived, write_territories
from diachiso.store.boundary_files import territories_of
from diachiso.store.divisions import (
    load_units,
    read_divisions,
    write_postcodes,
)
from diachiso.store.engine import reading, transaction
from diachiso.store.facts import read_facts, read_postcodes
from diachiso.store.history import Changes, Source, is_loaded, record_edition
from diachiso.store.observed import Observed, read_table
from diachiso.store.places import load_places
from diachiso.store.progress import Track, quietly
from diachiso.store.sealing import seal_touched
from diachiso.store.sources import KINDS, kind_of, look_at_beginning, read_features, sha256_of
from diachiso.store.streets import load_streets, ways_of

NOT_STATED = "không ghi / not stated"
ODBL = "ODbL-1.0"
OSM_CONTRIBUTORS = "© OpenStreetMap contributors"
EXPORTED = date(2026, 8, 1)
"""The month of the OSM export in geoclip-vietnam 1.0.2 (see data/boundaries/manifest.toml)."""
AT_ONCE = 2_000
"""Addresses a transaction: each new code holds a lock until it ends."""


@dataclass(frozen=True, slots=True)
class BoundaryOptions:
    """How a file of boundaries is to be taken."""

    level: Level = Level.WARD
    effective: date = REFORM
    decree: str | None = None
    crs: str | None = None
    accuracy: str = "published"
    accuracy_m: float | None = None
    licence: str = NOT_STATED
    attribution: str | None = None
    tolerance_m2: float = TOLERANCE_M2
    tolerate: bool = False


def bring_up_units(engine: Engine, facts: Path) -> Changes | None:
    """Units, lineage and postal codes; None when they are up to date."""
    with transaction(engine) as writer:
        changes = load_units(writer, facts)
    if changes is not None:
        settle(engine)
    return changes


def settle(engine: Engine) -> None:
    """Bring derived views and the planner's statistics up to what was loaded."""
    with transaction(engine) as writer:
        refresh_derived(writer)
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("ANALYZE"))


def load_postcode_file(engine: Engine, file: Path, today: date) -> tuple[Changes, int]:
    """Postal codes of wards, from a file of one's own; addresses that waited get their codes.

    Raises:
        UnreadableSource: names the line at fault.
    """
    postcodes = tuple(read_postcodes(file))
    with transaction(engine) as writer:
        changes = write_postcodes(writer, postcodes)
        issued = record_proposed(writer, today)
        summary = {"codes": changes.added, "recorded": issued}
        record_edition(writer, f"postcodes {file.name}", sha256_of(file), summary)
    return changes, issued


# -- boundaries ----------------------------------------------------------------------------------


def load_boundary_file(
    engine: Engine, facts: Path, file: Path, options: BoundaryOptions
) -> Loaded | None:
    """Take in a file of boundaries; None when it was the last thing loaded of its name.

    Raises:
        SourceError: says what is wrong with the file; nothing was loaded then.
    """
    look_at_beginning(file)
    sha256 = sha256_of(file)
    digest = hashlib.sha256(f"{sha256} {options}".encode()).hexdigest()
    subject = f"boundaries {file.name}"
    with reading(engine) as reader:
        if is_loaded(reader, subject, digest):
            return None
    features = read_features(file, options.crs)
    aliases = {c.key: c.becomes for c in read_facts(facts).corrections if c.table == "boundaries"}
    with transaction(engine) as writer:
        territories = territories_of(
            features,
            read_divisions(writer),
            options.level,
            options.effective,
            accuracy=options.accuracy,
            accuracy_m=options.accuracy_m,
            aliases=aliases,
        )
        attribution = options.attribution or file.name
        loaded = write_territories(
            writer,
            territories,
            Source(file.name, "", sha256, options.licence, attribution, options.effective),
            effective=options.effective,
            decree=options.decree,
            tolerance_m2=options.tolerance_m2,
            tolerate=options.tolerate,
        )
        summary = {"written": loaded.written, "unchanged": loaded.unchanged}
        record_edition(writer, subject, digest, summary)
    settle(engine)
    return loaded


# -- streets, places, addresses ------------------------------------------------------------------


def observe(
    engine: Engine, seen: Sequence[Observed], source: Source, today: date, track: Track
) -> tuple[Taken, int]:
    """Named places at once, addresses a few thousand a transaction."""
    on = source.state_of or EXPORTED
    taken = Taken()
    addresses = [one for one in seen if one.is_address]
    for start in track(range(0, len(addresses), AT_ONCE), "Địa chỉ quan sát / observed addresses"):
        with transaction(engine) as writer:
            chunk = addresses[start : start + AT_ONCE]
            taken += load_addresses(writer, chunk, source, on=on, today=today)
    with transaction(engine) as writer:
        places = load_places(writer, seen, source, on=on)
    return taken, places["places"]


def load_street_file(engine: Engine, file: Path, track: Track = quietly) -> dict[str, int] | None:
    """Take in named ways; None when the same file was loaded before."""
    sha256 = sha256_of(file)
    with transaction(engine) as writer:
        if is_loaded(writer, "streets", sha256):
            return None
        source = Source(file.name, "", sha256, ODBL, OSM_CONTRIBUTORS)
        counts = load_streets(writer, ways_of(read_features(file)), source, track)
        streets = writer.scalars(select(t.street.c.id).order_by(t.street.c.id))
        seal_touched(writer, {"source": file.name}, [("street", street) for street in streets])
        record_edition(writer, "streets", sha256, counts)
    settle(engine)
    return counts


def load_place_file(
    engine: Engine,
    file: Path,
    *,
    addresses: bool,
    places: bool,
    on: date,
    today: date,
    track: Track = quietly,
) -> tuple[Taken, int] | None:
    """Take in a table of points: addresses, named places, or both; None when loaded before."""
    sha256 = sha256_of(file)
    digest = hashlib.sha256(f"{sha256} {on} {addresses} {places}".encode()).hexdigest()
    subject = f"points {file.name}"
    with reading(engine) as reader:
        if is_loaded(reader, subject, digest):
            return None
    seen = read_table(file)
    if not places:
        seen = [one for one in seen if one.is_address]
    source = Source(file.name, "", sha256, ODBL, OSM_CONTRIBUTORS, on)
    taken, count = observe(engine, seen if addresses else [], source, today, track)
    if places and not addresses:
        with transaction(engine) as writer:
            count = load_places(writer, seen, source, on=on)["places"]
    with transaction(engine) as writer:
        record_edition(writer, subject, digest, {"addresses": taken.recorded, "places": count})
    settle(engine)
    return taken, count


def boundary_files(folder: Path) -> list[Path]:
    """The files of boundaries in a folder laid out as ours: smaller (finer) ones first."""
    return sorted(_files(folder / "boundaries", KINDS), key=lambda file: file.stat().st_size)


def street_files(folder: Path) -> list[Path]:
    """The files of streets."""
    return _files(folder / "streets", KINDS)


def place_files(folder: Path) -> list[Path]:
    """The tables of points."""
    return _files(folder / "places", (".csv",))


def _files(folder: Path, kinds: Iterable[str]) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(file for file in folder.iterdir() if kind_of(file) in kinds)


def require_folder(folder: Path) -> None:
    """See that DIACHISO_DATA names a folder with something to load.

    Raises:
        UnreadableSource: it does not.
    """
    if not any((*boundary_files(folder), *street_files(folder), *place_files(folder))):
        raise UnreadableSource(
            f"DIACHISO_DATA={folder}: không có gì để nạp. / nothing to load there: expected the "
            "folders boundaries, streets, places."
        )
