"""What each piece of evidence is worth: ONE table, in natural-log units.

Evidence below zero is a fault and is told by name; evidence above zero is an award. The weights
were fitted on the development rows (docs/decisions/0011) and are nowhere else.
"""

from math import exp, log
from typing import Final, NamedTuple, final

from diachiso.geocode.meanings import MEANINGS


@final
class Evidence:
    """A named reason for or against an answer; `weight` in natural-log units.

    Compared by identity: there is one of each name, in the table below.
    """

    __slots__ = ("name", "weight")

    def __init__(self, name: str, weight: float) -> None:
        self.name: Final = name
        self.weight: Final = weight

    def __repr__(self) -> str:
        return f"Evidence({self.name!r}, {self.weight})"

    @property
    def is_fault(self) -> bool:
        """Does it speak against the answer?"""
        return self.weight < 0

    @property
    def detail_vi(self) -> str:
        """What it means, in Vietnamese."""
        return MEANINGS[self.name][0]

    @property
    def detail_en(self) -> str:
        """What it means, in English."""
        return MEANINGS[self.name][1]


# -- how a name is written -----------------------------------------------------------------------
NAME_FOUND: Final = Evidence("name_found", 3.0)
MARKS_AGREE: Final = Evidence("marks_agree", 0.8)
MARKS_DIFFER_A_LITTLE: Final = Evidence("marks_differ_a_little", -0.8)
MARKS_DIFFER: Final = Evidence("marks_differ", -1.8)
MISSPELT: Final = Evidence("misspelt", -2.0)
BADLY_MISSPELT: Final = Evidence("badly_misspelt", -3.6)
CUT_SHORT: Final = Evidence("cut_short", -3.0)
OTHER_NAME: Final = Evidence("other_name", -0.3)
BRIEF_NAME: Final = Evidence("brief_name", -2.0)
KIND_AGREES: Final = Evidence("kind_agrees", 2.0)
KIND_NEAR: Final = Evidence("kind_near", 0.6)
KIND_DIFFERS: Final = Evidence("kind_differs", -2.5)

# -- where it stands -----------------------------------------------------------------------------
FIELD_OF_ITS_OWN: Final = Evidence("field_of_its_own", 1.6)
FIELD_EDGE: Final = Evidence("field_edge", -0.3)
LIKE_A_STREET: Final = Evidence("like_a_street", -2.1)
AFTER_A_NUMBER: Final = Evidence("after_a_number", -0.8)
INSIDE_A_STREET: Final = Evidence("inside_a_street", -4.5)
INSIDE_A_NAME: Final = Evidence("inside_a_name", -2.8)

# -- how the units fit together ------------------------------------------------------------------
DISTRICT_HOLDS: Final = Evidence("district_holds", 2.0)
PROVINCE_HOLDS: Final = Evidence("province_holds", 0.9)
NEXT_TO_EACH_OTHER: Final = Evidence("next_to_each_other", 1.2)
IN_TURN: Final = Evidence("in_turn", 0.4)
OUT_OF_TURN: Final = Evidence("out_of_turn", -0.6)
DISTRICT_MISSING: Final = Evidence("district_missing", -1.0)
DISTRICT_DIFFERS: Final = Evidence("district_differs", -2.5)
STREET_RATHER: Final = Evidence("street_rather", -3.0)
PROVINCE_DIFFERS: Final = Evidence("province_differs", -4.0)
OLD_AND_NEW_MIXED: Final = Evidence("old_and_new_mixed", -0.7)
PROVINCE_NAME: Final = Evidence("province_name", 1.0)
DISTRICT_NAME: Final = Evidence("district_name", 0.5)
GONE_BEFORE_2025: Final = Evidence("gone_before_2025", -0.2)
WARD_MISSING: Final = Evidence("ward_missing", -1.0)
WARD_PASSED_OVER: Final = Evidence("ward_passed_over", -3.0)
TEXT_MENDED: Final = Evidence("text_mended", -1.5)
TODAYS_WARD_WITHOUT_KIND: Final = Evidence("todays_ward_without_kind", -1.5)
NEW_FORM: Final = Evidence("new_form", 0.5)

