"""Mends words that a careless program broke: 'ph ườ ng', 'duong ồng nai', 'xã hưn gnguy ên'.

Programs that take only ASCII for letters cut Vietnamese words at every mark, and expand the lone
'đ' that is left ('đ ồng' -> 'duong ồng', 'd. ồng'). Each field is glued and cut anew at syllables.
"""

import re

from diachiso.geocode.letters import bare_text
from diachiso.geocode.syllable import ONSETS, SYLLABLES
from diachiso.geocode.words import ABBREVIATED, Words

LONE_D = re.compile(
    r"(?<![a-z])(d(?:u{1,2}o{1,2}n?g{0,2}|g{1,2}\.?|\.))\s*(?=[aeiou])|(?<=[a-z])(duon?g{1,2}|dg\.?)\s*(?=[aeiou])"
)
FIELD = re.compile(r"[^,;\n]+")
SHORTEST_BROKEN = 2
VOWELS = frozenset("aeiou")
PIECES = frozenset([*ONSETS.split(), "c", "ch", "m", "n", "ng", "nh", "p", "t"])
"""What is left of a syllable before and behind its vowels."""
LONGEST_MENDED = 160


def mend(words: Words) -> str | None:
    """The text with its broken words glued, field by field; None if it does not look broken."""
    text = words.text[-LONGEST_MENDED:]
    repaired = _lone_d_put_back(text)
    if repaired == text and not _looks_broken(words):
        return None
    return FIELD.sub(lambda field: re.sub(r"\s+", "", field[0]), repaired)


def _lone_d_put_back(text: str) -> str:
    """'duong ồng' -> 'đồng': an expanded lone đ stands before the vowel that it lost."""
    pieces, at = [], 0
    for match in LONE_D.finditer(bare_text(text)):
        pieces += [text[at : match.start()], "đ"]
        at = match.end()
    return "".join(pieces) + text[at:]


def _looks_broken(words: Words) -> bool:
    """Do several words that are no syllables stand in it, and not abbreviations alone?"""
    odd = [at for at, word in enumerate(words.bare) if word.isalpha() and word not in SYLLABLES]
    return len(odd) >= SHORTEST_BROKEN and not all(_is_abbreviation(words, at) for at in odd)


def _is_abbreviation(words: Words, at: int) -> bool:
    """'Q.', 'TP' and 'tp' are no pieces of words; 'h' and 'ph' may be, but not 'H.' and 'PH'."""
    bare = words.bare[at]
    if len(bare) > ABBREVIATED or not VOWELS.isdisjoint(bare):
        return False
    written = words.written(at, at + 1)
    return bare not in PIECES or written.isupper() or words.text.startswith(".", words.ends[at])
