"""The leaves of a filter: operators taken apart, days, geometries, texts."""

from datetime import date, datetime
from typing import Any

import shapely
from geoalchemy2 import Geometry
from shapely.geometry import shape
from sqlalchemy import ColumnElement, LargeBinary, func, literal, select

from diachiso.address.division import parse_day
from diachiso.address.errors import MalformedDate, QueryError
from diachiso.address.reference import WGS84_GEOGRAPHIC, ReferenceSystem
from diachiso.address.today import VIETNAM

MOST_CORNERS = 20_000
HALF_TURN, QUARTER_TURN = 180.0 + 1e-6, 90.0 + 1e-6
"""Degrees; a little more, for a box that went through another system and back."""
BOX, BOX_WITH_HEIGHTS = 4, 6
SHOWN = 60


def shown(tree: object) -> str:
    """A part of a filter for a message, not too long."""
    told = str(tree)
    return told if len(told) <= SHOWN else f"{told[:SHOWN]}…"


def operation(tree: object) -> tuple[str | None, list[Any]]:
    """The operator and its arguments; None where this is no operation."""
    if isinstance(tree, dict) and isinstance(tree.get("op"), str):
        parts = tree.get("args")
        if isinstance(parts, list):
            name = tree["op"]
            return name if name == "isNull" else name.lower(), parts
    return None, []


def exactly(name: str, parts: list[Any], many: int) -> list[Any]:
    """The arguments, as many as there have to be."""
    if len(parts) != many:
        raise QueryError(
            f"{name}: cần {many} đối số, có {len(parts)}. / {many} arguments are needed, "
            f"{len(parts)} are given."
        )
    return parts


def at_least(name: str, parts: list[Any], few: int) -> list[Any]:
    """The arguments, no fewer than there have to be."""
    return parts if len(parts) >= few else exactly(name, parts, few)


def unknown_operator(name: str) -> QueryError:
    """There is no such operator or function here."""
    return QueryError(
        f"{shown(name)}: không có phép này ở đây. / this operator or function is not offered."
    )


def clean(text: str) -> str:
    """A text that PostgreSQL can hold."""
    if "\0" in text:
        raise QueryError("Chuỗi có ký tự số 0. / A text has a zero character.")
    return text


def day_of(tree: dict[str, Any]) -> date:
    """A date, or the day in Vietnam of a timestamp."""
    told = tree.get("date", tree.get("timestamp"))
    try:
        if "date" in tree:
            return parse_day(str(told))
        moment = datetime.fromisoformat(str(told))
    except (MalformedDate, ValueError):
        raise QueryError(f"{shown(told)}: không phải là ngày. / not a date.") from None
    return moment.astimezone(VIETNAM).date() if moment.tzinfo else moment.date()


def geometry(tree: dict[str, Any], system: ReferenceSystem) -> shapely.Geometry:
    """A geometry of a filter, in WGS 84, longitude first."""
    try:
        if "bbox" in tree:
            return _on_earth(_box(tree["bbox"], system), tree)
        told = shapely.force_2d(shape(tree))
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, shapely.GEOSException):
        raise QueryError(f"{shown(tree)}: hình không đúng. / not a geometry.") from None
    if told.is_empty or not told.is_valid or shapely.get_num_coordinates(told) > MOST_CORNERS:
        raise QueryError(
            f"{shown(tree)}: hình rỗng, tự cắt hoặc quá nhiều đỉnh. / the geometry is empty, not "
            f"valid, or has more than {MOST_CORNERS:,} corners."
        )
    return _on_earth(system.to_wgs84(told), tree)


def _on_earth(told: shapely.Geometry, tree: object) -> shapely.Geometry:
    """A geometry that lies within the degrees there are: what was meant in other units does not."""
    west, south, east, north = told.bounds
    if not (west >= -HALF_TURN and south >= -QUARTER_TURN and east <= HALF_TURN
            and north <= QUARTER_TURN):  # fmt: skip
        raise QueryError(
            f"{shown(tree)}: tọa độ nằm ngoài hệ tọa độ. / the coordinates are outside of the "
            "reference system; filter-crs names it, and the order of its axes."
        )
    return told


def _box(numbers: list[float], system: ReferenceSystem) -> shapely.Geometry:
    if len(numbers) == BOX_WITH_HEIGHTS:
        numbers = [*numbers[0:2], *numbers[3:5]]
    if len(numbers) != BOX:
        raise ValueError
    return system.box(*map(float, numbers))


def shape_parameter(told: shapely.Geometry) -> ColumnElement[Any]:
    """A geometry in WGS 84 as the value of a parameter."""
    return shape_bound(literal(shape_bytes(told), LargeBinary))


def shape_bound(parameter: ColumnElement[bytes]) -> ColumnElement[Any]:
    """The geometry that a parameter holds, read once a statement and not once a row."""
    return select(func.ST_GeomFromEWKB(parameter, type_=Geometry)).scalar_subquery()


def shape_bytes(told: shapely.Geometry) -> bytes:
    """A geometry in WGS 84 as PostGIS reads it."""
    return bytes(shapely.to_wkb(shapely.set_srid(told, WGS84_GEOGRAPHIC), include_srid=True))
