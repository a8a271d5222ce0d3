"""Renumber or rename a whole street in one act; every code stays."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from diachiso.address.errors import Incomplete, UnknownCode
from diachiso.address.name import standard
from diachiso.address.number import HouseNumber
from diachiso.address.record import Address, Document, StreetRef
from diachiso.registry.books import Books, Deed
from diachiso.registry.officer import Act, Acting


def renumber(
    books: Books,
    street: StreetRef,
    numbers: Mapping[str, HouseNumber],
    by: Acting,
    on: date,
    *,
    document: Document | None = None,
) -> tuple[Address, ...]:
    """Give houses of a street new numbers, by code or draft number.

    Raises:
        Incomplete: nothing to renumber, or two houses would get one number without need.
        UnknownCode: one of them is not in the street.
        NotAllowed: one of them lies in a ward that is not theirs.
    """
    houses = {one.called.replace("-", ""): one for one in books.in_street(street, on)}
    wanted = {called.replace("-", "").upper(): number for called, number in numbers.items()}
    if not wanted:
        raise Incomplete("Không có số nào để đổi. / There is nothing to renumber.")
    if missing := sorted(wanted.keys() - houses.keys()):
        raise UnknownCode(
            f"Không có trong {street.name}: {', '.join(missing)}. / not in this street."
        )
    by.must(Act.RENUMBER, *{houses[called].details.ward for called in wanted})
    written = tuple(
        books.revise(
            houses[called],
            houses[called].amended(
                replace(houses[called].details, number=number, document=document),
                on,
                by.officer.id,
            ),
        )
        for called, number in wanted.items()
    )
    note = {
        "street": street.name,
        "numbers": {one.called: str(one.details.number) for one in written},
    }
    books.seal(Deed(Act.RENUMBER, written[0].details.ward, written, (street,), note=note), by)
    return written


def rename(
    books: Books,
    street: StreetRef,
    name: str,
    by: Acting,
    on: date,
    *,
    document: Document | None = None,
) -> tuple[StreetRef, tuple[Address, ...]]:
    """Rename a street: its addresses follow, certified ones stay certified, codes stay.

    Raises:
        Incomplete: the name is empty or what it is already.
        NotAllowed: it runs through a ward that is not theirs.
    """
    spelt = standard(name)
    if not spelt or spelt == street.name:
        raise Incomplete("Cần tên mới. / A new name is needed.", missing=["name"])
    houses = books.in_street(street, on)
    by.must(Act.RENAME, *{house.details.ward for house in houses})
    if not houses:
        by.must_nationally(Act.RENAME)
    renamed = books.renamed_street(street, spelt, on, document)
    written = tuple(
        books.revise(
            house,
            replace(
                house.becoming(house.state, on, reason=house.reason),
                details=replace(house.details, street=renamed, document=document),
            ),
        )
        for house in houses
    )
    ward = written[0].details.ward if written else None
    note = {"from": street.name, "to": renamed.name}
    books.seal(Deed(Act.RENAME, ward, written, (street, renamed), note=note), by)
    return renamed, written
