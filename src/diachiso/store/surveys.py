"""What an intake asks of the registry: a question a chunk, each answered by one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from geoalchemy2 import Geography
from sqlalchemy import (
    BigInteger,
    Double,
    Integer,
    Text,
    TextClause,
    and_,
    cast,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from diachiso.address.code import AddressCode
from diachiso.address.division import Level, UnitKey
from diachiso.address.name import standard
from diachiso.address.position import Position
from diachiso.address.record import StreetRef
from diachiso.geocode.gazetteer import street_key
from diachiso.registry.intake import Entry
from diachiso.registry.intake_terms import Earlier, Registered
from diachiso.store import tables as t
from diachiso.store.engine import Reader
from diachiso.store.history import holds_on, is_recorded
from diachiso.store.likely import is_live
from diachiso.store.streets import reach_of

BY_WAYS = """
SELECT DISTINCT ON (asked.n) asked.n, street.id, street.name, street.source_id
FROM unnest(CAST(:n AS integer[]), CAST(:keys AS text[]), CAST(:names AS text[]),
            CAST(:lons AS float8[]), CAST(:lats AS float8[]), CAST(:reaches AS float8[]))
     AS asked (n, key, name, lon, lat, reach)
JOIN street ON street.key = asked.key AND upper_inf(street.recorded) AND upper_inf(street.valid)
CROSS JOIN LATERAL (
    SELECT min(ST_Distance(way.geom, ST_SetSRID(ST_MakePoint(asked.lon, asked.lat), 4326))) AS far
    FROM street_way AS way WHERE way.street_id = street.id AND upper_inf(way.recorded)
) AS course
WHERE course.far <= asked.reach
ORDER BY asked.n, street.name <> asked.name, course.far, street.id
"""
BY_HOUSES = """
SELECT DISTINCT ON (asked.n) asked.n, street.id, street.name, street.source_id
FROM unnest(CAST(:n AS integer[]), CAST(:keys AS text[]), CAST(:names AS text[]),
            CAST(:lons AS float8[]), CAST(:lats AS float8[]), CAST(:reaches AS float8[]))
     AS asked (n, key, name, lon, lat, reach)
