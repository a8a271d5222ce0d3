"""Does a confidence of 0.9 mean nine in ten? Bins, a drawing, and a fit on rows never seen."""

from collections.abc import Sequence
from typing import NamedTuple
from zlib import crc32

import numpy as np

from diachiso.geocode import score

FOLDS = 5
RIDGE = 1e-2
"""Keeps a doubt that no row of a fold raises from running away."""
STEPS = 50
SIZE, EDGE = 400, 50
"""The square of the drawing, and what lies around it, in pixels."""
FONT = 'font-family="sans-serif" font-size="12"'
CENTRED = 'text-anchor="middle"'
LEAST = 0.05
"""What a fault costs at least, however little the rows hold against it."""
FIXED = 3
"""The columns before the doubts: 1 and the two slopes."""
COLUMNS = (*score.Doubt._fields, *(one.name for one in score.ON_THE_GROUND))
Pairs = Sequence[tuple[float, bool]]


class Case(NamedTuple):
    """An answer before calibration: its row, the chance of its evidence, its doubts, the truth."""

    row: str
    chance: float
    doubts: tuple[int, ...]
    """Which doubts the reading raises, then which evidence the ground gives (`COLUMNS`)."""
    right: bool
    told: float
    """The confidence that the committed table gave it."""


def bins(pairs: Pairs) -> list[list[tuple[float, bool]]]:
    """Ten bins by the confidence told."""
    held: list[list[tuple[float, bool]]] = [[] for _ in range(10)]
    for told, right in pairs:
        held[min(9, int(told * 10))].append((told, right))
    return held


def error(pairs: Pairs) -> float:
    """The expected calibration error, as the scorer counts it."""
    return sum(abs(sum(t - r for t, r in held)) for held in bins(pairs)) / max(1, len(pairs))


def sure(pairs: Pairs) -> tuple[float, float]:
    """The share answered at 0.9 or more, and the share of those that are right."""
    right = [hit for told, hit in pairs if told >= score.SURE]
    return len(right) / len(pairs), sum(right) / max(1, len(right))


# -- the check: calibration fitted on four fifths, looked at on the fifth ------------------------


def folds_apart(cases: Sequence[Case]) -> list[tuple[float, bool]]:
    """Each case's confidence by a table fitted without its row, full or folded."""
    told = np.zeros(len(cases))
    fold = np.array([crc32(case.row.encode()) % FOLDS for case in cases])
    for held_out in range(FOLDS):
        seen = [case for case, of in zip(cases, fold, strict=True) if of != held_out]
        weights = fitted(seen)
        rest = np.flatnonzero(fold == held_out)
        told[rest] = predicted(weights, [cases[n] for n in rest])
    return [(float(t), case.right) for t, case in zip(told, cases, strict=True)]


def fitted(cases: Sequence[Case]) -> np.ndarray:
    """The calibration table that these cases ask for, by logistic regression (Newton).

    A fault may not speak for an answer nor an award against it: those that would are held at the
    least they may weigh, and the rest is fitted again.
    """
    facts, right = _facts(cases), np.array([case.right for case in cases], float)
    awards = {FIXED + n for n, name in enumerate(COLUMNS) if name == score.HOUSE_RECORDED.name}
    held: dict[int, float] = {}
    while True:
        weights = _newton(facts, right, held)
        wrong = {
            n: LEAST if n in awards else -LEAST
            for n in range(FIXED, len(weights))
            if n not in held and (weights[n] < LEAST if n in awards else weights[n] > -LEAST)
        }
        if not wrong:
            return weights
        held |= wrong


def _newton(facts: np.ndarray, right: np.ndarray, held: dict[int, float]) -> np.ndarray:
    weights = np.zeros(facts.shape[1])
    weights[list(held)] = list(held.values())
    free = [n for n in range(len(weights)) if n not in held]
    for _ in range(STEPS):
        told = 1 / (1 + np.exp(-facts @ weights))
        slope = facts[:, free].T @ (told - right) + RIDGE * weights[free]
        spread = facts[:, free].T * (told * (1 - told))
        bend = spread @ facts[:, free] + RIDGE * np.eye(len(free))
        weights[free] -= np.linalg.solve(bend, slope)
    return weights


