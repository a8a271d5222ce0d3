"""Rules that only the registry itself can tell, and the kinds of file that hold the same rows."""

import zipfile
from contextlib import nullcontext
from datetime import date

import numpy as np
import pyarrow as pa
import pyogrio
import pytest
import shapely
from pyarrow import parquet
from sqlalchemy import text

from diachiso.address.division import Level, UnitKey
from diachiso.store.acting import acting
from diachiso.store.intakes import outcomes_after
from diachiso.taking.order import Order
from diachiso.taking.run import Taker, begun, run

TODAY = date(2026, 11, 1)
MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
)
HEADING = ("id", "số nhà", "đường", "lon", "lat", "distinct")


@pytest.fixture
def ward(squares):
    return squares[0]


@pytest.fixture
def take(hall, ward):
    """Take a file in; by row: its fate and the names of its rules."""

    def taken(file, **more):
        unit = UnitKey(Level.WARD, ward.code, former=False)
        order = Order.of(file, unit, on=TODAY, **more)
        intake, order = begun(hall.engine, Taker(hall.agent), order, lambda _: None)
        run(
            hall.engine,
            Taker(hall.agent),
            intake,
            order,
            TODAY,
            lambda *_: nullcontext(lambda _: None),
        )
        with acting(hall.engine, hall.agent) as reader:
            told = outcomes_after(reader, intake.id, 0, 1_000)
        return {one.row: (one.fate, *(fault.rule for fault in one.faults)) for one in told}

    return taken


@pytest.fixture
def sheet(tmp_path):
    """Write rows as a CSV."""

    def written(name, *rows):
        lines = [",".join(map(str, row)) for row in (HEADING, *rows)]
        (tmp_path / name).write_text("\n".join(lines), "utf-8")
        return tmp_path / name

    return written


def house(ward, n, number, *, east=0.005, distinct="", street=0):
    lon, lat = round(ward.west + east, 7), round(ward.latitude(street), 7)
    return (f"A{n}", number, ward.streets[street], lon, lat, distinct)


def test_one_number_twice_in_a_file_is_a_draft_unless_somebody_says_it_is_another(
    take, sheet, ward
):
    told = take(
        sheet(
            "twice.csv",
            house(ward, 1, 12),
            house(ward, 2, 12, east=0.010),
            house(ward, 3, 12, east=0.015, distinct="có"),
            house(ward, 4, 14, distinct="có lẽ"),
            house(ward, 5, 12, distinct="có"),
        ),
        record=True,
    )
    assert told == {
        1: ("recorded",),
        2: ("drafted", "number_twice"),
        3: ("recorded",),
        4: ("recorded", "distinct_unreadable"),
        5: ("left_out", "duplicate_in_file"),  # where the first stands it is no other
    }


def test_a_number_that_is_taken_farther_off_is_a_draft_unless_somebody_says_it_is_another(
    take, sheet, ward
):
    take(sheet("first.csv", house(ward, 1, 12), house(ward, 2, 14)), record=True)
    told = take(
        sheet(
            "second.csv",
            house(ward, 3, 12, east=0.010),
            house(ward, 4, 14, east=0.010, distinct="x"),
            house(ward, 5, 12, distinct="x"),
        ),
        record=True,
    )
    assert told == {
        1: ("drafted", "number_taken"),
        2: ("recorded",),
        3: ("left_out", "already_registered"),
    }


def test_one_point_for_many_rows_is_said_from_the_sixth_on(take, sheet, ward):
    told = take(sheet("point.csv", *(house(ward, n, n) for n in range(1, 8))))
    assert [told[n] for n in range(1, 6)] == [("drafted",)] * 5
    assert [told[n] for n in (6, 7)] == [("drafted", "same_point")] * 2


def test_where_no_code_can_be_issued_the_rows_are_drafts(hall, take, sheet, ward):
    with hall.engine.begin() as owner:
        owner.execute(text("ALTER TABLE postcode DISABLE TRIGGER ALL"))
        owner.execute(
            text("DELETE FROM postcode WHERE unit_id IN (SELECT id FROM unit WHERE code = :code)"),
            {"code": ward.code},
        )
    told = take(sheet("codes.csv", house(ward, 1, 12), house(ward, 2, 14)), record=True)
    assert told == {1: ("drafted", "no_code"), 2: ("drafted", "no_code")}


