"""The ground a private cluster stands on: an account, a folder, a socket, the system's binaries.

PostgreSQL refuses to run as root, its socket's path fits into 107 bytes, and only the version
that made a folder of data can read it: all three are settled here before a server starts.
"""

import hashlib
import os
import pwd
import re
import secrets
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from diachiso.address.errors import EmbeddedFailed, NoPostgis

DISTRIBUTION = Path("/usr/lib/postgresql")  # Debian and Ubuntu keep every version apart here
ELSEWHERE = Path("/var/lib/diachiso")  # data of clones that the server's account cannot reach
PLAIN = re.compile(r"[\w/.+@~-]{1,92}", re.ASCII)  # with /.s.PGSQL.5432 at most 107 bytes


@dataclass(frozen=True, slots=True)
class Account:
    """Whom the server runs as; never root, which PostgreSQL refuses."""

    uid: int
    gid: int


def claimed(home: Path) -> Path:
    """The home as an absolute path that this account may write to."""
    home = home.absolute()
    try:
        home.mkdir(parents=True, exist_ok=True)
        home = home.resolve()
    except OSError as error:
        raise EmbeddedFailed(f"cannot make {home}: {error.strerror}") from error
    if not os.access(home, os.W_OK | os.X_OK):
        raise EmbeddedFailed(strangers(home))
    return home


def strangers(path: Path) -> str:
    """Say whose folder it is: a clone used as root first and as a user later, mostly."""
    uid = path.stat().st_uid
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = f"account {uid}"
    return (
        f"{path} belongs to {name}: run diachiso with sudo as before, "
        "or start afresh with `sudo make clean` (it deletes the private database)"
    )


def account_for(home: Path) -> Account:
    """This account itself; for root, the owner of what is there, or one that owns little."""
    if os.geteuid():
        return Account(os.geteuid(), os.getegid())
    with suppress(FileNotFoundError):
        owner = (home / "postgres").stat()
        return Account(owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    raise EmbeddedFailed("PostgreSQL refuses to run as root, and no account `postgres` is here")


def folder_for(home: Path, account: Account) -> Path:
    """The folder that belongs to the server's account: in the home, or linked from there."""
    folder = home / "postgres"
    if not folder.exists():
        folder.unlink(missing_ok=True)  # a link to data that somebody deleted
        if reaches(account, home):
            own(folder, account)
        else:
            ELSEWHERE.mkdir(parents=True, exist_ok=True)
            folder.symlink_to(own(ELSEWHERE / secrets.token_hex(8), account))
    if folder.stat().st_uid != account.uid:
        raise EmbeddedFailed(strangers(folder))
    return folder.resolve()


def own(folder: Path, account: Account) -> Path:
    """A folder that only the server's account (and root) may enter.

    Given away only when new: what is there may be somebody's link to another place.
    """
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(folder, account.uid, account.gid)
    return folder


def reaches(account: Account, path: Path) -> bool:
    """Whether the account may pass through every folder above: /root lets nobody in."""
    return run_as(account, ["/usr/bin/test", "-x", str(path)]).returncode == 0


def sockets_for(folder: Path, account: Account) -> Path:
    """A folder for the socket whose path fits into the 107 bytes of unix(7)."""
    inside = folder / "run"
    if PLAIN.fullmatch(str(inside)):
        return own(inside, account)
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    outside = own(Path("/tmp") / f"diachiso-{digest}", account)  # noqa: S108  checked below
    mine = outside.lstat()
    if outside.is_symlink() or (mine.st_uid, mine.st_mode & 0o777) != (account.uid, 0o700):
        raise EmbeddedFailed(f"{outside} is not this cluster's own: delete it")
    return outside


# -- the system's binaries


def made_by(data: Path) -> str | None:
    """The major version that made these data; no other can read them."""
    with suppress(OSError):
        return (data / "PG_VERSION").read_text().strip()
    return None


def binaries(wanted: str | None) -> Path:
    """The newest PostgreSQL here that has PostGIS, or the one that the data ask for."""
    servers = installed()
    if wanted and wanted not in servers:
        raise EmbeddedFailed(f"PostgreSQL {wanted}, which made the data, is gone: {apt(wanted)}")
    for version, (programs, extensions) in servers.items():
        if wanted in {None, version} and (extensions / "postgis.control").exists():
            return programs
    if servers:
        raise NoPostgis(f"PostgreSQL is here, but no PostGIS: {apt(wanted or next(iter(servers)))}")
    raise EmbeddedFailed(f"no PostgreSQL on this machine: {apt(None)}")


def apt(version: str | None) -> str:
    """What a person can type on Debian or Ubuntu."""
    package = f"postgresql-{version}-postgis-3" if version else "postgresql-postgis"
    return f"`make run` installs it, or `sudo apt-get install {package}`"


def installed() -> dict[str, tuple[Path, Path]]:
    """Version -> (binaries, extensions), newest first; off Debian what pg_config names."""
    found = {
        path.parent.name: (path, Path("/usr/share/postgresql", path.parent.name, "extension"))
        for path in sorted(DISTRIBUTION.glob("[0-9]*/bin"), key=major, reverse=True)
        if (path / "initdb").exists()
    }
    return found or configured()


def major(path: Path) -> int:
    """9 comes before 15."""
    return int(re.sub(r"\D.*", "", path.parent.name))


def configured() -> dict[str, tuple[Path, Path]]:
    """The PostgreSQL whose pg_config is on the PATH, if any."""
    if not (program := shutil.which("pg_config")):
        return {}
    asked = [program, "--bindir", "--sharedir", "--version"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603
    if answer.returncode:  # the distribution's stands in for one that is not installed
        return {}
    bindir, sharedir, version = answer.stdout.splitlines()
    if not (Path(bindir) / "initdb").exists():
        return {}
    return {version.split()[1].split(".")[0]: (Path(bindir), Path(sharedir, "extension"))}


def run_as(
    account: Account, command: Sequence[str], *, cwd: Path = Path("/"), log: IO[bytes] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run as the server's account, in a session of its own, where Ctrl-C does not reach.

    None of the caller's PG* variables gets through.
    """
    root = os.geteuid() == 0
    return subprocess.run(  # noqa: S603  a list, no shell, binaries of the system
        command,
        check=False,
        cwd=cwd,
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=log or subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        umask=0o077,
        user=account.uid if root else None,
        group=account.gid if root else None,
        extra_groups=[] if root else None,
    )
