"""What is found on the ground: streets that a text names, and a street, house or place of it."""

from typing import Final, final

from diachiso.address.division import UnitKey
from diachiso.address.number import HouseNumber
from diachiso.geocode.gazetteer import House, Place, Point, Street, Stretch
from diachiso.geocode.query import MatchLevel
from diachiso.geocode.ruler import Spot


@final
class Found:
    """Something found on the ground, in one ward of today.

    `beyond_m` is how far past the end of its street the number would lie, where that is so far
    that the number does not fit the street: the street's end is told then, as a stretch. `doors`
    is how many recorded houses of the street bear the number there.
    """

    __slots__ = (
        "beyond_m",
        "chance",
        "doors",
        "error_m",
        "house",
        "level",
        "place",
        "point",
        "street",
        "ward",
    )

    def __init__(
        self,
        ward: UnitKey,
        chance: float,
        level: MatchLevel,
        point: Point | None,
        error_m: float | None,
        street: Street | None = None,
        house: House | None = None,
        place: Place | None = None,
        beyond_m: float = 0.0,
        doors: int = 0,
    ) -> None:
        self.ward: Final = ward
        self.chance: Final = chance
        self.level: Final = level
        self.point: Final = point
        self.error_m: Final = error_m
        self.street: Final = street
        self.house: Final = house
        self.place: Final = place
        self.beyond_m: Final = beyond_m
        self.doors: Final = doors

    def with_chance(self, chance: float) -> "Found":
        """The same, more or less likely."""
        return Found(
            self.ward,
            chance,
            self.level,
            self.point,
            self.error_m,
            self.street,
            self.house,
            self.place,
            self.beyond_m,
            self.doors,
        )


@final
class StreetNamed:
    """A street that the text names, the number on it, and how well it fits at best (0 to 1)."""

    __slots__ = ("fit", "is_alley", "number", "street")

    def __init__(
        self,
        street: Street,
        number: HouseNumber | None,
        fit: float = 1.0,
        *,
        is_alley: bool = False,
    ) -> None:
        self.street: Final = street
        self.number: Final = number
        self.fit: Final = fit
        self.is_alley: Final = is_alley


@final
class OnStreet:
    """A ward that a street named runs through, and how well the number fits there (0 to 1)."""

    __slots__ = ("fit", "number", "spot", "street", "stretch")

    def __init__(
        self,
        street: Street,
        stretch: Stretch,
        fit: float,
        spot: Spot | None,
        number: HouseNumber | None,
    ) -> None:
        self.street: Final = street
        self.stretch: Final = stretch
        self.fit: Final = fit
        self.spot: Final = spot
        self.number: Final = number
