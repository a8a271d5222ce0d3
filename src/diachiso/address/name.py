"""Vietnamese names: one spelling, one comparison key.

The registry writes NFC with the tone on the nucleus as Decree 30/2020 prints it ("Hòa", "Thủy");
sources differ ("Hoà", "Thuỷ", a typographic apostrophe), so names are compared by `fold`.
"""

import re
import unicodedata
from functools import lru_cache

# hoà -> hòa, thuý -> thúy, hoè -> hòe: open rhymes in oa, oe, uy carry the tone on the first vowel
OPEN_RHYME = re.compile(
    r"(?i)(?<!q)(o|u)(a|e|y)([\u0300\u0301\u0303\u0309\u0323])(?![a-zđ\u0300-\u036f])"
)
RHYMES = frozenset({"oa", "oe", "uy"})
APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u00b4`", "'"))
NOT_LETTER = re.compile(r"[^a-z0-9]+")


def standard(text: str) -> str:
    """One spelling: NFC, single spaces, straight apostrophes, tones as in official print."""
    if text.isascii() and "`" not in text:
        return " ".join(text.split())
    decomposed = unicodedata.normalize("NFD", text.translate(APOSTROPHES))
    moved = OPEN_RHYME.sub(_tone_first, decomposed)
    return " ".join(unicodedata.normalize("NFC", moved).split())


def _tone_first(match: re.Match[str]) -> str:
    first, second, tone = match.groups()
    return f"{first}{tone}{second}" if first.lower() + second.lower() in RHYMES else match.group()


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """The comparison key: lower case, no diacritics, words parted by one space."""
    plain = text.lower().translate(APOSTROPHES).replace("đ", "d")
    decomposed = unicodedata.normalize("NFD", plain)
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return NOT_LETTER.sub(" ", bare.replace("'", "")).strip()


def tone_key(text: str) -> str:
    """Compare names with their diacritics, whatever the tone placement and case."""
    return standard(text).lower()


def name_key(name: str) -> str:
    """How names of units and streets are compared: folded, with i for y."""
    return fold(name).replace("y", "i")
