"""Intake: what a row of a spreadsheet says of an address, field by field, with the faults found.

What can be put right safely is put right, and said; one bad row never costs the good ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from diachiso.address.code import AddressCode
from diachiso.address.division import UnitKey
from diachiso.address.number import HouseNumber
from diachiso.address.position import Position
from diachiso.address.record import Document, ObjectKind, StreetRef
from diachiso.registry.intake_rules import RULES, Severity

NOTHING: Mapping[str, Any] = {}


class Field(StrEnum):
    """What a column may say of an address."""

    NUMBER = "number"
    STREET = "street"
    GROUP = "residential_group"
    ESTATE = "estate"
    NAME = "name"
    KIND = "kind"
    LON = "lon"
    LAT = "lat"
    X = "x"
    Y = "y"
    WARD = "ward"
    DOCUMENT = "document"
    DOCUMENT_DATE = "document_date"
    ISSUER = "issuer"
    EXTERNAL = "external_id"
    CODE = "code"
    RESTRICTED = "restricted"
    DISTINCT = "distinct"
    KEEPER = "keeper"
    STAFFED = "staffed"
    HOURS = "hours"
    BOXES = "boxes"
    STATE_MAIL = "state_mail"


@dataclass(frozen=True, slots=True)
class Fault:
    """What a rule found: in which field, what stood there, and what was put or is meant."""

    rule: str
    field: Field | None = None
    found: str = ""
    put: str = ""

    @property
    def is_error(self) -> bool:
        """Does the row stay out?"""
        return RULES[self.rule].severity is Severity.ERROR

    @property
    def told(self) -> str:
        """The sentence, with the name of the rule."""
        return f"{RULES[self.rule].told(self.found, self.put)} [{self.rule}]"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row as far as it is understood; `number_in_file` counts rows of data from 1."""

    number_in_file: int
    faults: tuple[Fault, ...] = ()
    number: HouseNumber | None = None
    street: str = ""
    group: str = ""
    estate: str = ""
    name: str = ""
    kind: ObjectKind = ObjectKind.UNKNOWN
    coordinates: tuple[float, float] | None = None
    in_metres: bool = False
    position: Position | None = None
    ward_named: str = ""
    document: Document | None = None
    external: str = ""
    code: AddressCode | None = None
    restricted: bool = False
    distinct: bool = False
    """Somebody says that it is another than those of its number and street."""
    attributes: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    ward: UnitKey | None = None
    street_ref: StreetRef | None = None
    is_blank: bool = False

    @property
    def stays_out(self) -> bool:
        """Is there an error?"""
        return any(fault.is_error for fault in self.faults)

    @property
    def is_settled(self) -> bool:
        """Is there nothing more to be asked of it?"""
        return self.is_blank or self.stays_out

    @property
    def doubts(self) -> frozenset[str]:
        """The attributes that its faults put in doubt."""
        flagged = (RULES[fault.rule].doubt for fault in self.faults)
        return frozenset(doubt for doubt in flagged if doubt)

    def but(
        self, rule: str, field: Field | None = None, found: object = "", put: object = ""
    ) -> "Entry":
        """The same with a fault more."""
        return replace(self, faults=(*self.faults, Fault(rule, field, str(found), str(put))))
