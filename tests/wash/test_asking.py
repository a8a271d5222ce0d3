"""What is asked of a row."""

import pytest

from diachiso.address.errors import UnreadableSource
from diachiso.geocode.query import LONGEST
from diachiso.sheet.cell import CellFault
from diachiso.sheet.columns import Role
from diachiso.sheet.table import read_table
from diachiso.wash.asking import Fault, asked_of, choose, told_of

LINE = {Role.TEXT: (0,)}
BESIDE = {Role.TEXT: (0,), Role.WARD: (1,), Role.DISTRICT: (2,), Role.PROVINCE: (3,)}
PARTS = {
    Role.HOUSE_NUMBER: (0,),
    Role.STREET: (1,),
    Role.HAMLET: (2,),
    Role.WARD: (3,),
    Role.PROVINCE: (4,),
}


@pytest.mark.parametrize(
    ("row", "chosen", "text"),
    [
        (("48 Hàng Ngang ", "x"), LINE, "48 Hàng Ngang"),
        (
            ("48 Hàng Ngang", "P. Hàng Đào", "Hoàn Kiếm", "Hà Nội"),
            BESIDE,
            "48 Hàng Ngang, P. Hàng Đào, Hoàn Kiếm, Hà Nội",
        ),
        (
            ("48 Hàng Ngang, hàng đào, HN", "Phường Hàng Đào", None, "Hà Nội"),
            BESIDE,
            "48 Hàng Ngang, hàng đào, HN, Hà Nội",
        ),
        (("12 Lê Lợi, P1", "Phường 1", "", ""), BESIDE, "12 Lê Lợi, P1, Phường 1"),
        (
            (48.0, "Hàng Ngang", "Tổ 5", "Hoàn Kiếm", "Hà Nội"),
            PARTS,
            "48 Hàng Ngang, Tổ 5, Hoàn Kiếm, Hà Nội",
        ),
        ((None, None, None, "Hoàn Kiếm", None), PARTS, "Hoàn Kiếm"),
    ],
)
def test_columns_are_joined_into_a_text(row, chosen, text):
    assert asked_of(row, chosen) == text


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ((" ", "x"), "the address is empty"),
        ((CellFault("#REF!"),), "#REF!"),
        (("x" * (LONGEST + 1),), "longer than 10,000"),
        (("12 Lê Lợi", "Quận 1", "x"), "the row has 3 cells, the heading 2"),
    ],
)
def test_a_row_that_cannot_be_asked_for_says_why(row, told):
    asked = asked_of(row, LINE, 2)
    assert isinstance(asked, Fault)
    assert told in asked.told


def test_a_blank_row_is_not_a_fault():
    assert asked_of((None, " "), LINE) is None
    assert asked_of((), LINE) is None


@pytest.fixture
def table(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("mã,nơi,phường\n1,x,Hoàn Kiếm\n", "utf-8")
    return read_table(file)


def test_people_name_columns_and_fields(table):
    chosen = choose(table, ["nơi", "ward=Phường"])
    assert chosen == {Role.TEXT: (1,), Role.WARD: (2,)}
    assert told_of(chosen, table.columns) == "“nơi” + “phường” (ward)"


@pytest.mark.parametrize("word", ["khác", "ward=khác", "colour=nơi", "9"])
def test_a_column_that_is_not_there_lists_those_that_are(table, word):
    with pytest.raises(UnreadableSource, match=r"1\. mã, 2\. nơi, 3\. phường"):
        choose(table, [word])


def test_without_anything_like_an_address_the_columns_are_listed(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("họ tên,sđt\nNguyễn Văn An,0912345678\n", "utf-8")
    with pytest.raises(UnreadableSource, match=r"--column.*1\. họ tên, 2\. sđt"):
        choose(read_table(file), [])
