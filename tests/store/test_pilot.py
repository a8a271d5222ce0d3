import json

import pytest
import shapely

from diachiso.address.division import Division, Divisions, Kind, Level, Naming, UnitKey, Validity
from diachiso.address.errors import UnknownUnit, UnreadableSource
from diachiso.address.lineage import Lineage, Part, Succession
from diachiso.address.territory import area_m2, faults
from diachiso.store.facts import Facts
from diachiso.store.matching import Absorbed, FormerWard, Named, Rule, match
from diachiso.store.pilot import POLYGONS, How, reconstruct

CELL = 0.01
CELL_KM2 = 1.15

HA_DONG = "Hà Đông"


@pytest.fixture
def draw(tmp_path):
    """Each letter is an old ward of Hà Đông, each character a cell of 1.15 km²."""

    def drawn(picture, names):
        cells = {}
        for row, line in enumerate(picture.strip().splitlines()):
            for column, letter in enumerate(line.strip()):
                west, north = 105.7 + column * CELL, 21 - row * CELL
                cells.setdefault(letter, []).append(
                    shapely.box(west, north - CELL, west + CELL, north)
                )
        cells.pop(".", None)
        records = [
            {
                "country": "Vietnam",
                "province": "Hà Nội",
                "district": HA_DONG,
                "ward": names[letter],
                "coordinates": list(shapely.union_all(land).exterior.coords),
            }
            for letter, land in cells.items()
        ]
        file = tmp_path / POLYGONS
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(records), encoding="utf-8")
        return tmp_path

    return drawn


def unit(level, code, name, *, former, parent=None, kind=Kind.PHUONG, **facts):
    valid = Validity.ended_by_the_reform() if former else Validity.from_the_reform()
    key = UnitKey(level, code, former)
    return Division(key, valid, (Naming(name, kind, valid),), parent, **facts)


@pytest.fixture
def facts():
    """Old Yên Nghĩa (001), Đồng Mai (002) and Phú Lãm (003) became new 101 and 102.

    001 went to 101 and 003 to 102; 002 was split between them.
    """
    old, new = UnitKey(Level.PROVINCE, "01", True), UnitKey(Level.PROVINCE, "01", False)
    district = UnitKey(Level.DISTRICT, "268", True)
    names = {"001": "Yên Nghĩa", "002": "Đồng Mai", "003": "Phú Lãm"}
    divisions = [
        unit(Level.PROVINCE, "01", "Hà Nội", former=True, kind=Kind.THANH_PHO),
        unit(Level.PROVINCE, "01", "Hà Nội", former=False, kind=Kind.THANH_PHO),
        unit(Level.DISTRICT, "268", HA_DONG, former=True, parent=old, kind=Kind.QUAN),
        *(unit(Level.WARD, c, n, former=True, parent=district) for c, n in names.items()),
        ward("101", "Yên Nghĩa", (105.715, 20.99), 6 * CELL_KM2, new),
        ward("102", "Phú Lương", (105.745, 20.99), 6 * CELL_KM2, new),
    ]
    pairs = [("001", "101"), ("002", "101"), ("002", "102"), ("003", "102")]
    successions = [Succession(old, new, Part.WHOLE, default=True, source="")]
    successions += [heir(*pair) for pair in pairs]
    return Facts(Divisions(divisions), Lineage(successions), (), ())


def ward(code, name, centre, area_km2, parent):
    return unit(
        Level.WARD, code, name, former=False, parent=parent, centre=centre, area_km2=area_km2
    )


def heir(old, new):
    return Succession(
        UnitKey(Level.WARD, old, True),
        UnitKey(Level.WARD, new, False),
        Part.PART if old == "002" else Part.WHOLE,
        default=False,
        source="",
    )


NAMES = {"a": "Yên Nghĩa", "b": "Đồng Mai", "c": "Phú Lãm"}


def test_a_split_ward_is_halved_when_both_heirs_lack_as_much(draw, facts):
    packages = draw(
        """
        aabbcc
        aabbcc
        """,
        NAMES,
    )
    pilot = reconstruct("01", facts=facts, absorbed=[], packages=packages)
    assert set(pilot.wards) == {"101", "102"}
    assert set(pilot.former) == {"001", "002", "003"}
    areas = [area_m2(ward.land) / 1e6 for ward in pilot.wards.values()]
    assert areas == [pytest.approx(6 * CELL_KM2, rel=0.03)] * 2
    assert faults({c: w.land for c, w in pilot.wards.items()}, tolerance_m2=1) == []
    assert {ward.how for ward in pilot.wards.values()} == {How.DIVIDED}


