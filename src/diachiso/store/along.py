"""What lies along the streets asked for lately: their houses and their courses.

The houses of a street are kept as doors: by number key, and by rising number.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from diachiso.geocode.gazetteer import Course, House
from diachiso.geocode.slips import starting

STREETS_KEPT = 5_000
"""Of so many streets the houses are kept."""
COURSES_KEPT = 500
"""Of so many the courses: they are needed until the rulers of a street and its alleys are made."""
Key = TypeVar("Key")
Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Doors:
    """The houses of a street: by number key, and the plain numbers by rising number."""

    by_key: Mapping[str, tuple[House, ...]]
    keys: tuple[str, ...]
    numbered: tuple[tuple[int, House], ...]

    @classmethod
    def of(cls, houses: Iterable[House]) -> "Doors":
        """Sort them in."""
        by_key: dict[str, tuple[House, ...]] = {}
        for house in houses:
            by_key[house.number] = (*by_key.get(house.number, ()), house)
        pairs = ((_plain(key), house) for key, those in by_key.items() for house in those)
        known = [(number, house) for number, house in pairs if number is not None]
        in_order = tuple(sorted(known, key=lambda pair: pair[0]))
        return cls(by_key, tuple(sorted(by_key)), in_order)

    def starting(self, prefix: str, most: int) -> list[House]:
        """At most so many houses whose number key starts so, in order of the key."""
        keys = starting(self.keys, prefix, most)
        return [house for key in keys for house in self.by_key[key]][:most]


def _plain(number: str) -> int | None:
    """The number at the street, its letter left out; None for alleys, lots and the like."""
    digits = number.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return int(digits) if digits.isdecimal() else None


NO_DOORS = Doors.of(())


class Along:
    """What lies along the streets asked for lately: their houses and their courses.

    Read once a street and edition, and again when an address of it has changed; the street read
    first goes first when there are too many.
    """

    def __init__(self, housed: Iterable[int] = ()) -> None:
        self._housed = set(housed)
        """The streets that have, or had, a house at all: of the others none is asked for."""
        self._turn = 0
        self._doors: dict[int, Doors] = {}
        self._courses: dict[int, tuple[Course, ...]] = {}

    def doors(self, street: int, read: Callable[[], Iterable[House]]) -> Doors:
        """The houses of a street."""
        if street not in self._housed:
            return NO_DOORS
        if (known := self._doors.get(street)) is not None:
            return known
        turn, known = self._turn, Doors.of(read())
        if turn == self._turn:  # what was read while something changed is not kept
            make_room(self._doors, STREETS_KEPT)
            self._doors[street] = known
        return known

    def forget(self, streets: Iterable[int]) -> None:
        """Let the houses of these streets be read again, also where there was none."""
        changed = set(streets)
        self._housed |= changed
        self._turn += 1
        for street in changed:
            self._doors.pop(street, None)

    def courses(
        self,
        streets: Iterable[int],
        read: Callable[[Sequence[int]], Mapping[int, Iterable[Course]]],
    ) -> dict[int, tuple[Course, ...]]:
        """The ways of some streets; those that are not known yet are read together."""
        found = {street: self._courses.get(street) for street in streets}
        if unknown := [street for street, known in found.items() if known is None]:
            told = read(unknown)
            for street in unknown:
                make_room(self._courses, COURSES_KEPT)
                found[street] = self._courses[street] = tuple(told.get(street, ()))
        return {street: known or () for street, known in found.items()}


def make_room(kept: dict[Key, Kept], most: int) -> None:
    """Let go of what was read first, so that one more can be kept."""
    while len(kept) >= most:
        with suppress(RuntimeError, StopIteration):  # another thread was faster
            kept.pop(next(iter(kept)), None)
