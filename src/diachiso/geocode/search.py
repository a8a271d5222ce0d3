"""The story: text -> words -> readings -> wards of today -> place on the ground -> answers."""

import re
from collections.abc import Sequence
from typing import Final

from diachiso.address.division import UnitKey
from diachiso.geocode import score
from diachiso.geocode.answer import answer_of, unrecognised, wards_before
from diachiso.geocode.chain import Reading
from diachiso.geocode.found import Found
from diachiso.geocode.gazetteer import Gazetteer, street_key
from diachiso.geocode.interpret import Interpretation, interpret, remains
from diachiso.geocode.line import line_of
from diachiso.geocode.locate import MOST_FIELDS, MOST_FOUND, Wanted, locate
from diachiso.geocode.normalize import normalize
from diachiso.geocode.parts import parts_of
from diachiso.geocode.prefer import preferred
from diachiso.geocode.query import Answer, Parts, Query
from diachiso.geocode.setting import Setting, candidates_of, likely_of
from diachiso.geocode.today import LikelyWard, likelihoods, likely_wards
from diachiso.geocode.trace import Trace

FIELDS: Final = re.compile(r"[,;\n]")
SAYS_ANYTHING: Final = re.compile(r"\w").search


def geocode(query: Query, gazetteer: Gazetteer) -> tuple[Answer, ...]:
    """Find what a text means: answers for different wards of today, the likeliest first.

    A text that names no unit and no street has one answer, without a place, that says so.
    """
    draft = normalize(query.text)
    read = interpret(draft.text, gazetteer.units, gazetteer.streets.__contains__)
    chances = likelihoods(read.readings)
    nothing = 1.0 - sum(chances, 0.0)
    wards = likely_wards(read.readings, chances, gazetteer)
    line = line_of(remains(read))
    fields = _fields_below_the_province(draft.text, read)
    found = locate(
        Wanted(line, read.streets, fields, query.as_of, _most(query), formers_named(wards)),
        {likely.ward: likely.chance for likely in wards},
        nothing,
        gazetteer,
    )
    trace = Trace.of(draft.text, read.readings, chances) if query.explain else None
    if not _recognised(found, nothing, next(iter(read.readings), None)):
        return (unrecognised(query.text, line, trace),) if SAYS_ANYTHING(query.text) else ()
    found = preferred(found, query.near, query.bbox)
    readings = {likely.ward: likely.reading for likely in wards}
    told = worth_telling(found)[: query.limit]
    likely = likely_of(found)
    setting = Setting(
        words=read.words,
        line=line,
        streets=read.streets,
        found=found,
        likely=likely,
        readings=readings,
        candidates=candidates_of(found, likely, readings, gazetteer.units, query.as_of),
        gazetteer=gazetteer,
        as_of=query.as_of,
        trace=trace,
        before=wards_before(told, readings, gazetteer),
    )
    return together([answer_of(one, setting) for one in told])


def together(answers: Sequence[Answer]) -> tuple[Answer, ...]:
    """Only one of them is right: an answer is at most as likely as those before it leave."""
    left = 1.0
    told = []
    for answer in answers:
        told.append(answer if answer.confidence <= left else answer._replace(confidence=left))
        left = round(left - told[-1].confidence, 4)
    return tuple(told)


def _fields_below_the_province(text: str, read: Interpretation) -> list[str]:
    """The first fields that do not name the province: 'Hà Nội' is no place called 'Phở Hà Nội'."""
    fields = [field for one in FIELDS.split(text) if (field := one.strip())]
    best = read.best
    if best is None or best.province is None:
        return fields[:MOST_FIELDS]
    span = best.province.span
    written = street_key(read.words.written(span.head, span.tail))
    return [field for field in fields if street_key(field) != written][:MOST_FIELDS]


def formers_named(wards: Sequence[LikelyWard]) -> dict[UnitKey, UnitKey]:
    """The old ward that the text names, for each ward of today that it leads to."""
    named = {one.ward: one.reading.ward.unit.key for one in wards if one.reading.ward}
    return {ward: unit for ward, unit in named.items() if unit.former}


def worth_telling(found: list[Found]) -> list[Found]:
    """The likeliest finding, and the others that are not next to impossible."""
    return found[:1] + [one for one in found[1:] if one.chance >= score.NEXT_TO_IMPOSSIBLE]


def _recognised(found: Sequence[Found], nothing: float, best: Reading | None) -> bool:
    """Does the text name a unit, or is a street or a place of it known?

    A ward must be likelier than chance; a province or district is no accident if well spelt.
    """
    if any(one.street is not None or one.place is not None for one in found):
        return True
    if nothing < score.LIKELY_NOTHING:
        return bool(found)
    return best is not None and best.ward is None and score.MISSPELLINGS.isdisjoint(best.evidence)


def _most(query: Query) -> int:
    """How many findings need a place: all of them where places decide their order."""
    return MOST_FOUND if query.near or query.bbox else query.limit


def parse(text: str, gazetteer: Gazetteer) -> Parts:
    """Name the parts of a text, in canonical spelling, of the units that it means."""
    draft = normalize(text)
    read = interpret(draft.text, gazetteer.units, gazetteer.streets.__contains__)
    return parts_of(read, line_of(remains(read)), draft)
