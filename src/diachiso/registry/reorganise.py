"""Reorganise: a decree applied to units and to the addresses in them, in one transaction.

The position decides the ward where a boundary of the decree holds it; else lineage does. Where the
two disagree, or lineage alone cannot tell, the ward of the address is put in doubt and counted.
Codes and states stay as they are.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple, Protocol

from diachiso.address.division import Divisions, UnitKey
from diachiso.address.errors import DecreeRefused, PlanChanged
from diachiso.address.lineage import Part, Succession
from diachiso.registry.decree import Decree
from diachiso.registry.officer import Act, Acting
from diachiso.registry.restructure import Restructuring, restructured


class Ground(StrEnum):
    """Why an address comes to its new ward."""

    POSITION = "position"
    LINEAGE = "lineage"
    AGAINST_LINEAGE = "against_lineage"
    DEFAULT = "default"


DOUBTFUL = frozenset({Ground.AGAINST_LINEAGE, Ground.DEFAULT})
SPOKEN: Mapping[Ground, str] = {
    Ground.POSITION: "theo vị trí, hợp văn bản / by position, as the decree says",
    Ground.LINEAGE: "theo văn bản, không có ranh giới / by the decree, no boundary holds it",
    Ground.AGAINST_LINEAGE: "theo vị trí, trái văn bản / by position, against the decree",
    Ground.DEFAULT: "phần mặc định, không có ranh giới / the default part, no boundary holds it",
}


class Lying(NamedTuple):
    """A version of an address in a unit that the decree is about, and whose land holds it after."""

    version: int
    address: int
    restricted: bool
    since: date | None
    ward: UnitKey
    held_by: UnitKey | None


class Placement(NamedTuple):
    """Where a version goes, and why."""

    lying: Lying
    ward: UnitKey
    ground: Ground

    @property
    def doubted(self) -> bool:
        """Is somebody to look whether this is the right ward?"""
        return self.ground in DOUBTFUL

    @property
    def changes(self) -> bool:
        """Is anything to be written? Not where the address stays in a ward that goes on."""
        return self.doubted or self.ward != self.lying.ward


def placement(lying: Lying, heirs: Sequence[Succession]) -> Placement:
    """The new ward of an address; `heirs` are those of its ward, the default first."""
    if lying.held_by is not None:
        agrees = any(heir.new == lying.held_by for heir in heirs)
        return Placement(
            lying, lying.held_by, Ground.POSITION if agrees else Ground.AGAINST_LINEAGE
        )
    whole = heirs[0].part is Part.WHOLE
    return Placement(lying, heirs[0].new, Ground.LINEAGE if whole else Ground.DEFAULT)


@dataclass(frozen=True, slots=True)
class Land:
    """The land of units after the decree: digests by unit, and what was found wrong with it.

    `composed` are unions of what the units were made of; `landless` have none.
    """

    digests: Mapping[UnitKey, str]
    composed: frozenset[UnitKey]
    landless: frozenset[UnitKey]
    faults: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a decree would do, before it is done."""

    decree: Decree
    units: Restructuring
    land: Land
    placements: tuple[Placement, ...]

    @property
    def digest(self) -> str:
        """What tells whether a run would do what a dry run told."""
        units = self.units
        lines = [
            self.decree.digest,
            *(f"{key} {what}" for key, what in sorted(units.touched.items())),
            *(f"{key} {digest}" for key, digest in sorted(self.land.digests.items())),
            *sorted(
                f"{one.lying.address} {one.lying.since} {one.ward.code} {one.ground.value}"
                for one in self.placements
            ),
        ]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    @property
    def written(self) -> tuple[Placement, ...]:
        """The placements that change something."""
        return tuple(one for one in self.placements if one.changes)

    @property
    def grounds(self) -> Counter[Ground]:
        """How many versions came to their ward by what."""
        return Counter(one.ground for one in self.placements)

    @property
    def flows(self) -> Counter[tuple[UnitKey, UnitKey, Ground]]:
        """How many versions go from which unit to which, and why."""
        return Counter((one.lying.ward, one.ward, one.ground) for one in self.placements)

    @property
    def note(self) -> dict[str, object]:
        """What the ledger keeps of it."""
        units = self.units
        return {
            "decree": self.decree.number,
            "decree_sha256": self.decree.digest,
            "plan": self.digest,
            "effective": str(self.decree.effective),
            "units_ended": len(units.ended),
            "units_begun": len(units.begun),
            "units_reshaped": len(units.shaped) - len(units.begun),
            "units_named": len(units.named),
            "addresses": len({one.lying.address for one in self.written}),
            "doubted": sum(one.doubted for one in self.placements),
        }


class Rolls(Protocol):
    """What the verb asks of the store: units and addresses of one transaction."""

    def divisions(self) -> Divisions:
        """Every unit with its names in time."""
        ...

    def applied_on(self, decree: Decree) -> date | None:
        """The day on which this very decree was applied; None where it was not."""
        ...

    def land_after(self, decree: Decree, units: Restructuring, standing: Divisions) -> Land:
        """The land that the decree gives to units, matched and checked.

        Raises:
            SourceError: the file of boundaries cannot be taken.
        """
        ...

    def lying_in(self, units: Restructuring) -> Sequence[Lying]:
        """The versions that hold on the day or later in the wards that the decree is about."""
        ...

    def hold(self) -> None:
        """Let nobody write an address until the transaction ends."""
        ...

    def write(self, plan: Plan, by: Acting) -> None:
        """Write units, lineage, land and addresses, and seal the act."""
        ...


def planned(rolls: Rolls, decree: Decree, by: Acting) -> Plan | None:
    """What the decree would do; None where this very decree is applied already.

    Raises:
        DecreeRefused: it contradicts what stands.
        SourceError: its boundaries cannot be taken.
        NotAllowed: not theirs to apply.
    """
    by.must_nationally(Act.REORGANISE)
    if rolls.applied_on(decree) is not None:
        return None
    standing = rolls.divisions()
    units = restructured(decree, standing)
    land = rolls.land_after(decree, units, standing)
    placements = tuple(placement(one, units.heirs[one.ward]) for one in rolls.lying_in(units))
    return Plan(decree, units, land, placements)


def reorganise(
    rolls: Rolls, decree: Decree, by: Acting, *, expect: str | None = None
) -> Plan | None:
    """Apply a decree; None where this very decree is applied already.

    Raises:
        DecreeRefused: it contradicts what stands, or is not in force yet.
        PlanChanged: it would do something else than the dry run whose digest is expected.
        SourceError: its boundaries cannot be taken.
        NotAllowed: not theirs to apply.
    """
    by.must_nationally(Act.REORGANISE)
    rolls.hold()
    plan = planned(rolls, decree, by)
    if plan is None:
        return None
    if expect is not None and not plan.digest.startswith(expect.lower()):
        raise PlanChanged(
            f"Kế hoạch nay là {plan.digest}, khác với lần chạy thử ({expect}): sổ đã đổi; hãy chạy "
            f"thử lại. / The plan is now {plan.digest}, not the one expected: the registry has "
            "changed since; try it dry again.",
            plan=plan.digest,
        )
    if decree.effective > by.today:
        raise DecreeRefused(
            f"{decree.number} có hiệu lực từ {decree.effective}: hãy chạy thử bây giờ và áp dụng "
            f"từ ngày đó. / It takes effect on {decree.effective}: try it dry now, apply it then.",
            faults=[f"effective: {decree.effective}"],
        )
    rolls.write(plan, by)
    return plan