# -- what is found on the ground, and how the ward is told -----------------------------------------
# these weigh upon the probability told, not upon the order of the readings; fitted (0031)
HOUSE_RECORDED: Final = Evidence("house_recorded", 0.89)
NUMBER_INTERPOLATED: Final = Evidence("number_interpolated", -0.05)
NUMBER_DOWN_AN_ALLEY: Final = Evidence("number_down_an_alley", -0.05)
NUMBER_OUT_OF_RANGE: Final = Evidence("number_out_of_range", -0.05)
NUMBER_NOT_PLACED: Final = Evidence("number_not_placed", -2.2)
NUMBER_MISSING: Final = Evidence("number_missing", -1.35)
NUMBER_REPEATED: Final = Evidence("number_repeated", -0.05)
STREET_MISSING: Final = Evidence("street_missing", -0.63)
STREET_MISSPELT: Final = Evidence("street_misspelt", -0.05)
STREET_CROSSES_WARDS: Final = Evidence("street_crosses_wards", -0.05)
STREET_UNKNOWN_THERE: Final = Evidence("street_unknown", -0.05)
STREET_NOT_CHECKED: Final = Evidence("street_not_checked", -0.05)
GROUP_UNKNOWN: Final = Evidence("group_unknown", -0.6)
WARD_GUESSED_BY_SHARE: Final = Evidence("ward_guessed_by_share", -0.05)
WARD_GUESSED_BY_DEFAULT: Final = Evidence("ward_guessed_by_default", -0.3)
NAMESAKE_WARDS: Final = Evidence("namesake_wards", -0.05)
PROVINCE_MISSING: Final = Evidence("province_missing", -1.28)
NOTHING_RECOGNISED: Final = Evidence("nothing_recognised", -4.0)

TABLE: Final[tuple[Evidence, ...]] = tuple(
    value for value in list(globals().values()) if isinstance(value, Evidence)
)

ON_THE_GROUND: Final[tuple[Evidence, ...]] = TABLE[TABLE.index(HOUSE_RECORDED) :]

# -- chances -------------------------------------------------------------------------------------
TEMPERATURE: Final = 1.3
"""By how much evidence is discounted when weights become chances."""
STREET_ELSEWHERE: Final = 0.01
"""What a ward keeps of its chance when the street named is known, but not in it."""
STREET_TELLS: Final = 0.2
"""The chance that no unit is named from which a street alone may tell the ward."""
STREET_UNKNOWN: Final = 0.03
"""What it keeps where the street table is not complete enough to tell."""
FORMER_MISSED: Final = 0.1
"""How well a street fits that is nowhere in the old ward named."""
COVERED_M: Final = 5000.0
"""The length of streets known in a ward from which the table counts as complete there."""
STREET_ALONE: Final = 1.0
"""How well a street alone tells the ward, where no unit is named."""
NOTHING: Final = 4.0
"""The weight of reading no unit at all: evidence below it is no better than chance."""
NEXT_TO_IMPOSSIBLE: Final = 0.02
"""Wards less likely than this are candidates, but get no answer of their own."""
WORTH_TELLING: Final = 1.0
"""The weight from which a reading of the units is told as the parts of a text."""
ENOUGH: Final = 9.0
"""The weight from which an exact reading is not compared with misspelt ones."""
PLAINLY: Final = 3.5
"""The weight from which a mention counts as naming another unit plainly."""
NEGLIGIBLE: Final = 0.002
"""Readings less likely than this are not followed up."""
DEFAULT_SHARE: Final = 0.65
"""The chance of the default successor of a split ward where no polygon tells its share."""
NAMESAKE_OF_DISTRICT: Final = 3.0
"""How much likelier an address is in the ward of today that bears the old district's name."""
SURE: Final = 0.9
PROBABLE: Final = 0.6
UNLIKELY: Final = 0.2
"""From which confidence on an answer may be accepted, merely confirmed, or told at all as one."""
LIKELY_NOTHING: Final = 0.7
"""The chance that a text names no unit, from which none is pretended where no street is known."""
RIVAL: Final = 0.1
"""As likely as that, beside the likeliest, another ward of the same name is a rival."""


class Doubt(NamedTuple):
    """What calibration looks at beside the chance of the evidence."""

    ward_missing: bool
    another_larger_unit: bool
    district_missing: bool
    misspelt: bool


CALIBRATION: Final[tuple[float, ...]] = (-1.16, -1.62, -0.53, -1.69)
"""By how much each doubt lowers the log-odds; fitted by logistic regression (0031)."""
CALIBRATION_START: Final = 0.56
CALIBRATION_SLOPE: Final = 0.71
CALIBRATION_BEND: Final = 2.2
CALIBRATION_SLOPE_ABOVE: Final = 0.46
"""Log-odds of the answer from the log-odds of the evidence, bent where it is sure."""
LOWEST_CHANCE: Final = 0.02
HIGHEST_CHANCE: Final = 0.995


def calibrated(chance: float, doubt: Doubt, ground: tuple[Evidence, ...] = ()) -> float:
    """The probability that the ward is right, from the chance that the evidence gives it.

    `ground` is the evidence of what was found on the ground and of how the ward is told.
    """
    held = min(max(chance, LOWEST_CHANCE), HIGHEST_CHANCE)
    odds = log(held / (1 - held))
    above = max(odds - CALIBRATION_BEND, 0.0)
    told = CALIBRATION_START + CALIBRATION_SLOPE * (odds - above) + CALIBRATION_SLOPE_ABOVE * above
    told += sum(weight for weight, doubtful in zip(CALIBRATION, doubt, strict=True) if doubtful)
    told += sum(one.weight for one in ground)
    return min(chance / LOWEST_CHANCE, 1.0) / (1 + exp(-told))


