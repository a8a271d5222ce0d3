"""Vpostcode (2020): a postal code and seven characters of the Plus Code, derived, never stored.

The Plus Code (Open Location Code) of 11 digits names a cell of about 3 x 3 m; Vpostcode leaves its
first four digits out, and the postal code stands in for them. It is a location code: two doors in
one cell share it, and it says nothing about identity.
"""

import re
from dataclasses import dataclass
from typing import Self

from openlocationcode import openlocationcode as plus

from diachiso.address.errors import MalformedVpostcode
from diachiso.address.position import Position

PLUS_DIGITS = 11
LEFT_OUT = 4
WRITTEN = re.compile(r"([0-9]{5})[\s\-.]*([23456789CFGHJMPQRVWX]{4})\+?([23456789CFGHJMPQRVWX]{3})")


@dataclass(frozen=True, slots=True)
class Vpostcode:
    """Twelve characters: 11024 + 2V3QXF7 (the Plus Code without its first four and its plus)."""

    postcode: str
    local: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a Vpostcode, with or without separators, in any case.

        Raises:
            MalformedVpostcode: not five digits and seven Plus Code characters.
        """
        match = WRITTEN.fullmatch(text.strip().upper())
        if match is None:
            raise MalformedVpostcode(
                f"{text!r} không phải là Vpostcode (5 chữ số + 7 ký tự Plus Code). / "
                "not a Vpostcode (5 digits + 7 Plus Code characters)."
            )
        return cls(match[1], match[2] + match[3])

    @classmethod
    def at(cls, postcode: str, position: Position) -> Self:
        """The Vpostcode of a point in the ward of a postal code."""
        code = str(plus.encode(position.lat, position.lon, PLUS_DIGITS))
        return cls(postcode, code.replace("+", "")[LEFT_OUT:])

    def position(self, near: Position) -> Position:
        """The middle of the cell, of those about 1 degree apart the one nearest to a known point.

        `near` is any point of the postal code's ward: wards are far smaller than a degree.
        """
        short = f"{self.local[:4]}+{self.local[4:]}"
        area = plus.decode(plus.recoverNearest(short, near.lat, near.lon))
        return Position(area.longitudeCenter, area.latitudeCenter)

    def __str__(self) -> str:
        """Printed without a gap, as the postal service does."""
        return self.postcode + self.local
