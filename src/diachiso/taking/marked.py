"""The file back with every fault marked: colours and comments in the cells, columns more.

A workbook is written anew with constant memory; a CSV and a GeoPackage get the same as columns.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import xlsxwriter

from diachiso.registry.intake import Fault, Field
from diachiso.registry.intake_rules import RULES, Severity
from diachiso.sheet.cell import Row, is_blank_row, plain
from diachiso.sheet.geopackage import GeoPackage
from diachiso.sheet.table import TEXTS, Table
from diachiso.sheet.written import WORKBOOK_OPTIONS, XLSX, NewColumn, unclashing, write_table
from diachiso.store.intakes import Outcome
from diachiso.taking.mapping import Columns

ADDED = ".checked"
COLUMNS = (NewColumn("status"), NewColumn("address"), NewColumn("faults"))
SPOKEN = {
    "fit": "nhận được / fit",
    "drafted": "đã lập / drafted",
    "recorded": "đã ghi / recorded",
    "left_out": "để lại / left out",
}
COLOURS = {
    Severity.ERROR: "#F8B4B4",
    Severity.WARNING: "#FCE08A",
    Severity.REPAIRED: "#B7E4C7",
}
MOST_COMMENTS = 50_000
"""Comments are held in memory and slow a sheet down; beyond, colours and the column tell."""
WIDEST = 32_000
PACKAGE = ".gpkg"
BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Report:
    """What is written beside the input: outcomes row by row, and the counts."""

    table: Table
    columns: Columns
    fates: Mapping[str, int]
    rules: Mapping[str, int]
    file: str
    about: Sequence[tuple[str, str]] = field(default=())


def marked_name(table: Table) -> Path:
    """Where the marked file goes: a.xlsx becomes a.checked.xlsx."""
    kind = table.file.suffix.lower()
    kind = kind if kind in TEXTS or kind == PACKAGE else XLSX
    return table.file.with_name(f"{table.file.stem}{ADDED}{kind}")


def write_marked(report: Report, output: Path, outcomes: Iterator[Outcome]) -> None:
    """Write the file back in the kind of the output."""
    kind = output.suffix.lower()
    if kind in TEXTS:
        columns = unclashing(COLUMNS, report.table.columns)
        return write_table(report.table, output, columns, lambda: _results(report, outcomes))
    unfinished = output.with_name(f".{output.stem}.writing{kind}")
    try:
        if kind == PACKAGE and isinstance(report.table.grid, GeoPackage):
            _write_package(report, report.table.grid, unfinished, outcomes)
        else:
            _write_workbook(report, unfinished, outcomes)
        unfinished.chmod(0o600)
        unfinished.replace(output)
    finally:
        unfinished.unlink(missing_ok=True)
    return None


def told(outcome: Outcome | None) -> Row:
    """The columns more of a row."""
    if outcome is None:
        return (None, None, None)
    faults = "; ".join(fault.told for fault in outcome.faults)
    return (SPOKEN[outcome.fate], outcome.called, faults[:WIDEST] or None)


def _aligned(count: int, outcomes: Iterator[Outcome]) -> Iterator[Outcome | None]:
    """An outcome for each row of data; None for the blank ones."""
    waiting = next(outcomes, None)
    for number in range(1, count + 1):
        if waiting is not None and waiting.row == number:
            yield waiting
            waiting = next(outcomes, None)
        else:
            yield None


def _results(report: Report, outcomes: Iterator[Outcome]) -> Iterator[Row]:
    return map(told, _aligned(report.table.count, outcomes))


# -- workbooks -----------------------------------------------------------------------------------


def _write_workbook(report: Report, output: Path, outcomes: Iterator[Outcome]) -> None:
    with xlsxwriter.Workbook(output, WORKBOOK_OPTIONS) as book:
        _summary(book, report)
        sheet = book.add_worksheet("Dòng - Rows")
        page = _Page(book, sheet, report)
        page.heading()
        rows = zip(report.table.rows(), _aligned(report.table.count, outcomes), strict=True)
        for number, (row, outcome) in enumerate(rows, start=1):
            page.row(number, row, outcome)


def _summary(book: Any, report: Report) -> None:  # noqa: ANN401 (xlsxwriter has no types)
    sheet, bold = book.add_worksheet("Tóm tắt - Summary"), book.add_format({"bold": True})
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 12)
    sheet.set_column(2, 3, 80)
    lines: list[tuple[Any, ...]] = [(report.file,), *report.about, ()]
    lines += [(SPOKEN[fate], many) for fate, many in sorted(report.fates.items())]
    lines += [(), ("quy tắc / rule", "dòng / rows", "ý nghĩa / meaning", "cách sửa / what to do")]
    known = [name for name in RULES if name in report.rules]
    lines += [(n, report.rules[n], RULES[n].told("…", "…"), RULES[n].fix) for n in known]
    colours = {one: book.add_format({"bg_color": colour}) for one, colour in COLOURS.items()}
    for number, line in enumerate(lines):
        for column, cell in enumerate(line):
            style = colours[RULES[cell].severity] if cell in known else None
            sheet.write(number, column, cell, bold if number == 0 else style)


class _Page:
    """The rows of the workbook, written one after the other."""

    def __init__(self, book: Any, sheet: Any, report: Report) -> None:  # noqa: ANN401
        self._sheet, self._report, self._comments = sheet, report, 0
        self._bold = book.add_format({"bold": True, "bg_color": "#E5E7EB"})
        self._plain: dict[str | None, Any] = {
            None: None,
            "day": book.add_format({"num_format": "dd/mm/yyyy"}),
        }
        self._marked = {
            (severity, kind): book.add_format({"bg_color": colour, **more})
            for severity, colour in COLOURS.items()
            for kind, more in ((None, {}), ("day", {"num_format": "dd/mm/yyyy"}))
        }

    def heading(self) -> None:
        """The names, the new ones last; they stay in sight."""
        names = unclashing(COLUMNS, self._report.table.columns)
        for n, name in enumerate([*self._report.table.columns, *(one.name for one in names)]):
            self._sheet.write_string(0, n, str(name), self._bold)
        width = self._report.table.width
        self._sheet.freeze_panes(1, 0)
        self._sheet.autofilter(0, 0, self._report.table.count, width + len(COLUMNS) - 1)
        self._sheet.set_column(width, width + 1, 18)
        self._sheet.set_column(width + 2, width + 2, 60)

    def row(self, number: int, row: Row, outcome: Outcome | None) -> None:
        """A row with its faults marked where they are."""
        if is_blank_row(row):
            return
        at = self._by_column(outcome)
        width = self._report.table.width
        for column in range(width):
            cell = row[column] if column < len(row) else None
            self._cell(number, column, cell, at.get(column, ()))
        for n, cell in enumerate(told(outcome), start=width):
            if cell is not None:
                self._sheet.write_string(number, n, str(cell))

    def _by_column(self, outcome: Outcome | None) -> dict[int, list[Fault]]:
        """The faults by the column that they are marked in: their field's, or the status."""
        at: dict[int, list[Fault]] = {}
        for fault in outcome.faults if outcome else ():
            for column in _columns_of(fault.field, self._report.columns):
                at.setdefault(column, []).append(fault)
        return at

    def _cell(self, number: int, column: int, cell: Any, faults: Sequence[Fault]) -> None:  # noqa: ANN401
        is_day = hasattr(cell, "year")
        kind = "day" if is_day else None
        style = self._plain[kind]
        if faults:
            worst = min((RULES[f.rule].severity for f in faults), key=list(Severity).index)
            style = self._marked[worst, kind]
            self._comment(number, column, faults)
        value = plain(cell)
        if value is None or value == "":
            if style is not None:
                self._sheet.write_blank(number, column, None, style)
        elif is_day:
            self._sheet.write_datetime(number, column, cell, style)
        elif isinstance(value, bool | int | float):
            self._sheet.write(number, column, value, style)
        else:
            self._sheet.write_string(number, column, str(value)[:WIDEST], style)

    def _comment(self, number: int, column: int, faults: Sequence[Fault]) -> None:
        if self._comments < MOST_COMMENTS:
            said = "\n".join(fault.told for fault in faults)
            self._sheet.write_comment(number, column, said, {"x_scale": 2, "author": "diachiso"})
            self._comments += 1


