"""What geocoding asks of a store, and a twin of it that lives in memory.

Three vocabularies are held in memory, because fuzzy matching walks them: the units (see
`vocabulary`), the street names and the place names. Houses, courses of streets and ward polygons
stay in the store and are asked for by exact keys only. A store builds the vocabularies once from
plain rows (`UnitVocabulary.of`, `NameIndex.of`) and again when the change feed says so.

All points are (longitude, latitude) in WGS 84; all lengths and distances are in metres.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Generic, Protocol, TypeVar

from diachiso.address.division import REFORM, UnitKey
from diachiso.address.lineage import Lineage
from diachiso.address.name import name_key, tone_key
from diachiso.geocode.memory import Memory
from diachiso.geocode.neighbours import PLAIN, next_to
from diachiso.geocode.slips import SlipIndex, starting
from diachiso.geocode.vocabulary import UnitVocabulary

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Stretch:
    """The part of a street that lies in one ward of today.

    `centre` is a point on the stretch near its middle; every point of it lies within `reach_m`.
    `former` is the old ward, where a polygon of it is loaded.
    """

    ward: UnitKey
    centre: Point
    length_m: float
    reach_m: float
    former: UnitKey | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """A piece of a street as a line of points, in one ward of today where that is known."""

    points: tuple[Point, ...]
    ward: UnitKey | None = None


@dataclass(frozen=True, slots=True)
class Street:
    """A street of one province: all ways that bear the same name there.

    `name` is as printed, with its kind ("Phố Hàng Giấy"); `other_names` are former names and
    abbreviations ("CMT8").
    """

    id: int
    name: str
    stretches: tuple[Stretch, ...]
    other_names: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that it is called."""
        return (self.name, *self.other_names)


@dataclass(frozen=True, slots=True)
class Place:
    """A named place: a school, a market, an estate. `category` is an OSM key=value."""

    id: int
    name: str
    category: str
    point: Point
    ward: UnitKey
    other_names: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that it is called."""
        return (self.name, *self.other_names)


@dataclass(frozen=True, slots=True)
class House:
    """An address of the registry; `number` is the key of a `HouseNumber` ("12/3/5B")."""

    street: int
    number: str
    point: Point
    ward: UnitKey
    code: str | None = None
    accuracy_m: float | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """How much of an old ward went to a ward of today.

    `fraction` is by area, None where no polygon of the old ward is loaded; `default` marks the
    successor that the conversion table puts first.
    """

    ward: UnitKey
    fraction: float | None
    default: bool


@dataclass(frozen=True, slots=True)
class Extent:
    """Where a unit lies: a point inside it, and the distance within which nearly all of it is."""

    centre: Point
    reach_m: float


Named = TypeVar("Named", Street, Place)
MOST_REMEMBERED = 50_000


class NameIndex(Generic[Named]):
    """Streets or places by name, compared without diacritics, spaces and kind of street."""

    def __init__(self, by_key: Mapping[str, tuple[Named, ...]]) -> None:
        self._by_key: Mapping[str, tuple[Named, ...]] = by_key
        self._sorted = sorted(by_key)
        self._slips = SlipIndex(by_key)
        self.remember = Memory(MOST_REMEMBERED)

    @classmethod
    def of(cls, named: Iterable[Named]) -> "NameIndex[Named]":
        """Index every name of every one."""
        by_key: dict[str, list[Named]] = {}
        for one in named:
            for key in dict.fromkeys(street_key(name) for name in one.names):
                if key:
                    by_key.setdefault(key, []).append(one)
        return cls({key: tuple(those) for key, those in by_key.items()})

    def get(self, key: str) -> tuple[Named, ...]:
        """Those whose `street_key` is this."""
        return self._by_key.get(key, ())

    def near(self, key: str) -> Iterator[tuple[Named, ...]]:
        """Those whose key is one letter away."""
        return (self._by_key[name] for name in self._slips.near(key))

    def starting(self, prefix: str, most: int) -> list[Named]:
        """At most so many whose key starts so, in order of the key."""
        return [one for key in starting(self._sorted, prefix, most) for one in self._by_key[key]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_key)

    def __contains__(self, key: object) -> bool:
        return key in self._by_key

    def __len__(self) -> int:
        return len(self._by_key)


STREET_KINDS = frozenset(
    {"duong", "pho", "dai lo", "ngo", "ngach", "hem", "kiet", "quoc lo", "tinh lo", "huong lo"}
)
"""Left out of the key where a proper name follows: 'Phố Huế' and 'Huế' compare equal."""


@lru_cache(maxsize=8192)
def street_key(name: str) -> str:
    """How street and place names are compared: 'Đường Lý Thái Tổ' -> 'lithaito'.

    A kind is kept where only a number follows ('Đường số 7', 'Quốc lộ 1A'): it is the name then.
    """
    words = name_key(name).split()
    for length in (2, 1):
        rest = words[length:]
        if rest and " ".join(words[:length]) in STREET_KINDS and not rest[0][0].isdigit():
            return "".join(rest)
    return "".join(words)


@lru_cache(maxsize=16_384)
def spoken_key(name: str) -> str:
    """A street's name without its kind, diacritics kept: Hàng Giấy and Hàng Giầy are two."""
    words, left = tone_key(name).split(), len(street_key(name))
    while words and left < len(name_key("".join(words)).replace(" ", "")):
        words.pop(0)
    return " ".join(words)


