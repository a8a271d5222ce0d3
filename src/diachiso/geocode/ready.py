"""What many texts need of the units and streets, worked out before the first text comes.

Nothing is kept here: each piece is remembered where it is asked for.
"""

from datetime import date

from diachiso.address.division import Level
from diachiso.geocode.gazetteer import Gazetteer
from diachiso.geocode.locate import covered_wards
from diachiso.geocode.middle import middle_of
from diachiso.geocode.numbering import alleys_by_street
from diachiso.geocode.setting import EVE_OF_REFORM, as_candidate, named_unit
from diachiso.geocode.today import heirs_of, wards_in
from diachiso.geocode.unit import Unit
from diachiso.geocode.verdict import wards_with_streets


def make_ready(gazetteer: Gazetteer, day: date) -> None:
    """Work out what follows from the units and from the streets alone, as of a day.

    Takes a fifth of a second for the whole country; what is not worked out here is when asked for.
    """
    for unit in gazetteer.units:
        named_unit(gazetteer.units, unit.key, EVE_OF_REFORM if unit.former else day)
        if unit.level is Level.WARD:
            _ward(unit, gazetteer, day)
        else:
            wards_in(unit, gazetteer)
    for of_all_streets in (covered_wards, wards_with_streets, alleys_by_street):
        of_all_streets(gazetteer)


def _ward(unit: Unit, gazetteer: Gazetteer, day: date) -> None:
    old, key = (unit, unit.key) if unit.former else (None, None)
    for heir, _ in heirs_of(unit, gazetteer):
        as_candidate(gazetteer.units, heir.key, old, day)
        middle_of(heir.key, key, gazetteer)