def test_a_row_that_the_database_refuses_stays_out_alone(hall, take, sheet, ward):
    with hall.engine.begin() as owner:
        owner.execute(
            text("ALTER TABLE address_version ADD CONSTRAINT odd CHECK (number_key <> '13') ")
        )
    rows = [house(ward, n, n, east=0.001 * n) for n in range(10, 17)]
    told = take(sheet("refused.csv", *rows), record=True)
    assert told[4] == ("left_out", "refused_by_database")
    assert {told[n] for n in range(1, 8) if n != 4} == {("recorded",)}
    with hall.engine.connect() as reader:
        ids = reader.scalars(text("SELECT value FROM external_id WHERE scheme = 'file'")).all()
    assert sorted(ids) == [f"A{n}" for n in (10, 11, 12, 14, 15, 16)]


def test_a_point_of_state_mail_is_restricted_from_the_start(hall, take, tmp_path, ward):
    file = tmp_path / "post.csv"
    file.write_text(
        "Tên,Loại,Kinh độ,Vĩ độ,Đơn vị quản lý,Giờ mở cửa,Điểm KT1\n"
        f"Bưu cục KT1,Bưu cục,{ward.west + 0.01},{ward.latitude(0)},Bưu điện,,có\n"
        f"Bưu cục 2,Bưu cục,{ward.west + 0.012},{ward.latitude(0)},chị Lan 0912345678,"
        "Mo-Fr 08:00-17:00,\n",
        "utf-8",
    )
    assert take(file) == {1: ("drafted",), 2: ("drafted", "person_named")}
    with hall.engine.connect() as reader:
        public = reader.execute(text("SELECT name, attributes FROM address_version")).all()
        secret = reader.scalars(text("SELECT name FROM restricted_version")).all()
        faults = reader.scalar(text("SELECT string_agg(faults::text, '') FROM intake_row"))
    assert public == [("Bưu cục 2", {"hours": "Mo-Fr 08:00-17:00"})]
    assert secret == ["Bưu cục KT1"]
    assert "0912345678" not in faults


# -- kinds of file -------------------------------------------------------------------------------


def _ods(file, rows):
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p>'
            "</table:table-cell>"
            for cell in row
        )
        + "</table:table-row>"
        for row in (HEADING, *rows)
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}><office:body>'
        f'<office:spreadsheet><table:table table:name="S">{cells}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", content)
        package.writestr("META-INF/manifest.xml", MANIFEST)


def _parquet(file, rows):
    columns = dict(zip(HEADING, zip(*rows, strict=True), strict=True))
    columns["số nhà"] = list(map(str, columns["số nhà"]))
    parquet.write_table(pa.table({name: list(cells) for name, cells in columns.items()}), file)


def _package(file, rows):
    columns = list(zip(*rows, strict=True))
    pyogrio.raw.write(
        file,
        geometry=shapely.to_wkb(shapely.points(columns[3], columns[4])),
        field_data=[np.array(list(map(str, columns[n])), dtype=object) for n in (0, 1, 2)],
        fields=["id", "so_nha", "duong"],
        geometry_type="Point",
        crs="EPSG:4326",
        driver="GPKG",
    )


@pytest.mark.parametrize(
    ("name", "write"), [("a.ods", _ods), ("a.parquet", _parquet), ("a.gpkg", _package)]
)
def test_the_same_rows_come_in_from_every_kind_of_file(hall, take, tmp_path, ward, name, write):
    rows = [house(ward, 1, 12), house(ward, 2, "chưa có"), house(ward, 3, "14A", east=0.01)]
    write(tmp_path / name, rows)
    assert take(tmp_path / name, record=True) == {
        1: ("recorded",),
        2: ("left_out", "number_unreadable"),
        3: ("recorded",),
    }
    with hall.engine.connect() as reader:
        entered = reader.execute(
            text("SELECT number, round(ST_X(position)::numeric, 5) FROM address_version ORDER BY 1")
        ).all()
    assert [(one[0], float(one[1])) for one in entered] == [
        ("12", pytest.approx(ward.west + 0.005, abs=1e-5)),
        ("14A", pytest.approx(ward.west + 0.01, abs=1e-5)),
    ]
