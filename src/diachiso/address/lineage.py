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
        successors: dict[UnitKey, list[Succession]] = {}
        predecessors: dict[UnitKey, list[Succession]] = {}
        for succession in successions:
            successors.setdefault(succession.old, []).append(succession)
            predecessors.setdefault(succession.new, []).append(succession)
        self._successors = {
            old: tuple(sorted(group, key=lambda s: not s.default))
            for old, group in successors.items()
        }
        self._predecessors = {new: tuple(group) for new, group in predecessors.items()}

    def successors(self, old: UnitKey) -> tuple[Succession, ...]:
        """The units that took an old one in, the default first."""
        return self._successors.get(old, ())

    def predecessors(self, new: UnitKey) -> tuple[Succession, ...]:
        """The old units that a new one was made of."""
        return self._predecessors.get(new, ())

    def is_split(self, old: UnitKey) -> bool:
        """Was the old unit divided among several?"""
        return len(self._successors.get(old, ())) > 1

    @property
    def successions(self) -> tuple[Succession, ...]:
        """Every pair of the table."""
        return tuple(s for group in self._successors.values() for s in group)