def _columns_of(at: Field | None, columns: Columns) -> list[int]:
    """The columns of a fault; of a position both coordinates."""
    if at in (Field.LON, Field.X):
        pair = (Field.LON, Field.LAT) if Field.LON in columns else (Field.X, Field.Y)
        return [columns[one] for one in pair if one in columns]
    return [columns[at]] if at is not None and at in columns else []


# -- GeoPackage ----------------------------------------------------------------------------------


def _write_package(
    report: Report, grid: GeoPackage, output: Path, outcomes: Iterator[Outcome]
) -> None:
    """The features as they are, with columns more, some thousands at a time."""
    about = grid.about
    names = [one.name for one in unclashing(COLUMNS, grid.names)]
    results, start = _results(report, outcomes), 0
    while start < grid.count:
        meta, _, wkb, fields = pyogrio.raw.read(
            grid.file, skip_features=start, max_features=BATCH, layer=about["layer_name"]
        )
        more = list(zip(*islice(results, len(wkb)), strict=True))
        pyogrio.raw.write(
            output,
            geometry=wkb,
            field_data=[*fields, *(np.array(column, dtype=object) for column in more)],
            fields=[*meta["fields"], *names],
            geometry_type=about["geometry_type"],
            crs=about["crs"],
            driver="GPKG",
            layer=about["layer_name"],
            append=start > 0,
        )
        start += len(wkb)
