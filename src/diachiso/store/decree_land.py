"""The land that a decree gives to units: from a file, or the union of what they are made of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import shapely
from shapely import MultiPolygon
from sqlalchemy import func, select

from diachiso.address.division import Divisions, Level, UnitKey
from diachiso.address.lineage import Part
from diachiso.address.territory import TOLERANCE_M2
from diachiso.registry.decree import Decree
from diachiso.registry.reorganise import Land
from diachiso.registry.restructure import Restructuring, divisions_after
from diachiso.store import tables as t
from diachiso.store.boundaries import checked
from diachiso.store.boundary_files import Territory, territories_of
from diachiso.store.divisions import unit_ids
from diachiso.store.engine import Reader
from diachiso.store.history import holds_on
from diachiso.store.sources import read_features

COMPOSED = "hợp của các đơn vị cũ / union of the old units"
CENTRE_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Boundaries:
    """A file of boundaries that comes with a decree, and how it is to be taken."""

    file: Path
    aliases: Mapping[str, str]
    crs: str | None = None
    accuracy: str = "official"
    accuracy_m: float | None = None
    licence: str = "không ghi / not stated"
    attribution: str | None = None
    tolerance_m2: float = TOLERANCE_M2
    tolerate: bool = False


def land_after(
    reader: Reader,
    decree: Decree,
    units: Restructuring,
    standing: Divisions,
    boundaries: Boundaries | None,
) -> tuple[tuple[Territory, ...], Land]:
    """Territories of the wards that the decree shapes, and what is told of them.

    Raises:
        SourceError: the file of boundaries cannot be taken.
    """
    given = _given(decree, units, standing, boundaries) if boundaries else ()
    faults = ""
    if given and boundaries is not None:
        names = {unit.key.code: unit.name for unit in units.shaped}
        faults = checked(given, names, boundaries.tolerance_m2, tolerate=boundaries.tolerate)
    wards = [unit.key for unit in units.shaped if unit.key.level is Level.WARD]
    drawn = {one.unit for one in given}
    composed = _composed(reader, units, [key for key in wards if key not in drawn])
    digests = {one.unit: one.digest for one in (*given, *composed)}
    return (*given, *composed), Land(
        digests=digests,
        composed=frozenset(one.unit for one in composed),
        landless=frozenset(key for key in wards if key not in digests),
        faults=faults,
    )


def _given(
    decree: Decree, units: Restructuring, standing: Divisions, file: Boundaries
) -> tuple[Territory, ...]:
    """What the file has of the units that the decree shapes; other features are passed over."""
    territories = territories_of(
        read_features(file.file, file.crs),
        divisions_after(units, standing, decree.number),
        Level.WARD,
        units.effective,
        accuracy=file.accuracy,
        accuracy_m=file.accuracy_m,
        aliases=file.aliases,
    )
    shaped = {unit.key for unit in units.shaped}
    return tuple(one for one in territories if one.unit in shaped)


def _composed(
    reader: Reader, units: Restructuring, missing: Iterable[UnitKey]
) -> tuple[Territory, ...]:
    """Unions of old land, for units made of whole ones that all have their land drawn."""
    made_of = {
        unit.key: [s.old for s in unit.sources]
        for unit in units.shaped
        if unit.sources and all(s.part is Part.WHOLE for s in unit.sources)
    }
    wanted = [key for key in missing if key in made_of]
    lands = _lands_before(reader, units, {old for key in wanted for old in made_of[key]})
    return tuple(
        _union(key, [lands[old] for old in made_of[key]])
        for key in wanted
        if all(old in lands for old in made_of[key])
    )


def _lands_before(
    reader: Reader, units: Restructuring, wanted: set[UnitKey]
) -> dict[UnitKey, Territory]:
    kept, ids = t.unit_boundary, unit_ids(reader) if wanted else {}
    keys = {ids[key]: key for key in wanted}
    rows = reader.execute(
        select(kept, func.ST_AsBinary(kept.c.geom).label("wkb")).where(
            holds_on(kept, units.effective - timedelta(days=1)), kept.c.unit_id.in_(list(keys))
        )
    )
    return {
        keys[row.unit_id]: Territory(
            keys[row.unit_id],
            shapely.from_wkb(bytes(row.wkb)),
            (),
            row.accuracy,
            row.accuracy_m,
        )
        for row in rows
    }


def holders(
    territories: Iterable[Territory], points: Sequence[tuple[float, float]]
) -> list[UnitKey | None]:
    """Whose land holds each point (WGS 84) after the decree; on a border the lower code's."""
    lands = sorted(territories, key=lambda one: one.unit)
    tree = shapely.STRtree([one.land for one in lands])
    spots = shapely.points(np.array(points, dtype=float).reshape(-1, 2))
    point, land = tree.query(spots, predicate="intersects")
    found: list[UnitKey | None] = [None] * len(points)
    for p, n in sorted(zip(point.tolist(), land.tolist(), strict=True), reverse=True):
        found[p] = lands[n].unit
    return found


def _union(unit: UnitKey, parts: Sequence[Territory]) -> Territory:
    land = shapely.union_all([part.land for part in parts])
    return Territory(
        unit=unit,
        land=MultiPolygon([one for one in shapely.get_parts(land) if one.area > 0]),
        remarks=(COMPOSED,),
        accuracy=parts[0].accuracy,
        accuracy_m=max((part.accuracy_m for part in parts if part.accuracy_m), default=None),
    )


def centre_of(land: MultiPolygon) -> tuple[float, float]:
    """A point within (WGS 84), to about 10 m."""
    inside = shapely.point_on_surface(land)
    return round(inside.x, CENTRE_DIGITS), round(inside.y, CENTRE_DIGITS)
