"""The land of a unit: polygons repaired, overlaps and gaps found, wrong coordinates recognised.

Territories are MultiPolygons in WGS 84, longitude first. Areas are in m², taken in an equal-area
plane; nothing is measured in degrees.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import combinations
from typing import Any, Self, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from diachiso.address.errors import TerritoryFault
from diachiso.address.position import EAST, NORTH, SOUTH, VN2000, VN2000_GEOGRAPHIC, WEST, to_wgs84

Geometries = NDArray[Any]
Laid = TypeVar("Laid", bound=BaseGeometry | Geometries)
EPSILON_DEGREES = 1e-7
"""About a centimetre: finer differences are not differences."""
TOLERANCE_M2 = 100.0


# -- the plane -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Plane:
    """An equal-area plane in metres around a place, for measuring and cutting."""

    lon: float
    lat: float

    @classmethod
    def around(cls, geometries: Iterable[BaseGeometry]) -> Self:
        """The plane that touches the globe in the middle of these geometries (WGS 84)."""
        west, south, east, north = shapely.total_bounds(np.array(list(geometries)))
        return cls((west + east) / 2, (south + north) / 2)

    def metres(self, geometry: Laid) -> Laid:
        """Lay WGS 84 geometries into the plane."""
        return self._moved(geometry, forward=True)

    def degrees(self, geometry: Laid) -> Laid:
        """Take geometries of the plane back to WGS 84."""
        return self._moved(geometry, forward=False)

    def _moved(self, geometry: Laid, *, forward: bool) -> Laid:
        transform = _laea(self.lon, self.lat, forward=forward).transform
        moved: Laid = shapely.transform(geometry, transform, interleaved=False)
        return moved


@lru_cache(maxsize=64)
def _laea(lon: float, lat: float, *, forward: bool) -> Transformer:
    plane = f"+proj=laea +lon_0={lon} +lat_0={lat} +datum=WGS84 +units=m"
    ends = ("EPSG:4326", plane) if forward else (plane, "EPSG:4326")
    return Transformer.from_crs(*ends, always_xy=True)


def area_m2(geometry: BaseGeometry) -> float:
    """The area of a WGS 84 geometry in m²."""
    return float(shapely.area(Plane.around([geometry]).metres(geometry)))


# -- repair --------------------------------------------------------------------------------------


def repair(geometry: BaseGeometry) -> tuple[MultiPolygon, tuple[str, ...]]:
    """Make a valid MultiPolygon, saying what had to be mended.

    Raises:
        TerritoryFault: there is no area in it.
    """
    said = [] if shapely.is_valid(geometry) else [shapely.is_valid_reason(geometry)]
    mended = shapely.force_2d(geometry)
    if said:
        mended = shapely.make_valid(mended, method="structure", keep_collapsed=False)
    surfaces = list(_surfaces(mended))
    if len(surfaces) < len(_leaves(mended)):
        said.append("đã bỏ điểm, đường / points and lines dropped")
    if not surfaces:
        raise TerritoryFault("Đa giác không có diện tích. / The polygon has no area.")
    return MultiPolygon(surfaces), tuple(said)


def _leaves(geometry: BaseGeometry) -> list[BaseGeometry]:
    parts = list(shapely.get_parts(geometry))
    return parts if parts[:1] in ([], [geometry]) else [x for part in parts for x in _leaves(part)]


def _surfaces(geometry: BaseGeometry) -> Iterable[Polygon]:
    return (leaf for leaf in _leaves(geometry) if isinstance(leaf, Polygon) and leaf.area > 0)


# -- overlaps and gaps ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Overlap:
    """Land that two units both claim."""

    a: str
    b: str
    area_m2: float

    @property
    def codes(self) -> tuple[str, ...]:
        """The units concerned."""
        return (self.a, self.b)

    def __str__(self) -> str:
        return f"{self.a} và / and {self.b}: {self.area_m2:,.0f} m² chung / shared"


@dataclass(frozen=True, slots=True)
class Gap:
    """Land enclosed by units and claimed by none; `lon`, `lat` lie within it."""

    area_m2: float
    neighbours: tuple[str, ...]
    lon: float
    lat: float

    @property
    def codes(self) -> tuple[str, ...]:
        """The units concerned."""
        return self.neighbours

    def __str__(self) -> str:
        around = ", ".join(self.neighbours)
        where = f"lon={self.lon:.5f}, lat={self.lat:.5f}"
        return f"{around}: {self.area_m2:,.0f} m² bỏ trống / unclaimed ({where})"


def faults(
    territories: Mapping[str, MultiPolygon], tolerance_m2: float = TOLERANCE_M2
) -> list[Overlap | Gap]:
    """Where valid territories overlap, or enclose land that none of them claims.

    Neither unions nor intersections of whole territories are built: edges that two neighbours
    share cancel out, and what the remaining edges enclose is claimed by one territory (as it
    should be), by several, or by none. The largest fault comes first.
    """
    codes, lands = list(territories), np.array(list(territories.values()))
    tree, plane = shapely.STRtree(lands), Plane.around(lands)
    faces = _faces(_unshared_edges(lands))
    face, claimant = tree.query(shapely.point_on_surface(faces), predicate="intersects")
    claims = np.bincount(face, minlength=len(faces))
    disputed = [(faces[f], claimant[face == f]) for f in np.flatnonzero(claims > 1)]
    found: list[Overlap | Gap] = [
        *_overlaps(disputed, codes, lands, plane),
        *_gaps(faces[claims == 0], codes, tree, plane),
    ]
    worth = (fault for fault in found if fault.area_m2 > tolerance_m2)
    return sorted(worth, key=lambda fault: (-fault.area_m2, fault.codes))


def overlaps(
    territories: Mapping[str, MultiPolygon], tolerance_m2: float = TOLERANCE_M2
) -> list[Overlap]:
    """Pairs of valid territories that share more land than is tolerated, the largest first."""
    return [f for f in faults(territories, tolerance_m2) if isinstance(f, Overlap)]


def gaps(territories: Mapping[str, MultiPolygon], tolerance_m2: float = TOLERANCE_M2) -> list[Gap]:
    """Unclaimed land that the territories enclose, if more than is tolerated, the largest first."""
    return [f for f in faults(territories, tolerance_m2) if isinstance(f, Gap)]


def _unshared_edges(lands: Geometries) -> Geometries:
    """The outlines, without the edges that exactly two territories share from opposite sides."""
    rings = shapely.get_rings(shapely.orient_polygons(shapely.get_parts(lands)))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    cells = np.round(points / EPSILON_DEGREES).astype(np.int64)
    corner = (cells[:, 0] << 32) + cells[:, 1]
    edge = np.flatnonzero((ring[1:] == ring[:-1]) & (corner[1:] != corner[:-1]))
    kept = edge[~_cancelled(corner[edge], corner[edge + 1])]
    return _runs(cells * EPSILON_DEGREES, kept)


def _cancelled(start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    low, high = np.minimum(start, end).view(np.uint64), np.maximum(start, end).view(np.uint64)
    _, which, count = np.unique(
        low * np.uint64(0x9E3779B97F4A7C15) ^ high, return_inverse=True, return_counts=True
    )
    balance = np.bincount(which, np.where(start < end, 1, -1))
    return np.asarray(((count == 2) & (balance == 0))[which])  # noqa: PLR2004 (both sides)


def _runs(points: NDArray[np.float64], edges: NDArray[np.int64]) -> Geometries:
    """Lines along consecutive edges; edge k leads from point k to point k + 1."""
    run = np.cumsum(np.diff(edges, prepend=edges[:1]) != 1) - 1
    both = np.repeat(edges, 2) + np.tile([0, 1], len(edges))
    first = np.concatenate([[True], np.diff(both) != 0]) | np.concatenate(
        [[True], np.diff(np.repeat(run, 2)) != 0]
    )
    lines: Geometries = shapely.linestrings(points[both[first]], indices=np.repeat(run, 2)[first])
    return lines


def _faces(lines: Geometries) -> Geometries:
    noded = shapely.get_parts(shapely.union_all(lines))
    faces: Geometries = shapely.get_parts(shapely.polygonize(noded))
    return faces


def _overlaps(
    disputed: Iterable[tuple[Polygon, NDArray[np.intp]]],
    codes: Sequence[str],
    lands: Geometries,
    plane: Plane,
) -> Iterable[Overlap]:
    """Each pair's shared land; a face whose point lies on a border of two is found to be sound."""
    shared: dict[tuple[str, str], float] = {}
    for face, claimants in disputed:
        for a, b in combinations(claimants, 2):
            both = shapely.intersection(shapely.intersection(lands[a], lands[b]), face)
            low, high = sorted((codes[a], codes[b]))
            shared[low, high] = shared.get((low, high), 0.0) + float(plane.metres(both).area)
    return (Overlap(a, b, area) for (a, b), area in shared.items())


