"""Numbers proposed and given over HTTP: of one house from its neighbours, of a street by a line."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from diachiso.address.errors import Incomplete, NoWardHere
from diachiso.address.position import Position
from diachiso.address.record import StreetRef
from diachiso.address.today import today
from diachiso.registry.layout import Layout, laid_out
from diachiso.registry.number import number_street
from diachiso.registry.officer import Act
from diachiso.store.books import PostgisBooks
from diachiso.store.features import wards_coded
from diachiso.store.streets_near import course_near, numbered_in, streets_near
from diachiso.web import told, wire
from diachiso.web.access import CurrentActing, at_work
from diachiso.web.asking import CurrentBooks, only_known
from diachiso.web.forms import DetailsForm, DocumentForm, Form, PositionForm, Short

router = APIRouter(prefix="/v1/registry", tags=["registry"], dependencies=[Depends(only_known)])
MOST_DOORS = 500
FEWEST_POINTS = 2

Lines = Annotated[list[tuple[float, float]], Field(min_length=FEWEST_POINTS, max_length=2_000)]


class SpotForm(Form):
    """A place on the map: longitude and latitude in degrees (WGS 84)."""

    lon: float
    lat: float


class LayoutForm(Form):
    """A line drawn along a street and doors beside it; `plot_m`: how wide a plot is."""

    street: Short | None = None
    street_id: int | None = None
    line: Lines
    doors: Annotated[list[tuple[float, float]], Field(max_length=MOST_DOORS)]
    plot_m: Annotated[float | None, Field(gt=1, le=200)] = None


class NumberedForm(Form):
    """A door with the number it is to have."""

    number: Annotated[str, Field(max_length=80)]
    lon: float
    lat: float


class NumberForm(Form):
    """Houses of a street to be entered, with codes at once if `record` is set."""

    street: Short | None = None
    street_id: int | None = None
    houses: Annotated[list[NumberedForm], Field(max_length=MOST_DOORS)]
    on: date | None = None
    record: bool = False
    distinct: bool = False
    document: DocumentForm | None = None

    def details(self, one: NumberedForm) -> DetailsForm:
        """The form of one of the houses."""
        return DetailsForm(
            number=one.number,
            street=self.street,
            street_id=self.street_id,
            positions=[PositionForm(lon=one.lon, lat=one.lat)],
            document=self.document,
        )


@router.post("/propose")
def propose(books: CurrentBooks, by: CurrentActing, form: SpotForm) -> Response:
    """What a house at a point would be: its ward, the streets there, its number in each."""
    spot = Position.parse(form.lon, form.lat)
    day = today()
    with at_work(books, by) as open_books, open_books.only_looking():
        ward = open_books.ward_at(spot, day)
        if ward is None:
            raise NoWardHere(
                "Điểm này không nằm trong phường, xã nào. / The point lies in no ward whose "
                "boundary is loaded."
            )
        by.must(Act.REGISTER, ward)
        named = next(wards_coded(open_books.reader, [ward.code], day), None)
        streets = [
            {
                **told.street(one.street),
                "distance_m": one.distance_m,
                "number": _number(open_books, one.street, spot, day),
            }
            for one in streets_near(open_books.reader, spot, day)
        ]
    return told.answer(
        {
            "ward": ward.code,
            "ward_name": named.unit.full_name if named else ward.code,
            "streets": streets,
        }
    )


def _number(books: PostgisBooks, street: StreetRef, spot: Position, day: date) -> str | None:
    """The number of a house at a point, from its neighbours in a street."""
    line = course_near(books.reader, street, spot)
    known = numbered_in(books.reader, street, spot, day)
    if not known or len(line) < FEWEST_POINTS:
        return None
    (door,) = laid_out(line, [(spot.lon, spot.lat)], known).doors
    return str(door.number) if door.number else None


@router.post("/numbering/preview")
def preview(books: CurrentBooks, by: CurrentActing, form: LayoutForm) -> Response:
    """The numbers of doors along a line: odd left, even right, rising as the circular has it."""
    line = [Position.parse(lon, lat) for lon, lat in form.line]
    doors = [Position.parse(lon, lat) for lon, lat in form.doors]
    day = today()
    with at_work(books, by) as open_books, open_books.only_looking():
        street = _street(open_books, form, line[0])
        wards = {door: open_books.ward_at(door, day) for door in dict.fromkeys(doors)}
        by.must(Act.REGISTER, *{ward for ward in wards.values() if ward})
        middle = line[len(line) // 2]
        known = numbered_in(open_books.reader, street, middle, day)
        found = laid_out(
            [(one.lon, one.lat) for one in line],
            [(one.lon, one.lat) for one in doors],
            known,
            plot_m=form.plot_m,
        )
        codes = [ward.code if (ward := wards[door]) else None for door in doors]
    return told.answer(_told(found, street, form, codes, len(known)))


def _told(
    found: Layout, street: StreetRef, form: LayoutForm, wards: list[str | None], known: int
) -> wire.Json:
    return {
        "street": told.street(street),
        "direction": found.direction,
        "line": [list(point) for point in found.line],
        "odd_side": found.odd_side,
        "known": known,
        "reserved": list(found.reserved),
        "doors": [
            {
                "door": one.door,
                "lon": form.doors[one.door][0],
                "lat": form.doors[one.door][1],
                "ward": wards[one.door],
                "side": one.side,
                "along_m": round(one.along_m, 1),
                "number": str(one.number) if one.number else None,
                "amiss": one.amiss,
            }
            for one in found.doors
        ],
    }


def _street(books: PostgisBooks, form: LayoutForm | NumberForm, near: Position) -> StreetRef:
    if form.street_id is not None:
        found = books.street(form.street_id)
    else:
        found = books.street_named(form.street, near) if form.street else None
    if found is None:
        raise Incomplete("Cần tên đường. / A street is needed.", missing=["street"])
    return found


@router.post("/numbering", status_code=201)
def number(books: CurrentBooks, by: CurrentActing, form: NumberForm) -> Response:
    """Enter the houses of a street with their numbers, all or none."""
    on = form.on or today()
    with at_work(books, by) as open_books:
        if form.houses:
            first = Position.parse(form.houses[0].lon, form.houses[0].lat)
            form = form.model_copy(update={"street_id": _street(open_books, form, first).id})
        houses = [form.details(one).details(open_books, on) for one in form.houses]
        done = number_street(open_books, houses, by, on, record=form.record, distinct=form.distinct)
    return told.answer({"addresses": [told.address(one) for one in done]}, status=201)
