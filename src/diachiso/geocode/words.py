"""The words of a text: cut once, kept with their places, their separators and their marks.

Capitals tell where glued words part ("TPHàNội", "XãGia Vượng"); glued text without capitals is cut
at syllables. Fields are what commas, dashes and brackets divide.
"""

import re
from enum import IntEnum
from functools import lru_cache
from typing import Final, final

from diachiso.geocode.letters import BLANK, DIGIT, LETTER, LOWER, UPPER, classes_of
from diachiso.geocode.syllable import Cutter

FIELD_END: Final = re.compile(r"[,;\n\r\t|()\[\]{}]")
DASH: Final = re.compile(r"[-\u2013\u2014:]")
STOP: Final = re.compile(r"\.\s")
ABBREVIATED: Final = 3
MOST_WORDS: Final = 72
"""Longer texts are read at both ends: the house is at one, the units are at the other."""
HEAD_WORDS: Final = 24


class Gap(IntEnum):
    """What stands before a word."""

    GLUED = 0
    SPACE = 1
    SOFT = 2
    HARD = 3


GLUED: Final = Gap.GLUED
SPACE: Final = Gap.SPACE
SOFT: Final = Gap.SOFT
HARD: Final = Gap.HARD
"""By themselves: to look them up in the class takes eight times as long, for every word."""


@final
class Words:
    """The words of one text, in parallel tuples: bare, toned, place in the text, gap before."""

    __slots__ = ("bare", "ends", "gaps", "starts", "text", "toned")

    def __init__(
        self,
        text: str,
        bare: tuple[str, ...],
        toned: tuple[str, ...],
        starts: tuple[int, ...],
        ends: tuple[int, ...],
        gaps: tuple[Gap, ...],
    ) -> None:
        self.text: Final = text
        self.bare: Final = bare
        self.toned: Final = toned
        self.starts: Final = starts
        self.ends: Final = ends
        self.gaps: Final = gaps

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
    classes = classes_of(text)
    found = _stretches(classes)
    if len(found) > MOST_WORDS:
        found = found[:HEAD_WORDS] + found[HEAD_WORDS - MOST_WORDS :]
    bare: list[str] = []
    toned: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    gaps: list[Gap] = []
    last_end, brief = 0, True
    for start, end in found:
        one_blank = start == last_end + 1 and classes[last_end] == BLANK
        gap = SPACE if one_blank else _gap(text[last_end:start], brief)
        for letters, marked, left, right in cutter.pieces(text[start:end]):
            bare.append(letters)
            toned.append(marked)
            starts.append(start + left)
            ends.append(start + right)
            gaps.append(GLUED if left else gap)
        last_end, brief = end, end - start <= ABBREVIATED
    return Words(text, tuple(bare), tuple(toned), tuple(starts), tuple(ends), tuple(gaps))


def _stretches(classes: bytes) -> list[tuple[int, int]]:
    """Where words begin and end: digits, capitals, small letters after at most one capital.

    Of several capitals before small letters the last one begins the next word.
    """
    found: list[tuple[int, int]] = []
    at, count = 0, len(classes)
    while at < count:
        kind = classes[at]
        start, at = at, at + 1
        if kind < DIGIT:
            continue
        while at < count and (classes[at] == kind or (kind == LETTER and classes[at] > DIGIT)):
            at += 1
        if kind == UPPER and at < count and classes[at] == LOWER:
            if at > start + 1:
                at -= 1
            else:
                while at < count and classes[at] == LOWER:
                    at += 1
        found.append((start, at))
    return found


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
