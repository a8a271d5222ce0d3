"""CSV and its relatives: which encoding, which delimiter, and the rows, one at a time.

Excel in Vietnam writes semicolons or commas, UTF-8 with a mark, UTF-16 with tabs ("Unicode text")
or Windows-1258; older files hold TCVN3 or VNI bytes, which are kept as they are for the geocoder.
"""

import codecs
import csv
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

from diachiso.address.errors import UnreadableSource
from diachiso.geocode.legacy import ONLY_TCVN3, ONLY_VNI
from diachiso.sheet.cell import Row

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ZIPPED = b"PK\x03\x04"
CHUNK = 1 << 20
DELIMITERS = ";\t|,"
ONE_COLUMN = "\x1f"
"""The delimiter of a list that has none: a character that no text holds."""
SAMPLE_ROWS = 200
SAMPLE_CHARS = 200_000
LONGEST_FIELD = 1 << 20
MANY = 0.9
LEGACY = "cp1258"


@dataclass(frozen=True, slots=True)
class Delimited:
    """A text file of rows, and how it is written."""

    file: Path
    encoding: str
    delimiter: str
    line_end: str

    @classmethod
    def of(cls, file: Path) -> "Delimited":
        """Look at a file.

        Raises:
            UnreadableSource: it is empty, or a workbook under another name.
        """
        with file.open("rb") as stream:
            if stream.read(len(ZIPPED)) == ZIPPED:
                raise UnreadableSource(
                    f"{file}: là tệp Excel, hãy đổi đuôi thành .xlsx. / a workbook: call it .xlsx."
                )
        encoding = _encoding(file)
        with file.open(encoding=encoding, errors=_errors(encoding), newline="") as lines:
            sample = lines.read(SAMPLE_CHARS)
        if not sample.strip():
            raise UnreadableSource(f"{file}: tệp rỗng. / there is nothing in it.")
        line_end = "\r\n" if "\r\n" in sample else "\n"
        return cls(file, encoding, _delimiter(file, sample), line_end)

    @property
    def written_as(self) -> str:
        """The encoding to write in: the same, if it can hold every Vietnamese letter."""
        return self.encoding if self.encoding.startswith("utf") else "utf-8-sig"

    def rows(self) -> Iterator[Row]:
        """Every row as it stands.

        Raises:
            UnreadableSource: a quotation mark is opened and never closed.
        """
        csv.field_size_limit(LONGEST_FIELD)
        with self._opened() as lines:
            table = csv.reader(lines, dialect=_dialect(self.delimiter))
            try:
                yield from map(tuple, table)
            except csv.Error as fault:
                raise UnreadableSource(
                    f"{self.file}: dòng {table.line_num}: dấu ngoặc kép không đóng? / line "
                    f"{table.line_num}: a quotation mark that is not closed? ({fault})"
                ) from None

    def _opened(self) -> IO[str]:
        return self.file.open(encoding=self.encoding, errors=_errors(self.encoding), newline="")


def _dialect(mark: str) -> type[csv.Dialect]:
    class Cut(csv.excel):
        delimiter = mark
        quoting = csv.QUOTE_NONE if mark == ONE_COLUMN else csv.QUOTE_MINIMAL

    return Cut


def _errors(encoding: str) -> str:
    return "strict" if encoding.startswith("utf") else "replace"


def _encoding(file: Path) -> str:
    with file.open("rb") as stream:
        head = stream.read(CHUNK)
    for mark, name in MARKS:
        if head.startswith(mark):
            return name
    if b"\0" in head:
        return "utf-16-le" if head.find(b"\0") % 2 else "utf-16-be"
    return "utf-8" if _is_utf8(file) else _legacy(head)


def _is_utf8(file: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with file.open("rb") as stream:
        try:
            while chunk := stream.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _legacy(head: bytes) -> str:
    """TCVN3 and VNI bytes are Western letters; other bytes are Windows-1258."""
    western = head.decode("latin-1")
    if ONLY_TCVN3.search(western) or ONLY_VNI.search(western):
        return "latin-1"
    marked = sum(map(unicodedata.combining, head.decode(LEGACY, "replace")))
    return LEGACY if marked else "latin-1"


def _delimiter(file: Path, sample: str) -> str:
    """The delimiter that cuts the first rows most evenly; none, where commas are prose."""
    if file.suffix.lower() == ".tsv":
        return "\t"
    evenness = {mark: _evenness(sample, mark) for mark in DELIMITERS}
    best = max(DELIMITERS, key=lambda mark: evenness[mark])
    if evenness[best] == (0.0, 0) or (best == "," and _is_prose(sample)):
        return ONE_COLUMN
    return best


def _evenness(sample: str, mark: str) -> tuple[float, int]:
    """The share of rows with the commonest number of cells, and that number; (0, 0) if it is 1."""
    try:
        table = csv.reader(sample.splitlines(keepends=True), delimiter=mark)
        widths = Counter(len(row) for row in islice(table, SAMPLE_ROWS) if len(row) > 0)
    except csv.Error:
        return 0.0, 0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
    return (count / widths.total(), width) if width > 1 else (0.0, 0)


def _is_prose(sample: str) -> bool:
    """Is there a space after nearly every comma, and no quotation mark? Then it is a list."""
    commas = sample.count(",")
    return '"' not in sample and sample.count(", ") >= MANY * commas
