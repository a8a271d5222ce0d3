"""`diachiso geocode --file`, as people run it: on both cores, stopped, gone on with, in a pipe."""

import csv
import io
import os
import signal
import stat
import subprocess
import sys
import time

import pytest
from python_calamine import CalamineWorkbook

from diachiso.store.engine import make_engine

STOPPED = 130
SECRET = "ngo bi mat"  # noqa: S105 (a text to look for)
ROWS = 1_500
WORDS = ("2 Hàng Trống, Hoàn Kiếm", "số 5 ngách 12/3 Tràng Thi", "phuong cua nam ha noi", SECRET)


@pytest.fixture(scope="module")
def database(databases, settle_in):
    url = databases.clone("files")
    engine = make_engine(url)
    settle_in(engine)
    engine.dispose()
    return url


@pytest.fixture
def start(database):
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("DIACHISO_")}

    def started(*words):
        return subprocess.Popen(  # noqa: S603 (our own words)
            [sys.executable, "-m", "diachiso", "geocode", *map(str, words)],
            env=inherited | {"DIACHISO_DATABASE_URL": database, "COLUMNS": "200"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    return started


@pytest.fixture
def ran(start):
    def to_its_end(*words, given=b"", code=0):
        with start(*words) as process:
            out, told = process.communicate(given, timeout=300)
        assert process.returncode == code, told.decode()
        assert b"Traceback" not in told
        return out, told.decode()

    return to_its_end


@pytest.fixture
def file(tmp_path):
    written = tmp_path / "a.csv"
    rows = [f'{n:05d},"{n % 30} {WORDS[n % 4]}"' for n in range(ROWS)]
    written.write_text("\n".join(["mã,địa chỉ", *rows]) + "\n", "utf-8")
    return written


def test_both_cores_find_the_same_as_one_and_say_what_they_found(ran, file, tmp_path):
    one, two = tmp_path / "1.csv", tmp_path / "2.csv"
    _, told = ran("--file", file, "--jobs", "1", "--output", one)
    ran("--file", file, "--jobs", "2", "--output", two)
    assert one.read_bytes() == two.read_bytes()
    rows = list(csv.DictReader(io.StringIO(one.read_text("utf-8"))))
    assert [row["mã"] for row in rows] == [f"{n:05d}" for n in range(ROWS)]
    assert any(row["match_level"] == "house" and row["code"] for row in rows)
    for line in ("“địa chỉ”", "1,500 dòng / rows", "mức khớp / match level: house", "confirm"):
        assert line in told
    assert SECRET not in told


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_leaves_a_part_and_the_next_ends_it(start, ran, file, tmp_path, number):
    whole, output = tmp_path / "whole.csv", tmp_path / "a.diachiso.csv"
    part = tmp_path / "a.diachiso.csv.part"
    head, *rows = file.read_text("utf-8").splitlines(keepends=True)
    file.write_text(head + "".join(rows * 5), "utf-8")  # long enough to be stopped in the middle
    ran("--file", file, "--output", whole)
    with start("--file", file, "--jobs", "2") as process:
        deadline = time.monotonic() + 120
        while not (part.exists() and part.read_bytes().count(b"\n") > 1):
            assert time.monotonic() < deadline
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.005)
        process.send_signal(number)
        _, told = process.communicate(timeout=60)
    assert process.returncode == STOPPED, told
    assert "run the same command again" in told.decode()
    assert b"Traceback" not in told
    assert not output.exists()
    assert stat.S_IMODE(part.stat().st_mode) == 0o600
    _, told = ran("--file", file, "--jobs", "2")
    assert "Going on from row" in told
    assert output.read_bytes() == whole.read_bytes()
    assert not part.exists()


def test_a_pipe_goes_through(ran):
    out, told = ran("--file", "-", given="id;địa chỉ\n7;2 Hàng Trống\n".encode())
    (row,) = csv.DictReader(io.StringIO(out.decode()), delimiter=";")
    assert (row["id"], row["match_level"], row["lon"]) == ("7", "house", "105.8511")
    assert "“địa chỉ”" in told


def test_a_csv_becomes_a_workbook(ran, tmp_path):
    file, output = tmp_path / "a.csv", tmp_path / "b.xlsx"
    file.write_text("mã,số nhà,đường\n007,2,Hàng Trống\n", "utf-8")
    ran("--file", file, "--output", output, "--column", "house_number=số nhà", "--column",
        "street=đường")  # fmt: skip
    head, row = CalamineWorkbook.from_path(output).get_sheet_by_index(0).to_python()
    told = dict(zip(head, row, strict=True))
    assert (told["mã"], told["match_level"], told["lat"]) == ("007", "house", 21.022)


@pytest.mark.parametrize(
    ("content", "words", "told"),
    [
        ("tên,giá\nx,1\n", (), "no column looks like an address"),
        ("địa chỉ\nx\n", ("--column", "nơi"), "no such column"),
        ("địa chỉ\nx\n", ("--sheet", "x"), "not a workbook"),
        ("", (), "nothing in it"),
    ],
)
def test_an_unusable_file_is_one_line_and_status_2(ran, tmp_path, content, words, told):
    file = tmp_path / "a.csv"
    file.write_text(content, "utf-8")
    out, said = ran("--file", file, *words, code=2)
    (line,) = said.splitlines()
    assert line.startswith("diachiso: ")
    assert told in line
    assert out == b""
    assert [one.name for one in tmp_path.iterdir()] == ["a.csv"]
