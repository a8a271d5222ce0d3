"""Something found on the ground: the street, house or place that a text means, in one ward."""

from typing import Final, final

from diachiso.address.division import UnitKey
from diachiso.geocode.gazetteer import House, Place, Point, Street
from diachiso.geocode.query import MatchLevel


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
