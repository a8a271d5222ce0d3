"""The postal network as GeoJSON: points, their keepers, staffed or not, and when."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from diachiso.address.code import AddressCode
from diachiso.address.division import Level, UnitKey
from diachiso.address.errors import AddressError
from diachiso.address.record import POSTAL, ObjectKind
from diachiso.address.today import today
from diachiso.store.points import PostalPoint, postal_points
from diachiso.web import wire
from diachiso.web.asking import Box, CurrentBooks, answered, only_known

router = APIRouter(prefix="/v1", tags=["postal points"], dependencies=[Depends(only_known)])
MOST = 1000


@router.get("/postal-points")
def points(
    request: Request,
    books: CurrentBooks,
    bbox: Box,
    ward: Annotated[
        str | None, Query(description="mã phường, xã / code of the ward", pattern="^[0-9]{5}$")
    ] = None,
    kind: Annotated[list[ObjectKind] | None, Query(description="loại / kinds")] = None,
    after: Annotated[int, Query(description="sau số này / after this id", ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
) -> Response:
    """Post offices, post-culture points, letter boxes and shared mail boxes, a page at a time.

    Points of state mail and the places where households' parcels are fetched are not listed.
    """
    kinds = frozenset(kind) if kind else POSTAL
    if strange := kinds - POSTAL:
        raise AddressError(
            f"kind={', '.join(sorted(strange))}: không thuộc danh sách này; có: "
            f"{', '.join(sorted(POSTAL))}. / not of this list."
        )
    unit = UnitKey(Level.WARD, ward, former=False) if ward else None
    with books.reading() as reader:
        found = postal_points(
            reader, today(), kinds=sorted(kinds), ward=unit, bbox=bbox, after=after, most=limit
        )
    following = found[-1].id if len(found) == limit else None
    return answered(request, wire.collection([_feature(one) for one in found], next=following))


def _feature(one: PostalPoint) -> wire.Json:
    return {
        "type": "Feature",
        "id": one.code,
        "geometry": wire.point(one.lon, one.lat),
        "properties": {
            "code": one.code,
            "code_printed": str(AddressCode(one.code)),
            "kind": one.kind,
            "name": one.name,
            "number": one.number or None,
            "street": one.street,
            "ward": one.ward,
            "keeper": one.attributes.get("keeper"),
            "staffed": one.attributes.get("staffed"),
            "hours": one.attributes.get("hours"),
            "boxes": one.attributes.get("boxes"),
        },
    }
