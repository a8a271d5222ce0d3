"""The explanation of an answer: every reading tried, with its evidence. Null by default."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from diachiso.address.division import full_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diachiso.geocode.chain import Reading
    from diachiso.geocode.mention import Mention


@dataclass(frozen=True, slots=True)
class TriedReading:
    """One reading: the units it takes the text to name, its evidence and how likely it is."""

    units: tuple[str, ...]
    evidence: tuple[tuple[str, float], ...]
    weight: float
    likelihood: float


@dataclass(frozen=True, slots=True)
class Trace:
    """What the text became, and the readings tried, the best first."""

    text: str
    readings: tuple[TriedReading, ...]

    @classmethod
    def of(cls, text: str, readings: "Sequence[Reading]", likelihoods: "Sequence[float]") -> Self:
        """Write down what was tried."""
        pairs = zip(readings, likelihoods, strict=True)
        return cls(text, tuple(_tried(reading, chance) for reading, chance in pairs))


def _tried(reading: "Reading", likelihood: float) -> TriedReading:
    return TriedReading(
        units=tuple(_told(mention) for mention in reading.mentions),
        evidence=tuple((one.name, one.weight) for one in reading.evidence),
        weight=round(reading.weight, 2),
        likelihood=round(likelihood, 4),
    )


def _told(mention: "Mention") -> str:
    unit = mention.unit
    kind = min(unit.kinds, default=None)
    side = "trước 1/7/2025" if unit.former else "từ 1/7/2025"
    name = full_name(kind, unit.name) if kind else unit.name
    return f"{unit.level.value} {unit.key.code} {name} ({side})"
