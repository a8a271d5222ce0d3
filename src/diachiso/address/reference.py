"""Reference systems that map clients may ask for, by the URI that stands for each.

The order of the axes is the one of the EPSG register: latitude first for the geographic systems
(but longitude first for OGC's CRS84), easting first for VN-2000 as projected. To VN-2000 leads the
official transformation (EPSG:6960) alone: PROJ left to itself takes another one off the south
coast, which is up to 0.83 m away, and servers older than 2021 do not know 9205 to 9218 at all.
"""

from dataclasses import dataclass
from types import MappingProxyType

import shapely
from pyproj import CRS

from diachiso.address.errors import MalformedPosition
from diachiso.address.position import VN2000, to_wgs84

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/{}"
WGS84_GEOGRAPHIC, WEB_MERCATOR = 4326, 3857
DEGREE_DECIMALS, METRE_DECIMALS = 7, 3
"""A centimetre, a millimetre."""
EAST_END = 180.0
STEP = 1 / 64
"""The part of a box's side after which its edge gets another corner before it is transformed."""

FROM_WGS84 = (
    "-191.90441429,-39.30318279,-111.45032835,0.00928836,-0.01975479,0.00427372,0.252906278"
)
"""EPSG:6960, "VN-2000 to WGS 84 (2)", as position vector: metres, seconds, parts per million."""
LONG_LAT = "+proj=longlat +datum=WGS84 +no_defs"
TRANSVERSE = {
    "Latitude of natural origin": "lat_0",
    "Longitude of natural origin": "lon_0",
    "Scale factor at natural origin": "k",
    "False easting": "x_0",
    "False northing": "y_0",
}


@dataclass(frozen=True, slots=True)
class ReferenceSystem:
    """A reference system: `proj` says how to get there from WGS 84; None: it is WGS 84."""

    uri: str
    name: str
    code: int
    north_first: bool
    decimals: int
    proj: str | None = None

    def to_wgs84(self, shape: shapely.Geometry) -> shapely.Geometry:
        """A geometry of this system, axes as it orders them, in WGS 84, longitude first."""
        plain = shapely.transform(shape, lambda xy: xy[:, ::-1]) if self.north_first else shape
        if self.proj is None:
            return plain
        turn = to_wgs84(f"EPSG:{self.code}").transform
        return shapely.transform(plain, turn, interleaved=False)

    def box(self, first: float, second: float, third: float, fourth: float) -> shapely.Geometry:
        """The box between two corners, in WGS 84; its edges bend where the systems do.

        In degrees of WGS 84 one that begins east of where it ends goes over the date line: it is
        two boxes, one on either side.
        """
        x_first, y_first = (second, first) if self.north_first else (first, second)
        x_last, y_last = (fourth, third) if self.north_first else (third, fourth)
        if self.proj is None and x_first > x_last:
            halves = ((x_first, EAST_END), (-EAST_END, x_last))
            return shapely.union_all([shapely.box(w, y_first, e, y_last) for w, e in halves])
        box = shapely.box(x_first, y_first, x_last, y_last)
        if self.proj is None:
            return box
        side = max(x_last - x_first, y_last - y_first) * STEP
        dense = shapely.segmentize(box, side) if side > 0 else box
        turn = to_wgs84(f"EPSG:{self.code}").transform
        return shapely.transform(dense, turn, interleaved=False)


def _system(code: int) -> ReferenceSystem:
    crs = CRS.from_epsg(code)
    north_first = crs.axis_info[0].direction == "north"
    if code == WGS84_GEOGRAPHIC:
        proj = None
    elif code == WEB_MERCATOR:
        proj = "+proj=webmerc +datum=WGS84 +units=m +no_defs"
    elif crs.is_geographic:
        proj = f"+proj=longlat +ellps=WGS84 +towgs84={FROM_WGS84} +no_defs"
    else:
        operation = crs.coordinate_operation
        told = {p.name: p.value for p in operation.params} if operation else {}
        parts = " ".join(f"+{short}={told[name]}" for name, short in TRANSVERSE.items())
        proj = f"+proj=tmerc {parts} +ellps=WGS84 +towgs84={FROM_WGS84} +units=m +no_defs"
    decimals = DEGREE_DECIMALS if crs.is_geographic else METRE_DECIMALS
    return ReferenceSystem(EPSG.format(code), crs.name, code, north_first, decimals, proj)


SYSTEMS = MappingProxyType(
    {
        one.uri: one
        for one in (
            ReferenceSystem(CRS84, "WGS 84 (CRS84)", WGS84_GEOGRAPHIC, False, DEGREE_DECIMALS),
            *(_system(code) for code in (WGS84_GEOGRAPHIC, WEB_MERCATOR, *sorted(VN2000))),
        )
    }
)
"""The systems by URI, CRS84 first: it is what is kept, and what is told unless another is asked."""


def system_called(uri: str, parameter: str) -> ReferenceSystem:
    """The system of a URI.

    Raises:
        MalformedPosition: it is none of those offered; names the parameter.
    """
    try:
        return SYSTEMS[uri]
    except KeyError:
        raise MalformedPosition(
            f"{parameter}={uri!r}: hệ tọa độ này không có ở đây. / this reference system is not "
            f"offered: {CRS84}, or {EPSG.format('CODE')} of "
            f"{', '.join(str(one.code) for one in list(SYSTEMS.values())[1:])}."
        ) from None
