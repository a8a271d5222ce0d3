"""Where the text may name a unit: every stretch of words that is a name, with what surrounds it."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA, Levenshtein

from diachiso.address.division import Kind, Level
from diachiso.geocode import score
from diachiso.geocode.kinds import AFTER, KIND_STARTS, KIND_WORDS, KindWord
from diachiso.geocode.score import Evidence
from diachiso.geocode.vocabulary import LONGEST_KEY, Entry, Unit, UnitVocabulary
from diachiso.geocode.words import Gap, Words

STREET_WORDS = frozenset(
    (
        *("duong", "pho", "dg", "d", "ngo", "ngach", "ng", "hem", "kiet", "so", "sn", "street"),
        *("st", "road", "alley", "lane", "ql", "tl", "hl", "dt", "dh"),
        *("thon", "xom", "ap", "tdp", "kp", "khom", "khu", "doi", "ban", "buon"),
    )
)
MOST_SPANS = 160
BRIEF = 2
SHORTEST_WINDOW = 2
MOST_WINDOWS = 160
MOST_ALIKE = 6
MOST_WINDOWS_BELOW = 40
SHORTEST_FOR_TWO = 8
LEVEL_OF_KIND: dict[Kind, frozenset[Level]] = {
    Kind.TINH: frozenset({Level.PROVINCE}),
    Kind.THANH_PHO: frozenset({Level.PROVINCE, Level.DISTRICT}),
    Kind.QUAN: frozenset({Level.DISTRICT}),
    Kind.HUYEN: frozenset({Level.DISTRICT}),
    Kind.THI_XA: frozenset({Level.DISTRICT}),
    Kind.PHUONG: frozenset({Level.WARD}),
    Kind.XA: frozenset({Level.WARD}),
    Kind.THI_TRAN: frozenset({Level.WARD}),
    Kind.DAC_KHU: frozenset({Level.WARD}),
}
LEVELS_OF_WORD = {
    word: frozenset().union(*(LEVEL_OF_KIND[kind] for kind in meaning.kinds))
    for word, meaning in KIND_WORDS.items()
}


CUT_SHORT = 9
SLIPS = {1: score.MISSPELT, 2: score.BADLY_MISSPELT, CUT_SHORT: score.CUT_SHORT}


class Span(NamedTuple):
    """A stretch of words that may be a name.

    `head` is where its kind begins (`start` if no kind is written), `tail` where a kind written
    after it ends. `place` is the evidence of where it stands, `slips` how many letters are wrong.
    """

    head: int
    start: int
    end: int
    tail: int
    key: str
    toned: str
    entries: tuple[Entry, ...]
    kind: KindWord | None
    slips: int
    place: tuple[Evidence, ...]


class Mention(NamedTuple):
    """A span read as one unit, with the evidence of its name and place."""

    unit: Unit
    span: Span
    evidence: tuple[Evidence, ...]
    weight: float


class Kinds(NamedTuple):
    """The kind words of a text: by the word after each, and all words that belong to one."""

    ending_at: dict[int, tuple[int, KindWord]]
    starting_at: dict[int, int]


def kinds_in(words: Words) -> Kinds:
    """Find every kind word, the longest where several end at the same place."""
    ending: dict[int, tuple[int, KindWord]] = {}
    starting: dict[int, int] = {}
    bare, gaps, count = words.bare, words.gaps, len(words)
    for start in range(count):
        glued = bare[start]
        if glued not in KIND_STARTS:
            continue
        end = start + 1
        while True:
            if (kind := KIND_WORDS.get(glued)) is not None:
                if end not in ending:
                    ending[end] = (start, kind)
                starting[start] = end
            if end >= count or gaps[end] is Gap.HARD:
                break
            glued += bare[end]
            end += 1
            if glued not in KIND_STARTS:
                break
    return Kinds(ending, starting)


def exact_spans(words: Words, vocabulary: UnitVocabulary, kinds: Kinds) -> list[Span]:
    """Every stretch of words that is exactly a name of some unit."""
    found: list[Span] = []
    bare, gaps, count, walk = words.bare, words.gaps, len(words), vocabulary.walk
    for start in range(count):
        key = bare[start]
        entries = walk(key)
        end = start + 1
        while entries is not None:
            if entries:
                found.append(_span(words, kinds, start, end, key=key, entries=entries, slips=0))
            if end >= count or gaps[end] is Gap.HARD:
                break
            key += bare[end]
            end += 1
            entries = walk(key)
        if len(found) > MOST_SPANS:
            break
    told = [span for span in found if span.kind is not None or not span.key.isdecimal()]
    return _pieces_marked([*told, *_without_borrowed_kinds(words, kinds, told)], count)


def _without_borrowed_kinds(words: Words, kinds: Kinds, spans: list[Span]) -> Iterator[Span]:
    """Names whose kind word may belong to the name before it ('Nho Quan, Ninh Bình')."""
    begun = {span.end: span.start for span in reversed(spans)}
    for span in spans:
        if span.head < span.start and begun.get(span.start, span.head) < span.head:
            place = _place(words, kinds, span.start, span.tail, kind=None)
            yield span._replace(head=span.start, kind=None, place=place)


def _pieces_marked(spans: list[Span], count: int) -> list[Span]:
    """Mark the spans that are a piece of a longer name ('Bình Phước' in 'Hiệp Bình Phước')."""
    longest = [0] * (count + 1)
    for span in spans:
        longest[span.start] = max(longest[span.start], span.end)
    before, furthest = [0] * (count + 1), 0
    for at, end in enumerate(longest):
        before[at] = furthest
        furthest = max(furthest, end)
    return [
        span._replace(place=(*span.place, score.INSIDE_A_NAME))
        if before[span.start] >= span.end or longest[span.start] > span.end
        else span
        for span in spans
    ]


def _span(
    words: Words,
    kinds: Kinds,
    start: int,
    end: int,
    *,
    key: str,
    entries: tuple[Entry, ...],
    slips: int,
) -> Span:
    head, kind = kinds.ending_at.get(start, (start, None))
    tail = end
    if kind is None and end < len(words) and words.bare[end] in AFTER:
        tail, kind = end + 1, KIND_WORDS.get(words.bare[end])
    toned = "".join(words.toned[start:end])
    place = _place(words, kinds, head, tail, kind=kind)
    return Span(head, start, end, tail, key, toned, entries, kind, slips, place)


def _place(
    words: Words, kinds: Kinds, head: int, tail: int, *, kind: KindWord | None
) -> tuple[Evidence, ...]:
    gaps = words.gaps
    left = head == 0 or gaps[head] >= Gap.SOFT or head in kinds.ending_at
    right = tail >= len(words) or gaps[tail] >= Gap.SOFT or tail in kinds.starting_at
    if head > 0 and not left and (kind is None or kind.brief):
        before = words.bare[head - 1]
        if before in STREET_WORDS or before.isdecimal():
            return (score.LIKE_A_STREET,)
    if left or kind is not None:
        return (score.FIELD_OF_ITS_OWN,) if right else (score.FIELD_EDGE,)
    return (score.FIELD_EDGE,) if right else ()


def read_as(span: Span, entry: Entry) -> Mention:
    """A span read as one unit."""
    evidence = [score.NAME_FOUND, *span.place]
    level = entry.unit.key.level
    if level is not Level.WARD:
        evidence.append(score.PROVINCE_NAME if level is Level.PROVINCE else score.DISTRICT_NAME)
    _judge_spelling(span, entry, evidence)
    _judge_kind(span, entry.unit, evidence)
    return Mention(entry.unit, span, tuple(evidence), sum([e.weight for e in evidence]))


def _judge_spelling(span: Span, entry: Entry, evidence: list[Evidence]) -> None:
    if span.slips:
        evidence.append(SLIPS[span.slips])
        if span.toned != span.key and entry.toned and span.slips != CUT_SHORT:
            most = span.slips + 1
            if Levenshtein.distance(span.toned, entry.toned, score_cutoff=most) > most:
                evidence.append(score.MARKS_DIFFER)
    elif span.toned == entry.toned:
        if span.toned != span.key:
            evidence.append(score.MARKS_AGREE)
    elif span.toned != span.key and entry.toned:
        little = Levenshtein.distance(span.toned, entry.toned, score_cutoff=2) <= 1
        evidence.append(score.MARKS_DIFFER_A_LITTLE if little else score.MARKS_DIFFER)
    if entry.alias:
        evidence.append(score.OTHER_NAME)
    if entry.unit.lapsed:
        evidence.append(score.GONE_BEFORE_2025)
    if len(span.key) <= BRIEF and span.kind is None:
        evidence.append(score.BRIEF_NAME)


def _judge_kind(span: Span, unit: Unit, evidence: list[Evidence]) -> None:
    if (kind := span.kind) is None:
        return
    if kind.kinds & unit.kinds:
        evidence.append(score.KIND_AGREES)
    elif any(unit.key.level in LEVEL_OF_KIND[one] for one in kind.kinds):
        evidence.append(score.KIND_NEAR)
    else:
        evidence.append(score.KIND_DIFFERS)


def near_spans(
    words: Words, vocabulary: UnitVocabulary, kinds: Kinds, settled: frozenset[int]
) -> list[Span]:
    """Stretches of words one letter away from a name; commas inside words are not minded.

    `settled` words belong to larger units that are plainly named; they are left alone.
    """
    found = [
        _span(words, kinds, start, end, key=key, entries=entries, slips=1)
        for start, end, key in _windows(words, kinds, settled)
        for entries in vocabulary.near(key)
    ]
    return found[:MOST_SPANS]


def _windows(words: Words, kinds: Kinds, settled: frozenset[int]) -> Iterator[tuple[int, int, str]]:
    """Stretches worth a fuzzy look: whole fields first, then what begins or ends one."""
    count = len(words)
    edges = [_is_edge(words, kinds, at) for at in range(count + 1)]
    whole, part = [], []
    for start in range(count - 1, -1, -1):
        key = ""
        for end in range(start + 1, count + 1):
            key += words.bare[end - 1]
            if len(key) > LONGEST_KEY or end - 1 in settled:
                break
            if len(key) >= SHORTEST_WINDOW and not key.isdecimal():
                if edges[start] and edges[end]:
                    whole.append((start, end, key))
                elif edges[start] or edges[end]:
                    part.append((start, end, key))
    return islice(chain(whole, part), MOST_WINDOWS)


def _is_edge(words: Words, kinds: Kinds, at: int) -> bool:
    if at in (0, len(words)) or words.gaps[at] >= Gap.SOFT:
        return True
    return at in kinds.ending_at or at in kinds.starting_at


def spans_below(
    words: Words,
    vocabulary: UnitVocabulary,
    kinds: Kinds,
    settled: frozenset[int],
    *,
    parents: Sequence[Unit],
) -> list[Span]:
    """Stretches two letters away from a unit below one that the text names."""
    found: list[Span] = []
    windows = list(islice(_windows(words, kinds, settled), MOST_WINDOWS_BELOW))
    for parent in parents:
        names, entries = vocabulary.below(parent)
        for start, end, key in windows:
            for at, slips in _alike(key, names):
                found.append(
                    _span(words, kinds, start, end, key=key, entries=(entries[at],), slips=slips)
                )
    return found[:MOST_SPANS]


def _alike(key: str, names: list[str]) -> Iterator[tuple[int, int]]:
    """Places of the names two letters away from a key, with their slips."""
    if len(key) >= SHORTEST_FOR_TWO:
        close = process.extract(key, names, scorer=OSA.distance, score_cutoff=2, limit=MOST_ALIKE)
        yield from ((at, int(slips)) for _, slips, at in close if slips > 1)


def cut_short_spans(
    words: Words, vocabulary: UnitVocabulary, kinds: Kinds, provinces: Sequence[Mention]
) -> list[Span]:
    """A whole field right before a province that is the beginning of a district in it."""
    found: list[Span] = []
    for mention in provinces:
        names, entries = vocabulary.below(mention.unit)
        end = mention.span.head
        start = next((at for at in range(end - 1, -1, -1) if _is_edge(words, kinds, at)), end)
        key = words.glued(start, end)
        if len(key) < SHORTEST_WINDOW or not _is_edge(words, kinds, end):
            continue
        longer = (
            entry
            for name, entry in zip(names, entries, strict=True)
            if entry.unit.key.level is Level.DISTRICT and name.startswith(key) and name != key
        )
        for entry in islice(longer, MOST_ALIKE):
            found.append(  # noqa: PERF401
                _span(words, kinds, start, end, key=key, entries=(entry,), slips=CUT_SHORT)
            )
    return found
