"""A private PostGIS cluster, so that a clone of the registry needs no database administrator.

The binaries are the system's; the data, the socket and the log are the clone's own, below
`home`. Nothing listens on the network, and no other cluster of the machine is touched. The
cluster runs while somebody uses it: every process in `running` holds a shared lock, and the
last one out stops the server. See docs/decisions/0003-embedded-cluster.md.
"""

import fcntl
import os
import re
import shlex
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg
from psycopg import sql

from diachiso.address.errors import EmbeddedFailed
from diachiso.store.premises import (
    Account,
    account_for,
    binaries,
    claimed,
    folder_for,
    made_by,
    run_as,
    sockets_for,
)

ROLE = "diachiso"
PORT = 5432  # a part of the socket's name; nothing listens on it
EXTENSIONS = ("postgis", "btree_gist")
PATIENCE_S = 300  # recovery after a power cut in the middle of a load takes minutes
QUIETLY = ("--silent", "--wait", f"--timeout={PATIENCE_S}", "--pgdata=data")

# Two cores and a few GB, shared with the service itself; durable, one machine, no replicas.
SERVER = {
    "listen_addresses": "",
    "port": PORT,
    "unix_socket_permissions": "0700",
    "cluster_name": ROLE,
    "max_connections": 150,
    "max_locks_per_transaction": 256,  # a migration test touches many tables at once
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "wal_level": "minimal",  # loading into a new table writes it once
    "max_wal_senders": 0,
    "wal_compression": "on",
    "random_page_cost": 1.1,
    "jit": "off",  # answers take less than a compilation
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] %d ",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """A private cluster: where its data lie, and the socket that leads to it."""

    home: Path
    bin: Path
    data: Path
    sockets: Path
    account: Account

    @property
    def log(self) -> Path:
        """What the server had to say."""
        return self.home / "postgres.log"

    def url(self, database: str) -> str:
        """SQLAlchemy's address of a database of this cluster, over the unix socket."""
        host = quote(str(self.sockets), safe="")
        return f"postgresql+psycopg://{ROLE}@/{quote(database, safe='')}?host={host}&port={PORT}"

    def connect(self, database: str) -> psycopg.Connection:
        """A plain connection that commits each statement, as CREATE DATABASE asks."""
        return psycopg.connect(
            host=str(self.sockets),
            port=PORT,
            user=ROLE,
            dbname=database,
            connect_timeout=10,
            autocommit=True,
        )


@contextmanager
def running(home: Path) -> Iterator[Cluster]:
    """The cluster of `home`, up for as long as this process or any other stays inside.

    Raises EmbeddedFailed or NoPostgis with what is wrong and what to do about it.
    """
    home = claimed(home)
    with lockfile(home / "start.lock") as gate, lockfile(home / "users.lock") as users:
        with held(gate):
            fcntl.flock(users, fcntl.LOCK_SH)
            cluster = placed(home)
        try:
            with held(gate):
                start(cluster)
            yield cluster
        finally:
            with held(gate):
                if is_last(users):
                    stop(cluster)


def ensure_database(cluster: Cluster, name: str) -> None:
    """See that a database of this name exists, with PostGIS in it; safe to ask at any time."""
    with cluster.connect("postgres") as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext('diachiso: databases'))")
        known = connection.execute("SELECT FROM pg_database WHERE datname = %s", [name])
        if not known.rowcount:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        ensure_extensions(cluster, name)


def ensure_extensions(cluster: Cluster, name: str) -> None:
    """Polygons and date ranges in one constraint need both extensions."""
    with cluster.connect(name) as connection:
        for extension in EXTENSIONS:
            create = sql.SQL("CREATE EXTENSION IF NOT EXISTS {}")
            try:
                connection.execute(create.format(sql.Identifier(extension)))
            except psycopg.Error as error:
                reason = f"the private database takes no {extension}: {error}"
                raise EmbeddedFailed(reason) from error


def placed(home: Path) -> Cluster:
    """Where the cluster of this home lies, its folder made if this is the first time."""
    account = account_for(home)
    folder = folder_for(home, account)
    data = folder / "data"
    return Cluster(home, binaries(made_by(data)), data, sockets_for(folder, account), account)


