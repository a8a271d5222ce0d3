"""Files through the command: every planted fault by its rule, no good row lost, nothing twice."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path

import pyogrio
import pytest
import shapely
import xlsxwriter
from python_calamine import CalamineWorkbook
from sqlalchemy import text

from diachiso.__main__ import main
from diachiso.address.position import from_wgs84
from diachiso.store.ledger import prove

ROWS = 600
ROW = """
    SELECT r.row, r.fate, r.faults, v.number, s.name AS street, v.ward_id, v.state, v.doubts,
           ST_X(v.position) AS lon, ST_Y(v.position) AS lat
    FROM intake_row AS r JOIN intake AS i ON i.id = r.intake_id AND NOT i.trial
    LEFT JOIN address_version AS v ON v.address_id = r.address_id AND upper_inf(v.recorded)
    LEFT JOIN street AS s ON s.id = v.street_id
    ORDER BY r.intake_id, r.row
"""


@pytest.fixture
def command(hall, monkeypatch, capfd):
    """Run `diachiso intake …` to its end in this process."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    monkeypatch.setenv("DIACHISO_DATABASE_URL", hall.url)

    def ran(*words, by=None):
        officer = str(by or hall.agent)
        monkeypatch.setattr(sys, "argv", ["diachiso", "intake", *map(str, words), "--by", officer])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), capfd.readouterr().err

    yield ran
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def plan(planted, squares):
    return planted.Plan(squares, random.Random(5))


@pytest.fixture
def file(planted, plan, squares, tmp_path):
    """600 rows with 66 faults of 22 kinds; 20 houses are in the registry before."""
    plan.registered = plan.fresh(20)
    planted.write_csv(tmp_path / "before.csv", iter(plan.registered))
    rows = planted.houses(squares, ROWS, random.Random(6))
    written = tmp_path / "houses.csv"
    file_faults = planted.write_csv(written, planted.planted(plan, rows, ROWS, 0.11))
    return written, file_faults


def rows_of(hall):
    with hall.engine.connect() as reader:
        return reader.execute(text(ROW)).all()


def one(hall, query):
    with hall.engine.connect() as reader:
        return reader.scalar(text(query))


def write_rows(file, heading, rows):
    lines = [",".join(map(str, row)) for row in (heading, *rows)]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


def test_every_planted_fault_is_reported_by_its_rule_and_no_good_row_is_lost(
    hall, command, file, planted, squares
):
    written, faults = file
    with hall.engine.connect() as reader:
        told_before = prove(reader).last_change
    assert command(written.with_name("before.csv"), "--province", "01", "--yes")[0] == 0
    status, told = command(written, "--province", "01", "--yes", "--record")
    assert status == 0, told
    rows = rows_of(hall)[20:]
    assert len(rows) == ROWS
    kinds, names = Counter(), {name for one in squares for name in one.streets}
    for row in rows:
        rules = {fault[0] for fault in row.faults}
        if (kind := faults.get(row.row)) is None:
            assert (row.fate, rules) == ("recorded", set()), row
        else:
            assert kind in rules, row
            assert (row.fate == "left_out") is (kind in planted.LEFT_OUT), row
            kinds[kind] += 1
            if kind in ("font_tcvn3", "font_vni", "unicode_decomposed", "hidden_signs"):
                assert row.street in names, row
    assert len(kinds) == len(planted.PLANTS) == 22
    assert "already_registered" in told
    assert one(hall, "SELECT count(*) FROM issued_code WHERE address_id IS NULL") == 0
    with hall.engine.connect() as reader:
        taken = sum(row.fate != "left_out" for row in rows) + 20
        assert prove(reader).last_change == told_before + taken


def test_a_dry_run_writes_nothing_and_says_the_same(hall, command, file):
    written, _ = file
    status, told = command(written, "--province", "01", "--dry-run")
    assert status == 0
    assert one(hall, "SELECT count(*) FROM address") == 0
    trial = one(hall, "SELECT jsonb_agg(faults ORDER BY row) FROM intake_row")
    command(written, "--province", "01", "--yes")
    real = one(
        hall,
        "SELECT jsonb_agg(r.faults ORDER BY r.row) FROM intake_row AS r"
        " JOIN intake AS i ON i.id = r.intake_id WHERE NOT i.trial",
    )
    assert trial == real
    assert "nhận được / fit" in told


def test_a_second_run_of_the_same_file_adds_nothing_and_says_so(hall, command, file):
    written, _ = file
    command(written, "--province", "01", "--yes")
    before = one(hall, "SELECT count(*) FROM address")
    status, told = command(written, "--province", "01", "--yes")
    assert (status, one(hall, "SELECT count(*) FROM address")) == (0, before)
    assert "không thêm gì" in told