JOIN street ON street.key = asked.key AND upper_inf(street.recorded) AND upper_inf(street.valid)
WHERE EXISTS (
    SELECT FROM address_version AS house
    WHERE house.street_id = street.id AND upper_inf(house.recorded)
      AND house.position && ST_MakeEnvelope(asked.lon - asked.reach, asked.lat - asked.reach,
                                            asked.lon + asked.reach, asked.lat + asked.reach, 4326)
)
ORDER BY asked.n, street.name <> asked.name, street.id
"""
"""A street whose course is not known is known by its houses."""


@dataclass(frozen=True, slots=True)
class PostgisSurvey:
    """The registry on a day, as far as the one who acts may see it, and one intake's rows."""

    reader: Reader
    intake: int
    source: int
    on: date

    def wards_at(self, spots: Sequence[Position]) -> list[UnitKey | None]:
        """The wards that hold these points."""
        asked, kept = _points(spots), t.unit_boundary
        point = func.ST_SetSRID(func.ST_MakePoint(asked.c.lon, asked.c.lat), 4326)
        rows = self.reader.execute(
            select(asked.c.n, func.min(t.unit.c.code).label("code"))
            .join(kept, func.ST_Intersects(kept.c.geom, point))
            .join(t.unit, t.unit.c.id == kept.c.unit_id)
            .where(
                holds_on(kept, self.on),
                t.unit.c.level == Level.WARD.value,
                t.unit.c.former.is_(False),
            )
            .group_by(asked.c.n)
        )
        found = {row.n: UnitKey(Level.WARD, row.code, former=False) for row in rows}
        return [found.get(n) for n in range(1, len(spots) + 1)]

    def metres_to(
        self, spots: Sequence[Position], wards: Sequence[frozenset[UnitKey]]
    ) -> list[float]:
        """How far each point lies from the nearest of its wards; infinite where none is drawn."""
        pairs = [(n, spot, ward) for n, spot in enumerate(spots) for ward in wards[n]]
        asked = (
            func.unnest(
                cast([n for n, _, _ in pairs], ARRAY(Integer)),
                cast([s.lon for _, s, _ in pairs], ARRAY(Double)),
                cast([s.lat for _, s, _ in pairs], ARRAY(Double)),
                cast([w.code for _, _, w in pairs], ARRAY(Text)),
            )
            .table_valued("n", "lon", "lat", "code", name="asked")
            .render_derived()
        )
        point = func.ST_SetSRID(func.ST_MakePoint(asked.c.lon, asked.c.lat), 4326)
        kept = t.unit_boundary
        far = func.min(func.ST_Distance(kept.c.geom.cast(Geography), point.cast(Geography)))
        rows = self.reader.execute(
            select(asked.c.n, far.label("far"))
            .join(t.unit, t.unit.c.code == asked.c.code)
            .join(kept, kept.c.unit_id == t.unit.c.id)
            .where(
                holds_on(kept, self.on),
                t.unit.c.level == Level.WARD.value,
                t.unit.c.former.is_(False),
            )
            .group_by(asked.c.n)
        )
        found = {row.n: float(row.far) for row in rows}
        return [found.get(n, float("inf")) for n in range(len(spots))]

    def streets_near(
        self, asked: Sequence[tuple[str, Position]]
    ) -> list[tuple[StreetRef, bool] | None]:
        """The nearest street of a name in reach, and whether it was known before this file."""
        found = self._streets(text(BY_WAYS), list(enumerate(asked)))
        left = [(n, one) for n, one in enumerate(asked) if n not in found]
        if left:
            found |= self._streets(text(BY_HOUSES), left)
        return [found.get(n) for n in range(len(asked))]

    def _streets(
        self, query: TextClause, asked: Sequence[tuple[int, tuple[str, Position]]]
    ) -> dict[int, tuple[StreetRef, bool]]:
        names = [standard(name) for _, (name, _) in asked]
        rows = self.reader.execute(
            query,
            {
                "n": [n for n, _ in asked],
                "keys": [street_key(name) for name in names],
                "names": names,
                "lons": [spot.lon for _, (_, spot) in asked],
                "lats": [spot.lat for _, (_, spot) in asked],
                "reaches": [reach_of(name) for name in names],
            },
        )
        return {r.n: (StreetRef(r.id, r.name), r.source_id != self.source) for r in rows}

    def registered(self, entries: Sequence[Entry]) -> Mapping[int, Registered]:
        """By row: the nearest live address that is the same, rows of this file left out."""
        rows = [e for e in entries if e.position and e.ward]
        book, asked = t.address_book, _asked(rows)
        point = func.ST_SetSRID(func.ST_MakePoint(asked.c.lon, asked.c.lat), 4326)
        far = func.ST_DistanceSphere(book.c.position, point)
        in_street = and_(
            asked.c.street_id.is_not(None),
            book.c.street_id == asked.c.street_id,
            book.c.number_key == asked.c.number_key,
        )
        fit = (book.c.source_id != self.source) & is_live() & holds_on(book, self.on)
        called = func.coalesce(t.issued_code.c.code, func.concat("D", book.c.address_id))
        columns = (asked.c.row, called.label("called"), far.label("far"))
        found: dict[int, Registered] = {}
        for joined in (in_street, self._elsewhere(asked)):
            query = (
                select(*columns)
                .select_from(asked.join(book, joined))
                .outerjoin(t.issued_code, t.issued_code.c.address_id == book.c.address_id)
                .where(fit)
                .order_by(asked.c.row, far.desc())
            )
            found |= {
                r.row: Registered(_printed(r.called), r.far) for r in self.reader.execute(query)
            }
        return found

    def _elsewhere(self, asked: Any) -> Any:  # noqa: ANN401 (SQLAlchemy's types)
        """Without a street: the same number in the group and estate, or the same name."""
        book = t.address_book
        numbered = and_(
            asked.c.number_key != "",
            book.c.number_key == asked.c.number_key,
            func.coalesce(book.c.residential_group, "") == asked.c.residential_group,
            func.coalesce(book.c.estate, "") == asked.c.estate,
        )
        named = and_(asked.c.number_key == "", book.c.number_key == "", book.c.name == asked.c.name)
        unit = select(t.unit.c.id).where(
            t.unit.c.level == Level.WARD.value,
            t.unit.c.former.is_(False),
            t.unit.c.code == asked.c.ward,
        )
        return and_(
            or_(asked.c.street_id.is_(None)),
            book.c.ward_id == unit.scalar_subquery(),
            book.c.street_id.is_(None),
            or_(numbered, named),
        )

    def earlier(self, keys: Sequence[int]) -> Mapping[int, Earlier]:
        """By key: the first row of the file that was taken under it."""
        row = t.intake_row
        rows = self.reader.execute(
            select(row.c.key, row.c.row, row.c.spot)
            .where(row.c.intake_id == self.intake, row.c.key == func.any(_big(keys)))
            .order_by(row.c.row.desc())
        )
        return {r.key: Earlier(r.row, r.spot) for r in rows}

    def taken_at(self, spots: Sequence[int]) -> Mapping[int, int]:
        """By packed point: how many rows of the file were taken there."""
        row = t.intake_row
        rows = self.reader.execute(
            select(row.c.spot, func.count())
            .where(row.c.intake_id == self.intake, row.c.spot == func.any(_big(spots)))
            .group_by(row.c.spot)
        )
        return {row[0]: row[1] for row in rows}

    def codes(self, codes: Sequence[AddressCode]) -> frozenset[AddressCode]:
        """Those that were issued here."""
        digits = [code.digits for code in codes]
        kept = select(t.issued_code.c.code).where(t.issued_code.c.code.in_(digits))
        return frozenset(AddressCode(code) for code in self.reader.scalars(kept))

    def ids(self, ids: Sequence[str]) -> tuple[frozenset[str], Mapping[str, int]]:
        """Those that the registry has, and the rows of the file that took one."""
        if not ids:
            return frozenset(), {}
        row, other = t.intake_row, t.external_id
        used = self.reader.execute(
            select(row.c.external_id, row.c.row).where(
                row.c.intake_id == self.intake, row.c.external_id.in_(ids)
            )
        )
        ours = {one.external_id: one.row for one in used}
        known = self.reader.scalars(
            select(other.c.value).where(
                other.c.scheme == self.scheme, other.c.value.in_(ids), is_recorded(other)
            )
        )
        return frozenset(known) - ours.keys(), ours

    scheme: str = "file"


