"""Every unit by all its names in time, compiled for matching.

A name is found by its glued bare key ('phuong' left out, 'Quy Nhơn' -> 'quinhon'), exactly or one
letter away (symmetric deletion: a letter lost, added, changed, or two swapped). Units that were
gone before 2025 come from the aliases and stand for themselves, with the unit that took them in.
"""

from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Final, Self

from diachiso.address.division import Divisions, UnitKey
from diachiso.address.lineage import Lineage
from diachiso.geocode.kinds import KIND_WORDS
from diachiso.geocode.memory import Memory
from diachiso.geocode.naming import alias_names, own_names, units_of
from diachiso.geocode.slips import SlipIndex, starting
from diachiso.geocode.syllable import Cutter
from diachiso.geocode.unit import Alias, Entry, Unit, bare_words, keys_of

__all__ = ["LONGEST_KEY", "Alias", "Entry", "Unit", "UnitVocabulary", "keys_of"]

LONGEST_KEY: Final = 28
MOST_REMEMBERED: Final = 100_000
WARDS_LAST: Final = attrgetter("is_ward")


class UnitVocabulary:
    """All units and their names; walks of prefixes; one-letter slips."""

    def __init__(
        self, divisions: Divisions, lineage: Lineage, named: Iterable[tuple[str, Entry]]
    ) -> None:
        self.divisions = divisions
        self.lineage = lineage
        self.remember = Memory(MOST_REMEMBERED)
        gathered: dict[str, list[Entry]] = {}
        for key, entry in named:
            gathered.setdefault(key, []).append(entry)
        self._walk: dict[str, tuple[Entry, ...]] = {
            key[:end]: () for key in gathered for end in range(1, len(key))
        }
        self._walk |= {
            key: tuple(sorted(entries, key=WARDS_LAST)) for key, entries in gathered.items()
        }
        self.walk = self._walk.get
        """Entries of exactly this key, wards last; () if only longer keys begin so; else None."""
        self._sorted = sorted(gathered)
        self._slips = SlipIndex(gathered)
        units = {entry.unit for entries in gathered.values() for entry in entries}
        self._unit_of = {unit.key: unit for unit in units if not unit.lapsed}
        standing = (bare_words(unit.name) for unit in units if not unit.lapsed)
        self.cutter = Cutter(standing, heads=KIND_WORDS)
        self._below: dict[Unit, tuple[list[str], list[Entry]]] = {}
        for key, entries in gathered.items():
            for entry in entries:
                self._file(key, entry)

    def _file(self, key: str, entry: Entry) -> None:
        for parent in {entry.unit.district, entry.unit.province} - {None}:
            if parent is not None and not entry.unit.numbered:
                keys, entries = self._below.setdefault(parent, ([], []))
                keys.append(key)
                entries.append(entry)

    @classmethod
    def of(cls, divisions: Divisions, lineage: Lineage, aliases: Iterable[Alias] = ()) -> Self:
        """Compile the facts. Aliases whose code is unknown or that are no unit names are left."""
        units = dict(units_of(divisions, lineage))
        named = [*own_names(divisions, units), *alias_names(units, tuple(aliases))]
        return cls(divisions, lineage, named)

    def __iter__(self) -> Iterator[Unit]:
        """Every unit of today and of the eve of the reform; those gone before are left out."""
        return iter(self._unit_of.values())

    def unit_of(self, key: UnitKey) -> Unit:
        """The unit of a key."""
        return self._unit_of[key]

    def near(self, key: str) -> Iterator[tuple[Entry, ...]]:
        """The entries of the names one letter away from this key."""
        return (self._walk[name] for name in self._slips.near(key))

    def starting(self, prefix: str, most: int) -> Iterator[Entry]:
        """The entries of at most so many names that start so."""
        for key in starting(self._sorted, prefix, most):
            yield from self._walk[key]

    def below(self, unit: Unit) -> tuple[list[str], list[Entry]]:
        """Keys and entries of every unit with a proper name below a province or district."""
        return self._below.get(unit, ([], []))
