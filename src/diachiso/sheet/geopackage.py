"""GeoPackage: a layer of points or polygons as a table, its coordinates as two columns in front.

GDAL (in pyogrio) reads it by batches; a polygon stands for a point inside it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from diachiso.address.errors import UnreadableSource
from diachiso.sheet.cell import Row

BATCH = 5_000
COORDINATES = ("x", "y")
SQLITE = b"SQLite format 3\x00"
"""How a GeoPackage begins. GDAL goes by content, and other kinds may point to any other file."""


@dataclass(frozen=True)
class GeoPackage:
    """The first layer of a GeoPackage, in its own reference system."""

    file: Path

    @cached_property
    def about(self) -> dict[str, Any]:
        """What GDAL says of the layer.

        Raises:
            UnreadableSource: not a GeoPackage, or broken.
        """
        try:
            with self.file.open("rb") as head:
                if head.read(len(SQLITE)) != SQLITE:
                    raise UnreadableSource(
                        f"{self.file}: không phải GeoPackage. / not a GeoPackage."
                    )
            return dict(pyogrio.read_info(self.file, force_feature_count=True))
        except (DataSourceError, DataLayerError, OSError) as fault:
            raise UnreadableSource(
                f"{self.file}: không đọc được. / cannot be read: {fault}"
            ) from None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, the coordinates first."""
        return (*COORDINATES, *map(str, self.about["fields"]))

    @property
    def count(self) -> int:
        """How many features there are."""
        return int(self.about["features"])

    @property
    def crs(self) -> str | None:
        """The reference system that the layer states, written EPSG:5897 and so on."""
        stated = self.about["crs"]
        return str(stated) if stated else None

    def rows(self) -> Iterator[Row]:
        """The features as rows."""
        try:
            with pyogrio.open_arrow(self.file, batch_size=BATCH, use_pyarrow=True) as (
                about,
                batches,
            ):
                geometry = about["geometry_name"] or "wkb_geometry"
                for batch in batches:
                    columns = [batch.column(name).to_pylist() for name in about["fields"]]
                    shapes = shapely.from_wkb(batch.column(geometry).to_pylist())
                    spots = shapely.point_on_surface(shapes)
                    yield from zip(
                        *(map(_number, axis(spots)) for axis in (shapely.get_x, shapely.get_y)),
                        *columns,
                        strict=True,
                    )
        except (DataSourceError, DataLayerError, OSError) as fault:
            raise UnreadableSource(
                f"{self.file}: không đọc được. / cannot be read: {fault}"
            ) from None


def _number(value: float) -> float | None:
    """None where a feature has no geometry."""
    return float(value) if value == value else None  # noqa: PLR0124 (NaN is not itself)
