"""What a person may be typing: streets, then houses of a street, then apartments; places, units.

The field at the caret is completed. What the other fields name, before it and behind it, is where
the writer means: suggestions that lie there come first.
"""

import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from diachiso.address.division import UnitKey
from diachiso.address.name import name_key, tone_key
from diachiso.address.number import HouseNumber
from diachiso.geocode.gazetteer import Gazetteer, Place, Point, Street, street_key
from diachiso.geocode.interpret import interpret
from diachiso.geocode.line import line_of
from diachiso.geocode.normalize import normalize
from diachiso.geocode.setting import named_unit
from diachiso.geocode.today import wards_of

SHORTEST_TYPED = 2
MOST_LOOKED_AT = 60
MOST_AROUND = 200
LAST_FIELD = re.compile(r"[^,;\n]*$")
REST_OF_FIELD = re.compile(r"^[^,;\n]*")
KILOMETRE, LOT = re.compile(r"KM(\d+\+\d+)"), re.compile(r"LO(.+)")


class SuggestionKind(StrEnum):
    """What is suggested."""

    HOUSE = "house"
    APARTMENT = "apartment"
    STREET = "street"
    RESIDENTIAL_GROUP = "residential_group"
    PLACE = "place"
    UNIT = "unit"


RANK = {kind: rank for rank, kind in enumerate(SuggestionKind)}
GROUP = re.compile(r"(?:to dan pho|tdp|khu pho|khoi pho|thon|xom|ap|khom|to|khoi|cum) ")


class Suggestion(NamedTuple):
    """A completion of the field at the caret; `point` is (longitude, latitude) where known."""

    text: str
    kind: SuggestionKind
    detail: str
    point: Point | None
    code: str | None = None


class Found(NamedTuple):
    """A suggestion, and the wards of today that it lies in."""

    suggestion: Suggestion
    wards: tuple[UnitKey, ...]


def autocomplete(
    text: str, gazetteer: Gazetteer, *, as_of: date, caret: int | None = None, limit: int = 8
) -> tuple[Suggestion, ...]:
    """Suggest how the field at the caret goes on, from its second letter."""
    at = len(text) if caret is None else caret
    field = LAST_FIELD.search(text[:at])
    wanted = field[0].strip() if field else ""
    if sum(map(str.isalnum, wanted)) < SHORTEST_TYPED:
        return ()
    others = (text[: field.start()] if field else "", REST_OF_FIELD.sub("", text[at:], count=1))
    around = _wards_named(", ".join(filter(None, others)), gazetteer)
    toned = None if wanted.isascii() else tone_key(wanted)
    found = {one.suggestion: one.wards for one in _suggestions(wanted, gazetteer, as_of)}
    ranked = sorted(
        found, key=lambda one: _rank(one, toned, elsewhere=around.isdisjoint(found[one]))
    )
    return tuple(ranked[:limit])


def _wards_named(text: str, gazetteer: Gazetteer) -> frozenset[UnitKey]:
    """The wards of today where the other fields say that it is; none if they name no unit."""
    if not any(map(str.isalnum, text)):
        return frozenset()
    draft = normalize(text[:MOST_AROUND])
    reading = interpret(draft.text, gazetteer.units).best
    return (
        frozenset(unit.key for unit, _ in wards_of(reading, gazetteer)) if reading else frozenset()
    )


Rank = tuple[bool, bool, int, int]


def _rank(suggestion: Suggestion, toned: str | None, *, elsewhere: bool) -> Rank:
    """First what lies where the other fields say, then what agrees in its diacritics; by kind."""
    differs = toned is not None and toned not in tone_key(suggestion.text)
    return elsewhere, differs, RANK[suggestion.kind], len(suggestion.text)


def _suggestions(typed: str, gazetteer: Gazetteer, as_of: date) -> Iterator[Found]:
    line = line_of(typed)
    name = line.street or (line.pieces[-1].written if line.pieces else typed)
    key = street_key(name)
    if not key:
        return
    for street in gazetteer.streets.starting(key, MOST_LOOKED_AT):
        if line.number is not None or street_key(street.name) == key:
            yield from _houses(street, line.number, gazetteer, as_of)
        yield _street(street, line.number, gazetteer, as_of)
    whole = street_key(typed)
    for place in gazetteer.places.starting(whole, MOST_LOOKED_AT):
        yield _place(place, gazetteer, as_of)
    yield from _units(whole, gazetteer, as_of)


def _houses(
    street: Street, number: HouseNumber | None, gazetteer: Gazetteer, as_of: date
) -> Iterator[Found]:
    prefix = number.key if number else ""
    for house in gazetteer.houses_starting(street.id, prefix, MOST_LOOKED_AT // 6):
        ward = named_unit(gazetteer.units, house.ward, as_of).full_name
        kind, number_told = _door(house.number)
        text = f"{number_told} {street.name}"
        yield Found(Suggestion(text, kind, ward, house.point, house.code), (house.ward,))


def _door(key: str) -> tuple[SuggestionKind, str]:
    """What a number key stands for, and the number as people write it."""
    building, parted, flat = key.partition(":")
    if parted:
        told = [f"Căn {flat}"] * bool(flat) + [f"toà {building}"] * bool(building)
        return SuggestionKind.APARTMENT, ", ".join([*told, ""]).strip()
    if post := KILOMETRE.fullmatch(key):
        return SuggestionKind.HOUSE, f"Km {post[1]},"
    if lot := LOT.fullmatch(key):
        return SuggestionKind.HOUSE, f"Lô {lot[1]}"
    return SuggestionKind.HOUSE, key


def _street(street: Street, number: HouseNumber | None, gazetteer: Gazetteer, as_of: date) -> Found:
    wards = [named_unit(gazetteer.units, s.ward, as_of).full_name for s in street.stretches[:3]]
    text = f"{number} {street.name}" if number else street.name
    centre = street.stretches[0].centre if street.stretches else None
    told = Suggestion(text, SuggestionKind.STREET, ", ".join(wards), centre)
    return Found(told, tuple(stretch.ward for stretch in street.stretches))


def _place(place: Place, gazetteer: Gazetteer, as_of: date) -> Found:
    ward = named_unit(gazetteer.units, place.ward, as_of).full_name
    is_group = GROUP.match(name_key(place.name)) is not None
    kind = SuggestionKind.RESIDENTIAL_GROUP if is_group else SuggestionKind.PLACE
    return Found(Suggestion(place.name, kind, ward, place.point), (place.ward,))


def _units(key: str, gazetteer: Gazetteer, as_of: date) -> Iterator[Found]:
    for entry in gazetteer.units.starting(key, MOST_LOOKED_AT):
        if not entry.unit.lapsed and not entry.alias:
            unit = named_unit(gazetteer.units, entry.unit.key, as_of)
            extent = gazetteer.extent(unit.key)
            detail = unit.province_name or ""
            centre = extent.centre if extent else None
            told = Suggestion(unit.full_name, SuggestionKind.UNIT, detail, centre, unit.code)
            heirs = gazetteer.units.lineage.successors(unit.key) if unit.key.former else ()
            yield Found(told, (unit.key, *(pair.new for pair in heirs)))
