"""The table of rules, and each field of a row read by itself."""

from datetime import date, datetime

import pytest

from diachiso.address.record import ObjectKind
from diachiso.registry.intake import Field
from diachiso.registry.intake_fields import Failed, read_fields
from diachiso.registry.intake_rules import RULES, table
from diachiso.settings import CHECKOUT

GOOD = {Field.NUMBER: "12", Field.STREET: "Phố Hàng Trống", Field.LON: 105.85, Field.LAT: 21.03}


def read(**cells):
    return read_fields(1, GOOD | {Field(name): cell for name, cell in cells.items()})


def rules(entry):
    return [fault.rule for fault in entry.faults]


def test_the_document_shows_the_rules_as_they_are():
    assert table() in (CHECKOUT / "docs" / "intake.md").read_text("utf-8")


def test_each_rule_says_what_is_wrong_in_both_languages_and_what_to_do():
    for rule in RULES.values():
        assert rule.vietnamese, rule
        assert rule.english, rule
        assert rule.fix, rule


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        (datetime(2026, 3, 12), "12/3"),  # noqa: DTZ001 (a cell has no zone)
        (date(2026, 3, 12), "12/3"),
        ("12-Mar", "12/3"),
        ("12-Thg3", "12/3"),
        ("Mar-12", "12/3"),
        ("2026-03-12", "12/3"),
        ("12/03/2026", "12/3"),
        (46093, "12/3"),
    ],
)
def test_a_house_number_that_became_a_date_is_put_back_with_a_word(cell, meant):
    entry = read(number=cell)
    assert str(entry.number) == meant
    assert rules(entry) == ["number_as_date"]
    assert entry.doubts == {"number"}
    assert f"→ “{meant}”" in entry.faults[0].told


@pytest.mark.parametrize("number", ["12/3", "4500", "12A", "1806/127/2", "12-14"])
def test_house_numbers_are_not_taken_for_dates(number):
    assert rules(read(number=number)) == []


@pytest.mark.parametrize(
    ("street", "rule"),
    [
        ("Phè Hµng Trèng", "font_tcvn3"),
        ("Phoá Haøng Troáng", "font_vni"),
        ("Pho\u0302\u0301 Ha\u0300ng Tro\u0302\u0301ng", "unicode_decomposed"),
        ("Phố \u200bHàng Trống", "hidden_signs"),
    ],
)
def test_old_fonts_and_odd_unicode_become_one_spelling(street, rule):
    entry = read(street=street)
    assert (entry.street, rules(entry)) == ("Phố Hàng Trống", [rule])


def test_the_o_that_a_vni_pair_makes_is_not_the_o_that_stands_for_another():
    assert read(street="Phoá Nguyeãn Coâng Tröù").street == "Phố Nguyễn Công Trứ"
    assert read(street="Phoá Hoùa Moøng").street == "Phố Hóa Mòng"


def test_a_column_of_today_beside_a_column_in_an_old_font_stays_as_it_is():
    entry = read(street="Phè Hµng Trèng", ward="Xã Thanh Trì", residential_group="Tæ 5")
    assert (entry.ward_named, entry.group) == ("Xã Thanh Trì", "Tổ 5")


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        ({"street": "Ph? Hàng Tr?ng"}, "letters_lost"),
        ({"street": Failed("#N/A")}, "formula_failed"),
        ({"street": "x" * 201}, "too_long"),
        ({"number": "chưa có"}, "number_unreadable"),
        ({"restricted": "có lẽ"}, "restricted_unreadable"),
        ({"code": "11024-58"}, "code_malformed"),
        ({"lon": "đông"}, "position_unreadable"),
        ({"lon": None, "lat": None}, "position_missing"),
    ],
)
def test_what_cannot_be_put_right_keeps_the_row_out(cells, rule):
    entry = read(**cells)
    assert rule in rules(entry)
    assert entry.stays_out


def test_what_can_be_is_and_the_row_is_taken():
    entry = read(
        lon="105,8511", lat="21°01'48\"N", ward="70", code="O1024-58317", kind="Bưu cục",
        staffed="có", hours="Mo-Fr 08:00-17:00", document="12/QĐ", document_date="2/9/2025",
        restricted="không",
    )  # fmt: skip
    assert set(rules(entry)) == {
        "decimal_comma", "degrees_written", "ward_code_zeros", "code_repaired",
    }  # fmt: skip
    assert entry.coordinates == (105.8511, pytest.approx(21.03))
    assert (entry.ward_named, str(entry.code)) == ("00070", "01024-58317")
    assert entry.kind is ObjectKind.POST_OFFICE
    assert dict(entry.attributes) == {"hours": "Mo-Fr 08:00-17:00", "staffed": True}
    assert entry.document.on == date(2025, 9, 2)
    assert not entry.stays_out


@pytest.mark.parametrize(
    ("cells", "rule", "kept"),
    [
        ({"kind": "Bưu cục", "hours": "8-17"}, "attribute_unreadable", {}),
        ({"kind": "Bưu cục", "keeper": "chị Lan 0912 345 678"}, "person_named", {}),
        ({"kind": "Bưu cục", "staffed": "có lẽ"}, "staffed_unreadable", {}),
        ({"kind": "Nhà ở", "boxes": "12"}, "attribute_not_of_kind", {}),
        ({"kind": "Nhà ở", "staffed": "không"}, None, {}),
        ({"kind": "Tủ thư", "boxes": 12.0}, None, {"boxes": 12}),
        ({"kind": "Bưu cục", "state_mail": "mật"}, None, {"state_mail": True}),
        ({"kind": "Bưu cục", "state_mail": "có lẽ"}, "state_mail_unreadable", {}),
    ],
)
def test_what_is_said_of_a_postal_point_is_read_as_its_form_reads_it(cells, rule, kept):
    entry = read(**cells)
    assert rules(entry) == ([rule] if rule else [])
    assert dict(entry.attributes) == kept
    assert "0912" not in str(entry.faults)
    assert entry.restricted is bool(kept.get("state_mail"))
    assert entry.stays_out is (rule == "state_mail_unreadable")


def test_an_empty_row_is_no_fault():
    assert read_fields(1, dict.fromkeys(GOOD)).is_blank
