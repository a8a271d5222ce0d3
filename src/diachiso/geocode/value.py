"""Values of which every text makes many.

They are plain classes, for to make a named tuple is a call of Python for each: a twelfth of the
instructions that a text took.
"""

from typing import Any


class Value:
    """Compared, hashed and shown by its parts."""

    __slots__: tuple[str, ...] = ()

    def parts(self) -> tuple[Any, ...]:
        """What it is made of, in the order of its arguments."""
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other) or not isinstance(other, Value):
            return False
        return self.parts() == other.parts()

    def __hash__(self) -> int:
        return hash(self.parts())

    def __repr__(self) -> str:
        return f"{type(self).__name__}{self.parts()!r}"