def test_rows_of_a_changed_file_are_known_by_their_ids(hall, command, squares, tmp_path):
    heading = ("id", "so nha", "duong", "lon", "lat")
    at = (squares[0].streets[0], squares[0].west + 0.01, squares[0].latitude(0))
    write_rows(tmp_path / "a.csv", heading, [("A1", 12, *at)])
    command(tmp_path / "a.csv", "--ward", squares[0].code, "--yes")
    write_rows(tmp_path / "b.csv", heading, [("A1", 14, *at), ("A2", 16, *at)])
    _, told = command(tmp_path / "b.csv", "--ward", squares[0].code, "--yes")
    assert "1 × id_known" in told
    assert one(hall, "SELECT count(*) FROM address") == 2


def test_killed_half_way_and_run_again_it_ends_as_if_it_had_not_been(
    hall, build, planted, plan, squares, tmp_path
):
    many = tmp_path / "many.csv"
    rows = planted.houses(squares, 2_500, random.Random(9))
    planted.write_csv(many, planted.planted(plan, rows, 2_500, 0.05))

    def start(where):
        words = ["intake", many, "--province", "01", "--yes", "--by", str(where.agent)]
        return subprocess.Popen(  # noqa: S603 (our own command)
            [Path(sys.executable).with_name("diachiso"), *words],
            env=os.environ | {"DIACHISO_DATABASE_URL": where.url},
            stderr=subprocess.PIPE,
        )

    first = start(hall)
    deadline = time.monotonic() + 120
    while not one(hall, "SELECT max(done) FROM intake") and time.monotonic() < deadline:
        time.sleep(0.01)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    done = one(hall, "SELECT done FROM intake")
    assert 0 < done < 2_500
    assert one(hall, "SELECT count(*) FROM intake_row") == done
    again = start(hall)
    told = again.communicate()[1].decode()
    assert again.returncode == 0, told
    assert f"Tiếp tục từ dòng {done + 1:,}" in told
    whole = build()
    assert start(whole).communicate()
    killed = [tuple(row) for row in rows_of(hall)]
    assert killed == [tuple(row) for row in rows_of(whole)]
    assert [row[0] for row in killed] == list(range(1, 2_501))
    taken = sum(row[1] == "drafted" for row in killed)
    assert one(hall, "SELECT count(*) FROM address") == taken < 2_500


def test_rows_of_a_ward_that_is_not_theirs_stay_out(hall, command, squares, tmp_path):
    rows = [
        (n, one.streets[0], one.name, one.west + 0.01, one.latitude(0))
        for n, one in enumerate(squares[:2], start=1)
    ]
    file = write_rows(tmp_path / "two.csv", ("số nhà", "đường", "phường", "lon", "lat"), rows)
    _, told = command(file, "--province", "01", "--yes", by=hall.clerk)
    assert [row.fate for row in rows_of(hall)] == ["drafted", "left_out"]
    assert "not_your_ward" in told
    status, told = command(file, "--ward", squares[1].code, "--yes", by=hall.clerk)
    assert status == 2
    assert "không phụ trách" in told


def test_metres_need_a_zone_and_the_wrong_zone_is_named(hall, command, squares, tmp_path):
    ward = squares[0]
    lon, lat = ward.west + 0.01, ward.latitude(0)
    right = from_wgs84("EPSG:5897").transform(lon, lat)
    wrong = from_wgs84("EPSG:9210").transform(lon, lat)
    heading = ("số nhà", "đường", "phường", "X (m)", "Y (m)")
    rows = [
        (n, ward.streets[0], ward.name, f"{north:.2f}", f"{east:.2f}")  # X is north in Vietnam
        for n, (east, north) in enumerate([right, right, right, wrong], start=1)
    ]
    file = write_rows(tmp_path / "metres.csv", heading, rows)
    status, told = command(file, "--ward", ward.code, "--yes")
    assert (status, "--crs" in told) == (2, True)
    command(file, "--ward", ward.code, "--yes", "--crs", "EPSG:5897")
    *good, bad = rows_of(hall)
    assert [row.fate for row in good] == ["drafted"] * 3
    assert (good[0].lon, good[0].lat) == (
        pytest.approx(lon, abs=1e-6),
        pytest.approx(lat, abs=1e-6),
    )
    assert [fault[0] for fault in bad.faults] == ["wrong_zone"]
    assert bad.faults[0][3] == "EPSG:9210"


