"""What a person may be typing: streets, then houses of a street, then apartments; places, units.

The field at the caret is completed. What the other fields name, before it and behind it, is where
the writer means: suggestions that lie there come first.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from enum import StrEnum
from functools import partial
from typing import NamedTuple

from diachiso.address.division import UnitKey
from diachiso.address.name import name_key, tone_key
from diachiso.address.number import HouseNumber
from diachiso.geocode.gazetteer import (
    Gazetteer,
    House,
    Place,
    Point,
    Street,
    street_key,
)
from diachiso.geocode.interpret import interpret
from diachiso.geocode.line import line_of
from diachiso.geocode.normalize import normalize
from diachiso.geocode.query import NamedUnit
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


class Offer(NamedTuple):
    """What may be suggested: what it is ranked by, and how to tell it whole.

    Of dozens that begin alike only the first few are told. `wards` are those of today it lies in.
    """

    text: str
    kind: SuggestionKind
    wards: tuple[UnitKey, ...]
    told: Callable[[], Suggestion]


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
    told: dict[Suggestion, None] = {}
    for offer in sorted(
        _offers(wanted, gazetteer, as_of),
        key=lambda one: _rank(one, toned, elsewhere=around.isdisjoint(one.wards)),
    ):
        told[offer.told()] = None
        if len(told) == limit:
            break
    return tuple(told)


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


def _rank(offer: Offer, toned: str | None, *, elsewhere: bool) -> Rank:
    """First what lies where the other fields say, then what agrees in its diacritics; by kind."""
    differs = toned is not None and toned not in tone_key(offer.text)
    return elsewhere, differs, RANK[offer.kind], len(offer.text)


def _offers(typed: str, gazetteer: Gazetteer, as_of: date) -> Iterator[Offer]:
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
) -> Iterator[Offer]:
    prefix = number.key if number else ""
    for house in gazetteer.houses_starting(street.id, prefix, MOST_LOOKED_AT // 6):
        kind, number_told = _door(house.number)
        text = f"{number_told} {street.name}"

        told = partial(_house, house, text, kind, gazetteer, as_of)
        yield Offer(text, kind, (house.ward,), told)


def _house(
    house: House, text: str, kind: SuggestionKind, gazetteer: Gazetteer, as_of: date
) -> Suggestion:
    ward = named_unit(gazetteer.units, house.ward, as_of).full_name
    return Suggestion(text, kind, ward, house.point, house.code)


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


def _street(street: Street, number: HouseNumber | None, gazetteer: Gazetteer, as_of: date) -> Offer:
    text = f"{number} {street.name}" if number else street.name

    def told() -> Suggestion:
        wards = [named_unit(gazetteer.units, s.ward, as_of).full_name for s in street.stretches[:3]]
        centre = street.stretches[0].centre if street.stretches else None
        return Suggestion(text, SuggestionKind.STREET, ", ".join(wards), centre)

    wards = tuple([stretch.ward for stretch in street.stretches])
    return Offer(text, SuggestionKind.STREET, wards, told)


def _place(place: Place, gazetteer: Gazetteer, as_of: date) -> Offer:
    is_group = GROUP.match(name_key(place.name)) is not None
    kind = SuggestionKind.RESIDENTIAL_GROUP if is_group else SuggestionKind.PLACE

    def told() -> Suggestion:
        ward = named_unit(gazetteer.units, place.ward, as_of).full_name
        return Suggestion(place.name, kind, ward, place.point)

    return Offer(place.name, kind, (place.ward,), told)


def _units(key: str, gazetteer: Gazetteer, as_of: date) -> Iterator[Offer]:
    for entry in gazetteer.units.starting(key, MOST_LOOKED_AT):
        if not entry.unit.lapsed and not entry.alias:
            unit = named_unit(gazetteer.units, entry.unit.key, as_of)
            heirs = gazetteer.units.lineage.successors(unit.key) if unit.key.former else ()
            wards = (unit.key, *[pair.new for pair in heirs])
            yield Offer(unit.full_name, SuggestionKind.UNIT, wards, partial(_unit, unit, gazetteer))


def _unit(unit: NamedUnit, gazetteer: Gazetteer) -> Suggestion:
    extent = gazetteer.extent(unit.key)
    centre = extent.centre if extent else None
    above = unit.province_name or ""
    return Suggestion(unit.full_name, SuggestionKind.UNIT, above, centre, unit.code)
