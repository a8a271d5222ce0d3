"""Columns are added to a table; what stood there stays as it stood."""

import csv
import re
from datetime import date, datetime
from zipfile import ZipFile

import pyarrow as pa
import pytest
import xlsxwriter
from pyarrow import parquet
from python_calamine import CalamineWorkbook

from diachiso.address.errors import UnreadableSource
from diachiso.sheet.package import column_letters, column_number
from diachiso.sheet.table import read_table
from diachiso.sheet.written import (
    NewColumn,
    kind_written,
    require_writable,
    unclashing,
    write_table,
)

NEW = (NewColumn("label"), NewColumn("lon", is_number=True))
NOTHING = (None, None)


def write(file, output, results, new=NEW):
    write_table(read_table(file), output, new, lambda: iter(results))
    return output


def test_text_keeps_its_encoding_delimiter_and_cells(tmp_path):
    file, output = tmp_path / "a.csv", tmp_path / "b.csv"
    file.write_bytes('\ufeffSTT;địa chỉ;\r\n0012;"a; b";x\r\n\r\n2;c\r\n'.encode())
    write(file, output, [("Phường Ô Chợ Dừa", 105.5), NOTHING, (None, None)])
    told = output.read_bytes().decode("utf-8-sig").split("\r\n")
    assert output.read_bytes().startswith(b"\xef\xbb\xbf")
    assert told[0] == "STT;địa chỉ;;label;lon"
    assert told[1] == '0012;"a; b";x;Phường Ô Chợ Dừa;105.5'
    assert told[2:] == ["", "2;c;;;", ""]


def test_an_encoding_without_all_letters_gives_way_to_utf_8(tmp_path):
    file, output = tmp_path / "a.csv", tmp_path / "b.csv"
    file.write_bytes("ma,dia chi\n1,48 Hµng Ngang\n".encode("latin-1"))
    write(file, output, [("Phố Hàng Ngang", None)])
    assert output.read_text("utf-8-sig").splitlines()[1] == "1,48 Hµng Ngang,Phố Hàng Ngang,"


def test_utf_16_stays_utf_16_with_one_mark(tmp_path):
    file, output = tmp_path / "a.csv", tmp_path / "b.csv"
    file.write_text("mã\tđịa chỉ\n1\tx\n", "utf-16")
    write(file, output, [("y", 1.5)])
    assert output.read_text("utf-16") == "mã\tđịa chỉ\tlabel\tlon\n1\tx\ty\t1.5\n"


@pytest.fixture
def styled(tmp_path):
    """A workbook as an office keeps it: title, formats, widths, a second sheet, empty cells."""
    file = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(file) as book:
        page, other = book.add_worksheet("Hộ dân"), book.add_worksheet("Ghi chú")
        other.write(0, 0, "giữ nguyên")
        bold = book.add_format({"bold": True})
        zeros = book.add_format({"num_format": "0000000000"})
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        page.merge_range("A1:D1", "DANH SÁCH", bold)
        page.write_row(2, 0, ["SĐT", "Địa chỉ", "Ngày", "Công thức"], bold)
        for row in (3, 5):
            page.write_number(row, 0, 912345678, zeros)
            page.write_string(row, 1, "48 Hàng Ngang")
            page.write_datetime(row, 2, datetime(2026, 3, 12), day)  # noqa: DTZ001
            page.write_formula(row, 3, "=1/0", None, "#DIV/0!")
            page.write_blank(row, 9, None, bold)  # a style without a value, where ours will stand
        page.set_column(1, 1, 60)
        page.freeze_panes(3, 0)
    return file


def test_a_workbook_is_the_same_but_for_the_columns(styled, tmp_path):
    results = [("48 Phố Hàng Ngang <&>\x07", 105.85), NOTHING, ("x", None)]
    output = write(styled, tmp_path / "b.xlsx", results)
    book = CalamineWorkbook.from_path(output)
    assert book.sheet_names == ["Hộ dân", "Ghi chú"]
    rows = book.get_sheet_by_name("Hộ dân").to_python(skip_empty_area=False)
    assert rows[0][0] == "DANH SÁCH"
    assert rows[2] == ["SĐT", "Địa chỉ", "Ngày", "Công thức", "label", "lon"]
    assert rows[3][:3] == [912345678, "48 Hàng Ngang", date(2026, 3, 12)]
    assert rows[3][4:] == ["48 Phố Hàng Ngang <&>", 105.85]
    assert rows[5][4:] == ["x", ""]
    with ZipFile(styled) as before, ZipFile(output) as after:
        assert after.testzip() is None
        assert before.namelist() == after.namelist()
        for name in before.namelist():
            same = before.read(name) == after.read(name)
            assert same == (name != "xl/worksheets/sheet1.xml"), name
        sheet = after.read("xl/worksheets/sheet1.xml")
    for kept in (b"<f>1/0</f>", b'width="60', b"<mergeCell ", b"<pane "):
        assert kept in sheet
    assert b'r="J4"' not in sheet  # cells rise from left to right


