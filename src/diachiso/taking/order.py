"""An order: a file, whose area it is, what its columns say, and on what terms it is taken in."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from pyproj import CRS

from diachiso.address.division import Level, UnitKey
from diachiso.address.errors import Incomplete
from diachiso.address.position import VN2000, VN2000_GEOGRAPHIC, to_wgs84
from diachiso.registry.intake import Entry, Field
from diachiso.registry.intake_fields import Failed, read_fields
from diachiso.registry.intake_terms import Pair
from diachiso.sheet.cell import CellFault, Row, is_blank_row
from diachiso.sheet.geopackage import GeoPackage
from diachiso.sheet.table import Table, read_table
from diachiso.sheet.workbook import Workbook
from diachiso.store.sources import sha256_of
from diachiso.taking.mapping import Columns, axes_by_content, mapped, required

WGS84_NAMES = frozenset({"EPSG:4326", "OGC:CRS84"})
ZONES = tuple(f"EPSG:{code}" for code in sorted(VN2000 - {VN2000_GEOGRAPHIC}))
SHORTEST = 12


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of a run."""

    table: Table
    unit: UnitKey
    columns: Columns
    crs: str | None
    record: bool
    trial: bool
    scheme: str
    on: date

    @classmethod
    def of(
        cls,
        file: Path,
        unit: UnitKey,
        *,
        on: date,
        sheet: str | None = None,
        crs: str | None = None,
        columns: Iterable[str] | Columns = (),
        record: bool = False,
        trial: bool = False,
        scheme: str = "file",
    ) -> "Order":
        """Look at a file; nothing is written. `columns` correct the guess, or replace it whole.

        Raises:
            UnreadableSource: it cannot be read, or its columns say too little.
            Incomplete: it holds metres, and no zone of VN-2000 is named.
            MalformedPosition: the reference system is not known.
        """
        table = read_table(file, sheet)
        if isinstance(columns, Mapping):
            found = required(table, axes_by_content(dict(columns), table.sample()))
        else:
            found = mapped(table, columns)
        stated = table.grid.crs if isinstance(table.grid, GeoPackage) else None
        system = crs or stated
        system = None if system in WGS84_NAMES else system
        if system is not None:
            to_wgs84(system)
        if Field.X in found and system is None:
            raise Incomplete(
                f"{file}: tọa độ là mét; hãy nêu múi VN-2000 bằng --crs (Hà Nội: EPSG:5897). / "
                "coordinates are metres: name the zone of VN-2000 by --crs, for instance "
                "EPSG:5897 (Hà Nội, 105°) or EPSG:9210 (105°45').",
                missing=["crs"],
            )
        return cls(table, unit, found, system, record, trial, scheme, on)

    @property
    def digest(self) -> str:
        """What tells the file (and sheet) apart from every other."""
        told = sha256_of(self.table.file)
        grid = self.table.grid
        if not isinstance(grid, Workbook):
            return told
        return hashlib.sha256(f"{told}\n{grid.sheet}".encode()).hexdigest()

    @property
    def options(self) -> dict[str, Any]:
        """The terms as they are kept with the run."""
        return {
            "crs": self.crs,
            "record": self.record,
            "scheme": self.scheme,
            "on": self.on.isoformat(),
            "unit": [self.unit.level.value, self.unit.code],
        }

    @property
    def mapping(self) -> dict[str, int]:
        """The columns as they are kept with the run."""
        return {field.value: column for field, column in self.columns.items()}

    @property
    def crs_is_metres(self) -> bool:
        """Is the reference system one of metres?"""
        return self.crs is not None and not CRS.from_user_input(self.crs).is_geographic

    def entries(self, start: int = 0) -> Iterator[Entry]:
        """The rows of data from one on, each field read by itself."""
        for number, row in enumerate(self.table.rows(start), start=start + 1):
            yield self.entry(number, row)

    def entry(self, number: int, row: Row) -> Entry:
        """A row, each field read by itself."""
        if is_blank_row(row):
            return Entry(number, is_blank=True)
        headed = self.table.headed
        read = read_fields(number, {f: _cell(row, n) for f, n in self.columns.items()})
        if headed is not None and not is_blank_row(row[headed:]):
            return read.but("too_many_cells", None, len(row), headed)
        return read if not read.is_blank else read_fields(number, {Field.NAME: "\x00"})


def order_again(
    file: Path,
    sheet: str | None,
    mapping: Mapping[str, int],
    options: Mapping[str, Any],
    *,
    trial: bool,
) -> Order:
    """The order of a run that is gone on with, as it was kept."""
    level, code = options["unit"]
    return Order(
        read_table(file, sheet),
        UnitKey(Level(level), code, former=False),
        {Field(name): column for name, column in mapping.items()},
        options["crs"],
        options["record"],
        trial,
        options["scheme"],
        date.fromisoformat(options["on"]),
    )


def _cell(row: Row, column: int) -> Any:  # noqa: ANN401 (a cell may hold anything)
    cell = row[column] if column < len(row) else None
    return Failed(cell.written) if isinstance(cell, CellFault) else cell


def convert(system: str, pairs: Sequence[Pair]) -> list[Pair]:
    """Pairs of a reference system in WGS 84, all at once."""
    array = np.asarray(pairs, dtype=float)
    lons, lats = to_wgs84(system).transform(array[:, 0], array[:, 1])
    return list(zip(lons.tolist(), lats.tolist(), strict=True))
