"""The commands that look things up: `diachiso geocode`, `reverse`, `code`."""

import csv
import secrets
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from diachiso.address.code import AddressCode
from diachiso.address.division import Level, UnitKey
from diachiso.address.errors import UnreadableSource
from diachiso.address.position import Position
from diachiso.geocode.query import Answer, Query
from diachiso.geocode.search import geocode as place
from diachiso.registry.issue import issue
from diachiso.store.codes import PostgisCodeBooks, add_area
from diachiso.store.engine import reading, transaction
from diachiso.store.gazetteer import PostgisGazetteer
from diachiso.store.vocabularies import Vocabularies
from diachiso.terminal import Day, bars, database, day_of, say, show
from diachiso.web import lookup, wire
from diachiso.web.asking import today


class ShowByDefault(TyperGroup):
    """`diachiso code 11024-58317` is `diachiso code show 11024-58317`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 (click's types)
        """Take an unknown word for a code to show."""
        if args and args[0] not in self.commands:
            args = ["show", *args]
        return super().resolve_command(ctx, args)


code = typer.Typer(cls=ShowByDefault, help="Mã địa chỉ số. / Address codes.", no_args_is_help=True)

COLUMNS = ("label", "ward_code", "code", "match_level", "confidence", "lon", "lat", "next_action")
TEXT_COLUMNS = ("q", "text", "address", "old_address", "dia_chi", "địa chỉ", "diachi")


def geocode(
    text: Annotated[list[str] | None, typer.Argument(help="địa chỉ / an address")] = None,
    file: Annotated[Path | None, typer.Option(help="CSV, UTF-8: một dòng một địa chỉ")] = None,
    as_of: Day = None,
    explain: Annotated[bool, typer.Option(help="mọi cách đọc / every reading")] = False,
) -> None:
    """Tìm địa chỉ. / Find an address: GeoJSON for TEXT, CSV for --file."""
    if bool(text) == bool(file):
        raise UnreadableSource("Cần TEXT hoặc --file FILE. / Give TEXT or --file FILE.")
    with database() as (settings, engine), reading(engine) as reader:
        gazetteer = PostgisGazetteer(Vocabularies.read(reader, settings.facts), reader, today())
        if file is not None:
            return _geocode_file(file, gazetteer, day_of(as_of))
        query = Query(" ".join(text or ()), day_of(as_of), explain=explain)
        return show(wire.collection([wire.answer(one) for one in place(query, gazetteer)]))


def _geocode_file(file: Path, gazetteer: PostgisGazetteer, on: date) -> None:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            table = csv.DictReader(lines)
            names, rows = list(table.fieldnames or ()), list(table)
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise UnreadableSource(f"{file}: không đọc được. / cannot be read: {fault}") from None
    if not names:
        raise UnreadableSource(f"{file}: tệp rỗng. / there is nothing in it.")
    column = next((name for name in names if name.strip().lower() in TEXT_COLUMNS), names[0])
    out = csv.DictWriter(sys.stdout, [*names, *COLUMNS], extrasaction="ignore")
    out.writeheader()
    for row in bars(rows, "Tìm địa chỉ / geocoding"):
        found = place(Query(row[column] or "", on, limit=1), gazetteer)
        out.writerow(row | (_told(found[0]) if found else {}))


def _told(found: Answer) -> dict[str, object]:
    lon, lat = found.point or (None, None)
    return {
        "label": found.label,
        "ward_code": found.ward.code if found.ward else None,
        "code": found.code,
        "match_level": found.match_level,
        "confidence": found.confidence,
        "lon": lon,
        "lat": lat,
        "next_action": found.next_action.action,
    }


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
