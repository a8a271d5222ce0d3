"""Side by side: what the registry says now, and what a report proposes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from diachiso.address.position import Position
from diachiso.address.record import Details
from diachiso.geocode.course import metres_between

FIELDS: Mapping[str, str] = {
    "number": "số nhà / number",
    "street": "đường, phố / street",
    "kind": "loại / kind",
    "residential_group": "tổ, thôn, xóm / residential group",
    "estate": "khu / estate",
    "name": "tên / name",
    "position": "vị trí / position",
    "attributes": "thuộc tính / attributes",
    "document": "văn bản / document",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """A field as it is and as somebody says it should be; `distance_m` between two positions."""

    field: str
    now: Any
    proposed: Any
    distance_m: float | None = None


def differences(now: Details | None, proposed: Mapping[str, Any]) -> tuple[Difference, ...]:
    """The fields of a form that say something else than the address does."""
    was = _as_form(now) if now else {}
    told = {name: value for name, value in proposed.items() if name in FIELDS}
    found = [Difference(name, was.get(name), value) for name, value in told.items()]
    if places := proposed.get("positions"):
        found.append(_moved(now, places[0]))
    order = list(FIELDS)
    changed = (one for one in found if (one.now or None) != (one.proposed or None))
    return tuple(sorted(changed, key=lambda one: order.index(one.field)))


def _as_form(details: Details) -> dict[str, Any]:
    paper = details.document
    return {
        "number": str(details.number) if details.number else None,
        "street": details.street.name if details.street else None,
        "kind": details.kind.value,
        "residential_group": details.residential_group,
        "estate": details.estate,
        "name": details.name,
        "attributes": dict(details.attributes),
        "document": {"number": paper.number} if paper else None,
    }


def _moved(now: Details | None, place: Mapping[str, Any]) -> Difference:
    there = Position(place["lon"], place["lat"])
    if now is None:
        return Difference("position", None, _pair(there))
    here = now.spot.position
    return Difference(
        "position",
        _pair(here),
        _pair(there),
        round(metres_between((here.lon, here.lat), (there.lon, there.lat)), 1),
    )


def _pair(position: Position) -> list[float]:
    return [round(position.lon, 7), round(position.lat, 7)]
