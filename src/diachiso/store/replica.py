"""A copy of a registry in somebody's PostGIS: what was told, and up to which number, together.

What is told is kept as it came, in `told`; the columns beside it are computed from that by the
database. Rows and position are committed in one transaction, so a copy that is killed at any
moment stands at a number of the feed, and goes on from there.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol, Self

from psycopg import sql
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from diachiso.address.errors import FeedBroken, NoPostgis
from diachiso.store.engine import Reader, Writer, make_engine, normal_url

SCHEMA = "diachiso_replica"
LATEST = "(told #> '{versions,-1}')"
TABLES = f"""
CREATE SCHEMA IF NOT EXISTS {SCHEMA};
CREATE TABLE IF NOT EXISTS {SCHEMA}.position (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    number bigint NOT NULL,
    origin text NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS {SCHEMA}.address (
    id bigint PRIMARY KEY,
    told jsonb NOT NULL,
    code text GENERATED ALWAYS AS (told ->> 'code') STORED,
    state text GENERATED ALWAYS AS ({LATEST} ->> 'state') STORED,
    number text GENERATED ALWAYS AS ({LATEST} ->> 'number') STORED,
    street text GENERATED ALWAYS AS ({LATEST} ->> 'street') STORED,
    ward text GENERATED ALWAYS AS ({LATEST} ->> 'ward') STORED,
    geom geometry(Point, 4326) GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(
        ({LATEST} ->> 'lon')::float8, ({LATEST} ->> 'lat')::float8), 4326)) STORED
);
CREATE INDEX IF NOT EXISTS address_code ON {SCHEMA}.address (code);
CREATE INDEX IF NOT EXISTS address_ward ON {SCHEMA}.address (ward);
CREATE INDEX IF NOT EXISTS address_geom ON {SCHEMA}.address USING gist (geom);
CREATE TABLE IF NOT EXISTS {SCHEMA}.street (
    id bigint PRIMARY KEY,
    told jsonb NOT NULL,
    name text GENERATED ALWAYS AS (told ->> 'name') STORED
);
CREATE TABLE IF NOT EXISTS {SCHEMA}.unit (
    id bigint PRIMARY KEY,
    told jsonb NOT NULL,
    level text GENERATED ALWAYS AS (told ->> 'level') STORED,
    code text GENERATED ALWAYS AS (told ->> 'code') STORED
);
"""
KINDS = ("address", "street", "unit")
UPSERT = {
    kind: text(
        f"INSERT INTO {SCHEMA}.{kind} (id, told) VALUES (:id, CAST(:told AS jsonb))"  # noqa: S608
        " ON CONFLICT (id) DO UPDATE SET told = excluded.told"
    )
    for kind in KINDS
}
DELETE = {kind: text(f"DELETE FROM {SCHEMA}.{kind} WHERE id = :id") for kind in KINDS}  # noqa: S608


class Told(Protocol):
    """What is told of a subject; `after` None: withdrawn."""

    @property
    def number(self) -> int:
        """The number of the change."""
        ...

    @property
    def kind(self) -> str | None:
        """Address, street or unit; None: nothing is told."""
        ...

    @property
    def subject(self) -> int:
        """The identity."""
        ...

    @property
    def after(self) -> Mapping[str, Any] | None:
        """What is public from then on."""
        ...


class PostgisCopy:
    """The copy in a database."""

    def __init__(self, engine: Engine, origin: str) -> None:
        self._engine = engine
        self._origin = origin

    @classmethod
    def at(cls, url: str, origin: str) -> Self:
        """The copy at a database URL, its tables made where they are missing.

        Raises:
            NoPostgis: the database has none, and the user may not make it.
        """
        copy = cls(make_engine(normal_url(url)), origin)
        try:
            with copy._engine.begin() as connection:
                connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('diachiso.copy'))"))
                connection.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
                connection.execute(text(TABLES))
        except ProgrammingError as fault:
            raise NoPostgis(
                f"Không lập được bảng: / Cannot make the tables: {fault.orig}"
            ) from None
        return copy

    def close(self) -> None:
        """Let go of the connections."""
        self._engine.dispose()

    def position(self) -> int | None:
        """The number up to which the copy is right; None where there is none yet.

        Raises:
            FeedBroken: it is a copy of something else.
        """
        with self._engine.connect() as connection:
            row = connection.execute(
                text(f"SELECT number, origin FROM {SCHEMA}.position")  # noqa: S608 (our own name)
            ).one_or_none()
        if row is None:
            return None
        must_be_of(row.origin, self._origin)
        return int(row.number)

    def begin(self, number: int, standing: Iterable[Told]) -> int:
        """Fill the copy from a snapshot, all or nothing; how many there are."""
        count = 0
        with self._writing() as writer:
            writer.execute(text(f"TRUNCATE {', '.join(f'{SCHEMA}.{kind}' for kind in KINDS)}"))
            for kind, group in _runs(standing):
                count += _copy_in(writer, kind, group)
            self._move(writer, None, number)
        return count

    def apply(self, since: int, until: int, changes: Iterable[Told]) -> None:
        """Follow changes from one number to another.

        Raises:
            FeedBroken: the copy stands elsewhere: another process follows into it.
        """
        with self._writing() as writer:
            latest = {(one.kind, one.subject): one for one in changes if one.kind}
            for kind in KINDS:
                here = [one for (its, _), one in latest.items() if its == kind]
                told = [{"id": x.subject, "told": dumped(x.after)} for x in here if x.after]
                gone = [{"id": one.subject} for one in here if not one.after]
                for statement, rows in ((UPSERT[kind], told), (DELETE[kind], gone)):
                    if rows:
                        writer.execute(statement, rows)
            self._move(writer, since, until)

    @contextmanager
    def _writing(self) -> Iterator[Writer]:
        with self._engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('diachiso.copy'))"))
            yield Writer(Reader(connection))

    def _move(self, writer: Writer, since: int | None, until: int) -> None:
        row = {"number": until, "since": since, "origin": self._origin}
        if since is None:
            moving = f"""
                INSERT INTO {SCHEMA}.position (number, origin) VALUES (:number, :origin)
                ON CONFLICT (one) DO UPDATE
                SET number = excluded.number, origin = excluded.origin, at = now()
            """  # noqa: S608 (our own name)
        else:
            moving = (
                f"UPDATE {SCHEMA}.position SET number = :number, at = now()"  # noqa: S608
                " WHERE number = :since AND origin = :origin"
            )
        if writer.execute(text(moving), row).rowcount != 1:
            raise FeedBroken(
                f"Bản sao không còn ở số {since}. / The copy is no longer at {since}: another "
                "process follows into it."
            )


def must_be_of(origin: str, wanted: str) -> None:
    """See that a copy is of what is to be followed.

    Raises:
        FeedBroken: of something else.
    """
    if origin != wanted:
        raise FeedBroken(
            f"Đây là bản sao của {origin}, không phải của {wanted}. / This is a copy of {origin}, "
            f"not of {wanted}; choose another place, or delete it."
        )


def _runs(standing: Iterable[Told]) -> Iterator[tuple[str, Iterator[Told]]]:
    """A snapshot by kinds, each handed on as it comes in."""
    coming = iter(standing)
    first = next(coming, None)
    while first is not None:
        run = _Run(first, coming)
        yield run.kind, iter(run)
        first = run.after


class _Run:
    """What is of one kind, and the first that is not."""

    def __init__(self, first: Told, coming: Iterator[Told]) -> None:
        self.kind = first.kind or ""
        self.after: Told | None = None
        self._first = first
        self._coming = coming

    def __iter__(self) -> Iterator[Told]:
        yield self._first
        for one in self._coming:
            if one.kind != self.kind:
                self.after = one
                return
            yield one


def _copy_in(writer: Writer, kind: str, standing: Iterable[Told]) -> int:
    """Rows by COPY, the fast way in."""
    raw = writer.connection.driver_connection
    if raw is None or kind not in KINDS:
        raise FeedBroken(f"{kind!r}?")
    into = sql.SQL("COPY {} (id, told) FROM STDIN").format(sql.Identifier(SCHEMA, kind))
    count = 0
    with raw.cursor() as cursor, cursor.copy(into) as copy:
        for one in standing:
            copy.write_row((one.subject, dumped(one.after)))
            count += 1
    return count


def dumped(after: Mapping[str, Any] | None) -> str:
    """What was told, as text."""
    return json.dumps(after, ensure_ascii=False)
