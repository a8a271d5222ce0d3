"""Every unit by all its names in time, compiled for matching.

A name is found by its glued bare key ('phuong' left out, 'Quy Nhơn' -> 'quinhon'), exactly or one
letter away (symmetric deletion: a letter lost, added, changed, or two swapped). Units that were
gone before 2025 come from the aliases and stand for themselves, with the unit that took them in.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from diachiso.address.division import Division, Divisions, Kind, Level, UnitKey
from diachiso.address.lineage import Lineage
from diachiso.address.name import standard
from diachiso.geocode.kinds import KIND_WORDS
from diachiso.geocode.slips import SlipIndex, starting
from diachiso.geocode.syllable import Cutter, analyse

Known = TypeVar("Known")
LONGEST_KEY = 28


@dataclass(frozen=True, slots=True)
class Alias:
    """One row of data/aliases: another writing of something."""

    kind: str
    written: str
    meaning: str
    ambiguous: bool
    code: str


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """A unit as geocoding sees it; compared by identity.

    `key` is its own, or for a lapsed unit (gone before 2025) that of the old unit that took it in,
    `successor`. `district` and `province` are the old ones of an old unit; a ward of today has no
    district, but `districts`, those it was made from. `akin` are the provinces of the other side of
    the reform that it may be named with.
    """

    key: UnitKey
    name: str
    kinds: frozenset[Kind]
    lapsed: bool = False
    district: "Unit | None" = None
    province: "Unit | None" = None
    numbered: bool = False
    akin: tuple["Unit", ...] = field(default=(), repr=False)
    districts: frozenset["Unit"] = field(default=frozenset(), repr=False)
    successor: "Unit | None" = None

    @property
    def level(self) -> Level:
        """Province, district or ward."""
        return self.key.level

    @property
    def former(self) -> bool:
        """Of before the reform?"""
        return self.key.former


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A unit under one writing of its name; `alias` where it is not its own name."""

    unit: Unit
    toned: str
    alias: bool
    is_ward: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_ward", self.unit.key.level is Level.WARD)


def keys_of(name: str) -> tuple[str, str]:
    """(bare, toned) keys of a name, glued."""
    words = [analyse(word) for word in _words(name)]
    return "".join(bare for bare, _ in words), "".join(toned for _, toned in words)


def bare_words(name: str) -> str:
    """The bare words of a name, parted by spaces."""
    return " ".join(analyse(word)[0] for word in _words(name))


def _words(name: str) -> list[str]:
    plain = standard(name).lower().replace("'", "")
    return "".join(c if c.isalnum() else " " for c in plain).split()


class UnitVocabulary:
    """All units and their names; walks of prefixes; one-letter slips."""

    def __init__(
        self, divisions: Divisions, lineage: Lineage, named: Iterable[tuple[str, Entry]]
    ) -> None:
        self.divisions = divisions
        self.lineage = lineage
        self._known: dict[Hashable, Any] = {}
        gathered: dict[str, list[Entry]] = {}
        for key, entry in named:
            gathered.setdefault(key, []).append(entry)
        self._walk: dict[str, tuple[Entry, ...]] = {
            key[:end]: () for key in gathered for end in range(1, len(key))
        }
        self._walk |= {key: tuple(entries) for key, entries in gathered.items()}
        self._sorted = sorted(gathered)
        self._slips = SlipIndex(gathered)
        units = {entry.unit for entries in gathered.values() for entry in entries}
        self._unit_of = {unit.key: unit for unit in units if not unit.lapsed}
        standing = (bare_words(unit.name) for unit in units if not unit.lapsed)
        self.cutter = Cutter(standing, heads=KIND_WORDS)
        self._below: dict[Unit, tuple[list[str], list[Entry]]] = {}
        for key, entries in gathered.items():
            for entry in entries:
                self._file(key, entry)

    def remember(self, what: Hashable, make: Callable[[], Known]) -> Known:
        """What was worked out once about the units, kept as long as they are."""
        if what not in self._known:
            self._known[what] = make()
        known: Known = self._known[what]
        return known

    def _file(self, key: str, entry: Entry) -> None:
        for parent in {entry.unit.district, entry.unit.province} - {None}:
            if parent is not None and not entry.unit.numbered:
                keys, entries = self._below.setdefault(parent, ([], []))
                keys.append(key)
                entries.append(entry)

    @classmethod
    def of(cls, divisions: Divisions, lineage: Lineage, aliases: Iterable[Alias] = ()) -> Self:
        """Compile the facts. Aliases whose code is unknown or that are no unit names are left."""
        units = dict(_units(divisions, lineage))
        named = [*_own_names(divisions, units), *_alias_names(units, tuple(aliases))]
        return cls(divisions, lineage, named)

    def unit_of(self, key: UnitKey) -> Unit:
        """The unit of a key."""
        return self._unit_of[key]

    def walk(self, key: str) -> tuple[Entry, ...] | None:
        """The entries of exactly this key; () if only longer keys begin so; None if none do."""
        return self._walk.get(key)

    def near(self, key: str) -> Iterator[tuple[Entry, ...]]:
        """The entries of the names one letter away from this key."""
        return (self._walk[name] for name in self._slips.near(key))

    def starting(self, prefix: str, most: int) -> Iterator[Entry]:
        """The entries of at most so many names that start so."""
        for key in starting(self._sorted, prefix, most):
            yield from self._walk[key]

    def below(self, unit: Unit) -> tuple[list[str], list[Entry]]:
        """Keys and entries of every unit with a proper name below a province or district."""
        return self._below.get(unit, ([], []))


# -- units and their names -----------------------------------------------------------------------


def _units(divisions: Divisions, lineage: Lineage) -> Iterator[tuple[UnitKey, Unit]]:
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


def _own_names(divisions: Divisions, units: dict[UnitKey, Unit]) -> Iterator[tuple[str, Entry]]:
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


def _alias_names(
    units: dict[UnitKey, Unit], aliases: tuple[Alias, ...]
) -> Iterator[tuple[str, Entry]]:
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
    words = _words(written)
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
