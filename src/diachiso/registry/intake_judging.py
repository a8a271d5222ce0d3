"""The rows of an intake judged together with what is known: wards, streets, the registry, the file.

A chunk of rows is judged at once, so that each question is asked of the store once a chunk; rows
are judged in the order of the file, and the first of two that are the same is the one taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b

from diachiso.address.name import fold
from diachiso.address.position import Position, PositionKind
from diachiso.address.record import Details, Spot
from diachiso.geocode.gazetteer import street_key
from diachiso.registry.intake import Entry, Field
from diachiso.registry.intake_placing import open_rows, placed, shown_pair, spot_of, where
from diachiso.registry.intake_terms import Earlier, Survey, Terms

SAME_HOUSE_M = 50.0
"""Two of one number and street so near are the same house; farther off they may be two."""
MANY_AT_POINT = 5


def judged(entries: Sequence[Entry], terms: Terms, survey: Survey) -> list[Entry]:
    """Rows in their order, with all that was found."""
    rows = [_completed(entry) for entry in entries]
    rows = placed(rows, terms, survey)
    rows = _coded(rows, survey)
    rows = _in_streets(rows, survey)
    rows = _against_registry(rows, survey)
    return _against_file(rows, survey)


def _completed(row: Entry) -> Entry:
    if row.is_settled:
        return row
    if row.number is None and not row.name:
        return row.but("nothing_named", Field.NUMBER)
    if row.number and not (row.street or row.group or row.estate):
        return row.but("street_missing", Field.STREET)
    return row


def _coded(rows: list[Entry], survey: Survey) -> list[Entry]:
    written = [code for n in open_rows(rows) if (code := rows[n].code)]
    issued = survey.codes(written) if written else frozenset()
    for n in open_rows(rows):
        if code := rows[n].code:
            rule = "code_known" if code in issued else "code_unknown"
            rows[n] = rows[n].but(rule, Field.CODE, code)
    return rows


def _in_streets(rows: list[Entry], survey: Survey) -> list[Entry]:
    numbers = [n for n in open_rows(rows) if rows[n].street]
    asked = [(rows[n].street, spot_of(rows[n])) for n in numbers]
    for n, found in zip(numbers, survey.streets_near(asked) if asked else (), strict=True):
        if found is not None:
            rows[n] = replace(rows[n], street_ref=found[0])
        if found is None or not found[1]:
            rows[n] = rows[n].but("street_unknown", Field.STREET, rows[n].street)
    return rows


def _against_registry(rows: list[Entry], survey: Survey) -> list[Entry]:
    numbers = open_rows(rows)
    same = survey.registered([rows[n] for n in numbers]) if numbers else {}
    for n in numbers:
        if (one := same.get(rows[n].number_in_file)) is None:
            continue
        if one.metres <= SAME_HOUSE_M:
            rows[n] = rows[n].but("already_registered", Field.NUMBER, one.called)
        elif not rows[n].distinct:
            far = f"{one.metres:.0f} m"
            rows[n] = rows[n].but("number_taken", Field.NUMBER, one.called, far)
    return rows


def _against_file(rows: list[Entry], survey: Survey) -> list[Entry]:
    numbers = open_rows(rows)
    same = dict(survey.earlier([key_of(rows[n]) for n in numbers])) if numbers else {}
    at = dict(survey.taken_at([packed(spot_of(rows[n])) for n in numbers])) if numbers else {}
    known, used = survey.ids([rows[n].external for n in numbers if rows[n].external])
    ids = dict(used)
    for n in numbers:
        rows[n] = row = _repeated(rows[n], same, at, known, ids)
        if not row.stays_out:
            spot = packed(spot_of(row))
            same.setdefault(key_of(row), Earlier(row.number_in_file, spot))
            at[spot] = at.get(spot, 0) + 1
            if row.external:
                ids[row.external] = row.number_in_file
    return rows


def _repeated(
    row: Entry,
    same: Mapping[int, Earlier],
    at: Mapping[int, int],
    known: frozenset[str],
    ids: Mapping[str, int],
) -> Entry:
    if row.external in known:
        return row.but("id_known", Field.EXTERNAL, row.external)
    if row.external in ids:
        return row.but("id_repeated", Field.EXTERNAL, row.external, ids[row.external])
    spot = spot_of(row)
    if (first := same.get(key_of(row))) is not None:
        metres = rough_metres(spot, unpacked(first.spot))
        if metres <= SAME_HOUSE_M:
            return row.but("duplicate_in_file", Field.NUMBER, first.row)
        if not row.distinct:
            row = row.but("number_twice", Field.NUMBER, first.row, f"{metres:.0f} m")
    if (many := at.get(packed(spot), 0)) >= MANY_AT_POINT:
        row = row.but("same_point", where(row), shown_pair((spot.lon, spot.lat)), many + 1)
    return row


def key_of(row: Entry) -> int:
    """What tells a row's address apart within its ward, in 64 bits."""
    number = row.number.key if row.number else ""
    parts = [street_key(row.street) if row.street else "", number]
    if row.number is None or not row.street:
        parts += [fold(row.group), fold(row.estate), fold(row.name) if not row.number else ""]
    told = "\x1f".join([row.ward.code if row.ward else "", *parts])
    return int.from_bytes(blake2b(told.encode(), digest_size=8).digest(), signed=True)


def packed(spot: Position) -> int:
    """A point to about a metre, in one number."""
    return round(spot.lon * 1e5) * 10**8 + round(spot.lat * 1e5)


def unpacked(spot: int) -> Position:
    """The point of such a number."""
    lon, lat = divmod(spot, 10**8)
    return Position(lon / 1e5, lat / 1e5)


def rough_metres(one: Position, other: Position) -> float:
    """Metres between two points near each other at Vietnam's latitudes, to a few in a hundred."""
    east, north = (one.lon - other.lon) * 106_500, (one.lat - other.lat) * 110_700
    return float((east**2 + north**2) ** 0.5)


def details_of(row: Entry) -> Details:
    """The address that a row which is taken tells.

    Its faults that leave a doubt are flagged.
    """
    if row.ward is None:
        raise AssertionError
    return Details(
        ward=row.ward,
        spots=(Spot(spot_of(row), PositionKind.ENTRANCE),),
        number=row.number,
        street=row.street_ref,
        kind=row.kind,
        residential_group=row.group or None,
        estate=row.estate or None,
        name=row.name or None,
        document=row.document,
        restricted=row.restricted,
        doubts=row.doubts,
        attributes=row.attributes,
    )
