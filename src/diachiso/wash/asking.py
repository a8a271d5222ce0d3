"""What is asked of a row: the text of its address, or the sentence that says why there is none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from diachiso.address.errors import UnreadableSource
from diachiso.address.name import fold
from diachiso.geocode.query import LONGEST, Query
from diachiso.sheet.cell import CellFault, Row, is_blank_row, text_of
from diachiso.sheet.columns import UNITS, Chosen, Role, guess, named
from diachiso.sheet.table import Table

KINDS = re.compile(
    r"^(?:(?:phuong|xa|thi tran|thi xa|quan|huyen|thanh pho|tinh|dac khu|tp|tx|tt|[pqhxt]|ward"
    r"|district|city) )+(?=[a-z])"
)
EMPTY = "ô địa chỉ trống / the address is empty"
TOO_LONG = f"địa chỉ dài quá {LONGEST:,} ký tự / the address is longer than {LONGEST:,} characters"
FORMULA_FAILED = "ô bị lỗi {} trong Excel / the cell holds Excel's {}"
TOO_MANY_CELLS = (
    "dòng có {} ô, tiêu đề có {}: dấu phân cách trong ô không nằm trong ngoặc kép? / "
    "the row has {} cells, the heading {}: a delimiter that is not in quotes?"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot be asked for; in the words that go beside it."""

    told: str


Asked = str | Fault | None
"""The text of a row, its fault, or None for a blank row."""


def choose(table: Table, wanted: Sequence[str]) -> Chosen:
    """The columns that people name (NAME or FIELD=NAME), or those that look like an address.

    Raises:
        UnreadableSource: no such column, or none that looks like an address; lists the columns.
    """
    if wanted:
        return _named(table, wanted)
    if (found := guess(table.columns, table.sample())) is not None:
        return found
    raise UnreadableSource(
        f"{table.file}: không thấy cột địa chỉ, hãy chỉ ra bằng --column. / no column looks like "
        f"an address, name it by --column: {table.listed}."
    )


def _named(table: Table, wanted: Sequence[str]) -> Chosen:
    chosen: dict[Role, tuple[int, ...]] = {}
    for word in wanted:
        role, column = Role.TEXT, named(word, table.columns)
        field, equals, name = word.partition("=")
        if column is None and equals and field.strip() in set(Role):
            role, column = Role(field.strip()), named(name, table.columns)
        if column is None:
            raise UnreadableSource(
                f"--column {word}: không có cột này. / no such column (or FIELD=NAME, FIELD one "
                f"of {', '.join(Role)}): {table.listed}."
            )
        chosen[role] = (*chosen.get(role, ()), column)
    return chosen


def told_of(chosen: Chosen, names: Sequence[str]) -> str:
    """The choice in a line."""
    return " + ".join(
        f"“{names[column]}”" + ("" if role is Role.TEXT else f" ({role})")
        for role, columns in chosen.items()
        for column in columns
    )


def asked_of(row: Row, chosen: Chosen, headed: int | None = None) -> Asked:
    """The text to geocode; `headed` is how many cells a row of a text file should have at most."""
    if is_blank_row(row):
        return None
    if headed is not None and not is_blank_row(row[headed:]):
        return Fault(TOO_MANY_CELLS.format(len(row), headed, len(row), headed))
    for columns in chosen.values():
        for column in columns:
            if column < len(row) and isinstance(row[column], CellFault):
                return Fault(FORMULA_FAILED.format(*[row[column].written] * 2))
    text = _text(row, chosen)
    if not text:
        return Fault(EMPTY)
    return text if len(text) <= LONGEST else Fault(TOO_LONG)


def _text(row: Row, chosen: Chosen) -> str:
    said = {
        role: ", ".join(filter(None, (_read(row, column) for column in columns)))
        for role, columns in chosen.items()
    }
    if line := said.get(Role.TEXT, ""):
        beside = [said[role] for role in UNITS if said.get(role) and not _holds(line, said[role])]
        return ", ".join([line, *beside])
    street = ", ".join(filter(None, (said.get(Role.STREET), said.get(Role.HAMLET))))
    parts = {role.value: text for role, text in said.items()} | {"street": street}
    return Query.text_of(parts)


def _read(row: Row, column: int) -> str:
    return text_of(row[column]).strip() if column < len(row) else ""


def _holds(line: str, unit: str) -> bool:
    """Does the line name the unit already, with or without its kind?"""
    name = KINDS.sub("", fold(unit))
    return f" {name} " in f" {fold(line)} "
