"""How many public addresses lie where: counts by cell, held in memory, for the tiles of afar.

A day's counts are read once; after that only the cells of addresses that changed are counted
again, so that the overview of the country costs no walk through all its addresses.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import pi
from threading import Lock

import numpy as np
import numpy.typing as npt

from diachiso.address.quad import EQUATOR_M, MOST_NORTHERN, RADIUS_M, Grid, Tile
from diachiso.store.engine import Reader
from diachiso.store.feed import last_number
from diachiso.store.points import PUBLISHED
from diachiso.store.tile_statements import POSITIONS, POSITIONS_IN

FINEST = 20
"""Cells are the tiles of this zoom: 38 m wide at the equator."""
LEVELS = (12, 16, FINEST)
SUBDIVIDED = 3
"""Zooms by which cells are finer, at least, than the clusters that are made of them."""
DAYS_KEPT = 3
Cells = npt.NDArray[np.int64]
Spot = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Clusters:
    """Clusters in a tile: where (in the tile's own units), and how many addresses each."""

    xs: Sequence[int] = ()
    ys: Sequence[int] = ()
    counts: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Density:
    """How many addresses lie in each cell where any do; cells by interleaved column and row."""

    cells: Cells
    counts: Cells
    zoom: int = FINEST
    _coarser: "dict[int, Density]" = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, cells: Cells) -> "Density":
        """Count cells that are named as often as an address lies in them."""
        return cls(*np.unique(cells, return_counts=True))

    def but(self, cells: Cells, fresh: "Density") -> "Density":
        """The same, but that these cells hold what was counted afresh."""
        stays = ~np.isin(self.cells, cells)
        known = np.concatenate([self.cells[stays], fresh.cells])
        order = np.argsort(known, kind="stable")
        return Density(known[order], np.concatenate([self.counts[stays], fresh.counts])[order])

    def clusters(self, tile: Tile, across: int, pixels: int) -> Clusters:
        """Clusters in a tile, so many cells across; each stands where its addresses lie."""
        fine = tile.z + across.bit_length() - 1 + SUBDIVIDED
        level = self.at(next((zoom for zoom in LEVELS if zoom >= fine), FINEST))
        cells, counts = level._within(tile)  # noqa: SLF001 (its own kind)
        if not len(cells):
            return Clusters()
        x, y = _in_tile(cells, tile, level.zoom)
        inside = (x >= 0) & (x < 1) & (y >= 0) & (y < 1)
        x, y, counts = x[inside], y[inside], counts[inside]
        which = (y * across).astype(np.int64) * across + (x * across).astype(np.int64)
        found, inverse = np.unique(which, return_inverse=True)
        total = np.bincount(inverse, counts, len(found))
        xs = np.bincount(inverse, x * counts, len(found)) / total * pixels
        ys = np.bincount(inverse, y * counts, len(found)) / total * pixels
        return Clusters(*(one.astype(int).tolist() for one in (xs, ys, total)))

    def at(self, zoom: int) -> "Density":
        """The same in coarser cells: those of one lie beside each other, so it is one pass."""
        if zoom == self.zoom or not len(self.cells):
            return self
        if (known := self._coarser.get(zoom)) is None:
            cells = self.cells >> (2 * (self.zoom - zoom))
            starts = np.flatnonzero(np.concatenate([[True], cells[1:] != cells[:-1]]))
            known = Density(cells[starts], np.add.reduceat(self.counts, starts), zoom)
            self._coarser[zoom] = known
        return known

    def _within(self, tile: Tile) -> tuple[Cells, Cells]:
        """The cells of a tile: those of a tile of Web Mercator lie beside each other."""
        if tile.grid is not Grid.MERCATOR or tile.z > self.zoom:
            return self.cells, self.counts
        first = int(_woven(np.array([tile.x]), np.array([tile.y]))[0])
        shift = 2 * (self.zoom - tile.z)
        ends = np.searchsorted(self.cells, [first << shift, (first + 1) << shift])
        part = slice(int(ends[0]), int(ends[1]))
        return self.cells[part], self.counts[part]


