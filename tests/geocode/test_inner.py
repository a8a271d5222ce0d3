"""The inner modules, compiled: used only if they are true, and they answer as the source does."""

import csv
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from diachiso.geocode import inner
from diachiso.settings import CHECKOUT

HEADERS = Path(sysconfig.get_path("include"), "Python.h")
ANSWER = """
import json
import sys
from datetime import date
import diachiso.geocode.spans
from diachiso.geocode.gazetteer import MemoryGazetteer
from diachiso.geocode.query import Query
from diachiso.geocode.search import geocode, parse
from diachiso.geocode.vocabulary import UnitVocabulary
from diachiso.settings import Settings
from diachiso.store.facts import read_aliases, read_facts

facts = read_facts(Settings().facts)
units = UnitVocabulary.of(facts.divisions, facts.lineage, read_aliases(Settings().facts))
known = MemoryGazetteer(units)
print(diachiso.geocode.spans.__file__)
for text in json.load(sys.stdin):
    print(geocode(Query(text, date(2026, 11, 22), 5, explain=True), known), parse(text, known))
"""


@pytest.fixture
def stamped(tmp_path, monkeypatch):
    monkeypatch.setenv(inner.SETTING, str(tmp_path))
    monkeypatch.setattr(sys, "path", [*sys.path])

    def stamp(text):
        (tmp_path / inner.STAMP).write_text(text, "ascii")
        return inner.compiled_path(["the source"])

    return stamp


def test_what_was_compiled_of_this_source_is_found_first(stamped, tmp_path):
    first, *rest = stamped(inner.digest())
    assert Path(first) == tmp_path / "diachiso" / "geocode"
    assert rest == ["the source"]
    assert sys.path[-1] == str(tmp_path)


def test_what_was_compiled_of_another_source_is_not(stamped, tmp_path):
    assert stamped("of yesterday") == ["the source"]
    assert str(tmp_path) not in sys.path


def test_none_is_used_where_none_is_wanted_or_there_is_none(stamped, tmp_path, monkeypatch):
    stamped(inner.digest())
    monkeypatch.setenv(inner.SETTING, "0")
    assert inner.compiled_path(["the source"]) == ["the source"]
    monkeypatch.setenv(inner.SETTING, str(tmp_path / "nothing"))
    assert inner.compiled_path(["the source"]) == ["the source"]


def test_every_module_named_is_there():
    assert all((inner.SOURCE / f"{name}.py").is_file() for name in inner.MODULES)


@pytest.mark.skipif(
    shutil.which("cc") is None or not HEADERS.exists(), reason="no C compiler, or no Python.h"
)
def test_compiled_they_answer_every_text_of_the_corpus_alike(tmp_path):
    program = [sys.executable, str(CHECKOUT / "bin" / "compile.py"), str(tmp_path)]
    source = {**os.environ, "PYTHONPATH": str(CHECKOUT / "src"), inner.SETTING: "0"}
    subprocess.run(program, env=source, check=True, capture_output=True)  # noqa: S603 (our own)
    with (CHECKOUT / "tests" / "corpus" / "geocode.csv").open(encoding="utf-8") as lines:
        texts = json.dumps([row["query"] for row in csv.DictReader(lines)])

    def answered(environment):
        done = subprocess.run(  # noqa: S603 (our own)
            [sys.executable, "-c", ANSWER],
            input=texts,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        where, *answers = done.stdout.splitlines()
        return Path(where), answers

    where, compiled = answered({**source, inner.SETTING: str(tmp_path)})
    assert where.is_relative_to(tmp_path)
    where, plain = answered(source)
    assert where == inner.SOURCE / "spans.py"
    assert len(plain) > 30
    assert compiled == plain
