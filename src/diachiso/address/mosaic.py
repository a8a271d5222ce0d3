"""A mosaic: land cut along every known line into faces, which are then given to units.

Outlines of neighbours that come from different hands never meet exactly. Cut along all of them at
once, and whatever is put together from the faces tiles the land: nothing overlaps, nothing is
left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon

GRID_METRES = 0.01
"""Corners are laid on a centimetre grid, so that faces share theirs exactly."""
NOBODY = -1

Geometries = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Mosaic:
    """Faces in a plane in metres; face `left[k]` meets face `right[k]` along `metres[k]`."""

    faces: Geometries
    points: Geometries
    left: NDArray[np.intp]
    right: NDArray[np.intp]
    metres: NDArray[np.float64]

    @classmethod
    def cut(cls, lines: Iterable[Any]) -> Self:
        """Cut the land along these lines; what lies outside the outermost ones is left away."""
        noded = shapely.union_all(np.array(list(lines)), grid_size=GRID_METRES)
        faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
        order = np.lexsort(shapely.bounds(faces).T)
        return cls(faces[order], shapely.point_on_surface(faces[order]), *_seams(faces[order]))

    def owners(self, lands: Geometries) -> NDArray[np.intp]:
        """Which of these lands each face lies in, the smallest if several, NOBODY if none."""
        face, land = shapely.STRtree(lands).query(self.points, predicate="intersects")
        order = np.argsort(-shapely.area(lands[land]), kind="stable")
        owner = np.full(len(self.faces), NOBODY)
        owner[face[order]] = land[order]
        return owner

    def filled(self, owner: NDArray[np.intp]) -> NDArray[np.intp]:
        """Give every face without an owner to the one whose land it borders longest."""
        owner = owner.copy()
        while (owner == NOBODY).any() and (gains := self._gains(owner)):
            for face, new in gains.items():
                owner[face] = new
        return owner

    def set_aside(
        self, owner: NDArray[np.intp], above_m2: float, *, first: int
    ) -> NDArray[np.intp]:
        """Make owners, numbered from `first`, of patches without one that are large enough."""
        owner, patch = owner.copy(), self.patches(owner)
        area = np.bincount(patch, shapely.area(self.faces), len(patch))
        large = np.unique(patch[(owner == NOBODY) & (area[patch] > above_m2)])
        for n, which in enumerate(large, start=first):
            owner[patch == which] = n
        return owner

    def _gains(self, owner: NDArray[np.intp]) -> Mapping[int, int]:
        border: dict[int, dict[int, float]] = {}
        for face, other, metres in self._seams_of(owner == NOBODY):
            if owner[other] != NOBODY:
                with_owner = border.setdefault(face, {})
                with_owner[owner[other]] = with_owner.get(owner[other], 0) + metres
        return {face: max(owners, key=owners.__getitem__) for face, owners in border.items()}

    def moves(
        self, strays: NDArray[np.bool_], owner: NDArray[np.intp], entitled: Sequence[Sequence[int]]
    ) -> dict[int, int]:
        """Which stray faces border on another owner entitled to them, and on whom longest."""
        border: dict[int, dict[int, float]] = {}
        for face, other, metres in self._seams_of(strays):
            new = int(owner[other])
            if new != owner[face] and new in entitled[face] and not strays[other]:
                with_owner = border.setdefault(face, {})
                with_owner[new] = with_owner.get(new, 0) + metres
        return {face: max(owners, key=owners.__getitem__) for face, owners in border.items()}

    def _seams_of(self, chosen: NDArray[np.bool_]) -> Iterable[tuple[int, int, float]]:
        for face, other in ((self.left, self.right), (self.right, self.left)):
            here = chosen[face]
            yield from zip(
                face[here].tolist(), other[here].tolist(), self.metres[here].tolist(), strict=True
            )

    def dissolved(self, owner: NDArray[np.intp]) -> dict[int, MultiPolygon]:
        """The land of every owner."""
        return {
            int(who): _multi(shapely.coverage_union_all(self.faces[owner == who]))
            for who in np.unique(owner)
            if who != NOBODY
        }

    def patches(self, owner: NDArray[np.intp]) -> NDArray[np.intp]:
        """Number the connected patches of land of one owner, and say which each face is in."""
        patch = np.arange(len(self.faces))
        same = owner[self.left] == owner[self.right]
        left, right = self.left[same], self.right[same]
        while (patch[left] != patch[right]).any():
            low = np.minimum(patch[left], patch[right])
            np.minimum.at(patch, left, low)
            np.minimum.at(patch, right, low)
        return patch


def _multi(geometry: Any) -> MultiPolygon:
    return geometry if isinstance(geometry, MultiPolygon) else MultiPolygon([geometry])


def _seams(
    faces: Geometries,
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
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
    return pairs[:, 0], pairs[:, 1], np.bincount(which.ravel(), length, len(pairs))


def _edges(
    faces: Geometries,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
    rings, of_ring = shapely.get_rings(faces, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    within = ring[1:] == ring[:-1]
    return points[:-1][within], points[1:][within], of_ring[ring[:-1][within]]
