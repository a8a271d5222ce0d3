"""New wards out of the land of former ones: the former land tiled, divided, put together again.

Everything here lies in an equal-area plane in metres; codes are the statistics codes.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon

from diachiso.address.apportion import Claims, Expected, Piece, claims
from diachiso.address.mosaic import GRID_METRES, NOBODY, Geometries, Indices, Mosaic

LARGE_M2 = 1e6
"""Unclaimed land larger than this is divided among the wards around it; less, filled in."""
UNCLAIMED = "unclaimed "
"""Unclaimed land goes by this and a number."""
ROUNDS = 5
"""How often land that was cut off is handed on before it stays where it is."""


def tiled(lands: Geometries, codes: Sequence[str | None]) -> tuple[dict[str, MultiPolygon], float]:
    """Former wards' land by code, without overlaps or gaps, from polygons that nearly meet.

    Several polygons may have one code; None is land that no ward is known for. Overlaps go to the
    smaller polygon; unclaimed land goes to the neighbour with the longest border, or, where it is
    large, under a name of its own. Also says how many m² were unclaimed.
    """
    names = sorted({code for code in codes if code is not None})
    rank = [NOBODY if code is None else names.index(code) for code in codes]
    mosaic = Mosaic.cut(shapely.boundary(lands))
    owner = np.array([*rank, NOBODY])[mosaic.owners(lands)]
    unclaimed_m2 = float(shapely.area(mosaic.faces[owner == NOBODY]).sum())
    owner = mosaic.filled(mosaic.set_aside(owner, LARGE_M2, first=len(names)))
    names += [f"{UNCLAIMED}{n}" for n in range(owner.max() + 1 - len(names))]
    return {names[n]: land for n, land in mosaic.dissolved(owner).items()}, unclaimed_m2


def pieces_of(
    former: Mapping[str, MultiPolygon], heirs: Mapping[str, tuple[str, ...]]
) -> dict[str, Piece]:
    """Every former ward's land with its heirs; unclaimed land may go to any ward around it."""
    codes, lands = list(former), np.array(list(former.values()))
    tree = shapely.STRtree(lands)
    entitled = {code: heirs.get(code, ()) for code in codes}
    for code in codes:
        if code.startswith(UNCLAIMED):
            near = tree.query(former[code], predicate="dwithin", distance=GRID_METRES)
            around = {heir for n in near for heir in heirs.get(codes[n], ())}
            entitled[code] = tuple(sorted(around))
    return {code: Piece(former[code], who) for code, who in entitled.items() if who}


def shared_out(
    pieces: Mapping[str, Piece], expected: Mapping[str, Expected]
) -> dict[str, MultiPolygon]:
    """The land of every new ward: whole pieces, and its share of the divided ones.

    The new wards tile the pieces exactly. A share that the dividing lines cut off from the rest
    of its ward goes to another heir that it borders on.
    """
    claimed = claims(expected, list(pieces.values()))
    mosaic, piece_of = _cut(list(pieces.values()), claimed)
    entitled = [[claimed.codes.index(heir) for heir in piece.heirs] for piece in pieces.values()]
    owner = _strongest(mosaic, piece_of, list(pieces.values()), claimed)
    owner = _joined(mosaic, owner, [entitled[n] for n in piece_of])
    return {claimed.codes[n]: land for n, land in mosaic.dissolved(owner).items()}


def _cut(pieces: Sequence[Piece], claimed: Claims) -> tuple[Mosaic, Indices]:
    """Cut divided pieces along the borders of claims; say in which piece each face lies."""
    lands = np.array([piece.land for piece in pieces])
    cuts = [
        shapely.intersection(line, piece.land)
        for piece in pieces
        if len(piece.heirs) > 1
        for line in claimed.borders(piece)
    ]
    mosaic = Mosaic.cut([*shapely.boundary(lands), *cuts])
    return mosaic, mosaic.filled(mosaic.owners(lands))


def _strongest(
    mosaic: Mosaic, piece_of: Indices, pieces: Sequence[Piece], claimed: Claims
) -> Indices:
    """Whose each face is: the strongest claim among the heirs of its piece."""
    spots = shapely.get_coordinates(mosaic.points)
    owner = np.full(len(spots), NOBODY)
    for n in np.unique(piece_of):
        faces = np.flatnonzero(piece_of == n)
        winners = claimed.strongest(pieces[n].heirs, spots[faces])
        owner[faces] = [claimed.codes.index(code) for code in winners]
    return owner


def _joined(mosaic: Mosaic, owner: Indices, entitled: Sequence[Sequence[int]]) -> Indices:
    """Hand land that is cut off from its ward to the heir that it borders longest."""
    owner = owner.copy()
    for _ in range(ROUNDS):
        moves = mosaic.moves(_strays(mosaic, owner), owner, entitled)
        if not moves:
            break
        owner[list(moves)] = list(moves.values())
    return owner


def _strays(mosaic: Mosaic, owner: Indices) -> NDArray[np.bool_]:
    """The faces that are not in the largest patch of their ward."""
    patch = mosaic.patches(owner)
    area = np.bincount(patch, shapely.area(mosaic.faces), len(patch))
    order = np.argsort(area[patch], kind="stable")
    largest = np.full(owner.max() + 1, NOBODY)
    largest[owner[order]] = patch[order]
    strays: NDArray[np.bool_] = patch != largest[owner]
    return strays
