"""The words that say what kind of unit follows: 'Phường', 'P.', 'F', 'Ward', 'T.X.'."""

from dataclasses import dataclass
from typing import Final

from diachiso.address.division import Kind
from diachiso.geocode.syllable import SYLLABLES


@dataclass(frozen=True, slots=True, eq=False)
class KindWord:
    """What a kind word may mean. `brief` ones (one or two letters) have other meanings too.

    Compared by identity: there is one for each word of `KIND_WORDS`.
    """

    kinds: frozenset[Kind]
    brief: bool


WRITTEN: Final[dict[Kind, tuple[str, str]]] = {
    Kind.TINH: ("tinh province", "t"),
    Kind.THANH_PHO: ("thanhpho tpho thpho city cit", "tp"),
    Kind.QUAN: ("quan district dist", "q"),
    Kind.HUYEN: ("huien district dist", "h"),
    Kind.THI_XA: ("thixa town txa", "tx"),
    Kind.PHUONG: ("phuong ward phg fuong", "p f ph"),
    Kind.XA: ("xa commune", "x"),
    Kind.THI_TRAN: ("thitran ttran ttr township", "tt"),
    Kind.DAC_KHU: ("dackhu", "dk"),
}
AFTER: Final = frozenset(
    {"city", "cit", "district", "province", "ward", "commune", "town", "township"}
)
"""English kinds follow the name as often as they precede it."""


def _slips(word: str) -> set[str]:
    """The word with one letter lost, doubled or swapped, unless that is another syllable."""
    lost = {word[:i] + word[i + 1 :] for i in range(len(word))}
    doubled = {word[:i] + word[i] + word[i:] for i in range(len(word))}
    swapped = {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)}
    return {slip for slip in lost | doubled | swapped if len(slip) > 1} - SYLLABLES


def _lexicon() -> dict[str, KindWord]:
    meanings: dict[str, set[Kind]] = {}
    brief: set[str] = set()
    for kind, (full, short) in WRITTEN.items():
        for word in (full + " " + short).split():
            meanings.setdefault(word.replace("y", "i"), set()).add(kind)
        brief |= set(short.split())
    for kind in Kind:
        word = WRITTEN[kind][0].split()[0]
        for slip in _slips(word) - meanings.keys():
            meanings[slip] = {kind}
    return {word: KindWord(frozenset(kinds), word in brief) for word, kinds in meanings.items()}


KIND_WORDS: Final = _lexicon()
LONGEST_KIND: Final = max(map(len, KIND_WORDS))
KIND_STARTS: Final = frozenset(word[:end] for word in KIND_WORDS for end in range(1, len(word) + 1))
