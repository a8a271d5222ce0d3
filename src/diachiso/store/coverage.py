"""What there is to draw: where wards have land on a day, how trusted, and whom to credit."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text

from diachiso.store.engine import Reader
from diachiso.store.features import Bbox


@dataclass(frozen=True, slots=True)
class Credit:
    """Whom a map made of these tiles has to name."""

    attribution: str
    licence: str

    def __str__(self) -> str:
        return f"{self.attribution} ({self.licence})" if self.licence else self.attribution


@dataclass(frozen=True, slots=True)
class Coverage:
    """Where wards have boundaries on a day, how many of each accuracy, and from whom."""

    bounds: Bbox | None
    accuracy: dict[str, int]
    credits: tuple[Credit, ...]


COVERED = text("""
SELECT land.accuracy, count(*) AS wards, min(ST_XMin(land.geom)) AS west,
       min(ST_YMin(land.geom)) AS south, max(ST_XMax(land.geom)) AS east,
       max(ST_YMax(land.geom)) AS north
FROM unit_boundary AS land JOIN unit ON unit.id = land.unit_id AND unit.level = 'ward'
WHERE upper_inf(land.recorded) AND land.valid @> CAST(:day AS date)
GROUP BY land.accuracy ORDER BY land.accuracy
""")

CREDITS = text("""
SELECT DISTINCT source.attribution, source.licence FROM source
WHERE NOT EXISTS (SELECT FROM unit_boundary AS land WHERE land.source_id = source.id)
   OR EXISTS (
       SELECT FROM unit_boundary AS land WHERE land.source_id = source.id
       AND upper_inf(land.recorded) AND land.valid @> CAST(:day AS date)
   )
ORDER BY source.attribution, source.licence
""")
"""Polygons that were replaced need no credit any more; all else that was loaded does."""


def coverage(reader: Reader, day: date) -> Coverage:
    """What the tiles of a day hold."""
    rows = reader.execute(COVERED, {"day": day}).all()
    bounds = (
        (
            min(row.west for row in rows),
            min(row.south for row in rows),
            max(row.east for row in rows),
            max(row.north for row in rows),
        )
        if rows
        else None
    )
    named = reader.execute(CREDITS, {"day": day}).all()
    return Coverage(
        bounds=bounds,
        accuracy={row.accuracy: row.wards for row in rows},
        credits=tuple(Credit(row.attribution, row.licence) for row in named),
    )
