"""Reads are shared with every site; writes, and what needs somebody known, with none."""

from datetime import date

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from diachiso.address.errors import DiachisoError
from diachiso.web.deprecation import DEPRECATED, LEAST_NOTICE_DAYS, Deprecated, Deprecations
from diachiso.web.examples import Sample
from diachiso.web.openapi import document
from diachiso.web.problems import STATUS, TITLES

OTHER_SITE = {"origin": "https://shop.example"}


def beforehand(client, path, method, **more):
    headers = OTHER_SITE | {"access-control-request-method": method} | more
    return client.options(path, headers=headers)


@pytest.mark.parametrize(
    "path", ["/v1/geocode?q=Hoan+Kiem", "/v1/wards/00070", "/tiles/wards.json", "/openapi.json"]
)
def test_a_read_may_be_used_by_any_site_but_without_cookies(client, path):
    answer = client.get(path, headers=OTHER_SITE)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert "ETag" in answer.headers["access-control-expose-headers"]
    assert beforehand(client, path, "GET").headers["access-control-allow-origin"] == "*"


def test_a_problem_is_readable_by_other_sites_too(client):
    answer = client.get("/v1/addresses/123", headers=OTHER_SITE)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (422, "*")


@pytest.mark.parametrize("path", ["/v1/geocode/batch", "/v1/parse/batch"])
def test_batches_are_reads_that_come_as_post(client, path):
    asked = beforehand(client, path, "POST", **{"access-control-request-headers": "content-type"})
    assert "POST" in asked.headers["access-control-allow-methods"]
    assert "content-type" in asked.headers["access-control-allow-headers"]
    answer = client.post(path, json={"queries": []}, headers=OTHER_SITE)
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/v1/reports", "POST"),
        ("/v1/reports/dcr_x", "GET"),
        ("/v1/registry/addresses", "GET"),
        ("/v1/registry/addresses", "POST"),
        ("/v1/me", "GET"),
        ("/v1/webhooks", "POST"),
        ("/sign-in", "POST"),
        ("/v1/geocode", "DELETE"),
    ],
)
def test_writes_and_what_needs_somebody_known_are_shared_with_none(client, path, method):
    assert "access-control-allow-origin" not in beforehand(client, path, method).headers
    answer = client.request(method, path, headers=OTHER_SITE)
    assert "access-control-allow-origin" not in answer.headers


def test_a_key_is_never_taken_from_another_site(client):
    allowed = beforehand(client, "/v1/geocode", "GET").headers["access-control-allow-headers"]
    assert "authorization" not in allowed


# -- deprecation ---------------------------------------------------------------------------------

OLD = Deprecated(
    path="/old",
    since=date(2026, 11, 1),
    sunset=date(2027, 11, 30),
    successor="/v1/new",
    why_vi="đã có cách tốt hơn",
    why_en="there is a better way",
)
OLD_PARAMETER = Deprecated("/p", OLD.since, OLD.sunset, "/p", "đổi tên", "renamed", parameter="a")


@pytest.fixture(scope="module")
def aged():
    app = Starlette(
        routes=[
            Route(path, lambda _: PlainTextResponse(""))
            for path in ("/old", "/old/1", "/p", "/older")
        ]
    )
    app.add_middleware(Deprecations, table=(OLD, OLD_PARAMETER))
    return TestClient(app)


@pytest.mark.parametrize("path", ["/old", "/old/1", "/p?a=1", "/p?b=2&a="])
def test_whoever_asks_for_what_will_go_is_told(aged, path):
    told = aged.get(path).headers
    assert told["deprecation"] == "@1793491200"
    assert told["sunset"] == "Tue, 30 Nov 2027 00:00:00 GMT"
    assert 'rel="deprecation"' in told["link"]
    assert 'rel="successor-version"' in told["link"]


@pytest.mark.parametrize("path", ["/older", "/p", "/p?b=1"])
def test_nobody_else_is(aged, path):
    told = aged.get(path).headers
    assert {"deprecation", "sunset", "link"}.isdisjoint(told)


def test_the_document_marks_what_will_go(client):
    entry = Deprecated("/v1/convert", OLD.since, OLD.sunset, "/v1/find", "", "")
    made = document(client.app, Sample(), (entry,))
    assert made["paths"]["/v1/convert"]["get"]["deprecated"] is True
    assert "deprecated" not in made["paths"]["/v1/geocode"]["get"]


def test_whoever_is_told_has_a_year(client):
    for one in DEPRECATED:
        assert (one.sunset - one.since).days >= LEAST_NOTICE_DAYS
        assert client.get(one.successor).status_code != 404


# -- the types of problems -----------------------------------------------------------------------


def kinds_of(kind):
    return [kind, *(below for one in kind.__subclasses__() for below in kinds_of(one))]


KINDS = {one.__name__ for one in kinds_of(DiachisoError)}


def test_the_type_of_every_problem_leads_to_its_explanation(client):
    page = client.get("/problems").text
    for kind in [*KINDS, *TITLES, "NOT_FOUND", "METHOD_NOT_ALLOWED"]:
        assert f'id="{kind}"' in page, kind
    for path, method in (("/v1/nothing", "GET"), ("/v1/geocode", "DELETE"), ("/v1/find", "GET")):
        told = client.request(method, path).json()
        assert f'id="{told["type"].removeprefix("/problems#")}"' in page
    assert STATUS
