"""Where a text names a unit: every stretch of words that is a name, and where it stands."""

from collections.abc import Callable, Iterator, Sequence, Set as AbstractSet
from typing import Final, NamedTuple

from diachiso.geocode import score
from diachiso.geocode.kinds import AFTER, KIND_STARTS, KIND_WORDS, KindWord
from diachiso.geocode.mention import Mention, Span
from diachiso.geocode.score import Evidence
from diachiso.geocode.vocabulary import Entry, UnitVocabulary
from diachiso.geocode.words import GLUED, HARD, SOFT, Words

HAMLET_WORDS: Final = frozenset(
    ("thon", "xom", "ap", "to", "tdp", "pho", "kp", "khom", "khu", "doi", "ban", "buon", "vuc")
)
ALLEY_KINDS: Final = frozenset(("ngo", "ngach", "hem", "kiet"))
STREET_KINDS: Final = ALLEY_KINDS | frozenset(
    (
        *("duong", "pho", "dg", "d", "ng", "so", "sn", "street"),
        *("st", "road", "alley", "lane", "ql", "tl", "hl", "dt", "dh"),
    )
)
STREET_WORDS: Final = STREET_KINDS | HAMLET_WORDS - {"to", "vuc"}
"""What stands before the name of a street or hamlet, not before that of a unit."""

NUMBERED_WORDS: Final = frozenset((*HAMLET_WORDS, *KIND_WORDS))
"""What has a number after it that is not a house number: 'Tổ 5', 'Phường 7'."""

SURNAMES: Final = frozenset(
    (
        *("nguien", "tran", "le", "pham", "hoang", "huinh", "phan", "vu", "vo", "dang", "bui"),
        *("ngo", "trinh", "doan", "dinh", "luong"),
    )
)
"""Surnames: 'Văn Thái' after 'Hoàng' is a piece of a street's name."""

STREETLIKE: Final = frozenset({score.LIKE_A_STREET, score.AFTER_A_NUMBER})
MOST_SPANS: Final = 160
IsStreet = Callable[[str], bool]
LONGEST_STREET: Final = 6


class Ground(NamedTuple):
    """The words of a text with what is known of them.

    `ending` gives, for the word after a kind word, where that begins and what it means; `starting`
    the words where kinds begin, `numbered` those before which a house number stands. `settled`
    words belong to larger units that are plainly named; `borders` are the places between words
    where such a name begins or ends. `streets` are the stretches that are names of known streets
    and stand where a street would.
    """

    words: Words
    ending: dict[int, tuple[int, KindWord]]
    starting: frozenset[int]
    numbered: frozenset[int]
    settled: frozenset[int] = frozenset()
    borders: frozenset[int] = frozenset()
    streets: tuple[tuple[int, int], ...] = ()

    def is_edge(self, at: int) -> bool:
        """Does a field or a name begin or end here?"""
        if at in (0, len(self.words)) or self.words.gaps[at] >= SOFT:
            return True
        return at in self.ending or at in self.starting or at in self.borders

    def with_settled(self, mentions: Sequence[Mention], borders: Sequence[Mention]) -> "Ground":
        """The ground where some mentions are settled and some are only borders."""
        units = {at for m in mentions for at in range(m.span.head, m.span.tail)}
        streets = {at for start, end in self.streets for at in range(start, end)}
        return self._replace(
            settled=frozenset(units | streets),
            borders=frozenset(at for m in borders for at in (m.span.head, m.span.tail)),
        )


def ground_of(words: Words, is_street: IsStreet) -> Ground:
    """Find the kind words, the longest where several end at the same place, and the streets."""
    ending: dict[int, tuple[int, KindWord]] = {}
    starting: set[int] = set()
    numbered: set[int] = set()
    for start, first in enumerate(words.bare):
        if first in KIND_STARTS:
            for end, kind in _kinds_from(words, start):
                ending.setdefault(end, (start, kind))
                starting.add(start)
        if (len(first) == 1 or first.isdecimal()) and _number_before(words, start + 1):
            numbered.add(start + 1)
    streets = _streets_in(words, numbered, starting, is_street)
    return Ground(words, ending, frozenset(starting), frozenset(numbered), streets=streets)


def _streets_in(
    words: Words, numbered: AbstractSet[int], kinds: AbstractSet[int], is_street: IsStreet
) -> tuple[tuple[int, int], ...]:
    """Known street names that follow a number or a street word; short ones fill their field."""
    found = []
    furthest = 0
    for at, before in enumerate(words.bare[:-1], 1):
        if at >= furthest and (before in STREET_KINDS or at in numbered):
            end = _end_of_street(words, at, kinds, is_street)
            if end > at:
                found.append((at, end))
                furthest = end
    return tuple(found)


def _end_of_street(words: Words, start: int, kinds: AbstractSet[int], is_street: IsStreet) -> int:
    """Where the longest street name that begins here ends; `start` if none does."""
    count, gaps = len(words), words.gaps
    longest = min(count, start + LONGEST_STREET)
    hard = next((at for at in range(start + 1, longest) if gaps[at] is HARD), longest)
    for end in range(hard, start, -1):
        if end == start + 1 and end < count and gaps[end] < SOFT and end not in kinds:
            break
        if not words.text.startswith("/", words.ends[end - 1]) and is_street(
            words.glued(start, end)
        ):
            return end
    return start


