"""A table written with columns added: what stood there stays as it stood.

The file is made under another name and takes its own when it is whole.
"""

import csv
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count, islice
from pathlib import Path
from typing import IO

import pyarrow as pa
import xlsxwriter
from pyarrow import parquet

from diachiso.address.errors import UnreadableSource
from diachiso.sheet.cell import Cell, Row, is_blank_row, plain
from diachiso.sheet.columnar import Columnar
from diachiso.sheet.delimited import ONE_COLUMN, Delimited
from diachiso.sheet.package import OPEN_XML, Package
from diachiso.sheet.table import PARQUET, TEXTS, Table
from diachiso.sheet.workbook import Workbook

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
"""What a sheet of Excel can hold."""
XLSX = ".xlsx"
WITH_MARK = "utf-8-sig"
WORKBOOK_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}
UNFINISHED = ".writing"
ROW_GROUP = 50_000


@dataclass(frozen=True, slots=True)
class NewColumn:
    """A column to add: its name, and whether it holds numbers or text."""

    name: str
    is_number: bool = False


def kind_written(table: Table) -> str:
    """The extension that the result of a table has if nobody says another."""
    kind = table.file.suffix.lower()
    return XLSX if isinstance(table.grid, Workbook) and kind not in OPEN_XML else kind


def require_writable(table: Table, output: Path, added: int) -> None:
    """See beforehand that a table can be written in the kind of the output.

    Raises:
        UnreadableSource: an unknown kind, or more rows or columns than Excel can hold.
    """
    kind = output.suffix.lower()
    if kind in PARQUET and not isinstance(table.grid, Columnar):
        raise UnreadableSource(
            f"{output}: chỉ ghi Parquet từ Parquet. / Parquet is written from Parquet only."
        )
    if kind not in TEXTS | OPEN_XML | PARQUET:
        raise UnreadableSource(f"{output}: cần / needs .csv, .tsv, .xlsx, .parquet.")
    rows = table.heading.first + table.count + 1
    if kind in OPEN_XML and (rows > MOST_ROWS or table.width + added > MOST_COLUMNS):
        raise UnreadableSource(
            f"{output}: Excel chỉ chứa {MOST_ROWS:,} dòng; hãy ghi CSV. / "
            f"a sheet holds {MOST_ROWS:,} rows: write CSV (--output)."
        )


def unclashing(columns: Iterable[NewColumn], taken: Iterable[str]) -> tuple[NewColumn, ...]:
    """The new columns; one whose name the table has already gets a suffix."""
    seen = {name.casefold() for name in taken}
    fresh = []
    for column in columns:
        name = column.name
        tries = chain((name, f"{name}_diachiso"), (f"{name}_diachiso{n}" for n in count(2)))
        free = next(one for one in tries if one.casefold() not in seen)
        fresh.append(replace(column, name=free))
        seen.add(free.casefold())
    return tuple(fresh)


Results = Callable[[], Iterator[Row]]


def write_table(table: Table, output: Path, columns: Sequence[NewColumn], results: Results) -> None:
    """Write the table with columns added, one result a row; blank rows stay blank."""
    unfinished = output.with_name(f".{output.name}{UNFINISHED}")
    try:
        with unfinished.open("wb") as target:
            unfinished.chmod(0o600)
            _write(table, output.suffix.lower(), columns, results, target)
        shutil.copymode(table.file, unfinished)
        unfinished.replace(output)
    finally:
        unfinished.unlink(missing_ok=True)


def _write(
    table: Table, kind: str, columns: Sequence[NewColumn], results: Results, target: IO[bytes]
) -> None:
    if isinstance(table.grid, Columnar) and kind in PARQUET:
        return _write_parquet(table.grid, columns, results, target)
    names = [column.name for column in columns]
    if kind in TEXTS:
        return _write_text(table, kind, names, results, target)
    in_place = isinstance(table.grid, Workbook) and table.file.suffix.lower() == kind
    if in_place and table.heading.depth and _write_package(table, names, results, target):
        return None
    target.seek(0)
    target.truncate()
    return _write_workbook(table, names, results, target)


