"""Old unit <-> unit of today, with every candidate where a unit was divided."""

from dataclasses import dataclass

from diachiso.address.division import Level, UnitKey
from diachiso.address.errors import UnknownUnit
from diachiso.address.lineage import Part
from diachiso.geocode.gazetteer import Gazetteer, Share


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A unit on the other side of 1 July 2025.

    `share` is the part of the old ward's area that went there, None where no polygon tells it;
    `guess` says that the first place rests on the conversion table's order alone.
    """

    key: UnitKey
    part: Part
    share: float | None
    default: bool
    guess: bool = False


def convert(key: UnitKey, gazetteer: Gazetteer) -> tuple[Counterpart, ...]:
    """The counterparts of a unit, the likeliest first.

    Raises:
        UnknownUnit: the registry has no such unit.
    """
    if gazetteer.units.divisions.get(key) is None:
        raise UnknownUnit(f"Không có đơn vị {key.code}. / No unit {key.code}.")
    if not key.former:
        return _of_before(key, gazetteer)
    return (
        _of_a_district(key, gazetteer) if key.level is Level.DISTRICT else _of_today(key, gazetteer)
    )


def _of_today(old: UnitKey, gazetteer: Gazetteer) -> tuple[Counterpart, ...]:
    pairs = gazetteer.units.lineage.successors(old)
    shares = {share.ward: share for share in gazetteer.shares(old)}
    guess = len(pairs) > 1 and any(share.fraction is None for share in shares.values())
    found = [
        Counterpart(pair.new, pair.part, _fraction(shares.get(pair.new)), pair.default, guess)
        for pair in pairs
    ]
    return tuple(sorted(found, key=lambda one: (-(one.share or 0.0), not one.default)))


def _fraction(share: Share | None) -> float | None:
    return share.fraction if share else None


def _of_a_district(district: UnitKey, gazetteer: Gazetteer) -> tuple[Counterpart, ...]:
    """The wards of today that hold wards of an old district; the table names no counterpart."""
    found: dict[UnitKey, Counterpart] = {one.key: one for one in _of_today(district, gazetteer)}
    for ward in gazetteer.units.divisions.children(district):
        for pair in gazetteer.units.lineage.successors(ward.key):
            found.setdefault(pair.new, Counterpart(pair.new, Part.PART, None, default=False))
    return tuple(found.values())


def _of_before(new: UnitKey, gazetteer: Gazetteer) -> tuple[Counterpart, ...]:
    return tuple(
        Counterpart(pair.old, pair.part, None, pair.default)
        for pair in gazetteer.units.lineage.predecessors(new)
    )
