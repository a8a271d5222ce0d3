"""How a load tells how far it is; the command line draws a bar, the tests say nothing."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

T = TypeVar("T")
Tell = Callable[[str], None]
"""Takes a line of what is being done."""


class Track(Protocol):
    """Hands items on, one by one, and shows how many are done."""

    def __call__(self, items: Sequence[T], label: str) -> Iterable[T]:
        """The items themselves."""
        ...


class Bar(Protocol):
    """Draws how many of the rows are done; gives what moves it on."""

    def __call__(
        self, label: str, total: int, done: int
    ) -> AbstractContextManager[Callable[[int], None]]:
        """As long as the block."""
        ...


def quietly(items: Sequence[T], label: str) -> Iterable[T]:  # noqa: ARG001 (nothing is shown)
    """No bar."""
    return items
