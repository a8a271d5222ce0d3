"""Figures that make the benefit plain: how much is covered, how good it is, how fast, how used.

Nothing here is estimated. How many households there are is told by no usable source in `data/`, so
the denominator of coverage stays null. Of restricted addresses a ward tells a number from three on,
and a province the sum of what its wards tell.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

ESTIMATE = (
    "Không có nguồn dùng được về số hộ trong data/; để trống, không ước đoán. / No usable source "
    "of households is in data/: left empty, nothing is guessed."
)
FEWEST_RESTRICTED = 3
"""Fewer restricted addresses than this are not told of a ward: a number would betray one."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What can be added up, of a ward or of many."""

    communes: int = 0
    recorded: int = 0
    certified: int = 0
    restricted: int = 0
    doubted: int = 0
    likely_duplicates: int = 0
    without_entrance: int = 0
    postal_points: int = 0
    communes_staffed: int = 0
    pickup_addresses: int = 0
    lookups: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True, slots=True)
class Speed:
    """How long things take, in days, in the median; None: nothing was handled."""

    days_to_record: float | None = None
    days_to_certify: float | None = None
    reports: int = 0
    reports_answered: int = 0
    days_to_answer: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of a unit."""

    code: str
    name: str
    counts: Counts
    speed: Speed


@dataclass(frozen=True, slots=True)
class Month:
    """How it stood at the end of a month, and how often it was asked during it."""

    day: date
    recorded: int
    certified: int
    lookups: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a unit, of the units right below it, and through the months."""

    total: Row
    since: date
    until: date
    below: tuple[Row, ...] = ()
    months: tuple[Month, ...] = ()
    kinds: Mapping[str, int] = field(default_factory=dict)


def told(row: Row) -> dict[str, Any]:
    """The figures of a unit as one flat record: the same for JSON, CSV, the page and commands."""
    counts, speed = row.counts, row.speed
    return {
        "code": row.code,
        "name": row.name,
        "communes": counts.communes,
        "households_estimated": None,
        "recorded": counts.recorded,
        "certified": counts.certified,
        "certified_share": share(counts.certified, counts.recorded),
        "restricted": counts.restricted or None,
        "doubted": counts.doubted,
        "likely_duplicates": counts.likely_duplicates,
        "without_entrance": counts.without_entrance,
        "days_to_record": _rounded(speed.days_to_record),
        "days_to_certify": _rounded(speed.days_to_certify),
        "reports": speed.reports,
        "reports_answered": speed.reports_answered,
        "days_to_answer": _rounded(speed.days_to_answer),
        "lookups": counts.lookups,
        "postal_points": counts.postal_points,
        "communes_staffed": counts.communes_staffed,
        "communes_staffed_share": share(counts.communes_staffed, counts.communes),
        "pickup_addresses": counts.pickup_addresses,
    }


def share(part: int, whole: int) -> float | None:
    """A part of a whole, to a tenth of a percent; None where there is no whole."""
    return round(part / whole, 3) if whole else None


def added(counts: Iterable[Counts]) -> Counts:
    """All of them together."""
    return sum(counts, Counts())


def month_ends(since: date, until: date) -> Sequence[date]:
    """The last days of the months between, and the last day itself."""
    ends: list[date] = []
    year, month = since.year, since.month
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)  # noqa: PLR2004
        last = date.fromordinal(date(year, month, 1).toordinal() - 1)
        if last >= until:
            return (*ends, until)
        ends.append(last)


def _rounded(days: float | None) -> float | None:
    return None if days is None else round(days, 2)
