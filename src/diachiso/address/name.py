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
APOSTROPHE = re.compile("[\u2018\u2019\u02bc\u00b4`]")
TONED = "àáãảạèéẻẽẹỳýỷỹỵ"
MAY_MOVE = re.compile(f"[ouOU][{TONED}{TONED.upper()}]")
"""A tone on the second vowel of what may be an open rhyme, composed."""
VIETNAMESE_ENDS = 0x1F00
"""All letters of Vietnamese, composed and decomposed, are below."""
LETTERS_AND_DIGITS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


def standard(text: str) -> str:
    """One spelling: NFC, single spaces, straight apostrophes, tones as in official print."""
    if text.isascii() and "`" not in text:
        return " ".join(text.split())
    straight = APOSTROPHE.sub("'", text)
    if unicodedata.is_normalized("NFC", straight) and not MAY_MOVE.search(straight):
        return " ".join(straight.split())
    decomposed = unicodedata.normalize("NFD", straight)
    moved = OPEN_RHYME.sub(_tone_first, decomposed)
    return " ".join(unicodedata.normalize("NFC", moved).split())


def _tone_first(match: re.Match[str]) -> str:
    first, second, tone = match.groups()
    return f"{first}{tone}{second}" if first.lower() + second.lower() in RHYMES else match.group()


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """The comparison key: lower case, no diacritics, words parted by one space."""
    return " ".join(text.translate(FOLDED).split())


class Folded(dict[int, str]):
    """By the number of a character what it is folded to: letters, a space, or nothing."""

    def __missing__(self, code: int) -> str:
        """Worked out each time: those that are often met are in the table."""
        return folded_character(chr(code))


def folded_character(char: str) -> str:
    """Its letters in lower case and without marks; marks and apostrophes are nothing at all."""
    plain = APOSTROPHE.sub("", char.lower()).replace("'", "").replace("đ", "d")
    decomposed = unicodedata.normalize("NFD", plain)
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return "".join(c if c in LETTERS_AND_DIGITS else " " for c in bare)


FOLDED = Folded({code: folded_character(chr(code)) for code in range(VIETNAMESE_ENDS)})


def tone_key(text: str) -> str:
    """Compare names with their diacritics, whatever the tone placement and case."""
    return standard(text).lower()


def name_key(name: str) -> str:
    """How names of units and streets are compared: folded, with i for y."""
    return fold(name).replace("y", "i")