def test_wards_merged_before_2025_are_put_together_from_their_parts(draw, facts):
    packages = draw(
        """
        aabbcd
        aabbcd
        """,
        NAMES | {"d": "Phú La"},
    )
    absorbed = [Absorbed("phula", "003")]
    pilot = reconstruct("01", facts=facts, absorbed=absorbed, packages=packages)
    assert pilot.report.dissolved == ("003",)
    assert area_m2(pilot.former["003"]) / 1e6 == pytest.approx(4 * CELL_KM2, rel=0.02)


def test_land_that_no_ward_is_known_for_still_becomes_part_of_a_ward(draw, facts):
    packages = draw(
        """
        aabbcc
        aaxxcc
        """,
        NAMES | {"x": "Thao trường"},
    )
    pilot = reconstruct("01", facts=facts, absorbed=[], packages=packages)
    assert pilot.report.unplaced == ("Thao trường (Hà Đông)",)
    assert pilot.report.unclaimed_km2 == pytest.approx(2 * CELL_KM2, rel=0.02)
    total = sum(area_m2(ward.land) for ward in pilot.wards.values()) / 1e6
    assert total == pytest.approx(12 * CELL_KM2, rel=0.02)


def test_a_ward_without_a_polygon_is_named_in_the_report(draw, facts):
    packages = draw("aabb", NAMES)
    pilot = reconstruct("01", facts=facts, absorbed=[], packages=packages)
    assert pilot.report.without_polygon == ("003 Phú Lãm (Hà Đông)",)
    assert "003 Phú Lãm" in str(pilot.report)


def test_the_same_input_gives_the_same_polygons(draw, facts):
    packages = draw("aabbcc", NAMES)
    once, again = (reconstruct("01", facts=facts, absorbed=[], packages=packages) for _ in range(2))
    assert all(once.wards[code].land.equals_exact(again.wards[code].land) for code in once.wards)


def test_a_province_that_does_not_exist_is_said(facts, tmp_path):
    with pytest.raises(UnknownUnit, match="99"):
        reconstruct("99", facts=facts, absorbed=[], packages=tmp_path)


def test_a_missing_package_is_said(facts, tmp_path):
    with pytest.raises(UnreadableSource, match=r"vie\.json"):
        reconstruct("01", facts=facts, absorbed=[], packages=tmp_path)


# -- whose polygon is it -------------------------------------------------------------------------


def former(code, name, kind="phường", district="Gia Lâm", province="Hà Nội"):
    return FormerWard(code, name, kind, district, province)


@pytest.mark.parametrize(
    ("written", "wards", "absorbed", "rule"),
    [
        (("Gia Lâm", "Bát Tràng"), [former("1", "Bát Tràng")], [], Rule.SAME_NAME),
        (("Gia Lâm", "Thanh Hoà"), [former("1", "Thanh Hòa")], [], Rule.SAME_NAME),
        (("Quận 12", "Phường 03"), [former("1", "3", district="12")], [], Rule.SAME_NAME),
        (
            ("Gia Lâm", "Yên Viên (Thị trấn)"),
            [former("2", "Yên Viên", "xã"), former("1", "Yên Viên", "thị trấn")],
            [],
            Rule.SAME_NAME,
        ),
        (
            ("Gia Lâm", "Hoằng Quỳ"),
            [former("2", "Hoằng Quý"), former("1", "Hoằng Quỳ")],
            [],
            Rule.SAME_NAME,
        ),
        (
            ("Gia Lâm", "Đông Dư"),
            [former("1", "Bát Tràng")],
            [Absorbed("dongdu", "1")],
            Rule.MERGED,
        ),
        (("Từ Sơn", "Bát Tràng"), [former("1", "Bát Tràng")], [], Rule.MOVED),
        (
            ("Từ Sơn", "Đông Dư"),
            [former("1", "Bát Tràng")],
            [Absorbed("xadongdu", "1")],
            Rule.MERGED_ELSEWHERE,
        ),
        (("Gia Lâm", "Sĩ Bình"), [former("1", "Sỹ Bình")], [], Rule.SPELLED),
        (("Gia Lâm", "An Vĩnh"), [former("1", "Gia Lâm", "huyện")], [], Rule.ISLAND),
    ],
    ids=lambda value: value.name if isinstance(value, Rule) else "",
)
def test_a_polygon_finds_its_ward(written, wards, absorbed, rule):
    assert match([Named("Hà Nội", *written)], wards, absorbed) == {0: ("1", rule)}


def test_a_polygon_of_an_unknown_name_finds_none():
    assert match([Named("Hà Nội", "Gia Lâm", "Thao trường")], [former("1", "Yên Viên")], []) == {}


def test_a_namesake_in_another_province_is_not_taken():
    wards = [former("1", "Bát Tràng", province="Hưng Yên")]
    assert match([Named("Hà Nội", "Gia Lâm", "Bát Tràng")], wards, []) == {}
