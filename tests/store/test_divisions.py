"""Units in PostGIS: the counts that matter, dates, lineage, corrections with their reasons."""

import shutil
from datetime import date

import pytest
from sqlalchemy import text

from diachiso.address.division import REFORM, Level, UnitKey
from diachiso.address.errors import UnreadableSource
from diachiso.settings import CHECKOUT
from diachiso.store.divisions import (
    load_units,
    province_is_known,
    read_divisions,
    read_lineage,
    write_postcodes,
)
from diachiso.store.doctor import COUNTS
from diachiso.store.facts import read_facts, read_postcodes, rows
from diachiso.store.history import Changes

FACTS = CHECKOUT / "data"
EVE = date(2025, 6, 30)
CORRECTIONS = rows(FACTS / "units" / "corrections.csv")


@pytest.fixture(scope="module")
def units(engine):
    with engine.connect() as connection:
        return read_divisions(connection)


@pytest.fixture(scope="module")
def lineage(engine):
    with engine.connect() as connection:
        return read_lineage(connection)


@pytest.mark.parametrize(
    ("what", "many"),
    [
        ("provinces today", 34),
        ("wards today", 3_321),
        ("provinces until 2025-06-30", 63),
        ("districts until 2025-06-30", 696),
        ("wards until 2025-06-30", 10_035),
        ("old wards of Hanoi that were split, by the statistics office", 198),
        ("the same, with our corrections", 199),
        ("postal codes", 126),
    ],
)
def test_the_registry_counts_what_the_decrees_count(writer, what, many):
    assert writer.scalar(text(COUNTS[what])) == many


@pytest.mark.parametrize(
    ("level", "day", "many"),
    [
        (Level.PROVINCE, REFORM, 34),
        (Level.WARD, REFORM, 3_321),
        (Level.DISTRICT, REFORM, 0),
        (Level.PROVINCE, EVE, 63),
        (Level.DISTRICT, EVE, 696),
        (Level.WARD, EVE, 10_035),
    ],
)
def test_as_many_units_stand_on_each_side_of_the_reform(units, level, day, many):
    assert sum(unit.level is level and unit.valid.covers(day) for unit in units) == many
    assert all(
        unit.naming_on(day) for unit in units if unit.level is level and unit.valid.covers(day)
    )


def test_codes_of_wards_were_given_to_other_wards(units):
    codes = [{u.code for u in units.of_level(Level.WARD, former=side)} for side in (True, False)]
    both = codes[0] & codes[1]
    renamed = [
        code
        for code in both
        if units.on(Level.WARD, code, EVE).latest.full_name
        != units.on(Level.WARD, code, REFORM).namings[0].full_name
    ]
    assert len(renamed) == 2_145


@pytest.mark.parametrize(
    ("code", "day", "told", "province"),
    [
        ("00070", EVE, "Phường Hàng Trống", "Thành phố Hà Nội"),
        ("00070", date(2026, 11, 1), "Phường Hoàn Kiếm", "Thành phố Hà Nội"),
        ("25270", EVE, "Thị trấn Lộc Ninh", "Tỉnh Bình Phước"),
        ("25270", date(2026, 4, 29), "Xã Lộc Ninh", "Tỉnh Đồng Nai"),
        ("25270", date(2026, 4, 30), "Phường Lộc Ninh", "Thành phố Đồng Nai"),
    ],
)
def test_a_code_means_the_unit_of_its_day(units, code, day, told, province):
    unit = units.on(Level.WARD, code, day)
    assert unit.naming_on(day).full_name == told
    assert units.province_of(unit).naming_on(day).full_name == province


def test_every_unit_of_today_has_a_province_and_every_old_ward_a_district(units):
    for ward in units.of_level(Level.WARD, former=False):
        assert ward.parent.level is Level.PROVINCE
    for ward in units.of_level(Level.WARD, former=True):
        assert ward.parent.level is Level.DISTRICT


def test_every_old_ward_has_a_successor_and_one_default(units, lineage):
    for old in units.of_level(Level.WARD, former=True):
        heirs = lineage.successors(old.key)
        assert heirs, f"{old.code} went nowhere"
        assert sum(heir.default for heir in heirs) == 1, old.code


