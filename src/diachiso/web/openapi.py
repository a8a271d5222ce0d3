"""The OpenAPI 3.1 document: what FastAPI knows, the shapes of answers, and examples that run."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi

from diachiso.address.position import Position
from diachiso.address.today import today
from diachiso.address.vpostcode import Vpostcode
from diachiso.store.engine import Reader
from diachiso.store.found import first_address
from diachiso.store.history import edition_of
from diachiso.web import geocoding
from diachiso.web.asking import Books, CurrentBooks, answered
from diachiso.web.deprecation import DEPRECATED, Deprecated
from diachiso.web.examples import Example, Sample, examples
from diachiso.web.problems import PROBLEM_JSON
from diachiso.web.reading import schemas_of
from diachiso.web.shapes import ANSWERED, JSON, SCHEMAS

router = APIRouter(include_in_schema=False)

METHODS = frozenset({"get", "post", "put", "patch", "delete"})
BEHIND_A_KEY = ("/v1/registry", "/v1/me", "/v1/webhooks")
PROBLEM = {"$ref": "#/components/responses/Problem"}
TAGS = {
    "geocoding": "Tìm địa chỉ, đổi đơn vị / find addresses, convert units",
    "addresses": "Theo mã, theo điểm / by code, at a point",
    "wards": "Phường, xã theo ngày / wards on any day",
    "figures": "Số liệu / figures",
    "postal points": "Điểm bưu chính / postal points",
    "feed": "Theo dõi thay đổi / follow what changes",
    "tiles": "Ô bản đồ / map tiles",
    "plates": "Biển số nhà / house plates",
    "reports": "Phản ánh / reports",
    "registry": "Việc của cán bộ; cần khóa / for officials; needs a key",
    "health": "Tình trạng / health",
}
Json = dict[str, Any]


@router.get("/openapi.json")
def openapi(request: Request, books: CurrentBooks) -> Response:
    """The document, made anew when the registry has changed."""
    with books.reading() as reader:
        edition = edition_of(reader)
    return answered(request, _of_edition(request.app, books, edition), JSON)


@lru_cache(maxsize=4)
def _of_edition(app: FastAPI, books: Books, edition: int) -> Json:
    with books.reading() as reader:
        it = sample(reader, books)
    del edition  # it is what the document is kept under
    return document(app, it)


def sample(reader: Reader, books: Books) -> Sample:
    """An address that everybody may know, to make examples of."""
    found = first_address(reader, today())
    if found is None:
        return Sample()
    here = Position(found.lon, found.lat)
    (ward,) = books.cards.holding(reader, [(here.lon, here.lat, today())])
    code = Vpostcode.at(ward.postcodes[0], here) if ward and ward.postcodes else None
    return Sample.of(found, code)


def document(app: FastAPI, it: Sample, deprecated: Sequence[Deprecated] = DEPRECATED) -> Json:
    """The whole document."""
    made: Json = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        description=app.description,
        routes=app.routes,
        tags=[{"name": name, "description": told} for name, told in TAGS.items()],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    made["externalDocs"] = {"url": "/developers", "description": "Hướng dẫn / guide"}
    made["servers"] = [{"url": "/"}]
    _describe_answers(made["components"])
    shown = examples(it)
    for method, path, operation in operations(made):
        _answers(operation, ANSWERED.get((method, path)))
        if path.startswith(BEHIND_A_KEY):
            operation["security"] = [{"key": []}]
        if any(one.parameter is None and one.is_asked_by(path, "") for one in deprecated):
            operation["deprecated"] = True
        for name, example in shown.get((method, path), {}).items():
            _show(operation, name, example)
    return made


def operations(made: Mapping[str, Any]) -> Iterator[tuple[str, str, Json]]:
    """Every operation: method, path, and what is told of it."""
    for path, item in made["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield method, path, operation


def _describe_answers(components: Json) -> None:
    components["schemas"] = {
        name: schema
        for name, schema in components.get("schemas", {}).items()
        if name not in {"HTTPValidationError", "ValidationError"}
    }
    components["schemas"] |= SCHEMAS | schemas_of(*geocoding.BODIES)
    components["responses"] = {
        "Problem": {
            "description": "Điều không ổn, nói rõ ở /problems / what is wrong (RFC 9457)",
            "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    }
    components["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "dcs_…, see /developers#keys"}
    }


def _answers(operation: Json, shape: tuple[str, str | None] | None) -> None:
    """Good answers in their media type; every other one is a problem."""
    told = operation["responses"]
    told.pop("422", None)  # FastAPI's own shape, which nothing here answers with
    told["default"] = PROBLEM
    if shape is not None:
        media, name = shape
        schema = {"schema": {"$ref": f"#/components/schemas/{name}"}} if name else {}
        for status in [one for one in told if one.startswith("2")]:
            told[status]["content"] = {media: schema}


def _show(operation: Json, name: str, example: Example) -> None:
    """Put an example's values under its name into the parameters and the body that it sets."""
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in example.params:
            value = {"summary": example.summary, "value": example.params[parameter["name"]]}
            parameter.setdefault("examples", {})[name] = value
    if example.body is not None:
        (content,) = operation["requestBody"]["content"].values()
        content.setdefault("examples", {})[name] = {
            "summary": example.summary,
            "value": example.body,
        }
