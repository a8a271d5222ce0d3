"""What travels: GeoJSON (RFC 7946) features made of the registry's words.

Codes are strings, dates are ISO days, positions are longitude, latitude (WGS 84). A date that is
not established, or an end that has not come, is null.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

import orjson

from diachiso.address.division import REFORM, Division
from diachiso.address.position import Position
from diachiso.address.vpostcode import Vpostcode
from diachiso.geocode.autocomplete import Suggestion
from diachiso.geocode.convert import Counterpart
from diachiso.geocode.query import Answer, Candidate, Component, NamedUnit, NextAction
from diachiso.geocode.score import Evidence
from diachiso.store.features import Heir, Span, UnitRef, Ward
from diachiso.store.found import AddressFound

GEOJSON = "application/geo+json"
Json = dict[str, Any]
CERTIFIED = "certified"


def dumps(value: object) -> bytes:
    """JSON bytes; geometry made by PostGIS is passed through."""
    return orjson.dumps(value)


def collection(features: list[Json], **more: object) -> Json:
    """A FeatureCollection."""
    return {"type": "FeatureCollection", **more, "features": features}


def streamed(features: Iterable[Json], **more: object) -> Iterator[bytes]:
    """A FeatureCollection, a feature at a time: memory stays flat whatever its size."""
    head = dumps(collection([], **more))
    yield head.removesuffix(b"]}")
    for number, feature in enumerate(features):
        yield (b"," if number else b"") + dumps(feature)
    yield b"]}"


def point(lon: float, lat: float) -> Json:
    """A Point."""
    return {"type": "Point", "coordinates": [round(lon, 7), round(lat, 7)]}


def ward_of(body: Json) -> str:
    """The code of today's ward that an answer names first; empty where it names none.

    Before the reform the same code was another ward's.
    """
    features = body.get("features", [body])
    told = features[0].get("properties", {}) if features else {}
    ward = told.get("ward")
    if not isinstance(ward, dict) or told.get("as_of", REFORM) < REFORM:
        return ""
    return str(ward.get("code") or "")


def _days(span: Span) -> Json:
    return {"valid_from": span.since, "valid_until": span.until}


def _in_short(unit: UnitRef) -> Json:
    """Its fields as they stand: `asdict` takes fifty times as long, and many are told."""
    return {"code": unit.code, "name": unit.name, "kind": unit.kind, "full_name": unit.full_name}


def _unit(unit: UnitRef | None) -> Json | None:
    return _in_short(unit) if unit else None


# -- wards ---------------------------------------------------------------------------------------


def ward(found: Ward, as_of: date, heirs: list[Heir] | None = None) -> Json:
    """A ward as a Feature."""
    boundary = found.boundary
    properties = {
        **_in_short(found.unit),
        "as_of": as_of,
        "former": found.former,
        "province": _unit(found.province),
        "district": _unit(found.district),
        **_days(found.valid),
        "name_valid_from": found.named.since,
        "name_valid_until": found.named.until,
        "decree": found.decree,
        "area_km2": found.area_km2,
        "centre": found.centre,
        "postcodes": found.postcodes,
        "boundary": _boundary(found),
    }
    if heirs is not None:
        properties["successors" if found.former else "predecessors"] = [_heir(h) for h in heirs]
    return {
        "type": "Feature",
        "id": found.unit.code,
        **({"bbox": boundary.bbox} if boundary else {}),
        "geometry": orjson.Fragment(boundary.geojson) if boundary else None,
        "properties": properties,
    }


def _boundary(found: Ward) -> Json | None:
    boundary = found.boundary
    if boundary is None:
        return None
    return {
        "accuracy": boundary.accuracy,
        "approximate": boundary.accuracy == "approximate",
        "accuracy_m": boundary.accuracy_m,
        "remark": boundary.remark,
        **_days(boundary.valid),
        "decree": boundary.decree,
        "source": boundary.source,
        "licence": boundary.licence,
        "attribution": boundary.attribution,
    }


def _heir(heir: Heir) -> Json:
    return {
        **_in_short(heir.unit),
        "part": heir.part,
        "default": heir.default,
        "share": None if heir.share is None else round(heir.share, 4),
    }


# -- addresses -----------------------------------------------------------------------------------


def address(
    found: AddressFound, as_of: date, ward_then: Ward | None, former_ward: Ward | None
) -> Json:
    """An address as a Feature; its ward on the day asked for, and the old one."""
    here = Position(found.lon, found.lat)
    codes = ward_then.postcodes if ward_then else ()
    properties = {
        "code": found.code.digits if found.code else None,
        "code_printed": str(found.code) if found.code else None,
        "self_checking": found.self_checking,
        "issued_on": found.issued_at,
        "state": found.state,
        "certified": found.state == CERTIFIED,
        "kind": found.kind,
        "number": found.number,
        "street": found.street,
        "place": found.name,
        "residential_group": found.residential_group,
        "estate": found.estate,
        "doubts": found.doubts,
        "positions": found.positions,
        "successors": found.successors,
        "label": _label(found, ward_then),
        "as_of": as_of,
        **_days(found.valid),
        "ward": _short(ward_then),
        "former": _short(former_ward),
        "entered_ward": _unit(found.entered_ward),
        "position_kind": found.position_kind,
        "accuracy_m": found.accuracy_m,
        "vpostcode": str(Vpostcode.at(codes[0], here)) if codes else None,
        "source": found.source,
        "licence": found.licence,
        "attribution": found.attribution,
    }
    if found.distance_m is not None:
        properties |= {"match_level": "house", "distance_m": round(found.distance_m, 1)}
    return {
        "type": "Feature",
        "id": found.code.digits if found.code else None,
        "geometry": point(found.lon, found.lat),
        "properties": properties,
    }


def _label(found: AddressFound, ward_then: Ward | None) -> str:
    above = (ward_then.unit.full_name, ward_then.province.full_name) if ward_then else ()
    line = " ".join(filter(None, (found.number, found.street))) or found.name
    return ", ".join(filter(None, (line, found.residential_group, found.estate, *above)))


def _short(found: Ward | None) -> Json | None:
    if found is None:
        return None
    return {
        **_in_short(found.unit),
        **_days(found.valid),
        "district": _unit(found.district),
        "province": _unit(found.province),
        "approximate": bool(found.boundary and found.boundary.accuracy == "approximate"),
    }


def here(lon: float, lat: float, as_of: date, ward_then: Ward, former_ward: Ward | None) -> Json:
    """The ward that holds a point, as a Feature at the point itself."""
    codes = ward_then.postcodes
    return {
        "type": "Feature",
        "geometry": point(lon, lat),
        "properties": {
            "code": None,
            "match_level": "ward",
            "label": f"{ward_then.unit.full_name}, {ward_then.province.full_name}",
            "distance_m": 0.0,
            "as_of": as_of,
            "ward": _short(ward_then),
            "former": _short(former_ward),
            "vpostcode": str(Vpostcode.at(codes[0], Position(lon, lat))) if codes else None,
        },
    }


# -- geocoding -----------------------------------------------------------------------------------


def answer(found: Answer) -> Json:
    """An answer of the geocoder as a Feature; its geometry may be null."""
    properties = {
        "label": found.label,
        "code": found.code,
        "code_printed": f"{found.code[:5]}-{found.code[5:]}" if found.code else None,
        "match_level": found.match_level,
        "coordinate_level": found.coordinate_level,
        "confidence": found.confidence,
        "expected_error_m": found.expected_error_m,
        "faults": [_fault(fault) for fault in found.faults],
        "components": [_component(component) for component in found.components],
        "ward": _named(found.ward),
        "former": {
            "ward": _named(found.former.ward),
            "district": _named(found.former.district),
            "province": _named(found.former.province),
            "lapsed_ward": found.former.lapsed_ward,
        },
        "ward_candidates": [_candidate(candidate) for candidate in found.ward_candidates],
        "next_action": _next_action(found.next_action),
    }
    if found.trace is not None:
        properties["trace"] = asdict(found.trace)
    return {
        "type": "Feature",
        "geometry": point(*found.point) if found.point else None,
        "properties": properties,
    }


# `asdict` copies value by value what is as flat as this: a quarter of the time of an answer


def _component(one: Component) -> Json:
    return {"kind": one.kind, "written": one.written, "value": one.value, "status": one.status}


def _candidate(one: Candidate) -> Json:
    return {"code": one.code, "name": one.name, "share": one.share, "default": one.default}


def _next_action(next_action: NextAction) -> Json:
    return {
        "action": next_action.action,
        "question": next_action.question,
        "question_en": next_action.question_en,
    }


def _fault(fault: Evidence) -> Json:
    return {
        "name": fault.name,
        "penalty": -fault.weight,
        "detail_vi": fault.detail_vi,
        "detail_en": fault.detail_en,
    }


def _named(unit: NamedUnit | None) -> Json | None:
    if unit is None:
        return None
    return {
        "code": unit.code,
        "name": unit.name,
        "full_name": unit.full_name,
        "valid_from": unit.valid.since,
        "valid_until": unit.valid.until,
        "province": {"code": unit.province_code, "full_name": unit.province_name},
    }


def suggestion(found: Suggestion) -> Json:
    """A completion: the text to take over, what it is, where."""
    return {
        "text": found.text,
        "kind": found.kind,
        "detail": found.detail,
        "geometry": point(*found.point) if found.point else None,
        "code": found.code,
    }


def unit_in_short(division: Division) -> Json:
    """A unit by its last name, with the days it stood."""
    return {
        "code": division.code,
        "level": division.level,
        "name": division.latest.name,
        "full_name": division.latest.full_name,
        "valid_from": division.valid.since,
        "valid_until": division.valid.until,
    }


def counterpart(found: Counterpart, division: Division) -> Json:
    """A unit on the other side of July 2025, and how much of it is meant."""
    share = None if found.share is None else round(found.share, 4)
    return {
        **unit_in_short(division),
        "part": found.part,
        "share": share,
        "default": found.default,
        "guess": found.guess,
    }