def test_without_names_a_workbook_is_made_with_names(tmp_path):
    file = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(file) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, [1, "48 Hàng Ngang, Hoàn Kiếm"])
        page.write_row(1, 0, [2, "=5 Phố Huế, Hà Nội".lstrip("=")])
    output = write(file, tmp_path / "b.xlsx", [("a", 1.0), ("b", 2.0)])
    rows = CalamineWorkbook.from_path(output).get_sheet_by_index(0).to_python()
    assert rows[0] == ["cột 1", "cột 2", "label", "lon"]
    assert rows[2] == [2, "5 Phố Huế, Hà Nội", "b", 2]


def test_text_becomes_a_workbook_without_losing_zeros_or_making_formulas(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("mã,địa chỉ\n0012,=1+1\n12345678901234567890,x\n", "utf-8")
    output = write(file, tmp_path / "b.xlsx", [NOTHING, ("y", 1.5)])
    rows = CalamineWorkbook.from_path(output).get_sheet_by_index(0).to_python()
    assert rows[1:] == [["0012", "=1+1", "", ""], ["12345678901234567890", "x", "y", 1.5]]


def test_parquet_keeps_its_types_and_metadata(tmp_path):
    file = tmp_path / "a.parquet"
    before = pa.table(
        {"address": ["x", "y"], "day": [date(2026, 1, 1), None], "tags": [[1, 2], []]}
    ).replace_schema_metadata({"geo": "kept"})
    parquet.write_table(before, file)
    after = parquet.read_table(write(file, tmp_path / "b.parquet", [("a", 1.5), NOTHING]))
    assert after.select(before.column_names).equals(before)
    assert after.schema.metadata[b"geo"] == b"kept"
    assert after["label"].to_pylist() == ["a", None]
    assert after.schema.field("lon").type == pa.float64()


def test_parquet_becomes_text(tmp_path):
    file, output = tmp_path / "a.parquet", tmp_path / "b.csv"
    parquet.write_table(pa.table({"address": ["x"], "day": [date(2026, 1, 1)]}), file)
    with write(file, output, [("a", 1.5)]).open(encoding="utf-8-sig", newline="") as lines:
        assert list(csv.reader(lines)) == [
            ["address", "day", "label", "lon"],
            ["x", "2026-01-01", "a", "1.5"],
        ]


def test_a_name_that_is_taken_gets_a_suffix():
    columns = unclashing((NewColumn("label"), NewColumn("lon")), ["Label", "label_diachiso", "x"])
    assert [column.name for column in columns] == ["label_diachiso2", "lon"]


def test_no_half_written_file_is_left(tmp_path):
    file, output = tmp_path / "a.csv", tmp_path / "b.csv"
    file.write_text("id,địa chỉ\n1,x\n2,y\n", "utf-8")

    def broken():
        yield ("a", 1.0)
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_table(read_table(file), output, NEW, broken)
    assert [one.name for one in tmp_path.iterdir()] == ["a.csv"]


def test_what_cannot_be_written_is_told_beforehand(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("id,địa chỉ\n1,x\n", "utf-8")
    table = read_table(file)
    assert kind_written(table) == ".csv"
    for name, told in (("b.parquet", "from Parquet only"), ("b.doc", "needs .csv")):
        with pytest.raises(UnreadableSource, match=told):
            require_writable(table, tmp_path / name, 2)


@pytest.mark.parametrize(("number", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (16383, "XFD")])
def test_columns_have_letters(number, letters):
    assert column_letters(number) == letters
    assert column_number(letters) == number


def test_a_sheet_written_with_prefixes_is_extended_too(styled, tmp_path):
    """As the Open XML SDK and some web applications write it."""
    file = tmp_path / "c.xlsx"
    with ZipFile(styled) as before, ZipFile(file, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = content.replace(b' xmlns="', b' xmlns:x="')
                content = re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", content)
            after.writestr(name, content)
    output = write(file, tmp_path / "d.xlsx", [("a", 1.5), NOTHING, ("x", None)])
    rows = CalamineWorkbook.from_path(output).get_sheet_by_index(0).to_python(skip_empty_area=False)
    assert [row[4:] for row in rows[2:]] == [["label", "lon"], ["a", 1.5], ["", ""], ["x", ""]]
    with ZipFile(output) as package:
        assert b'<x:c r="E4" t="inlineStr">' in package.read("xl/worksheets/sheet1.xml")
