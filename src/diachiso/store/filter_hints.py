"""What a filter says that an index may find: attributes that are one of some texts, and places.

Only what holds for every feature that the filter lets through is told: the parts of an `and`.
"""

from collections.abc import Iterator
from typing import Any

import shapely

from diachiso.address.reference import ReferenceSystem
from diachiso.store.filter_values import geometry, operation
from diachiso.store.filters import GEOMETRY, MEETING

SIDES = 2


def _parts(tree: object) -> Iterator[tuple[str, list[Any]]]:
    """What has to hold in any case."""
    name, arguments = operation(tree)
    if name == "and":
        for one in arguments:
            yield from _parts(one)
    elif name is not None:
        yield name, arguments


def texts_in(tree: object) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Attributes with the texts of which each has to be one."""
    for name, arguments in _parts(tree):
        if name == "=" and len(arguments) == SIDES:
            one, other = arguments if _property(arguments[0]) else reversed(arguments)
            values = [other]
        elif name == "in" and len(arguments) == SIDES and isinstance(arguments[1], list):
            one, values = arguments
        else:
            continue
        named = _property(one)
        if named and all(isinstance(value, str) for value in values):
            yield named, tuple(values)


def places_in(tree: object, system: ReferenceSystem) -> Iterator[shapely.Geometry]:
    """Geometries that each feature has to meet."""
    for name, arguments in _parts(tree):
        given = [one for one in arguments if _property(one) != GEOMETRY]
        if name in MEETING and len(arguments) == SIDES and len(given) == 1:
            yield geometry(given[0], system)


def _property(tree: object) -> str | None:
    named = tree.get("property") if isinstance(tree, dict) else None
    return named if isinstance(named, str) else None
