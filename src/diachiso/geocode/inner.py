"""The inner modules: what each text goes through, plain enough to be compiled as they are.

`make compiled` compiles them with mypyc into a folder of the environment, beside the source and not
in its place. They are used from there only while they were made of exactly this source: after an
edit, or with another Python, it is the source that runs (record 56). `DIACHISO_COMPILED=0` has it
run in any case; another value is the folder to look in.
"""

import hashlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path

MODULES = (
    *("advice", "answer", "chain", "found", "interpret", "kinds", "letters", "line"),
    *("locate", "memory", "mention", "misspelt", "normalize", "parts", "query", "ruler", "score"),
    *("search", "setting", "slips", "spans", "syllable", "today", "unit", "unread", "value"),
    *("verdict", "vocabulary", "words"),
)
SOURCE = Path(__file__).parent
STAMP = "source.sha256"
SETTING = "DIACHISO_COMPILED"
NONE = "0"


def folder() -> Path | None:
    """Where the compiled modules would be; None where none are wanted."""
    told = os.environ.get(SETTING)
    return None if told == NONE else Path(told or Path(sys.prefix) / "compiled")


def digest() -> str:
    """What they are made of: their source and what they know of others', and this Python."""
    found = hashlib.sha256(sys.version.encode())
    for name in ("address", "geocode"):
        for file in sorted(SOURCE.with_name(name).rglob("*.py")):
            found.update(file.read_bytes())
    return found.hexdigest()


def compiled() -> Path | None:
    """The folder of the compiled modules, if they were made of this source."""
    where = folder()
    stamp = where and where / STAMP
    if stamp is None or not stamp.is_file() or stamp.read_text(encoding="ascii") != digest():
        return None
    return where


def compiled_path(packages: Iterable[str]) -> list[str]:
    """Where to look for the modules of this package: first among the compiled.

    They share one library, which is looked for beside them.
    """
    where = compiled()
    if where is None:
        return list(packages)
    sys.path.append(str(where))
    return [str(where.joinpath(*__name__.split(".")[:-1])), *packages]
