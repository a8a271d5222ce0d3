"""The commands of the counter: what citizens report and are answered, and the figures.

The first join those of the office: `diachiso registry reports`, `accept` and `reject`.
"""

from typing import Annotated

import typer

from diachiso.address.division import Level, UnitKey
from diachiso.desk import at_desk, details_form
from diachiso.office import At, Name, Number, On, Street, registry
from diachiso.registry.officer import Act
from diachiso.registry.report import Answered, reject
from diachiso.store.engine import reading
from diachiso.store.figures import a_year_before, figures as figures_of
from diachiso.store.reports import PostgisReports
from diachiso.terminal import By, database, day_of, say, service, show
from diachiso.web import figures as wired, reporting, told

__all__ = ["figures", "registry"]
Report = Annotated[int, typer.Argument(help="số phản ánh / number of the report")]


@registry.command("reports")
def list_reports(
    ward: Annotated[str, typer.Argument(help="mã phường, xã / code of the ward")],
    by: By,
    state: Annotated[Answered | None, typer.Option(help="trạng thái / state")] = Answered.OPEN,
    after: int = 0,
    limit: int = 50,
) -> None:
    """Phản ánh gửi tới phường, xã. / What citizens report, beside what the registry says."""
    unit = UnitKey(Level.WARD, ward, former=False)
    with at_desk(by) as desk:
        desk.books.must_know(unit)
        desk.by.must(Act.ANSWER, unit)
        reports = PostgisReports(desk.books.writer)
        found = reports.queue(unit, state, after=after, most=limit)
        listed = [reporting.waiting(desk.books, one, desk.on) for one in found]
    show(listed)


@registry.command("accept")
def accept_report(
    number: Report,
    by: By,
    called: Annotated[str | None, typer.Option(help="địa chỉ nào / which address")] = None,
    at: At = None,
    house: Number = None,
    street: Street = None,
    name: Name = None,
    reason: Annotated[str | None, typer.Option(help="lý do / why")] = None,
    distinct: Annotated[bool, typer.Option(help="là địa chỉ khác / it is another")] = False,
    on: On = None,
) -> None:
    """Tiếp nhận và sửa theo phản ánh. / Do what a report asks for; options correct it."""
    right = details_form(at, None, number=house, street=street, name=name)
    form = reporting.AcceptForm(called=called, details=right, reason=reason, distinct=distinct)
    with at_desk(by, on) as desk:
        reports = PostgisReports(desk.books.writer)
        dated = form.model_copy(update={"on": desk.on})
        done = reporting.accepted(desk.books, reports, number, dated, desk.by)
    say(f"{number}: đã tiếp nhận / accepted")
    show(told.address(done))


@registry.command("reject")
def reject_report(
    number: Report,
    by: By,
    reason: Annotated[str, typer.Option(help="lý do, người phản ánh đọc được / why")],
) -> None:
    """Không tiếp nhận, kèm lý do. / Change nothing, and say why."""
    with at_desk(by) as desk:
        reports = PostgisReports(desk.books.writer)
        reject(reports, desk.books, reports.report(number), desk.by, reason=reason)
    say(f"{number}: không tiếp nhận / rejected")


def figures(
    unit: Annotated[
        str, typer.Option(help="mã phường, xã, tỉnh / code; cả nước / the country")
    ] = "",
    since: Annotated[str | None, typer.Option("--from", help="từ ngày / first day")] = None,
    until: Annotated[str | None, typer.Option("--to", help="đến ngày / last day")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="dạng CSV / as CSV")] = False,
) -> None:
    """Số liệu: phủ, chất lượng, tốc độ, tra cứu. / Coverage, quality, speed, use."""
    last = day_of(until)
    first = day_of(since) if since else a_year_before(last)
    with database() as (_, owner), service(owner) as engine, reading(engine) as reader:
        found = figures_of(reader, unit, first, last)
    if as_csv:
        typer.echo(wired.table(found), nl=False)
    else:
        show(wired.body(found))
