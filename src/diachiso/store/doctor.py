"""What is here and what is missing: the machine, the schema, the counts that matter."""

import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from sqlalchemy import Engine, text

from diachiso.settings import Settings
from diachiso.store.addresses import Wards
from diachiso.store.engine import Reader, reading, revisions
from diachiso.store.facts import rows
from diachiso.store.observed import Observed

COUNTS = {
    "provinces today": "SELECT count(*) FROM unit WHERE level = 'province' AND NOT former",
    "wards today": "SELECT count(*) FROM unit WHERE level = 'ward' AND NOT former",
    "provinces until 2025-06-30": "SELECT count(*) FROM unit WHERE level = 'province' AND former",
    "districts until 2025-06-30": "SELECT count(*) FROM unit WHERE level = 'district' AND former",
    "wards until 2025-06-30": "SELECT count(*) FROM unit WHERE level = 'ward' AND former",
    "names that changed since": "SELECT count(*) FROM unit_name AS n JOIN unit AS u ON u.id ="
    " n.unit_id AND NOT u.former WHERE upper_inf(n.recorded) AND NOT upper_inf(n.valid)",
    "old wards of Hanoi that were split, by the statistics office": """
        SELECT count(*) FROM (
            SELECT old_id FROM lineage JOIN unit_parent AS d ON d.unit_id = old_id
            JOIN unit_parent AS p ON p.unit_id = d.parent_id
            JOIN unit ON unit.id = p.parent_id AND unit.code = '01' AND unit.former
            WHERE upper_inf(lineage.recorded) AND lineage.origin = 'NSO'
            GROUP BY old_id HAVING count(*) > 1) AS split""",
    "the same, with our corrections": """
        SELECT count(*) FROM (
            SELECT old_id FROM lineage JOIN unit_parent AS d ON d.unit_id = old_id
            JOIN unit_parent AS p ON p.unit_id = d.parent_id
            JOIN unit ON unit.id = p.parent_id AND unit.code = '01' AND unit.former
            WHERE upper_inf(lineage.recorded)
            GROUP BY old_id HAVING count(*) > 1) AS split""",
    "postal codes": "SELECT count(*) FROM postcode WHERE upper_inf(recorded)",
    "streets": "SELECT count(*) FROM street WHERE upper_inf(recorded)",
    "named places": "SELECT count(*) FROM place WHERE upper_inf(recorded)",
    "addresses": "SELECT count(*) FROM address",
    "codes issued": "SELECT count(*) FROM issued_code",
    "of which self-checking": "SELECT count(*) FROM issued_code WHERE self_checking",
}

POLYGONS = text("""
SELECT CASE WHEN unit.former THEN 'former ' ELSE '' END || unit.level AS level, b.accuracy,
       count(*) AS many
FROM unit_boundary AS b JOIN unit ON unit.id = b.unit_id
WHERE upper_inf(b.recorded) GROUP BY 1, 2 ORDER BY 1, 2
""")


def findings(engine: Engine, settings: Settings) -> Iterator[str]:
    """A line for each thing worth knowing."""
    yield f"Python {sys.version.split()[0]}"
    where = "DIACHISO_DATABASE_URL" if settings.database_url else str(settings.home)
    yield f"database: {where}"
    have, need = revisions(engine)
    advice = "" if have == need else f", needs {need}: run `diachiso migrate`"
    yield f"schema: {have or 'empty'}{advice}"
    with reading(engine) as reader:
        yield f"PostgreSQL {reader.scalar(text('SHOW server_version'))}"
        yield f"PostGIS {reader.scalar(text('SELECT postgis_lib_version()'))}"
        if have == need:
            yield from _counts(reader)


def _counts(reader: Reader) -> Iterator[str]:
    for what, query in COUNTS.items():
        yield f"{what}: {reader.scalar(text(query)):,}"
    for row in reader.execute(POLYGONS):
        yield f"polygons of {row.level}, {row.accuracy}: {row.many:,}"


def places_in_right_ward(
    engine: Engine, file: Path, seen: Sequence[Observed], on: date
) -> tuple[int, int]:
    """How many points of a table (with ward_code) lie in the polygon of the ward it names."""
    told = [row.get("ward_code", "") for row in rows(file)]
    with reading(engine) as reader:
        found = Wards(reader, on).of([(one.lon, one.lat) for one in seen])
    right = sum(bool(w) and w.code == code for w, code in zip(found, told, strict=True) if w)
    return right, len(told)
