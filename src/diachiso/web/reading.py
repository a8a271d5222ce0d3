"""Query parameters as one model, for what is asked thousands of times a second.

FastAPI solves every parameter and dependency of an endpoint by itself, which takes 0.2 ms of each
request (record 57). Here they are read at one go by the model that also tells the OpenAPI document
of them. What is not in the model is refused.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import Url

NO_SUCH = "extra_forbidden"


class Params(BaseModel):
    """The query parameters of an endpoint; of one that is given twice the last counts."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Read = TypeVar("Read", bound=Params)


def parameters(query: bytes) -> dict[str, str]:
    """The parameters of a query string, as `urllib.parse.parse_qsl` reads them, but sooner.

    What is compiled anyway, for addresses, reads them (application/x-www-form-urlencoded, as the
    URL standard of the WHATWG has it); a `#` begins no fragment here.
    """
    return dict(Url(f"q:?{query.decode('latin-1').replace('#', '%23')}").query_params())


def read(model: type[Read], request: Request) -> Read:
    """The parameters of a request.

    Raises:
        RequestValidationError: one is unknown, missing or malformed; says which and why.
    """
    try:
        return model.model_validate(parameters(request.scope["query_string"]))
    except ValidationError as fault:
        unknown = [one for one in fault.errors() if one["type"] == NO_SUCH]
        if unknown:
            raise unknown_parameters(
                [one["loc"][0] for one in unknown], model.model_fields
            ) from None
        raise RequestValidationError(
            [{**one, "loc": ("query", *one["loc"])} for one in fault.errors(include_url=False)]
        ) from None


def unknown_parameters(unknown: Iterable[object], known: Iterable[str]) -> RequestValidationError:
    """Names the unknown ones and those there are."""
    there_are = ", ".join(sorted(known)) or "none"
    return RequestValidationError(
        [
            {
                "type": "unknown_parameter",
                "loc": ("query", name),
                "msg": f"không có tham số này / unknown parameter; there are {there_are}",
                "input": None,
            }
            for name in unknown
        ]
    )


@lru_cache
def told(model: type[Params]) -> dict[str, Any]:
    """What the OpenAPI document says of the parameters: `openapi_extra` of the endpoint."""
    made = model.model_json_schema()
    return {
        "parameters": [
            _parameter(name, _whole(schema, made), required=name in made.get("required", ()))
            for name, schema in made["properties"].items()
        ]
    }


def _whole(schema: dict[str, Any], made: dict[str, Any]) -> dict[str, Any]:
    """An enumeration, which the model tells elsewhere, in the place of its name."""
    name = str(schema.get("$ref", "")).removeprefix("#/$defs/")
    if not name:
        return schema
    values = {key: value for key, value in made["$defs"][name].items() if key != "description"}
    return {**values, **{key: value for key, value in schema.items() if key != "$ref"}}


def _parameter(name: str, schema: dict[str, Any], *, required: bool) -> dict[str, Any]:
    kept = {key: value for key, value in schema.items() if (key, value) != ("default", None)}
    description = next(
        (one["description"] for one in (kept, *kept.get("anyOf", ())) if "description" in one), None
    )
    about = {"description": description} if description else {}
    return {"name": name, "in": "query", "required": required, "schema": kept, **about}
