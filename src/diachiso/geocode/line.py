"""What remains of a text when its units are taken out: number, alleys, street, hamlet, building.

A scanner walks the remains once. It works on bare letters of the same length as the text, so that
what it finds can be cut out of the text as written.
"""

import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple, final

from diachiso.address.errors import MalformedNumber
from diachiso.address.number import ALLEY_WORDS, PATH, SPAN, HouseNumber
from diachiso.geocode.letters import bare_text

LONGEST_LINE: Final = 300
LONGEST_NUMBER: Final = 80
HOUSE_AND_ALLEY: Final = 2


@lru_cache(maxsize=16_384)
def parsed(text: str) -> tuple[HouseNumber, str]:
    """A house number and its standard form: the same are written again and again."""
    number = HouseNumber.parse(text)
    return number, str(number)


class PieceKind(StrEnum):
    """What a piece of the line is."""

    NUMBER = "number"
    ALLEY = "alley"
    INDOORS = "indoors"
    STREET = "street"
    GROUP = "residential_group"
    ESTATE = "estate"
    NAME = "name"


NUMBERED: Final = frozenset({PieceKind.NUMBER, PieceKind.ALLEY})
NAMES_OF_PLACES: Final = frozenset({PieceKind.NAME, PieceKind.GROUP})


@final
class Piece:
    """A stretch of the line, as written."""

    __slots__ = ("kind", "written")

    def __init__(
        self,
        kind: PieceKind,
        written: str,
    ) -> None:
        self.kind: Final = kind
        self.written: Final = written


class Line(NamedTuple):
    """The line of an address below the units, and what follows from its pieces.

    `street` is the street, or the name that stands where a street would; `street_names` what may
    name it, the likeliest first: alleys that are streets of their own. `number_told` is the number
    in its standard form, empty if there is none; `numbers` are its readings, the likelier first.
    `place_names` may name a place: estates with and without their kind, then other names.
    `names` are not the street: a shop, a building, a landmark.
    """

    pieces: tuple[Piece, ...]
    number: HouseNumber | None
    number_told: str
    numbers: tuple[HouseNumber, ...]
    street: str | None
    street_names: tuple[str, ...]
    place_names: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, pieces: Sequence[Piece]) -> "Line":
        """What follows from the pieces is worked out once."""
        number, told = _number(pieces)
        streets = [p.written for p in pieces if p.kind is PieceKind.STREET]
        names = [p.written for p in pieces if p.kind is PieceKind.NAME]
        street = streets[0] if streets else _name_after_number(pieces)
        in_order = [street, *streets, *names] if street else names
        return cls(
            pieces=tuple(pieces),
            number=number,
            number_told=told,
            numbers=_in_both_orders(number, pieces) if number else (),
            street=street,
            street_names=tuple(dict.fromkeys(in_order)),
            place_names=_place_names(pieces),
            names=tuple([name for name in names if name != street]),
        )

    def written(self, kind: PieceKind) -> str | None:
        """The pieces of a kind as written, joined; None if there are none."""
        return ", ".join([p.written for p in self.pieces if p.kind is kind]) or None


def _name_after_number(pieces: Sequence[Piece]) -> str | None:
    numbered = False
    for piece in pieces:
        if piece.kind is PieceKind.NAME and numbered:
            return piece.written
        numbered = numbered or piece.kind in NUMBERED
    return None


def _in_both_orders(number: HouseNumber, pieces: Sequence[Piece]) -> tuple[HouseNumber, ...]:
    """The number, and where only strokes stand in it its other order too: likelier first.

    Both 176/3 and 3/176 are written for house 3 in alley 176. The greater number is nearly
    always the alley's: in 20 of 23 such addresses that the streets of Hanoi could settle.
    """
    if len(number.path) < HOUSE_AND_ALLEY or any(p.kind is PieceKind.ALLEY for p in pieces):
        return (number,)
    turned = number.turned
    if number.path == turned.path:
        return (number,)
    greater = (turned.at_street or 0) > (number.at_street or 0)
    return (turned, number) if greater else (number, turned)


def _place_names(pieces: Sequence[Piece]) -> tuple[str, ...]:
    told = []
    for piece in pieces:
        if piece.kind is PieceKind.ESTATE:
            told += [piece.written, ESTATE_KIND.sub("", bare_text(piece.written))]
    told += [p.written for p in pieces if p.kind in NAMES_OF_PLACES]
    return tuple(dict.fromkeys([name for name in told if name]))


NAME: Final = r"[^,;()\n|]"
STOP: Final = r"(?=[,;()\n|]|$)"
GROUPS: Final = "to dan pho|tdp|khu pho|kp|khoi pho|thon|xom|ap|khom|tieu khu"
GROUPS_BY_NUMBER: Final = f"{GROUPS}|to|doi|cum|khu vuc|kv|khoi|khu|ban|lang"
ESTATES: Final = (
    "khu do thi(?: moi)?|kdtm|kdt|khu dan cu|kdc|khu cong nghiep|kcn|khu che xuat|kcx|tdc"
    "|khu tap the|ktt|tap the|khu tai dinh cu|chung cu|cc|c/c|ktx|ki tuc xa|ky tuc xa|toa nha"
)
ESTATE_KIND: Final = re.compile(rf"^(?:{ESTATES})\.?\s+")
ROOMS: Final = "can ho|can|tang|lau|phong|toa|block|lo|ki ?ot|kiot|shop|ch|flat|apt|floor"
ROADS: Final = "quoc lo|tinh lo|huong lo|cao toc|ql|tl|hl|dt|dh|dx|nd"
STREETS: Final = "duong|pho|dai lo|ngo|ngach|hem|kiet|d|p|dl|street"
NUMBERS: Final = "so nha|nha so|so|sn|no"
STROKES: Final = "xuyec|xuyet|xet|sec"
GROUP_FOLLOWS: Final = r"\s(?:to|khu pho|kp|thon|ap|tdp)\s\d"


