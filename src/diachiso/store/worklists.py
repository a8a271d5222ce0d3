"""Lists of a ward for those who work on it: filtered, counted, a page at a time.

A ward may have 50,000 addresses: pages go by keyset through the index on (ward, address), the rows
of a page alone are joined with their codes, streets and units; counts are one pass over the ward.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, text, tuple_

from diachiso.address.division import UnitKey
from diachiso.address.record import POSTAL, Address, ObjectKind, State
from diachiso.geocode.gazetteer import street_key
from diachiso.store import tables as t
from diachiso.store.engine import Reader
from diachiso.store.history import is_recorded
from diachiso.store.likely import is_version, recorded_versions, unit_is
from diachiso.store.versions import address_of

BOOK = t.address_book


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list shows: states, a street, a number, doubts, postal points, others' or own work."""

    states: tuple[State, ...] = ()
    street: int | None = None
    number: str = ""
    doubted: bool = False
    postal: bool = False
    author: int | None = None
    not_by: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Addresses, and where the next page begins (None: there is none)."""

    addresses: tuple[Address, ...]
    following: str | None


def listed(
    reader: Reader, ward: UnitKey, day: date, wanted: Wanted, *, after: str = "", most: int = 50
) -> Page:
    """A page of a ward's addresses: the newest first, those of a street in the order of numbers.

    `after` is what the page before called `following`; whatever else it is, is no place to go on.
    """
    unit = reader.scalar(select(t.unit.c.id).where(unit_is(ward)))
    query = _picked(unit, day, wanted)
    if wanted.street is None:
        query = query.order_by(BOOK.c.address_id.desc())
        if after.isdecimal():
            query = query.where(BOOK.c.address_id < int(after))
    else:
        place = (func.length(BOOK.c.number_key), BOOK.c.number_key, BOOK.c.address_id)
        query = query.order_by(*place)
        if (mark := _street_mark(after)) is not None:
            query = query.where(tuple_(*place) > tuple_(*map(literal, mark)))
    ids = reader.execute(query.limit(most + 1)).all()
    here = [(row.id, row.restricted) for row in ids[:most]]
    rows = reader.execute(recorded_versions().where(is_version(here))).all()
    found = {(row.id, row.restricted): row for row in rows}
    shown = [found[one] for one in here if one in found]
    full = len(ids) > most and shown
    return Page(tuple(map(address_of, shown)), _mark(shown[-1], wanted) if full else None)


def _picked(unit: int | None, day: date, wanted: Wanted) -> Select[Any]:
    query = select(BOOK.c.id, BOOK.c.restricted).where(BOOK.c.ward_id == unit, _stands(day))
    return query.where(*_conditions(wanted))


def _stands(day: date) -> ColumnElement[bool]:
    """The versions that hold on a day.

    Asked so (`IS TRUE`) no index answers it: the planner takes the one on days for choosy, where
    nearly every version holds today, and would read the whole ward for each page.
    """
    return is_recorded(BOOK) & BOOK.c.valid.contains(day).is_(True)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if wanted.states:
        where.append(BOOK.c.state.in_([state.value for state in wanted.states]))
    if wanted.street is not None:
        where.append(BOOK.c.street_id == wanted.street)
    if wanted.number:
        where.append(BOOK.c.number_key.startswith(wanted.number.upper(), autoescape=True))
    if wanted.doubted:
        where.append(BOOK.c.doubts != literal([], type_=BOOK.c.doubts.type))
    if wanted.postal:
        kinds = {*POSTAL, ObjectKind.PICKUP_POINT}
        where.append(BOOK.c.kind.in_([kind.value for kind in kinds]))
    if wanted.author is not None:
        where.append(BOOK.c.author_id == wanted.author)
    if wanted.not_by is not None:
        where.append(BOOK.c.author_id.is_distinct_from(wanted.not_by))
    return where


def _mark(row: Any, wanted: Wanted) -> str:  # noqa: ANN401 (a row of the view)
    if wanted.street is None:
        return str(row.address_id)
    return f"{row.address_id}~{row.number_key}"


def _street_mark(after: str) -> tuple[int, str, int] | None:
    identity, tilde, key = after.partition("~")
    return (len(key), key, int(identity)) if tilde and identity.isdecimal() else None


# -- counts --------------------------------------------------------------------------------------

COUNTED = text("""
SELECT count(*) FILTER (WHERE state <> 'retired') AS live,
       count(*) FILTER (WHERE state = 'proposed') AS proposed,
       count(*) FILTER (WHERE state = 'recorded') AS recorded,
       count(*) FILTER (WHERE state = 'certified') AS certified,
       count(*) FILTER (WHERE state = 'under_review') AS under_review,
       count(*) FILTER (WHERE state = 'retired') AS retired,
       count(*) FILTER (WHERE state = 'recorded' AND author_id IS DISTINCT FROM :officer)
           AS to_certify,
       count(*) FILTER (WHERE restricted AND state <> 'retired') AS restricted
FROM address_book
WHERE ward_id = :unit AND upper_inf(recorded) AND (valid @> CAST(:day AS date)) IS TRUE
""")

WAITING = text("""
SELECT count(*) FROM report
WHERE (report.ward_id = :unit OR report.ward_id IN (
           SELECT line.old_id FROM lineage AS line
           WHERE line.new_id = :unit AND upper_inf(line.recorded)))
  AND NOT EXISTS (SELECT FROM report_answer AS said WHERE said.report_id = report.id)
