"""The commands of an office: `diachiso registry register`, `record`, `certify` and all other verbs.

Results are JSON on stdout; what was done is said on stderr. Who acts is named by `--by`; the
database checks their rights as it does for the service.
"""

import csv
from pathlib import Path
from typing import Annotated

import typer

from diachiso.address.division import Level, UnitKey
from diachiso.address.errors import UnreadableSource
from diachiso.address.number import HouseNumber
from diachiso.address.record import Document, ObjectKind, State
from diachiso.desk import at_desk, details_form, piece_form, positions_at, street_of
from diachiso.registry.amend import amend, move
from diachiso.registry.certify import certify
from diachiso.registry.record import record
from diachiso.registry.register import register
from diachiso.registry.renumber import rename, renumber
from diachiso.registry.retire import merge, retire
from diachiso.registry.review import restrict, review, settle
from diachiso.registry.split import split
from diachiso.store.histories import history_of, in_ward_on, successors_of
from diachiso.terminal import By, say, show
from diachiso.web import forms, told

registry = typer.Typer(help="Sổ địa chỉ. / The registry's verbs.", no_args_is_help=True)

On = Annotated[str | None, typer.Option("--on", help="từ ngày / from the day on, YYYY-MM-DD")]
At = Annotated[list[str] | None, typer.Option("--at", help="kinh,vĩ độ / lon,lat; lối vào trước")]
Called = Annotated[str, typer.Argument(help="mã hoặc số nháp / code or draft number (D17)")]
Number = Annotated[str | None, typer.Option(help="số nhà / house number")]
Street = Annotated[str | None, typer.Option(help="đường, phố / street")]
Kind = Annotated[ObjectKind | None, typer.Option(help="loại / what has the address")]
Group = Annotated[str | None, typer.Option(help="tổ, thôn, xóm, ấp, bản / residential group")]
Estate = Annotated[str | None, typer.Option(help="khu đô thị, khu tập thể / estate")]
Name = Annotated[str | None, typer.Option(help="tên / name")]
Paper = Annotated[str | None, typer.Option("--document", help="số văn bản / document number")]


@registry.command("show")
def show_address(called: Called, by: By, on: On = None) -> None:
    """Địa chỉ với mọi lần ghi. / An address with all that was ever written of it."""
    with at_desk(by, on) as desk:
        found = desk.address(called)
        history = [told.written(one) for one in history_of(desk.books.reader, found.id)]
        successors = successors_of(desk.books.reader, found.id)
    show({**told.address(found), "successors": successors, "history": history})


@registry.command("list")
def list_addresses(
    ward: Annotated[str, typer.Argument(help="mã phường, xã / code of the ward")],
    by: By,
    state: Annotated[list[State] | None, typer.Option(help="trạng thái / states")] = None,
    after: int = 0,
    limit: int = 100,
) -> None:
    """Địa chỉ của một phường, xã. / The addresses of a ward."""
    unit = UnitKey(Level.WARD, ward, former=False)
    with at_desk(by) as desk:
        desk.books.must_know(unit)
        found = in_ward_on(
            desk.books.reader, unit, desk.on, states=state or (), after=after, most=limit
        )
    show([told.address(one) for one in found])


@registry.command("register")
def register_address(
    by: By,
    at: At = None,
    number: Number = None,
    street: Street = None,
    kind: Kind = None,
    group: Group = None,
    estate: Estate = None,
    name: Name = None,
    document: Paper = None,
    record_it: Annotated[bool, typer.Option("--record", help="ghi ngay / record at once")] = False,
    distinct: Annotated[bool, typer.Option(help="là địa chỉ khác / it is another")] = False,
    on: On = None,
) -> None:
    """Lập địa chỉ mới. / Enter a draft; what may be the same is shown."""
    form = details_form(
        at,
        document,
        number=number,
        street=street,
        kind=kind,
        residential_group=group,
        estate=estate,
        name=name,
    )
    with at_desk(by, on) as desk:
        done = register(desk.books, form.details(desk.books, desk.on), desk.by, desk.on)
        entered = done.address
        if record_it:
            entered = record(desk.books, entered, desk.by, desk.on, distinct=distinct)
    for one in done.likely:
        say(
            f"Có thể trùng / may be the same: {one.address.called} {one.address.details.label} "
            f"({', '.join(sorted(one.likeness))}, {one.distance_m:g} m)"
        )
    show(told.address(entered))


@registry.command("record")
def record_address(
    called: Called,
    by: By,
    distinct: Annotated[bool, typer.Option(help="là địa chỉ khác / it is another")] = False,
    on: On = None,
) -> None:
    """Ghi và cấp mã. / Give a draft its code."""
    with at_desk(by, on) as desk:
        done = record(desk.books, desk.address(called), desk.by, desk.on, distinct=distinct)
    show(told.address(done))


@registry.command("certify")
def certify_address(called: Called, by: By, on: On = None) -> None:
    """Chứng nhận địa chỉ do người khác lập. / Vouch for what somebody else wrote."""
    with at_desk(by, on) as desk:
        done = certify(desk.books, desk.address(called), desk.by, desk.on)
    show(told.address(done))


