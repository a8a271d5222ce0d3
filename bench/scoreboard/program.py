"""What was found out about one program."""

from dataclasses import dataclass, field
from typing import NamedTuple

from scoreboard.calibration import Pairs


class Line(NamedTuple):
    """A line of the scorer: how many rows, and its figures by name."""

    n: int
    figures: dict[str, float | None]


Asked = tuple[str, bool]
"""A set of rows, and whether its texts were folded."""


@dataclass
class Program:
    """One program's answers, judged and timed."""

    name: str
    told: dict[Asked, dict[str, Line]] = field(default_factory=dict)
    failed: dict[Asked, str] = field(default_factory=dict)
    faults: dict[Asked, int] = field(default_factory=dict)
    pairs: dict[bool, Pairs] = field(default_factory=dict)
    speed: dict[str, list[float]] = field(default_factory=dict)
    start_s: list[float] = field(default_factory=list)
    warm_s: list[float] = field(default_factory=list)
    memory: dict[str, float] = field(default_factory=dict)
