"""Where an address is: WGS 84 points, how they were taken, and VN-2000 both ways.

WGS 84 is longitude, latitude in degrees (EPSG:4326, longitude first). VN-2000 is turned into it by
the official transformation "VN-2000 to WGS 84 (2)" (EPSG:6960); skipping it misplaces a point by
about 224 m, the wrong meridian by about 78 km, so the zone is always asked for and never guessed.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Self

from pyproj import CRS
from pyproj.exceptions import CRSError
from pyproj.transformer import Transformer, TransformerGroup

from diachiso.address.errors import MalformedPosition, OutOfCountry

WEST, SOUTH, EAST, NORTH = 102.1, 5.5, 118.5, 23.5
"""Degrees; holds the mainland, Hoàng Sa and Trường Sa."""

OFFICIAL_TRANSFORMATION = "VN-2000 to WGS 84 (2)"
VN2000_GEOGRAPHIC = 4756
VN2000 = frozenset({VN2000_GEOGRAPHIC, 3405, 3406, *range(5896, 5900), *range(9205, 9219)})
"""EPSG codes: geographic, UTM 48N and 49N, and the 3-degree zones of the provinces."""
WGS84 = CRS.from_epsg(4326)


class PositionKind(StrEnum):
    """What the point marks; an entrance serves people best."""

    ENTRANCE = "entrance"
    BUILDING = "building"
    PARCEL = "parcel"
    OBSERVED = "observed"


@dataclass(frozen=True, slots=True)
class Position:
    """A point in WGS 84 degrees, within the country's bounds."""

    lon: float
    lat: float

    @classmethod
    def parse(cls, lon: float, lat: float) -> Self:
        """Take a point in.

        Raises:
            MalformedPosition: not degrees of longitude and latitude.
            OutOfCountry: far from Vietnam; says so when the axes look swapped.
        """
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):  # noqa: PLR2004 (degrees of the globe)
            if is_within(lat, lon):
                raise OutOfCountry(_swapped(lon, lat))
            raise MalformedPosition(
                f"lon={lon:g}, lat={lat:g} không phải là độ kinh, vĩ. / "
                f"lon={lon:g}, lat={lat:g} are not degrees of longitude and latitude."
            )
        if is_within(lat, lon):
            raise OutOfCountry(_swapped(lon, lat))
        if not is_within(lon, lat):
            raise OutOfCountry(
                f"Điểm {lon:g}, {lat:g} nằm ngoài Việt Nam. / "
                f"The point {lon:g}, {lat:g} lies outside Vietnam."
            )
        return cls(lon, lat)

    @classmethod
    def read(cls, text: str) -> Self:
        """Read 'lon,lat'.

        Raises:
            MalformedPosition: not two numbers, or not degrees.
            OutOfCountry: far from Vietnam.
        """
        try:
            lon, lat = (float(part) for part in text.split(","))
        except ValueError:
            raise MalformedPosition(
                f"{text!r}: cần lon,lat. / lon,lat is needed, for instance 105.85,21.03."
            ) from None
        return cls.parse(lon, lat)


def is_within(lon: float, lat: float) -> bool:
    """Within the bounds of the country?"""
    return WEST <= lon <= EAST and SOUTH <= lat <= NORTH


def _swapped(lon: float, lat: float) -> str:
    return (
        f"lon={lon:g}, lat={lat:g}: kinh độ và vĩ độ có lẽ bị đảo. / "
        f"Longitude and latitude look swapped: try lon={lat:g}, lat={lon:g}."
    )


@lru_cache(maxsize=64)
def to_wgs84(crs: str) -> Transformer:
    """The transformation from a reference system to WGS 84, x before y on both sides.

    Raises:
        MalformedPosition: the system is not known.
    """
    return _transformer(_known(crs), WGS84)


@lru_cache(maxsize=64)
def from_wgs84(crs: str) -> Transformer:
    """The transformation from WGS 84 to a reference system, x before y on both sides."""
    return _transformer(WGS84, _known(crs))


def _known(crs: str) -> CRS:
    try:
        return CRS.from_user_input(crs)
    except CRSError:
        raise MalformedPosition(
            f"Không rõ hệ tọa độ {crs!r}. / Unknown reference system {crs!r}; "
            "VN-2000 is EPSG:4756, 3405-3406, 5896-5899 or 9205-9218 (Hà Nội 5897)."
        ) from None


def _transformer(source: CRS, target: CRS) -> Transformer:
    group = TransformerGroup(source, target, always_xy=True)
    official = (t for t in group.transformers if OFFICIAL_TRANSFORMATION in t.description)
    return next(official, group.transformers[0])
