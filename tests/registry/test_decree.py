"""The file of a decree: what a clerk may write, and what is said of what they may not."""

import json
from datetime import date

import pytest

from diachiso.address.division import REFORM, Kind
from diachiso.address.errors import DecreeRefused, MalformedDecree, UnknownUnit
from diachiso.address.lineage import Part
from diachiso.registry.decree import Merge, as_toml, read_decree, schema
from diachiso.registry.restructure import restructured
from diachiso.settings import CHECKOUT
from diachiso.store.decree_facts import decree_of_changes, decree_of_reform
from diachiso.store.facts import read_facts

FILE = """
number = "01/NQ-UBTVQH16"
date = 2026-09-01
issuer = "Ủy ban Thường vụ Quốc hội"
effective = 2026-10-01

[[changes]]
change = "merge"
code = "00070"
name = "Hoàn Kiếm"
kind = "phường"
from = ["00070", { code = "00082", part = "part", default = true }]

[[changes]]
change = "kind"
code = "09193"
kind = "phường"
"""


@pytest.fixture(scope="module")
def facts():
    return read_facts(CHECKOUT / "data")


@pytest.fixture(scope="module")
def june(facts):
    return facts.as_known_on(date(2025, 6, 30)).divisions


def test_a_whole_source_is_written_as_its_code():
    merge = read_decree(FILE.encode(), "a.toml").changes[0]
    assert isinstance(merge, Merge)
    assert [(s.code, s.part, s.default) for s in merge.sources] == [
        ("00070", Part.WHOLE, False),
        ("00082", Part.PART, True),
    ]


def test_json_of_the_same_shape_is_the_same_decree():
    decree = read_decree(FILE.encode(), "a.toml")
    told = json.dumps(decree.content).encode()
    assert read_decree(told, "a.json").digest == decree.digest


def test_comments_and_layout_do_not_make_another_decree():
    assert (
        read_decree(f"# chú thích\n{FILE}\n\n".encode(), "a.toml").digest
        == read_decree(FILE.encode(), "b.toml").digest
    )


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ('kind = "phường"\nfrom', 'kind = "phuong"\nfrom', "changes[1].kind: phải là một trong"),
        ('"00070", {', '"0070", {', "changes[1].from[1].code: mã phải có 2, 3 hoặc 5 chữ số"),
        ('code = "00070"', "code = 70", "changes[1].code: phải là chữ, đặt trong"),
        ('name = "Hoàn Kiếm"\n', "", "changes[1].name: thiếu mục này"),
        ('name = "Hoàn Kiếm"', 'name = "Hoàn Kiếm"\nten = "x"', "changes[1].ten: không có mục"),
        ("effective = 2026-10-01", 'effective = "mai"', "effective: phải là ngày YYYY-MM-DD"),
        ('change = "kind"', 'change = "doi"', "changes[2]: loại thay đổi phải là"),
        ('change = "kind"\n', "", "changes[2]: thiếu `change`"),
        ("default = true", 'default = "có"', "changes[1].from[2].default: phải là true hoặc false"),
        ('part = "part"', 'part = "half"', "changes[1].from[2].part: phải là một trong"),
    ],
)  # fmt: skip
def test_each_fault_is_told_with_its_place_in_vietnamese(was, becomes, said):
    assert was in FILE
    with pytest.raises(MalformedDecree) as refused:
        read_decree(FILE.replace(was, becomes).encode(), "a.toml")
    assert said in str(refused.value)


def test_every_fault_is_told_at_once():
    wrong = FILE.replace('number = "01/NQ-UBTVQH16"\n', "").replace('"phường"', '"quán"')
    with pytest.raises(MalformedDecree) as refused:
        read_decree(wrong.encode(), "a.toml")
    assert len(refused.value.particulars["faults"]) == 3


@pytest.mark.parametrize("content", [b"\xff\xfe", b"number = ", b"{}", b""])
def test_what_is_no_decree_is_refused_in_a_sentence(content):
    with pytest.raises(MalformedDecree):
        read_decree(content, "a.toml")


def test_the_schema_in_the_docs_is_the_one_of_the_program():
    kept = json.loads((CHECKOUT / "docs" / "decree.schema.json").read_text("utf-8"))
    assert kept == schema()


# -- written from the facts ------------------------------------------------------------------------


def test_the_decree_of_the_reform_in_hanoi_is_the_real_one(facts, june):
    decree = decree_of_reform(facts, "01")
    assert read_decree(as_toml(decree).encode(), "hanoi.toml") == decree
    done = restructured(decree, june)
    old = [key for key in done.ended if len(key.code) == 5]
    split = [key for key in old if len(done.heirs[key]) > 1]
    assert (len(old), len(split)) == (526, 199)
    assert len([unit for unit in done.begun if len(unit.key.code) == 5]) == 126
    assert len([key for key in done.ended if len(key.code) == 3]) == 30
    assert decree.effective == REFORM


def test_the_reform_can_be_written_for_every_province_and_contradicts_nothing(facts, june):
    provinces = [unit.code for unit in facts.divisions.children(None) if not unit.key.former]
    ended = set()
    for code in provinces:
        ended |= set(restructured(decree_of_reform(facts, code), june).ended)
    assert len(provinces) == 34
    assert {unit.key for unit in june} == ended


def test_where_the_reform_stands_already_its_decree_is_refused_with_every_reason(facts):
    with pytest.raises(DecreeRefused) as refused:
        restructured(decree_of_reform(facts, "01"), facts.divisions)
    faults = refused.value.particulars["faults"]
    assert "00070: Phường Hàng Trống, đã thôi từ / ended on 2025-07-01" in faults
    assert "00070: mã đang dùng / is in use for Phường Hoàn Kiếm" in faults
    assert len(faults) == 526 + 30 + 1 + 126 + 1


def test_decrees_since_the_reform_are_written_from_the_changes(facts):
    decree = decree_of_changes(CHECKOUT / "data", "388/NQ-UBTVQH16")
    assert len(decree.changes) == 12
    before = facts.as_known_on(date(2026, 9, 19)).divisions
    done = restructured(decree, before)
    assert {naming.kind for naming in done.named.values()} == {Kind.PHUONG}
    with pytest.raises(UnknownUnit, match="237/NQ-UBTVQH16"):
        decree_of_changes(CHECKOUT / "data", "1/NQ")


def test_the_example_in_the_docs_can_be_applied(facts):
    page = (CHECKOUT / "docs" / "decree.md").read_text("utf-8")
    example = page.split("```toml\n")[1].split("```")[0]
    done = restructured(read_decree(example.encode(), "example.toml"), facts.divisions)
    assert [key.code for key in done.ended] == ["00082"]
    assert [unit.key.code for unit in done.begun] == ["99001"]
    assert {key.code: naming.full_name for key, naming in done.named.items()} == {
        "00364": "Phường Khương Trung",
        "00475": "Phường Thư Lâm",
    }
