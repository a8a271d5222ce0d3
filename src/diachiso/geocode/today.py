"""From readings to the ward of today: how likely each one is."""

from collections.abc import Sequence
from math import exp
from typing import Final, final

from diachiso.address.division import Level, UnitKey
from diachiso.geocode import score
from diachiso.geocode.chain import Reading, standing
from diachiso.geocode.gazetteer import Gazetteer
from diachiso.geocode.vocabulary import Unit, keys_of

MOST_WARDS: Final = 12


@final
class LikelyWard:
    """A ward of today, how likely it is, and the reading that speaks most for it."""

    __slots__ = ("chance", "reading", "ward")

    def __init__(
        self,
        ward: UnitKey,
        chance: float,
        reading: Reading,
    ) -> None:
        self.ward: Final = ward
        self.chance: Final = chance
        self.reading: Final = reading


Heirs = Sequence[tuple[Unit, float]]
"""Wards of today with their chances, which sum to at most one."""


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
    total: dict[Unit, float] = {}
    best: dict[Unit, tuple[float, Reading]] = {}
    for reading, chance in zip(readings, chances, strict=True):
        if chance < score.NEGLIGIBLE:
            break  # the best come first
        for ward, share in wards_of(reading, gazetteer):
            part = chance * share
            total[ward] = total.get(ward, 0.0) + part
            if ward not in best or part > best[ward][0]:
                best[ward] = (part, reading)
    ranked = sorted(total.items(), key=lambda pair: -pair[1])[:MOST_WARDS]
    return [LikelyWard(ward.key, chance, best[ward][1]) for ward, chance in ranked]


def wards_of(reading: Reading, gazetteer: Gazetteer) -> Heirs:
    """The wards of today that a reading leads to, with their chances."""
    if reading.ward is not None:
        return heirs_of(standing(reading.ward.unit), gazetteer)
    larger = reading.district or reading.province
    return wards_in(standing(larger.unit), gazetteer) if larger else ()


def heirs_of(old: Unit, gazetteer: Gazetteer) -> Heirs:
    """The successors of an old ward with their chances, by area where known; or the ward itself.

    A ward of today that a later decree ended has successors too.
    Remembered with the streets, which are the gazetteer's own: its units may be those of others
    that know other shares.
    """
    return gazetteer.streets.remember(("heirs", old), _heirs_of, old, gazetteer)


def _heirs_of(old: Unit, gazetteer: Gazetteer) -> Heirs:
    if not gazetteer.units.lineage.successors(old.key):
        return () if old.former else ((old, 1.0),)
    found: dict[Unit, float] = {}
    for heir, chance in _successors(old, gazetteer):
        for ward, share in heirs_of(heir, gazetteer):
            found[ward] = found.get(ward, 0.0) + chance * share
    return tuple(found.items())


def _successors(old: Unit, gazetteer: Gazetteer) -> Heirs:
    shares = gazetteer.shares(old.key)
    unit_of = gazetteer.units.unit_of
    if len(shares) == 1:
        return ((unit_of(shares[0].ward), 1.0),)
    if all(share.fraction is not None for share in shares):
        return tuple((unit_of(share.ward), share.fraction or 0.0) for share in shares)
    rest = (1 - score.DEFAULT_SHARE) / max(1, len(shares) - 1)
    first = next((share for share in shares if share.default), shares[0])
    return tuple(
        (unit_of(share.ward), score.DEFAULT_SHARE if share is first else rest) for share in shares
    )


def wards_in(unit: Unit, gazetteer: Gazetteer) -> Heirs:
    """The wards of today in a district or province, with the chance that an address is there.

    Every old ward counts alike; the ward that bears the district's name counts for more, for it
    holds the centre.
    """
    return gazetteer.streets.remember(("wards_in", unit), _wards_in, unit, gazetteer)


def _wards_in(unit: Unit, gazetteer: Gazetteer) -> Heirs:
    counts: dict[Unit, float] = {}
    for old in _old_wards(unit, gazetteer):
        for ward, share in heirs_of(gazetteer.units.unit_of(old), gazetteer):
            counts[ward] = counts.get(ward, 0.0) + share
    bare, _ = keys_of(unit.name)
    for ward in counts:
        if keys_of(ward.name)[0] == bare:
            counts[ward] *= score.NAMESAKE_OF_DISTRICT
    total = sum(counts.values()) or 1.0
    return tuple((ward, count / total) for ward, count in counts.items())


def _old_wards(unit: Unit, gazetteer: Gazetteer) -> list[UnitKey]:
    divisions, lineage = gazetteer.units.divisions, gazetteer.units.lineage
    if unit.level is Level.DISTRICT:
        found = [ward.key for ward in divisions.children(unit.key)]
        return found or [unit.key]
    if unit.former:
        return [w.key for d in divisions.children(unit.key) for w in divisions.children(d.key)]
    wards = divisions.children(unit.key)
    return [
        pair.old
        for ward in wards
        for pair in lineage.predecessors(ward.key)
        if pair.old.level is Level.WARD
    ]
