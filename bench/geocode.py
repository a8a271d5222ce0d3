"""Measures the geocoder on the labelled rows beside the checkout: accuracy, calibration, speed.

usage: python bench/geocode.py [--plain] [--shares FILE]

The rows (../shared/data/eval) are not part of the product; without them there is nothing to do.
`--plain` strips diacritics and commas first; `--shares` is a pickle of {old: {new: fraction}}.
"""

import argparse
import csv
import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from statistics import median

from town import SHARED, town

from diachiso.address.name import fold
from diachiso.geocode.query import Answer, Query
from diachiso.geocode.search import geocode, parse

TODAY = date(2026, 11, 22)
SURE = 0.9
Row = dict[str, str]
Ask = Callable[[str], tuple[Answer, ...]]


def rows(name: str) -> list[Row]:
    """The rows of an evaluation set."""
    with (SHARED / "eval" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def metres(row: Row, answer: Answer | None) -> float:
    """How far the answer lies from the truth."""
    if answer is None or answer.point is None:
        return float("inf")
    east, north = map(radians, answer.point)
    lon, lat = radians(float(row["lon"])), radians(float(row["lat"]))
    square = sin((north - lat) / 2) ** 2 + cos(lat) * cos(north) * sin((east - lon) / 2) ** 2
    return 12_742_000 * asin(sqrt(square))


def calibration_error(pairs: list[tuple[float, bool]]) -> float:
    """The expected calibration error over ten bins."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(10)]
    for told, right in pairs:
        bins[min(9, int(told * 10))].append((told, right))
    return sum(abs(sum(t - r for t, r in one)) for one in bins) / max(1, len(pairs))


def conversion(ask: Ask) -> Iterator[str]:
    """Old or mixed text -> ward of today, by kind of text."""
    asked, right, among = Counter[str](), Counter[str](), Counter[str]()
    pairs = []
    for row in rows("conversion"):
        best = next(iter(ask(row["old_address"])), None)
        hit = best is not None and best.ward is not None and best.ward.code == row["ward_code"]
        codes = [candidate.code for candidate in best.ward_candidates] if best else []
        agree = row["label_in_nso_targets"] != "0"
        for kind in ("all", row["kind"] if agree else "text and point disagree"):
            asked[kind] += 1
            right[kind] += hit
            among[kind] += hit or row["ward_code"] in codes
        pairs.append((best.confidence if best else 0.0, hit))
    for kind, n in asked.items():
        yield f"{kind}: n={n} ward {right[kind] / n:.1%} · among candidates {among[kind] / n:.1%}"
    sure = [hit for told, hit in pairs if told >= SURE]
    yield f"calibration error {calibration_error(pairs):.3f}"
    yield f"at {SURE} or more: {len(sure) / len(pairs):.1%}, right {sum(sure) / len(sure):.1%}"


def noisy(ask: Ask) -> Iterator[str]:
    """Noisy text in the new form -> ward."""
    asked = rows("noisy_new")
    right = sum(
        bool(found) and found[0].ward is not None and found[0].ward.code == row["ward_code"]
        for row in asked
        for found in [ask(row["text"])]
    )
    yield f"noisy_new: n={len(asked)} ward {right / len(asked):.1%}"


def places(ask: Ask) -> Iterator[str]:
    """House number and street in Hanoi -> point and ward."""
    off, right, covered = [], 0, []
    for row in rows("geocoding"):
        best = next(iter(ask(row["address"])), None)
        off.append(metres(row, best))
        right += best is not None and best.ward is not None and best.ward.code == row["ward_code"]
        if best is not None and best.expected_error_m is not None:
            covered.append(off[-1] <= 2 * best.expected_error_m + 10)
    shares = ((m, sum(x <= m for x in off) / len(off)) for m in (100, 250, 1000))
    within = " · ".join(f"{limit} m {share:.1%}" for limit, share in shares)
    yield f"geocoding: {within} · median {median(off):.0f} m · ward {right / len(off):.1%}"
    yield f"truth within twice the stated error: {sum(covered) / len(covered):.1%}"


def plain(text: str) -> str:
    """Without diacritics and commas."""
    return fold(text)


def main() -> None:
    """Print every line."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--plain", action="store_true")
    arguments.add_argument("--shares", type=Path)
    asked = arguments.parse_args()
    gazetteer = town(asked.shares)
    if gazetteer is None:
        print(f"{SHARED}: no reference data, nothing to measure")
        return
    gc.freeze()

    def ask(text: str) -> tuple[Answer, ...]:
        return geocode(Query(plain(text) if asked.plain else text, TODAY), gazetteer)

    for measure in (conversion, noisy, places):
        for line in measure(ask):
            print(line)
    texts = [row["old_address"] for row in rows("conversion")]
    for name, step in (("geocode", ask), ("parse", lambda text: parse(text, gazetteer))):
        started = time.process_time()
        for text in texts:
            step(text)
        print(f"{name}: {len(texts) / (time.process_time() - started):.0f} texts/s of one core")


if __name__ == "__main__":
    main()
