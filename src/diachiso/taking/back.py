"""The file given back: what became of each row, as the books of the intake have it."""

from collections.abc import Mapping
from pathlib import Path

from diachiso.store.engine import Reader
from diachiso.store.intakes import Intake, counts, outcomes
from diachiso.taking.marked import Report, write_marked
from diachiso.taking.order import Order


def write_back(
    reader: Reader, intake: Intake, order: Order, target: Path
) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Write the marked file; how many rows met each fate, and how many each rule spoke of."""
    fates, rules = counts(reader, intake.id)
    kind = "kiểm tra / checked" if intake.trial else "nhập / taken in"
    about = [(kind, str(intake.total)), ("SHA-256", intake.digest)]
    report = Report(order.table, order.columns, fates, rules, intake.file, about)
    write_marked(report, target, outcomes(reader, intake.id))
    return fates, rules
