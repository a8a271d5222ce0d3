"""How a load tells how far it is; the command line draws a bar, the tests say nothing."""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")


class Track(Protocol):
    """Hands items on, one by one, and shows how many are done."""

    def __call__(self, items: Sequence[T], label: str) -> Iterable[T]:
        """The items themselves."""
        ...


def quietly(items: Sequence[T], label: str) -> Iterable[T]:  # noqa: ARG001 (nothing is shown)
    """No bar."""
    return items
