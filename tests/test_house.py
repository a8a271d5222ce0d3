"""The order of the house: who imports whom, what is documented, what may not be in a file."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from diachiso.__main__ import app
from diachiso.address import errors
from diachiso.settings import CHECKOUT, Settings
from diachiso.web.ogc.declared import CLASSES

SRC = CHECKOUT / "src" / "diachiso"
ORDER = [
    "address", "client", "geocode", "registry", "sheet", "stationery", "store", "taking", "wash",
    "web",
]  # fmt: skip
"""A folder imports only from folders listed above it: left of it, here."""
LONGEST = 350
# split, so that this file holds none of what it looks for
ELSEWHERE = re.compile(
    "|".join(
        re.escape(host + rest)
        for host, rest in (
            ("pypi.", "org"),
            ("python", "hosted"),
            ("npmjs.", "org"),
            ("npmjs.", "com"),
            ("deb.debian.", "org"),
            ("/wo", "rk/"),
            ("/ro", "ot/."),
            ("/fa", "rm/"),
        )
    ),
    re.IGNORECASE,
)


def imports():
    for file in sorted(SRC.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("diachiso."):
                yield file.relative_to(SRC).parts[0], node.module.split(".")[1]


def test_a_folder_imports_only_from_folders_listed_above_it():
    for importer, imported in imports():
        if importer in ORDER and imported in ORDER:
            assert ORDER.index(imported) <= ORDER.index(importer), f"{importer} has {imported}"


def tracked(*patterns):
    listed = subprocess.run(  # noqa: S603 (our own words)
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],  # noqa: S607
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [file for name in listed.stdout.split("\0")[:-1] if (file := CHECKOUT / name).is_file()]


def test_no_file_names_a_registry_host_or_a_path_of_this_machine():
    found = [
        f"{file.relative_to(CHECKOUT)}:{number}"
        for file in tracked()
        if b"\0" not in (content := file.read_bytes())
        for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), start=1)
        if ELSEWHERE.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    "file", sorted(SRC.rglob("*.py")), ids=lambda file: str(file.relative_to(SRC))
)
def test_no_module_is_two_rooms(file):
    assert len(file.read_text("utf-8").splitlines()) <= LONGEST


# -- documented --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def documents():
    files = [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").glob("*.md"))]
    return "\n".join(file.read_text("utf-8") for file in files)


def commands(command, path="diachiso"):
    below = getattr(command, "commands", None)
    if not below:
        return [path]
    return [one for name, sub in below.items() for one in commands(sub, f"{path} {name}")]


def kinds_of(kind):
    return [kind, *(below for one in kind.__subclasses__() for below in kinds_of(one))]


SETTINGS = [f"DIACHISO_{name.upper()}" for name in Settings.model_fields]
COMMANDS = commands(get_command(app))
KINDS = [kind.__name__ for kind in kinds_of(errors.DiachisoError)]


@pytest.mark.parametrize("name", [*SETTINGS, *COMMANDS, *KINDS])
def test_every_setting_command_and_kind_of_error_is_documented(documents, name):
    assert re.search(rf"(?<!\w){re.escape(name)}(?!\w)", documents), name


def test_every_setting_and_command_says_what_it_is():
    for name, field in Settings.model_fields.items():
        assert field.description, name
    for path in COMMANDS:
        command = get_command(app)
        for name in path.split()[1:]:
            command = command.commands[name]
        assert command.help, path


def test_the_rule_of_imports_is_the_one_of_the_linter():
    rules = (CHECKOUT / "pyproject.toml").read_text("utf-8")
    places = [rules.index(f'"diachiso.{folder}",\n') for folder in reversed(ORDER)]
    assert places == sorted(places)
    assert Path(SRC / "settings.py").read_text("utf-8").count("from diachiso") == 0


CONFORMANCE = "\n".join(
    (CHECKOUT / "docs" / name).read_text("utf-8")
    for name in ("conformance.md", "conformance-tiles.md")
)


def test_every_test_that_conformance_is_proved_by_is_there():
    named = set(re.findall(r"[`:](test_\w+)`", CONFORMANCE))
    files = (CHECKOUT / "tests").glob("*/test_*.py")
    there = set(
        re.findall(r"^def (test_\w+)", "\n".join(f.read_text("utf-8") for f in files), re.MULTILINE)
    )
    assert len(named) > 40
    assert named <= there


def test_every_conformance_class_that_is_declared_is_in_the_table():
    for one in CLASSES:
        name = one.rpartition("/")[2]
        assert re.search(rf"/conf/{name}/[\w-]+`", CONFORMANCE), one
