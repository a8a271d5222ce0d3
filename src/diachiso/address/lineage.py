"""Which unit became which on 1 July 2025, whole or in part.

Source: the conversion table of the statistics office, as facts (see data/README.md), with
the corrections of data/units/corrections.csv.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from diachiso.address.division import UnitKey


class Part(StrEnum):
    """How much of a unit went to a successor."""

    WHOLE = "whole"
    PART = "part"


@dataclass(frozen=True, slots=True)
class Succession:
    """One old unit and one unit that took it in.

    `default` marks the successor that holds the larger piece where no polygon tells better.
    """

    old: UnitKey
    new: UnitKey
    part: Part
    default: bool
    source: str


class Lineage:
    """Successors and predecessors of every unit."""

    def __init__(self, successions: Iterable[Succession]) -> None:
        self._successors: dict[UnitKey, list[Succession]] = {}
        self._predecessors: dict[UnitKey, list[Succession]] = {}
        for succession in successions:
            self._successors.setdefault(succession.old, []).append(succession)
            self._predecessors.setdefault(succession.new, []).append(succession)

    def successors(self, old: UnitKey) -> tuple[Succession, ...]:
        """The units that took an old one in, the default first."""
        return tuple(sorted(self._successors.get(old, ()), key=lambda s: not s.default))

    def predecessors(self, new: UnitKey) -> tuple[Succession, ...]:
        """The old units that a new one was made of."""
        return tuple(self._predecessors.get(new, ()))

    def is_split(self, old: UnitKey) -> bool:
        """Was the old unit divided among several?"""
        return len(self._successors.get(old, ())) > 1

    @property
    def successions(self) -> tuple[Succession, ...]:
        """Every pair of the table."""
        return tuple(s for group in self._successors.values() for s in group)