MISSPELLINGS: Final = frozenset({MISSPELT, BADLY_MISSPELT, CUT_SHORT})


def doubt_of(evidence: tuple[Evidence, ...], *, at_a_number: bool) -> Doubt:
    """The doubts that a reading's evidence raises.

    A number placed on its street makes up for a ward or a district that is not named.
    """
    ward = district = other = misspelt = False
    for one in evidence:
        if one is WARD_MISSING:
            ward = not at_a_number
        elif one is DISTRICT_MISSING:
            district = not at_a_number
        elif one is DISTRICT_DIFFERS or one is PROVINCE_DIFFERS:
            other = True
        elif one in MISSPELLINGS:
            misspelt = True
    return Doubt(ward, other, district, misspelt)


OUTSIDE_THE_BOX: Final = 0.02
"""What a place outside the box asked for keeps of its chance."""
NEARBY_M: Final = 30_000.0
FAR_AWAY: Final = 0.02
"""How fast chances fall away from a place that the caller is near, and the least they keep."""

# -- metres --------------------------------------------------------------------------------------
PACE_M: Final = 3.3
"""How far along a street the number rises by one; 3.4 m is the median of Hanoi's streets."""
FIRST_NUMBER_M: Final = 30.0
"""How far from the end of a street the numbers begin."""
HOUSE_M: Final = 15.0
"""How far a known house is from its point."""
HOUSE_OFF: Final = 0.5
"""How much of its distance from where its number belongs is doubt about a known house."""
FIRST_SPREAD_M: Final = 250.0
"""How far the beginning of the numbers may lie from where it is expected."""
PACE_SPREAD_M: Final = 2.0
"""By how many metres a number the pace of one street differs from another's."""
WALK_M: Final = 12.0
SIDE_WALK_M: Final = 12.0
"""How far a street, and each side of it by itself, drifts with the root of the numbers passed."""
SIDE_SPREAD_M: Final = 10.0
"""How far the two sides are apart at their beginning."""
KNOWN_SPREAD_M: Final = 15.0
"""How far a known number stands from where it is seen."""
RULE_TELLS: Final = 1.3
"""Log-odds that a street is numbered as the circular says: 79 % of the streets of Hanoi are."""
MOUTH_TELLS: Final = 3.0
"""Log-odds that an alley is numbered from where it leaves its street."""
WAY_DOUBTED: Final = 0.8
"""From what chance on that numbers rise one way the other is not looked at."""
WRONG_SIDE: Final = 0.1
"""How likely a number is on the side of the street where its parity does not belong."""
WRONG_SIDE_M: Final = 60.0
"""What crossing the street counts for, in metres, when a place in a ward is sought."""
PLACE_M: Final = 40.0
"""How far a named place reaches from its point."""
DOWN_AN_ALLEY_M: Final = 50.0
"""How far off its street a house lies whose alley is on no map."""
LENGTH_TELLS: Final = 0.5
"""By which power of its length a street is likelier than a shorter one of the same name."""
NOT_THERE: Final = 1e-100
"""A street that fits no better than this is too short for the number by far: it is not meant."""
PAST_ITS_ALLEY: Final = 0.3
"""How well the street itself fits where the alley named is a street of its own."""
BEYOND_M: Final = 50.0
"""By how much a number may exceed the length of a street without speaking much against it."""
PAST_THE_END_M: Final = 100.0
"""How far past the end of its street a number may lie before it counts as out of range."""
SHARE_OF_REACH: Final = 0.5
"""The error of a middle point, as a share of how far the thing reaches."""
SHORTEST_STRETCH_M: Final = 30.0
"""What a stretch without a known course counts for."""
STRAY_M: Final = 15.0
STRAY_SHARE: Final = 0.5
"""How far a number may stray from a ward without speaking much against it: that, and so much of
its error."""
ERROR_STATED: Final[dict[str, tuple[float, float]]] = {
    "house": (25.0, 1.0),
    "interpolated": (100.0, 1.0),
    "alley": (165.0, 1.1),
    "past_the_end": (40.0, 1.0),
    "stretch": (60.0, 1.2),
    "unplaced": (550.0, 1.0),
    "place": (60.0, 1.0),
    "ward": (0.0, 1.6),
}
"""Base and slope of the error stated, by level, from the error of the model: so that the truth
lies within twice the stated figure nine times in ten (0012, 0031)."""
