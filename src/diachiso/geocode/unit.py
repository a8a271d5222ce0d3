"""A unit as geocoding sees it, and the keys by which names are compared."""

from dataclasses import dataclass, field
from functools import cache, lru_cache

from diachiso.address.division import Kind, Level, UnitKey
from diachiso.address.name import standard
from diachiso.geocode.syllable import analyse


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
class Nature:
    """What units have in common that are judged alike under one writing; compared by identity."""

    level: Level
    kinds: frozenset[Kind]
    lapsed: bool
    alias: bool


@cache
def nature_of(level: Level, kinds: frozenset[Kind], *, lapsed: bool, alias: bool) -> Nature:
    """The one nature of these properties: there are some dozens."""
    return Nature(level, kinds, lapsed, alias)


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A unit under one writing of its name; `alias` where it is not its own name."""

    unit: Unit
    toned: str
    alias: bool
    is_ward: bool = field(init=False)
    nature: Nature = field(init=False, repr=False)

    def __post_init__(self) -> None:
        unit = self.unit
        nature = nature_of(unit.key.level, unit.kinds, lapsed=unit.lapsed, alias=self.alias)
        object.__setattr__(self, "nature", nature)
        object.__setattr__(self, "is_ward", nature.level is Level.WARD)


@lru_cache(maxsize=16_384)
def keys_of(name: str) -> tuple[str, str]:
    """(bare, toned) keys of a name, glued."""
    words = [analyse(word) for word in words_in(name)]
    return "".join(bare for bare, _ in words), "".join(toned for _, toned in words)


def bare_words(name: str) -> str:
    """The bare words of a name, parted by spaces."""
    return " ".join(analyse(word)[0] for word in words_in(name))


def words_in(name: str) -> list[str]:
    """The words of a name in lower case, apostrophes left out."""
    plain = standard(name).lower().replace("'", "")
    return "".join(c if c.isalnum() else " " for c in plain).split()
