"""Decrees written from the facts: the one of 1 July 2025 for a province, and each one since."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from diachiso.address.division import REFORM, Division, Level, UnitKey, parse_day
from diachiso.address.errors import UnknownUnit
from diachiso.address.lineage import Part, Succession
from diachiso.registry.decree import Decree
from diachiso.store.facts import STRUCTURE_DECREE, Facts, rows

STRUCTURE_SIGNED = date(2025, 6, 30)
GOVERNMENT = "Thủ tướng Chính phủ"
ASSEMBLY = "Quốc hội"
STANDING_COMMITTEE = "Ủy ban Thường vụ Quốc hội"


def decree_of_reform(facts: Facts, province: str) -> Decree:
    """What became of the units of a province (statistics code of today) on 1 July 2025.

    Raises:
        UnknownUnit: there is no such province.
    """
    key = UnitKey(Level.PROVINCE, province, former=False)
    if (unit := facts.divisions.get(key)) is None:
        raise UnknownUnit(f"Không có tỉnh, thành phố {province}. / No province has this code.")
    old = [s.old for s in facts.lineage.predecessors(key)]
    districts = [d for above in old for d in facts.divisions.children(above)]
    given = {s.old for ward in facts.divisions.children(key) for s in _made_of(facts, ward)}
    ended = [district.code for district in districts if district.key not in given]
    shaped = [unit, *sorted(facts.divisions.children(key), key=lambda ward: ward.code)]
    return Decree.model_validate(
        {
            "number": STRUCTURE_DECREE,
            "date": STRUCTURE_SIGNED,
            "issuer": GOVERNMENT,
            "effective": REFORM,
            "title": f"Đơn vị hành chính của {unit.namings[0].full_name} từ ngày 01/7/2025",
            "changes": [
                *(_merge(facts, one) for one in shaped),
                *({"change": "end", "code": code} for code in sorted(ended)),
            ],
        }
    )


def _made_of(facts: Facts, unit: Division) -> tuple[Succession, ...]:
    return facts.lineage.predecessors(unit.key)


def _merge(facts: Facts, unit: Division) -> dict[str, Any]:
    naming = unit.namings[0]
    told = {
        "change": "merge",
        "code": unit.code,
        "name": naming.name,
        "kind": naming.kind,
        "from": [_share(facts, s) for s in sorted(_made_of(facts, unit), key=lambda s: s.old)],
    }
    return told | ({"parent": unit.parent.code} if unit.parent else {})


def _share(facts: Facts, one: Succession) -> dict[str, Any]:
    """A source; that it is the default is said only where there are others."""
    split = facts.lineage.is_split(one.old)
    default = {"default": True} if one.part is Part.PART and one.default and split else {}
    return {"code": one.old.code, "part": one.part, **default}


def decree_of_changes(folder: Path, number: str) -> Decree:
    """A decree since the reform, by its number, from `data/units/changes.csv`.

    Raises:
        UnknownUnit: no change by a decree of this number is among the facts.
    """
    table = rows(folder / "units" / "changes.csv")
    mine = [row for row in table if row["resolution"] == number]
    if not mine:
        known = ", ".join(dict.fromkeys(row["resolution"] for row in table))
        raise UnknownUnit(
            f"Không có văn bản {number} trong dữ kiện. / Known decrees: {STRUCTURE_DECREE} "
            f"(--province), {known}."
        )
    day = parse_day(mine[0]["effective_date"])
    by_assembly = mine[0]["level"] == Level.PROVINCE.value
    return Decree.model_validate(
        {
            "number": number,
            "date": day,  # the day of signing is not among the facts
            "issuer": ASSEMBLY if by_assembly else STANDING_COMMITTEE,
            "effective": day,
            "changes": list(_changes(mine)),
        }
    )


def _changes(table: Iterable[dict[str, str]]) -> Iterable[dict[str, str]]:
    """What a row says: another kind, another name, or both."""
    for row in table:
        if row["old_kind"] != row["new_kind"]:
            yield {"change": "kind", "code": row["code"], "kind": row["new_kind"]}
        if row["old_full_name"].removeprefix(_said(row["old_kind"])).strip() != row["name"]:
            yield {"change": "rename", "code": row["code"], "name": row["name"]}


def _said(kind: str) -> str:
    return f"{kind[0].upper()}{kind[1:]}"
