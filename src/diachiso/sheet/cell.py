"""A cell of a table: what it may hold, and how it reads as text."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from diachiso.address.name import fold

Cell = Any
"""str, int, float, bool, date, datetime, time, a CellFault, None; Parquet may hold anything."""
Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class CellFault:
    """A formula that failed: `#N/A`, `#REF!` and their like."""

    written: str


def is_blank(cell: Cell) -> bool:
    """Nothing to be read there?"""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def is_blank_row(row: Row) -> bool:
    """Not a single cell with something in it?"""
    return all(map(is_blank, row))


def text_of(cell: Cell) -> str:
    """A cell as a person reads it in the sheet.

    A whole number has no decimal point, and a day is written day/month: it is most often a house
    number such as 12/3 that the spreadsheet took for a date.
    """
    if isinstance(cell, str):
        return cell
    if cell is None or isinstance(cell, CellFault):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date):  # a datetime is one too
        return f"{cell.day}/{cell.month}"
    return str(cell)


def plain(cell: Cell) -> Cell:
    """What a text file can say of a cell: days in ISO, whole numbers whole."""
    if isinstance(cell, CellFault):
        return cell.written
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return cell.isoformat(" ") if isinstance(cell, datetime) else cell


def key_of(name: Cell) -> str:
    """How names of columns are compared: folded, `receiverAddress` parted into words."""
    text = text_of(name)
    parted = "".join(
        f" {letter}" if letter.isupper() and before.islower() else letter
        for before, letter in zip(" " + text, text, strict=False)
    )
    return fold(parted)
