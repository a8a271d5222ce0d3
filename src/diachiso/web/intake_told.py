"""How files on their way into the registry are told of: their columns, how far they are, faults."""

from datetime import UTC, datetime
from typing import Any

from diachiso.registry.intake import Field
from diachiso.registry.intake_rules import RULES
from diachiso.sheet.cell import plain
from diachiso.sheet.geopackage import GeoPackage
from diachiso.sheet.table import Table
from diachiso.sheet.workbook import Workbook
from diachiso.store.engine import Reader
from diachiso.store.intakes import Outcome, counts, intake_of
from diachiso.taking.mapping import LABELS, guess_fields
from diachiso.taking.marked import SPOKEN
from diachiso.taking.order import ZONES
from diachiso.taking.uploads import Upload

SHOWN = 5
LONGEST = 200


def look(table: Table, sheets: tuple[str, ...]) -> dict[str, Any]:
    """What stands in a file, and what its columns seem to say."""
    guess = guess_fields(table)
    stated = table.grid.crs if isinstance(table.grid, GeoPackage) else None
    return {
        "rows": table.count,
        "sheets": sheets,
        "sheet": table.grid.sheet if isinstance(table.grid, Workbook) else None,
        "columns": [str(name) for name in table.columns],
        "mapping": {field.value: column for field, column in guess.items()},
        "fields": [{"field": field.value, "label": LABELS[field]} for field in Field],
        "crs": stated,
        "needs_crs": Field.X in guess and stated is None,
        "zones": ZONES,
        "sample": [[_cell(cell) for cell in row] for row in table.sample(SHOWN)],
    }


def _cell(cell: Any) -> str | int | float | bool | None:  # noqa: ANN401 (a cell may hold anything)
    value = plain(cell)
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)[:LONGEST]


def upload(one: Upload, reader: Reader | None) -> dict[str, Any]:
    """A file, how far its last run is, and where the marked file is to be had."""
    run = intake_of(reader, one.intake) if reader and one.intake else None
    here = f"/v1/registry/intakes/{one.id}"
    known = {
        "id": one.id,
        "file": one.name,
        "bytes": one.file.stat().st_size,
        "sent_at": datetime.fromtimestamp(one.sent, UTC),
        "state": _state(one, running=run is not None and run.done > 0),
        "fault": one.fault,
        "marked": f"{here}/marked" if one.marked else None,
    }
    if run is None:
        return known
    return known | {
        "intake": run.id,
        "dry_run": run.trial,
        "record": run.options["record"],
        "unit": run.options["unit"],
        "crs": run.options["crs"],
        "mapping": run.mapping,
        "done": run.done,
        "total": run.total,
    }


def _state(one: Upload, *, running: bool) -> str:
    if one.intake is None:
        return "sent"
    if one.fault is not None:
        return "failed"
    if one.marked is not None:
        return "done"
    return "running" if running else "waiting"


def summary(one: Upload, reader: Reader) -> dict[str, Any]:
    """Once a run is over: how many rows met each fate, and how many each rule spoke of."""
    if one.intake is None or one.marked is None:
        return {}
    fates, rules = counts(reader, one.intake)
    return {
        "fates": [{"fate": f, "label": SPOKEN[f], "rows": n} for f, n in sorted(fates.items())],
        "rules": [
            {
                "rule": name,
                "severity": rule.severity,
                "rows": rules[name],
                "meaning": rule.told("…", "…"),
                "fix": rule.fix,
            }
            for name, rule in RULES.items()
            if name in rules
        ],
    }


def row(one: Outcome) -> dict[str, Any]:
    """A row and what is to be said of it."""
    return {
        "row": one.row,
        "fate": one.fate,
        "address": one.called,
        "faults": [
            {
                "rule": fault.rule,
                "severity": RULES[fault.rule].severity,
                "field": fault.field,
                "told": fault.told,
            }
            for fault in one.faults
        ],
    }
