"""Reads the facts under data/: units through time, lineage, postal codes, corrections.

The CSV files hold what the sources say; `corrections.csv` lists, with its reason, every place
where we do not follow them, and is applied here and nowhere else.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Self

from diachiso.address.division import (
    REFORM,
    Division,
    Divisions,
    Kind,
    Level,
    Naming,
    UnitKey,
    Validity,
    parse_day,
)
from diachiso.address.errors import UnreadableSource
from diachiso.address.lineage import Lineage, Part, Succession
from diachiso.address.name import standard
from diachiso.geocode.vocabulary import Alias
from diachiso.store.sources import opened

STRUCTURE_DECREE = "19/2025/QĐ-TTg"
POSTCODE_DECREE = "2334/QĐ-BKHCN"
POSTCODE_SINCE = date(2025, 8, 24)

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Correction:
    """One place where a source is not followed, and why."""

    table: str
    key: str
    field: str
    was: str
    becomes: str
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class Postcode:
    """The postal code of a commune-level unit (Decision 2334/QĐ-BKHCN)."""

    ward: UnitKey
    code: str
    decree: str
    since: date


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is known without a map."""

    divisions: Divisions
    lineage: Lineage
    postcodes: tuple[Postcode, ...]
    corrections: tuple[Correction, ...]

    def as_known_on(self, day: date) -> Self:
        """What was known on a day: nothing that began later, and no end that was still to come."""
        standing = [unit for unit in self.divisions if unit.valid.covers(day)]
        return replace(
            self,
            divisions=Divisions(
                replace(
                    unit,
                    valid=Validity(unit.valid.since),
                    namings=tuple(_open(unit.namings, day)),
                )
                for unit in standing
            ),
            lineage=Lineage(()),
            postcodes=tuple(one for one in self.postcodes if one.since <= day),
        )


def _open(namings: Iterable[Naming], day: date) -> Iterator[Naming]:
    """The names until a day, the last without an end."""
    for naming in namings:
        if naming.valid.covers(day):
            yield replace(naming, valid=Validity(naming.valid.since))
        elif naming.valid.until is not None and naming.valid.until <= day:
            yield naming


def read_facts(folder: Path) -> Facts:
    """Read the folder `data/`, corrections applied.

    Raises:
        UnreadableSource: a file is missing, or is not the table it should be.
    """
    units = folder / "units"
    corrections = tuple(Correction(**row) for row in rows(units / "corrections.csv"))
    divisions = Divisions([*_present(units, corrections), *_former(units)])
    return Facts(
        divisions=divisions,
        lineage=Lineage(_successions(units, corrections)),
        postcodes=tuple(
            postcode
            for file in sorted((folder / "postcodes").glob("*.csv"))
            for postcode in read_postcodes(file)
        ),
        corrections=corrections,
    )


def read_aliases(folder: Path) -> tuple[Alias, ...]:
    """Read the other writings under `data/aliases` (class A rows only).

    Raises:
        UnreadableSource: the file is missing, or is not the table it should be.
    """
    return tuple(
        Alias(
            kind=row["kind"],
            written=row["written"],
            meaning=row["meaning"],
            ambiguous=row["ambiguous"] == "1",
            code=row["code"] or "",
        )
        for row in rows(folder / "aliases" / "aliases.csv")
    )


def rows(file: Path) -> list[dict[str, str]]:
    """The rows of a CSV table with a header, UTF-8 with or without a byte order mark."""
    try:
        with opened(file) as stream:
            lines = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
            return list(csv.DictReader(lines))
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as fault:
        raise UnreadableSource(f"{file}: không đọc được. / cannot be read: {fault}") from fault


def read_postcodes(file: Path) -> Iterator[Postcode]:
    """Postal codes by ward: columns ward_code, postal_code (decree and since may follow).

    Raises:
        UnreadableSource: a column is missing or a code is not five digits.
    """
    for number, row in enumerate(rows(file), start=2):
        ward, code = row.get("ward_code") or "", row.get("postal_code") or ""
        if not (_is_digits(ward, 5) and _is_digits(code, 5)):
            raise UnreadableSource(
                f"{file}, dòng / line {number}: cần ward_code và postal_code, mỗi cột 5 chữ số."
                f" / ward_code and postal_code must be 5 digits, found {ward!r}, {code!r}."
            )
        yield Postcode(
            ward=UnitKey(Level.WARD, ward, former=False),
            code=code,
            decree=row.get("decree") or POSTCODE_DECREE,
            since=parse_day(row["since"]) if row.get("since") else POSTCODE_SINCE,
        )


