"""Where the rows of an intake lie: axes, zones of VN-2000, the ward that holds each point."""

from collections.abc import Sequence
from dataclasses import replace

from diachiso.address.division import UnitKey
from diachiso.address.errors import AddressError
from diachiso.address.position import Position, is_within
from diachiso.registry.intake import Entry, Field
from diachiso.registry.intake_terms import Pair, Survey, Terms

BORDER_M = 50.0
"""So near to its ward a point may lie beyond the border: lines and receivers are no better."""
GLOBE = 180.0
LEAST_NORTHING, MOST_EASTING = 880_000.0, 900_000.0
"""VN-2000 in metres: Cà Mau lies at 940 km north, and no zone reaches 900 km east."""


def placed(rows: list[Entry], terms: Terms, survey: Survey) -> list[Entry]:
    """Rows with their positions in WGS 84 and the wards that hold them, or why not."""
    rows = _positioned(rows, terms)
    rows = _in_wards(rows, terms, survey)
    return _zones_tried(rows, terms, survey)


def _positioned(rows: list[Entry], terms: Terms) -> list[Entry]:
    rows = [row if row.is_settled else _axes_right(row, terms) for row in rows]
    metric = [n for n in open_rows(rows) if rows[n].in_metres]
    degrees = [n for n in open_rows(rows) if not rows[n].in_metres]
    crs = terms.crs
    groups = [(degrees, crs if crs and not terms.crs_is_metres else None)]
    groups += [(metric, crs)]
    for numbers, system in groups:
        pairs = [_pair(rows[n]) for n in numbers]
        turned = terms.convert(system, pairs) if system and pairs else pairs
        for n, pair in zip(numbers, turned, strict=True):
            rows[n] = _at(rows[n], pair)
    return rows


def _pair(row: Entry) -> Pair:
    if row.coordinates is None:  # a row without any has its fault already
        raise AssertionError
    return row.coordinates


def _axes_right(row: Entry, terms: Terms) -> Entry:
    """East before north, in degrees or in metres whose zone is known."""
    if row.coordinates is None:
        return row.but("position_missing", Field.LON)
    (x, y), told = row.coordinates, shown_pair(row.coordinates)
    if max(abs(x), abs(y)) <= GLOBE:
        row = replace(row, in_metres=False)
        if not is_within(x, y) and is_within(y, x):
            swapped = replace(row, coordinates=(y, x))
            return swapped.but("axes_swapped", Field.LON, told, shown_pair((y, x)))
        return row
    if not (terms.crs and terms.crs_is_metres):
        return row.but("metres_without_zone", Field.X if row.in_metres else Field.LON, told)
    was_degrees, row = not row.in_metres, replace(row, in_metres=True)
    if y < LEAST_NORTHING < x and y < MOST_EASTING:
        row = replace(row, coordinates=(y, x))
        row = row.but("axes_swapped", Field.X, told, shown_pair((y, x)))
    if was_degrees:
        row = row.but("metres_converted", Field.LON, told, terms.crs)
    return row


def _at(row: Entry, pair: Pair) -> Entry:
    try:
        return replace(row, position=Position.parse(round(pair[0], 8), round(pair[1], 8)))
    except (AddressError, ValueError):
        return row.but("out_of_country", where(row), shown_pair(row.coordinates or pair))


def _in_wards(rows: list[Entry], terms: Terms, survey: Survey) -> list[Entry]:
    """The position decides the ward; what is named must agree with it."""
    numbers = open_rows(rows)
    spots = [spot_of(rows[n]) for n in numbers]
    found = survey.wards_at(spots) if spots else []
    astray: list[tuple[int, frozenset[UnitKey]]] = []
    for n, ward in zip(numbers, found, strict=True):
        named = _named(rows[n], terms)
        if named is not None and not named:
            rows[n] = rows[n].but("ward_unknown", Field.WARD, rows[n].ward_named)
        elif ward is None:
            shown = shown_pair(rows[n].coordinates or (0, 0))
            rows[n] = rows[n].but("position_in_no_ward", where(rows[n]), shown)
        else:
            rows[n] = replace(rows[n], ward=ward)
            if named is not None and ward not in named:
                astray.append((n, named))
            elif (today := terms.wards_today(rows[n].ward_named)) and ward not in today:
                here = terms.name_of(ward)
                rows[n] = rows[n].but("ward_meant_old", Field.WARD, rows[n].ward_named, here)
    rows = _astray(rows, astray, terms, survey)
    for n in open_rows(rows):
        rows[n] = _allowed(rows[n], terms)
    return rows


