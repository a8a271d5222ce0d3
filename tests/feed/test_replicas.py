"""Copies: equal to the registry whatever happens to them; a hole is refused, nothing is half done."""

import gzip
import importlib.util
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pyarrow import parquet
from sqlalchemy import text

from diachiso.__main__ import main
from diachiso.settings import CHECKOUT
from diachiso.store.engine import make_engine, normal_url
from diachiso.store.replica import PostgisCopy
from diachiso.store.replica_files import FolderCopy
from diachiso.web.following import Told
from diachiso.web.serving import listening


@pytest.fixture(scope="session")
def bench():
    """The bench of the feed, as a module."""
    spec = importlib.util.spec_from_file_location("bench_feed", CHECKOUT / "bench" / "feed.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def replicate(monkeypatch, capfd):
    """Run `diachiso replicate …` to its end: status and what it said."""

    def ran(*words):
        monkeypatch.setattr("sys.argv", ["diachiso", "replicate", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), capfd.readouterr().err

    return ran


def in_folder(folder):
    return {
        (kind, row["id"]): json.loads(row["told"])
        for kind, name in (("address", "addresses"), ("street", "streets"), ("unit", "units"))
        for row in parquet.read_table(folder / f"{name}.parquet").to_pylist()
    }


@pytest.fixture
def places(databases, tmp_path):
    return databases.clone("copy"), str(tmp_path / "copy")


@pytest.mark.parametrize("which", [0, 1])
def test_a_copy_begins_follows_and_withdraws(registry, url, bench, replicate, places, which):
    to = places[which]
    registry.house()
    hidden = registry.house()
    follower = bench.Follower(url, to)
    assert replicate(url, "--to", to, "--once") == (0, f"{registry.last()}: {held(follower)}")
    assert follower.holds() == bench.standing(registry.engine)
    registry.restrict(hidden)
    registry.name(registry.house("Ngõ Của Bản Sao"), "Nhà thuốc")
    status, said = replicate(url, "--to", to, "--once")
    assert (status, f"→ {registry.last()}" in said) == (0, True)
    assert follower.holds() == bench.standing(registry.engine)
    assert replicate(url, "--to", to, "--once") == (0, "")


def held(follower):
    return f"{len(follower.holds())} mục / subjects\n"


def test_the_columns_of_a_copy_are_what_was_told(registry, url, replicate, places):
    code = registry.house()
    for to in places:
        assert replicate(url, "--to", to, "--once")[0] == 0
    row = next(
        one
        for one in parquet.read_table(f"{places[1]}/addresses.parquet").to_pylist()
        if one["code"] == code
    )
    assert (row["ward"], row["street"], row["state"]) == ("00070", "Phố Hàng Trống", "recorded")
    geo = json.loads(parquet.read_schema(f"{places[1]}/addresses.parquet").metadata[b"geo"])
    assert geo["columns"]["geometry"]["encoding"] == "WKB"
    engine = make_engine(normal_url(places[0]))
    with engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT ward, street, state, number, ST_X(geom), ST_AsBinary(geom)"
                " FROM diachiso_replica.address WHERE code = :code"
            ),
            {"code": code},
        ).one()
    engine.dispose()
    assert found[:4] == (row["ward"], row["street"], row["state"], row["number"])
    assert (found[4], bytes(found[5])) == (105.8511, row["geometry"])


def test_a_copy_of_one_ward(registry, url, replicate, tmp_path):
    to = tmp_path / "ward"
    left = registry.house()
    assert replicate(url, "--to", to, "--unit", "00097", "--once")[0] == 0
    assert not [key for key in in_folder(to) if key[0] == "address"]
    to = tmp_path / "other"
    assert replicate(url, "--to", to, "--unit", "00070", "--once")[0] == 0
    registry.move_to_cua_nam(left)
    assert replicate(url, "--to", to, "--unit", "00070", "--once")[0] == 0
    last = [
        one["versions"][-1]["ward"] for one in in_folder(to).values() if one.get("code") == left
    ]
    assert last == ["00082"]
    status, said = replicate(url, "--to", to, "--once")
    assert (status, "bản sao của" in said) == (2, True)


def test_sixteen_writers_and_copies_that_are_killed(databases, settle_in, bench, tmp_path):
    primary = databases.clone("trial")
    engine = make_engine(primary)
    settle_in(engine)
    engine.dispose()
    copies = [databases.clone("copy"), databases.clone("copy"), str(tmp_path / "copy")]
    door = listening("127.0.0.1", 0)
    port = door.getsockname()[1]
    door.close()
    told = bench.trial(primary, copies, 4, port)
    assert len([line for line in told if "all equal" in line]) == 3


# -- copies that are killed between two steps, feeds that are not whole ---------------------------