def table(cases: Sequence[Case]) -> dict[str, float]:
    """The weights that these cases ask for, by name, as `score` holds them."""
    names = ("start", "slope", "slope above", *COLUMNS)
    return dict(zip(names, map(float, fitted(cases)), strict=True))


def predicted(weights: np.ndarray, cases: Sequence[Case]) -> np.ndarray:
    """What `calibrated` would say with these weights."""
    least = np.minimum([case.chance / score.LOWEST_CHANCE for case in cases], 1.0)
    return least / (1 + np.exp(-_facts(cases) @ weights))


def _facts(cases: Sequence[Case]) -> np.ndarray:
    """One row a case: 1, the log-odds below the bend and above it, the doubts."""
    chance = np.clip([case.chance for case in cases], score.LOWEST_CHANCE, score.HIGHEST_CHANCE)
    odds = np.log(chance / (1 - chance))
    above = np.maximum(odds - score.CALIBRATION_BEND, 0)
    doubts = np.array([case.doubts for case in cases], float)
    return np.column_stack([np.ones_like(odds), odds - above, above, doubts])


# -- the drawing ---------------------------------------------------------------------------------


def drawing(series: dict[str, Pairs]) -> str:
    """Confidence told against the share right, a dot for each bin, as large as it holds rows."""
    colours = ("#1f5fa8", "#d1721b")
    whole = SIZE + 2 * EDGE
    pieces = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {whole}" {FONT}>',
        f'<rect width="{whole}" height="{whole}" fill="white"/>',
        *_frame(),
    ]
    for n, (name, pairs) in enumerate(series.items()):
        pieces += _dots(pairs, colours[n])
        place = f'x="{EDGE + 10}" y="{EDGE + 20 + 16 * n}"'
        pieces.append(f'<text {place} fill="{colours[n]}">{name} (n={len(pairs)})</text>')
    return "\n".join([*pieces, "</svg>", ""])


def _at(told: float, right: float) -> tuple[float, float]:
    return EDGE + SIZE * told, EDGE + SIZE * (1 - right)


def _frame() -> list[str]:
    low, high = EDGE, EDGE + SIZE
    marks = [
        text
        for n in range(0, 11, 2)
        for text in (
            f'<text x="{low + SIZE * n / 10}" y="{high + 16}" text-anchor="middle">{n / 10}</text>',
            f'<text x="{low - 8}" y="{high - SIZE * n / 10 + 4}" text-anchor="end">{n / 10}</text>',
        )
    ]
    middle = EDGE + SIZE / 2
    return [
        f'<rect x="{low}" y="{low}" width="{SIZE}" height="{SIZE}" fill="none" stroke="#999"/>',
        f'<line x1="{low}" y1="{high}" x2="{high}" y2="{low}" stroke="#999" stroke-dasharray="4"/>',
        *marks,
        f'<text x="{middle}" y="{high + 36}" text-anchor="middle">confidence told</text>',
        f'<text transform="translate(14 {middle}) rotate(-90)" {CENTRED}>share right</text>',
    ]


def _dots(pairs: Pairs, colour: str) -> list[str]:
    dots, path = [], []
    for held in bins(pairs):
        if not held:
            continue
        told, right = (sum(values) / len(held) for values in zip(*held, strict=True))
        x, y = _at(told, right)
        radius = 2 + 24 * (len(held) / len(pairs)) ** 0.5
        path.append(f"{x:.1f},{y:.1f}")
        dots.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{colour}"'
            f' fill-opacity="0.35" stroke="{colour}"><title>told {told:.3f}, right {right:.3f},'
            f" n={len(held)}</title></circle>"
        )
    return [f'<polyline points="{" ".join(path)}" fill="none" stroke="{colour}"/>', *dots]