def _named(row: Entry, terms: Terms) -> frozenset[UnitKey] | None:
    if row.ward_named:
        return terms.wards_named(row.ward_named)
    return frozenset({terms.whole}) if terms.whole else None


def _astray(
    rows: list[Entry],
    astray: Sequence[tuple[int, frozenset[UnitKey]]],
    terms: Terms,
    survey: Survey,
) -> list[Entry]:
    if not astray:
        return rows
    metres = survey.metres_to([spot_of(rows[n]) for n, _ in astray], [named for _, named in astray])
    for (n, named), far in zip(astray, metres, strict=True):
        row = rows[n]
        meant = " / ".join(sorted(map(terms.name_of, named)))
        if far <= BORDER_M and row.ward is not None:
            here = terms.name_of(row.ward)
            rows[n] = row.but("position_across_border", where(row), meant, here)
        else:
            told = f"{far / 1000:,.1f} km" if far >= 1000 else f"{far:.0f} m"  # noqa: PLR2004
            rows[n] = row.but("position_outside_ward", where(row), meant, told)
    return rows


def _allowed(row: Entry, terms: Terms) -> Entry:
    if row.ward is None:
        return row
    across = any(fault.rule == "position_across_border" for fault in row.faults)
    if row.ward not in terms.area and not across:
        return row.but("outside_area", where(row), terms.name_of(row.ward))
    if not terms.may_enter(row.ward):
        return row.but("not_your_ward", Field.WARD, terms.name_of(row.ward))
    if row.restricted and not terms.may_hide(row.ward):
        return row.but("restricted_not_allowed", Field.RESTRICTED)
    return row


def _zones_tried(rows: list[Entry], terms: Terms, survey: Survey) -> list[Entry]:
    """Metres that lie astray: would another zone of VN-2000 put them where they should be?"""
    astray = {"out_of_country", "position_in_no_ward", "position_outside_ward", "outside_area"}
    suspects = [
        n
        for n, row in enumerate(rows)
        if row.in_metres and row.coordinates and any(f.rule in astray for f in row.faults)
    ]
    for zone in terms.zones:
        if not suspects:
            break
        turned = terms.convert(zone, [_pair(rows[n]) for n in suspects])
        inside = [(n, p) for n, p in zip(suspects, turned, strict=True) if is_within(*p)]
        wards = survey.wards_at([Position(*pair) for _, pair in inside]) if inside else []
        for (n, _), ward in zip(inside, wards, strict=True):
            named = _named(rows[n], terms)
            if ward is not None and ward in (terms.area if named is None else named):
                kept = tuple(f for f in rows[n].faults if f.rule not in astray)
                shown = shown_pair(_pair(rows[n]))
                rows[n] = replace(rows[n], faults=kept).but("wrong_zone", Field.X, shown, zone)
        fitted = {n for n, _ in inside if rows[n].faults[-1].rule == "wrong_zone"}
        suspects = [n for n in suspects if n not in fitted]
    return rows


def where(row: Entry) -> Field:
    """The field that holds its position."""
    return Field.X if row.in_metres else Field.LON


def shown_pair(pair: Pair) -> str:
    """Two coordinates as a person reads them."""
    return ", ".join(f"{value:.7g}" if abs(value) <= GLOBE else f"{value:.2f}" for value in pair)


def open_rows(rows: Sequence[Entry]) -> list[int]:
    """The places of the rows of which more is to be asked."""
    return [n for n, row in enumerate(rows) if not row.is_settled]


def spot_of(row: Entry) -> Position:
    """The point of a row that has one."""
    if row.position is None:  # rows without one have their fault already
        raise AssertionError
    return row.position
