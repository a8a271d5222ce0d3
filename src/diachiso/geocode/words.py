"""The words of a text: cut once, kept with their places, their separators and their marks.

Capitals tell where glued words part ("TPHàNội", "XãGia Vượng"); glued text without capitals is cut
at syllables. Fields are what commas, dashes and brackets divide.
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from diachiso.geocode.syllable import Cutter

UPPER = "".join(c for c in map(chr, range(0x41, 0x1F00)) if c.isalpha() and c.isupper())
LOWER = "".join(c for c in map(chr, range(0x61, 0x1F00)) if c.isalpha() and c.islower())
WORD = re.compile(rf"[{UPPER}]+(?![{LOWER}])|[{UPPER}]?[{LOWER}]+|\d+|[^\W\d_]+")
FIELD_END = re.compile(r"[,;\n\r\t|()\[\]{}]")
DASH = re.compile(r"[-\u2013\u2014:]")
STOP = re.compile(r"\.\s")
ABBREVIATED = 3
MOST_WORDS = 72
"""Longer texts are read at both ends: the house is at one, the units are at the other."""
HEAD_WORDS = 24


class Gap(IntEnum):
    """What stands before a word."""

    GLUED = 0
    SPACE = 1
    SOFT = 2
    HARD = 3


GLUED, SPACE, SOFT, HARD = Gap
"""By themselves: to look them up in the class takes eight times as long, for every word."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one text, in parallel tuples: bare, toned, place in the text, gap before."""

    text: str
    bare: tuple[str, ...]
    toned: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    gaps: tuple[Gap, ...]

    def __len__(self) -> int:
        return len(self.bare)

    def glued(self, start: int, end: int) -> str:
        """The bare letters of some words, without spaces."""
        return "".join(self.bare[start:end])

    def written(self, start: int, end: int) -> str:
        """Some words as the text has them."""
        return self.text[self.starts[start] : self.ends[end - 1]] if start < end else ""


def words_of(text: str, cutter: Cutter) -> Words:
    """Cut a text (NFC) into words; at most `MOST_WORDS`, the middle of longer texts left out."""
    found = [match.span() for match in WORD.finditer(text)]
    if len(found) > MOST_WORDS:
        found = found[:HEAD_WORDS] + found[HEAD_WORDS - MOST_WORDS :]
    cut: list[tuple[str, str, int, int, Gap]] = []
    pieces = cutter.pieces
    last_end, brief = 0, True
    for start, end in found:
        between = text[last_end:start]
        gap = SPACE if between == " " else _gap(between, brief)
        for bare, toned, left, right in pieces(text[start:end]):
            cut.append((bare, toned, start + left, start + right, GLUED if left else gap))
        last_end, brief = end, end - start <= ABBREVIATED
    columns = zip(*cut, strict=True) if cut else ((),) * 5
    return Words(text, *columns)


@lru_cache(maxsize=4096)
def _gap(between: str, after_few_letters: bool) -> Gap:  # noqa: FBT001 (a part of the key)
    """A full stop after three letters or fewer is that of an abbreviation ('TP. Hà Nội')."""
    if not between:
        return GLUED
    if FIELD_END.search(between):
        return HARD
    if DASH.search(between):
        return SOFT
    return SPACE if after_few_letters or not STOP.search(between) else SOFT
