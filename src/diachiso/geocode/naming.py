"""Every unit by all its names in time: its own, those of the aliases, those of units long gone."""

from collections.abc import Iterator

from diachiso.address.division import Division, Divisions, Kind, Level, UnitKey
from diachiso.address.lineage import Lineage
from diachiso.geocode.kinds import KIND_WORDS
from diachiso.geocode.syllable import analyse
from diachiso.geocode.unit import Alias, Entry, Unit, keys_of, words_in


def units_of(divisions: Divisions, lineage: Lineage) -> Iterator[tuple[UnitKey, Unit]]:
    """Every unit, the larger ones first."""
    made: dict[UnitKey, Unit] = {}
    order = (Level.PROVINCE, Level.DISTRICT, Level.WARD)
    for division in sorted(divisions, key=lambda d: order.index(d.level)):
        made[division.key] = unit = _unit(division, made, divisions, lineage)
        yield division.key, unit


def _unit(
    division: Division, made: dict[UnitKey, Unit], divisions: Divisions, lineage: Lineage
) -> Unit:
    parent = made.get(division.parent) if division.parent else None
    district = parent if parent and parent.level is Level.DISTRICT else None
    province = district.province if district else parent
    name = division.latest.name
    return Unit(
        key=division.key,
        name=name,
        kinds=frozenset(naming.kind for naming in division.namings),
        district=district,
        province=province,
        numbered=name.isdecimal(),
        akin=_akin(province, made, lineage) if province else (),
        districts=frozenset(_old_districts(division, made, divisions, lineage)),
    )


def _old_districts(
    division: Division, made: dict[UnitKey, Unit], divisions: Divisions, lineage: Lineage
) -> Iterator[Unit]:
    """The districts whose wards a ward of today was made from."""
    if division.level is Level.WARD and not division.key.former:
        for pair in lineage.predecessors(division.key):
            old = divisions.get(pair.old)
            if old is not None and old.parent in made:
                yield made[old.parent]


def _akin(province: Unit, made: dict[UnitKey, Unit], lineage: Lineage) -> tuple[Unit, ...]:
    if province.former:
        keys = [pair.new for pair in lineage.successors(province.key)]
    else:
        keys = [pair.old for pair in lineage.predecessors(province.key)]
    return tuple(made[key] for key in keys if key in made)


def own_names(divisions: Divisions, units: dict[UnitKey, Unit]) -> Iterator[tuple[str, Entry]]:
    """Every unit under every name that it had."""
    for division in divisions:
        for name in dict.fromkeys(naming.name for naming in division.namings):
            key, toned = keys_of(name)
            yield key, Entry(units[division.key], toned, alias=False)


UNIT_ALIASES = {
    "province_alias": Level.PROVINCE,
    "province_abbreviation": Level.PROVINCE,
    "district_alias": Level.DISTRICT,
    "district_abbreviation": Level.DISTRICT,
    "ward_alias": Level.WARD,
    "former_ward_key": Level.WARD,
    "former_district_key": Level.DISTRICT,
}
KIND_PREFIXES: tuple[tuple[str, Kind], ...] = (
    ("thitran", Kind.THI_TRAN),
    ("thanhpho", Kind.THANH_PHO),
    ("thixa", Kind.THI_XA),
    ("phuong", Kind.PHUONG),
    ("huien", Kind.HUYEN),
    ("district", Kind.QUAN),
    ("quan", Kind.QUAN),
    ("tinh", Kind.TINH),
    ("tp", Kind.THANH_PHO),
    ("tt", Kind.THI_TRAN),
    ("tx", Kind.THI_XA),
    ("xa", Kind.XA),
    ("p", Kind.PHUONG),
    ("f", Kind.PHUONG),
    ("q", Kind.QUAN),
    ("x", Kind.XA),
    ("h", Kind.HUYEN),
)
"""Kinds glued before a key of the alias table, longest first."""


SURELY_A_KIND = 4
SHORTEST_NAME = 5