def test_every_ward_of_today_was_made_of_something(units, lineage):
    orphans = [
        unit.code
        for unit in units.of_level(Level.WARD, former=False)
        if not lineage.predecessors(unit.key)
    ]
    assert orphans == []


# -- corrections -------------------------------------------------------------------------------


@pytest.mark.parametrize("row", CORRECTIONS, ids=lambda row: f"{row['table']} {row['key']}")
def test_every_correction_has_its_reason_and_source(row):
    assert len(row["reason"].split()) >= 5
    assert row["source"]


@pytest.mark.parametrize(
    "row",
    [row for row in CORRECTIONS if row["table"] == "lineage"],
    ids=lambda row: row["key"],
)
def test_a_corrected_succession_is_what_is_recorded(lineage, row):
    old, new = row["key"].split(">")
    heirs = lineage.successors(UnitKey(Level.WARD, old, former=True))
    parts = {heir.new.code: heir.part.value for heir in heirs}
    assert parts.get(new, "dropped") == row["becomes"]


def test_a_missing_area_is_filled_in_where_it_can_be_worked_out(units):
    thanh_tri = units[UnitKey(Level.WARD, "00640", former=False)]
    assert (thanh_tri.latest.name, thanh_tri.area_km2) == ("Thanh Trì", 10.02)


@pytest.mark.parametrize(("code", "province"), [("27691", "80"), ("30781", "91")])
def test_an_old_ward_stands_in_its_right_province(units, code, province):
    assert units.province_of(units.on(Level.WARD, code, EVE)).code == province


# -- loading -----------------------------------------------------------------------------------


@pytest.fixture
def facts(tmp_path):
    """A copy of the facts, to be edited."""
    for part in ("units", "postcodes"):
        shutil.copytree(FACTS / part, tmp_path / part)
    return tmp_path


def test_a_second_load_changes_nothing(writer):
    assert load_units(writer, FACTS) is None


def test_a_load_of_the_same_facts_in_other_words_writes_nothing(writer, facts):
    file = facts / "postcodes" / "hanoi.csv"
    file.write_bytes(file.read_bytes() + b"\n")
    assert load_units(writer, facts) == Changes(0, 0)


def test_a_fact_that_changed_supersedes_the_old_one_alone(writer, facts):
    file = facts / "units" / "wards.csv"
    file.write_text(file.read_text("utf-8").replace("Hoàn Kiếm", "Hoàn Kiếm Mới"), "utf-8")
    assert load_units(writer, facts) == Changes(1, 1)
    ward = read_divisions(writer).on(Level.WARD, "00070", REFORM)
    assert ward.latest.name == "Hoàn Kiếm Mới"


def test_a_missing_file_of_facts_is_named(writer, facts):
    (facts / "units" / "lineage.csv").unlink()
    with pytest.raises(UnreadableSource, match=r"lineage\.csv"):
        load_units(writer, facts)


def test_postal_codes_of_wards_that_a_file_does_not_name_stay(writer, tmp_path):
    file = tmp_path / "dong_nai.csv"
    file.write_text("ward_code,postal_code\n25270,76001\n00070,11024\n", "utf-8")
    assert write_postcodes(writer, tuple(read_postcodes(file))) == Changes(1, 0)
    assert writer.scalar(text(COUNTS["postal codes"])) == 127


@pytest.mark.parametrize(
    "line", ["25270,7600", "2527,76001", "25270,", "25270,76OO1", "25270,７６００１"]
)
def test_a_postal_code_that_is_none_is_refused_with_its_line(tmp_path, line):
    file = tmp_path / "codes.csv"
    file.write_text(f"ward_code,postal_code\n00070,11024\n{line}\n", "utf-8")
    with pytest.raises(UnreadableSource, match="line 3"):
        tuple(read_postcodes(file))


def test_a_province_is_known_on_its_days(writer):
    assert province_is_known(writer, "70", EVE), "Bình Phước"
    assert not province_is_known(writer, "70", REFORM)
    assert not province_is_known(writer, "99", REFORM)


def test_the_facts_read_back_from_the_database_are_the_facts(units):
    told = read_facts(FACTS).divisions
    assert len(units) == len(told)
    for unit in told:
        assert units[unit.key] == unit
