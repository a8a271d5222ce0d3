"""The part file: what has been found so far, beside the output, so that nothing is asked twice.

Its first line says what it belongs to (the input's hash, the columns, the day, the edition of the
data); every further line is the result of a row. It is the user's own data: mode 0600. A line that
a crash cut short is cut off, and its row is asked again.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import IO, Self

import orjson

from diachiso.address.errors import UnreadableSource
from diachiso.sheet.cell import Row

SUFFIX = ".part"
FORMAT = 1
OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class Belonging:
    """What a part is bound to: when one of these differs, it is begun anew."""

    input_sha256: str
    sheet: str | None
    columns: str
    as_of: str
    edition: str
    format: int = FORMAT

    def differs_from(self, other: "Belonging") -> tuple[str, ...]:
        """The names of what differs."""
        theirs = asdict(other)
        return tuple(name for name, value in asdict(self).items() if theirs[name] != value)


@dataclass(slots=True)
class Part:
    """An open part: how many rows it holds; rows are added at its end."""

    file: Path
    belonging: Belonging
    done: int
    _stream: IO[bytes]
    begun_anew: tuple[str, ...] = ()

    @classmethod
    def open(cls, file: Path, belonging: Belonging, *, day_is_given: bool) -> Self:
        """Go on with the part that is there if it belongs to the same; else begin.

        Without a day of the caller's own, the part keeps the day on which it was begun.

        Raises:
            UnreadableSource: another run is writing it, or it cannot be written.
        """
        try:
            stream = os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, OWNER_ONLY), "r+b")
        except OSError as fault:
            raise UnreadableSource(
                f"{file}: không ghi được. / cannot be written: {fault.strerror}"
            ) from None
        _lock(file, stream)
        kept = _belonging(stream.readline())
        if kept is None:
            return cls._begun(file, belonging, stream)
        if not day_is_given:
            belonging = replace(belonging, as_of=kept.as_of)
        if differing := belonging.differs_from(kept):
            return cls._begun(file, belonging, stream, differing)
        return cls(file, belonging, _cut_to_whole_lines(stream), stream)

    @classmethod
    def _begun(
        cls, file: Path, belonging: Belonging, stream: IO[bytes], differing: tuple[str, ...] = ()
    ) -> Self:
        stream.seek(0)
        stream.truncate()
        stream.write(orjson.dumps(asdict(belonging)) + b"\n")
        stream.flush()
        return cls(file, belonging, 0, stream, differing)

    @property
    def as_of(self) -> date:
        """The day that is asked for."""
        return date.fromisoformat(self.belonging.as_of)

    def add(self, rows: Iterable[Row]) -> None:
        """Write down results; they survive whatever comes."""
        lines = [orjson.dumps(row) + b"\n" for row in rows]
        self._stream.write(b"".join(lines))
        self._stream.flush()
        self.done += len(lines)

    def results(self) -> Iterator[Row]:
        """The results so far, row by row."""
        with self.file.open("rb") as stream:
            stream.readline()
            for line in stream:
                yield tuple(orjson.loads(line))

    def close(self) -> None:
        """Leave it for the next run."""
        self._stream.close()

    def remove(self) -> None:
        """All is done: it is not needed any more."""
        self.close()
        self.file.unlink(missing_ok=True)


def part_of(output: Path) -> Path:
    """Where the part of an output lies."""
    return output.with_name(output.name + SUFFIX)


def sha256_of(file: Path) -> str:
    """The hash of a file's bytes."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _lock(file: Path, stream: IO[bytes]) -> None:
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        stream.close()
        raise UnreadableSource(
            f"{file}: một lệnh khác đang ghi tệp này. / another run is at work on this file."
        ) from None


def _belonging(line: bytes) -> Belonging | None:
    try:
        return Belonging(**orjson.loads(line))
    except (orjson.JSONDecodeError, TypeError):
        return None


def _cut_to_whole_lines(stream: IO[bytes]) -> int:
    """Cut off what a crash left unfinished; how many rows are whole. The stream is at the end."""
    done, end = 0, stream.tell()
    for line in stream:
        if not line.endswith(b"\n"):
            break
        done, end = done + 1, end + len(line)
    stream.seek(end)
    stream.truncate()
    return done
