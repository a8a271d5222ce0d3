"""HEAD and OPTIONS of everything; a reading that nobody listens to any more leaves nothing open."""

import re
import time

import httpx2
import pytest

LONG = "/ogc/collections/former_wards/items?limit=10000"
READS = [
    "/",
    "/developers",
    "/ogc",
    "/ogc?f=html",
    "/ogc/collections/wards/items?datetime=2026-11-01",
    "/ogc/collections/wards/items?datetime=2026-11-01&f=html",
    "/ogc/collections/wards/items/00070",
    "/ogc/collections/wards/queryables",
    LONG,
    "/v1/wards?province=01&as_of=2026-11-01",
    "/v1/snapshot",
    "/v1/geocode?q=Hoan+Kiem",
    "/openapi.json",
    "/tiles/wards/14/13009/7225.mvt?as_of=2026-11-01",
    "/tiles/wards/14/0/0.mvt",
    "/static/map.css",
    "/favicon.ico",
    "/nowhere",
    "/ogc/collections/boats",
]
OF_THE_MOMENT = {"date", "last-modified", "transfer-encoding"}


@pytest.mark.parametrize("packing", ["gzip", "identity"])
@pytest.mark.parametrize("path", READS)
def test_head_tells_what_get_would(served, path, packing):
    asked = {"accept-encoding": packing, "connection": "close"}
    get = httpx2.get(served + path, headers=asked)
    head = httpx2.head(served + path, headers=asked)
    assert (head.status_code, head.content) == (get.status_code, b"")
    told, wanted = (
        {name: value for name, value in one.headers.items() if name not in OF_THE_MOMENT}
        for one in (head, get)
    )
    if packing == "gzip":  # a body that tells the time packs into a byte more or less
        assert ("content-length" in told) == ("content-length" in wanted)
        told["content-length"] = wanted["content-length"] = ""
    assert told == wanted


def test_head_knows_what_has_not_changed(served):
    tag = httpx2.head(f"{served}/ogc/collections").headers["etag"]
    same = httpx2.head(f"{served}/ogc/collections", headers={"if-none-match": tag})
    assert same.status_code == 304


def test_a_part_is_asked_for_by_get_alone(served):
    part = {"range": "bytes=0-9"}
    assert httpx2.get(f"{served}/static/map.css", headers=part).status_code == 206
    assert httpx2.head(f"{served}/static/map.css", headers=part).status_code == 200


def test_every_read_answers_head(client):
    paths = client.get("/openapi.json").json()["paths"]
    reads = {path for path, told in paths.items() if "get" in told} | {"/desk", "/sign-in", "/ogc"}
    assert len(reads) > 30
    for path in reads:
        one = re.sub(r"\{.*?\}", "1", path)
        assert client.head(one, follow_redirects=False).status_code != 405, path


def left_open(engine):
    """Connections that are out, once whoever was served had a moment to put them back."""
    deadline = time.monotonic() + 5
    while engine.pool.checkedout() and time.monotonic() < deadline:
        time.sleep(0.01)
    return engine.pool.checkedout()


@pytest.mark.parametrize("path", [LONG, "/v1/wards?as_of=2020-01-01", "/v1/snapshot"])
def test_nothing_is_left_open_after_head(client, bound, path):
    for _ in range(3):
        assert client.head(path).status_code == 200
    assert left_open(bound) == 0
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", [LONG, "/v1/wards?as_of=2020-01-01"])
def test_nothing_is_left_open_by_who_goes_away(served, bound, path):
    with httpx2.Client(base_url=served) as asker, asker.stream("GET", path) as answer:
        next(answer.iter_raw())
    assert left_open(bound) == 0


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/v1/wards", "GET, HEAD, OPTIONS"),
        ("/v1/reports", "OPTIONS, POST"),
        ("/v1/registry/mandates", "GET, HEAD, OPTIONS, POST"),
        ("/ogc/collections/wards/items", "GET, HEAD, OPTIONS"),
        ("/static/map.css", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_path_says_what_it_takes(client, path, allowed):
    asked = client.options(path)
    assert (asked.status_code, asked.content) == (204, b"")
    assert asked.headers["allow"] == allowed
    refused = client.patch(path)
    assert refused.status_code == 405
    assert refused.headers["allow"] == allowed
    assert re.search(r"METHOD_NOT_ALLOWED", refused.json()["type"])


def test_what_is_not_there_takes_nothing(client):
    assert client.options("/nowhere").status_code == 404