def address(number, subject, name=None):
    version = {"lon": 105.8, "lat": 21.0, "state": "recorded", "number": str(number)}
    after = {"id": subject, "code": str(subject), "versions": [version | {"name": name}]}
    return Told(number, "address", subject, after)


def street(number, subject, name):
    return Told(number, "street", subject, {"id": subject, "name": name} if name else None)


def test_files_at_different_numbers_come_together(tmp_path):
    copy = FolderCopy(tmp_path, "x")
    assert copy.position() is None
    copy.begin(10, [address(3, 7), street(4, 1, "Phố A"), street(5, 2, "Phố B")])
    older = (tmp_path / "streets.parquet").read_bytes()
    coming = [address(11, 5), street(12, 1, None), Told(13), address(14, 7, "mới")]
    copy.apply(10, 14, coming)
    want = in_folder(tmp_path)
    assert [key for key in want if key[0] == "street"] == [("street", 2)]
    assert [key[1] for key in want if key[0] == "address"] == [5, 7]
    (tmp_path / "streets.parquet").write_bytes(older)  # killed before this one was renamed
    (tmp_path / ".streets.parquet.part").write_bytes(b"half")
    copy.close()
    again = FolderCopy(tmp_path, "x")
    assert again.position() == 10
    again.apply(10, 14, coming)
    assert in_folder(tmp_path) == want
    again.close()


def test_two_cannot_follow_into_one_folder(tmp_path, replicate):
    copy = FolderCopy(tmp_path, "x")
    status, said = replicate("http://127.0.0.1:1", "--to", tmp_path, "--once")
    assert (status, "tiến trình khác" in said) == (2, True)
    copy.close()


def test_a_snapshot_that_breaks_off_leaves_nothing(databases, tmp_path):
    def breaking():
        yield address(3, 7)
        raise ConnectionError

    folder = FolderCopy(tmp_path, "x")
    database = PostgisCopy.at(databases.clone("copy"), "x")
    for copy in (folder, database):
        with pytest.raises(ConnectionError):
            copy.begin(10, breaking())
        assert copy.position() is None
        copy.close()


@pytest.fixture
def bad_feed():
    """A service that answers what it is told to."""
    answers = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = answers[self.path.split("?")[0]]
            self.send_response(status)
            self.send_header("content-encoding", "gzip")
            self.end_headers()
            self.wfile.write(gzip.compress(body))

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", answers
    server.shutdown()
    server.server_close()
    thread.join(timeout=10)


WHOLE = (
    b'{"snapshot":2}\n{"kind":"street","id":1,"number":2,"after":{"id":1}}\n{"end":2,"count":1}\n'
)


def page(*numbers, until):
    changes = [{"number": n, "kind": "street", "id": n, "after": {"id": n}} for n in numbers]
    return json.dumps({"since": 2, "next": until, "changes": changes}).encode()


@pytest.mark.parametrize(
    ("snapshot", "changes", "told"),
    [
        (WHOLE, page(4, until=4), "hole"),
        (WHOLE, page(3, 5, until=5), "hole"),
        (WHOLE, page(3, 3, until=3), "hole"),
        (WHOLE, page(4, 3, until=4), "hole"),
        (WHOLE, page(3, until=4), "missing"),
        (WHOLE, page(3, until=2), "missing"),
        (WHOLE, b"<html>", "cut off"),
        (WHOLE, b'{"changes": 3}', "cut off"),
        (WHOLE, b'{"next": 3, "changes": [{"number": 3, "kind": "cat", "id": 1}]}', "cut off"),
        (WHOLE[:-1], b"", "cut off"),
        (WHOLE.replace(b'"count":1', b'"count":2'), b"", "cut off"),
        (WHOLE.rsplit(b"\n", 2)[0] + b"\n", b"", "cut off"),
        (b"", b"", "cut off"),
        (b"[]\n", b"", "cut off"),
    ],
)
def test_what_is_not_a_whole_feed_is_refused(
    bad_feed, replicate, tmp_path, snapshot, changes, told
):
    url, answers = bad_feed
    answers |= {"/v1/snapshot": (200, snapshot), "/v1/changes": (200, changes)}
    status, said = replicate(url, "--to", tmp_path, "--once")
    assert (status, told in said) == (2, True), said
    assert "Traceback" not in said
    copy = FolderCopy(tmp_path, url)
    assert copy.position() == (2 if changes else None)
    copy.close()


def test_a_registry_that_does_not_answer_or_refuses(bad_feed, replicate, tmp_path, url):
    bad, answers = bad_feed
    answers["/v1/snapshot"] = (503, b"{}")
    for asked in (bad, "http://127.0.0.1:1", "nonsense", "http://[", f"{url}/v9"):
        status, said = replicate(asked, "--to", tmp_path / "x", "--once")
        assert (status, said.count("\n")) == (2, 1), said
    status, said = replicate(url, "--to", tmp_path / "y", "--unit", "99999", "--once")
    assert (status, "99999" in said) == (2, True)
