"""The command as people run it: results on stdout, doings on stderr, a mistake is one line."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass

import httpx2
import pytest
from sqlalchemy import make_url, text

from diachiso.__main__ import main
from diachiso.store.engine import make_engine

MISTAKE = 2
SECRET = "so 7 ngo bi mat"  # noqa: S105 (a text to look for)


@pytest.fixture(scope="module")
def database(databases, settle_in):
    """A town in a database of its own."""
    url = databases.clone("stories")
    engine = make_engine(url)
    settle_in(engine)
    engine.dispose()
    return url


def environment(url, **other):
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("DIACHISO_")}
    return inherited | {"DIACHISO_DATABASE_URL": url, "COLUMNS": "200"} | other


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(database, monkeypatch, capfd):
    """Run `diachiso …` to its end in this process; over the town, if nothing else is said."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}

    def ran(*words, url=database, **other):
        for name, value in environment(url, **other).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["diachiso", *map(str, words)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return Done(int(ended.value.code or 0), *capfd.readouterr())

    yield ran
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def spawn(database):
    """The same in a process of its own, as people do."""

    def ran(*words, url=database):
        return subprocess.run(  # noqa: S603 (our own words)
            [sys.executable, "-m", "diachiso", *words],
            env=environment(url),
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )

    return ran


@pytest.fixture
def result(run):
    """The same, for what has to end well."""

    def of(*words):
        done = run(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return of


@pytest.fixture
def mistake(run):
    """The same, for what has to end with one line and status 2."""

    def of(*words, **other):
        done = run(*words, **other)
        assert done.returncode == MISTAKE, done.stderr
        assert done.stdout == ""
        assert "Traceback" not in done.stderr
        (line,) = done.stderr.splitlines()
        assert line.startswith("diachiso: ")
        return line

    return of


def code_of_a_house(url):
    engine = make_engine(url)
    with engine.connect() as connection:
        code = connection.scalar(
            text("SELECT code FROM issued_code JOIN external_id USING (address_id)"
                 " WHERE value = '101'")
        )  # fmt: skip
    engine.dispose()
    return code


# -- looking things up -------------------------------------------------------------------------


def test_the_doctor_tells_what_the_data_hold(spawn):
    done = spawn("doctor")
    told = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    for line in (
        "provinces today: 34",
        "wards today: 3,321",
        "wards until 2025-06-30: 10,035",
        "addresses: 9",
        "polygons of ward, official: 3",
    ):
        assert line in told
    assert any(re.fullmatch(r"PostGIS 3\.\d+\.\d+.*", line) for line in told)


def test_an_address_is_found_as_geojson(result, database):
    told = json.loads(result("geocode", "2", "Hàng", "Trống,", "phường", "Hoàn Kiếm"))
    first = told["features"][0]
    assert first["properties"]["code"] == code_of_a_house(database)
    assert first["geometry"]["coordinates"] == [105.8511, 21.022]


def test_a_point_tells_its_ward_then_and_before(result):
    told = json.loads(result("reverse", "105.852", "21.03"))["features"][-1]["properties"]
    assert (told["ward"]["full_name"], told["former"]["full_name"]) == (
        "Phường Hoàn Kiếm",
        "Phường Hàng Trống",
    )


def test_a_code_is_shown_with_or_without_the_word(result, database):
    code = code_of_a_house(database)
    shown = json.loads(result("code", "show", f"{code[:5]}-{code[5:]}"))
    assert shown["properties"]["label"].startswith("2 Phố Hàng Trống")
    assert json.loads(result("code", code)) == shown


def test_codes_are_issued_and_a_further_area_is_given(result, run):
    issued = result("code", "issue", "00082", "--count", "3").split()
    assert len(set(issued)) == 3
    assert all(re.fullmatch(r"\d{5}-\d{5}", code) for code in issued)
    assert run("code", "area", "00082", "99001").returncode == 0


# -- loading -----------------------------------------------------------------------------------


def test_a_second_load_says_so_and_changes_nothing(run, tmp_path, town_files):
    file = tmp_path / "wards_again.geojson"
    file.write_bytes((town_files / "boundaries" / "wards.geojson").read_bytes())
    first, second = (run("load", "boundaries", file, "--level", "ward") for _ in "12")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    assert "3 như cũ / unchanged" in first.stderr
    assert "loaded already" in second.stderr
    streets = run("load", "streets", town_files / "streets" / "streets.geojson")
    assert "loaded already" in streets.stderr


def test_a_file_that_cannot_be_loaded_is_one_line(mistake, tmp_path):
    file = tmp_path / "nothing.geojson"
    with file.open("wb") as stream:
        stream.truncate(5 * 1024**3)
    assert "there is nothing in it" in mistake("load", "boundaries", file)


# -- mistakes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["code", "show", "1102A-58317"], "character 5 is 'A'"),
        (["code", "show", "9999999999"], "not in use"),
        (["reverse", "107.5", "20"], "no ward"),
        (["reverse", "21.03", "105.85"], "swapped"),
        (["reverse", "105.85", "21.03", "--as-of", "2025-02-30"], "not a day"),
        (["code", "issue", "25270"], "diachiso load postcodes"),
        (["geocode"], "Give TEXT or --file FILE"),
    ],
)
def test_a_mistake_is_one_line(mistake, words, told):
    assert told in mistake(*words)