def _whole(table: Table, names: Sequence[str], results: Iterator[Row]) -> Iterator[Row]:
    """Every row of the file: title lines as they are, names and results side by side."""
    rows, heading = table.grid.rows(), table.heading
    yield from islice(rows, heading.above)
    yield from islice(rows, max(0, heading.depth - 1))
    if heading.depth:
        yield (*_padded(next(rows), table.width), *names)
    else:
        yield (*table.columns, *names)
    for row, result in zip(rows, results, strict=True):
        yield row if is_blank_row(row) else (*_padded(row, table.width), *result)


def _padded(row: Row, width: int) -> Row:
    return row if len(row) == width else (*row, *(None,) * (width - len(row)))


def _write_text(
    table: Table, kind: str, names: Sequence[str], results: Results, target: IO[bytes]
) -> None:
    grid = table.grid
    encoding, delimiter, line_end = WITH_MARK, "\t" if kind == ".tsv" else ",", "\r\n"
    if isinstance(grid, Delimited):
        encoding, line_end = grid.written_as, grid.line_end
        same = grid.delimiter != ONE_COLUMN and grid.file.suffix.lower() == kind
        delimiter = grid.delimiter if same else delimiter
    lines = _Encoded(target, encoding)
    out = csv.writer(lines, delimiter=delimiter, lineterminator=line_end)
    for row in _whole(table, names, results()):
        out.writerow([plain(cell) for cell in row])


class _Encoded:
    """Lines as bytes; the mark of the encoding, if it has one, is written once."""

    def __init__(self, target: IO[bytes], encoding: str) -> None:
        self._target, self._encoding = target, encoding
        mark = "".encode(encoding)  # the mark of UTF-16 and of utf-8-sig
        self._mark = len(mark)
        target.write(mark)

    def write(self, line: str) -> int:
        return self._target.write(line.encode(self._encoding, "replace")[self._mark :])


def _write_package(table: Table, names: Sequence[str], results: Results, target: IO[bytes]) -> bool:
    """Put the columns into the XLSX itself; False if its XML is not as expected."""
    if not isinstance(table.grid, Workbook):
        return False
    wanted = 0

    def added() -> Iterator[tuple[int, Row]]:
        nonlocal wanted
        first = table.heading.first
        for number, row in enumerate(chain([tuple(names)], results()), start=first - 1):
            if any(cell is not None for cell in row):
                wanted += 1
                yield number, row

    package = Package(table.file, table.grid.sheet)
    return package.write_with(target, added(), table.width) == wanted


def _write_workbook(
    table: Table, names: Sequence[str], results: Results, target: IO[bytes]
) -> None:
    with xlsxwriter.Workbook(target, WORKBOOK_OPTIONS) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        moment = book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"})
        for number, row in enumerate(_whole(table, names, results())):
            for column, cell in enumerate(row):
                _write_cell(sheet, number, column, cell, day, moment)


def _write_cell(
    sheet: xlsxwriter.worksheet.Worksheet,
    number: int,
    column: int,
    cell: Cell,
    day: object,
    moment: object,
) -> None:
    value = plain(cell)
    if value is None or value == "":
        return
    if cell is not value and hasattr(cell, "year"):
        sheet.write_datetime(
            number, column, cell, day if len(value) == len("2026-01-01") else moment
        )
    elif isinstance(value, bool | int | float):
        sheet.write(number, column, value)
    else:
        sheet.write_string(number, column, str(value)[:32_767])


def _write_parquet(
    grid: Columnar, columns: Sequence[NewColumn], results: Results, target: IO[bytes]
) -> None:
    fields = [pa.field(c.name, pa.float64() if c.is_number else pa.string()) for c in columns]
    schema, told = grid.opened.schema_arrow, results()
    for field in fields:
        schema = schema.append(field)
    with parquet.ParquetWriter(target, schema) as out:
        for batch in grid.batches(ROW_GROUP):
            rows = list(islice(told, batch.num_rows))
            added = [pa.array([row[n] for row in rows], f.type) for n, f in enumerate(fields)]
            out.write_batch(pa.RecordBatch.from_arrays([*batch.columns, *added], schema=schema))