def alias_names(
    units: dict[UnitKey, Unit], aliases: tuple[Alias, ...]
) -> Iterator[tuple[str, Entry]]:
    """Units under other names, and units gone before 2025 under theirs."""
    lapsed: dict[tuple[Level, str], set[str]] = {}
    taken = {_key_of_alias(a) for a in aliases if a.kind == "former_ward_key"}
    yield from _numbered_series(units)
    for alias in aliases:
        level = UNIT_ALIASES.get(alias.kind)
        if level is Level.DISTRICT and not alias.code:
            yield from _divided_district(units, alias)
        if level is None or not alias.code:
            continue
        if alias.kind.startswith("former"):
            lapsed.setdefault((level, alias.code), set()).add(_key_of_alias(alias))
        elif not (level is Level.WARD and keys_of(_name_alone(alias.written))[0] in taken):
            unit = units.get(UnitKey(level, alias.code, former=True))
            yield from _other_name(unit, alias) if unit else ()
    for (level, code), keys in sorted(lapsed.items()):
        if (unit := units.get(UnitKey(level, code, former=True))) is not None:
            yield from _lapsed_units(unit, keys)


def _numbered_series(units: dict[UnitKey, Unit]) -> Iterator[tuple[str, Entry]]:
    """'Cổ Nhuế' for Cổ Nhuế 1 and 2: what the numbered units were before they were divided."""
    for unit in units.values():
        name, _, number = unit.name.rpartition(" ")
        if name and number.isdecimal() and unit.former and unit.level is Level.WARD:
            key, toned = keys_of(name)
            yield key, Entry(unit, toned, alias=True)


def _divided_district(units: dict[UnitKey, Unit], alias: Alias) -> Iterator[tuple[str, Entry]]:
    """A district that became several of longer names: Từ Liêm, now Bắc and Nam Từ Liêm."""
    for prefix in ("Huyện ", "Quận ", "Thị xã ", "Thành phố "):
        name = alias.written.removeprefix(prefix)
        if name == alias.written:
            continue
        key, toned = keys_of(name)
        for unit in units.values():
            longer = unit.level is Level.DISTRICT and unit.name.endswith(f" {name}")
            if longer and unit.province and alias.meaning.endswith(f", {unit.province.name}"):
                yield key, Entry(_lapsed(unit, name, set()), toned, alias=False)


def _key_of_alias(alias: Alias) -> str:
    return alias.written.lower().replace("y", "i")


def _other_name(unit: Unit, alias: Alias) -> Iterator[tuple[str, Entry]]:
    key, toned = keys_of(_name_alone(alias.written))
    if key and key != keys_of(unit.name)[0] and not key[-1].isdecimal():
        yield key, Entry(unit, toned, alias=True)


def _name_alone(written: str) -> str:
    """The writing without its kind: 'P. Bến Nghé' -> 'Bến Nghé'."""
    words = words_in(written)
    for length in (2, 1):
        glued = "".join(analyse(word)[0] for word in words[:length])
        if glued in KIND_WORDS and len(words) > length:
            return " ".join(words[length:])
    return " ".join(words)


def _lapsed_units(successor: Unit, keys: set[str]) -> Iterator[tuple[str, Entry]]:
    """The units behind a set of keys such as {'hathon', 'xahathon'}, with the kinds they had."""
    kinds: dict[str, set[Kind]] = {}
    for key in keys:
        name, kind = _without_kind(key, keys)
        kinds.setdefault(name, set()).update(kind)
    for name, found in sorted(kinds.items()):
        number = name.lstrip("0") if name.isdecimal() else name
        yield number, Entry(_lapsed(successor, number, found), "", alias=False)


def _without_kind(key: str, keys: set[str]) -> tuple[str, set[Kind]]:
    for prefix, kind in KIND_PREFIXES:
        rest = key.removeprefix(prefix)
        told = rest in keys or rest.isdecimal() or len(prefix) >= SURELY_A_KIND
        if rest != key and (told or (prefix == "xa" and len(rest) >= SHORTEST_NAME)):
            return rest, {kind}
    return key, set()


def _lapsed(successor: Unit, name: str, kinds: set[Kind]) -> Unit:
    return Unit(
        key=successor.key,
        name=name,
        kinds=frozenset(kinds),
        lapsed=True,
        district=successor.district,
        province=successor.province,
        numbered=name.isdecimal(),
        akin=successor.akin,
        successor=successor,
    )
