"""From readings to the ward of today: how likely each one is."""

from collections.abc import Mapping, Sequence
from functools import partial
from math import exp
from typing import NamedTuple

from diachiso.address.division import Level, UnitKey
from diachiso.geocode import score
from diachiso.geocode.chain import Reading
from diachiso.geocode.gazetteer import Gazetteer
from diachiso.geocode.vocabulary import keys_of

MOST_WARDS = 12


class LikelyWard(NamedTuple):
    """A ward of today, how likely it is, and the reading that speaks most for it."""

    ward: UnitKey
    chance: float
    reading: Reading


def likelihoods(readings: Sequence[Reading]) -> list[float]:
    """How likely each reading is, next to the others and to the text naming nothing at all."""
    top = max((reading.weight for reading in readings), default=0.0)
    raw = [exp((reading.weight - top) / score.TEMPERATURE) for reading in readings]
    total = sum(raw) + exp((score.NOTHING - top) / score.TEMPERATURE)
    return [one / total for one in raw]


def likely_wards(
    readings: Sequence[Reading], chances: Sequence[float], gazetteer: Gazetteer
) -> list[LikelyWard]:
    """The wards of today that the readings lead to, the likeliest first."""
    total: dict[UnitKey, float] = {}
    best: dict[UnitKey, tuple[float, Reading]] = {}
    for reading, chance in zip(readings, chances, strict=True):
        if chance < score.NEGLIGIBLE:
            continue
        for ward, share in _wards_of(reading, gazetteer).items():
            part = chance * share
            total[ward] = total.get(ward, 0.0) + part
            if ward not in best or part > best[ward][0]:
                best[ward] = (part, reading)
    ranked = sorted(total, key=lambda ward: -total[ward])[:MOST_WARDS]
    return [LikelyWard(ward, total[ward], best[ward][1]) for ward in ranked]


def _wards_of(reading: Reading, gazetteer: Gazetteer) -> Mapping[UnitKey, float]:
    if reading.ward is not None:
        key = reading.ward.unit.key
        return shares_of(key, gazetteer) if key.former else {key: 1.0}
    if reading.district is not None:
        return wards_in(reading.district.unit.key, gazetteer)
    return wards_in(reading.province.unit.key, gazetteer) if reading.province else {}


def shares_of(old: UnitKey, gazetteer: Gazetteer) -> Mapping[UnitKey, float]:
    """The successors of an old ward with their chances: by area where known."""
    shares = gazetteer.shares(old)
    if len(shares) == 1:
        return {shares[0].ward: 1.0}
    if all(share.fraction is not None for share in shares):
        return {share.ward: share.fraction or 0.0 for share in shares}
    rest = (1 - score.DEFAULT_SHARE) / max(1, len(shares) - 1)
    first = next((share for share in shares if share.default), shares[0] if shares else None)
    return {share.ward: score.DEFAULT_SHARE if share is first else rest for share in shares}


def wards_in(unit: UnitKey, gazetteer: Gazetteer) -> Mapping[UnitKey, float]:
    """The wards of today in a district or province, with the chance that an address is there.

    Every old ward counts alike; the ward that bears the district's name counts for more, for it
    holds the centre.
    """
    return gazetteer.units.remember(("wards_in", unit), partial(_wards_in, unit, gazetteer))


def _wards_in(unit: UnitKey, gazetteer: Gazetteer) -> Mapping[UnitKey, float]:
    divisions = gazetteer.units.divisions
    name = keys_of(divisions[unit].latest.name)[0]
    counts: dict[UnitKey, float] = {}
    for old in _old_wards(unit, gazetteer):
        for ward, share in shares_of(old, gazetteer).items():
            counts[ward] = counts.get(ward, 0.0) + share
    for ward in counts:
        if keys_of(divisions[ward].latest.name)[0] == name:
            counts[ward] *= score.NAMESAKE_OF_DISTRICT
    total = sum(counts.values()) or 1.0
    return {ward: count / total for ward, count in counts.items()}


def _old_wards(unit: UnitKey, gazetteer: Gazetteer) -> list[UnitKey]:
    divisions = gazetteer.units.divisions
    if unit.level is Level.DISTRICT:
        return [ward.key for ward in divisions.children(unit)]
    if not unit.former:
        lineage = gazetteer.units.lineage
        return [
            pair.old for ward in divisions.children(unit) for pair in lineage.predecessors(ward.key)
        ]
    return [ward.key for d in divisions.children(unit) for ward in divisions.children(d.key)]