def _is_digits(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdecimal()


# -- the structure of today ----------------------------------------------------------------------


def _present(units: Path, corrections: Iterable[Correction]) -> Iterator[Division]:
    changes = {(row["level"], row["code"]): row for row in rows(units / "changes.csv")}
    areas = {c.key: c.becomes for c in corrections if (c.table, c.field) == ("wards", "area_km2")}
    for row in rows(units / "provinces.csv"):
        yield _unit_of_today(Level.PROVINCE, row, changes, parent=None)
    for row in rows(units / "wards.csv"):
        parent = UnitKey(Level.PROVINCE, row["province_code"], former=False)
        fact = row | {"area_km2": areas.get(row["code"]) or row["area_km2"]}
        yield _unit_of_today(Level.WARD, fact, changes, parent=parent)


def _unit_of_today(
    level: Level, row: Row, changes: Mapping[tuple[str, str], Row], *, parent: UnitKey | None
) -> Division:
    valid = Validity.from_the_reform()
    area = row.get("area_km2")
    return Division(
        key=UnitKey(level, row["code"], former=False),
        valid=valid,
        namings=_namings(row, valid, changes.get((level.value, row["code"]))),
        parent=parent,
        centre=(float(row["lon"]), float(row["lat"])),
        area_km2=float(area) if area else None,
    )


def _namings(row: Row, valid: Validity, change: Row | None) -> tuple[Naming, ...]:
    name, kind = standard(row["name"]), Kind(row["kind"])
    if change is None:
        return (Naming(name, kind, valid, STRUCTURE_DECREE),)
    day = parse_day(change["effective_date"])
    return (
        Naming(name, Kind(change["old_kind"]), Validity(REFORM, day), STRUCTURE_DECREE),
        Naming(
            standard(change["name"]),
            Kind(change["new_kind"]),
            Validity(day, valid.until),
            change["resolution"],
        ),
    )


# -- the structure until 30 June 2025 ------------------------------------------------------------


def _former(units: Path) -> Iterator[Division]:
    for row in rows(units / "former_provinces.csv"):
        yield _former_unit(Level.PROVINCE, row, parent=None)
    for row in rows(units / "former_districts.csv"):
        yield _former_unit(
            Level.DISTRICT, row, parent=UnitKey(Level.PROVINCE, row["province_code"], former=True)
        )
    for row in rows(units / "former_wards.csv"):
        yield _former_unit(
            Level.WARD, row, parent=UnitKey(Level.DISTRICT, row["district_code"], former=True)
        )


def _former_unit(level: Level, row: Row, *, parent: UnitKey | None) -> Division:
    valid = Validity.ended_by_the_reform()
    naming = Naming(standard(row["name"]), Kind(row["kind"]), valid)
    return Division(
        key=UnitKey(level, row["code"], former=True), valid=valid, namings=(naming,), parent=parent
    )


# -- lineage -------------------------------------------------------------------------------------


def _successions(units: Path, corrections: Iterable[Correction]) -> Iterator[Succession]:
    verdict = {c.key: c for c in corrections if c.table == "lineage"}
    for row in rows(units / "lineage.csv"):
        correction = verdict.get(f"{row['old_code']}>{row['new_code']}")
        if (part := _part(row, correction)) is not None:
            yield Succession(
                old=UnitKey(Level.WARD, row["old_code"], former=True),
                new=UnitKey(Level.WARD, row["new_code"], former=False),
                part=part,
                default=part is Part.WHOLE or row["vau_default"] == "1",
                source=correction.source if correction else "NSO",
            )
    yield from _other_levels(units)


def _part(row: Row, correction: Correction | None) -> Part | None:
    """Whole or part; None for a pair that only one secondary source has, or that was dropped."""
    if correction is not None:
        return None if correction.becomes == "dropped" else Part(correction.becomes)
    if row["in_nso"] != "1":
        return None
    return Part.WHOLE if row["part"] == "full" else Part.PART


def _other_levels(units: Path) -> Iterator[Succession]:
    for row in rows(units / "former_provinces.csv"):
        old = UnitKey(Level.PROVINCE, row["code"], former=True)
        new = UnitKey(Level.PROVINCE, row["new_province_code"], former=False)
        yield Succession(old, new, Part.WHOLE, default=True, source="NSO")
    for row in rows(units / "lineage_districts.csv"):
        old = UnitKey(Level.DISTRICT, row["old_district_code"], former=True)
        new = UnitKey(Level.WARD, row["new_code"], former=False)
        yield Succession(old, new, Part.WHOLE, default=True, source="vietnamadminunits 1.0.4")
