"""The address in full, and the changes of status that it allows.

Everything is dated twice: `valid` says when it was so in the world; when the registry learned it is
written by the store. A code is issued once, when the address is recorded, and never changes; a
proposal is known by its draft number alone. (number, street, ward) does not tell addresses apart:
Circular 08/2024/TT-BXD cannot undo the numbers that people chose.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from diachiso.address.code import AddressCode
from diachiso.address.division import UnitKey, Validity
from diachiso.address.errors import MoveRefused, TooEarly
from diachiso.address.number import HouseNumber
from diachiso.address.position import Position, PositionKind

NOTHING: Mapping[str, Any] = MappingProxyType({})


class State(StrEnum):
    """How far the registry vouches for an address."""

    PROPOSED = "proposed"
    RECORDED = "recorded"
    CERTIFIED = "certified"
    UNDER_REVIEW = "under_review"
    RETIRED = "retired"


MOVES: Mapping[State, frozenset[State]] = {
    State.PROPOSED: frozenset({State.PROPOSED, State.RECORDED, State.RETIRED}),
    State.RECORDED: frozenset({State.RECORDED, State.CERTIFIED, State.UNDER_REVIEW, State.RETIRED}),
    State.CERTIFIED: frozenset(
        {State.CERTIFIED, State.RECORDED, State.UNDER_REVIEW, State.RETIRED}
    ),
    State.UNDER_REVIEW: frozenset(
        {State.UNDER_REVIEW, State.RECORDED, State.CERTIFIED, State.RETIRED}
    ),
    State.RETIRED: frozenset(),
}
"""What may become of an address in each state; what is retired stays so."""

SPOKEN: Mapping[State, str] = {
    State.PROPOSED: "đề xuất / proposed",
    State.RECORDED: "đã ghi / recorded",
    State.CERTIFIED: "đã chứng nhận / certified",
    State.UNDER_REVIEW: "đang xem lại / under review",
    State.RETIRED: "đã thôi dùng / retired",
}


class ObjectKind(StrEnum):
    """What has the address; anything attached to land may (Decision 392/QĐ-BTTTT)."""

    UNKNOWN = "unknown"
    DWELLING = "dwelling"
    OFFICE = "office"
    BUSINESS = "business"
    WORK = "work"
    NAMED_PLACE = "named_place"
    POST_OFFICE = "post_office"
    CULTURE_POINT = "culture_point"
    LETTER_BOX = "letter_box"
    MAIL_BOXES = "mail_boxes"
    PICKUP_POINT = "pickup_point"


POSTAL = frozenset(
    {
        ObjectKind.POST_OFFICE,
        ObjectKind.CULTURE_POINT,
        ObjectKind.LETTER_BOX,
        ObjectKind.MAIL_BOXES,
    }
)
"""Points of the postal network: they have a keeper, hours, and are staffed or not."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One position of an address: what it marks, and within how many metres it is trusted."""

    position: Position
    kind: PositionKind
    accuracy_m: float | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """The paper that a version rests on."""

    number: str
    on: date | None = None
    issuer: str | None = None


@dataclass(frozen=True, slots=True)
class StreetRef:
    """A street of the registry."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Details:
    """What an address is on the days of a version.

    `spots` hold at least one position, the entrance first; `doubts` name attributes that somebody
    questions; `attributes` are those of the kind (a postal point: keeper, staffed, hours).
    """

    ward: UnitKey
    spots: tuple[Spot, ...]
    number: HouseNumber | None = None
    street: StreetRef | None = None
    kind: ObjectKind = ObjectKind.UNKNOWN
    residential_group: str | None = None
    estate: str | None = None
    name: str | None = None
    document: Document | None = None
    restricted: bool = False
    doubts: frozenset[str] = frozenset()
    attributes: Mapping[str, Any] = field(default_factory=lambda: NOTHING)

    @property
    def spot(self) -> Spot:
        """The position that serves people best."""
        return self.spots[0]

    @property
    def label(self) -> str:
        """The address in short: '12/3 Phố Hàng Trống'."""
        inner = [str(self.number) if self.number else "", self.street.name if self.street else ""]
        line = " ".join(filter(None, inner))
        return ", ".join(filter(None, [line or self.name, self.residential_group]))


@dataclass(frozen=True, slots=True)
class Address:
    """An address as it is from a day on; `author` wrote its details, by officer number."""

    id: int
    state: State
    details: Details
    valid: Validity
    code: AddressCode | None = None
    author: int | None = None
    reason: str | None = None
    version: int = 0
    external: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    @property
    def called(self) -> str:
        """The code, or the draft number where there is none yet."""
        return str(self.code) if self.code else f"D{self.id}"

    def becoming(self, state: State, on: date, *, reason: str | None = None) -> "Address":
        """The same in another state, from a day on.

        Raises:
            MoveRefused: an address in its state cannot become that.
            TooEarly: the day lies before the version begins.
        """
        if state not in MOVES[self.state]:
            raise MoveRefused(
                f"{self.called}: từ “{SPOKEN[self.state]}” không chuyển được sang "
                f"“{SPOKEN[state]}”. / cannot go from {self.state.value} to {state.value}."
            )
        self._must_not_precede(on)
        return replace(self, state=state, valid=Validity(on, self.valid.until), reason=reason)

    def amended(self, details: Details, on: date, by: int) -> "Address":
        """With other details from a day on; what was certified must be certified anew.

        Raises:
            MoveRefused: a retired address stays as it is.
            TooEarly: the day lies before the version begins.
        """
        state = State.RECORDED if self.state is State.CERTIFIED else self.state
        return replace(self.becoming(state, on), details=details, author=by)

    def _must_not_precede(self, on: date) -> None:
        if self.valid.since is not None and on < self.valid.since:
            raise TooEarly(
                f"{self.called}: ngày {on} sớm hơn lần ghi gần nhất ({self.valid.since}). / "
                f"{on} lies before the version that begins on {self.valid.since}."
            )
