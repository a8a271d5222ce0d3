"""Points that somebody saw on the ground: OpenStreetMap places, as a package or a table has them.

Every point keeps its OSM identity, so that a second load knows it again. © OpenStreetMap
contributors, ODbL 1.0.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diachiso.address.errors import UnreadableSource
from diachiso.address.name import standard
from diachiso.store.sources import opened

CATEGORIES = ("amenity", "shop", "tourism", "man_made")
NEEDED = {"lon", "lat"}


@dataclass(frozen=True, slots=True)
class Observed:
    """A point (WGS 84) with what is written there; `code` only where one was issued elsewhere."""

    osm_id: int | None
    lon: float
    lat: float
    name: str = ""
    category: str = ""
    number: str = ""
    street: str = ""
    code: str = ""

    @property
    def is_address(self) -> bool:
        """Does it carry a house number and a street?"""
        return bool(self.number and self.street)


def read_export(file: Path) -> list[Observed]:
    """Read the points of a humanitarian OSM export (GeoJSON, one feature a line or whole).

    Raises:
        UnreadableSource: not such an export.
    """
    try:
        with opened(file) as stream:
            features = json.load(stream)["features"]
        return [_of_feature(feature) for feature in features]
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise UnreadableSource(f"{file}: không đọc được. / cannot be read: {fault}") from fault


def _of_feature(feature: Mapping[str, Any]) -> Observed:
    said = feature["properties"]
    lon, lat = feature["geometry"]["coordinates"][:2]
    category = next((f"{key}={said[key]}" for key in CATEGORIES if said.get(key)), "")
    return Observed(
        osm_id=int(said["osm_id"]),
        lon=lon,
        lat=lat,
        name=_text(said.get("name")),
        category=category,
        number=_text(said.get("addr:housenumber")),
        street=_text(said.get("addr:street")),
    )


def read_table(file: Path) -> list[Observed]:
    """Read a CSV (plain or .gz) of points.

    Columns: lon, lat (WGS 84), and any of osm_id, name, category, housenumber or number, street,
    code (a ten-digit code issued elsewhere).

    Raises:
        UnreadableSource: not a table in UTF-8, or without coordinates; names the line at fault.
    """
    try:
        with opened(file) as stream:
            table = csv.DictReader(io.TextIOWrapper(stream, encoding="utf-8-sig", newline=""))
            if missing := NEEDED - set(table.fieldnames or ()):
                raise UnreadableSource(
                    f"{file}: thiếu cột / lacks the columns {', '.join(sorted(missing))}."
                )
            return list(_of_rows(file, table))
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as fault:
        raise UnreadableSource(f"{file}: không đọc được. / cannot be read: {fault}") from fault


def _of_rows(file: Path, table: Iterable[Mapping[str, str]]) -> Iterator[Observed]:
    for line, row in enumerate(table, start=2):
        try:
            osm_id = int(row["osm_id"]) if row.get("osm_id") else None
            lon, lat = float(row["lon"]), float(row["lat"])
        except ValueError as fault:
            raise UnreadableSource(f"{file}, dòng / line {line}: {fault}") from fault
        yield Observed(
            osm_id=osm_id,
            lon=lon,
            lat=lat,
            name=_text(row.get("name")),
            category=row.get("category") or "",
            number=_text(row.get("housenumber") or row.get("number")),
            street=_text(row.get("street")),
            code=row.get("code") or "",
        )


def _text(value: object) -> str:
    return standard(value) if isinstance(value, str) else ""
