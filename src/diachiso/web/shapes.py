"""The shapes of answers, as JSON Schema for the OpenAPI document, and which endpoint has which."""

from typing import Any

Schema = dict[str, Any]

GEOJSON, JSON, NDJSON = "application/geo+json", "application/json", "application/x-ndjson"
TEXT, NULL = {"type": "string"}, "null"


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(required: dict[str, Schema], **optional: Schema) -> Schema:
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **optional},
    }


def _array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _maybe(kind: str) -> Schema:
    return {"type": [kind, NULL]}


_UNIT = _object(
    {"code": _maybe("string"), "full_name": _maybe("string")},
    name=_maybe("string"),
    valid_from=_maybe("string"),
    valid_until=_maybe("string"),
)

SCHEMAS: dict[str, Schema] = {
    "Problem": _object(
        {"type": TEXT, "title": TEXT, "status": {"type": "integer"}, "detail": TEXT},
        detail_vi=TEXT,
        detail_en=TEXT,
        instance=TEXT,
        errors=_array({"type": "object"}),
    ),
    "Point": _object(
        {
            "type": {"const": "Point"},
            "coordinates": {
                **_array({"type": "number"}),
                "description": "longitude, latitude (WGS 84)",
            },
        }
    ),
    "Unit": _UNIT,
    "Feature": _object(
        {
            "type": {"const": "Feature"},
            "geometry": {"type": ["object", NULL]},
            "properties": {"type": "object"},
        },
        id=_maybe("string"),
    ),
    "FeatureCollection": _object(
        {"type": {"const": "FeatureCollection"}, "features": _array(_ref("Feature"))}
    ),
    "Answer": _object(
        {
            "type": {"const": "Feature"},
            "geometry": {"anyOf": [_ref("Point"), {"type": NULL}]},
            "properties": _object(
                {
                    "label": TEXT,
                    "code": _maybe("string"),
                    "match_level": TEXT,
                    "confidence": {"type": "number", "minimum": 0, "maximum": 1},
                    "expected_error_m": _maybe("number"),
                    "faults": _array(
                        _object({"name": TEXT, "penalty": {"type": "number"}, "detail_vi": TEXT})
                    ),
                    "ward": {"anyOf": [_ref("Unit"), {"type": NULL}]},
                    "former": {"type": "object"},
                    "ward_candidates": _array({"type": "object"}),
                    "next_action": _object({"action": TEXT, "question": _maybe("string")}),
                }
            ),
        }
    ),
    "Answers": _object(
        {"type": {"const": "FeatureCollection"}, "features": _array(_ref("Answer"))}
    ),
    "Found": _object(
        {
            "type": {"const": "FeatureCollection"},
            "read": _object({"as": TEXT}, value=TEXT, lon={"type": "number"}),
            "features": _array(_ref("Feature")),
        }
    ),
    "BatchAnswers": _object(
        {"results": _array(_object({"id": TEXT, "features": _array(_ref("Answer"))}))}
    ),
    "BatchParts": _object({"results": _array(_object({"id": TEXT, "parts": {"type": "object"}}))}),
    "Suggestions": _object(
        {"suggestions": _array(_object({"text": TEXT, "kind": TEXT, "detail": TEXT}))}
    ),
    "Conversion": _object({"from": _ref("Unit"), "to": _array(_ref("Unit"))}),
    "Changes": _object(
        {
            "since": {"type": "integer"},
            "next": {"type": "integer"},
            "changes": _array(_object({"number": {"type": "integer"}})),
        }
    ),
    "Receipt": _object({"token": TEXT, "where": TEXT, "ward": TEXT}),
    "ReportTold": _object({"number": {"type": "integer"}, "wrong": TEXT, "state": TEXT}),
}

ANSWERED: dict[tuple[str, str], tuple[str, str | None]] = {
    ("get", "/v1/find"): (GEOJSON, "Found"),
    ("get", "/v1/geocode"): (GEOJSON, "Answers"),
    ("post", "/v1/geocode/batch"): (JSON, "BatchAnswers"),
    ("post", "/v1/parse/batch"): (JSON, "BatchParts"),
    ("get", "/v1/autocomplete"): (JSON, "Suggestions"),
    ("get", "/v1/convert"): (JSON, "Conversion"),
    ("get", "/v1/addresses/{code}"): (GEOJSON, "Feature"),
    ("get", "/v1/reverse"): (GEOJSON, "FeatureCollection"),
    ("get", "/v1/vpostcodes/{vpostcode}"): (GEOJSON, "Feature"),
    ("get", "/v1/wards"): (GEOJSON, "FeatureCollection"),
    ("get", "/v1/wards/{code}"): (GEOJSON, "Feature"),
    ("get", "/v1/figures.csv"): ("text/csv", None),
    ("get", "/v1/postal-points"): (GEOJSON, "FeatureCollection"),
    ("get", "/v1/changes"): (JSON, "Changes"),
    ("get", "/v1/snapshot"): (NDJSON, None),
    ("get", "/v1/keys"): ("application/jwk-set+json", None),
    ("get", "/v1/addresses/{code}/plate.{form}"): ("image/svg+xml", None),
    ("post", "/v1/reports"): (JSON, "Receipt"),
    ("get", "/v1/reports/{token}"): (JSON, "ReportTold"),
}
"""What a good answer is; whatever is not listed is JSON of no shape told here."""
