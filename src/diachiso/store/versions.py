"""Versions of an address as rows, both ways."""

from dataclasses import replace
from typing import Any

from geoalchemy2 import WKBElement
from shapely import Point
from sqlalchemy import Row

from diachiso.address.code import AddressCode
from diachiso.address.division import Level, UnitKey
from diachiso.address.errors import MalformedNumber
from diachiso.address.number import HouseNumber
from diachiso.address.position import Position, PositionKind
from diachiso.address.record import (
    Address,
    Details,
    Document,
    ObjectKind,
    Spot,
    State,
    StreetRef,
)
from diachiso.store.history import validity


def address_of(row: Row[Any]) -> Address:
    """The address that a row tells, joined with its code, street and ward."""
    return Address(
        id=row.address_id,
        state=State(row.state),
        details=_details(row),
        valid=validity(row.valid),
        code=AddressCode(row.code) if row.code else None,
        author=row.author_id,
        reason=row.reason,
        version=row.id,
    )


def _details(row: Row[Any]) -> Details:
    first = Spot(Position(row.lon, row.lat), PositionKind(row.position_kind), row.accuracy_m)
    return Details(
        ward=UnitKey(Level.WARD, row.ward, row.ward_former),
        spots=(first, *(_spot(one) for one in row.positions)),
        number=number_of(row.number),
        street=StreetRef(row.street_id, row.street) if row.street_id else None,
        kind=ObjectKind(row.kind),
        residential_group=row.residential_group,
        estate=row.estate,
        name=row.name,
        document=_document(row),
        restricted=row.restricted,
        doubts=frozenset(row.doubts),
        attributes=row.attributes,
    )


def number_of(written: str) -> HouseNumber | None:
    """The number as the registry writes it; None where a place has none."""
    try:
        return HouseNumber.parse(written) if written else None
    except MalformedNumber:
        return HouseNumber(path=(written,))


def _spot(told: dict[str, Any]) -> Spot:
    return Spot(
        Position(told["lon"], told["lat"]), PositionKind(told["kind"]), told.get("accuracy_m")
    )


def _document(row: Row[Any]) -> Document | None:
    if row.document_number is None:
        return None
    return Document(row.document_number, row.document_date, row.document_issuer)


def row_of(address: Address) -> dict[str, Any]:
    """The row of a version but for ward, source and days, which the store knows."""
    details, document = address.details, address.details.document
    spot = details.spot
    return {
        "address_id": address.id,
        "state": address.state.value,
        "kind": details.kind.value,
        "number": str(details.number) if details.number else "",
        "number_key": details.number.key if details.number else "",
        "street_id": details.street.id if details.street else None,
        "position": WKBElement(Point(spot.position.lon, spot.position.lat).wkb, srid=4326),
        "position_kind": spot.kind.value,
        "accuracy_m": spot.accuracy_m,
        "positions": [_told(one) for one in details.spots[1:]],
        "name": details.name,
        "residential_group": details.residential_group,
        "estate": details.estate,
        "document_number": document.number if document else None,
        "document_date": document.on if document else None,
        "document_issuer": document.issuer if document else None,
        "doubts": sorted(details.doubts),
        "attributes": dict(details.attributes),
        "reason": address.reason,
        "author_id": address.author,
    }


def _told(spot: Spot) -> dict[str, Any]:
    told = {"lon": spot.position.lon, "lat": spot.position.lat, "kind": spot.kind.value}
    return told | ({"accuracy_m": spot.accuracy_m} if spot.accuracy_m is not None else {})


def with_version(address: Address, version: int) -> Address:
    """The same, as the row that was just written."""
    return replace(address, version=version)
