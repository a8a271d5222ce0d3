"""Tiles kept in memory, as right as the change feed: none is older than the last look at it.

Whoever asks for a tile looks at the feed first, unless somebody did a moment ago. A new edition of
the data lets all tiles go; an address that changed lets go the tiles that it lay in or lies in, at
every zoom, and no others. A tile is kept only if nothing was followed since before it was drawn.
"""

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from threading import Lock
from time import monotonic

from sqlalchemy import Engine

from diachiso.address.quad import Grid, Tile, tile_at
from diachiso.store.engine import Reader, glancing, reading
from diachiso.store.tile_statements import STATE, TOUCHED
from diachiso.store.tiles import DEEPEST, Atlas, Layer, draw

LOOK_AGAIN_S = 0.5
"""How long what the feed said is believed without looking again."""
WORTH_FOLLOWING = 2_000
"""Changes between two looks; more are not followed one by one: all tiles of addresses go."""
OF_ADDRESSES = frozenset({Layer.ADDRESSES, Layer.POSTAL_POINTS})
EDGE = 1e-9
"""Degrees: a point that lies this near the edge of a tile may be in its neighbour as well."""
GZIP_LEVEL = 5
OVERHEAD = 600
"""Bytes that a tile takes in memory besides its content, about."""

Key = tuple[Layer, date, Tile]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A tile, packed with gzip, and the tag of its content."""

    packed: bytes
    tag: str

    @classmethod
    def of(cls, content: bytes) -> "Drawn":
        """Pack a tile; what is empty stays empty."""
        digest = hashlib.blake2b(content, digest_size=12).hexdigest()
        packed = gzip.compress(content, GZIP_LEVEL, mtime=0) if content else b""
        return cls(packed, f'W/"{digest}"')

    @property
    def content(self) -> bytes:
        """The tile itself."""
        return gzip.decompress(self.packed) if self.packed else b""


class TileCache:
    """The tiles drawn lately, at most so many bytes of them."""

    def __init__(self, engine: Engine, atlas: Atlas, most_bytes: int) -> None:
        self._engine, self._atlas, self._most = engine, atlas, most_bytes
        self._kept: OrderedDict[Key, Drawn] = OrderedDict()
        self._bytes = 0
        self._edition = self._number = -1
        self._looked_at = -LOOK_AGAIN_S
        self._lock, self._looking = Lock(), Lock()

    def at_hand(self, layer: Layer, day: date, tile: Tile) -> Drawn | None:
        """A tile that may be handed out without asking the database anything; None: ask `tile`."""
        if monotonic() - self._looked_at > LOOK_AGAIN_S:
            return None
        return self._find((layer, layer.day_of(day), tile))

    def tile(self, layer: Layer, day: date, tile: Tile) -> Drawn:
        """A tile as it is now; blocks while the database is asked."""
        key = (layer, layer.day_of(day), tile)
        self._look()
        if (known := self._find(key)) is not None:
            return known
        with self._lock:  # what is drawn after this is of this state, or newer
            edition, number = self._edition, self._number
        with glancing(self._engine) as reader:
            drawn = Drawn.of(draw(reader, layer, tile, key[1], self._atlas))
        if layer is Layer.ADDRESSES and (counted := self._atlas.densities.number) is not None:
            number = min(number, counted)
        self._keep(key, drawn, edition, number)
        return drawn

    def _find(self, key: Key) -> Drawn | None:
        with self._lock:
            if (known := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
            return known

    def _keep(self, key: Key, drawn: Drawn, edition: int, number: int) -> None:
        with self._lock:
            if (edition, number) < (self._edition, self._number):
                return  # something changed meanwhile
            self._drop(key)
            self._kept[key] = drawn
            self._bytes += len(drawn.packed) + OVERHEAD
            while self._bytes > self._most and self._kept:
                self._drop(next(iter(self._kept)))

    def _drop(self, key: Key) -> None:
        if (gone := self._kept.pop(key, None)) is not None:
            self._bytes -= len(gone.packed) + OVERHEAD

    # -- the feed ------------------------------------------------------------------------------

    def _look(self) -> None:
        """See what changed, unless that was just seen; who comes meanwhile waits for the answer."""
        with self._looking:
            if monotonic() - self._looked_at <= LOOK_AGAIN_S:
                return
            began = monotonic()
            with reading(self._engine) as reader:
                self._follow(reader, *reader.execute(STATE).one())
            self._looked_at = began

    def _follow(self, reader: Reader, edition: int, number: int) -> None:
        before, since = self._edition, self._number
        with self._lock:  # first: what is drawn from an older state is not kept from here on
            self._edition, self._number = edition, number
        try:
            if edition != before or number < since:
                self._atlas.densities.keep_only(number)
                self._let_go(Layer)
            elif number - since > WORTH_FOLLOWING:
                self._atlas.densities.keep_only(number)
                self._let_go(OF_ADDRESSES)
            elif number > since:
                self._follow_changes(reader, since, number)
        except BaseException:
            self._edition = -1  # half-way: begin anew at the next look
            raise

    def _follow_changes(self, reader: Reader, since: int, number: int) -> None:
        rows = reader.execute(TOUCHED, {"since": since}).all()
        if any(row.kind != "address" for row in rows):
            self._let_go(set(Layer) - OF_ADDRESSES)
        spots = [(row.lon, row.lat) for row in rows if row.lon is not None]
        self._atlas.densities.follow(reader, since, number, spots)
        self._let_go_at(spots)

    def _let_go(self, layers: Iterable[Layer]) -> None:
        gone = frozenset(layers)
        with self._lock:
            for key in [key for key in self._kept if key[0] in gone]:
                self._drop(key)

    def _let_go_at(self, spots: Iterable[tuple[float, float]]) -> None:
        touched = {tile for lon, lat in spots for tile in tiles_at(lon, lat)}
        with self._lock:
            for key in [key for key in self._kept if key[0] in OF_ADDRESSES and key[2] in touched]:
                self._drop(key)


def tiles_at(lon: float, lat: float) -> set[Tile]:
    """The tiles of every grid and zoom that show a point."""
    return {
        tile_at(lon + right, lat + up, z, grid)
        for grid in Grid
        for z in range(DEEPEST + 1)
        for right in (-EDGE, EDGE)
        for up in (-EDGE, EDGE)
    }
