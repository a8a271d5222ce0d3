"""How the service behaves whatever it is asked: tags, packing, health, and silence."""

import logging

import httpx2
import pytest
from opentelemetry.trace import NoOpTracer

SECRET = "so 7 ngo bi mat"  # noqa: S105 (a text to look for)
READS = [
    "/v1/wards/00070?as_of=2026-11-01",
    "/v1/wards?province=01&as_of=2026-11-01",
    "/v1/reverse?lon=105.855&lat=21.03&as_of=2026-11-01",
    "/v1/geocode?q=Ho%C3%A0n+Ki%E1%BA%BFm&as_of=2026-11-01",
    "/tiles/wards.json?as_of=2026-11-01",
]


@pytest.mark.parametrize("path", READS)
def test_an_answer_has_a_tag_and_is_not_sent_twice(client, path):
    first = client.get(path)
    tag = first.headers["etag"]
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = client.get(path, headers={"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(path, headers={"if-none-match": '"other"'}).content == first.content
    assert first.headers["cache-control"] == "public, no-cache"


def test_a_long_answer_is_packed_for_those_who_can_unpack(served):
    path = f"{served}/v1/wards?province=01&as_of=2026-11-01"
    packed = httpx2.get(path, headers={"accept-encoding": "gzip"})
    plain = httpx2.get(path, headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert "accept-encoding" in packed.headers["vary"].lower()


def test_the_service_says_that_it_is_well(client):
    told = client.get("/healthz").json()
    assert told["status"] == "ok"
    assert told["edition"] == told["newest_edition"] > 0
    assert isinstance(told["warm"], bool)


def test_pages_fetch_nothing_from_anybody_else(client):
    for path in ("/", "/problems"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/html")
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert 'src="http' not in answer.text


def test_the_interface_describes_itself(client):
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/v1/geocode", "/v1/reverse", "/v1/addresses/{code}", "/v1/wards"} <= set(paths)


def test_what_people_ask_is_written_nowhere(served, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    with httpx2.Client(base_url=served) as asker:
        asker.get("/v1/geocode", params={"q": SECRET})
        asker.get("/v1/geocode", params={"q": SECRET, "colour": "red"})
        asker.post("/v1/geocode/batch", json={"queries": [{"id": "1", "q": SECRET}]})
        asker.post("/v1/parse/batch", json={"queries": [{"id": "1", "q": SECRET, "x": 1}]})
    out, err = capfd.readouterr()
    of_the_service = [
        record.getMessage()
        for record in caplog.records
        if not record.name.startswith(("httpx", "httpcore"))  # the asker's own
    ]
    for written in (out, err, *of_the_service):
        assert SECRET not in written
        assert "bi+mat" not in written
        assert "bi%20mat" not in written


def test_no_tracer_hears_what_is_asked(client, monkeypatch):
    heard = []

    class Provider:
        def get_tracer(self, *args, **_):
            heard.append(args)
            return NoOpTracer()

    monkeypatch.setattr("opentelemetry.trace.get_tracer_provider", Provider)
    assert client.get("/v1/geocode", params={"q": SECRET}).status_code == 200
    assert heard == []


@pytest.mark.parametrize("path", ["/healthz", "/v1/convert?code=00070&to=today", *READS])
def test_every_answer_tells_once_that_it_may_be_packed(client, path):
    told = client.get(path, headers={"accept-encoding": "identity"}).headers
    assert told.get_list("vary") == ["Accept-Encoding"]
    assert "content-encoding" not in told
