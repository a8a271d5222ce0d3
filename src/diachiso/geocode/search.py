"""The story: text -> words -> readings -> wards of today -> place on the ground -> answers."""

import re
from collections.abc import Sequence

from diachiso.address.division import UnitKey
from diachiso.geocode import score
from diachiso.geocode.answer import Setting, answer_of, candidates_of
from diachiso.geocode.chain import NO_READING
from diachiso.geocode.gazetteer import Gazetteer
from diachiso.geocode.interpret import interpret, remains
from diachiso.geocode.line import line_of
from diachiso.geocode.locate import MOST_FOUND, Found, Wanted, locate
from diachiso.geocode.normalize import normalize
from diachiso.geocode.parts import parts_of
from diachiso.geocode.prefer import preferred
from diachiso.geocode.query import Answer, Parts, Query
from diachiso.geocode.today import LikelyWard, likelihoods, likely_wards
from diachiso.geocode.trace import Trace

FIELDS = re.compile(r"\s*[,;\n]\s*")


def geocode(query: Query, gazetteer: Gazetteer) -> tuple[Answer, ...]:
    """Find what a text means: answers for different wards of today, the likeliest first."""
    draft = normalize(query.text)
    read = interpret(draft.text, gazetteer.units, gazetteer.streets.__contains__)
    chances = likelihoods(read.readings)
    wards = likely_wards(read.readings, chances, gazetteer)
    line = line_of(remains(read))
    fields = tuple(FIELDS.split(draft.text))
    found = locate(
        Wanted(line, read.streets, fields, query.as_of, _most(query), formers_named(wards)),
        {likely.ward: likely.chance for likely in wards},
        1 - sum(chances),
        gazetteer,
    )
    found = preferred(found, query.near, query.bbox)
    setting = Setting(
        words=read.words,
        line=line,
        candidates=candidates_of(found, gazetteer, query.as_of),
        gazetteer=gazetteer,
        as_of=query.as_of,
        trace=Trace.of(draft.text, read.readings, chances) if query.explain else None,
    )
    reading = {likely.ward: likely.reading for likely in wards}
    return tuple(
        answer_of(one, reading.get(one.ward, NO_READING), setting) for one in found[: query.limit]
    )


def formers_named(wards: Sequence[LikelyWard]) -> dict[UnitKey, UnitKey]:
    """The old ward that the text names, for each ward of today that it leads to."""
    named = {one.ward: one.reading.ward.unit.key for one in wards if one.reading.ward}
    return {ward: unit for ward, unit in named.items() if unit.former}


def _most(query: Query) -> int:
    """How many findings need a place: all of them where places decide their order."""
    return MOST_FOUND if query.near or query.bbox else query.limit


def worth_telling(found: list[Found]) -> list[Found]:
    """The likeliest finding, and the others that are not next to impossible."""
    return found[:1] + [one for one in found[1:] if one.chance >= score.NEXT_TO_IMPOSSIBLE]


def parse(text: str, gazetteer: Gazetteer) -> Parts:
    """Name the parts of a text, in canonical spelling, of the units that it means."""
    draft = normalize(text)
    read = interpret(draft.text, gazetteer.units, gazetteer.streets.__contains__)
    return parts_of(read, line_of(remains(read)), draft)
