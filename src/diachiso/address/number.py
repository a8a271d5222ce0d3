"""House numbers: what people write, one standard form, one key to compare by.

Circular 08/2024/TT-BXD numbers houses along a street and alleys along alleys; `12/3/5B` reads from
the street inwards: house 5B of alley 3 of alley 12. Hanoi writes the same as "số 5B ngách 12/3 ngõ
12", and both compare equal here. Flats, floors, lots and kilometre posts are told apart.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Self

from diachiso.address.errors import MalformedNumber
from diachiso.address.name import fold

LONGEST = 80
"""Letters; no real house number comes near it."""

LETTERED = r"(?:[a-z]\d{1,2}|[a-z]{1,2})(?![a-z])"
PART = rf"(?:[a-z]{{1,3}}\.?)?\d{{1,5}}(?:{LETTERED})?(?:\.\d{{1,4}})?(?: ?(?:bis|ter))?"
PATH = rf"{PART}(?: ?/ ?(?:{PART}|[a-z]))*"
SPAN = rf"{PATH}(?: ?[-–] ?{PART})*"
ALLEY_WORDS = {
    "ngo": 1,
    "ng": 1,
    "kiet": 1,
    "alley": 1,
    "lane": 1,
    "ngach": 2,
    "ngh": 2,
    "nghach": 2,
    "hem": 3,
}
"""Alleys from the street inwards: ngõ > ngách > hẻm; a hẻm of the South stands alone."""

ALLEY = re.compile(rf"\b(?P<word>{'|'.join(ALLEY_WORDS)})\.? ?(?:so )?(?P<path>{PATH})(?![\w])")
FLAT = re.compile(
    r"\b(?:can ho|can|phong|ch|flat|apt|unit)\.? ?(?:so )?(?P<name>[a-z]{0,3}[-.]?\d[\w.\-]*)"
)
FLOOR = re.compile(r"\b(?:tang|lau|floor)\.? ?(?P<name>\d{1,3}|tret|lung|ham)")
BUILDING = re.compile(
    r"\b(?:toa nha|toa|block|nha|chung cu|cc|c/c|thap|building)\.? ?"
    r"(?P<name>[a-z]{0,3}\d[\w.\-]*|[a-z]\b)"
)
LOT = re.compile(r"\b(?:lo|lot)\.? ?(?:so )?(?P<name>[a-z]{0,3}-?\d[\w.\-]*|[a-z]\d{0,3}\b)")
KILOMETRE = re.compile(r"\bkm\.? ?(?P<km>\d{1,4})(?: ?\+ ?(?P<m>\d{1,3}))?")
HOUSE = re.compile(rf"(?:^|\b(?:so nha|so|sn|nha so|no|nha)\.? ?|(?<![\w/.\-])){SPAN}(?![\w/])")
STROKES = re.compile(r"\s*(?:xuyec|xuyet|xet|sec|sẹc|tren)\s+(?=\d)")
PLAIN = re.compile(r"[0-9]{1,5}[A-Za-z]?(?:/[0-9]{1,5}[A-Za-z]?)*")
"""Most numbers there are: '12', '12A', '12/3/5B'."""
KEEP = re.compile(r"[^a-z0-9/+.\- ]+")


@dataclass(frozen=True, slots=True)
class HouseNumber:
    """A house number, parsed: to hold one is to know it is well formed.

    `path` leads from the street to the door ("12", "3", "5B"); `until` is the end of a range
    ("246-260"). At least one of path, flat, lot and kilometre is there.
    """

    path: tuple[str, ...] = ()
    until: str | None = None
    flat: str | None = None
    floor: str | None = None
    building: str | None = None
    lot: str | None = None
    kilometre: tuple[int, int] | None = None
    has_house: bool = field(default=True, compare=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a house number in any usual writing.

        Raises:
            MalformedNumber: nothing in the text is a house number, or it is far too long.
        """
        if len(text) > LONGEST:
            raise MalformedNumber(f"Số nhà dài quá {LONGEST} ký tự. / longer than any house number")
        if PLAIN.fullmatch(text):
            return cls(_parts(text))
        rest = STROKES.sub("/", KEEP.sub(" ", _plain(text))).strip()
        flat, rest = _take(FLAT, rest)
        floor, rest = _take(FLOOR, rest)
        lot, rest = _take(LOT, rest)
        building, rest = _take(BUILDING, rest)
        kilometre, rest = _take_kilometre(rest)
        alleys, rest = _take_alleys(rest)
        house, until = _house(rest)
        path = _join(alleys, house)
        if not (path or flat or lot or kilometre or building):
            raise MalformedNumber(f"{text!r} không phải là số nhà. / not a house number.")
        return cls(path, until, flat, floor, building, lot, kilometre, bool(house))

    @property
    def key(self) -> str:
        """What tells houses of a street apart: the path, else the post, the lot or the flat."""
        if self.path:
            return "/".join(self.path)
        if self.kilometre:
            return f"KM{self.kilometre[0]}+{self.kilometre[1]:03d}"
        if self.lot:
            return f"LO{self.lot}"
        return f"{self.building or ''}:{self.flat or ''}"

    @property
    def either_way(self) -> tuple[str, str]:
        """The keys of a path read from the street inwards, and from the door outwards."""
        return "/".join(self.path), "/".join(self.path[::-1])

    @property
    def alley(self) -> tuple[str, ...]:
        """The alleys on the way to the house, from the street inwards."""
        return self.path[:-1] if self.has_house else self.path

    @property
    def at_street(self) -> int | None:
        """The number at the street itself: of the house, or of the alley's mouth."""
        if not self.path:
            return None
        if self.path[0].isdecimal():
            return int(self.path[0])
        digits = re.search(r"\d+", self.path[0])
        return int(digits[0]) if digits else None

    @property
    def turned(self) -> Self:
        """The same read from the door outwards: 3/176 for house 3 in alley 176."""
        return replace(self, path=self.path[::-1])

    def __str__(self) -> str:
        """The one standard form: 'Căn 1203, toà S2.05', '12/3/5B', 'Lô B2', 'Km 9+200'."""
        told = [
            f"Căn {self.flat}" if self.flat else "",
            f"tầng {self.floor}" if self.floor else "",
            f"toà {self.building}" if self.building else "",
            f"lô {self.lot}" if self.lot else "",
            f"Km {self.kilometre[0]}+{self.kilometre[1]:03d}" if self.kilometre else "",
            "/".join(self.path) + (f"-{self.until}" if self.until else ""),
        ]
        joined = ", ".join(piece for piece in told if piece)
        return joined[:1].upper() + joined[1:]


