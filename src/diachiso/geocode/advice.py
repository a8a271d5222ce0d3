"""What to do with an answer: accept, confirm, choose or fix, and the question that would decide.

An answer is to be accepted where its ward is sure and nothing that the registry holds speaks
against what the text says of street and number.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

from diachiso.address.division import UnitKey
from diachiso.geocode import score
from diachiso.geocode.found import Found
from diachiso.geocode.query import Action, MatchLevel, NextAction
from diachiso.geocode.score import Evidence
from diachiso.geocode.setting import Setting, named_unit
from diachiso.geocode.verdict import divided_ward, namesakes, street_wards
from diachiso.geocode.vocabulary import Unit

MOST_LISTED: Final = 6
GUESSES: Final = frozenset({score.WARD_GUESSED_BY_SHARE, score.WARD_GUESSED_BY_DEFAULT})
CHOOSE: Final = partial(NextAction, Action.CHOOSE)
CONFIRM: Final = partial(NextAction, Action.CONFIRM)


def nothing_recognised() -> NextAction:
    """The text is no address that anybody could place."""
    return NextAction(
        Action.FIX,
        "Không nhận ra địa chỉ. Xin ghi rõ số nhà, đường, phường hoặc xã, tỉnh hoặc thành phố.",
        "No address is recognised. Please write number, street, ward or commune, and province.",
    )


def next_action(
    found: Found, evidence: Sequence[Evidence], confidence: float, setting: Setting
) -> NextAction:
    """Accept, confirm, choose or fix, with the question that would decide."""
    several = len(setting.likely) > 1
    if several and not GUESSES.isdisjoint(evidence):
        return _part_asked(found, setting)
    doubted = _doubted(found, evidence, setting)
    if confidence >= score.SURE:
        return doubted or NextAction(Action.ACCEPT)
    if setting.reading_of(found).ward is None and found.street is None and found.place is None:
        return _ward_asked(found, setting)
    if several and confidence < score.PROBABLE:
        return _choice(found, confidence, setting)
    if confidence < score.UNLIKELY:
        return _ward_to_fix(found, setting)
    return doubted or _ward_to_confirm(found, setting)


def _full_name(ward: UnitKey, setting: Setting) -> str:
    return named_unit(setting.gazetteer.units, ward, setting.as_of).full_name


def _listed(wards: Sequence[Found], setting: Setting) -> str:
    """The wards with their provinces: 'Phường X, Tỉnh Y; Xã X, Tỉnh Z'."""
    names = [
        named_unit(setting.gazetteer.units, one.ward, setting.as_of) for one in wards[:MOST_LISTED]
    ]
    return "; ".join(f"{name.full_name}, {name.province_name}" for name in names)


# -- to choose -----------------------------------------------------------------------------------


def _part_asked(found: Found, setting: Setting) -> NextAction:
    """The old ward was divided: which part? The street or the residential group would tell."""
    old = divided_ward(setting.reading_of(found), setting)
    name = old.name if old else ""
    parts = [one for one in setting.likely if divided_ward(setting.reading_of(one), setting) is old]
    listed = _listed(parts, setting)
    return CHOOSE(
        f"{name} cũ đã được chia: {listed}. Địa chỉ ở đường nào, tổ dân phố hay thôn nào?",
        f"The former {name} was divided: {listed}. Which street, residential group or hamlet?",
    )


def _ward_asked(found: Found, setting: Setting) -> NextAction:
    """The text names no ward: choose among those of the district, or write it."""
    district = setting.reading_of(found).district
    if district is None:
        return NextAction(
            Action.FIX, "Địa chỉ thuộc phường, xã nào?", "Which ward or commune is the address in?"
        )
    within = [one for one in setting.found if _only_names(district.unit, one, setting)]
    name, listed = district.unit.name, _listed(within, setting)
    return CHOOSE(
        f"{name} cũ nay gồm: {listed}. Địa chỉ nằm ở đơn vị nào?",
        f"The former {name} is now: {listed}. Which one is the address in?",
    )


def _only_names(district: Unit, found: Found, setting: Setting) -> bool:
    reading = setting.reading_of(found)
    return (
        reading.ward is None and reading.district is not None and reading.district.unit is district
    )


def _choice(found: Found, confidence: float, setting: Setting) -> NextAction:
    """The wards of one street, those of one name, or whatever is likely."""
    if found.street is not None and (others := street_wards(found, setting)):
        street, listed = found.street.name, _listed([found, *others], setting)
        return CHOOSE(
            f"{street} chạy qua: {listed}. Địa chỉ nằm ở đơn vị nào?",
            f"{street} runs through: {listed}. Which one is the address in?",
        )
    if found.street is None and (others := namesakes(found, setting)):
        listed = _listed([found, *others], setting)
        return CHOOSE(
            f"Có nhiều nơi cùng tên: {listed}. Đúng là nơi nào?",
            f"Several places bear this name: {listed}. Which one is meant?",
        )
    if confidence < score.UNLIKELY:
        return _ward_to_fix(found, setting)
    listed = _listed(setting.likely, setting)
    return CHOOSE(
        f"Địa chỉ có thể thuộc: {listed}. Đúng là nơi nào?",
        f"The address may be in: {listed}. Which one is meant?",
    )


# -- to fix or to confirm ------------------------------------------------------------------------


def _ward_to_fix(found: Found, setting: Setting) -> NextAction:
    name = _full_name(found.ward, setting)
    return NextAction(
        Action.FIX,
        f"Không chắc là {name}. Xin ghi rõ phường hoặc xã, tỉnh hoặc thành phố.",
        f"Hardly {name}. Please write the ward or commune, and the province.",
    )


def _ward_to_confirm(found: Found, setting: Setting) -> NextAction:
    name = _full_name(found.ward, setting)
    return CONFIRM(f"Có phải {name} không?", f"Is it {name}?")


def _province_to_confirm(found: Found, setting: Setting) -> NextAction:
    """The text names no unit: the street may lie in a province that is not loaded, too."""
    ward = named_unit(setting.gazetteer.units, found.ward, setting.as_of)
    name = f"{ward.full_name}, {ward.province_name}"
    return CONFIRM(f"Có phải ở {name} không?", f"Is it in {name}?")


def _doubted(found: Found, evidence: Sequence[Evidence], setting: Setting) -> NextAction | None:
    """What the registry holds against the street or the number, as a question."""
    ward = _full_name(found.ward, setting)
    if score.STREET_UNKNOWN_THERE in evidence:
        street = setting.line.street
        return CONFIRM(
            f"Không thấy “{street}” ở {ward}. Tên đường và phường, xã có đúng không?",
            f"“{street}” is not known in {ward}. Are the street and the ward right?",
        )
    if not setting.reading_of(found).mentions:
        return _province_to_confirm(found, setting)
    number = setting.line.number_told
    street = found.street.name if found.street else ""
    if score.NUMBER_OUT_OF_RANGE in evidence:
        return CONFIRM(
            f"Số {number} vượt xa các số của {street} ở {ward}. Số nhà có đúng không?",
            f"Number {number} lies far beyond {street} in {ward}. Is the number right?",
        )
    if near := _neighbours(found, setting):
        vi, en = ("các số", "the numbers") if "," in near else ("số", "number")
        return CONFIRM(
            f"Số {number} {street} chưa có trong sổ, vị trí suy từ {vi} {near}. Có đúng không?",
            f"{number} {street} is not recorded; it is placed by {en} {near}. Is it right?",
        )
    return None


def _neighbours(found: Found, setting: Setting) -> str:
    """The recorded numbers next to an interpolated one; none where the street has none."""
    number = setting.line.number
    if found.level is not MatchLevel.INTERPOLATED or found.street is None or number is None:
        return ""
    at = number.at_street
    known = setting.gazetteer.neighbours(found.street.id, at) if at is not None else ()
    plain = sorted({int(digits) for h in known if (digits := h.number.rstrip(LETTERS)).isdecimal()})
    if at is None:
        return ""
    below = [one for one in plain if one <= at][-1:]
    return ", ".join(map(str, [*below, *[one for one in plain if one > at][:1]]))


LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
