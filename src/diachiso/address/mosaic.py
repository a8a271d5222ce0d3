"""A mosaic: land cut along every known line into faces, which are then given to owners.

Outlines of neighbours that come from different hands never meet exactly. Cut along all of them at
once, and whatever is put together from the faces tiles the land: nothing overlaps, nothing is
left out. Owners are numbers; everything lies in a plane in metres.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon
from shapely.geometry.base import BaseGeometry

GRID_METRES = 0.01
"""Corners are laid on a centimetre grid, so that faces share theirs exactly."""
NOBODY = -1

Geometries = NDArray[Any]
Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Mosaic:
    """Faces, a point within each, and seams: `left[k]` meets `right[k]` along `metres[k]`."""

    faces: Geometries
    points: Geometries
    left: Indices
    right: Indices
    metres: NDArray[np.float64]

    @classmethod
    def cut(cls, lines: Iterable[BaseGeometry]) -> Self:
        """Cut the land along these lines; what lies outside the outermost ones is left away."""
        noded = shapely.union_all(np.array(list(lines)), grid_size=GRID_METRES)
        faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
        faces = faces[np.lexsort(shapely.bounds(faces).T)]
        return cls(faces, shapely.point_on_surface(faces), *_seams(faces))

    def owners(self, lands: Geometries) -> Indices:
        """Which of these lands each face lies in: the smallest if several, NOBODY if none."""
        face, land = shapely.STRtree(lands).query(self.points, predicate="intersects")
        order = np.argsort(-shapely.area(lands[land]), kind="stable")
        owner = np.full(len(self.faces), NOBODY)
        owner[face[order]] = land[order]
        return owner

    def set_aside(self, owner: Indices, above_m2: float, *, first: int) -> Indices:
        """Make owners, numbered from `first`, of patches without one that are large enough."""
        owner, patch = owner.copy(), self.patches(owner)
        area = np.bincount(patch, shapely.area(self.faces), len(patch))
        large = np.unique(patch[(owner == NOBODY) & (area[patch] > above_m2)])
        for n, which in enumerate(large, start=first):
            owner[patch == which] = n
        return owner

    def filled(self, owner: Indices) -> Indices:
        """Give faces without an owner to the one whose land they border longest, inwards."""
        owner, everyone = owner.copy(), range(owner.max() + 1)
        while gains := self.moves(owner == NOBODY, owner, [everyone] * len(owner)):
            owner[list(gains)] = list(gains.values())
        return owner

    def moves(
        self, strays: NDArray[np.bool_], owner: Indices, entitled: Sequence[Sequence[int]]
    ) -> dict[int, int]:
        """Which stray faces border on land of another entitled owner, and on whose longest."""
        border: dict[int, dict[int, float]] = {}
        for face, other, metres in self._seams_of(strays):
            new = int(owner[other])
            if new != owner[face] and new in entitled[face] and not strays[other]:
                with_owner = border.setdefault(face, {})
                with_owner[new] = with_owner.get(new, 0.0) + metres
        return {face: _longest(owners) for face, owners in border.items()}

    def _seams_of(self, chosen: NDArray[np.bool_]) -> Iterator[tuple[int, int, float]]:
        for face, other in ((self.left, self.right), (self.right, self.left)):
            here = chosen[face]
            yield from zip(
                face[here].tolist(), other[here].tolist(), self.metres[here].tolist(), strict=True
            )

    def patches(self, owner: Indices) -> Indices:
        """Number the connected patches of land of one owner, and say which each face is in."""
        patch = np.arange(len(self.faces))
        same = owner[self.left] == owner[self.right]
        left, right = self.left[same], self.right[same]
        while (patch[left] != patch[right]).any():
            low = np.minimum(patch[left], patch[right])
            np.minimum.at(patch, left, low)
            np.minimum.at(patch, right, low)
        return patch

    def dissolved(self, owner: Indices) -> dict[int, MultiPolygon]:
        """The land of every owner."""
        return {
            int(who): _multi(shapely.coverage_union_all(self.faces[owner == who]))
            for who in np.unique(owner)
            if who != NOBODY
        }


def _longest(borders: Mapping[int, float]) -> int:
    return max(sorted(borders), key=borders.__getitem__)


def _multi(geometry: BaseGeometry) -> MultiPolygon:
    return geometry if isinstance(geometry, MultiPolygon) else MultiPolygon([geometry])


def _seams(faces: Geometries) -> tuple[Indices, Indices, NDArray[np.float64]]:
    """Which faces share edges, and how long the shared edges are."""
    start, end, face = _edges(faces)
    forward = (start[:, 0] < end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] < end[:, 1]))
    ends = np.where(forward[:, None], np.hstack([start, end]), np.hstack([end, start]))
    order = np.lexsort(ends.T)
    twin = (ends[order[1:]] == ends[order[:-1]]).all(axis=1)
    one, other = order[:-1][twin], order[1:][twin]
    length = np.hypot(*(end[one] - start[one]).T)
    pair = np.sort(np.column_stack([face[one], face[other]]), axis=1)
    pairs, which = np.unique(pair, axis=0, return_inverse=True)
    metres = np.bincount(which.ravel(), length, len(pairs)).astype(np.float64)
    return pairs[:, 0], pairs[:, 1], metres


def _edges(faces: Geometries) -> tuple[NDArray[np.float64], NDArray[np.float64], Indices]:
    """All edges of all faces: where they start and end, and whose they are."""
    rings, of_ring = shapely.get_rings(faces, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    within = ring[1:] == ring[:-1]
    face: Indices = of_ring[ring[:-1][within]].astype(np.intp)
    return points[:-1][within], points[1:][within], face
