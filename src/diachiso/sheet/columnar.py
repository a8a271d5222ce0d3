"""Parquet: columns with names and types, read by batches."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from diachiso.address.errors import UnreadableSource
from diachiso.sheet.cell import Row

BATCH = 2_000


@dataclass(frozen=True)
class Columnar:
    """A Parquet file."""

    file: Path

    @classmethod
    def of(cls, file: Path) -> "Columnar":
        """Look at a file.

        Raises:
            UnreadableSource: not Parquet, cut off, or without rows.
        """
        one = cls(file)
        if not one.count:
            raise UnreadableSource(f"{file}: tệp rỗng. / there is nothing in it.")
        return one

    @cached_property
    def opened(self) -> Any:  # noqa: ANN401 (pyarrow has no types)
        """The file, by pyarrow."""
        try:
            return parquet.ParquetFile(self.file)
        except (OSError, pa.ArrowException) as fault:
            raise UnreadableSource(
                f"{self.file}: không đọc được. / cannot be read: {fault}"
            ) from None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(self.opened.schema_arrow.names)

    @property
    def count(self) -> int:
        """How many rows there are."""
        return int(self.opened.metadata.num_rows)

    def batches(self, size: int = BATCH) -> Iterator[Any]:
        """The rows as Arrow has them, some thousands at a time.

        Raises:
            UnreadableSource: the file is damaged inside.
        """
        try:
            yield from self.opened.iter_batches(batch_size=size)
        except (OSError, pa.ArrowException) as fault:
            raise UnreadableSource(
                f"{self.file}: không đọc được. / cannot be read: {fault}"
            ) from None

    def rows(self) -> Iterator[Row]:
        """The rows as values."""
        for batch in self.batches():
            columns = [column.to_pylist() for column in batch.columns]
            yield from zip(*columns, strict=True)
