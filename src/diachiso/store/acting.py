"""Who acts, told to the database: one transaction with no more rights than theirs."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, func, select, text

from diachiso.registry.officer import Act
from diachiso.store.engine import APPLICATION, Reader, Writer


@contextmanager
def acting(
    engine: Engine, officer: int | None, scopes: Collection[Act] | None = None
) -> Iterator[Writer]:
    """One transaction in which this officer acts, with no more rights than the service's."""
    with engine.begin() as connection:
        writer = Writer(Reader(connection))
        writer.execute(text(f"SET LOCAL ROLE {APPLICATION}"))
        says(writer, officer, scopes)
        yield writer


def says(reader: Reader, officer: int | None, scopes: Collection[Act] | None = None) -> None:
    """Tell row-level security who acts, and what their key is for, until the transaction ends."""
    told = "" if officer is None else str(officer)
    narrowed = "" if scopes is None else ",".join(sorted(scopes)) or "-"
    reader.execute(
        select(
            func.set_config("diachiso.officer", told, True),
            func.set_config("diachiso.scopes", narrowed, True),
        )
    )
