"""The interface describes itself: every example in the document runs and is answered as told."""

import re

import pytest

from diachiso.web.openapi import operations

WITHOUT = {
    ("get", "/v1/reports/{token}"): "a token is shown once, to whoever reports",
    ("get", "/v1/keys"): "has no parameters",
    ("get", "/healthz"): "has no parameters",
    ("get", "/v1/ledger/heads"): "has no parameters",
}
PUBLIC = ("/v1/", "/healthz")
KEPT = ("/v1/registry", "/v1/me", "/v1/webhooks")


@pytest.fixture(scope="session")
def made(client):
    return client.get("/openapi.json").json()


def calls(operation):
    """Every example of an operation: its name, its parameters by where they stand, its body."""
    told = [(one, "param") for one in operation.get("parameters", ())]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    names = {name for one, _ in told for name in one.get("examples", {})}
    for name in sorted(names | set(body.get("examples", {}))):
        values = {
            (one["in"], one["name"]): one["examples"][name]["value"]
            for one, _ in told
            if name in one.get("examples", {})
        }
        yield name, values, body.get("examples", {}).get(name, {}).get("value")


def fits(value, schema, made):  # noqa: PLR0911 (one for each word of JSON Schema)
    """Is a value of a schema? As much of JSON Schema as the document uses."""
    if "$ref" in schema:
        return fits(value, made["components"]["schemas"][schema["$ref"].split("/")[-1]], made)
    if "anyOf" in schema:
        return any(fits(value, one, made) for one in schema["anyOf"])
    if "const" in schema:
        return value == schema["const"]
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float)}
    wanted = schema.get("type", [])
    wanted = [wanted] if isinstance(wanted, str) else wanted
    if wanted and not any(
        value is None if kind == "null" else isinstance(value, kinds[kind]) for kind in wanted
    ):
        return False
    if isinstance(value, list):
        return all(fits(one, schema.get("items", {}), made) for one in value)
    if isinstance(value, dict):
        return all(name in value for name in schema.get("required", ())) and all(
            fits(value[name], one, made)
            for name, one in schema.get("properties", {}).items()
            if name in value
        )
    return True


def test_it_is_openapi_3_1_with_unique_names(made):
    assert made["openapi"].startswith("3.1")
    names = [operation["operationId"] for _, _, operation in operations(made)]
    assert len(names) == len(set(names))
    assert made["externalDocs"]["url"] == "/developers"
    ours = [one for _, path, one in operations(made) if path.startswith(PUBLIC)]
    told = {tag["name"] for tag in made["tags"] if tag["description"]}
    assert {tag for one in ours for tag in one["tags"]} <= told


def test_every_public_read_has_an_example(made):
    without = {
        (method, path)
        for method, path, operation in operations(made)
        if path.startswith(PUBLIC) and not path.startswith(KEPT) and not list(calls(operation))
    }
    assert without == set(WITHOUT)


def test_every_example_runs_and_is_answered_as_the_document_says(client, made):
    ran = 0
    for method, path, operation in operations(made):
        for name, values, body in calls(operation):
            url = path
            for (where, key), value in values.items():
                if where == "path":
                    url = url.replace(f"{{{key}}}", str(value))
            assert "{" not in url, f"{path} {name}: not every part of the path is told"
            query = {key: value for (where, key), value in values.items() if where == "query"}
            answer = client.request(method, url, params=query, json=body)
            assert answer.is_success, f"{method} {path} {name}: {answer.text}"
            told = operation["responses"][str(answer.status_code)]["content"]
            media = answer.headers["content-type"].split(";")[0]
            assert media in told, f"{path} {name}: {media}"
            if media.endswith("json") and "ndjson" not in media:
                assert fits(answer.json(), told[media].get("schema", {}), made), f"{path} {name}"
            ran += 1
    assert ran >= 20


def test_examples_are_of_this_registry(client, made):
    (code,) = made["paths"]["/v1/addresses/{code}"]["get"]["parameters"][0]["examples"].values()
    assert client.get(f"/v1/addresses/{code['value']}").json()["properties"]["state"] != "retired"


def test_whatever_goes_wrong_is_told_to_be_a_problem(made, client):
    for _, path, operation in operations(made):
        assert operation["responses"]["default"]["$ref"].endswith("/Problem"), path
        assert "422" not in operation["responses"]
    told = client.get("/v1/addresses/123").json()
    assert fits(told, {"$ref": "#/components/schemas/Problem"}, made)


def test_what_needs_a_key_says_so(made):
    for _, path, operation in operations(made):
        assert ("security" in operation) is path.startswith(KEPT), path


def test_every_reference_leads_somewhere(made):
    for ref in re.findall(r"'\$ref': '#/([^']+)'", repr(made)):
        at = made
        for part in ref.split("/"):
            at = at[part]
