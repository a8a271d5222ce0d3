"""Files that were sent in: each in a folder of DIACHISO_HOME with what is asked of it.

They may hold more than an address, names of people too: so they lie beside the database, readable
by their owner alone, are told to nobody but who sent them, and are taken away after some days.
What was entered and how far a file is stands in the database; here stands only what was asked.
"""

import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from diachiso.address.errors import DiachisoError, UnknownIntake, UnreadableSource
from diachiso.registry.officer import Act
from diachiso.sheet.table import PACKAGES, PARQUET, TEXTS, WORKBOOKS
from diachiso.taking.run import Taker

FOLDER = "intakes"
ORDER = "order.json"
BACK = "back"
MARK = re.compile(r"[0-9a-f]{16}")
KNOWN = TEXTS | WORKBOOKS | PARQUET | PACKAGES
UNFIT = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
LONGEST_STEM = 60
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent in, and how it stands with it."""

    folder: Path
    name: str
    taker: Taker
    sent: float
    sheet: str | None = None
    intake: int | None = None
    """The run that was asked for last, dry or not."""
    asked_at: float = 0.0
    fault: Mapping[str, str] | None = None
    """Why that run did not come to its end: the kind of error and its sentence."""

    @property
    def id(self) -> str:
        """What it is called by; not to be guessed."""
        return self.folder.name

    @property
    def file(self) -> Path:
        """The file itself."""
        return self.folder / self.name

    @property
    def marked(self) -> Path | None:
        """The file with its faults marked, once it is written."""
        return next((one for one in self.back.glob("[!.]*") if self.intake), None)

    @property
    def back(self) -> Path:
        """Where the marked file is written."""
        return self.folder / BACK

    @property
    def is_waiting(self) -> bool:
        """Is something asked of it that is not done?"""
        return self.intake is not None and self.fault is None and self.marked is None

    def asked(self, taker: Taker, intake: int, sheet: str | None) -> "Upload":
        """The same with a run asked for; what an earlier one gave back is gone."""
        shutil.rmtree(self.back, ignore_errors=True)
        now = replace(
            self, taker=taker, intake=intake, asked_at=time.time(), sheet=sheet, fault=None
        )
        return now.kept()

    def failed(self, kind: str, told: str) -> "Upload":
        """The same with a word on why it was not done."""
        return replace(self, fault={"kind": kind, "detail": told}).kept()

    def kept(self) -> "Upload":
        """Write it down, whole or not at all."""
        scopes = self.taker.scopes
        told = {
            "name": self.name,
            "officer": self.taker.officer,
            "scopes": None if scopes is None else sorted(scopes),
            "origin": self.taker.origin,
            "sent": self.sent,
            "sheet": self.sheet,
            "intake": self.intake,
            "asked_at": self.asked_at,
            "fault": self.fault,
        }
        unfinished = self.folder / f".{ORDER}"
        unfinished.write_bytes(orjson.dumps(told))
        unfinished.chmod(0o600)
        unfinished.replace(self.folder / ORDER)
        return self

    def forgotten(self) -> None:
        """Take it away; what was entered stays entered."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """Let errors speak of the file by its name, never by where it lies."""
        try:
            yield
        except DiachisoError as fault:
            here = f"{self.folder}/"
            if here not in str(fault):
                raise
            told = str(fault).replace(here, "")
            raise type(fault)(told, **fault.particulars) from None


class Uploads:
    """All files that were sent in."""

    def __init__(self, home: Path) -> None:
        self._root = home / FOLDER

    def new(self, name: str, taker: Taker) -> Upload:
        """A place for a file of this name.

        Raises:
            UnreadableSource: not a kind of file that can be read.
        """
        fit = fit_name(name)
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = self._root / secrets.token_hex(8)
        folder.mkdir(mode=0o700)
        return Upload(folder, fit, taker, time.time())

    def of(self, mark: str, officer: int) -> Upload:
        """A file of this officer.

        Raises:
            UnknownIntake: none of theirs is called so.
        """
        found = _read(self._root / mark) if MARK.fullmatch(mark) else None
        if found is None or found.taker.officer != officer:
            raise UnknownIntake(
                "Không có tệp này, hoặc đã hết hạn giữ. / No such file of yours, or it was kept "
                "for as long as files are."
            )
        return found

    def all(self) -> list[Upload]:
        """Every file, the oldest first."""
        folders = self._root.iterdir() if self._root.is_dir() else ()
        found = [_read(folder) for folder in folders if MARK.fullmatch(folder.name)]
        return sorted((one for one in found if one is not None), key=lambda one: one.sent)

    def of_officer(self, officer: int) -> list[Upload]:
        """The files of an officer, the newest first."""
        return [one for one in reversed(self.all()) if one.taker.officer == officer]

    def purge(self, days: int) -> int:
        """Take away what has been kept for so many days and is not being worked at."""
        due = time.time() - days * DAY_S
        old = [one for one in self.all() if one.sent < due and not one.is_waiting]
        for one in old:
            one.forgotten()
        return len(old)


def fit_name(name: str) -> str:
    """The name of a file without a path and without signs that a disk or a heading cannot bear.

    Raises:
        UnreadableSource: not a kind of file that can be read.
    """
    bare = UNFIT.sub("_", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .")
    stem, dot, kind = bare.rpartition(".")
    if not dot or f".{kind.lower()}" not in KNOWN:
        raise UnreadableSource(
            f"{bare[:LONGEST_STEM] or name[:1]!r}: cần tệp / needs "
            f"{', '.join(sorted(one[1:].upper() for one in KNOWN))}."
        )
    return f"{stem.strip(' .')[:LONGEST_STEM] or 'file'}.{kind.lower()}"


def _read(folder: Path) -> Upload | None:
    try:
        told: dict[str, Any] = orjson.loads((folder / ORDER).read_bytes())
        scopes = told["scopes"]
        taker = Taker(
            told["officer"],
            None if scopes is None else frozenset(map(Act, scopes)),
            told["origin"],
        )
        more = {key: told[key] for key in ("name", "sent", "sheet", "intake", "asked_at", "fault")}
        return Upload(folder, taker=taker, **more)
    except (OSError, ValueError, KeyError, TypeError):
        return None  # it is being made, or taken away
