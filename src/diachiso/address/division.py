"""Province, district, ward: kinds, names and the dates on which they were so.

A unit is (code, validity): statistics codes (Decision 19/2025/QĐ-TTg) are used again across the
reform of 1 July 2025, so 00004 is Phường Trúc Bạch before that day and Phường Ba Đình after it.
Codes are strings; leading zeros belong to them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple, Self

from diachiso.address.errors import MalformedDate

REFORM = date(2025, 7, 1)
"""The day on which 34 provinces and 3,321 communes replaced 63, 696 and 10,035."""


class Level(StrEnum):
    """The levels that a unit can have; districts ended with the reform."""

    PROVINCE = "province"
    DISTRICT = "district"
    WARD = "ward"

    __hash__ = str.__hash__
    """As equal as the string; an Enum's own hash is a call of Python for every look-up."""


class Kind(StrEnum):
    """What the law calls a unit."""

    TINH = "tỉnh"
    THANH_PHO = "thành phố"
    QUAN = "quận"
    HUYEN = "huyện"
    THI_XA = "thị xã"
    PHUONG = "phường"
    XA = "xã"
    THI_TRAN = "thị trấn"
    DAC_KHU = "đặc khu"


def full_name(kind: Kind, name: str) -> str:
    """The name with its kind, capitals as in Decree 30/2020: 'Phường Ba Đình'."""
    return f"{kind.value[0].upper()}{kind.value[1:]} {name}"


@dataclass(frozen=True, slots=True)
class Validity:
    """A stretch of days, `since` within and `until` without; None where not established or open."""

    since: date | None = None
    until: date | None = None

    def covers(self, day: date) -> bool:
        """Was it so on this day?"""
        return (self.since is None or self.since <= day) and (
            self.until is None or day < self.until
        )

    @classmethod
    def ended_by_the_reform(cls) -> Self:
        """What stood until 30 June 2025; when it began is not established."""
        return cls(until=REFORM)

    @classmethod
    def from_the_reform(cls) -> Self:
        """What stands since 1 July 2025."""
        return cls(since=REFORM)


@dataclass(frozen=True, slots=True)
class Naming:
    """The name and kind that a unit had for a while, by a decree."""

    name: str
    kind: Kind
    valid: Validity
    decree: str | None = None

    @property
    def full_name(self) -> str:
        """The name with its kind."""
        return full_name(self.kind, self.name)


class UnitKey(NamedTuple):
    """What tells units apart: the level, the code, and the side of the reform.

    A tuple, for it is the key of most look-ups there are.
    """

    level: Level
    code: str
    former: bool


@dataclass(frozen=True, slots=True)
class Division:
    """A unit of administration through its life.

    `centre` is (longitude, latitude) in WGS 84 to about 100 m; `area_km2` is the published figure.
    Either is None where no source that may be used gives it.
    """

    key: UnitKey
    valid: Validity
    namings: tuple[Naming, ...]
    parent: UnitKey | None = None
    centre: tuple[float, float] | None = None
    area_km2: float | None = None

    @property
    def code(self) -> str:
        """The statistics code."""
        return self.key.code

    @property
    def level(self) -> Level:
        """Province, district or ward."""
        return self.key.level

    def naming_on(self, day: date) -> Naming | None:
        """What it was called on this day; None when it was not there."""
        return next((naming for naming in self.namings if naming.valid.covers(day)), None)

    @property
    def latest(self) -> Naming:
        """The last name it had."""
        return self.namings[-1]


class Divisions:
    """All units, found by key, by code and day, or by parent."""

    def __init__(self, divisions: Iterable[Division]) -> None:
        self._by_key = {division.key: division for division in divisions}
        self._children: dict[UnitKey | None, list[Division]] = {}
        for division in self._by_key.values():
            self._children.setdefault(division.parent, []).append(division)

    def __iter__(self) -> Iterator[Division]:
        return iter(self._by_key.values())

    def __len__(self) -> int:
        return len(self._by_key)

    def __getitem__(self, key: UnitKey) -> Division:
        return self._by_key[key]

    def get(self, key: UnitKey) -> Division | None:
        """The unit of this key, or None."""
        return self._by_key.get(key)

    def on(self, level: Level, code: str, day: date) -> Division | None:
        """The unit that bore this code on this day, or None."""
        sides = (self._by_key.get(UnitKey(level, code, former)) for former in (False, True))
        return next((unit for unit in sides if unit and unit.valid.covers(day)), None)

    def children(self, key: UnitKey | None) -> tuple[Division, ...]:
        """The units right below one (None: the provinces)."""
        return tuple(self._children.get(key, ()))

    def province_of(self, unit: Division) -> Division:
        """The province above a unit (a province's own is itself)."""
        while unit.parent is not None:
            unit = self._by_key[unit.parent]
        return unit

    def of_level(self, level: Level, *, former: bool) -> tuple[Division, ...]:
        """Every unit of a level on one side of the reform."""
        return tuple(d for d in self if d.key.level is level and d.key.former is former)


def parse_day(text: str) -> date:
    """Read an ISO date (YYYY-MM-DD).

    Raises:
        MalformedDate: not a day of the calendar, such as 2025-02-30.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise MalformedDate(
            f"{text!r} không phải là ngày (YYYY-MM-DD). / not a day of the calendar (YYYY-MM-DD)."
        ) from None
