"""An XLSX file as it lies on disk: a sheet gets columns added, and nothing else in it is touched.

A workbook that is read and written anew loses what its reader does not know: styles, widths,
leading zeros that are only a format, other sheets. So cells are put into the sheet's own XML.
Office Open XML, ECMA-376 part 1, section 18.3.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from diachiso.address.errors import UnreadableSource
from diachiso.sheet.cell import Cell

OPEN_XML = frozenset({".xlsx", ".xlsm"})
CHUNK = 1 << 20
LETTERS = 26
ROW = re.compile(rb"<((?:\w+:)?)row\b([^>]*?)(/?)>")
ROW_NUMBER = re.compile(rb'\br="(\d+)"')
SPANS = re.compile(rb'\s+spans="[^"]*"')
DIMENSION = re.compile(rb"<(?:\w+:)?dimension\b[^>]*/>")
EMPTY_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]+)\d+"[^>]*/>')
FAULT = re.compile(
    rb'<(?:\w+:)?c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]+)(\d+)"[^>]*>'
    rb"(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]*)<",
    re.DOTALL,
)
STYLE = re.compile(rb'<(?:\w+:)?c\b[^>]*?\bs="(\d+)"')
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

Added = Mapping[int, tuple[Cell, ...]]


@dataclass(frozen=True, slots=True)
class Package:
    """The XLSX file and the sheet in question."""

    file: Path
    sheet: str

    def faults(self) -> Iterator[tuple[int, int, str]]:
        """Cells whose formula failed: row and column from 0, and what stands there."""
        with ZipFile(self.file) as package, package.open(self._part(package)) as xml:
            for row in _rows(xml):
                for match in FAULT.finditer(row.inside):
                    yield int(match[2]) - 1, column_number(match[1].decode()), match[3].decode()

    def write_with(
        self, output: IO[bytes], added: Iterator[tuple[int, tuple[Cell, ...]]], column: int
    ) -> int:
        """Copy the file with cells added to rows, from a column on; how many rows got theirs.

        `added` gives row numbers from 0, rising; `column` is counted from 0.
        """
        with ZipFile(self.file) as package, ZipFile(output, "w", ZIP_DEFLATED) as copy:
            wanted, done = self._part(package), 0
            for entry in package.infolist():
                with package.open(entry) as source, copy.open(entry.filename, "w") as target:
                    if entry.filename == wanted:
                        done = _add(source, target, added, column)
                    else:
                        while chunk := source.read(CHUNK):
                            target.write(chunk)
        return done

    def _part(self, package: ZipFile) -> str:
        """The name of the sheet's XML inside the file."""
        try:
            book = ET.fromstring(package.read("xl/workbook.xml"))  # noqa: S314 (expat refuses bombs)
            links = ET.fromstring(package.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
            (target,) = (
                link.get("Target", "")
                for sheet in book.iter()
                if _local(sheet.tag) == "sheet" and sheet.get("name") == self.sheet
                for link in links
                if link.get("Id") in [v for k, v in sheet.items() if _local(k) == "id"]
            )
        except (KeyError, ValueError, ET.ParseError, BadZipFile) as fault:
            raise UnreadableSource(
                f"{self.file}: không đọc được. / cannot be read: {fault}"
            ) from None
        return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


@dataclass(frozen=True, slots=True)
class _Piece:
    """What stands before a row, its tag, what is in it; the last piece has no row."""

    before: bytes
    prefix: bytes = b""
    attributes: bytes = b""
    inside: bytes = b""
    is_row: bool = True

    def number(self, last: int) -> int:
        found = ROW_NUMBER.search(self.attributes)
        return int(found[1]) - 1 if found else last + 1

    def written(self, more: bytes = b"") -> bytes:
        if not self.is_row:
            return self.before
        tag = self.prefix + b"row"
        return b"%b<%b%b>%b%b</%b>" % (self.before, tag, self.attributes, self.inside, more, tag)


def _rows(xml: IO[bytes]) -> Iterator[_Piece]:
    """The sheet, row by row, without holding it whole."""
    held = b""
    while True:
        chunk = xml.read(CHUNK)
        held += chunk
        at = 0
        while (tag := ROW.search(held, at)) is not None:
            head = (held[at : tag.start()], tag[1], tag[2])
            if tag[3]:
                yield _Piece(*head)
                at = tag.end()
                continue
            closing = b"</%brow>" % tag[1]
            end = held.find(closing, tag.end())
            if end < 0:
                break
            yield _Piece(*head, held[tag.end() : end])
            at = end + len(closing)
        held = held[at:]
        if not chunk:
            yield _Piece(held, is_row=False)
            return


def _add(
    source: IO[bytes],
    target: IO[bytes],
    added: Iterator[tuple[int, tuple[Cell, ...]]],
    column: int,
) -> int:
    done, number, waiting = 0, -1, next(added, None)
    for piece in _rows(source):
        if number < 0:
            piece = _without_dimension(piece)  # noqa: PLW2901 (the same piece)
        if piece.is_row:
            number = piece.number(number)
            while waiting is not None and waiting[0] < number:
                waiting = next(added, None)
            if waiting is not None and waiting[0] == number:
                target.write(_extended(piece, number, waiting[1], column, styled=not done))
                done += 1
                continue
        target.write(piece.written())
    return done


def _without_dimension(piece: _Piece) -> _Piece:
    return _Piece(
        DIMENSION.sub(b"", piece.before), piece.prefix, piece.attributes, piece.inside, piece.is_row
    )


def _extended(
    piece: _Piece, number: int, cells: tuple[Cell, ...], column: int, *, styled: bool
) -> bytes:
    """A row with cells more; the first one, the names, looks as the names beside it."""
    styles = STYLE.findall(piece.inside) if styled else []
    style = b' s="%b"' % styles[-1] if styles else b""
    more = b"".join(
        _cell(piece.prefix, f"{column_letters(column + place)}{number + 1}", cell, style)
        for place, cell in enumerate(cells)
        if cell is not None
    )
    inside = EMPTY_CELL.sub(
        lambda match: b"" if column_number(match[1].decode()) >= column else match[0], piece.inside
    )
    return _Piece(piece.before, piece.prefix, SPANS.sub(b"", piece.attributes), inside).written(
        more
    )


def _cell(prefix: bytes, name: str, cell: Cell, style: bytes) -> bytes:
    p = prefix.decode()
    said = style.decode()
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return f'<{p}c r="{name}"{said}><{p}v>{cell!r}</{p}v></{p}c>'.encode()
    text = escape(NOT_XML.sub("", str(cell)))
    return (
        f'<{p}c r="{name}"{said} t="inlineStr"><{p}is><{p}t xml:space="preserve">{text}</{p}t>'
        f"</{p}is></{p}c>"
    ).encode()


def column_letters(number: int) -> str:
    """0 is A, 25 is Z, 26 is AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, LETTERS)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """A is 0, Z is 25, AA is 26."""
    number = 0
    for letter in letters:
        number = number * LETTERS + ord(letter) - ord("A") + 1
    return number - 1


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
