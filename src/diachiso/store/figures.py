"""Figures out of PostGIS: one pass over the wards asked for, added up here.

Public addresses alone are read; of restricted ones and of reports the database tells numbers
through functions of its own (`restricted_figures`, `report_figures`).
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Integer, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from diachiso.address.division import REFORM, Level
from diachiso.address.errors import MalformedDate, UnknownUnit
from diachiso.registry.figures import Counts, Figures, Month, Row, Speed, added, month_ends
from diachiso.store import tables as t
from diachiso.store.engine import Reader
from diachiso.store.features import reference
from diachiso.store.history import holds_on

COUNTRY = ("", "Việt Nam")
COUNTED = (
    "recorded",
    "certified",
    "doubted",
    "likely_duplicates",
    "without_entrance",
    "postal_points",
    "communes_staffed",
    "pickup_addresses",
)
"""What the first query tells of a ward."""

STOCK = text("""
WITH live AS (
    SELECT ward_id, state, kind, position_kind, doubts, street_id, number_key, residential_group,
           estate, attributes
    FROM address_version
    WHERE ward_id = ANY (:wards) AND upper_inf(recorded) AND valid @> CAST(:until AS date)
      AND state IN ('recorded', 'certified', 'under_review')
), twice AS (
    SELECT ward_id, sum(times) AS houses FROM (
        SELECT ward_id, count(*) AS times FROM live
        WHERE number_key <> '' AND street_id IS NOT NULL
        GROUP BY ward_id, street_id, number_key, residential_group, estate HAVING count(*) > 1
    ) AS same GROUP BY ward_id
)
SELECT live.ward_id, count(*) AS recorded, count(*) FILTER (WHERE state = 'certified') AS certified,
       count(*) FILTER (WHERE doubts <> '{}') AS doubted,
       count(*) FILTER (WHERE position_kind <> 'entrance') AS without_entrance,
       count(*) FILTER (
           WHERE kind IN ('post_office', 'culture_point', 'letter_box', 'mail_boxes')
       ) AS postal_points,
       (bool_or(kind IN ('post_office', 'culture_point')
                AND attributes @> '{"staffed": true}'))::integer AS communes_staffed,
       count(*) FILTER (WHERE kind = 'pickup_point') AS pickup_addresses,
       coalesce(max(twice.houses), 0)::bigint AS likely_duplicates
