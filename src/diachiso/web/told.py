"""How the registry tells officials of addresses: every detail, drafts and doubts too."""

from typing import Any

from fastapi import Response

from diachiso.address.record import Address, Details, Document, Spot, StreetRef
from diachiso.registry.books import Likely
from diachiso.store.histories import Written
from diachiso.web import wire

JSON = "application/json"


def answer(body: object, *, status: int = 200, location: str | None = None) -> Response:
    """An answer for one caller alone: never kept by anybody between."""
    headers = {"cache-control": "no-store"} | ({"location": location} if location else {})
    return Response(wire.dumps(body), status, headers=headers, media_type=JSON)


def address(one: Address) -> wire.Json:
    """An address as it stands from a day on."""
    return {
        "called": one.called,
        "code": one.code.digits if one.code else None,
        "state": one.state,
        "version": one.version,
        "valid_from": one.valid.since,
        "valid_until": one.valid.until,
        "author": one.author,
        "reason": one.reason,
        **_details(one.details),
    }


def _details(details: Details) -> wire.Json:
    return {
        "label": details.label,
        "ward": details.ward.code,
        "kind": details.kind,
        "number": str(details.number) if details.number else None,
        "street": street(details.street) if details.street else None,
        "residential_group": details.residential_group,
        "estate": details.estate,
        "name": details.name,
        "positions": [_spot(spot) for spot in details.spots],
        "document": _document(details.document) if details.document else None,
        "restricted": details.restricted,
        "doubts": sorted(details.doubts),
        "attributes": dict(details.attributes),
    }


def street(one: StreetRef) -> wire.Json:
    """A street by number and name."""
    return {"id": one.id, "name": one.name}


def _spot(spot: Spot) -> wire.Json:
    return {
        "lon": round(spot.position.lon, 7),
        "lat": round(spot.position.lat, 7),
        "kind": spot.kind,
        "accuracy_m": spot.accuracy_m,
    }


def _document(paper: Document) -> wire.Json:
    return {"number": paper.number, "on": paper.on, "issuer": paper.issuer}


def likely(one: Likely) -> dict[str, Any]:
    """An address that may be the same, in what it is alike, and how far away."""
    return {
        "called": one.address.called,
        "state": one.address.state,
        "label": one.address.details.label,
        "likeness": sorted(one.likeness),
        "distance_m": one.distance_m,
    }


def written(one: Written) -> wire.Json:
    """A version, and from when to when the registry believed it."""
    return {**address(one.address), "recorded_from": one.since, "recorded_until": one.until}
