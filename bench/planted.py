"""Files of houses with faults planted in them: which row has which fault is known beforehand.

Wards are squares in a grid, each with streets from west to east and houses every few metres; the
names are made of syllables, the faults of what old files hold. Everything follows from the seed.
"""

import csv
import json
import random
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from pathlib import Path

from sqlalchemy import Engine

from diachiso.address.division import Level, UnitKey
from diachiso.address.name import name_key
from diachiso.geocode.legacy import ONLY_TCVN3, ONLY_VNI, TCVN3, VNI_LETTERS, VNI_MARKS
from diachiso.store import loading
from diachiso.store.facts import read_facts

HEADINGS = (
    "Mã hồ sơ", "Số nhà", "Tên đường", "Tổ dân phố", "Phường/Xã", "Loại", "Kinh độ", "Vĩ độ",
    "Mã địa chỉ số",
)  # fmt: skip
SQUARE = 0.02
"""Degrees; about two kilometres."""
WEST, SOUTH = 105.60, 20.90
ACROSS = 5
FIRST = (
    "Hàng", "Lê", "Lý", "Trần", "Phạm", "Vũ", "Đặng", "Bùi", "Ngô", "Dương", "Hồ", "Đỗ", "Hoàng",
    "Phan", "Trịnh", "Nguyễn", "Quách", "Tạ",
)  # fmt: skip
MIDDLE = (
    "Văn", "Thị", "Đức", "Quang", "Công", "Hữu", "Trọng", "Khắc", "Bá", "Đình", "Thế", "Xuân",
    "Ngọc", "Minh", "Duy", "Tuấn", "Kim", "Hải",
)  # fmt: skip
LAST = (
    "Tường", "Lộc", "Điềm", "Nhượng", "Sưởng", "Khuyến", "Giảng", "Thuật", "Bổng", "Đạm", "Nghị",
    "Trưởng", "Vượng", "Điển", "Hoạt",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Square:
    """A ward of the grid: its code, its name, its south-western corner, its streets."""

    code: str
    name: str
    west: float
    south: float
    streets: tuple[str, ...]
    meant: frozenset[str] = frozenset()
    """Codes of all wards of today that its name or code may mean, those of before included."""

    def latitude(self, street: int) -> float:
        """Where a street runs."""
        return self.south + SQUARE * (street + 0.5) / len(self.streets)

    def ring(self) -> list[list[float]]:
        """The boundary."""
        w, s, e, n = self.west, self.south, self.west + SQUARE, self.south + SQUARE
        return [[round(x, 6), round(y, 6)] for x, y in ((w, s), (e, s), (e, n), (w, n), (w, s))]


@dataclass(frozen=True, slots=True)
class House:
    """A row before it is written; `rule` is the fault planted in it."""

    external: str
    number: str
    street: str
    group: str
    ward: str
    kind: str
    lon: str
    lat: str
    code: str = ""
    rule: str = ""

    def cells(self) -> list[str]:
        """As they stand in the file."""
        return [self.external, self.number, self.street, self.group, self.ward, self.kind,
                self.lon, self.lat, self.code]  # fmt: skip


def grid(
    wards: Sequence[tuple[str, str, frozenset[str]]], streets: int, chance: random.Random
) -> list[Square]:
    """Squares for these wards (code, name, meant), with streets of names that occur once."""
    names = [f"Phố {a} {b} {c}" for a in FIRST for b in MIDDLE for c in LAST]
    chance.shuffle(names)
    fresh = iter(names)
    return [
        Square(
            code,
            name,
            WEST + SQUARE * (n % ACROSS),
            SOUTH + SQUARE * (n // ACROSS),
            tuple(islice(fresh, streets)),
            meant,
        )
        for n, (code, name, meant) in enumerate(wards)
    ]


def collections(squares: Sequence[Square]) -> tuple[dict, dict]:
    """The wards and the streets as GeoJSON."""
    wards = [
        _feature({"type": "Polygon", "coordinates": [one.ring()]}, code=one.code, name=one.name)
        for one in squares
    ]
    streets = [
        _feature(
            {
                "type": "LineString",
                "coordinates": [
                    [round(one.west + 0.0002, 6), round(one.latitude(n), 7)],
                    [round(one.west + SQUARE - 0.0002, 6), round(one.latitude(n), 7)],
                ],
            },
            osm_id=1_000 * place + n + 1, name=name, highway="residential",
        )
        for place, one in enumerate(squares)
        for n, name in enumerate(one.streets)
    ]  # fmt: skip
    return tuple({"type": "FeatureCollection", "features": some} for some in (wards, streets))


def _feature(geometry: dict, **properties: object) -> dict:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def houses(squares: Sequence[Square], many: int, chance: random.Random) -> Iterator[House]:
    """So many houses, each of its own number and street, in the order of wards and streets."""
    streets = sum(len(one.streets) for one in squares)
    each, rest = divmod(many, streets)
    made = 0
    for one in squares:
        for n, street in enumerate(one.streets):
            count = each + (rest > 0)
            rest -= 1
            for k in range(count):
                made += 1
                lon = one.west + 0.0005 + (SQUARE - 0.001) * (k + 0.5) / count
                lat = one.latitude(n) + (0.0001 if k % 2 else -0.0001)
                yield House(
                    f"HS{made:07d}",
                    _number(k, chance),
                    street,
                    f"Tổ {1 + k // 50}",
                    one.name if made % 3 else one.code,
                    "nhà ở" if k % 7 else "cửa hàng",
                    f"{lon:.7f}",
                    f"{lat:.7f}",
                )


def _number(k: int, chance: random.Random) -> str:
    """A plain number, a lettered one, or one in an alley; never the same twice in a street."""
    number = k + 1
    return chance.choice((f"{number}", f"{number}", f"{number}A", f"{number}/{1 + k % 12}"))


# -- faults --------------------------------------------------------------------------------------

LETTERS_TCVN3 = {letter: byte for byte, letter in TCVN3.items()}
MARKS_VNI = {mark: sign for sign, mark in VNI_MARKS.items() if sign.islower()}
LETTERS_VNI = {letter: sign for sign, letter in VNI_LETTERS.items()}


def in_tcvn3(text: str) -> str:
    """As a file in a TCVN3 font holds it, read as Latin-1."""
    return "".join(LETTERS_TCVN3.get(c, LETTERS_TCVN3.get(c.lower(), c)) for c in text)


def in_vni(text: str) -> str:
    """As a file in a VNI font holds it, read as Latin-1."""
    told = []
    for letter in text:
        base, marks = _parted(letter)
        told.append(base + (MARKS_VNI[marks] if marks else ""))
    return "".join(told)


def _parted(letter: str) -> tuple[str, str]:
    if letter in LETTERS_VNI:
        return LETTERS_VNI[letter], ""
    whole = unicodedata.normalize("NFD", letter)
    base, marks = whole[0], whole[1:]
    if "\u031b" in marks:  # ơ and ư are letters of their own
        horned = unicodedata.normalize("NFC", base + "\u031b")
        return LETTERS_VNI[horned], marks.replace("\u031b", "")
    return base, "".join(sorted(marks, key=lambda mark: mark not in "\u0302\u0306"))


@dataclass
class Plan:
    """Where faults are planted, and what they need of the file."""

    squares: Sequence[Square]
    chance: random.Random
    before: list[House] = field(default_factory=list)
    """Good rows that went before, for copies."""
    registered: list[House] = field(default_factory=list)
    """Houses that are in the registry beforehand."""

    def fresh(self, many: int) -> list[House]:
        """Houses with numbers that no row of the file has."""
        made = []
        for n in range(many):
            square = self.squares[n % len(self.squares)]
            street = n // len(self.squares) % len(square.streets)
            lon = square.west + SQUARE * (0.1 + 0.8 * n / many)
            place = (f"{lon:.7f}", f"{square.latitude(street):.7f}")
            at = (square.streets[street], "", square.name, "nhà ở")
            made.append(House(f"CU{n:05d}", str(9001 + n), *at, *place))
        return made

    def elsewhere(self, house: House) -> House:
        """Its position moved into a ward some kilometres off that its ward's name never meant.

        Well inside, since a point near the border of a ward that is meant is taken.
        """
        lon, lat = float(house.lon), float(house.lat)
        east, north = (lon - WEST) // SQUARE, (lat - SOUTH) // SQUARE
        here = self.squares[int(east + ACROSS * north)]
        there = self.chance.choice(
            [
                one
                for one in self.squares
                if one.code not in here.meant
                and max(abs(one.west - here.west), abs(one.south - here.south)) > 1.5 * SQUARE
            ]
        )
        east, north = (SQUARE * self.chance.uniform(0.2, 0.8) for _ in range(2))
        return replace(house, lon=f"{there.west + east:.7f}", lat=f"{there.south + north:.7f}")

    def copied(self, house: House) -> House:
        """An earlier row once more under another id."""
        return replace(self.chance.choice(self.before[-500:]), external=house.external)


def _dated(house: House, plan: Plan) -> House:
    day = plan.chance.choice((20, 21, 22, 23, 24, 25, 26, 28))  # no good row has one of these /3
    return replace(house, number=f"{day}-Mar")


PLANTS: dict[str, Callable[[House, Plan], House]] = {
    "font_tcvn3": lambda h, _: replace(h, street=in_tcvn3(h.street), group=in_tcvn3(h.group)),
    "font_vni": lambda h, _: replace(h, street=in_vni(h.street), group=in_vni(h.group)),
    "unicode_decomposed": lambda h, _: replace(h, street=unicodedata.normalize("NFD", h.street)),
    "hidden_signs": lambda h, _: replace(h, street=h.street.replace(" ", " \u200b", 1)),
    "letters_lost": lambda h, _: replace(
        h, street="".join(c if c.isascii() else "?" for c in h.street)
    ),
    "number_as_date": _dated,
    "number_unreadable": lambda h, _: replace(h, number="chưa có"),
    "street_missing": lambda h, _: replace(h, street="", group=""),
    "kind_unknown": lambda h, _: replace(h, kind="xyz"),
    "code_unknown": lambda h, _: replace(h, code="99999-12345"),
    "code_malformed": lambda h, _: replace(h, code="11024-58"),
    "position_missing": lambda h, _: replace(h, lon="", lat=""),
    "decimal_comma": lambda h, _: replace(
        h, lon=h.lon.replace(".", ","), lat=h.lat.replace(".", ",")
    ),
    "axes_swapped": lambda h, _: replace(h, lon=h.lat, lat=h.lon),
    "metres_without_zone": lambda h, _: replace(h, lon="586843.21", lat="2325411.90"),
    "out_of_country": lambda h, _: replace(h, lon="2.3522", lat="48.8566"),
    "ward_unknown": lambda h, _: replace(h, ward="Phường Không Có Thật"),
    "position_outside_ward": lambda h, plan: plan.elsewhere(h),
    "street_unknown": lambda h, plan: replace(
        h, street=f"Phố Mới Mở {plan.chance.randrange(10**6)}"
    ),
    "duplicate_in_file": lambda h, plan: plan.copied(h),
    "already_registered": lambda h, plan: replace(
        plan.chance.choice(plan.registered), external=h.external
    ),
    "id_repeated": lambda h, plan: replace(h, external=plan.chance.choice(plan.before).external),
}
LEFT_OUT = frozenset(
    {
        "letters_lost", "number_unreadable", "street_missing", "code_unknown", "code_malformed",
        "position_missing", "metres_without_zone", "out_of_country", "ward_unknown",
        "position_outside_ward", "duplicate_in_file", "already_registered", "id_repeated",
    }
)  # fmt: skip
"""The faults whose rows stay out."""


def planted(plan: Plan, rows: Iterator[House], many: int, share: float) -> Iterator[House]:
    """The rows with a share of faults, each kind as often as any other."""
    kinds = [name for name in PLANTS if name != "already_registered" or plan.registered]
    faults = round(many * share)
    places = sorted(plan.chance.sample(range(min(50, many // 4), many), faults))
    due, n_fault = set(places), 0
    for n, house in enumerate(rows):
        if n not in due:
            plan.before.append(house)
            yield house
            continue
        name = kinds[n_fault % len(kinds)]
        n_fault += 1
        spoilt = PLANTS[name](house, plan)
        if name in ("font_tcvn3", "font_vni") and not _shows(spoilt, name):
            spoilt = PLANTS[name](replace(house, street="Phố Hàng Tường Điềm Sưởng"), plan)
        yield replace(spoilt, rule=name)


def _shows(house: House, name: str) -> bool:
    pattern = ONLY_TCVN3 if name == "font_tcvn3" else ONLY_VNI
    return bool(pattern.search(house.street))


def hanoi(facts: Path, many: int) -> list[tuple[str, str, frozenset[str]]]:
    """So many wards of Hanoi, by code and full name, with the codes that these may mean."""
    known = read_facts(facts)
    province = known.divisions[UnitKey(Level.PROVINCE, "01", former=False)]
    wards = [one for one in known.divisions.of_level(Level.WARD, former=False)
             if known.divisions.province_of(one).key == province.key]  # fmt: skip
    called: dict[str, set[str]] = {}
    for one in wards:
        before = [known.divisions[past.old] for past in known.lineage.predecessors(one.key)]
        for unit in (one, *before):
            for word in (unit.code, *(name_key(naming.name) for naming in unit.namings)):
                called.setdefault(word, set()).add(one.code)
    return [
        (
            one.code,
            one.latest.full_name,
            frozenset(called[one.code] | called[name_key(one.latest.name)]),
        )
        for one in wards[:many]
    ]


def settle(engine: Engine, facts: Path, folder: Path, squares: Sequence[Square]) -> None:
    """Load the grid: boundaries from the reform on, and streets."""
    wards, streets = collections(squares)
    for name, content in (("wards.geojson", wards), ("streets.geojson", streets)):
        (folder / name).write_text(json.dumps(content), "utf-8")
    options = loading.BoundaryOptions(effective=date(2025, 7, 1), accuracy="official")
    loading.load_boundary_file(engine, facts, folder / "wards.geojson", options)
    loading.load_street_file(engine, folder / "streets.geojson")


def write_csv(file: Path, rows: Iterator[House]) -> dict[int, str]:
    """Write a file; which row, counted from 1, has which fault."""
    faults = {}
    with file.open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out)
        table.writerow(HEADINGS)
        for n, house in enumerate(rows, start=1):
            table.writerow(house.cells())
            if house.rule:
                faults[n] = house.rule
    return faults