class Pattern(NamedTuple):
    """What a piece of a kind looks like, and the letters it may begin with."""

    kind: PieceKind
    match: Callable[[str, int], re.Match[str] | None]
    letters: frozenset[str]


def _words(kind: PieceKind, words: str, *rest: str) -> Pattern:
    """A piece that begins with one of these words."""
    pattern = re.compile("".join((rf"(?:{words})", *rest)))
    return Pattern(kind, pattern.match, frozenset(word[0] for word in words.split("|")))


def _anything(kind: PieceKind, *pieces: str) -> Pattern:
    return Pattern(kind, re.compile("".join(pieces)).match, BARE)


BARE: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
PATTERNS: Final[tuple[Pattern, ...]] = (
    _words(PieceKind.GROUP, GROUPS_BY_NUMBER, r"(?:\.\s?|\s*(?:so )?)\d+[a-z]?(?:/\d+)?\b"),
    _words(PieceKind.GROUP, GROUPS, rf"(?:\.\s?|\s+){NAME}{{2,40}}?{STOP}"),
    _words(PieceKind.ESTATE, ESTATES, rf"\.?\s+{NAME}{{1,50}}?{STOP}"),
    _words(PieceKind.INDOORS, ROOMS, r"\.?\s?(?:so )?", r"[a-z]{0,3}[-.]?\d[\w.\-/]*"),
    _words(PieceKind.INDOORS, "toa|block|lo", r"\.?\s[a-z]\b(?:\s?c/c)?"),
    _words(
        PieceKind.STREET,
        r"duong|d\.|pho|street",
        r"\s*(?:so\s*)?\d{1,3}(?:/\d{1,2}|[a-z]{0,2})?(?:[ -][a-z]\b)?(?![\w/])",
    ),
    _words(PieceKind.STREET, ROADS, r"\.?\s*\d{1,4}[a-z]{0,2}\b"),
    _words(PieceKind.ALLEY, "|".join(ALLEY_WORDS), rf"\.?\s?(?:so )?{PATH}(?![\w])"),
    _words(PieceKind.NUMBER, "km", r"\.?\s?\d{1,4}(?:\s?\+\s?\d{1,3})?"),
    _anything(
        PieceKind.NUMBER,
        rf"(?:{NUMBERS})?\.?\s?{SPAN}(?:\s(?:{STROKES})\s\d+[^\W\d]?)*",
        r"(?![\w/])",
    ),
    _words(
        PieceKind.STREET,
        STREETS,
        rf"\.?\s+(?=[a-z])(?:(?!{GROUP_FOLLOWS}){NAME}){{2,50}}?{STOP}",
    ),
    _anything(
        PieceKind.NAME,
        rf"[a-z0-9](?:(?!{GROUP_FOLLOWS}|\s(?:ngo|hem|kp)\s?\.?\d){NAME})*",
    ),
)
BEGINNING: Final = {letter: tuple(p for p in PATTERNS if letter in p.letters) for letter in BARE}
"""The patterns that a piece may be of, by its first letter."""
SKIP: Final = re.compile(r"[^a-z0-9]+")
DASHES: Final = ("-", "–", "—")
BREAKS: Final = re.compile(r"\s[-–—]\s|[–—]")


def line_of(text: str) -> Line:
    """Scan what remains of an address."""
    text = text[:LONGEST_LINE]
    if any(dash in text for dash in DASHES):
        text = BREAKS.sub(lambda m: "," + " " * (len(m[0]) - 1), text)
    bare = bare_text(text)
    pieces: list[Piece] = []
    at = 0
    while at < len(bare):
        if skip := SKIP.match(bare, at):
            at = skip.end()
            continue
        kind, end = _next(bare, at)
        pieces.append(Piece(kind, " ".join(text[at:end].split()).strip(" .-")))
        at = end
    return Line.of(pieces)


def _next(bare: str, at: int) -> tuple[PieceKind, int]:
    for kind, match_at, _ in BEGINNING[bare[at]]:
        if (match := match_at(bare, at)) and match.end() > at:
            return kind, match.end()
    return PieceKind.NAME, at + 1


def _below_the_street(pieces: Sequence[Piece]) -> Sequence[Piece]:
    """Without the numbers of an estate, where an alley follows ('3 tập thể X, ngõ 385, phố Y')."""
    kinds = [piece.kind for piece in pieces]
    if PieceKind.ESTATE in kinds:
        after = pieces[kinds.index(PieceKind.ESTATE) + 1 :]
        if any(piece.kind is PieceKind.ALLEY for piece in after):
            return after
    return pieces


def _number(pieces: Sequence[Piece]) -> tuple[HouseNumber | None, str]:
    """The house number and its standard form: the first run of numbers and alleys, one number."""
    run: list[str] = []
    has_number = False
    for piece in _below_the_street(pieces):
        if piece.kind in NUMBERED and not (has_number and piece.kind is PieceKind.NUMBER):
            run.append(piece.written)
            has_number = has_number or piece.kind is PieceKind.NUMBER
        elif run:
            break
    indoors = [p.written for p in pieces if p.kind is PieceKind.INDOORS]
    for told in (" ".join(run), " ".join(indoors)):
        if told:
            try:
                return parsed(told[:LONGEST_NUMBER])
            except MalformedNumber:
                continue
    return None, ""