def _number_before(words: Words, at: int) -> bool:
    """Does a house number stand right before this word ('128C'), not a ward's or a hamlet's?"""
    last = at - 1
    lettered = len(words.bare[last]) == 1 and words.gaps[last] is GLUED
    if lettered and not words.bare[last].isdecimal():
        last -= 1
    if last < 0 or not words.bare[last].isdecimal():
        return False
    if words.gaps[last] is GLUED and last > 0 and words.bare[last - 1].isalpha():
        return len(words.bare[last - 1]) == 1
    return last == 0 or words.bare[last - 1] not in NUMBERED_WORDS


def _kinds_from(words: Words, start: int) -> Iterator[tuple[int, KindWord]]:
    glued = ""
    for end in range(start, len(words)):
        if end > start and words.gaps[end] is HARD:
            return
        glued += words.bare[end]
        if glued not in KIND_STARTS:
            return
        followed = end + 1 < len(words) and words.gaps[end + 1] < SOFT
        if followed and (kind := KIND_WORDS.get(glued)) is not None:
            yield end + 1, kind


def exact_spans(ground: Ground, vocabulary: UnitVocabulary) -> list[Span]:
    """Every stretch of words that is exactly a name of some unit."""
    found: list[Span] = []
    words, walk, ending = ground.words, vocabulary.walk, ground.ending
    bare, gaps, count = words.bare, words.gaps, len(words)
    for start, first in enumerate(bare):
        key, end = first, start + 1
        entries = walk(key)
        while entries is not None:
            if entries and (start in ending or not key.isdecimal()):
                found.append(span_at(ground, start, end, key=key, entries=entries, slips=0))
            if end == count or gaps[end] is HARD:
                break
            key += bare[end]
            end += 1
            entries = walk(key)
        if len(found) > MOST_SPANS:
            break
    return _pieces_marked([*found, *_without_borrowed_kinds(ground, found)], ground)


def _without_borrowed_kinds(ground: Ground, spans: list[Span]) -> Iterator[Span]:
    """Names whose kind word may belong to the name before it ('Nho Quan, Ninh Bình')."""
    begun = {span.end: span.start for span in reversed(spans)}
    for span in spans:
        if span.head < span.start and begun.get(span.start, span.head) < span.head:
            place = _place(ground, span.start, span.tail, kind=None)
            yield span.without_kind(place)


def _pieces_marked(spans: list[Span], ground: Ground) -> list[Span]:
    """Mark the spans that are a piece of a longer name ('Bình Phước' in 'Hiệp Bình Phước')."""
    longest, before = _reaches(spans, len(ground.words))
    in_street = {at: street for street in ground.streets for at in range(street[0], street[1])}
    ends = {span.tail for span in spans if span.kind is not None or not span.key.isdecimal()}
    marked = []
    for span in spans:
        start, end, place = span.start, span.end, span.place
        if place and span.head in ends and place[0] in STREETLIKE:
            place = (score.FIELD_EDGE,)
        street = (in_street.get(start) or in_street.get(end - 1)) if in_street else None
        if street is not None and street != (start, end):
            place = (*place, score.INSIDE_A_STREET)
        elif street is not None and span.kind is None:
            place = (score.LIKE_A_STREET,)
        elif before[start] >= end or longest[start] > end:
            place = (*place, score.INSIDE_A_NAME)
        marked.append(span if place is span.place else span.placed(place))
    return marked


def _reaches(spans: list[Span], count: int) -> tuple[list[int], list[int]]:
    """For each word where the longest name from it ends, and the farthest of those before it."""
    longest = [0] * (count + 1)
    for span in spans:
        longest[span.start] = max(longest[span.start], span.end)
    before, farthest = [0], 0
    for end in longest:
        farthest = max(farthest, end)
        before.append(farthest)
    return longest, before


def span_at(
    ground: Ground, start: int, end: int, *, key: str, entries: tuple[Entry, ...], slips: int
) -> Span:
    """These words as a name, with the kind that stands before or after them."""
    words = ground.words
    head, kind = ground.ending.get(start, (start, None))
    tail = end
    if kind is None and end < len(words.bare) and words.bare[end] in AFTER:
        tail, kind = end + 1, KIND_WORDS.get(words.bare[end])
    toned = "".join(words.toned[start:end])
    place = _place(ground, head, tail, kind=kind)
    return Span(head, start, end, tail, key, toned, entries, kind, slips, place)


def _place(ground: Ground, head: int, tail: int, *, kind: KindWord | None) -> tuple[Evidence, ...]:
    words, gaps = ground.words, ground.words.gaps
    left = head == 0 or gaps[head] >= SOFT or head in ground.ending
    right = (
        tail >= len(gaps) or gaps[tail] >= SOFT or tail in ground.starting or tail in ground.borders
    )
    if head > 0 and not left and (kind is None or kind.brief):
        before = words.bare[head - 1]
        if before in STREET_WORDS or before in SURNAMES or head in ground.numbered:
            return (score.LIKE_A_STREET,)
    if kind is None and head in ground.numbered and gaps[head] >= SOFT:
        return (score.LIKE_A_STREET if _of_an_alley(words, head) else score.AFTER_A_NUMBER,)
    if left or kind is not None:
        return (score.FIELD_OF_ITS_OWN,) if right else (score.FIELD_EDGE,)
    return (score.FIELD_EDGE,) if right else ()


def _of_an_alley(words: Words, at: int) -> bool:
    """Is the number before it an alley's ('ngõ 72, …', 'ngách 72/3, …')? Its street comes next."""
    while at > 0 and words.bare[at - 1].isdecimal():
        at -= 1
    return at > 0 and words.bare[at - 1] in ALLEY_KINDS