def test_an_unreachable_server_is_one_line(spawn):
    done = spawn("doctor", url="postgresql://u:geheim@127.0.0.1:1/x")
    (line,) = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (MISTAKE, "")
    assert "No database answers" in line
    assert "geheim" not in line


def test_a_server_without_postgis_says_what_to_do(mistake, cluster_url):
    bare = f"diachiso_test_bare_{os.getpid()}"
    engine = make_engine(cluster_url)
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(f"CREATE ROLE {bare} LOGIN PASSWORD 'bare'"))
        connection.execute(text(f"CREATE DATABASE {bare} TEMPLATE template0"))
        try:
            url = make_url(cluster_url).set(username=bare, password="bare", database=bare)  # noqa: S106
            line = mistake("doctor", url=url.render_as_string(hide_password=False))
        finally:
            connection.execute(text(f"DROP DATABASE {bare} WITH (FORCE)"))
            connection.execute(text(f"DROP ROLE {bare}"))
    engine.dispose()
    assert "CREATE EXTENSION postgis" in line
    assert "administrator" in line


def test_an_older_schema_says_what_to_run(mistake, run, databases):
    url = databases.clone("older")
    assert run("migrate", "--down", url=url).returncode == 0
    assert "diachiso migrate" in mistake("reverse", "105.85", "21.03", url=url)


@pytest.mark.parametrize("port", ["0", "99999", "eighty"])
def test_a_port_that_is_none_names_the_setting(mistake, port):
    assert "DIACHISO_PORT" in mistake("serve", DIACHISO_PORT=port)


def test_a_taken_port_says_what_to_set(mistake):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        line = mistake("serve", DIACHISO_PORT=str(taken.getsockname()[1]))
    assert "DIACHISO_PORT" in line


# -- serving -----------------------------------------------------------------------------------


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as door:
        return door.getsockname()[1]


@contextmanager
def serving(database, port, stdout):
    """The service with its first lines, stopped in the end."""
    with subprocess.Popen(
        [sys.executable, "-m", "diachiso", "serve"],
        env=environment(database, DIACHISO_PORT=str(port)),
        stdout=stdout,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as service:
        try:
            said = []
            for line in service.stderr:
                said.append(line)
                if "the map" in line:
                    break
            yield service, said
        finally:
            service.terminate()


def test_the_service_answers_until_it_is_stopped_and_writes_down_no_question(database, tmp_path):
    port, log = free_port(), tmp_path / "log"
    with log.open("wb") as out, serving(database, port, out) as (service, said):
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as asker:
            asker.get("/v1/geocode", params={"q": SECRET})
            asker.get("/v1/geocode", params={"q": SECRET, "colour": "red"})
            asker.post("/v1/geocode/batch", json={"queries": [{"id": "1", "q": SECRET}]})
            assert asker.get("/healthz").json()["status"] == "ok"
        service.terminate()
        said.append(service.communicate(timeout=60)[1])
    told = "".join(said)
    assert service.returncode == 0, told
    assert f"http://127.0.0.1:{port}/" in told
    for words in (told, log.read_text("utf-8")):
        assert "bi mat" not in words
        assert "bi+mat" not in words
        assert "geocode" not in words
