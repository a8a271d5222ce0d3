"""What rows of an intake are judged by, and what is asked of the store, a chunk at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from diachiso.address.code import AddressCode
from diachiso.address.division import UnitKey
from diachiso.address.position import Position
from diachiso.address.record import StreetRef
from diachiso.registry.intake import Entry
from diachiso.registry.officer import Act, Acting

Pair = tuple[float, float]
Convert = Callable[[str, Sequence[Pair]], list[Pair]]
"""Pairs of a reference system, by name, in WGS 84."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A live address of the same number and street (or name), and how far off it lies."""

    called: str
    metres: float


@dataclass(frozen=True, slots=True)
class Earlier:
    """A row of the same file that was taken: where it lies."""

    row: int
    spot: int


class Survey(Protocol):
    """What is asked of the store, a chunk at a time; answers in the order of the questions."""

    def wards_at(self, spots: Sequence[Position]) -> list[UnitKey | None]:
        """The wards that hold these points."""
        ...

    def metres_to(
        self, spots: Sequence[Position], wards: Sequence[frozenset[UnitKey]]
    ) -> list[float]:
        """How far each point lies from the nearest of its wards."""
        ...

    def streets_near(
        self, asked: Sequence[tuple[str, Position]]
    ) -> list[tuple[StreetRef, bool] | None]:
        """The nearest street of a name in reach, and whether it was known before this file."""
        ...

    def registered(self, entries: Sequence[Entry]) -> Mapping[int, Registered]:
        """By row: the nearest live address that is the same, rows of this file left out."""
        ...

    def earlier(self, keys: Sequence[int]) -> Mapping[int, Earlier]:
        """By key: the first row of the file that was taken under it."""
        ...

    def taken_at(self, spots: Sequence[int]) -> Mapping[int, int]:
        """By packed point: how many rows of the file were taken there."""
        ...

    def codes(self, codes: Sequence[AddressCode]) -> frozenset[AddressCode]:
        """Those that were issued here."""
        ...

    def ids(self, ids: Sequence[str]) -> tuple[frozenset[str], Mapping[str, int]]:
        """Those that the registry has, and the rows of the file that took one."""
        ...


@dataclass(frozen=True)
class Terms:
    """What rows are judged by: whose wards, which names of wards, which zone, who acts."""

    area: frozenset[UnitKey]
    by: Acting
    wards_named: Callable[[str], frozenset[UnitKey]]
    wards_today: Callable[[str], frozenset[UnitKey]]
    """Those alone that are called so today."""
    convert: Convert
    name_of: Callable[[UnitKey], str]
    whole: UnitKey | None = None
    """The one ward of the file, where it is of one."""
    crs: str | None = None
    crs_is_metres: bool = False
    zones: tuple[str, ...] = ()
    record: bool = False
    rights: dict[tuple[UnitKey, bool], bool] = field(default_factory=dict)

    def may_enter(self, ward: UnitKey) -> bool:
        """May the one who acts enter (and record) there?"""
        return self._may(ward, hidden=False, acts=(Act.REGISTER,) + (Act.RECORD,) * self.record)

    def may_hide(self, ward: UnitKey) -> bool:
        """May they enter what only the ward may find?"""
        return self._may(ward, hidden=True, acts=(Act.RESTRICT, Act.READ_RESTRICTED))

    def _may(self, ward: UnitKey, *, hidden: bool, acts: tuple[Act, ...]) -> bool:
        if (ward, hidden) not in self.rights:
            officer, day = self.by.officer, self.by.today
            self.rights[ward, hidden] = all(officer.may(act, ward, day) for act in acts)
        return self.rights[ward, hidden]
