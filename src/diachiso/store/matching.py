"""Whose polygon is it: names of a polygon file without codes, matched to former wards.

The file names wards as they were between 2013 and 2019; the registry knows the wards of 30 June
2025. In between, wards were merged, renamed and moved to other districts. The rules are tried in
the order of `RULES`, from the surest to the boldest, and each match says which rule made it.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from rapidfuzz.fuzz import ratio

from diachiso.address.name import fold, tone_key
from diachiso.store.facts import rows

KIND = r"xa|phuong|thi tran|thanh pho|thi xa|huyen|quan"
TRAILING_KIND = re.compile(rf"(.+) ({KIND})")
NUMBERED = re.compile(r"(?:phuong|quan) 0*(\d+)")
CITY = re.compile(r"(?:thanh pho|thi xa) (.+)")
STATE_FARM = re.compile(r"^n ?t ")
SPELLED_ALIKE = 80
"""Of 100: 'si binh' is Sỹ Bình, 'chuong duong do' is Chương Dương."""


class Rule(StrEnum):
    """How a polygon found its ward."""

    SAME_NAME = "same name and district"
    MERGED = "merged into it before 2025"
    MOVED = "same name, another district"
    MERGED_ELSEWHERE = "merged, another district"
    SPELLED = "spelled alike"
    ISLAND = "a district without communes"


@dataclass(frozen=True, slots=True)
class Named:
    """Names as a polygon file writes them."""

    province: str
    district: str
    ward: str


@dataclass(frozen=True, slots=True)
class FormerWard:
    """A ward of 30 June 2025, with the names above it.

    An island district that had no communes stands for itself.
    """

    code: str
    name: str
    kind: str
    district: str
    province: str


@dataclass(frozen=True, slots=True)
class Absorbed:
    """A ward that was gone before 30 June 2025 (key without spaces), and the one that has it."""

    key: str
    into: str


Matches = dict[int, tuple[str, Rule]]


def read_absorbed(aliases: Path) -> list[Absorbed]:
    """The wards that were merged away, from data/aliases/aliases.csv."""
    kinds = (row for row in rows(aliases) if row["kind"] == "former_ward_key")
    return [Absorbed(row["written"], row["code"]) for row in kinds]


def match(
    named: Sequence[Named], wards: Iterable[FormerWard], absorbed: Iterable[Absorbed]
) -> Matches:
    """Give each polygon (by its place in the file) its ward's code, where a rule finds one."""
    register = _Register(wards, absorbed)
    found: Matches = {}
    for rule, finds in RULES.items():
        for n, code in finds(register, {n: x for n, x in enumerate(named) if n not in found}):
            found[n] = (code, rule)
            register.placed.add(code)
    return found


class _Register:
    """Former wards by names, and which of them have land already."""

    def __init__(self, wards: Iterable[FormerWard], absorbed: Iterable[Absorbed]) -> None:
        self.wards = {ward.code: ward for ward in wards}
        self.placed: set[str] = set()
        self.by_district: dict[tuple[str, str], list[FormerWard]] = defaultdict(list)
        self.by_province: dict[str, list[FormerWard]] = defaultdict(list)
        for ward in self.wards.values():
            self.by_district[_province(ward.province), _place(ward.district)].append(ward)
            self.by_province[_province(ward.province)].append(ward)
        self.gone: dict[str, list[FormerWard]] = defaultdict(list)
        for old in absorbed:
            if old.into in self.wards:
                self.gone[old.key].append(self.wards[old.into])

    def district(self, named: Named) -> list[FormerWard]:
        return self.by_district[_province(named.province), _place(named.district)]

    def province(self, named: Named) -> list[FormerWard]:
        return self.by_province[_province(named.province)]

    def heirs(self, named: Named) -> list[FormerWard]:
        return [ward for key in _keys(named) for ward in self.gone.get(key, ())]


Found = Iterable[tuple[int, str]]


def _by_name(register: _Register, named: Mapping[int, Named]) -> Found:
    for n, x in named.items():
        if code := _bearer(x, register.district(x)):
            yield n, code


def _by_merger(register: _Register, named: Mapping[int, Named]) -> Found:
    for n, x in named.items():
        if code := _only(w for w in register.heirs(x) if w in register.district(x)):
            yield n, code


def _by_merger_elsewhere(register: _Register, named: Mapping[int, Named]) -> Found:
    for n, x in named.items():
        if code := _only(w for w in register.heirs(x) if w in register.province(x)):
            yield n, code


def _by_name_elsewhere(register: _Register, named: Mapping[int, Named]) -> Found:
    for n, x in named.items():
        unplaced = [w for w in register.province(x) if w.code not in register.placed]
        if code := _bearer(x, unplaced):
            yield n, code


def _by_spelling(register: _Register, named: Mapping[int, Named]) -> Found:
    pairs = sorted(
        (-ratio(_place(x.ward), fold(ward.name)), n, ward.code)
        for n, x in named.items()
        for ward in register.province(x)
        if ward.code not in register.placed
    )
    taken: set[int] = set()
    for likeness, n, code in pairs:
        if -likeness >= SPELLED_ALIKE and n not in taken and code not in register.placed:
            taken.add(n)
            register.placed.add(code)
            yield n, code


def _by_island(register: _Register, named: Mapping[int, Named]) -> Found:
    for n, x in named.items():
        here = register.district(x)
        if code := _only(here if [w.name for w in here] == [w.district for w in here] else ()):
            yield n, code


RULES: Mapping[Rule, Callable[[_Register, Mapping[int, Named]], Found]] = {
    Rule.SAME_NAME: _by_name,
    Rule.MERGED: _by_merger,
    Rule.MOVED: _by_name_elsewhere,
    Rule.MERGED_ELSEWHERE: _by_merger_elsewhere,
    Rule.SPELLED: _by_spelling,
    Rule.ISLAND: _by_island,
}


def _bearer(named: Named, wards: Iterable[FormerWard]) -> str | None:
    """The one ward that bears the name; of namesakes the one of the kind or tone written."""
    bearers = [ward for ward in wards if fold(ward.name) == _place(named.ward)]
    of_kind = [ward for ward in bearers if fold(ward.kind) == _kind(named.ward)] or bearers
    of_tone = [ward for ward in of_kind if tone_key(ward.name) == tone_key(named.ward)]
    return _only(of_tone or of_kind)


def _only(wards: Iterable[FormerWard]) -> str | None:
    codes = {ward.code for ward in wards}
    return codes.pop() if len(codes) == 1 else None


def _keys(named: Named) -> tuple[str, ...]:
    """How the list of absorbed wards may write this one; with its kind if it is known."""
    name = _place(named.ward).replace(" ", "")
    kinds = (
        [_kind(named.ward).replace(" ", "")] if _kind(named.ward) else ["xa", "phuong", "thitran"]
    )
    return (*(kind + name for kind in kinds), name)


def _place(written: str) -> str:
    """'Yên Viên (Thị trấn)' is yen vien, 'Quận 12' is 12, 'Thành Phố Bắc Kạn' is bac kan."""
    key = fold(written)
    if "(" in written and (match := TRAILING_KIND.fullmatch(key)):
        key = match[1]
    match = NUMBERED.fullmatch(key) or CITY.fullmatch(key)
    return STATE_FARM.sub("nong truong ", match[1] if match else key)


def _kind(written: str) -> str:
    match = TRAILING_KIND.fullmatch(fold(written)) if "(" in written else None
    return match[2] if match else ""


def _province(written: str) -> str:
    """Thừa Thiên Huế became the city of Huế on 1 January 2025."""
    key = fold(written)
    return "hue" if key == "thua thien hue" else key
