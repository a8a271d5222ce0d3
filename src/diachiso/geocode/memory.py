"""What was worked out once, kept as long as what it was worked out from."""

from collections.abc import Callable, Hashable, Iterator
from typing import Any, Final, TypeVar

Known = TypeVar("Known")
NOT_KNOWN: Final[Any] = object()


class Memory:
    """By what was asked the answer, from any thread; of too many the oldest tenth goes."""

    def __init__(self, most: int) -> None:
        self._known: dict[Hashable, Any] = {}
        self._most = most
        self._turn = 0

    def __call__(self, what: Hashable, make: Callable[..., Known], *about: object) -> Known:
        """The answer; it is worked out, about what else is given, if it is not known."""
        known: Known = self._known.get(what, NOT_KNOWN)
        if known is NOT_KNOWN:
            turn, known = self._turn, make(*about)
            if len(self._known) >= self._most:
                for oldest in list(self._known)[: self._most // 10 + 1]:
                    self._known.pop(oldest, None)
            if turn == self._turn:  # what was worked out while some was forgotten may be of it
                self._known[what] = known
        return known

    def __len__(self) -> int:
        return len(self._known)

    def __iter__(self) -> Iterator[Hashable]:
        return iter(list(self._known))

    def forget(self, is_over: Callable[[Any], bool]) -> None:
        """Let what was asked so be worked out again."""
        self._turn += 1
        for what in list(self._known):
            if is_over(what):
                self._known.pop(what, None)
