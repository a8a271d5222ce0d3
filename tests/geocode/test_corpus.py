"""Every kind of failure that was found, in rows of our own; none may come back.

Columns: query, expected (code of the ward of today), level, tolerance_m, source (what it is about).
Rows are written in the manner of a failure, never copied from a labelled set.
"""

import csv
from pathlib import Path

import pytest

CORPUS = Path(__file__).parents[1] / "corpus" / "geocode.csv"


def rows():
    with CORPUS.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["source"])
def test_a_failure_that_was_found_does_not_come_back(find, row):
    answers = find(row["query"])
    assert answers, row["query"]
    assert answers[0].ward.code == row["expected"]
