"""The known numbers next to a number: some below and above it on either side of the street."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import TypeVar

EACH_WAY = 4
"""How many below the number, and how many above, on each side (odd, even)."""
PLAIN = itemgetter(0)
"""The plain number of a numbered house."""
House = TypeVar("House")


def next_to(number: int, numbered: Sequence[tuple[int, House]]) -> list[House]:
    """Of houses by rising number the nearest to a number, by rising number."""
    at = bisect_left(numbered, number, key=PLAIN)
    below = _some_of_each_side(numbered[at - 1 :: -1] if at else ())
    return [house for _, house in (*reversed(below), *_some_of_each_side(numbered[at:]))]


def _some_of_each_side(numbered: Iterable[tuple[int, House]]) -> list[tuple[int, House]]:
    room = [EACH_WAY, EACH_WAY]
    found: list[tuple[int, House]] = []
    for pair in numbered:
        side = pair[0] % 2
        if room[side]:
            room[side] -= 1
            found.append(pair)
        if not any(room):
            break
    return found
