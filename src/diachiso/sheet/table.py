"""A table of a file: its names, how many rows it has, and the rows, one at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from diachiso.address.errors import UnreadableSource
from diachiso.sheet.cell import Row
from diachiso.sheet.columnar import Columnar
from diachiso.sheet.delimited import Delimited
from diachiso.sheet.geopackage import GeoPackage
from diachiso.sheet.heading import Heading, find_heading
from diachiso.sheet.workbook import Workbook

TEXTS = frozenset({".csv", ".tsv", ".txt"})
WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})
PARQUET = frozenset({".parquet", ".pq"})
PACKAGES = frozenset({".gpkg"})
LOOKED_AT = 200

Grid: TypeAlias = Delimited | Workbook | Columnar | GeoPackage


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it lies in a file; read as often as is asked, never held whole."""

    grid: Grid
    heading: Heading
    columns: tuple[str, ...]
    count: int
    width: int
    headed: int | None = None
    """How many cells the heading of a text file has: a row with more was not quoted well."""

    @property
    def file(self) -> Path:
        """The file it lies in."""
        return self.grid.file

    @property
    def listed(self) -> str:
        """Its columns by number and name, as errors list them."""
        return ", ".join(f"{n}. {name}" for n, name in enumerate(self.columns, start=1))

    def rows(self, start: int = 0) -> Iterator[Row]:
        """The rows of data from one on, as long as they stand in the file."""
        return islice(self.grid.rows(), self.heading.first + start, None)

    def sample(self, most: int = LOOKED_AT) -> list[Row]:
        """The first rows of data."""
        return list(islice(self.rows(), most))


def read_table(file: Path, sheet: str | None = None) -> Table:
    """Look at a file: CSV, TSV, TXT, XLSX, XLS, XLSB, ODS, Parquet or GeoPackage.

    `sheet` names a sheet of a workbook; if unset, the first visible one that is not empty.

    Raises:
        UnreadableSource: not such a file, broken, or without a row of data.
    """
    kind = file.suffix.lower()
    if not file.is_file():
        raise UnreadableSource(f"{file}: không có tệp này. / there is no such file.")
    if sheet is not None and kind not in WORKBOOKS:
        raise UnreadableSource(f"{file}: --sheet: không phải tệp Excel. / not a workbook.")
    try:
        table = _table_of(file, kind, sheet)
    except (OSError, UnicodeError) as fault:
        raise UnreadableSource(f"{file}: không đọc được. / cannot be read: {fault}") from None
    if table.count < 1:
        raise UnreadableSource(f"{file}: không có dòng dữ liệu. / there is no row of data.")
    return table


def _table_of(file: Path, kind: str, sheet: str | None) -> Table:
    if kind in PARQUET:
        columnar = Columnar.of(file)
        names = columnar.names
        return Table(columnar, Heading(0, 0), names, columnar.count, len(names))
    if kind in PACKAGES:
        layer = GeoPackage(file)
        return Table(layer, Heading(0, 0), layer.names, layer.count, len(layer.names))
    if kind in WORKBOOKS:
        book = Workbook.of(file, sheet)
        return _under_heading(book, *book.size)
    if kind in TEXTS:
        text = Delimited.of(file)
        count = width = 0
        for row in text.rows():
            count, width = count + 1, max(width, len(row))
        return _under_heading(text, count, width)
    raise UnreadableSource(
        f"{file}: cần / needs CSV, TSV, TXT, XLSX, XLS, ODS, Parquet; không phải / not {kind!r}."
    )


def _under_heading(grid: Delimited | Workbook, count: int, width: int) -> Table:
    rows = list(islice(grid.rows(), LOOKED_AT))
    heading = find_heading(rows)
    heads = [len(row) for row in rows[heading.above : heading.first]]
    headed = max(heads) if heads and isinstance(grid, Delimited) else None
    return Table(grid, heading, heading.names(rows, width), count - heading.first, width, headed)
