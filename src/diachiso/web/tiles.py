"""Wards as vector tiles for the map page: bytes made by PostGIS, passed through with an ETag."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from diachiso.address.errors import MalformedPosition
from diachiso.store.history import edition_of
from diachiso.store.tiles import DEEPEST, ward_tile
from diachiso.web.asking import AsOf, CurrentBooks, only_known, tag_of, unchanged

router = APIRouter(prefix="/tiles", tags=["tiles"], dependencies=[Depends(only_known)])

MVT = "application/vnd.mapbox-vector-tile"


@router.get("/wards/{z}/{x}/{y}.mvt")
def wards(
    request: Request,
    books: CurrentBooks,
    as_of: AsOf,
    z: Annotated[int, Path(ge=0, le=DEEPEST)],
    x: Annotated[int, Path(ge=0)],
    y: Annotated[int, Path(ge=0)],
) -> Response:
    """A tile (Web Mercator, XYZ) with the layers `wards` and `ward_names`."""
    if x >= 1 << z or y >= 1 << z:
        raise MalformedPosition(
            f"Không có ô {z}/{x}/{y}. / There is no tile {z}/{x}/{y}: at zoom {z} x and y go up to "
            f"{(1 << z) - 1}."
        )
    with books.reading() as reader:
        tag = tag_of("tile", edition_of(reader), as_of, z, x, y)
        if (same := unchanged(request, tag)) is not None:
            return same
        content = ward_tile(reader, z, x, y, as_of)
    headers = {"etag": tag, "cache-control": "public, no-cache"}
    return Response(content, media_type=MVT, headers=headers, status_code=200 if content else 204)
