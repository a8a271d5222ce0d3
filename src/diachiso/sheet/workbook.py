"""Workbooks: XLSX, XLSM, XLS, XLSB and ODS, read by calamine."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from diachiso.address.errors import UnreadableSource
from diachiso.sheet.cell import CellFault, Row
from diachiso.sheet.package import OPEN_XML, Package

Faults = dict[int, dict[int, CellFault]]


@dataclass(frozen=True)
class Workbook:
    """One sheet of a workbook."""

    file: Path
    sheet: str

    @classmethod
    def of(cls, file: Path, sheet: str | None = None) -> "Workbook":
        """Choose the sheet that is named, or the first visible one that is not empty.

        Raises:
            UnreadableSource: not a workbook, locked, no such sheet, or nothing in any.
        """
        book = _opened(file)
        if sheet is not None:
            if sheet not in book.sheet_names:
                raise UnreadableSource(
                    f"{file}: không có trang {sheet!r}. / there is no sheet {sheet!r}: "
                    f"{', '.join(book.sheet_names)}."
                )
            return cls(file, sheet)
        shown = (
            one.name
            for one in book.sheets_metadata
            if one.typ == SheetTypeEnum.WorkSheet and one.visible == SheetVisibleEnum.Visible
        )
        for name in shown:
            if book.get_sheet_by_name(name).height:
                return cls(file, name)
        raise UnreadableSource(f"{file}: tệp rỗng. / there is nothing in it.")

    @cached_property
    def _sheet(self) -> CalamineSheet:
        return _opened(self.file).get_sheet_by_name(self.sheet)

    @cached_property
    def _faults(self) -> Faults:
        if self.file.suffix.lower() not in OPEN_XML:
            return {}
        faults: Faults = {}
        for row, column, written in Package(self.file, self.sheet).faults():
            faults.setdefault(row, {})[column] = CellFault(written)
        return faults

    @property
    def size(self) -> tuple[int, int]:
        """How many rows and columns there are, from A1."""
        last = self._sheet.end
        return (last[0] + 1, last[1] + 1) if last else (0, 0)

    def rows(self) -> Iterator[Row]:
        """Every row from the first of the sheet, every cell from column A."""
        start = self._sheet.start
        before: Row = (None,) * (start[1] if start else 0)
        for number, cells in enumerate(self._sheet.iter_rows()):
            row = (*before, *(None if cell == "" else cell for cell in cells))
            faults = self._faults.get(number)
            yield row if faults is None else _with(row, faults)


def sheets_of(file: Path) -> tuple[str, ...]:
    """The visible sheets of a workbook.

    Raises:
        UnreadableSource: not a workbook, or locked.
    """
    return tuple(
        one.name
        for one in _opened(file).sheets_metadata
        if one.typ == SheetTypeEnum.WorkSheet and one.visible == SheetVisibleEnum.Visible
    )


def _with(row: Row, faults: dict[int, CellFault]) -> Row:
    return tuple(faults.get(column, cell) for column, cell in enumerate(row))


def _opened(file: Path) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_path(file)
    except PasswordError:
        raise UnreadableSource(
            f"{file}: tệp có mật khẩu; hãy gỡ mật khẩu. / locked with a password: take it off."
        ) from None
    except (CalamineError, OSError) as fault:
        raise UnreadableSource(f"{file}: không đọc được. / cannot be read: {fault}") from None
