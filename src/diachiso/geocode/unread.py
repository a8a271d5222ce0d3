"""A ward that is written by a name nobody bears: 'Nguyễn Trãi, Xã Tiền Phonng, Ân Thi'.

Streets are called as wards are. Where the ward is misspelt and the street's name is that of another
ward of the district, the text would be read as that other ward, whole and well spelt.
"""

from collections.abc import Sequence
from typing import Final

from diachiso.address.division import Kind
from diachiso.geocode import score
from diachiso.geocode.chain import BY_WEIGHT, Reading
from diachiso.geocode.mention import Span
from diachiso.geocode.spans import STREET_WORDS, Ground

WARD_KINDS: Final = frozenset((Kind.XA, Kind.PHUONG, Kind.THI_TRAN))
WARD_WORDS: Final = frozenset(("xa", "xa4", "phuong", "phương2", "thi", "thi5"))
"""How the words for a ward begin, toned: with all their marks or with none."""


def passing_over(readings: list[Reading], ground: Ground, exact: Sequence[Span]) -> list[Reading]:
    """The readings, the best first, with a fault of those that take something else for the ward.

    Where the best has a ward of its kind there is nothing to doubt.
    """
    best = readings[0].ward if readings else None
    if best is None or best.span.kind is not None:
        return readings
    unread = _wards_unread(ground, exact)
    if not unread:
        return readings
    told = [
        reading.with_evidence(score.WARD_PASSED_OVER) if _passes_over(unread, reading) else reading
        for reading in readings
    ]
    told.sort(key=BY_WEIGHT, reverse=True)
    return told


def _wards_unread(ground: Ground, exact: Sequence[Span]) -> list[int]:
    """Where a word for a ward stands before what is no name, as far as the names found tell."""
    toned = ground.words.toned
    return [
        head
        for head, kind in ground.ending.values()
        if toned[head] in WARD_WORDS
        and kind.kinds <= WARD_KINDS
        and not _in_a_street(ground, head)
        and not any(_reads(span, head) for span in exact)
    ]


def _in_a_street(ground: Ground, at: int) -> bool:
    """'Đường Xã Đàn', '12 Xã Đàn'."""
    before = ground.words.bare[at - 1] if at else ""
    in_known = any(start <= at < end for start, end in ground.streets)
    return before in STREET_WORDS or at in ground.numbered or in_known


def _reads(span: Span, kind_at: int) -> bool:
    """Does the name begin with the word for a kind and end its field, or have it inside?"""
    if span.head == kind_at:
        return score.FIELD_OF_ITS_OWN in span.place
    return span.head < kind_at < span.tail


def _passes_over(unread: Sequence[int], reading: Reading) -> bool:
    """Is its ward one without a kind, while a word for a ward stands outside all its names?"""
    if reading.ward is None or reading.ward.span.kind is not None:
        return False
    spans = [mention.span for mention in reading.mentions]
    return any(not any(span.head <= at < span.tail for span in spans) for at in unread)
