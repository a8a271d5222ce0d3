"""A copy of a registry as files: addresses, streets and units in (Geo)Parquet.

Each file carries the number that it stands at, within itself, and is written anew beside the old
one and renamed over it: whoever opens it finds a whole file, and a copy that is killed at any
moment goes on from what its files say. Rows are in the order of their identities, and are merged
with the changes a group at a time: memory stays flat.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from heapq import merge
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import shapely
from pyarrow import parquet

from diachiso.address.errors import FeedBroken, UnreadableSource
from diachiso.store.replica import KINDS, Told, dumped, must_be_of

POSITION, ORIGIN = b"diachiso:number", b"diachiso:origin"
FILES = {"address": "addresses.parquet", "street": "streets.parquet", "unit": "units.parquet"}
GROUP = 20_000
"""Rows that are in memory at a time."""
LAG = 10_000
"""A file that a page does not touch is written anew when it lags this far behind."""
LOCK = ".diachiso-replica.lock"

_PLAIN = [pa.field("id", pa.int64(), nullable=False), pa.field("told", pa.string(), nullable=False)]
_TEXTS = {
    "address": ("code", "state", "number", "street", "ward"),
    "street": ("name",),
    "unit": ("level", "code"),
}
Row = tuple[int, str]


class FolderCopy:
    """The copy in a folder."""

    def __init__(self, folder: Path, origin: str) -> None:
        self._folder = folder
        self._origin = origin
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = (folder / LOCK).open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FeedBroken(
                f"{folder}: tiến trình khác đang theo dõi. / another process follows into it."
            ) from None
        except OSError as fault:
            raise UnreadableSource(f"{folder}: {fault.strerror}") from None

    def close(self) -> None:
        """Let others follow into the folder."""
        self._lock.close()

    def position(self) -> int | None:
        """The number up to which all files are right; None where one is missing.

        Raises:
            FeedBroken: they are of something else.
        """
        standing = [self._standing(kind) for kind in KINDS]
        known = [one for one in standing if one is not None]
        return min(known) if len(known) == len(KINDS) else None

    def begin(self, number: int, standing: Iterable[Told]) -> int:
        """Write all files from a snapshot, and rename them together when it has come whole."""
        count = 0
        with self._fresh(number) as writers:
            for one in standing:
                writers[one.kind or ""].add((one.subject, dumped(one.after)))
                count += 1
        return count

    def apply(self, since: int, until: int, changes: Iterable[Told]) -> None:
        """Follow changes from one number to another.

        Raises:
            FeedBroken: the files stand elsewhere.
        """
        told = list(changes)
        for kind in KINDS:
            stands = self._standing(kind)
            if stands is None or stands < since:
                raise FeedBroken(f"{self._folder / FILES[kind]}: {stands} < {since}")
            latest = {one.subject: one for one in told if one.kind == kind and one.number > stands}
            if latest or until - stands >= LAG:
                self._rewrite(kind, until, latest)

    def _rewrite(self, kind: str, until: int, latest: Mapping[int, Told]) -> None:
        file = self._folder / FILES[kind]
        fresh = [
            (one.subject, dumped(one.after))
            for one in sorted(latest.values(), key=lambda one: one.subject)
            if one.after is not None
        ]
        with _Writer(self._temporary(kind), kind, self._meta(until)) as writer:
            kept = (row for row in _rows(file) if row[0] not in latest)
            for row in merge(kept, fresh):
                writer.add(row)
        self._temporary(kind).replace(file)
        _sync(self._folder)

    @contextmanager
    def _fresh(self, number: int) -> Iterator[dict[str, "_Writer"]]:
        writers = {kind: _Writer(self._temporary(kind), kind, self._meta(number)) for kind in KINDS}
        try:
            yield writers
        finally:
            for writer in writers.values():
                writer.close()
        for kind in KINDS:
            self._temporary(kind).replace(self._folder / FILES[kind])
        _sync(self._folder)

    def _temporary(self, kind: str) -> Path:
        return self._folder / f".{FILES[kind]}.part"

    def _meta(self, number: int) -> dict[bytes, bytes]:
        return {POSITION: str(number).encode(), ORIGIN: self._origin.encode()}

    def _standing(self, kind: str) -> int | None:
        file = self._folder / FILES[kind]
        if not file.exists():
            return None
        try:
            told = parquet.read_schema(file).metadata or {}
            number, origin = int(told[POSITION]), told[ORIGIN].decode()
        except (OSError, KeyError, ValueError, pa.ArrowInvalid):
            raise FeedBroken(
                f"{file}: không phải tệp của bản sao. / not a file of a copy; move it away."
            ) from None
        must_be_of(origin, self._origin)
        return number


class _Writer:
    """One file, written a group of rows at a time."""

    def __init__(self, file: Path, kind: str, meta: Mapping[bytes, bytes]) -> None:
        self._file = file
        self._kind = kind
        fields = [*_PLAIN, *(pa.field(name, pa.string()) for name in _TEXTS[kind])]
        told = dict(meta)
        if kind == "address":
            fields.append(pa.field("geometry", pa.binary()))
            told[b"geo"] = json.dumps(_GEO).encode()
        self._schema = pa.schema(fields, metadata=told)
        self._out = parquet.ParquetWriter(file, self._schema, compression="zstd")
        self._held: list[Row] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, row: Row) -> None:
        """Write a row, soon."""
        self._held.append(row)
        if len(self._held) >= GROUP:
            self._flush()

    def close(self) -> None:
        """Write what is held, and see that it is on the disk."""
        self._flush()
        self._out.close()
        with self._file.open("rb+") as written:
            os.fsync(written.fileno())

    def _flush(self) -> None:
        if not self._held:
            return
        told = [json.loads(text) for _, text in self._held]
        latest = [one["versions"][-1] if self._kind == "address" else one for one in told]
        columns: dict[str, Any] = {
            "id": [identity for identity, _ in self._held],
            "told": [text for _, text in self._held],
        }
        for name in _TEXTS[self._kind]:
            columns[name] = [
                new.get(name) or whole.get(name) for new, whole in zip(latest, told, strict=True)
            ]
        if self._kind == "address":
            spots = shapely.points([(one["lon"], one["lat"]) for one in latest])
            columns["geometry"] = list(shapely.to_wkb(spots))
        self._out.write_table(pa.table(columns, schema=self._schema))
        self._held.clear()


_GEO = {
    "version": "1.1.0",
    "primary_column": "geometry",
    "columns": {"geometry": {"encoding": "WKB", "geometry_types": ["Point"]}},
}


def _rows(file: Path) -> Iterator[Row]:
    with parquet.ParquetFile(file) as kept:
        for batch in kept.iter_batches(GROUP, columns=["id", "told"]):
            yield from zip(batch["id"].to_pylist(), batch["told"].to_pylist(), strict=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
