"""Compiles the inner modules of the geocoder with mypyc: what `make compiled` runs (record 56).

usage: PYTHONPATH=src python bin/compile.py FOLDER (the Python that diachiso runs with, and one that
has mypy and setuptools)
"""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from mypyc.build import mypycify
from setuptools import setup

from diachiso.geocode.inner import MODULES, SOURCE, STAMP, digest


def main(folder: Path) -> None:
    """Compile into a folder; the stamp, by which it is believed, comes last."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / STAMP).unlink(missing_ok=True)
    stamp = digest()
    os.chdir(SOURCE.parents[1])
    files = [str(SOURCE.relative_to(Path.cwd()) / f"{name}.py") for name in MODULES]
    with TemporaryDirectory() as scratch:
        setup(
            name="diachiso-inner",
            script_args=["-q", "build_ext", "--build-lib", str(folder), "--build-temp", scratch],
            ext_modules=mypycify(
                [*files, "--ignore-missing-imports", "--config-file=", f"--cache-dir={scratch}"],
                target_dir=scratch,
            ),
        )
    (folder / STAMP).write_text(stamp, encoding="ascii")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
