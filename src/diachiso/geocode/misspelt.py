"""Where a text may name a unit misspelt or cut short: windows of words close to a name."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from diachiso.address.division import Level
from diachiso.geocode.mention import CUT_SHORT, Mention, Span
from diachiso.geocode.spans import MOST_SPANS, Ground, span_at
from diachiso.geocode.vocabulary import LONGEST_KEY, Unit, UnitVocabulary

MOST_WINDOWS: Final = 90
MOST_WINDOWS_BELOW: Final = 40
MOST_ALIKE: Final = 6
SHORTEST_WINDOW: Final = 2
SHORTEST_FOR_TWO: Final = 8
TWO_SLIPS: Final = 2

Window = tuple[int, int, str]
"""Where a stretch of words begins and ends, and its glued bare key."""


def near_spans(
    ground: Ground,
    windows: Sequence[Window],
    vocabulary: UnitVocabulary,
    fits: Callable[[Unit], bool],
) -> list[Span]:
    """Windows one letter away from a name; commas inside words are not minded."""
    found = []
    for start, end, key in windows[:MOST_WINDOWS]:
        for entries in vocabulary.near(key):
            fitting = tuple([entry for entry in entries if fits(entry.unit)])
            if fitting:
                found.append(span_at(ground, start, end, key=key, entries=fitting, slips=1))
    return found[:MOST_SPANS]


def windows_of(ground: Ground) -> list[Window]:
    """Stretches worth a fuzzy look: whole fields first, then what begins or ends one."""
    bare, settled = ground.words.bare, ground.settled
    count = len(bare)
    edges = [ground.is_edge(at) for at in range(count + 1)]
    whole: list[Window] = []
    part: list[Window] = []
    for start in range(count - 1, -1, -1):
        key, begins = "", edges[start]
        for end in range(start, count):
            key += bare[end]
            if len(key) > LONGEST_KEY or end in settled:
                break
            ends = edges[end + 1]
            if (begins or ends) and len(key) >= SHORTEST_WINDOW and not key.isdecimal():
                (whole if begins and ends else part).append((start, end + 1, key))
    return whole + part


def spans_below(
    ground: Ground,
    windows: Sequence[Window],
    vocabulary: UnitVocabulary,
    parents: Sequence[Unit],
) -> list[Span]:
    """Windows two letters away from a unit below one that the text names."""
    found: list[Span] = []
    long = [window for window in windows[:MOST_WINDOWS_BELOW] if len(window[2]) >= SHORTEST_FOR_TWO]
    for parent in parents:
        names, entries = vocabulary.below(parent)
        for nth, slips, at in _alike([key for _, _, key in long], names):
            if slips == TWO_SLIPS:
                start, end, key = long[nth]
                entry = entries[at]
                found.append(span_at(ground, start, end, key=key, entries=(entry,), slips=slips))
    return found[:MOST_SPANS]


def _alike(keys: list[str], names: list[str]) -> Iterator[tuple[int, int, int]]:
    """For each key the few names nearest to it: which key, how many slips apart, which name."""
    if not keys or not names:
        return
    apart = process.cdist(keys, names, scorer=OSA.distance, score_cutoff=TWO_SLIPS)
    rows, columns = (apart <= TWO_SLIPS).nonzero()
    close: dict[int, list[tuple[int, int]]] = {}
    for nth, at, slips in zip(
        rows.tolist(), columns.tolist(), apart[rows, columns].tolist(), strict=True
    ):
        close.setdefault(nth, []).append((slips, at))
    for nth, names_near in close.items():
        for slips, at in sorted(names_near)[:MOST_ALIKE]:
            yield nth, slips, at


def cut_short_spans(
    ground: Ground, vocabulary: UnitVocabulary, provinces: Sequence[Mention]
) -> list[Span]:
    """A whole field right before a province that is the beginning of a district in it."""
    found: list[Span] = []
    for mention in provinces:
        names, entries = vocabulary.below(mention.unit)
        end = mention.span.head
        start = next((at for at in range(end - 1, -1, -1) if ground.is_edge(at)), end)
        key = ground.words.glued(start, end)
        if len(key) >= SHORTEST_WINDOW:
            longer = [
                entry
                for name, entry in zip(names, entries, strict=True)
                if entry.unit.key.level is Level.DISTRICT and name.startswith(key) and name != key
            ]
            found += [
                span_at(ground, start, end, key=key, entries=(entry,), slips=CUT_SHORT)
                for entry in longer[:MOST_ALIKE]
            ]
    return found