FROM live LEFT JOIN twice USING (ward_id) GROUP BY live.ward_id
""").bindparams(bindparam("wards", type_=ARRAY(Integer)))

HANDLED = text("""
WITH step AS (
    SELECT subject_id, (array_agg(units[1] ORDER BY number DESC))[1] AS ward_id,
           min(at) FILTER (WHERE act = 'register') AS drafted,
           min(at) FILTER (WHERE act = 'record') AS recorded,
           min(at) FILTER (WHERE act = 'certify') AS certified
    FROM change
    WHERE kind = 'address' AND act IN ('register', 'record', 'certify') AND units && :wards
    GROUP BY subject_id
), took AS (
    SELECT part.group_id,
           CASE WHEN (recorded AT TIME ZONE 'Asia/Ho_Chi_Minh')::date BETWEEN :since AND :until
                THEN extract(epoch FROM recorded - drafted) / 86400.0 END AS to_record,
           CASE WHEN (certified AT TIME ZONE 'Asia/Ho_Chi_Minh')::date BETWEEN :since AND :until
                THEN extract(epoch FROM certified - recorded) / 86400.0 END AS to_certify
    FROM step JOIN unnest(CAST(:wards AS integer[]), CAST(:groups AS integer[]))
         AS part (ward_id, group_id) USING (ward_id)
)
SELECT group_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY to_record) AS to_record,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY to_certify) AS to_certify
FROM took GROUP BY GROUPING SETS ((group_id), ())
""").bindparams(bindparam("wards", type_=ARRAY(Integer)), bindparam("groups", type_=ARRAY(Integer)))

REPORTED = text("SELECT * FROM report_figures(:wards, :groups, :since, :until)").bindparams(
    bindparam("wards", type_=ARRAY(Integer)), bindparam("groups", type_=ARRAY(Integer))
)

COMING_AND_GOING = text("""
SELECT day, sum(one) AS recorded, sum(one) FILTER (WHERE certified) AS certified FROM (
    SELECT coalesce(lower(valid), '0001-01-01') AS day, state = 'certified' AS certified,
           count(*) AS one
    FROM address_version
    WHERE ward_id = ANY (:wards) AND upper_inf(recorded)
      AND state IN ('recorded', 'certified', 'under_review')
    GROUP BY 1, 2
    UNION ALL
    SELECT upper(valid), state = 'certified', -count(*)
    FROM address_version
    WHERE ward_id = ANY (:wards) AND upper_inf(recorded) AND NOT upper_inf(valid)
      AND state IN ('recorded', 'certified', 'under_review')
    GROUP BY 1, 2
) AS turn WHERE day <= :until GROUP BY day
""").bindparams(bindparam("wards", type_=ARRAY(Integer)))


@dataclass(frozen=True, slots=True)
class _Ward:
    """A ward of the day, and the row that it is counted in."""

    id: int
    code: str
    group: int


@dataclass(frozen=True, slots=True)
class _Scope:
    """What is asked for: the unit, its wards, and the units that the rows are of."""

    unit: tuple[str, str]
    wards: tuple[_Ward, ...]
    groups: Mapping[int, tuple[str, str]]

    def asked(self, since: date, until: date) -> dict[str, Any]:
        """The parameters of the queries."""
        return {
            "wards": [ward.id for ward in self.wards],
            "groups": [ward.group for ward in self.wards],
            "since": since,
            "until": until,
        }


def figures(reader: Reader, unit: str, since: date, until: date) -> Figures:
    """The figures of a ward, a province or the country (an empty code), between two days.

    Raises:
        UnknownUnit: no ward or province of the last day has the code.
        MalformedDate: the days are the wrong way round, or lie before the reform.
    """
    if until < since or until < REFORM:
        raise MalformedDate(
            f"{since} - {until}: cần từ ngày, đến ngày, không trước {REFORM}. / the first day, "
            f"then the last one, not before {REFORM}."
        )
    scope = _scope(reader, unit, until)
    asked = scope.asked(max(since, REFORM), until)
    stock = _stock(reader, scope, asked)
    by_ward, by_kind, by_month = _lookups(reader, scope, asked)
    of_group: dict[int, list[Counts]] = defaultdict(list)
    for ward in scope.wards:
        counts = replace(stock[ward.id], lookups=by_ward.get(ward.code, 0))
        of_group[ward.group].append(counts)
    speed = _speed(reader, asked)
    rows = tuple(
        Row(*name, added(of_group[group]), speed.get(group, Speed()))
        for group, name in scope.groups.items()
    )
    total = added(row.counts for row in rows)
    if not unit:  # what was answered with no ward at all
        total = replace(total, lookups=total.lookups + by_ward.get("", 0))
    return Figures(
        Row(*scope.unit, total, speed.get(None, Speed())),
        asked["since"],
        until,
        rows if len(unit) < len("00000") else (),
        _months(reader, asked, by_month),
        by_kind,
    )


def _scope(reader: Reader, unit: str, day: date) -> _Scope:
    """The wards of the day that a code stands for, and what is above them.

    Three plain readings, joined here: the planner, which cannot guess how many rows hold on a day,
    joins them a row at a time.
    """
    life, up, name = t.unit_life, t.unit_parent, t.unit_name
    stood = reader.execute(
        select(life.c.unit_id, life.c.level, life.c.code).where(holds_on(life, day))
    ).all()
    names = {
        row.unit_id: reference("", row.name, row.kind).full_name
        for row in reader.execute(
            select(name.c.unit_id, name.c.kind, name.c.name).where(holds_on(name, day))
        )
    }
    above_of = reader.execute(select(up.c.unit_id, up.c.parent_id).where(holds_on(up, day)))
    parents = {row.unit_id: row.parent_id for row in above_of}
    codes = {row.unit_id: row.code for row in stood}
    found = sorted(
        (codes[parents[row.unit_id]], row.code, row.unit_id)
        for row in stood
        if row.level == Level.WARD.value
        and row.unit_id in parents
        and unit in ("", row.code, codes[parents[row.unit_id]])
    )
    if not found:
        raise UnknownUnit(
            f"Ngày {day} không có phường, xã, tỉnh mã {unit}. / No ward or province had the code "
            f"{unit} on {day}."
        )
    above = parents[found[0][2]]
    if not unit:
        groups = {parents[ward]: (code, names[parents[ward]]) for code, _, ward in found}
        wards = tuple(_Ward(ward, code, parents[ward]) for _, code, ward in found)
        return _Scope(COUNTRY, wards, groups)
    rows = {ward: (code, names[ward]) for _, code, ward in found}
    whole = (unit, names[above]) if unit == codes[above] else rows[found[0][2]]
    return _Scope(whole, tuple(_Ward(ward, code, ward) for _, code, ward in found), rows)


def _stock(reader: Reader, scope: _Scope, asked: Mapping[str, Any]) -> dict[int, Counts]:
    """What stands in each ward on the last day."""
    rows = {row.ward_id: row for row in reader.execute(STOCK, asked)}
    hidden = func.restricted_figures(asked["until"]).table_valued("ward_id", "addresses")
    told = {row.ward_id: row.addresses for row in reader.execute(select(hidden))}
    return {
        ward.id: Counts(
            communes=1,
            restricted=told.get(ward.id, 0),
            **({name: getattr(rows[ward.id], name) for name in COUNTED} if ward.id in rows else {}),
        )
        for ward in scope.wards
    }


def _speed(reader: Reader, asked: Mapping[str, Any]) -> dict[int | None, Speed]:
    """How long things took, by group; None is all together."""
    handled = {row.group_id: row for row in reader.execute(HANDLED, asked)}
    reported = {row.group_id: row for row in reader.execute(REPORTED, asked)}
    return {
        group: Speed(
            handled[group].to_record if group in handled else None,
            handled[group].to_certify if group in handled else None,
            reported[group].reported if group in reported else 0,
            reported[group].answered if group in reported else 0,
            reported[group].median_days if group in reported else None,
        )
        for group in {*handled, *reported}
    }


def _lookups(
    reader: Reader, scope: _Scope, asked: Mapping[str, Any]
) -> tuple[dict[str, int], dict[str, int], dict[date, int]]:
    """How often it was asked: by ward, by kind, by month (its first day)."""
    kept = t.lookup_count
    codes = [ward.code for ward in scope.wards] + ([""] if scope.unit == COUNTRY else [])
    month = func.date_trunc("month", kept.c.day)
    rows = reader.execute(
        select(kept.c.ward, kept.c.kind, month.label("month"), func.sum(kept.c.count).label("n"))
        .where(kept.c.day.between(asked["since"], asked["until"]), kept.c.ward.in_(codes))
        .group_by(kept.c.ward, kept.c.kind, month)
    )
    by_ward: dict[str, int] = defaultdict(int)
    by_kind: dict[str, int] = defaultdict(int)
    by_month: dict[date, int] = defaultdict(int)
    for row in rows:
        by_ward[row.ward] += int(row.n)
        by_kind[row.kind] += int(row.n)
        by_month[row.month.date()] += int(row.n)
    return by_ward, dict(sorted(by_kind.items())), by_month


def _months(
    reader: Reader, asked: Mapping[str, Any], lookups: Mapping[date, int]
) -> tuple[Month, ...]:
    """How it stood at the end of each month, as believed today."""
    turns = reader.execute(COMING_AND_GOING, asked).all()
    return tuple(
        Month(
            day,
            int(sum(turn.recorded or 0 for turn in turns if turn.day <= day)),
            int(sum(turn.certified or 0 for turn in turns if turn.day <= day)),
            lookups.get(day.replace(day=1), 0),
        )
        for day in month_ends(asked["since"], asked["until"])
    )


def a_year_before(day: date) -> date:
    """The day on which a year of figures begins."""
    return day - timedelta(days=365)
