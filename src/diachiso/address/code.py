"""The ten-digit code (mã địa chỉ số): five digits of area, five of extension.

The area is the postal code of the issuing ward, frozen at issue; it says nothing about today's
ward. The extension is drawn at random. A code is *self-checking* when its ten digits pass the Damm
check (H. M. Damm, 2004): among such codes no single wrong digit and no swap of neighbours gives
another. There are 10,000 of them in an area; they are drawn first, the other 90,000 after.
Source: Decision 392/QĐ-BTTTT (2022) and the annex of plan 270/KH-UBND of Đắk Nông.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Self

from stdnum import damm

from diachiso.address.errors import MalformedCode

DIGITS = "0123456789"
SEPARATORS = re.compile(r"[\s.\-_/·\u2010-\u2015\u2212]")
PASSING_PER_AREA = 10_000
OTHERS_PER_AREA = 90_000


@dataclass(frozen=True, slots=True, order=True)
class AddressCode:
    """A ten-digit address code. To hold one is to know it is well formed."""

    digits: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a code from any usual writing: 11024-58317, spaces, dots, full-width digits.

        Raises:
            MalformedCode: says what stands where a digit should, or how many digits there are.
        """
        plain = SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
        for place, character in enumerate(plain, start=1):
            if character not in DIGITS:
                raise MalformedCode(
                    f"Mã địa chỉ số chỉ gồm chữ số; ký tự thứ {place} là {character!r}. / "
                    f"An address code has digits only; character {place} is {character!r}."
                )
        if len(plain) != 10:  # noqa: PLR2004 (ten digits is the definition)
            raise MalformedCode(
                f"Mã địa chỉ số có 10 chữ số; đây có {len(plain)}. / "
                f"An address code has 10 digits; this has {len(plain)}."
            )
        return cls(plain)

    @classmethod
    def of(cls, area: str, extension: str) -> Self:
        """The code of an area (5 digits) and an extension (5 digits)."""
        return cls.parse(area + extension)

    @property
    def area(self) -> str:
        """The five digits of the issuing ward's postal code."""
        return self.digits[:5]

    @property
    def extension(self) -> str:
        """The five digits drawn at random."""
        return self.digits[5:]

    @property
    def is_self_checking(self) -> bool:
        """Do the ten digits pass the Damm check?"""
        return damm.is_valid(self.digits)

    def slips(self) -> Iterator["AddressCode"]:
        """The codes of the same area one wrong digit or one swap of neighbours away."""
        ext = self.extension
        for place, digit in product(range(5), DIGITS):
            if digit != ext[place]:
                yield AddressCode(self.area + ext[:place] + digit + ext[place + 1 :])
        for place in range(4):
            if ext[place] != ext[place + 1]:
                swapped = ext[place + 1] + ext[place]
                yield AddressCode(self.area + ext[:place] + swapped + ext[place + 2 :])

    def __str__(self) -> str:
        """The one way codes are printed: 11024-58317."""
        return f"{self.area}-{self.extension}"


def passing(area: str, first_four: str) -> AddressCode:
    """The one self-checking code of an area whose extension begins with these four digits."""
    return AddressCode(area + first_four + damm.calc_check_digit(area + first_four))