def test_a_workbook_comes_back_with_its_faults_marked(hall, command, squares, tmp_path):
    ward, file = squares[0], tmp_path / "so.xlsx"
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("Sổ")
        day = book.add_format({"num_format": "dd-mmm"})
        sheet.write_row(0, 0, ("Số nhà", "Đường", "Kinh độ", "Vĩ độ"))
        spot = (ward.west + 0.01, ward.latitude(0))
        sheet.write_row(1, 0, (7, ward.streets[0], *spot))
        sheet.write_datetime(2, 0, date(2026, 3, 12), day)
        sheet.write_row(2, 1, (ward.streets[0], *reversed(spot)))
        sheet.write_row(4, 0, ("không rõ", ward.streets[0], *spot))
    status, told = command(file, "--ward", ward.code, "--yes", "--record")
    assert status == 0, told
    out = CalamineWorkbook.from_path(tmp_path / "so.checked.xlsx")
    assert out.sheet_names == ["Tóm tắt - Summary", "Dòng - Rows"]
    heading, first, second, blank, bad = out.get_sheet_by_name("Dòng - Rows").to_python()
    assert heading[-3:] == ["status", "address", "faults"]
    assert first[4] == "đã ghi / recorded"
    assert len(first[5]) == 11  # 11024-58317
    assert "[number_as_date]" in second[6]
    assert "[axes_swapped]" in second[6]
    assert blank[4:] == ["", "", ""]
    assert bad[4] == "để lại / left out"
    summary = out.get_sheet_by_name("Tóm tắt - Summary").to_python()
    assert ["number_as_date", 1.0] in [row[:2] for row in summary]


def test_a_geopackage_goes_in_and_comes_back_with_columns_more(hall, command, squares, tmp_path):
    ward, file = squares[0], tmp_path / "nha.gpkg"
    spots = [
        shapely.Point(*from_wgs84("EPSG:5897").transform(ward.west + x, ward.latitude(0)))
        for x in (0.005, 0.01)
    ]
    pyogrio.raw.write(
        file,
        geometry=shapely.to_wkb(spots),
        field_data=[
            pytest.importorskip("numpy").array(["5", "không"], dtype=object),
            pytest.importorskip("numpy").array([ward.streets[0]] * 2, dtype=object),
        ],
        fields=["so_nha", "duong"],
        geometry_type="Point",
        crs="EPSG:5897",
        driver="GPKG",
    )
    status, told = command(file, "--ward", ward.code, "--yes")
    assert status == 0, told
    assert [row.fate for row in rows_of(hall)] == ["drafted", "left_out"]
    meta, _, wkb, fields = pyogrio.raw.read(tmp_path / "nha.checked.gpkg")
    assert list(meta["fields"]) == ["so_nha", "duong", "status", "address", "faults"]
    assert list(wkb) == shapely.to_wkb(spots).tolist()
    assert "[number_unreadable]" in fields[4][1]


def test_columns_must_be_confirmed_where_nobody_can_be_asked(command, file):
    status, told = command(file[0], "--province", "01")
    assert status == 2
    assert "street             ← 3. Tên đường" in told
    assert "--yes" in told


def test_columns_are_named_by_field(hall, command, squares, tmp_path):
    ward = squares[0]
    rows = [(1, 22, "x", ward.streets[0], ward.west + 0.01, ward.latitude(0))]
    file = write_rows(tmp_path / "odd.csv", ("stt", "cột a", "b", "c", "d", "e"), rows)
    assert command(file, "--ward", ward.code, "--map", "number=cột a")[0] == 0
    (row,) = rows_of(hall)
    assert row.faults[0][0] == "street_missing"
    status, told = command(file, "--ward", ward.code, "--map", "hausnummer=b")
    assert (status, "FIELD" in told) == (2, True)
    status, told = command(file, "--ward", ward.code, "--map", "number=zzz")
    assert (status, "no such column" in told) == (2, True)


def test_a_half_done_run_is_not_gone_on_with_on_other_terms(hall, command, file):
    written, _ = file
    command(written, "--province", "01", "--yes")
    with hall.engine.begin() as owner:
        owner.execute(text("UPDATE intake SET done = 0, ended_at = NULL"))
    status, told = command(written, "--province", "01", "--yes", "--record")
    assert status == 2
    assert "repeat them" in told


def test_intakes_of_others_are_not_seen_by_sql_either(hall, command, file):
    command(file[0], "--province", "01", "--yes")
    with hall.engine.begin() as connection:
        connection.execute(text("SET LOCAL ROLE diachiso_app"))
        for officer, seen in ((hall.clerk, 0), (hall.agent, ROWS)):
            connection.execute(
                text("SELECT set_config('diachiso.officer', :who, true)"), {"who": str(officer)}
            )
            assert connection.scalar(text("SELECT count(*) FROM intake_row")) == seen
        taken = connection.execute(text("DELETE FROM intake_row")).rowcount
    assert taken == 0  # what was taken in for good stays
