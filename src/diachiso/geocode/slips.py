"""Keys one slip away: a letter lost, added, changed, or two neighbours swapped.

Symmetric deletion: every key is filed under itself with each letter left out, and looked up the
same way, so that a look-up costs as many dictionary reads as the word has letters.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA

SHORTEST: Final = 4
"""Shorter keys are one slip away from too many others."""
MOST_REMEMBERED: Final = 8192
"""Of how many words, of which texts repeat many, the near keys are remembered."""


class SlipIndex:
    """Finds the keys that are exactly one slip away from a word."""

    def __init__(self, keys: Iterable[str]) -> None:
        filed: dict[str, list[str]] = {}
        for key in sorted(set(keys)):
            if len(key) >= SHORTEST and not key.isdecimal():
                for shorter in dict.fromkeys(_shortened(key)):
                    filed.setdefault(shorter, []).append(key)
        self._filed = {shorter: tuple(those) for shorter, those in filed.items()}
        self.near = lru_cache(maxsize=MOST_REMEMBERED)(self._near)
        """The keys at a distance of exactly one (restricted Damerau)."""

    def _near(self, word: str) -> tuple[str, ...]:
        found: dict[str, bool] = {}
        for shorter in _shortened(word):
            for key in self._filed.get(shorter, ()):
                if key not in found:
                    found[key] = OSA.distance(key, word, score_cutoff=1) == 1
        return tuple([key for key, is_near in found.items() if is_near])


def _shortened(word: str) -> list[str]:
    """In the same order always: a set's order differs from process to process."""
    return [word, *[word[:at] + word[at + 1 :] for at in range(len(word))]]


def starting(keys: Sequence[str], prefix: str, most: int) -> Iterator[str]:
    """At most so many of some sorted keys that start so."""
    at = bisect_left(keys, prefix)
    for key in keys[at : at + most]:
        if not key.startswith(prefix):
            return
        yield key