@registry.command("amend")
def amend_address(
    called: Called,
    by: By,
    at: At = None,
    number: Number = None,
    street: Street = None,
    kind: Kind = None,
    group: Group = None,
    estate: Estate = None,
    name: Name = None,
    document: Paper = None,
    on: On = None,
) -> None:
    """Sửa; điều không nêu giữ nguyên. / Correct; what is not named stays."""
    form = details_form(
        at,
        document,
        number=number,
        street=street,
        kind=kind,
        residential_group=group,
        estate=estate,
        name=name,
    )
    with at_desk(by, on) as desk:
        found = desk.address(called)
        details = form.onto(found.details, desk.books)
        done = amend(desk.books, found, details, desk.by, desk.on)
    show(told.address(done))


@registry.command("move")
def move_address(called: Called, by: By, at: At = None, on: On = None) -> None:
    """Đặt lại vị trí, cả sang phường khác. / Put it in its right place."""
    spots = forms.entrance_first(positions_at(at))
    with at_desk(by, on) as desk:
        done = move(desk.books, desk.address(called), spots, desk.by, desk.on)
    show(told.address(done))


@registry.command("split")
def split_address(
    called: Called,
    numbers: Annotated[list[str], typer.Argument(help="12 12A 12B=105.85,21.03")],
    by: By,
    on: On = None,
) -> None:
    """Tách thửa; số đầu giữ mã. / Divide a plot; the first number keeps the code."""
    pieces = [piece_form(written).piece() for written in numbers]
    with at_desk(by, on) as desk:
        done = split(desk.books, desk.address(called), pieces, desk.by, desk.on)
    show([told.address(one) for one in done])


@registry.command("merge")
def merge_addresses(
    into: Called, others: Annotated[list[str], typer.Argument()], by: By, on: On = None
) -> None:
    """Gộp các địa chỉ khác vào INTO. / Let others end in INTO."""
    with at_desk(by, on) as desk:
        ended = [desk.address(one) for one in others]
        done = merge(desk.books, ended, desk.address(into), desk.by, desk.on)
    show([told.address(one) for one in done])


@registry.command("retire")
def retire_address(
    called: Called,
    by: By,
    reason: Annotated[str, typer.Option(help="lý do / why")],
    successor: Annotated[list[str] | None, typer.Option(help="mã kế tiếp / successors")] = None,
    on: On = None,
) -> None:
    """Thôi dùng. / End an address, with a reason and successors."""
    with at_desk(by, on) as desk:
        heirs = [desk.address(one) for one in successor or ()]
        found = desk.address(called)
        done = retire(desk.books, found, desk.by, desk.on, reason=reason, successors=heirs)
    show(told.address(done))


@registry.command("review")
def review_address(
    called: Called,
    by: By,
    doubt: Annotated[list[str], typer.Option(help="thuộc tính / attribute in doubt")],
    reason: Annotated[str, typer.Option(help="lý do / why")],
    on: On = None,
) -> None:
    """Xem lại điều còn nghi ngờ. / Put it under review."""
    with at_desk(by, on) as desk:
        found = desk.address(called)
        done = review(desk.books, found, doubt, desk.by, desk.on, reason=reason)
    show(told.address(done))


@registry.command("settle")
def settle_address(called: Called, by: By, on: On = None) -> None:
    """Kết thúc xem lại. / End a review: the doubts are gone."""
    with at_desk(by, on) as desk:
        done = settle(desk.books, desk.address(called), desk.by, desk.on)
    show(told.address(done))


@registry.command("restrict")
def restrict_address(
    called: Called,
    by: By,
    shown: Annotated[bool, typer.Option("--show", help="hiện lại / show it again")] = False,
) -> None:
    """Ẩn khỏi mọi người ngoài phường, xã. / Hide it from all but its ward."""
    with at_desk(by) as desk:
        done = restrict(desk.books, desk.address(called), desk.by, hidden=not shown)
    show(told.address(done))


@registry.command("renumber")
def renumber_street(
    street: Annotated[int, typer.Argument(help="số của đường / number of the street")],
    file: Annotated[Path, typer.Argument(help="CSV: code,number")],
    by: By,
    document: Paper = None,
    on: On = None,
) -> None:
    """Đánh lại số nhà của một đường. / New numbers for houses of a street, in one act."""
    numbers = {called: HouseNumber.parse(number) for called, number in _numbers(file)}
    paper = Document(document) if document else None
    with at_desk(by, on) as desk:
        along = street_of(desk, street)
        done = renumber(desk.books, along, numbers, desk.by, desk.on, document=paper)
    say(f"{len(done)} nhà / houses")
    show([told.address(one) for one in done])


@registry.command("rename")
def rename_street(
    street: Annotated[int, typer.Argument(help="số của đường / number of the street")],
    name: Annotated[str, typer.Argument(help="tên mới / new name")],
    by: By,
    document: Paper = None,
    on: On = None,
) -> None:
    """Đổi tên đường. / Rename a street, and all its addresses."""
    paper = Document(document) if document else None
    with at_desk(by, on) as desk:
        along = street_of(desk, street)
        renamed, done = rename(desk.books, along, name, desk.by, desk.on, document=paper)
    say(f"{along.name} → {renamed.name}: {len(done)} nhà / houses")
    show(told.street(renamed))


# -- what is written on the command line ---------------------------------------------------------


def _numbers(file: Path) -> list[tuple[str, str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return [(row["code"], row["number"]) for row in csv.DictReader(lines)]
    except (OSError, UnicodeDecodeError, csv.Error, KeyError) as fault:
        raise UnreadableSource(
            f"{file}: cần CSV với cột code, number. / a CSV with the columns code and number is "
            f"needed: {fault}"
        ) from None