# -- up and down, always behind the gate


def start(cluster: Cluster) -> None:
    """Bring the server up unless it answers; one that is starting or dying is waited for."""
    deadline = time.monotonic() + PATIENCE_S
    while not answers(cluster):
        if not inhabited(cluster.data):
            launch(cluster)
            return
        if time.monotonic() > deadline:
            raise EmbeddedFailed(
                f"the private database neither answers nor ends; see {cluster.log}"
            )
        time.sleep(0.1)


def answers(cluster: Cluster) -> bool:
    """Whether a server takes connections on our socket, be they all in use at the moment."""
    where = psycopg.conninfo.make_conninfo(host=str(cluster.sockets), port=PORT, user=ROLE)
    return psycopg.pq.PGconn.ping(where.encode()) == psycopg.pq.Ping.OK


def inhabited(data: Path) -> bool:
    """Whether a server lives on these data: each of its processes sits in that folder.

    A number in postmaster.pid proves nothing: after a reboot or in a new container another
    process has it.
    """

    def sits(process: Path) -> bool:
        with suppress(OSError):
            name = (process / "comm").read_text().strip()
            return name == "postgres" and (process / "cwd").readlink() == data
        return False

    return any(sits(process) for process in Path("/proc").glob("[0-9]*"))


def launch(cluster: Cluster) -> None:
    """Start a server where none lives; on an empty folder, make the cluster first."""
    if not made_by(cluster.data):
        initialise(cluster)
    for leftover in (*cluster.data.glob("postmaster.pid"), *cluster.sockets.glob(".s.PGSQL.*")):
        leftover.unlink()  # of a server that was killed; its number may be another process's now
    settings = SERVER | {"unix_socket_directories": cluster.sockets}
    options = shlex.join(f"-c{name}={value}" for name, value in settings.items())
    run_or_fail(cluster, "pg_ctl", ["start", *QUIETLY, "-o", options])


def initialise(cluster: Cluster) -> None:
    """Make an empty cluster beside its place and move it in whole: half of one never starts."""
    fresh = cluster.data.with_name("data.new")
    shutil.rmtree(fresh, ignore_errors=True)
    who = ["-U", ROLE, "--auth-local=trust", "--auth-host=reject"]
    run_or_fail(cluster, "initdb", ["-D", fresh.name, "-E", "UTF8", "--locale=C.UTF-8", "-k", *who])
    fresh.rename(cluster.data)


def stop(cluster: Cluster) -> None:
    """End the server, open transactions and all; whoever asked for them has left."""
    if inhabited(cluster.data):
        run_or_fail(cluster, "pg_ctl", ["stop", *QUIETLY, "--mode=fast"])


def run_or_fail(cluster: Cluster, program: str, arguments: Sequence[str]) -> None:
    """Run one of the system's programs beside the data, its words going to the log."""
    with lockfile(cluster.log) as log:
        since = log.seek(0, os.SEEK_END)
        command = [str(cluster.bin / program), *arguments]
        code = run_as(cluster.account, command, cwd=cluster.data.parent, log=log).returncode
    if code:
        reason = complaint(cluster.log.read_bytes()[since:].decode(errors="replace"))
        raise EmbeddedFailed(f"the private database: {program} failed{reason}; see {cluster.log}")


def complaint(words: str) -> str:
    """The line that says why, among all the others."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    grave = [line for line in lines if re.search(r"\b(FATAL|PANIC|error|could not)\b", line)]
    return f" ({(grave or lines)[0]})" if lines else ""


# -- locks: the gate for starting and stopping, one file for everybody inside


def lockfile(path: Path) -> IO[bytes]:
    """A file of the home, open; made by root in a user's home, it is the user's."""
    file = path.open("ab")
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
    return file


@contextmanager
def held(gate: IO[bytes]) -> Iterator[None]:
    """One at a time: nobody starts a server that another is stopping."""
    fcntl.flock(gate, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(gate, fcntl.LOCK_UN)


def is_last(users: IO[bytes]) -> bool:
    """Whether nobody else is inside; the kernel lets go of the locks of the killed."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
