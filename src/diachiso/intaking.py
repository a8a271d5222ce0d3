"""The command `diachiso intake`: a spreadsheet of addresses into the registry, with a word said."""

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Engine

from diachiso.address.division import Level, UnitKey
from diachiso.address.errors import Incomplete
from diachiso.address.today import today
from diachiso.registry.intake_rules import RULES
from diachiso.sheet.written import require_writable
from diachiso.store.acting import acting
from diachiso.taking.back import write_back
from diachiso.taking.marked import COLUMNS, SPOKEN, marked_name
from diachiso.taking.order import Order
from diachiso.taking.run import Taker, begun, run
from diachiso.terminal import By, bar, database, say, who_acts

STOPPED = 130
"""The status of a program that Ctrl-C stopped: 128 + SIGINT."""


def intake(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX, XLS, ODS, Parquet, GeoPackage")],
    by: By,
    ward: Annotated[str | None, typer.Option(help="mã phường, xã / code of the ward")] = None,
    province: Annotated[str | None, typer.Option(help="mã tỉnh / code of the province")] = None,
    crs: Annotated[str | None, typer.Option(help="hệ tọa độ / EPSG:5897 (VN-2000, 105°)")] = None,
    sheet: Annotated[str | None, typer.Option(help="trang / the sheet; trang đầu / first")] = None,
    column: Annotated[
        list[str] | None, typer.Option("--map", help="TRƯỜNG=CỘT / FIELD=COLUMN")
    ] = None,
    scheme: Annotated[str, typer.Option(help="loại mã ngoài / scheme of external ids")] = "file",
    output: Annotated[Path | None, typer.Option(help="tệp ra / FILE.checked.…")] = None,
    trial: Annotated[bool, typer.Option("--dry-run", help="chỉ kiểm tra / only check")] = False,
    record_it: Annotated[bool, typer.Option("--record", help="cấp mã ngay / with codes")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="cột đã đúng / the columns are right")] = False,
) -> None:
    """Nhập bảng địa chỉ. / Take a spreadsheet of addresses into the registry."""
    unit = _unit(ward, province)
    order = Order.of(
        file,
        unit,
        on=today(),
        sheet=sheet,
        crs=crs,
        columns=column or (),
        record=record_it,
        trial=trial,
        scheme=scheme,
    )
    target = output or marked_name(order.table)
    if target.suffix.lower() != ".gpkg":
        require_writable(order.table, target, len(COLUMNS))
    _confirm(order, sure=yes or bool(column) or trial)
    try:
        with database() as (_, engine):
            _take(engine, who_acts(engine, by), order, target)
    except (KeyboardInterrupt, SystemExit):
        say("Đã dừng; chạy lại cùng lệnh để tiếp tục. / Stopped; the same command goes on.")
        raise SystemExit(STOPPED) from None


def _unit(ward: str | None, province: str | None) -> UnitKey:
    if (ward is None) == (province is None):
        raise Incomplete(
            "Cần --ward hoặc --province. / Give --ward or --province.", missing=["ward", "province"]
        )
    level = Level.WARD if ward else Level.PROVINCE
    return UnitKey(level, ward or province or "", former=False)


def _confirm(order: Order, *, sure: bool) -> None:
    names = order.table.columns
    for field, at in order.columns.items():
        say(f"  {field.value:<18} ← {at + 1}. {names[at]}")
    left = [name for n, name in enumerate(names) if n not in order.columns.values()]
    if left:
        say(f"  không dùng / not used: {', '.join(left)}")
    if sure:
        return
    if not sys.stdin.isatty():
        raise Incomplete(
            "Hãy xem lại các cột rồi thêm --yes, hoặc --map TRƯỜNG=CỘT. / Look at the columns, "
            "then add --yes, or --map FIELD=COLUMN.",
            missing=["yes"],
        )
    if not typer.confirm("Đúng các cột này? / Are these columns right?", err=True):
        raise SystemExit(1)


def _take(engine: Engine, by: int, order: Order, target: Path) -> None:
    taker = Taker(by)
    going, order = begun(engine, taker, order, say)
    if going.is_ended:
        say(
            f"{going.file}: đã nhập trước đây, không thêm gì. / was taken in before; nothing is "
            "added."
        )
    started, fresh = time.monotonic(), going.total - going.done
    run(engine, taker, going, order, today(), bar)
    seconds = max(time.monotonic() - started, 0.001)
    if fresh:
        say(f"{fresh:,} dòng / rows, {seconds:,.0f} s ({fresh / seconds:,.0f} dòng/s / rows/s)")
    with acting(engine, by) as reader:
        fates, rules = write_back(reader, going, order, target)
    for line in summary(fates, rules):
        say(line)
    say(f"→ {target}")


def summary(fates: Mapping[str, int], rules: Mapping[str, int]) -> list[str]:
    """What came of it, in lines."""
    lines = ["  " + " · ".join(f"{SPOKEN[fate]} {many:,}" for fate, many in sorted(fates.items()))]
    for name, rule in RULES.items():
        if many := rules.get(name):
            lines.append(f"  {many:>8,} × {name} ({rule.severity}): {rule.told('…', '…')}")
    return lines
