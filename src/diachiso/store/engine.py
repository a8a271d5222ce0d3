"""Engines, who may read and who may write, and the state of the schema.

`located` is how every command and the service find their database: the one of
DIACHISO_DATABASE_URL, or else the private cluster, started when needed.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NewType, NoReturn, cast

from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from diachiso.address.errors import (
    NoPostgis,
    RoleMissing,
    SchemaOutdated,
    StoreUnreachable,
)
from diachiso.settings import CHECKOUT, Settings
from diachiso.store import embedded

DATABASE = "diachiso"
APPLICATION = "diachiso_app"
"""The role that the service works as: it owns nothing, and row-level security binds it."""
MIGRATIONS = CHECKOUT / "migrations"
POOL_SIZE, POOL_OVERFLOW = 20, 20
"""Together at least the 40 threads that serve requests: a request never waits for a connection."""

Reader = NewType("Reader", Connection)
Writer = NewType("Writer", Reader)
"""A writer may be handed where a reader is asked for; the type checker refuses the reverse."""


class NotInMemory(Exception):
    """What was asked for is not in memory: the database has to be asked."""


class _InMemoryOnly:
    def execute(self, *_: object) -> NoReturn:
        raise NotInMemory


IN_MEMORY_ONLY = cast("Reader", _InMemoryOnly())
"""Stands for a connection where none is open; to ask it anything raises NotInMemory."""


@contextmanager
def located(settings: Settings) -> Iterator[str]:
    """The URL of the database, with the private cluster running as long as the block.

    Raises:
        StoreUnreachable: no server answers at DIACHISO_DATABASE_URL.
        NoPostgis: the server has no PostGIS and cannot be given it.
        EmbeddedFailed: the private cluster does not start.
    """
    if settings.database_url is not None:
        url = normal_url(settings.database_url)
        _prepare(url)
        yield url
        return
    with embedded.running(settings.home) as cluster:
        embedded.ensure_database(cluster, DATABASE)
        yield cluster.url(DATABASE)


def normal_url(url: str) -> str:
    """Any usual PostgreSQL URL, spoken by psycopg 3."""
    try:
        parsed = make_url(url)
    except Exception as fault:  # noqa: BLE001 (SQLAlchemy raises several kinds here)
        raise StoreUnreachable(f"DIACHISO_DATABASE_URL: {fault}") from None
    return parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def _prepare(url: str) -> None:
    """See that the server answers and has PostGIS."""
    shown = make_url(url).render_as_string(hide_password=True)
    try:
        with briefly(url) as connection:
            for extension in ("postgis", "btree_gist"):
                _ensure_extension(connection, extension, shown)
    except OperationalError as fault:
        reason = str(fault.orig).strip().splitlines()[0]
        raise StoreUnreachable(
            f"Không kết nối được {shown}. / No database answers at {shown}: {reason}. "
            "Check DIACHISO_DATABASE_URL, or unset it to use the private cluster."
        ) from None


def _ensure_extension(connection: Connection, name: str, shown: str) -> None:
    known = text("SELECT installed_version FROM pg_available_extensions WHERE name = :name")
    row = connection.execute(known, {"name": name}).one_or_none()
    if row is None:
        raise NoPostgis(
            f"Máy chủ tại {shown} không có {name}. / The server at {shown} does not have {name}: "
            "install the distribution's postgresql-NN-postgis-3 (and -contrib) on it, then retry."
        )
    if row.installed_version is not None:
        return
    try:
        connection.exec_driver_sql(f"CREATE EXTENSION IF NOT EXISTS {name}")
    except ProgrammingError:  # PostGIS takes a superuser: to own the database is not enough
        raise NoPostgis(
            f"CREATE EXTENSION {name}: không đủ quyền tại {shown}. / not allowed at {shown}: "
            f"let an administrator run CREATE EXTENSION {name} in this database once."
        ) from None


@contextmanager
def briefly(url: str) -> Iterator[Connection]:
    """One transaction on an engine of its own, gone afterwards."""
    engine = make_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def make_engine(url: str, *, role: str | None = None) -> Engine:
    """An engine whose pool holds a connection for every serving thread.

    With a role, every connection works as that role from the beginning, and may do no more.
    """
    arguments: dict[str, Any] = {"connect_timeout": 10, "application_name": "diachiso"}
    if role is not None:
        arguments["options"] = f"{make_url(url).query.get('options', '')} -c role={role}".strip()
        # who serves asks the same again and again: prepared at once, not from the sixth time on
        arguments["prepare_threshold"] = 0
    return create_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_pre_ping=True,
        pool_use_lifo=True,  # the connection used last knows the statements asked last
        hide_parameters=True,  # what is written into a row belongs in no log
        connect_args=arguments,
    )


MAY_BE = """
SELECT pg_has_role(session_user, oid, CASE WHEN current_setting('server_version_num')::int >= 160000
                                           THEN 'SET' ELSE 'MEMBER' END)
