"""Where a table begins: title lines, the row of names, and the first row of data.

Offices write the authority, the title and a blank line above the names; and merge a name such as
"Địa chỉ" over a second row that says "Số nhà", "Đường", "Phường".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from diachiso.sheet.cell import Cell, Row, is_blank, text_of
from diachiso.sheet.columns import is_known_name, looks_like_address, role_of

SEARCHED = 30
LONGEST_NAME = 80
MOSTLY = 0.5
SURE_ADDRESS = 3.0
PARTS_BELOW = 2


@dataclass(frozen=True, slots=True)
class Heading:
    """How many rows stand above the names, and how many rows the names take: 0, 1 or 2."""

    above: int
    depth: int

    @property
    def first(self) -> int:
        """The row where data begin."""
        return self.above + self.depth

    def names(self, rows: Sequence[Row], width: int) -> tuple[str, ...]:
        """The names of the columns; where there are none, `cột 1` and so on."""
        heads = rows[self.above : self.first]
        return tuple(_name(heads, column) or f"cột {column + 1}" for column in range(width))


def _name(heads: Sequence[Row], column: int) -> str:
    said = [text_of(row[column]).strip() for row in reversed(heads) if column < len(row)]
    return next(filter(None, said), "")


def find_heading(rows: Sequence[Row]) -> Heading:
    """Find the names among the first rows of a table."""
    counts = [sum(not is_blank(cell) for cell in row) for row in rows]
    typical = median([count for count in counts if count] or [0])
    least = max(1, typical * MOSTLY)
    full = [n for n, count in enumerate(counts[:SEARCHED]) if count >= least]
    for n in full:
        if _could_be_names(rows[n]) and any(is_known_name(cell) for cell in rows[n]):
            return Heading(n, 1 + _has_second_row(rows, n))
    first = full[0] if full else 0
    if full and counts[first] > 1 and _stands_out(rows, first):
        return Heading(first, 1)
    return Heading(first, 0)


def _could_be_names(row: Row) -> bool:
    return all(is_blank(cell) or _could_be_name(cell) for cell in row)


def _could_be_name(cell: Cell) -> bool:
    if not isinstance(cell, str) or len(cell) > LONGEST_NAME or "@" in cell:
        return False
    if any(letter.isdecimal() for letter in cell) and role_of(cell) is None:
        return looks_like_address(cell) < SURE_ADDRESS and any(map(str.isalpha, cell))
    return True


def _has_second_row(rows: Sequence[Row], n: int) -> bool:
    """Is the row below a second row of names, under merged ones?"""
    if n + 1 >= len(rows):
        return False
    below = rows[n + 1]
    written = [cell for cell in below if not is_blank(cell)]
    parts = sum(role_of(cell) is not None for cell in written)
    return parts >= PARTS_BELOW and _could_be_names(below)


def _stands_out(rows: Sequence[Row], n: int) -> bool:
    """Words without a digit, each once, over rows that do hold digits?"""
    said = [cell for cell in rows[n] if not is_blank(cell)]
    if not all(isinstance(cell, str) and _without_digits(cell) for cell in said):
        return False
    below = [row for row in rows[n + 1 :] if any(not is_blank(cell) for cell in row)]
    return len(set(said)) == len(said) and any(
        sum(not _without_digits(text_of(row[column])) for row in below if column < len(row))
        > MOSTLY * len(below)
        for column in range(len(rows[n]))
    )


def _without_digits(text: str) -> bool:
    return not any(map(str.isdecimal, text))
