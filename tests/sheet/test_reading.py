"""Tables as people keep them, read as they meant them."""

from datetime import datetime

import pyarrow as pa
import pytest
import xlsxwriter
from pyarrow import parquet

from diachiso.address.errors import UnreadableSource
from diachiso.sheet.cell import CellFault, text_of
from diachiso.sheet.table import read_table

HOUSE = "48 Hàng Ngang, Hoàn Kiếm, Hà Nội"


@pytest.fixture
def text_file(tmp_path):
    def written(content, encoding="utf-8", name="a.csv"):
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return file

    return written


@pytest.fixture
def workbook(tmp_path):
    def written(rows, *, sheets=("Trang1",), name="a.xlsx", hide=None):
        file = tmp_path / name
        with xlsxwriter.Workbook(file) as book:
            for sheet in sheets:
                page = book.add_worksheet(sheet)
                if sheet == hide:
                    page.write(0, 0, "bí mật")
                    page.hide()
            day = book.add_format({"num_format": "dd/mm/yyyy"})
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, datetime):
                        page.write_datetime(number, column, cell, day)
                    elif cell == "#N/A":
                        page.write_formula(number, column, "=NA()", None, "#N/A")
                    elif cell is not None:
                        page.write(number, column, cell)
        return file

    return written


# -- text --------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_usual_encoding_and_delimiter_is_recognised(text_file, encoding, delimiter):
    lines = [("mã", "địa chỉ"), ("001", f'"{HOUSE}"'), ("002", '"5 Phố Huế; Hà Nội"')]
    content = "\r\n".join(map(delimiter.join, lines))
    table = read_table(text_file(content, encoding))
    assert table.columns == ("mã", "địa chỉ")
    assert list(table.rows()) == [("001", HOUSE), ("002", "5 Phố Huế; Hà Nội")]


def test_windows_1258_is_read_as_vietnamese(text_file):
    # Windows-1258 has marks as characters of their own: "ệ" is "ê" and a dot below
    content = "ma\u0303,đi\u0323a chi\u0309\n1,Hà Nô\u0323i\n"
    table = read_table(text_file(content, "cp1258"))
    assert list(table.rows()) == [("1", "Hà Nô\u0323i")]


@pytest.mark.parametrize("raw", ["48 Hµng Ngang, Hµ Néi", "Haø Noäi"])
def test_bytes_of_old_fonts_are_kept_for_the_geocoder(text_file, raw):
    table = read_table(text_file(f"ma,dia chi\n1,{raw.replace(',', '')}\n", "latin-1"))
    assert list(table.rows()) == [("1", raw.replace(",", ""))]


def test_a_list_without_heading_and_quotes_is_one_column(text_file):
    table = read_table(text_file(f"{HOUSE}\n12 Phố Huế, Hai Bà Trưng, Hà Nội\n", name="a.txt"))
    assert table.columns == ("cột 1",)
    assert [row[0] for row in table.rows()] == [HOUSE, "12 Phố Huế, Hai Bà Trưng, Hà Nội"]


def test_numbers_without_heading_are_data(text_file):
    table = read_table(text_file(f'1,"{HOUSE}"\n2,"5 Phố Huế, Hà Nội"\n'))
    assert table.columns == ("cột 1", "cột 2")
    assert table.count == 2


def test_an_unclosed_quotation_mark_is_told_with_its_line(text_file):
    with pytest.raises(UnreadableSource, match="a quotation mark that is not closed"):
        read_table(text_file('id,địa chỉ\n1,"' + "x" * (1 << 21)))


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", b"", "nothing in it"),
        ("a.csv", b"id,address\n", "no row of data"),
        ("a.xlsx", b"PK\x03\x04 broken", "cannot be read"),
        ("a.csv", b"PK\x03\x04 a workbook", "call it .xlsx"),
        ("a.parquet", b"PAR1 broken", "cannot be read"),
        ("a.pdf", b"%PDF", "needs CSV"),
        ("a.csv", b"\xff\xfea\x00,\x00b", "."),
    ],
)
def test_an_unusable_file_is_one_sentence(text_file, name, content, told):
    with pytest.raises(UnreadableSource, match=told):
        read_table(text_file(content, name=name))


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UnreadableSource, match="no such file"):
        read_table(tmp_path / "none.csv")


# -- workbooks ---------------------------------------------------------------------------------


def test_title_lines_stand_above_the_names(workbook):
    file = workbook(
        [
            ["ỦY BAN NHÂN DÂN PHƯỜNG HOÀN KIẾM"],
            ["DANH SÁCH HỘ NĂM 2026"],
            [],
            ["STT", "Họ và tên", "Địa chỉ"],
            [1, "Nguyễn Văn An", HOUSE],
            [],
            [2, "Lê Bình", "5 Phố Huế"],
        ]
    )
    table = read_table(file)
    assert table.heading.above == 3
    assert table.columns == ("STT", "Họ và tên", "Địa chỉ")
    assert [row[2] for row in table.rows()] == [HOUSE, None, "5 Phố Huế"]


def test_names_under_a_merged_name_are_the_names(workbook):
    file = workbook(
        [
            ["STT", "Địa chỉ", None, None, "Ghi chú"],
            [None, "Số nhà", "Đường/Phố", "Phường/Xã", None],
            [1, "48", "Hàng Ngang", "Hoàn Kiếm", "x"],
        ]
    )
    table = read_table(file)
    assert table.columns == ("STT", "Số nhà", "Đường/Phố", "Phường/Xã", "Ghi chú")
    assert table.count == 1


def test_the_first_visible_sheet_with_something_in_it_is_read(workbook):
    file = workbook([["địa chỉ"], [HOUSE]], sheets=("trống", "ẩn", "dữ liệu"), hide="ẩn")
    assert list(read_table(file).rows()) == [(HOUSE,)]
    assert read_table(file, "dữ liệu").columns == ("địa chỉ",)
    with pytest.raises(UnreadableSource, match="trống, ẩn, dữ liệu"):
        read_table(file, "khác")


def test_cells_keep_their_place_and_kind(workbook):
    rows = [[], [None, "mã", "địa chỉ", "ngày"], [None, "007", 12.0, datetime(2026, 3, 12)]]  # noqa: DTZ001
    (row,) = read_table(workbook(rows)).rows()
    assert row[:3] == (None, "007", 12.0)
    assert [text_of(cell) for cell in row] == ["", "007", "12", "12/3"]


def test_a_failed_formula_is_not_an_empty_cell(workbook):
    (row,) = read_table(workbook([["id", "địa chỉ"], [1, "#N/A"]])).rows()
    assert row == (1.0, CellFault("#N/A"))


# -- Parquet -----------------------------------------------------------------------------------


def test_parquet_is_read_by_batches(tmp_path):
    file = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"address": [HOUSE] * 5000, "n": list(range(5000))}), file)
    table = read_table(file)
    assert (table.columns, table.count) == (("address", "n"), 5000)
    assert next(table.rows(4321)) == (HOUSE, 4321)
