"""Units through time: (code, validity), one name a day."""

from datetime import date

import pytest

from diachiso.address.division import (
    REFORM,
    Division,
    Divisions,
    Kind,
    Level,
    Naming,
    UnitKey,
    Validity,
    full_name,
    parse_day,
)
from diachiso.address.errors import MalformedDate
from diachiso.address.lineage import Lineage, Part, Succession

RENAMED = date(2026, 4, 30)
TRUC_BACH = Division(
    UnitKey(Level.WARD, "00004", former=True),
    Validity.ended_by_the_reform(),
    (Naming("Trúc Bạch", Kind.PHUONG, Validity.ended_by_the_reform()),),
)
BA_DINH = Division(
    UnitKey(Level.WARD, "00004", former=False),
    Validity.from_the_reform(),
    (
        Naming("Ba Đình", Kind.XA, Validity(REFORM, RENAMED)),
        Naming("Ba Đình", Kind.PHUONG, Validity(RENAMED)),
    ),
)
BOTH = Divisions([TRUC_BACH, BA_DINH])


def test_one_code_names_two_units_across_the_reform():
    assert BOTH.on(Level.WARD, "00004", date(2025, 6, 30)) is TRUC_BACH
    assert BOTH.on(Level.WARD, "00004", date(2025, 7, 1)) is BA_DINH
    assert BOTH.on(Level.WARD, "00008", date(2025, 7, 1)) is None


def test_a_change_of_kind_holds_from_its_day_on():
    assert BA_DINH.naming_on(date(2026, 4, 29)).full_name == "Xã Ba Đình"
    assert BA_DINH.naming_on(RENAMED).full_name == "Phường Ba Đình"
    assert BA_DINH.naming_on(date(2025, 6, 30)) is None
    assert BA_DINH.latest.kind is Kind.PHUONG


def test_a_name_carries_its_kind_with_one_capital():
    assert full_name(Kind.DAC_KHU, "Hoàng Sa") == "Đặc khu Hoàng Sa"


def test_a_split_unit_names_its_default_successor_first():
    others = [UnitKey(Level.WARD, code, former=False) for code in ("00008", "00004")]
    lineage = Lineage(
        Succession(TRUC_BACH.key, new, Part.PART, default=new.code == "00004", source="NSO")
        for new in others
    )
    assert [s.new.code for s in lineage.successors(TRUC_BACH.key)] == ["00004", "00008"]
    assert lineage.is_split(TRUC_BACH.key)
    assert [s.old for s in lineage.predecessors(others[0])] == [TRUC_BACH.key]


@pytest.mark.parametrize("text", ["2025-02-30", "30/02/2025", "", "2025-13-01", "today", "2025"])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(MalformedDate, match="not a day of the calendar"):
        parse_day(text)


def test_an_iso_day_is_read():
    assert parse_day("2026-11-01") == date(2026, 11, 1)
