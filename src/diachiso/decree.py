"""The commands of decrees: `diachiso reorganise FILE`, `diachiso decree write` for the files."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import orjson
import typer
from sqlalchemy import Engine

from diachiso.address.division import Divisions
from diachiso.address.today import today
from diachiso.registry.decree import Decree, as_toml, read_decree, schema
from diachiso.registry.officer import Acting
from diachiso.registry.reorganise import DOUBTFUL, SPOKEN, Ground, Plan, planned, reorganise
from diachiso.settings import Settings
from diachiso.store.acting import acting
from diachiso.store.decree_facts import decree_of_changes, decree_of_reform
from diachiso.store.decree_land import Boundaries
from diachiso.store.engine import Writer
from diachiso.store.facts import read_facts
from diachiso.store.officers import officer_of
from diachiso.store.reorganising import PostgisRolls
from diachiso.terminal import By, bars, database, say, who_acts

decree = typer.Typer(help="Tệp văn bản. / Files of decrees.", no_args_is_help=True)
SHOWN = 30
WORDS = {
    "ended": "thôi / end",
    "begun": "mới / begin",
    "reshaped": "đổi địa giới / change their land",
    "named": "đổi tên, loại / are called otherwise",
    "moved": "đổi cấp trên / have another unit above",
}
ReadFile = Annotated[Path, typer.Argument(help="tệp / file", exists=True, dir_okay=False)]


@decree.command("write")
def write(
    province: Annotated[str | None, typer.Option(help="mã tỉnh / province, for 2025-07-01")] = None,
    number: Annotated[str | None, typer.Option(help="số văn bản / a decree since then")] = None,
) -> None:
    """Viết tệp văn bản từ dữ kiện. / Write a decree's file from the facts, to stdout."""
    folder = Settings().facts
    if (province is None) == (number is None):
        raise typer.BadParameter("--province | --number")
    if province is not None:
        made = decree_of_reform(read_facts(folder), province)
    else:
        made = decree_of_changes(folder, str(number))
    typer.echo(as_toml(made), nl=False)


@decree.command("schema")
def print_schema() -> None:
    """Lược đồ JSON của tệp văn bản. / The JSON Schema of the file."""
    typer.echo(orjson.dumps(schema(), option=orjson.OPT_INDENT_2).decode())


def reorganise_units(
    file: ReadFile,
    by: By,
    boundaries: Annotated[Path | None, typer.Option(help="ranh giới / boundaries after it")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="chạy thử / only show")] = False,
    expect: Annotated[str | None, typer.Option(help="mã kế hoạch / digest of the dry run")] = None,
    crs: Annotated[str | None, typer.Option(help="hệ tọa độ / CRS of the boundaries")] = None,
    tolerance: Annotated[float, typer.Option(help="m² chồng, hở / overlap or gap")] = 100.0,
    show_all: Annotated[bool, typer.Option("--all", help="mọi dòng / every line")] = False,
) -> None:
    """Áp dụng văn bản sắp xếp đơn vị. / Apply a decree to units and their addresses."""
    told = read_decree(file.read_bytes(), file.name)
    with _rolls(by, boundaries, crs, tolerance) as (rolls, who):
        standing = rolls.divisions()
        plan = planned(rolls, told, who) if dry_run else reorganise(rolls, told, who, expect=expect)
    if plan is None:
        say(f"{told.number}: đã áp dụng rồi, không có gì đổi. / applied already, nothing changed.")
        return
    for line in _report(plan, standing, show_all=show_all):
        typer.echo(line)
    say(
        "Chạy thử, không ghi gì; áp dụng đúng kế hoạch này bằng / nothing was written; to apply "
        f"just this: --expect {plan.digest[:16]}"
        if dry_run
        else "Đã ghi. / Written."
    )


@contextmanager
def _rolls(
    by: str, file: Path | None, crs: str | None, tolerance: float
) -> Iterator[tuple[PostgisRolls, Acting]]:
    """The rolls in one transaction of whoever acts."""
    with database() as (settings, engine), _acting_as(engine, by) as (writer, who):
        corrections = read_facts(settings.facts).corrections
        aliases = {c.key: c.becomes for c in corrections if c.table == "boundaries"}
        land = Boundaries(file, aliases, crs, tolerance_m2=tolerance) if file else None
        yield PostgisRolls(writer, land, bars), who


@contextmanager
def _acting_as(engine: Engine, by: str) -> Iterator[tuple[Writer, Acting]]:
    officer = who_acts(engine, by)
    with acting(engine, officer) as writer:
        yield writer, Acting(officer_of(writer, officer), today(), "command")


# -- told ----------------------------------------------------------------------------------------


def _report(plan: Plan, standing: Divisions, *, show_all: bool) -> Iterable[str]:
    """What a plan does, line by line."""
    told: Decree = plan.decree
    yield f"{told.number} ({told.issuer}, {told.signed}), hiệu lực / effective {told.effective}"
    touched = list(plan.units.touched.values())
    for what, words in WORDS.items():
        if touched.count(what):
            yield f"đơn vị / units {words}: {touched.count(what)}"
    land = plan.land
    yield (
        f"ranh giới / boundaries: {len(land.digests) - len(land.composed)} từ tệp / from the file, "
        f"{len(land.composed)} hợp lại / composed, {len(land.landless)} không có / none"
    )
    yield from land.faults.splitlines()
    yield from _flows(plan, standing, show_all=show_all)
    for ground in Ground:
        yield f"{SPOKEN[ground]}: {plan.grounds[ground]}"
    yield f"địa chỉ đổi / addresses changed: {plan.note['addresses']}"
    yield f"nghi ngờ phường, xã / ward in doubt: {plan.note['doubted']}"
    yield f"kế hoạch / plan: {plan.digest}"


def _flows(plan: Plan, standing: Divisions, *, show_all: bool) -> Iterable[str]:
    old_names = {unit.key: unit.latest.name for unit in standing}
    new_names = {unit.key: unit.name for unit in plan.units.shaped}
    flows = sorted(plan.flows.items(), key=lambda flow: (flow[0][2] not in DOUBTFUL, -flow[1]))
    for (old, new, ground), count in flows if show_all else flows[:SHOWN]:
        source, target = f"{old.code} {old_names[old]}", f"{new.code} {new_names[new]}"
        yield f"  {source} -> {target}: {count} ({ground.value})"
    if not show_all and len(flows) > SHOWN:
        yield f"  … và {len(flows) - SHOWN} dòng nữa (--all) / and more"
