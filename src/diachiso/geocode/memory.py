"""What was worked out once, kept as long as what it was worked out from."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

Known = TypeVar("Known")
NOT_KNOWN: Any = object()


class Memory:
    """By what was asked the answer, from any thread; when there are too many, all go."""

    def __init__(self, most: int) -> None:
        self._known: dict[Hashable, Any] = {}
        self._most = most

    def __call__(self, what: Hashable, make: Callable[[], Known]) -> Known:
        """The answer; it is worked out if it is not known."""
        known: Known = self._known.get(what, NOT_KNOWN)
        if known is NOT_KNOWN:
            known = make()
            if len(self._known) >= self._most:
                self._known.clear()
            self._known[what] = known
        return known
