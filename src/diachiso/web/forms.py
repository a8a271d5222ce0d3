"""What an official sends: forms, read strictly, turned into the registry's words."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from diachiso.address.errors import Incomplete
from diachiso.address.name import standard
from diachiso.address.number import HouseNumber
from diachiso.address.position import Position, PositionKind
from diachiso.address.record import Details, Document, ObjectKind, Spot, StreetRef
from diachiso.registry.register import in_ward
from diachiso.registry.split import Piece
from diachiso.store.books import PostgisBooks

Short = Annotated[str, Field(max_length=200)]
Called = Annotated[str, Field(max_length=64, description="mã hoặc số nháp / code or draft number")]


class Form(BaseModel):
    """A form with no field beyond its own: a misspelt one would be lost in silence."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class PositionForm(Form):
    """A position: longitude and latitude in degrees (WGS 84), what it marks, its accuracy."""

    lon: float
    lat: float
    kind: PositionKind = PositionKind.ENTRANCE
    accuracy_m: Annotated[float | None, Field(ge=0, le=10_000)] = None

    def spot(self) -> Spot:
        """The position, checked.

        Raises:
            MalformedPosition, OutOfCountry: not degrees, or far from Vietnam.
        """
        return Spot(Position.parse(self.lon, self.lat), self.kind, self.accuracy_m)


class DocumentForm(Form):
    """The paper that a version rests on."""

    number: Short
    on: date | None = None
    issuer: Short | None = None

    def document(self) -> Document:
        """In the registry's words."""
        return Document(self.number, self.on, self.issuer)


class DetailsForm(Form):
    """What an address is: a number with its street, group or estate; or a name; and a place."""

    number: Annotated[str | None, Field(max_length=80)] = None
    street: Short | None = None
    street_id: int | None = None
    kind: ObjectKind = ObjectKind.UNKNOWN
    residential_group: Short | None = None
    estate: Short | None = None
    name: Short | None = None
    positions: Annotated[list[PositionForm], Field(max_length=20)] = []
    document: DocumentForm | None = None
    attributes: dict[str, Any] = {}

    def details(self, books: PostgisBooks, day: date) -> Details:
        """New details; the ward is the one that holds the first position on the day.

        Raises:
            Incomplete: no position.
            AddressError: a number or a position that is none.
        """
        spots = entrance_first(self.positions)
        ward = in_ward(books, spots[0].position, day)
        blank = Details(ward=ward, spots=spots)
        return self.onto(blank, books)

    def onto(self, was: Details, books: PostgisBooks) -> Details:
        """These details over others: what the form does not name stays as it was."""
        given = self.model_fields_set
        spots = entrance_first(self.positions) if "positions" in given else was.spots
        now = replace(was, spots=spots)
        plain = {"kind", "residential_group", "estate", "name", "attributes"} & given
        now = replace(now, **{name: self._text(name) for name in plain})
        if "number" in given:
            now = replace(now, number=HouseNumber.parse(self.number) if self.number else None)
        if {"street", "street_id"} & given:
            now = replace(now, street=self._street(books, spots[0].position))
        document = self.document.document() if self.document else None
        return replace(now, document=document)

    def _text(self, name: str) -> Any:  # noqa: ANN401 (a field of the form)
        value = getattr(self, name)
        return (standard(value) or None) if type(value) is str else value

    def _street(self, books: PostgisBooks, near: Position) -> StreetRef | None:
        if self.street_id is not None:
            if (street := books.street(self.street_id)) is None:
                raise Incomplete(
                    f"Không có đường số {self.street_id}. / No street has the number "
                    f"{self.street_id}.",
                    missing=["street_id"],
                )
            return street
        return books.street_named(self.street, near) if self.street else None


def entrance_first(positions: Sequence[PositionForm]) -> tuple[Spot, ...]:
    """The positions, entrances before all others, else in the order given.

    Raises:
        Incomplete: there is none.
    """
    spots = [form.spot() for form in positions]
    if not spots:
        raise Incomplete(
            "Cần ít nhất một vị trí. / At least one position is needed.", missing=["positions"]
        )
    return tuple(sorted(spots, key=lambda spot: spot.kind is not PositionKind.ENTRANCE))


class ActForm(Form):
    """From which day on, and on which version the one who acts looked (none: the last one)."""

    on: date | None = None
    version: int | None = None


class RegisterForm(DetailsForm):
    """A new address: a draft, recorded at once if `record` is set."""

    on: date | None = None
    record: bool = False
    distinct: bool = False


class RecordForm(ActForm):
    """`distinct`: it is none of the addresses that it resembles."""

    distinct: bool = False


class AmendForm(ActForm, DetailsForm):
    """What is to be otherwise; what is not named stays."""


class MoveForm(ActForm):
    """The right positions."""

    positions: Annotated[list[PositionForm], Field(max_length=20)]


class PieceForm(Form):
    """A part of a plot."""

    number: Annotated[str, Field(max_length=80)]
    positions: Annotated[list[PositionForm], Field(max_length=20)] = []

    def piece(self) -> Piece:
        """In the registry's words."""
        spots = entrance_first(self.positions) if self.positions else ()
        return Piece(HouseNumber.parse(self.number), spots)


class SplitForm(ActForm):
    """The parts, the one that keeps the code first."""

    pieces: Annotated[list[PieceForm], Field(max_length=200)]


class MergeForm(ActForm):
    """The addresses that end; the one in the path stays."""

    others: Annotated[list[Called], Field(max_length=200)]


class RetireForm(ActForm):
    """Why an address ends, and what takes its place."""

    reason: Short
    successors: Annotated[list[Called], Field(max_length=200)] = []


class ReviewForm(ActForm):
    """What is in doubt, and why."""

    doubts: Annotated[list[Short], Field(max_length=20)]
    reason: Short


class RestrictForm(Form):
    """Hidden from all but its ward, or shown again."""

    hidden: bool
    version: int | None = None


class RenumberForm(Form):
    """New numbers, by code or draft number."""

    numbers: Annotated[dict[Called, Annotated[str, Field(max_length=80)]], Field(max_length=10_000)]
    on: date | None = None
    document: DocumentForm | None = None


class RenameForm(Form):
    """The new name of a street."""

    name: Short
    on: date | None = None
    document: DocumentForm | None = None
