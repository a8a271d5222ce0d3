"""Values of which every text makes many.

They are plain classes, for to make a named tuple is a call of Python for each: a twelfth of the
time that a text takes.
"""

from typing import Any


class Value:
    """Compared, hashed and shown by its fields, which are its `__slots__`."""

    __slots__: tuple[str, ...] = ()

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._fields() == other._fields()

    def __hash__(self) -> int:
        return hash(self._fields())

    def __repr__(self) -> str:
        told = ", ".join(f"{name}={getattr(self, name)!r}" for name in type(self).__slots__)
        return f"{type(self).__name__}({told})"

    def _fields(self) -> tuple[Any, ...]:
        return tuple([getattr(self, name) for name in type(self).__slots__])