def _gaps(
    faces: Geometries, codes: Sequence[str], tree: shapely.STRtree, plane: Plane
) -> Iterable[Gap]:
    holes = shapely.get_parts(shapely.union_all(faces)) if len(faces) else faces
    areas_m2 = shapely.area(plane.metres(holes)).tolist()
    for hole, area, where in zip(holes, areas_m2, shapely.point_on_surface(holes), strict=True):
        near = tree.query(hole, predicate="dwithin", distance=2 * EPSILON_DEGREES)
        yield Gap(area, tuple(sorted(codes[n] for n in near)), where.x, where.y)


def report(found: Sequence[Overlap | Gap], names: Mapping[str, str], limit: int = 20) -> str:
    """What was found, a line each, codes followed by names; ready to print."""
    lines = [f"  {item}" for item in found[:limit]]
    for code in {c for item in found[:limit] for c in item.codes} & names.keys():
        lines = [line.replace(code, f"{code} {names[code]}") for line in lines]
    if len(found) > limit:
        lines.append(f"  … và {len(found) - limit} chỗ nữa / and {len(found) - limit} more")
    return "\n".join(lines)


# -- wrong coordinates ---------------------------------------------------------------------------


class CoordinateFault(StrEnum):
    """What is wrong with coordinates that should be WGS 84 degrees in Vietnam."""

    SWAPPED_AXES = "swapped axes"
    METRES = "metres"
    METRES_SWAPPED = "metres, axes swapped"
    ELSEWHERE = "not in Vietnam"


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A fault, and the VN-2000 systems (EPSG) that would put the land in Vietnam, best first."""

    fault: CoordinateFault
    candidates: tuple[int, ...] = ()

    @property
    def advice(self) -> str:
        """What to do about it, in one sentence, in both languages."""
        crs = f"--crs EPSG:{self.candidates[0]}" if self.candidates else "--crs"
        return {
            CoordinateFault.SWAPPED_AXES: "Kinh độ và vĩ độ bị đảo. / Longitude and latitude are"
            " swapped: GeoJSON wants longitude first.",
            CoordinateFault.METRES: "Tọa độ có vẻ tính bằng mét. / The coordinates look like"
            f" metres: pass {crs}{self._others}.",
            CoordinateFault.METRES_SWAPPED: "Tọa độ có vẻ tính bằng mét và bị đảo trục. / The"
            " coordinates look like metres with northing first: swap the two columns, then pass"
            f" {crs}{self._others}.",
            CoordinateFault.ELSEWHERE: "Tọa độ nằm ngoài Việt Nam. / The coordinates do not lie"
            " in Vietnam.",
        }[self.fault]

    @property
    def _others(self) -> str:
        rest = ", ".join(str(code) for code in self.candidates[1:4])
        return f" (or {rest})" if rest else ""


def suspect(
    geometries: Iterable[BaseGeometry], near: tuple[float, float] | None = None
) -> Suspicion | None:
    """Judge coordinates that are said to be WGS 84; None when nothing is wrong.

    `near` is a point (lon, lat) that the land should be near to, such as the centre of its
    province: it tells the zones of VN-2000 apart, which coordinates alone cannot.
    """
    bounds = shapely.bounds(np.array(list(geometries)))
    x, y = np.median((bounds[:, :2] + bounds[:, 2:]) / 2, axis=0)
    if in_vietnam(x, y):
        west, south, east, north = np.vstack([bounds.min(0)[:2], bounds.max(0)[2:]]).ravel()
        whole = in_vietnam(west, south) and in_vietnam(east, north)
        return None if whole else Suspicion(CoordinateFault.ELSEWHERE)
    if in_vietnam(y, x):
        return Suspicion(CoordinateFault.SWAPPED_AXES)
    if zones := _zones(x, y, near):
        return Suspicion(CoordinateFault.METRES, zones)
    if zones := _zones(y, x, near):
        return Suspicion(CoordinateFault.METRES_SWAPPED, zones)
    return Suspicion(CoordinateFault.ELSEWHERE)


def in_vietnam(lon: float, lat: float) -> bool:
    """Within the country's bounds, Hoàng Sa and Trường Sa included (WGS 84 degrees)?"""
    return bool(WEST <= lon <= EAST and SOUTH <= lat <= NORTH)


def _zones(x_m: float, y_m: float, near: tuple[float, float] | None) -> tuple[int, ...]:
    places = {
        code: to_wgs84(f"EPSG:{code}").transform(x_m, y_m)
        for code in sorted(VN2000 - {VN2000_GEOGRAPHIC})
    }
    lon, lat = near or (0.0, 0.0)
    return tuple(
        sorted(
            (code for code, place in places.items() if in_vietnam(*place)),
            key=lambda code: np.hypot(places[code][0] - lon, places[code][1] - lat) if near else 0,
        )
    )
