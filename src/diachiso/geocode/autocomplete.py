"""What a person may be typing: streets, then houses of a street; places and units besides."""

import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from diachiso.address.name import tone_key
from diachiso.address.number import HouseNumber
from diachiso.geocode.gazetteer import Gazetteer, Place, Point, Street, street_key
from diachiso.geocode.line import line_of
from diachiso.geocode.setting import named_unit

SHORTEST_TYPED = 2
MOST_LOOKED_AT = 60
LAST_FIELD = re.compile(r"[^,;\n]*$")


class SuggestionKind(StrEnum):
    """What is suggested."""

    HOUSE = "house"
    STREET = "street"
    PLACE = "place"
    UNIT = "unit"


class Suggestion(NamedTuple):
    """A completion of the field at the caret; `point` is (longitude, latitude) where known."""

    text: str
    kind: SuggestionKind
    detail: str
    point: Point | None
    code: str | None = None


def autocomplete(
    text: str, gazetteer: Gazetteer, *, as_of: date, caret: int | None = None, limit: int = 8
) -> tuple[Suggestion, ...]:
    """Suggest how the field at the caret goes on, from its second letter."""
    typed = text[: len(text) if caret is None else caret]
    field = LAST_FIELD.search(typed)
    wanted = field[0].strip() if field else ""
    if sum(map(str.isalnum, wanted)) < SHORTEST_TYPED:
        return ()
    found = sorted(_suggestions(wanted, gazetteer, as_of), key=lambda one: _rank(one, wanted))
    return tuple(dict.fromkeys(found))[:limit]


def _rank(suggestion: Suggestion, typed: str) -> tuple[bool, int, int]:
    """Those that agree in their diacritics first, then houses, streets, places, units."""
    differs = not typed.isascii() and tone_key(typed) not in tone_key(suggestion.text)
    return differs, list(SuggestionKind).index(suggestion.kind), len(suggestion.text)


def _suggestions(typed: str, gazetteer: Gazetteer, as_of: date) -> Iterator[Suggestion]:
    line = line_of(typed)
    name = line.street or (line.pieces[-1].written if line.pieces else typed)
    key = street_key(name)
    if not key:
        return
    for street in gazetteer.streets.starting(key, MOST_LOOKED_AT):
        if line.number is not None or street_key(street.name) == key:
            yield from _houses(street, line.number, gazetteer, as_of)
        yield _street(street, line.number, gazetteer, as_of)
    for place in gazetteer.places.starting(street_key(typed), MOST_LOOKED_AT):
        yield _place(place, gazetteer, as_of)
    yield from _units(street_key(typed), gazetteer, as_of)


def _houses(
    street: Street, number: HouseNumber | None, gazetteer: Gazetteer, as_of: date
) -> Iterator[Suggestion]:
    prefix = number.key if number else ""
    for house in gazetteer.houses_starting(street.id, prefix, MOST_LOOKED_AT // 6):
        ward = named_unit(gazetteer.units, house.ward, as_of).full_name
        text = f"{house.number} {street.name}"
        yield Suggestion(text, SuggestionKind.HOUSE, ward, house.point, house.code)


def _street(
    street: Street, number: HouseNumber | None, gazetteer: Gazetteer, as_of: date
) -> Suggestion:
    wards = [named_unit(gazetteer.units, s.ward, as_of).full_name for s in street.stretches[:3]]
    text = f"{number} {street.name}" if number else street.name
    centre = street.stretches[0].centre if street.stretches else None
    return Suggestion(text, SuggestionKind.STREET, ", ".join(wards), centre)


def _place(place: Place, gazetteer: Gazetteer, as_of: date) -> Suggestion:
    ward = named_unit(gazetteer.units, place.ward, as_of).full_name
    return Suggestion(place.name, SuggestionKind.PLACE, ward, place.point)


def _units(key: str, gazetteer: Gazetteer, as_of: date) -> Iterator[Suggestion]:
    for entry in gazetteer.units.starting(key, MOST_LOOKED_AT):
        if not entry.unit.lapsed and not entry.alias:
            unit = named_unit(gazetteer.units, entry.unit.key, as_of)
            extent = gazetteer.extent(unit.key)
            detail = unit.province_name or ""
            centre = extent.centre if extent else None
            yield Suggestion(unit.full_name, SuggestionKind.UNIT, detail, centre, unit.code)
