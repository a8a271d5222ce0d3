"""The commands of those who watch: the ledger proved, signed and shown; changes told to others."""

import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer
from sqlalchemy import Engine

from diachiso.address.errors import LedgerBroken, UnreadableSource
from diachiso.address.today import VIETNAM, today
from diachiso.settings import Settings
from diachiso.store.audit import Line, Touched, differences, lines_since, touched_by
from diachiso.store.engine import Reader, reading
from diachiso.store.heads import HEADS, KEY, SignedHead, must_stand, signed
from diachiso.store.keyring import load_or_make, public_part, secret_box
from diachiso.store.ledger import head_of, prove
from diachiso.terminal import console, database, say, show

if TYPE_CHECKING:
    from diachiso.web.courier import Courier

ledger = typer.Typer(help="Sổ cái. / The ledger of every act.", no_args_is_help=True)

BROKEN = 1
"""The exit status when the ledger is not what was written; 2 is a mistake, as of every command."""
AT_ONCE = 100
SHOWN = 20
"""Changes of a line that are shown; a load has thousands."""

LAST_ROUND_S = 20.0
"""How long the service waits for messages that are on their way when it ends."""

Since = Annotated[int, typer.Option(help="sau dòng này / after this line", min=0)]


@ledger.command("verify")
def verify(
    head: Annotated[
        list[Path] | None,
        typer.Option(help="đầu sổ đã công bố / a head as published", exists=True, dir_okay=False),
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="khóa công khai / public key, base64; our own")
    ] = None,
) -> None:
    """Chứng minh sổ cái; 0: đúng, 1: đã bị sửa. / Prove the chain, or name what was changed."""
    published = [_published(file) for file in head or ()]
    with database() as (settings, engine), reading(engine) as reader:
        try:
            with console.status("Sổ cái / the ledger"):
                proved = prove(reader)
            for one in published:
                must_stand(reader, one, key or public_part(load_or_make(settings.home, KEY)))
        except LedgerBroken as fault:
            typer.echo(str(fault))
            raise typer.Exit(BROKEN) from None
    typer.echo(
        f"Sổ cái đúng: {proved.number} dòng, {proved.last_change} thay đổi. / The ledger is whole: "
        f"{proved.number} lines, {proved.last_change} changes. {proved.hash}"
    )
    for one in published:
        typer.echo(f"  {one.signed_at}: dòng / line {one.number} {one.hash}")


def _published(file: Path) -> SignedHead:
    try:
        told = orjson.loads(file.read_bytes())
    except (OSError, orjson.JSONDecodeError) as fault:
        raise UnreadableSource(f"{file}: không đọc được. / cannot be read: {fault}") from None
    if not isinstance(told, dict):
        raise UnreadableSource(f"{file}: không phải đầu sổ cái. / not a head of a ledger.")
    return SignedHead.read(told)


@ledger.command("head")
def head(
    sign: Annotated[bool, typer.Option("--sign", help="ký / sign it, once proved")] = False,
    to: Annotated[Path | None, typer.Option(help="ghi ra tệp / write it to a file")] = None,
    publish: Annotated[
        bool, typer.Option("--publish", help="ký, công bố ở / sign, show at /v1/ledger/heads")
    ] = False,
) -> None:
    """Dòng cuối, để công bố hằng ngày. / The last line, to be published every day."""
    with database() as (settings, engine), reading(engine) as reader:
        if not (sign or publish):
            return show(asdict(head_of(reader)))
        with console.status("Sổ cái / the ledger"):
            proved = prove(reader)
        told = signed(proved, load_or_make(settings.home, KEY), datetime.now(UTC)).told
        if publish:
            to = settings.home / HEADS / f"{today().isoformat()}.json"
            to.parent.mkdir(exist_ok=True)
    if to is None:
        return show(told)
    _write_whole(to, orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
    return say(f"{to}: dòng / line {told['number']} {told['hash']}")


def _write_whole(file: Path, content: bytes) -> None:
    """The whole file, or the one that was there."""
    try:
        handle, temporary = tempfile.mkstemp(dir=file.parent)
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(file)
    except OSError as fault:
        raise UnreadableSource(f"{file}: {fault.strerror}") from None


@ledger.command("show")
def show_lines(
    since: Since = 0,
    limit: Annotated[int, typer.Option(help="số dòng / lines", min=1)] = AT_ONCE,
    as_json: Annotated[bool, typer.Option("--json", help="NDJSON, đủ mọi thay đổi")] = False,
) -> None:
    """Ai, khi nào, từ đâu, làm gì, trước và sau. / Who, when, from where, what, before, after."""
    with database() as (_, engine), reading(engine) as reader:
        for line in lines_since(reader, since, limit):
            if as_json:
                touched = [asdict(one) for one in touched_by(reader, line.number, line.changes)]
                told = asdict(line) | {"changes": touched}
                typer.echo(orjson.dumps(told).decode())
            else:
                _show_line(reader, line)


def _show_line(reader: Reader, line: Line) -> None:
    at = line.at.astimezone(VIETNAM).strftime("%Y-%m-%d %H:%M:%S")
    who = f"người / officer {line.officer}" if line.officer else "hệ thống / system"
    note = orjson.dumps(line.note).decode() if line.note else ""
    told = (f"#{line.number}", at, who, line.act, line.unit or "", line.origin or "", note)
    typer.echo("  ".join(part for part in told if part))
    for one in touched_by(reader, line.number, SHOWN):
        _show_touched(one)
    if line.changes > SHOWN:
        typer.echo(f"    … +{line.changes - SHOWN}")


def _show_touched(one: Touched) -> None:
    mark = " (hạn chế / restricted)" if one.restricted else ""
    what = "mới / new" if one.before is None else ""
    what = "rút khỏi công khai / withdrawn" if one.after is None else what
    typer.echo(f"    {one.number}  {one.kind} {one.subject}{mark}  {what}".rstrip())
    if one.after is not None:
        for path, before, after in differences(one.before, one.after):
            if path != "id":
                was = f"{before} → " if one.before is not None else ""
                typer.echo(f"        {path}: {was}{after}")


# -- webhooks --------------------------------------------------------------------------------------


def notify(
    once: Annotated[bool, typer.Option("--once", help="gửi rồi thôi / what is due now")] = False,
) -> None:
    """Gửi thay đổi tới các webhook. / Send changes to webhooks; `up` and `serve` do it as well."""
    with database() as (settings, engine):
        courier = _courier(settings, engine, typer.echo)
        if once:
            return say(f"{courier.deliver_due()} tin / messages")
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        return courier.run(stop)


@contextmanager
def telling(settings: Settings, owner: Engine) -> Iterator[None]:
    """Changes are told to webhooks as long as the block."""
    stop = threading.Event()
    courier = _courier(settings, owner)
    thread = threading.Thread(target=courier.run, args=(stop,), name="couriers", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=LAST_ROUND_S)


def _courier(settings: Settings, engine: Engine, *tell: Callable[[str], None]) -> "Courier":
    from diachiso.web.courier import Courier  # noqa: PLC0415
    from diachiso.web.outward import Allowed  # noqa: PLC0415
    from diachiso.web.webhooks import BOX  # noqa: PLC0415

    box = secret_box(settings.home, BOX)
    return Courier(engine, box, Allowed.parse(settings.webhook_hosts), *tell)
