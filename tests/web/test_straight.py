"""What is asked most is found by its path; what goes wrong there is told as everywhere."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qsl, quote

import pytest
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from fastapi.testclient import TestClient
from hypothesis import given, strategies as st

from diachiso.web.reading import Body, Params, parameters, read, read_body
from diachiso.web.straight import StraightWays

IN_A_QUERY = "".join(map(chr, range(0x21, 0x7F)))
ASKED, BROKEN = [], []
router = APIRouter()


class Numbered(Params):
    """A number to answer with."""

    number: int


@router.get("/number")
async def number(request: Request) -> Response:
    ASKED.append("number")
    return Response(str(read(Numbered, request).number))


@router.get("/broken")
async def broken(request: Request) -> Response:
    ASKED.append("broken")
    raise BROKEN[-1]


@router.get("/sync")
def in_a_thread(request: Request) -> Response:
    return Response("of FastAPI")


@router.get("/counted", dependencies=[Depends(lambda: ASKED.append("counted"))])
async def counted(request: Request) -> Response:
    return Response("counted")


@router.get("/of/{who}")  # noqa: FAST003 (an endpoint that takes the request alone)
async def of(request: Request) -> Response:
    return Response(request.path_params["who"])


class Written(Body):
    """Some words."""

    words: list[str]


@router.post("/written")
async def written(request: Request) -> Response:
    return Response("".join((await read_body(Written, request)).words))


@pytest.fixture
def asked():
    ASKED.clear()
    app = FastAPI()
    app.add_exception_handler(LookupError, lambda *_: Response("not here", 404))
    app.add_exception_handler(Exception, lambda *_: Response("broken", 500))
    app.add_middleware(StraightWays, routers=[router])
    app.include_router(router)
    return TestClient(app)


def ran(coroutine):
    """In a thread of its own: the one of the tests may have a loop already, the browser's."""
    with ThreadPoolExecutor(1) as threads:
        threads.submit(asyncio.run, coroutine).result()


def test_an_endpoint_that_takes_a_request_is_asked_once(asked):
    assert asked.get("/number", params={"number": 5}).text == "5"
    assert ASKED == ["number"]


def test_it_is_found_before_all_routes():
    alone = StraightWays(None, [router])
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/number", "query_string": b"number=7"}
    ran(alone({**scope, "headers": []}, None, send))
    assert sent[0]["status"] == 200
    assert sent[1]["body"] == b"7"


def test_what_is_wrong_is_told_as_everywhere(asked):
    answer = asked.get("/number", params={"number": "five"})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", "number"]
    assert asked.post("/number").status_code == 405


@pytest.mark.parametrize(
    ("fault", "status", "told"),
    [
        (KeyError(), 404, "not here"),
        (HTTPException(410, "gone"), 410, '{"detail":"gone"}'),
        (OSError(), 500, "broken"),
    ],
)
def test_a_fault_is_told_by_its_handler_and_happens_once(asked, fault, status, told):
    BROKEN.append(fault)
    answer = TestClient(asked.app, raise_server_exceptions=False).get("/broken")
    assert (answer.status_code, answer.text) == (status, told)
    assert ASKED == ["broken"]


def test_what_nobody_knows_reaches_the_server_which_logs_it(asked):
    BROKEN.append(OSError("the disk"))
    with pytest.raises(OSError, match="the disk"):
        asked.get("/broken")


def test_who_goes_away_in_the_middle_is_no_fault_of_ours(asked):
    sent = []

    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/written", "query_string": b""}
    ran(asked.app({**scope, "headers": []}, receive, send))
    assert sent[0]["status"] == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/sync"),
        ("GET", "/counted"),
        ("GET", "/of/all"),
        ("GET", "/of/{who}"),
        ("GET", "/written"),
        ("POST", "/number"),
        ("HEAD", "/number"),
        ("GET", "/nowhere"),
    ],
)
def test_others_are_passed_on(method, path):
    passed = []

    async def app(scope, receive, send):
        passed.append((scope["method"], scope["path"]))

    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": []}
    ran(StraightWays(app, [router])(scope, None, None))
    assert passed == [(method, path)]


def test_others_go_the_long_way(asked):
    assert asked.get("/sync").text == "of FastAPI"
    assert asked.get("/counted").text == "counted"
    assert ASKED == ["counted"], "what an endpoint depends on is seen to"
    assert asked.get("/of/all").text == "all"


def test_a_body_that_the_endpoint_reads_comes_straight(asked):
    sent = []

    async def receive():
        return {"type": "http.request", "body": b'{"words": ["this"]}', "more_body": False}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/written", "query_string": b""}
    ran(StraightWays(None, [router])({**scope, "headers": []}, receive, send))
    assert sent[1]["body"] == b"this", "without an app behind it"
    assert asked.get("/written").status_code == 405


@pytest.mark.parametrize("type_", ["application/json", "text/plain", "application/octet-stream"])
def test_a_body_is_read_whatever_it_says_it_is(asked, type_):
    said = {"content-type": type_}
    assert asked.post("/written", content=b'{"words": ["a"]}', headers=said).text == "a"
    with_mark = b'\xef\xbb\xbf{"words": ["\xc4\x91"]}'
    assert asked.post("/written", content=with_mark, headers=said).text == "đ"


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"", ["body"]),
        (b'{"words": [', ["body"]),
        (b'{"words": ["\xff"]}', ["body"]),
        (b'{"words": ["\\ud800"]}', ["body"]),
        (b"[" * 100_000, ["body"]),
        (b"[]", ["body"]),
        (b"{}", ["body", "words"]),
        (b'{"words": [1]}', ["body", "words", 0]),
        (b'{"words": [], "more": 1}', ["body", "more"]),
    ],
)
def test_what_is_no_such_body_is_told_with_where(asked, content, where):
    answer = asked.post("/written", content=content)
    assert answer.status_code == 422
    (fault,) = answer.json()["detail"]
    assert fault["loc"] == where
    assert "input" not in fault, "what was sent goes into no answer and no log"


def test_a_body_has_no_parameters_beside_it(asked):
    answer = asked.post("/written?limit=5", json={"words": []})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", "limit"]


@pytest.mark.parametrize(
    "query",
    ["", "q=", "q", "=q", "&&q=1&", "q=1;2", "q=%", "q=%zz", "q=%ff", "q=+%2B", "q=a=b", "q=#1#2"],
)
def test_parameters_are_read_as_the_standard_library_reads_them(query):
    assert parameters(query.encode()) == dict(parse_qsl(query, keep_blank_values=True))


@given(st.text(IN_A_QUERY + "%&=+", max_size=60))
def test_any_query_is_read_so(query):
    assert parameters(query.encode()) == dict(parse_qsl(query, keep_blank_values=True))


@given(st.text(max_size=40), st.text(max_size=40))
def test_what_is_quoted_comes_back(name, value):
    as_bytes = f"{quote(name, errors='replace')}={quote(value, errors='replace')}".encode()
    told = dict(parse_qsl(as_bytes.decode(), keep_blank_values=True))
    assert parameters(as_bytes) == told


@given(st.binary(max_size=40))
def test_bytes_as_they_come_are_never_a_fault(query):
    parameters(query)
