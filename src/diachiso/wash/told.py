"""What is told of a row: the columns that are added to a table."""

from collections.abc import Callable, Mapping

from diachiso.geocode.query import Answer, NamedUnit
from diachiso.sheet.cell import Cell, Row
from diachiso.sheet.written import NewColumn

DECIMALS = 7
"""Of a degree: a centimetre."""
NOTHING_FOUND = "không tìm thấy gì / nothing was found"


def _name(unit: NamedUnit | None) -> str | None:
    return unit.full_name if unit else None


def _question(found: Answer) -> str | None:
    asked = (found.next_action.question, found.next_action.question_en)
    return " / ".join(filter(None, asked)) or None


def _degrees(found: Answer, place: int) -> float | None:
    return round(found.point[place], DECIMALS) if found.point else None


TOLD: Mapping[str, Callable[[Answer], Cell]] = {
    "label": lambda found: found.label,
    "code": lambda found: found.code,
    "ward_code": lambda found: found.ward.code if found.ward else None,
    "ward": lambda found: _name(found.ward),
    "province": lambda found: found.ward.province_name if found.ward else None,
    "former_ward": lambda found: _name(found.former.ward) or found.former.lapsed_ward,
    "former_district": lambda found: _name(found.former.district),
    "match_level": lambda found: found.match_level.value,
    "coordinate_level": lambda found: found.coordinate_level and found.coordinate_level.value,
    "lon": lambda found: _degrees(found, 0),
    "lat": lambda found: _degrees(found, 1),
    "confidence": lambda found: found.confidence,
    "expected_error_m": lambda found: found.expected_error_m,
    "faults": lambda found: "; ".join(fault.name for fault in found.faults) or None,
    "next_action": lambda found: found.next_action.action.value,
    "question": _question,
}
ERROR = "error"
NUMBERS = frozenset({"lon", "lat", "confidence", "expected_error_m"})
NAMES = (*TOLD, ERROR)
COLUMNS = tuple(NewColumn(name, is_number=name in NUMBERS) for name in NAMES)
BLANK: Row = (None,) * len(COLUMNS)


def told(found: Answer | None) -> Row:
    """The cells of an answer."""
    if found is None:
        return failed(NOTHING_FOUND)
    return (*(tell(found) for tell in TOLD.values()), None)


def failed(sentence: str) -> Row:
    """The cells of a row that has no answer: the sentence, in the last column."""
    return (*BLANK[:-1], sentence)
