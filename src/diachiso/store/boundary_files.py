"""Files of boundaries: every feature matched to a unit of the day, its rings mended.

Matching is by code where the file has codes (and the names must agree, for codes were used again
across the reform), else by name within the province. A feature that names no unit of the day, or
another than its code does, stops the load.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import shapely
from rapidfuzz import fuzz
from shapely import MultiPolygon

from diachiso.address.division import Division, Divisions, Level, UnitKey
from diachiso.address.errors import UnknownWardInFile, UnreadableSource
from diachiso.address.name import fold, name_key
from diachiso.address.territory import repair, suspect
from diachiso.store.sources import Features, text_column

CODE_COLUMNS = ("code", "ward_code", "ma", "ma_xa", "maxa", "ma_dvhc", "unit_code", "matinh")
NAME_COLUMNS = ("full_name", "ward", "ward_name", "ten_xa", "tenxa", "name", "ten", "ten_dvhc")
PROVINCE_COLUMNS = ("province_code", "province", "ma_tinh", "ten_tinh", "tentinh", "tinh")
SAME_NAME = 60.0
"""Likeness (0-100) below which a name in a file is not the name of the unit of its code."""
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Territory:
    """The land of one unit as a source gives it; WGS 84."""

    unit: UnitKey
    land: MultiPolygon
    remarks: tuple[str, ...] = ()
    accuracy: str = "published"
    accuracy_m: float | None = None

    @property
    def digest(self) -> str:
        """What tells whether the land is the one already kept."""
        return hashlib.sha256(self.land.normalize().wkb).hexdigest()


def territories_of(
    features: Features,
    divisions: Divisions,
    level: Level,
    on: date,
    *,
    accuracy: str,
    accuracy_m: float | None,
    aliases: Mapping[str, str],
) -> list[Territory]:
    """Match every feature to a unit that stood on the day, and mend its rings.

    Raises:
        UnknownWardInFile: a feature names no unit of that day, or another than its code does.
        UnreadableSource: coordinates that cannot be WGS 84 in Vietnam, or nothing to match by.
    """
    if missing := int(shapely.is_missing(features.geometries).sum()):
        raise UnreadableSource(
            f"{features.file}: {missing} đối tượng không có hình. / {missing} features have no "
            "geometry."
        )
    units = _matched(features, divisions, level, on, aliases)
    if (suspicion := suspect(features.geometries, _middle(units))) is not None:
        raise UnreadableSource(f"{features.file}: {suspicion.advice}")
    pieces: dict[UnitKey, list[shapely.Geometry]] = {}
    for unit, geometry in zip(units, features.geometries, strict=True):
        pieces.setdefault(unit.key, []).append(geometry)
    return [_territory(unit, parts, accuracy, accuracy_m) for unit, parts in pieces.items()]


def _middle(units: Sequence[Division]) -> tuple[float, float] | None:
    """About where the units lie (longitude, latitude): it tells the zones of VN-2000 apart."""
    centres = [unit.centre for unit in units if unit.centre is not None]
    if not centres:
        return None
    lons, lats = zip(*centres, strict=True)
    return sum(lons) / len(lons), sum(lats) / len(lats)


def _territory(
    unit: UnitKey, parts: Sequence[shapely.Geometry], accuracy: str, accuracy_m: float | None
) -> Territory:
    mended = [repair(part) for part in parts]
    remarks = tuple(remark for _, said in mended for remark in said)
    if len(mended) == 1:
        return Territory(unit, mended[0][0], remarks, accuracy, accuracy_m)
    land, said = repair(shapely.union_all([land for land, _ in mended]))
    joined = f"{len(parts)} mảnh được gộp / pieces joined"
    return Territory(unit, land, (*remarks, joined, *said), accuracy, accuracy_m)


def _matched(
    features: Features, divisions: Divisions, level: Level, on: date, aliases: Mapping[str, str]
) -> list[Division]:
    codes = text_column(features.columns, CODE_COLUMNS)
    names = text_column(features.columns, NAME_COLUMNS)
    if codes is not None:
        units = _by_code(features, [aliases.get(c, c) for c in codes], divisions, level, on)
        _require_same_names(features, units, names, on)
        return units
    if names is not None:
        provinces = text_column(features.columns, PROVINCE_COLUMNS)
        return _by_name(features, names, provinces, divisions, level, on)
    raise UnreadableSource(
        f"{features.file}: không có cột mã hay tên. / has neither a code nor a name column; looked "
        f"for {', '.join(CODE_COLUMNS[:3])} and {', '.join(NAME_COLUMNS[:3])}, found "
        f"{', '.join(features.columns) or 'no column'}."
    )


def _by_code(
    features: Features, codes: Sequence[str], divisions: Divisions, level: Level, on: date
) -> list[Division]:
    digits = {Level.PROVINCE: 2, Level.DISTRICT: 3, Level.WARD: 5}[level]
    found = [divisions.on(level, code.zfill(digits), on) for code in codes]
    unknown = [
        code or "(trống / blank)" for code, unit in zip(codes, found, strict=True) if not unit
    ]
    if unknown:
        raise UnknownWardInFile(_unknown(features, unknown, on))
    return [unit for unit in found if unit is not None]


def _unknown(features: Features, unknown: Sequence[str], on: date) -> str:
    more = f" … ({len(unknown)})" if len(unknown) > SHOWN else ""
    return (
        f"{features.file}: ngày {on} không có đơn vị / no such unit on {on}: "
        f"{', '.join(unknown[:SHOWN])}{more}. Đúng --level và --effective chưa? / "
        "Check --level and --effective."
    )


def _require_same_names(
    features: Features, units: Sequence[Division], names: Sequence[str] | None, on: date
) -> None:
    """A code names different units before and after the reform: the name must agree."""
    wrong = []
    for unit, name in zip(units, names or (), strict=False):
        told = unit.naming_on(on) or unit.latest
        if name and not _alike(name, unit):
            wrong.append(f"{unit.code}: {name!r}, không phải / not {told.full_name!r}")
    if wrong:
        raise UnknownWardInFile(
            f"{features.file}: mã và tên không khớp ngày {on}. / code and name disagree on {on}: "
            f"{'; '.join(wrong[:SHOWN])}{' …' if len(wrong) > SHOWN else ''}"
        )


def _alike(name: str, unit: Division) -> bool:
    written = fold(name)
    return any(
        max(fuzz.ratio(written, fold(one)) for one in (naming.name, naming.full_name)) >= SAME_NAME
        for naming in unit.namings
    )


def _by_name(
    features: Features,
    names: Sequence[str],
    provinces: Sequence[str] | None,
    divisions: Divisions,
    level: Level,
    on: date,
) -> list[Division]:
    index = _name_index(divisions, level, on)
    found, unknown = [], []
    for place, name in enumerate(names):
        province = provinces[place] if provinces else ""
        candidates = index.get((_province_key(province), name_key(name)), [])
        if len(candidates) == 1:
            found.append(candidates[0])
        else:
            why = "trùng tên / several" if candidates else "không có / unknown"
            unknown.append(f"{name}, {province or '?'} ({why})")
    if unknown:
        raise UnknownWardInFile(_unknown(features, unknown, on))
    return found


def _province_key(province: str) -> str:
    key = name_key(province)
    for kind in ("tinh ", "thanh pho ", "tp "):
        key = key.removeprefix(kind)
    return key


def _name_index(
    divisions: Divisions, level: Level, on: date
) -> dict[tuple[str, str], list[Division]]:
    """Units of a day by (province name, code or nothing) and name with or without kind."""
    index: dict[tuple[str, str], list[Division]] = {}
    for unit in divisions:
        naming = unit.naming_on(on)
        if unit.level is not level or naming is None or not unit.valid.covers(on):
            continue
        above = divisions.province_of(unit)
        provinces = {"", above.code, *(_province_key(n.name) for n in above.namings)}
        for key in {name_key(naming.name), name_key(naming.full_name)}:
            for province in provinces:
                index.setdefault((province, key), []).append(unit)
    return index
