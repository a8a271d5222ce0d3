"""What is asked and what is answered: immutable values, from the text to the ranked answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple, final

from diachiso.address.division import UnitKey, Validity
from diachiso.geocode.gazetteer import Point
from diachiso.geocode.score import Evidence
from diachiso.geocode.trace import Trace
from diachiso.geocode.value import Value

MOST_ANSWERS: Final = 20
LONGEST: Final = 10_000
"""Characters that a text to be placed may have."""
Box = tuple[float, float, float, float]
"""West, south, east, north, in degrees of WGS 84."""
FIELDS: Final = ("house_number", "street", "ward", "district", "province")
"""The fields of a structured query, the smallest first."""


@dataclass(frozen=True, slots=True)
class Query:
    """A text to be placed. `near` is (longitude, latitude), `bbox` west, south, east, north.

    Answers name the units as they were on `as_of`; the clock is the caller's.
    """

    text: str
    as_of: date
    limit: int = 5
    near: Point | None = None
    bbox: Box | None = None
    explain: bool = False

    @staticmethod
    def text_of(fields: Mapping[str, str]) -> str:
        """One text from the fields of a structured query (`FIELDS`), in their usual order."""
        line = " ".join(fields[name] for name in FIELDS[:2] if fields.get(name))
        units = [fields[name] for name in FIELDS[2:] if fields.get(name)]
        return ", ".join(filter(None, [line, *units]))


class MatchLevel(StrEnum):
    """How precisely something was found, the most precise first; none: nothing was recognised."""

    HOUSE = "house"
    INTERPOLATED = "interpolated"
    ALLEY = "alley"
    STRETCH = "stretch"
    STREET = "street"
    RESIDENTIAL_GROUP = "residential_group"
    PLACE = "place"
    WARD = "ward"
    DISTRICT = "district"
    PROVINCE = "province"
    NONE = "none"


class Status(StrEnum):
    """What became of a component of the address.

    Matched: found as written. Corrected: found under a name that is spelt otherwise. Inferred: not
    found itself, worked out from the rest. Missing: not found, or not written at all.
    """

    MATCHED = "matched"
    CORRECTED = "corrected"
    INFERRED = "inferred"
    MISSING = "missing"


class Action(StrEnum):
    """What the caller had best do with an answer."""

    ACCEPT = "accept"
    CONFIRM = "confirm"
    CHOOSE = "choose"
    FIX = "fix"


@final
class Component(Value):
    """One part of the address: as written, as understood, and how the two agree."""

    __slots__ = ("kind", "status", "value", "written")

    def __init__(
        self,
        kind: str,
        written: str | None,
        value: str | None,
        status: Status,
    ) -> None:
        self.kind: Final = kind
        self.written: Final = written
        self.value: Final = value
        self.status: Final = status

    def parts(self) -> tuple[str, str | None, str | None, Status]:
        """What it is made of, in the order of its arguments."""
        return self.kind, self.written, self.value, self.status


class NamedUnit(NamedTuple):
    """A unit with the name that it had on the day asked for, and its dates."""

    key: UnitKey
    name: str
    full_name: str
    valid: Validity
    province_code: str | None = None
    province_name: str | None = None

    @property
    def code(self) -> str:
        """The statistics code."""
        return self.key.code


class FormerUnits(NamedTuple):
    """The units of before July 2025 that the text names, or that the place lay in."""

    ward: NamedUnit | None
    district: NamedUnit | None
    province: NamedUnit | None
    lapsed_ward: str | None = None


@final
class Candidate(Value):
    """A ward of today that the address may lie in; `share` sums to at most one over all.

    `default` marks the successor that the conversion table puts first for the old ward named.
    """

    __slots__ = ("code", "default", "name", "share")

    def __init__(
        self,
        code: str,
        name: str,
        share: float,
        *,
        default: bool = False,
    ) -> None:
        self.code: Final = code
        self.name: Final = name
        self.share: Final = share
        self.default: Final = default

    def parts(self) -> tuple[str, str, float, bool]:
        """What it is made of, in the order of its arguments."""
        return self.code, self.name, self.share, self.default


class NextAction(NamedTuple):
    """What to do, and the question that would decide, in Vietnamese and English."""

    action: Action
    question: str | None = None
    question_en: str | None = None


class Answer(NamedTuple):
    """One place that a text may mean.

    `point` is (longitude, latitude) in WGS 84; `confidence` the calibrated probability that `ward`
    is right; the truth lies within twice `expected_error_m` of the point nine times in ten. Where
    no unit and no street is recognised, `ward` is None and the action is to fix the text.
    """

    label: str
    code: str | None
    match_level: MatchLevel
    coordinate_level: MatchLevel | None
    point: Point | None
    confidence: float
    expected_error_m: float | None
    faults: tuple[Evidence, ...]
    components: tuple[Component, ...]
    ward: NamedUnit | None
    former: FormerUnits
    ward_candidates: tuple[Candidate, ...]
    next_action: NextAction
    trace: Trace | None = None


class Parts(NamedTuple):
    """What a text names, part by part, in canonical spelling; None where it names none.

    Units are those that the text means, not their successors.
    """

    province: str | None = None
    district: str | None = None
    ward: str | None = None
    street: str | None = None
    house_number: str | None = None
    alley: str | None = None
    residential_group: str | None = None
    building: str | None = None
    place: str | None = None
    postcode: str | None = None
    phone: str | None = None
    note: str | None = None
