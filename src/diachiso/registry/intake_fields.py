"""The fields of a row, each by itself: fonts, dates made of house numbers, yes and no, degrees."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from diachiso.address.code import AddressCode
from diachiso.address.errors import MalformedCode, MalformedDate, MalformedNumber
from diachiso.address.name import fold, standard
from diachiso.address.number import HouseNumber
from diachiso.address.record import Document, ObjectKind
from diachiso.geocode.legacy import decode_tcvn3, decode_vni_windows
from diachiso.geocode.syllable import SYLLABLES, analyse
from diachiso.registry.intake import Entry, Fault, Field
from diachiso.registry.intake_attributes import (
    SAID_OF_POINTS,
    attributes_read,
    is_secret,
    yes_or_no,
)

TEXTS = (
    Field.NUMBER, Field.STREET, Field.GROUP, Field.ESTATE, Field.NAME, Field.KIND, Field.WARD,
    Field.DOCUMENT, Field.ISSUER, Field.RESTRICTED, Field.DISTINCT,
    *SAID_OF_POINTS,
)  # fmt: skip
LONGEST = 200
BETWEEN = "\x1f"
LAST_OF_LATIN_1 = "\u00ff"
FOREIGN = re.compile("(?![ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúý])[\u0080-\u00ff]")
"""Signs of Latin-1 that no Vietnamese text holds."""
SOFT_HYPHEN = "\u00ad"
"""A letter in TCVN3, an invisible sign in Unicode."""
HIDDEN = re.compile("[\x00-\x08\x0b-\x1e\x7f\u200b-\u200f\u2028-\u202e\u2060\ufeff]")
SPACES = str.maketrans(dict.fromkeys("\u00a0\u2007\u202f\t\n\r", " "))
LOST = re.compile(r"\ufffd|(?<=[^\W\d_])\?|\?(?=[^\W\d_])|\?{2,}")
EXCEL_EPOCH = date(1899, 12, 30)
SERIALS = range(36_526, 54_789)
"""Days from 2000 to 2050 as a spreadsheet counts them; no house number is so high."""
MONTHS = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
)  # fmt: skip
DAY_MONTH = re.compile(r"(\d{1,2})[- ](?:thg?\.? ?(\d{1,2})|([a-z]{3})[a-z]*)\.?", re.IGNORECASE)
MONTH_DAY = re.compile(r"(?:thg?\.? ?(\d{1,2})|([a-z]{3}))-(\d{1,2})", re.IGNORECASE)
ISO = re.compile(r"\d{4}-(\d{2})-(\d{2})(?: 00:00:00)?")
DATED = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](?:19|20)\d{2}(?: 0?0:00(?::00)?)?")
DEGREES = re.compile(
    r"([NESWĐBTN])?\s*(\d{1,3})\s*[°ºo*]\s*(\d{1,2})\s*['′’]\s*(\d{1,2}(?:[.,]\d+)?)\s*"
    r"(?:[\"″”]|'')?\s*([NESWĐBT])?",
    re.IGNORECASE,
)
NUMERIC = re.compile(r"[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?", re.IGNORECASE)
COMMA = re.compile(r"[+-]?\d{1,3},\d{3,}|[+-]?\d{4,},\d+|[+-]?\d{1,3},\d{1,2}")
GROUPED = re.compile(r"\d{1,3}(?:[. ]\d{3})+(?:,\d+)?")
LOOKALIKES = str.maketrans("OoIlSB", "001158")
KINDS: Mapping[str, ObjectKind] = {
    **dict.fromkeys(("nha o", "nha", "ho", "ho gia dinh", "ho dan", "nha rieng", "can ho",
                     "chung cu", "house"), ObjectKind.DWELLING),
    **dict.fromkeys(("van phong", "co quan", "tru so", "tru so co quan"), ObjectKind.OFFICE),
    **dict.fromkeys(("kinh doanh", "cua hang", "co so kinh doanh", "doanh nghiep", "shop"),
                    ObjectKind.BUSINESS),
    **dict.fromkeys(("cong trinh", "nha xuong"), ObjectKind.WORK),
    **dict.fromkeys(("dia danh", "dia diem", "di tich"), ObjectKind.NAMED_PLACE),
    **dict.fromkeys(("buu cuc", "buu dien"), ObjectKind.POST_OFFICE),
    **dict.fromkeys(("diem buu dien van hoa xa", "buu dien van hoa xa", "bdvhx", "diem bdvhx"),
                    ObjectKind.CULTURE_POINT),
    **dict.fromkeys(("thung thu", "hom thu"), ObjectKind.LETTER_BOX),
    **dict.fromkeys(("hop thu tap trung", "tu thu", "tu hop thu"), ObjectKind.MAIL_BOXES),
    **dict.fromkeys(("diem lay hang", "nong ho", "diem thu gom"), ObjectKind.PICKUP_POINT),
    **{fold(kind.value): kind for kind in ObjectKind},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Failed:
    """A cell whose formula failed."""

    written: str


Cells = Mapping[Field, Any]
"""What stands in the cells of a row: text, numbers, days, `Failed`, or None."""


def read_fields(number_in_file: int, cells: Cells) -> Entry:
    """Read a row, each field by itself."""
    if all(cell is None or cell == "" for cell in cells.values()):
        return Entry(number_in_file, is_blank=True)
    faults: list[Fault] = []
    texts = _texts(cells, faults)
    number = _number(cells.get(Field.NUMBER), texts[Field.NUMBER], faults)
    coordinates, in_metres = _coordinates(cells, faults)
    kind = _kind(texts[Field.KIND], faults)
    restricted = yes_or_no(texts, Field.RESTRICTED, "restricted_unreadable", faults) or False
    attributes = attributes_read(kind, texts, faults)
    distinct = yes_or_no(texts, Field.DISTINCT, "distinct_unreadable", faults) or False
    return Entry(
        number_in_file,
        number=number,
        street=texts[Field.STREET],
        group=texts[Field.GROUP],
        estate=texts[Field.ESTATE],
        name=texts[Field.NAME],
        kind=kind,
        coordinates=coordinates,
        in_metres=in_metres,
        ward_named=_ward(texts[Field.WARD], faults),
        document=_document(cells, texts, faults),
        external=plain_text(cells.get(Field.EXTERNAL)).strip()[:LONGEST],
        code=_code(plain_text(cells.get(Field.CODE)).strip(), faults),
        restricted=restricted or is_secret(kind, attributes),
        attributes=attributes,
        distinct=distinct,
        faults=tuple(faults),
    )


def plain_text(cell: Any) -> str:  # noqa: ANN401 (a cell may hold anything)
    """A cell as text; whole numbers without a point."""
    if cell is None or isinstance(cell, Failed):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _texts(cells: Cells, faults: list[Fault]) -> dict[Field, str]:
    """The texts of a row in one spelling; the font is told by the row as a whole."""
    raw = {field: plain_text(cells.get(field)).translate(SPACES).strip() for field in TEXTS}
    clean = {field: HIDDEN.sub("", text) for field, text in raw.items()}
    shown, rule = _decoded(clean)
    put = {field: text.replace(SOFT_HYPHEN, "") for field, text in shown.items()}
    for field, text in raw.items():
        if isinstance(cells.get(field), Failed):
            faults.append(Fault("formula_failed", field, cells[field].written))
        elif not text:
            continue
        elif shown[field] != clean[field]:
            faults.append(Fault(rule, field, text, standard(put[field])))
        elif text != put[field]:
            faults.append(Fault("hidden_signs", field, text, standard(put[field])))
        elif unicodedata.normalize("NFC", text) != text:
            faults.append(Fault("unicode_decomposed", field, text, standard(text)))
        if LOST.search(put[field]):
            faults.append(Fault("letters_lost", field, text))
        elif len(text) > LONGEST:
            faults.append(Fault("too_long", field, text[:40] + "…"))
    return {field: standard(text) for field, text in put.items()}


def _decoded(clean: Mapping[Field, str]) -> tuple[dict[Field, str], str]:
    """The texts of a row that is written in a font of before Unicode, and the rule that says so.

    One cell betrays the font; of the others those are decoded that read better for it, since
    columns may come from different files.
    """
    joined = BETWEEN.join(clean.values())
    for decode, rule in ((decode_tcvn3, "font_tcvn3"), (decode_vni_windows, "font_vni")):
        if (decoded := decode(joined)) != joined:
            cells = zip(clean.items(), decoded.split(BETWEEN), strict=True)
            return {field: _better(was, now) for (field, was), now in cells}, rule
    return dict(clean), ""


def _better(was: str, now: str) -> str:
    if was == now or any(char > LAST_OF_LATIN_1 for char in was):
        return was
    if FOREIGN.search(was) or _syllables(now) > _syllables(was):
        return now
    return was


def _syllables(text: str) -> int:
    return sum(analyse(word)[0] in SYLLABLES for word in fold(text).split())


def _number(cell: Any, text: str, faults: list[Fault]) -> HouseNumber | None:  # noqa: ANN401
    if not text:
        return None
    meant = number_meant(cell, text)
    if meant != text:
        shown = f"{cell:%d/%m/%Y}" if isinstance(cell, date) else text
        faults.append(Fault("number_as_date", Field.NUMBER, shown, meant))
    try:
        return HouseNumber.parse(meant)
    except MalformedNumber:
        faults.append(Fault("number_unreadable", Field.NUMBER, text))
        return None


def number_meant(cell: Any, text: str) -> str:  # noqa: ANN401 (a cell may hold anything)
    """The house number that a spreadsheet took for a date: 12-Mar and 45363 are 12/3."""
    if isinstance(cell, date):
        return f"{cell.day}/{cell.month}"
    if text.isdecimal() and int(text) in SERIALS:
        day = EXCEL_EPOCH + timedelta(days=int(text))
        return f"{day.day}/{day.month}"
    if match := ISO.fullmatch(text):
        return f"{int(match[2])}/{int(match[1])}"
    if match := DATED.fullmatch(text):
        return f"{int(match[1])}/{int(match[2])}"
    return _of_months(text)


def _of_months(text: str) -> str:
    """12-Mar, 12-Thg3 and Mar-12 are 12/3."""
    if match := DAY_MONTH.fullmatch(text):
        return _of_month(text, match[1], match[2], match[3])
    if match := MONTH_DAY.fullmatch(text):
        return _of_month(text, match[3], match[1], match[2])
    return text


def _of_month(text: str, day: str, month: str | None, name: str | None) -> str:
    spoken = (name or "").lower()
    if month is None and spoken not in MONTHS:
        return text
    return f"{int(day)}/{int(month) if month else MONTHS.index(spoken) + 1}"


def _kind(text: str, faults: list[Fault]) -> ObjectKind:
    if not text:
        return ObjectKind.UNKNOWN
    if (kind := KINDS.get(fold(text))) is None:
        faults.append(Fault("kind_unknown", Field.KIND, text))
        return ObjectKind.UNKNOWN
    return kind


def _ward(text: str, faults: list[Fault]) -> str:
    """A name, or a code of five digits whose zeros a spreadsheet may have dropped."""
    if not text.isdecimal() or len(text) >= 5:  # noqa: PLR2004 (digits of a ward's code)
        return text
    faults.append(Fault("ward_code_zeros", Field.WARD, text, text.zfill(5)))
    return text.zfill(5)


def _code(text: str, faults: list[Fault]) -> AddressCode | None:
    if not text:
        return None
    meant = text.translate(LOOKALIKES)
    bare = meant.replace("-", "").replace(" ", "")
    if bare.isdecimal() and len(bare) == 9:  # noqa: PLR2004 (ten digits but for the zero in front)
        meant = f"0{bare}"
    try:
        code = AddressCode.parse(meant)
    except MalformedCode:
        faults.append(Fault("code_malformed", Field.CODE, text))
        return None
    if meant != text:
        faults.append(Fault("code_repaired", Field.CODE, text, str(code)))
    return code


def _document(cells: Cells, texts: Mapping[Field, str], faults: list[Fault]) -> Document | None:
    if not texts[Field.DOCUMENT]:
        return None
    cell = cells.get(Field.DOCUMENT_DATE)
    try:
        on = day_written(cell)
    except MalformedDate:
        faults.append(Fault("date_unreadable", Field.DOCUMENT_DATE, plain_text(cell)))
        on = None
    return Document(texts[Field.DOCUMENT], on, texts[Field.ISSUER] or None)


def day_written(cell: Any) -> date | None:  # noqa: ANN401 (a cell may hold anything)
    """A day as a cell holds it: a date, 2026-03-12, or 12/3/2026.

    Raises:
        MalformedDate: something else stands there.
    """
    if isinstance(cell, date):
        return date(cell.year, cell.month, cell.day)
    text = plain_text(cell).strip()
    if not text:
        return None
    parts = [int(part) for part in re.findall(r"\d+", text)][:3]
    try:
        year, month, day = parts if parts and parts[0] > 31 else reversed(parts)  # noqa: PLR2004 (a year stands first)
        return date(year, month, day)
    except ValueError:
        raise MalformedDate(f"{text!r} không phải là ngày. / not a day.") from None


# -- coordinates ---------------------------------------------------------------------------------


def _coordinates(cells: Cells, faults: list[Fault]) -> tuple[tuple[float, float] | None, bool]:
    for fields, in_metres in (((Field.LON, Field.LAT), False), ((Field.X, Field.Y), True)):
        if all(cells.get(field) in (None, "") for field in fields):
            continue
        east, north = (coordinate(cells.get(field), field, faults) for field in fields)
        return ((east, north) if east is not None and north is not None else None), in_metres
    faults.append(Fault("position_missing", Field.LON if Field.LON in cells else Field.X))
    return None, False


def coordinate(cell: Any, field: Field, faults: list[Fault]) -> float | None:  # noqa: ANN401
    """A coordinate as a number, whatever its decimal sign."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    if isinstance(cell, Failed):
        faults.append(Fault("formula_failed", field, cell.written))
        return None
    text = plain_text(cell).translate(SPACES).strip()
    if NUMERIC.fullmatch(text):
        return float(text)
    if COMMA.fullmatch(text) or GROUPED.fullmatch(text):
        dotted = text.replace(" ", "").replace(".", "").replace(",", ".")
        faults.append(Fault("decimal_comma", field, text, dotted))
        return float(dotted)
    if match := DEGREES.fullmatch(text):
        degrees = float(match[2]) + float(match[3]) / 60 + float(match[4].replace(",", ".")) / 3600
        faults.append(Fault("degrees_written", field, text, f"{degrees:.7f}"))
        return degrees
    faults.append(Fault("position_unreadable" if text else "position_missing", field, text))
    return None