FROM pg_roles WHERE rolname = :role
"""


def require_role(engine: Engine) -> None:
    """See that whoever owns the database may work as the role of the service.

    Raises:
        RoleMissing: says what an administrator must run once.
    """
    with engine.connect() as connection:
        if not connection.scalar(text(MAY_BE), {"role": APPLICATION}):
            raise _role_missing(engine.url.username)


def _role_missing(user: str | None) -> RoleMissing:
    return RoleMissing(
        f"Tài khoản {user} không được làm việc với vai trò {APPLICATION}. / {user} may not make or "
        f"take the role {APPLICATION}, as which the service works: let an administrator of the "
        f'server run once `CREATE ROLE {APPLICATION} NOLOGIN; GRANT {APPLICATION} TO "{user}";`, '
        "then retry."
    )


@contextmanager
def reading(engine: Engine) -> Iterator[Reader]:
    """A read-only transaction: one snapshot, and PostgreSQL itself refuses a write."""
    with engine.connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield Reader(connection)


@contextmanager
def glancing(engine: Engine) -> Iterator[Reader]:
    """A connection for a question, of its own moment: a transaction would cost more than it."""
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        yield Reader(connection)


@contextmanager
def transaction(engine: Engine) -> Iterator[Writer]:
    """One transaction, committed when the block ends well."""
    with engine.begin() as connection:
        yield Writer(Reader(connection))


# -- the schema ----------------------------------------------------------------------------------


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the schema up to a revision.

    Raises:
        RoleMissing: the owner may not make the role of the service.
    """
    have, need = revisions(engine)
    if revision == "head" and have == need:
        return
    try:
        with _alembic(engine) as (command, config):
            command.upgrade(config, revision)
    except ProgrammingError as fault:
        if isinstance(fault.orig, InsufficientPrivilege) and APPLICATION in str(fault.statement):
            raise _role_missing(engine.url.username) from None
        raise


def migrate_down(engine: Engine, revision: str = "base") -> None:
    """Take the schema down to a revision; what newer tables held is gone."""
    with _alembic(engine) as (command, config):
        command.downgrade(config, revision)


def check_models(engine: Engine) -> None:
    """Fail when the tables as declared differ from the tables as migrated."""
    with _alembic(engine) as (command, config):
        command.check(config)


@contextmanager
def _alembic(engine: Engine) -> Iterator[tuple[Any, Any]]:
    """Alembic's commands and what they are to work on, in one transaction."""
    from alembic import command, config  # noqa: PLC0415 (half a second, for those who migrate)

    told = config.Config(
        stdout=sys.stdout
    )  # of now: by itself it keeps the one it was imported under
    told.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        told.attributes["connection"] = connection
        yield command, told


def revisions(engine: Engine) -> tuple[str | None, str | None]:
    """The schema's revision, and the newest that this program knows."""
    with engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT to_regclass('alembic_version')").scalar()
        if kept is None:
            return None, _newest()
        have = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        return have, _newest()


def _newest() -> str | None:
    """The revision that no other follows, as the migrations' own words have it."""
    texts = [file.read_text("utf-8") for file in (MIGRATIONS / "versions").glob("*.py")]
    here, followed = (
        {found[1] for text in texts if (found := re.search(pattern, text, re.MULTILINE))}
        for pattern in (r'^revision = "(.+)"', r'^down_revision = "(.+)"')
    )
    return next(iter(here - followed), None)


def require_schema(engine: Engine) -> None:
    """Refuse to serve from a schema that is older (or newer) than the program.

    Raises:
        SchemaOutdated: says which revision is there, which is needed, and what to run.
    """
    have, need = revisions(engine)
    if have != need:
        raise SchemaOutdated(
            f"Lược đồ dữ liệu là {have or 'trống'}, cần {need}: chạy `diachiso migrate`. / "
            f"The schema is at {have or 'nothing'}, this program needs {need}: "
            "run `diachiso migrate`."
        )
