"""The parts that a text names, in canonical spelling."""

from itertools import pairwise
from typing import Final

from diachiso.address.name import standard
from diachiso.geocode.interpret import Interpretation
from diachiso.geocode.line import Line, PieceKind
from diachiso.geocode.mention import Mention
from diachiso.geocode.normalize import Draft
from diachiso.geocode.query import Parts
from diachiso.geocode.syllable import Cutter
from diachiso.geocode.words import Words


def parts_of(read: Interpretation, line: Line, draft: Draft) -> Parts:
    """Parts of units from the reading, the others from the line and what was set aside."""
    number, words, reading = line.number, read.words, read.best
    return Parts(
        province=name_of(reading.province, words) if reading else None,
        district=name_of(reading.district, words) if reading else None,
        ward=name_of(reading.ward, words) if reading else None,
        street=standard(line.street) if line.street else None,
        house_number=str(number) if number and number.has_house else None,
        alley="/".join(number.alley) if number and number.alley else None,
        residential_group=line.written(PieceKind.GROUP),
        building=line.written(PieceKind.ESTATE),
        place=", ".join(line.names) or None,
        postcode=draft.postcode,
        phone=draft.phone,
        note=draft.note,
    )


SYLLABLES_ALONE: Final = Cutter(())


def name_of(mention: Mention | None, words: Words) -> str | None:
    """The unit's own name; that of a lapsed one, known by its bare letters only, as written."""
    if mention is None:
        return None
    if not mention.unit.lapsed or mention.unit.numbered:
        return mention.unit.name
    if mention.span.slips:
        return _spaced(mention.unit.name).title()
    return standard(words.written(mention.span.start, mention.span.end)).title()


def _spaced(glued: str) -> str:
    """'binhngoc' -> 'binh ngoc'."""
    edges = (0, *SYLLABLES_ALONE.cuts(glued), len(glued))
    return " ".join(glued[start:end] for start, end in pairwise(edges))