class Gazetteer(Protocol):
    """What geocoding asks of a store. Only the methods may touch a database."""

    @property
    def units(self) -> UnitVocabulary:
        """Every unit by all its names in time, with the lineage; in memory."""
        ...

    @property
    def streets(self) -> NameIndex[Street]:
        """Every street by its names; in memory, may be empty."""
        ...

    @property
    def places(self) -> NameIndex[Place]:
        """Named places; in memory, may be empty."""
        ...

    def houses(self, wanted: Sequence[tuple[int, str]]) -> Sequence[House]:
        """The houses of these (street id, number key) pairs, in any order, in one query."""
        ...

    def houses_starting(self, street: int, prefix: str, most: int) -> Sequence[House]:
        """At most so many houses of a street whose number key starts so, in order of the key."""
        ...

    def neighbours(self, street: int, number: int) -> Sequence[House]:
        """Known houses near a number of a street, of either side, by rising number.

        At most `neighbours.EACH_WAY` below and as many above on each side (odd, even); only houses
        with a plain number at the street (no alley), the letter left out of the comparison.
        """
        ...

    def courses(self, streets: Sequence[int]) -> Mapping[int, Sequence[Course]]:
        """By street its ways, if known, as lines of points, cut at the wards; in one query."""
        ...

    def ward_at(self, point: Point, day: date) -> UnitKey | None:
        """The ward whose polygon held the point on that day; None in the sea or with no polygon.

        A day before the reform asks for the old ward.
        """
        ...

    def wards_at(self, points: Sequence[Point], day: date) -> Sequence[UnitKey | None]:
        """The same for many points, in one query."""
        ...

    def drawn_since(self, day: date) -> date:
        """Since when the wards are drawn as they are on a day, of the reform's or after."""
        ...

    def shares(self, old: UnitKey) -> Sequence[Share]:
        """The successors of an old ward, the largest share first; one with 1.0 if moved whole."""
        ...

    def extent(self, unit: UnitKey) -> Extent | None:
        """Where a unit of today or of before lies; None if unknown."""
        ...


def default_shares(lineage: Lineage, old: UnitKey) -> tuple[Share, ...]:
    """Shares from the conversion table alone: no fractions unless the ward moved whole."""
    pairs = lineage.successors(old)
    whole = 1.0 if len(pairs) == 1 else None
    return tuple(Share(pair.new, whole, pair.default) for pair in pairs)


class MemoryGazetteer:
    """A gazetteer of plain values: for tests, benches and batch jobs without a database."""

    def __init__(
        self,
        units: UnitVocabulary,
        *,
        streets: Iterable[Street] = (),
        places: Iterable[Place] = (),
        houses: Iterable[House] = (),
        courses: Mapping[int, Sequence[Course]] | None = None,
        shares: Mapping[UnitKey, Sequence[Share]] | None = None,
        extents: Mapping[UnitKey, Extent] | None = None,
    ) -> None:
        self.units = units
        self.streets: NameIndex[Street] = NameIndex.of(streets)
        self.places: NameIndex[Place] = NameIndex.of(places)
        self._houses: dict[tuple[int, str], list[House]] = {}
        self._of_street: dict[int, list[House]] = {}
        self._on_street: dict[int, list[tuple[int, House]]] = {}
        for house in houses:
            self._add(house)
        self._courses = courses or {}
        self._shares = shares or {}
        self._extents = extents or {}

    def _add(self, house: House) -> None:
        self._houses.setdefault((house.street, house.number), []).append(house)
        self._of_street.setdefault(house.street, []).append(house)
        plain = house.number.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        if plain.isdecimal():
            self._on_street.setdefault(house.street, []).append((int(plain), house))

    def houses(self, wanted: Sequence[tuple[int, str]]) -> Sequence[House]:
        """The houses of these (street id, number key) pairs."""
        return [house for key in wanted for house in self._houses.get(key, ())]

    def houses_starting(self, street: int, prefix: str, most: int) -> Sequence[House]:
        """At most so many houses of a street whose number key starts so."""
        known = sorted(
            (house.number, at, house)
            for at, house in enumerate(self._of_street.get(street, ()))
            if house.number.startswith(prefix)
        )
        return [house for _, _, house in known[:most]]

    def neighbours(self, street: int, number: int) -> Sequence[House]:
        """Known houses near a number of a street, of either side, by rising number."""
        return next_to(number, sorted(self._on_street.get(street, ()), key=PLAIN))

    def courses(self, streets: Sequence[int]) -> Mapping[int, Sequence[Course]]:
        """By street its ways as lines of points."""
        return {street: self._courses.get(street, ()) for street in streets}

    def ward_at(self, point: Point, day: date) -> UnitKey | None:
        """No polygons are held in memory."""
        del point, day
        return None

    def wards_at(self, points: Sequence[Point], day: date) -> Sequence[UnitKey | None]:
        """The ward at each point."""
        return [self.ward_at(point, day) for point in points]

    def drawn_since(self, day: date) -> date:
        """Since the reform: no polygons are held in memory."""
        del day
        return REFORM

    def shares(self, old: UnitKey) -> Sequence[Share]:
        """The successors of an old ward."""
        return self._shares.get(old) or default_shares(self.units.lineage, old)

    def extent(self, unit: UnitKey) -> Extent | None:
        """The extent given, else the published centre of a unit of today."""
        if (extent := self._extents.get(unit)) is not None:
            return extent
        division = self.units.divisions.get(unit)
        if division is None or division.centre is None:
            return None
        area = division.area_km2 or 25.0
        return Extent(division.centre, 1000 * (area / 2) ** 0.5)
