"""Headers as they come (ASGI): pairs of bytes, names in lower case, any of them more than once."""

from collections.abc import Iterable

Headers = Iterable[tuple[bytes, bytes]]


def values_of(headers: Headers, name: bytes) -> list[bytes]:
    """What the headers of a name say, one value for each time that it is sent."""
    return [value for one, value in headers if one == name]
