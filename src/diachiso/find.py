"""The commands that look things up: `diachiso geocode`, `reverse`, `code`."""

import secrets
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from diachiso.address.code import AddressCode
from diachiso.address.division import Level, UnitKey
from diachiso.address.errors import UnreadableSource
from diachiso.address.position import Position
from diachiso.address.today import today
from diachiso.geocode.query import Query
from diachiso.geocode.search import geocode as place
from diachiso.registry.issue import issue
from diachiso.store.codes import PostgisCodeBooks, add_area
from diachiso.store.engine import reading, transaction
from diachiso.store.gazetteer import PostgisGazetteer
from diachiso.store.vocabularies import Vocabularies
from diachiso.terminal import Day, database, day_of, say, show
from diachiso.wash.run import Order
from diachiso.washing import STANDARD, through, wash_file
from diachiso.web import lookup, wire


class ShowByDefault(TyperGroup):
    """`diachiso code 11024-58317` is `diachiso code show 11024-58317`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 (click's types)
        """Take an unknown word for a code to show."""
        if args and args[0] not in self.commands:
            args = ["show", *args]
        return super().resolve_command(ctx, args)


code = typer.Typer(cls=ShowByDefault, help="Mã địa chỉ số. / Address codes.", no_args_is_help=True)

File = Annotated[
    Path | None,
    typer.Option(help="CSV, TSV, TXT, XLSX, XLS, ODS, Parquet; - là stdin / is stdin (CSV)"),
]
Output = Annotated[
    Path | None,
    typer.Option(help="tệp ra / the output; FILE.diachiso.…; - là stdout / is stdout (CSV)"),
]
Sheet = Annotated[str | None, typer.Option(help="trang / the sheet; trang đầu / the first")]
Columns = Annotated[
    list[str] | None,
    typer.Option("--column", help="cột địa chỉ / the address: NAME, or FIELD=NAME (ward=Phường)"),
]
Jobs = Annotated[
    int | None, typer.Option(min=1, help="số tiến trình / processes; mọi nhân / every processor")
]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="ghi đè tệp ra / write the output anew")
]


def geocode(
    text: Annotated[list[str] | None, typer.Argument(help="địa chỉ / an address")] = None,
    file: File = None,
    output: Output = None,
    sheet: Sheet = None,
    column: Columns = None,
    jobs: Jobs = None,
    overwrite: Overwrite = False,
    as_of: Day = None,
    explain: Annotated[bool, typer.Option(help="mọi cách đọc / every reading")] = False,
) -> None:
    """Tìm địa chỉ. / Find an address: GeoJSON for TEXT; for --file a table with columns more."""
    if bool(text) == bool(file):
        raise UnreadableSource("Cần TEXT hoặc --file FILE. / Give TEXT or --file FILE.")
    if file is not None:
        with through(file, output) as (source, target):
            order = Order.of(
                source, output=target, sheet=sheet, columns=column or (), overwrite=overwrite
            )
            piped = STANDARD in (file, output)
            return wash_file(order, day_of(as_of) if as_of else None, jobs, piped=piped)
    with database() as (settings, engine), reading(engine) as reader:
        gazetteer = PostgisGazetteer(Vocabularies.read(reader, settings.facts), reader, today())
        query = Query(" ".join(text or ()), day_of(as_of), explain=explain)
        return show(wire.collection([wire.answer(one) for one in place(query, gazetteer)]))


def reverse(lon: float, lat: float, as_of: Day = None) -> None:
    """Phường, xã tại một điểm. / The ward at a point (longitude latitude, WGS 84)."""
    spot, on = Position.parse(lon, lat), day_of(as_of)
    with database() as (_, engine), reading(engine) as reader:
        show(lookup.at_point(reader, spot, on))


@code.command("show")
def show_code(written: str, as_of: Day = None) -> None:
    """Địa chỉ của một mã. / The address of a code."""
    wanted, on = AddressCode.parse(written), day_of(as_of)
    with database() as (_, engine), reading(engine) as reader:
        show(lookup.at_code(reader, wanted, on))


@code.command("issue")
def issue_codes(ward: str, count: int = 1) -> None:
    """Cấp mã. / Issue codes of a ward (statistics code of today)."""
    key = UnitKey(Level.WARD, ward, former=False)
    with database() as (_, engine), transaction(engine) as writer:
        books = PostgisCodeBooks(writer, today())
        issued = issue(books, key, count, secrets.SystemRandom())
    for one in issued:
        typer.echo(str(one))


@code.command("area")
def give_area(ward: str, postcode: str) -> None:
    """Thêm vùng cho phường, xã. / Give a ward a further area for its codes."""
    with database() as (_, engine), transaction(engine) as writer:
        add_area(writer, UnitKey(Level.WARD, ward, former=False), postcode, today())
    say(f"{ward}: + {postcode}")
