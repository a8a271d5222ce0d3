"""What the registry answers, as immutable values. `told` keeps all of it, new members too."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple, Self

Told = Mapping[str, Any]


class Point(NamedTuple):
    """A position: longitude and latitude in degrees of WGS 84."""

    lon: float
    lat: float

    @classmethod
    def of(cls, geometry: Told | None) -> Self | None:
        """The point of a GeoJSON geometry, if there is one."""
        return cls(*geometry["coordinates"][:2]) if geometry else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _nothing() -> Told:
    return MappingProxyType({})


def _kept(told: Told) -> Told:
    return MappingProxyType(dict(told))


@dataclass(frozen=True, slots=True)
class Unit:
    """An administrative unit; `valid_until` is the first day on which it no longer stands."""

    code: str
    full_name: str
    name: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    told: Told = field(default_factory=_nothing, repr=False, compare=False)

    @classmethod
    def of(cls, told: Told | None) -> Self | None:
        """From the registry's JSON; None where it names none."""
        return cls.known(told) if told and told.get("code") else None

    @classmethod
    def known(cls, told: Told) -> Self:
        """From the registry's JSON."""
        return cls(
            code=told["code"],
            full_name=told["full_name"],
            name=told.get("name"),
            valid_from=_day(told.get("valid_from")),
            valid_until=_day(told.get("valid_until")),
            told=_kept(told),
        )


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in doubt: its name never changes, the sentences may."""

    name: str
    penalty: float
    detail_vi: str
    detail_en: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ward of today that the address may lie in."""

    code: str
    name: str
    share: float
    default: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """A place that a text may mean; `confidence` is the probability that the ward is right."""

    label: str
    code: str | None
    match_level: str
    coordinate_level: str | None
    point: Point | None
    confidence: float
    expected_error_m: float | None
    ward: Unit | None
    former_ward: Unit | None
    former_district: Unit | None
    faults: tuple[Fault, ...]
    candidates: tuple[Candidate, ...]
    next_action: str
    question: str | None
    question_en: str | None
    told: Told = field(default_factory=_nothing, repr=False, compare=False)

    @classmethod
    def of(cls, feature: Told) -> Self:
        """From a feature of the geocoder."""
        it = feature["properties"]
        former, action = it.get("former") or {}, it["next_action"]
        return cls(
            label=it["label"],
            code=it["code"],
            match_level=it["match_level"],
            coordinate_level=it.get("coordinate_level"),
            point=Point.of(feature.get("geometry")),
            confidence=it["confidence"],
            expected_error_m=it["expected_error_m"],
            ward=Unit.of(it["ward"]),
            former_ward=Unit.of(former.get("ward")),
            former_district=Unit.of(former.get("district")),
            faults=tuple(
                Fault(one["name"], one["penalty"], one["detail_vi"], one["detail_en"])
                for one in it["faults"]
            ),
            candidates=tuple(
                Candidate(one["code"], one["name"], one["share"], one["default"])
                for one in it["ward_candidates"]
            ),
            next_action=action["action"],
            question=action.get("question"),
            question_en=action.get("question_en"),
            told=_kept(it),
        )


@dataclass(frozen=True, slots=True)
class Result:
    """What was found for one text of a batch, the likeliest first."""

    id: str
    answers: tuple[Answer, ...]

    @classmethod
    def of(cls, told: Told) -> Self:
        """From one of the results of a batch."""
        return cls(told["id"], tuple(map(Answer.of, told["features"])))

    @property
    def best(self) -> Answer | None:
        """The likeliest answer, if anything was found."""
        return self.answers[0] if self.answers else None


@dataclass(frozen=True, slots=True)
class Parts:
    """What a text names, part by part; `parts` has every name, None where it names none."""

    id: str
    parts: Mapping[str, str | None]

    @classmethod
    def of(cls, told: Told) -> Self:
        """From one of the results of a batch."""
        return cls(told["id"], MappingProxyType(dict(told["parts"])))


@dataclass(frozen=True, slots=True)
class Address:
    """A recorded address, or (without a code) the ward at a point."""

    code: str | None
    label: str
    point: Point | None
    state: str | None
    ward: Unit | None
    former: Unit | None
    vpostcode: str | None
    distance_m: float | None
    told: Told = field(default_factory=_nothing, repr=False, compare=False)

    @classmethod
    def of(cls, feature: Told) -> Self:
        """From a feature of the registry."""
        it = feature["properties"]
        return cls(
            code=it["code"],
            label=it["label"],
            point=Point.of(feature.get("geometry")),
            state=it.get("state"),
            ward=Unit.of(it.get("ward")),
            former=Unit.of(it.get("former")),
            vpostcode=it.get("vpostcode"),
            distance_m=it.get("distance_m"),
            told=_kept(it),
        )


@dataclass(frozen=True, slots=True)
class Found:
    """What a writing was taken for (`code`, `position`, `text`, …), and the places it names."""

    taken_for: str
    places: tuple[Answer | Address, ...]
    read: Told = field(default_factory=_nothing, repr=False, compare=False)

    @classmethod
    def of(cls, told: Told) -> Self:
        """From an answer of /v1/find."""
        read = told["read"]
        kind = Answer.of if read["as"] == "text" else Address.of
        return cls(read["as"], tuple(map(kind, told["features"])), _kept(read))


@dataclass(frozen=True, slots=True)
class Suggestion:
    """How a text may go on."""

    text: str
    kind: str
    detail: str
    point: Point | None
    code: str | None

    @classmethod
    def of(cls, told: Told) -> Self:
        """From the registry's JSON."""
        point = Point.of(told.get("geometry"))
        return cls(told["text"], told["kind"], told["detail"], point, told.get("code"))


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A unit on the other side of July 2025; `share` is the part of the old one's area."""

    unit: Unit
    part: str
    share: float | None
    default: bool
    guess: bool

    @classmethod
    def of(cls, told: Told) -> Self:
        """From the registry's JSON."""
        unit = Unit.known(told)
        return cls(unit, told["part"], told["share"], told["default"], told["guess"])


@dataclass(frozen=True, slots=True)
class Change:
    """A numbered change; of a restricted address the number alone. `after` None: withdrawn."""

    number: int
    kind: str | None = None
    id: int | None = None
    act: str | None = None
    after: Told | None = None
    told: Told = field(default_factory=_nothing, repr=False, compare=False)

    @classmethod
    def of(cls, told: Told) -> Self:
        """From the registry's JSON."""
        return cls(
            number=told["number"],
            kind=told.get("kind"),
            id=told.get("id"),
            act=told.get("act"),
            after=told.get("after"),
            told=_kept(told),
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """Something as it stands at a snapshot."""

    kind: str
    id: int
    number: int
    after: Told

    @classmethod
    def of(cls, told: Told) -> Self:
        """From a line of a snapshot."""
        return cls(told["kind"], told["id"], told["number"], told["after"])


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a reporter is given: the token is shown once."""

    token: str
    where: str
    ward: str
    masked: str | None


@dataclass(frozen=True, slots=True)
class ReportTold:
    """What became of a report."""

    number: int
    wrong: str
    state: str
    reason: str | None
    code: str | None
