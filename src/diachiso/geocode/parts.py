"""The parts that a text names, in canonical spelling."""

from diachiso.address.name import standard
from diachiso.geocode.chain import Reading
from diachiso.geocode.line import Line, PieceKind
from diachiso.geocode.mention import Mention
from diachiso.geocode.normalize import Draft
from diachiso.geocode.query import Parts


def parts_of(reading: Reading | None, line: Line, draft: Draft) -> Parts:
    """Parts of units from the reading, the others from the line and what was set aside."""
    number = line.number
    return Parts(
        province=_name(reading.province) if reading else None,
        district=_name(reading.district) if reading else None,
        ward=_name(reading.ward) if reading else None,
        street=standard(line.street) if line.street else None,
        house_number=str(number) if number and number.has_house else None,
        alley="/".join(number.alley) if number and number.alley else None,
        residential_group=line.written(PieceKind.GROUP),
        building=line.written(PieceKind.ESTATE),
        place=", ".join(line.names) or None,
        postcode=draft.postcode,
        phone=draft.phone,
        note=draft.note,
    )


def _name(mention: Mention | None) -> str | None:
    """The unit's own name; one that the registry only knows by its letters, as written."""
    if mention is None:
        return None
    return mention.unit.name