""")

TWINS = """
FROM (
    SELECT street_id, number_key, coalesce(residential_group, '') AS part,
           coalesce(estate, '') AS estate, count(*) AS times
    FROM address_book
    WHERE ward_id = :unit AND upper_inf(recorded) AND (valid @> CAST(:day AS date)) IS TRUE
      AND state <> 'retired' AND number_key <> '' AND street_id IS NOT NULL
    GROUP BY 1, 2, 3, 4 HAVING count(*) > 1
) AS twin
"""
TWINS_COUNTED = text(f"SELECT count(*) {TWINS}")
TWINS_LISTED = text(f"""
SELECT twin.street_id, twin.number_key, twin.part, twin.estate, twin.times {TWINS}
WHERE (twin.street_id, twin.number_key, twin.part, twin.estate) >
      (:street, CAST(:key AS text), CAST(:part AS text), CAST(:estate AS text))
ORDER BY 1, 2, 3, 4 LIMIT :most
""")


@dataclass(frozen=True, slots=True)
class Counts:
    """What there is to do in a ward."""

    live: int
    proposed: int
    recorded: int
    certified: int
    under_review: int
    retired: int
    to_certify: int
    restricted: int
    duplicates: int
    reports: int


def counted(reader: Reader, ward: UnitKey, day: date, officer: int) -> Counts:
    """The counts of a ward, as far as the one who asks may see."""
    asked = {"unit": _id(reader, ward), "day": day, "officer": officer}
    row = reader.execute(COUNTED, asked).one()
    plain = {"unit": asked["unit"], "day": day}
    return Counts(
        **row._mapping,  # noqa: SLF001 (SQLAlchemy's public name)
        duplicates=int(reader.scalar(TWINS_COUNTED, plain) or 0),
        reports=int(reader.scalar(WAITING, {"unit": asked["unit"]}) or 0),
    )


def _id(reader: Reader, ward: UnitKey) -> int | None:
    return reader.scalar(select(t.unit.c.id).where(unit_is(ward)))


@dataclass(frozen=True, slots=True)
class Twins:
    """Addresses of one number in one street; `mark` is the place in the list."""

    addresses: tuple[Address, ...]
    mark: str


def twins(
    reader: Reader, ward: UnitKey, day: date, *, after: str = "", most: int = 30
) -> tuple[list[Twins], str | None]:
    """Numbers that several live addresses have, a page at a time, and where the next one begins."""
    street, _, rest = after.partition("~")
    key, part, estate = (*rest.split("~"), "", "")[:3]
    asked = {
        "unit": _id(reader, ward),
        "day": day,
        "street": int(street) if street.isdecimal() else 0,
        "key": key,
        "part": part,
        "estate": estate,
        "most": most + 1,
    }
    groups = reader.execute(TWINS_LISTED, asked).all()
    keys = [(row.street_id, row.number_key, row.part, row.estate) for row in groups[:most]]
    where = tuple_(
        BOOK.c.street_id,
        BOOK.c.number_key,
        func.coalesce(BOOK.c.residential_group, ""),
        func.coalesce(BOOK.c.estate, ""),
    )
    rows = reader.execute(
        recorded_versions()
        .where(
            BOOK.c.ward_id == asked["unit"],
            _stands(day),
            BOOK.c.state != State.RETIRED.value,
            where.in_(keys),
        )
        .order_by(BOOK.c.address_id)
    ).all()
    found: dict[tuple[Any, ...], list[Address]] = {key: [] for key in keys}
    for row in rows:
        place = (row.street_id, row.number_key, row.residential_group or "", row.estate or "")
        found[place].append(address_of(row))
    listed = [Twins(tuple(found[key]), "~".join(map(str, key))) for key in keys]
    return listed, listed[-1].mark if len(groups) > most else None


# -- streets -------------------------------------------------------------------------------------

STREETS = text("""
WITH counted AS MATERIALIZED (
    SELECT street_id, count(*) AS houses,
           count(*) FILTER (WHERE state = 'certified') AS certified,
           count(*) FILTER (WHERE state IN ('recorded', 'certified')) AS lasting
    FROM address_book
    WHERE ward_id = :unit AND upper_inf(recorded) AND (valid @> CAST(:day AS date)) IS TRUE
      AND state <> 'retired' AND street_id IS NOT NULL
    GROUP BY street_id
)
SELECT street.id, street.name, counted.houses, counted.certified, counted.lasting
FROM counted JOIN street ON street.id = counted.street_id
WHERE :key = '' OR street.key LIKE :key
ORDER BY counted.houses DESC, street.id LIMIT :most
""")


@dataclass(frozen=True, slots=True)
class StreetInWard:
    """A street with its houses in a ward; `lasting` have a code that is to be printed."""

    id: int
    name: str
    houses: int
    certified: int
    lasting: int


def streets_in(
    reader: Reader, ward: UnitKey, day: date, named: str = "", most: int = 100
) -> Sequence[StreetInWard]:
    """The streets of a ward with most houses, or those whose name holds some words."""
    key = street_key(named) if named.strip() else ""
    asked = {
        "unit": _id(reader, ward),
        "day": day,
        "key": f"%{key.replace('%', '').replace('_', '')}%" if key else "",
        "most": most,
    }
    return [StreetInWard(*row) for row in reader.execute(STREETS, asked)]