def _printed(called: str) -> str:
    return str(AddressCode(called)) if called.isdecimal() else called


def _big(values: Sequence[int]) -> Any:  # noqa: ANN401 (SQLAlchemy's types)
    return cast(list(values), ARRAY(BigInteger))


def _points(spots: Sequence[Position]) -> Any:  # noqa: ANN401 (SQLAlchemy's types)
    return (
        func.unnest(
            cast([spot.lon for spot in spots], ARRAY(Double)),
            cast([spot.lat for spot in spots], ARRAY(Double)),
        )
        .table_valued("lon", "lat", with_ordinality="n", name="asked")
        .render_derived()
    )


def _asked(rows: Sequence[Entry]) -> Any:  # noqa: ANN401 (SQLAlchemy's types)
    columns: dict[str, tuple[list[Any], Any]] = {
        "row": ([e.number_in_file for e in rows], Integer),
        "street_id": ([e.street_ref.id if e.street_ref else None for e in rows], BigInteger),
        "number_key": ([e.number.key if e.number else "" for e in rows], Text),
        "ward": ([e.ward.code if e.ward else "" for e in rows], Text),
        "residential_group": ([e.group for e in rows], Text),
        "estate": ([e.estate for e in rows], Text),
        "name": ([e.name for e in rows], Text),
        "lon": ([e.position.lon if e.position else None for e in rows], Double),
        "lat": ([e.position.lat if e.position else None for e in rows], Double),
    }
    return (
        func.unnest(*(cast(values, ARRAY(kind)) for values, kind in columns.values()))
        .table_valued(*columns, name="asked")
        .render_derived()
    )
