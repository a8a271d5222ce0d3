"""Vietnamese syllables: the letters without marks, the marks apart, and glued text cut open.

A word is compared in two strengths. `bare` has neither marks nor the difference of i and y
('Thủy' -> 'thui'); `toned` keeps the marks, the tone at the end of the word ('thuỷ', 'thủy' ->
'thui3'), so that the place of the tone does not matter.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from math import log
from typing import Final

TONES: Final = {"\u0300": "2", "\u0301": "1", "\u0303": "4", "\u0309": "3", "\u0323": "5"}
ONSETS: Final = "b c ch d g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x kr br dr pl bl"
RHYMES: Final = """
a ac ach ai am an ang anh ao ap at au e ec em en eng eo ep et eu enh ech i ia ich iec iem ien ieng
iep iet ieu im in inh ip it iu o oa oac oach oai oam oan oang oanh oao oap oat oc oe oen oeo oet oi
om on ong ooc oong op ot u ua uan uang uat uc ue uech uenh ui uia uich uien uiet uin uinh uip uit
uiu um un ung uo uoc uoi uom uon uong uop uot uou up ut uu
"""
ODD: Final = "gi gin gim gia gie gieng giuong"
SYLLABLES: Final = frozenset(
    [onset + rhyme for onset in ONSETS.split() for rhyme in RHYMES.split()]
    + RHYMES.split()
    + ODD.split()
)
"""Every syllable that Vietnamese spelling allows, bare; a few that it does not do no harm."""

LONGEST_WORD: Final = 8
SHORTEST_GLUED: Final = 3
LONGEST_GLUED: Final = 64
SURELY_GLUED: Final = 10
"""A word this long is cut even where a piece of it makes no sense."""


@lru_cache(maxsize=65536)
def analyse(word: str) -> tuple[str, str]:
    """(bare, toned) of one word in lower case; digits lose leading zeros."""
    if word.isdecimal():
        number = word.lstrip("0") or "0"
        return number, number
    letters, tone = [], ""
    for char in unicodedata.normalize("NFD", word):
        if char in TONES:
            tone = TONES[char]
        else:
            letters.append("i" if char == "y" else char)
    bare = "".join("d" if c == "\u0111" else c for c in letters if c == "\u0111" or c.isalnum())
    return bare, unicodedata.normalize("NFC", "".join(letters)) + tone


Piece = tuple[str, str, int, int]
"""A word as cut out of a longer one: bare, toned, where it begins and where it ends."""


class Cutter:
    """Cuts glued words into the syllables that are likeliest in names.

    `heads` may stand first without being syllables: kinds of unit, short or misspelt.
    """

    UNKNOWN_LETTER = 12.0
    HEAD = 7.0
    CACHED = 20000

    def __init__(self, names: Iterable[str], heads: Iterable[str] = ()) -> None:
        self._heads = frozenset(heads)
        counts = Counter(word for name in names for word in name.split())
        total = sum(counts.values()) + len(SYLLABLES)
        self._cost = {word: log(total / (counts[word] + 0.3)) for word in SYLLABLES | set(counts)}
        self._known: dict[str, tuple[Piece, ...]] = {}

    def cuts(self, bare: str) -> tuple[int, ...]:
        """Where to cut a glued word: the inner offsets, none if it is better left whole."""
        return self._cut(bare) if SHORTEST_GLUED <= len(bare) <= LONGEST_GLUED else ()

    def pieces(self, written: str) -> tuple[Piece, ...]:
        """The word, or the words that are glued in it; none if it has no letter that counts."""
        found = self._known.get(written)
        if found is None:
            found = self._pieces(written)
            if len(self._known) >= self.CACHED:
                self._known.clear()
            self._known[written] = found
        return found

    def _pieces(self, written: str) -> tuple[Piece, ...]:
        word = written.lower()
        bare, toned = analyse(word)
        inner = () if bare in self._cost or len(bare) != len(word) else self.cuts(bare)
        if not inner:
            return ((bare, toned, 0, len(word)),) if bare else ()
        edges = pairwise((0, *inner, len(word)))
        return tuple((*analyse(word[left:right]), left, right) for left, right in edges)

    def _cut(self, bare: str) -> tuple[int, ...]:
        best: list[tuple[float, int]] = [(0.0, 0)]
        for end in range(1, len(bare) + 1):
            starts = range(max(0, end - LONGEST_WORD), end)
            best.append(
                min((best[start][0] + self._piece(bare, start, end), start) for start in starts)
            )
        edges = _walk_back(best)
        pieces = [bare[a:b] for a, b in pairwise((0, *edges, len(bare)))]
        first, *rest = pieces
        sound = (first in self._cost or first in self._heads) and all(
            piece in self._cost and len(piece) > 1 for piece in rest
        )
        return edges if sound or len(bare) >= SURELY_GLUED else ()

    def _piece(self, bare: str, start: int, end: int) -> float:
        piece = bare[start:end]
        if start == 0 and piece in self._heads:
            return self.HEAD
        return self._cost.get(piece, self.UNKNOWN_LETTER * len(piece))


def _walk_back(best: list[tuple[float, int]]) -> tuple[int, ...]:
    found, at = [], len(best) - 1
    while (at := best[at][1]) > 0:
        found.append(at)
    return tuple(reversed(found))