@dataclass(slots=True)
class Densities:
    """The densities of a few days."""

    _kept: dict[date, tuple[int, Density]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @property
    def number(self) -> int | None:
        """The change up to which all of them are right; None where there are none."""
        return min((number for number, _ in self._kept.values()), default=None)

    def of(self, reader: Reader, day: date) -> Density:
        """The density of a day, read when it is asked for first."""
        with self._lock:
            if (known := self._kept.get(day)) is None:
                known = last_number(reader), _read(reader, day)
                while len(self._kept) >= DAYS_KEPT:
                    self._kept.pop(next(iter(self._kept)))
                self._kept[day] = known
            return known[1]

    def keep_only(self, number: int) -> None:
        """Let all be read again that are not of this change: each change of an address has one."""
        with self._lock:
            for day in [day for day, (known, _) in self._kept.items() if known != number]:
                del self._kept[day]

    def follow(self, reader: Reader, since: int, until: int, spots: Iterable[Spot]) -> None:
        """Count again the cells of these places: all that changed from one number to another."""
        touched = np.unique(cells_of(np.array(list(spots), dtype=float).reshape(-1, 2)))
        with self._lock:
            for day, (number, known) in list(self._kept.items()):
                if number < since:  # read meanwhile, from an older state
                    del self._kept[day]
                elif number < until:
                    fresh = known.but(touched, _count(reader, day, touched))
                    self._kept[day] = until, fresh


def _read(reader: Reader, day: date) -> Density:
    told = {"day": day, "states": list(PUBLISHED)}
    rows = reader.scalars(POSITIONS, told)
    spots = [np.frombuffer(row, ">f8").astype(float).reshape(-1, 2) for row in rows]
    return Density.of(np.concatenate([cells_of(some) for some in spots] or [_none()]))


def _count(reader: Reader, day: date, cells: Cells) -> Density:
    """What these cells hold."""
    wests, easts, norths, souths = _edges(cells)
    told = {"wests": wests, "souths": souths, "easts": easts, "norths": norths}
    rows = reader.execute(POSITIONS_IN, {**told, "day": day, "states": list(PUBLISHED)})
    spots = np.array([(row.lon, row.lat) for row in rows.all()], dtype=float).reshape(-1, 2)
    found = cells_of(spots)
    return Density.of(found[np.isin(found, cells)])


def _none() -> Cells:
    return np.empty(0, dtype=np.int64)


# -- cells -----------------------------------------------------------------------------------------


def cells_of(spots: npt.NDArray[np.float64]) -> Cells:
    """The cells of places (longitude, latitude)."""
    lat = np.radians(np.clip(spots[:, 1], -MOST_NORTHERN, MOST_NORTHERN))
    across = (spots[:, 0] + 180) / 360
    down = 0.5 - np.log(np.tan(pi / 4 + lat / 2)) / (2 * pi)
    last = (1 << FINEST) - 1
    columns, rows = (
        np.clip((share * (1 << FINEST)).astype(np.int64), 0, last) for share in (across, down)
    )
    return _woven(columns, rows)


def _woven(columns: Cells, rows: Cells) -> Cells:
    """Interleave columns and rows: the cells of one tile have neighbouring numbers."""
    return _spread(columns) | (_spread(rows) << 1)


MASKS = ((16, 0x0000FFFF0000FFFF), (8, 0x00FF00FF00FF00FF), (4, 0x0F0F0F0F0F0F0F0F),
         (2, 0x3333333333333333), (1, 0x5555555555555555))  # fmt: skip


def _spread(bits: Cells) -> Cells:
    spread = bits.astype(np.int64)
    for shift, mask in MASKS:
        spread = (spread | (spread << shift)) & mask
    return spread


def _gathered(spread: Cells) -> Cells:
    bits = spread & MASKS[-1][1]
    for (shift, _), mask in zip(
        reversed(MASKS), [*(mask for _, mask in reversed(MASKS[:-1])), 0xFFFFFFFF], strict=True
    ):
        bits = (bits | (bits >> shift)) & mask
    return bits


def _in_tile(
    cells: Cells, tile: Tile, zoom: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Where the middles of cells lie in a tile: shares of its width from the west and the north."""
    across = (_gathered(cells) + 0.5) / (1 << zoom)
    down = (_gathered(cells >> 1) + 0.5) / (1 << zoom)
    if tile.grid is Grid.MERCATOR:
        return across * (1 << tile.z) - tile.x, down * (1 << tile.z) - tile.y
    west, south, east, north = tile.in_degrees()
    lat = np.degrees(2 * np.arctan(np.exp((0.5 - down) * EQUATOR_M / RADIUS_M)) - pi / 2)
    return (across * 360 - 180 - west) / (east - west), (north - lat) / (north - south)


def _edges(cells: Cells) -> tuple[list[float], list[float], list[float], list[float]]:
    """West, east, north, south of cells in degrees."""
    columns, rows = _gathered(cells), _gathered(cells >> 1)
    size = 360 / (1 << FINEST)
    lats = [
        np.degrees(2 * np.arctan(np.exp((0.5 - (rows + step) / (1 << FINEST)) * 2 * pi)) - pi / 2)
        for step in (0, 1)
    ]
    wests = columns * size - 180
    return wests.tolist(), (wests + size).tolist(), lats[0].tolist(), lats[1].tolist()