def _plain(text: str) -> str:
    """Bare lower case, with the signs that numbers use kept."""
    return " ".join("".join(_bare(c) for c in text.lower()).split())


def _bare(char: str) -> str:
    return char if char in "/+.-" else (fold(char) or " ")


def _take(pattern: re.Pattern[str], text: str) -> tuple[str | None, str]:
    match = pattern.search(text)
    if match is None:
        return None, text
    return match["name"].strip(".-").upper(), f"{text[: match.start()]} {text[match.end() :]}"


def _take_kilometre(text: str) -> tuple[tuple[int, int] | None, str]:
    match = KILOMETRE.search(text)
    if match is None:
        return None, text
    post = int(match["km"]), int(match["m"] or 0)
    return post, f"{text[: match.start()]} {text[match.end() :]}"


def _take_alleys(text: str) -> tuple[list[tuple[int, tuple[str, ...]]], str]:
    found = [(ALLEY_WORDS[m["word"]], _parts(m["path"])) for m in ALLEY.finditer(text)]
    return sorted(found, key=lambda alley: (alley[0], len(alley[1]))), ALLEY.sub(" ", text)


def _house(text: str) -> tuple[tuple[str, ...], str | None]:
    match = HOUSE.search(text.strip())
    if match is None:
        return (), None
    written = re.search(SPAN, match[0])
    if written is None:
        return (), None
    first, *others = re.split(r" ?[-–] ?", written[0])
    if others and re.search(r"[a-z]$|^[a-z]", first.split("/")[-1]) and first[0].isalpha():
        return _parts("-".join([first, *others])), None
    return _parts(first), _part(others[-1]) if others else None


def _parts(path: str) -> tuple[str, ...]:
    return tuple(_part(part) for part in path.split("/") if part.strip(" .-"))


def _part(part: str) -> str:
    """'041' -> '41', '5b' -> '5B', '12 bis' -> '12BIS'."""
    return re.sub(r"^0+(?=\d)", "", part.replace(" ", "").strip(".-").upper())


def _join(alleys: list[tuple[int, tuple[str, ...]]], house: tuple[str, ...]) -> tuple[str, ...]:
    """One path from the street inwards: 'ngõ 12', 'ngách 12/3', 'số 5' -> 12/3/5."""
    path: tuple[str, ...] = ()
    for _, alley in alleys:
        path = _onto(path, alley)
    return _onto(path, house)


def _onto(path: tuple[str, ...], further: tuple[str, ...]) -> tuple[str, ...]:
    if len(further) > len(path) and further[: len(path)] == path:
        return further
    return path + further
