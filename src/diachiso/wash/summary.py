"""What became of a file: rows by match level, by confidence, by what to do next, and the errors."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from diachiso.geocode.query import Action, MatchLevel
from diachiso.sheet.cell import Row
from diachiso.wash.told import BLANK, NAMES

BANDS = ((0.9, "≥ 0.9"), (0.7, "0.7–0.9"), (0.5, "0.5–0.7"), (0.0, "< 0.5"))
LEVEL, CONFIDENCE, NEXT, ERROR = map(
    NAMES.index, ("match_level", "confidence", "next_action", "error")
)


@dataclass(slots=True)
class Summary:
    """Counts over the rows of a file."""

    rows: int = 0
    kept: int = 0
    """Rows whose results an earlier run had found."""
    blank: int = 0
    levels: Counter[str] = field(default_factory=Counter)
    bands: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)

    def add(self, row: Row) -> None:
        """Count a row."""
        self.rows += 1
        if row[ERROR] is not None:
            self.errors[row[ERROR]] += 1
        elif row == BLANK:
            self.blank += 1
        else:
            self.levels[row[LEVEL]] += 1
            self.actions[row[NEXT]] += 1
            self.bands[next(name for least, name in BANDS if row[CONFIDENCE] >= least)] += 1

    def lines(self) -> Iterator[str]:
        """The summary as people read it."""
        yield from _line("mức khớp / match level", self.levels, MatchLevel)
        yield from _line("độ tin cậy / confidence", self.bands, [name for _, name in BANDS])
        yield from _line("nên làm / next action", self.actions, Action)
        if self.blank:
            yield f"  dòng trống / blank rows: {self.blank:,}"
        if self.errors:
            yield f"  lỗi / errors: {self.errors.total():,} (cột / column error)"
        for sentence, count in self.errors.most_common():
            yield f"    {count:,} × {sentence}"


def _line(title: str, counts: Counter[str], order: Iterable[str]) -> Iterator[str]:
    told = [f"{name} {counts[name]:,}" for name in order if counts[name]]
    if told:
        yield f"  {title}: {' · '.join(told)}"
