"""The command line: `diachiso up` serves a living registry; every other command finds it.

Results go to stdout, what is being done to stderr; a mistake is one line and exit status 2.
What a command alone needs it imports itself: to import the web takes longer than to find a code.
"""

import os
import signal
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from diachiso.address.errors import DiachisoError
from diachiso.address.today import today
from diachiso.confide import contact
from diachiso.copying import replicate
from diachiso.counter import figures, registry
from diachiso.decree import decree, reorganise_units
from diachiso.exporting import export
from diachiso.fill import catch_up, fill, load
from diachiso.find import code, geocode, reverse
from diachiso.follow import ledger, notify, telling
from diachiso.intaking import intake
from diachiso.printing import plate
from diachiso.settings import Settings
from diachiso.staff import first_account, key, officer
from diachiso.store.engine import migrate as migrate_schema, migrate_down
from diachiso.terminal import database, give_up, say, service

app = typer.Typer(
    name="diachiso",
    help="Sổ địa chỉ số quốc gia. / Vietnam's national digital address registry.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(load, name="load")
app.add_typer(code, name="code")
app.add_typer(registry, name="registry")
app.add_typer(officer, name="officer")
app.add_typer(key, name="key")
app.add_typer(decree, name="decree")
app.command("reorganise")(reorganise_units)
app.add_typer(ledger, name="ledger")
app.add_typer(plate, name="plate")
app.add_typer(contact, name="contact")
app.add_typer(export, name="export")
app.command()(geocode)
app.command()(intake)
app.command()(notify)
app.command()(replicate)
app.command()(figures)
app.command(context_settings={"ignore_unknown_options": True})(reverse)


@app.command()
def up() -> None:
    """Chuẩn bị mọi thứ rồi phục vụ. / Migrate, load what is missing, serve until Ctrl-C."""
    from diachiso.store.contacts import purge_due  # noqa: PLC0415
    from diachiso.store.loading import require_folder  # noqa: PLC0415
    from diachiso.web.serving import listening  # noqa: PLC0415

    settings = Settings()
    if settings.data is not None:
        require_folder(settings.data)
    door = listening(settings.host, settings.port)
    with database(schema=False) as (_, engine):
        migrate_schema(engine)
        if gone := purge_due(engine):
            say(f"Người liên hệ hết hạn, đã xóa / contacts purged, for their date has come: {gone}")
        fill(settings, engine)
        first_account(engine)
        _serve(settings, engine, door)


@app.command()
def serve() -> None:
    """Phục vụ dữ liệu đã có. / Serve what is loaded."""
    from diachiso.web.serving import listening  # noqa: PLC0415

    settings = Settings()
    door = listening(settings.host, settings.port)
    with database() as (_, engine):
        _serve(settings, engine, door)


def _serve(settings: Settings, engine: Engine, door: socket.socket) -> None:
    from diachiso.store.large_pages import keep_in_large_pages  # noqa: PLC0415
    from diachiso.web.app import create_app  # noqa: PLC0415
    from diachiso.web.serving import serve as serve_forever  # noqa: PLC0415

    say("Đang đọc từ vựng… / reading the vocabularies…")
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{settings.port}/"
    with service(engine) as bound, telling(settings, engine):
        serve_forever(
            create_app(settings, bound, keep_in_large_pages),
            door,
            lambda: say(f"Bản đồ / the map: {address}   (Ctrl-C để dừng / to stop)"),
        )


@app.command()
def migrate(
    down: Annotated[
        bool, typer.Option("--down", help="gỡ mọi bảng / take all tables away")
    ] = False,
) -> None:
    """Đưa lược đồ lên bản mới nhất. / Bring the schema up to date."""
    with database(schema=False) as (_, engine):
        (migrate_down if down else migrate_schema)(engine)
        if not down:
            catch_up(engine)
    say("Xong. / Done.")


@app.command()
def doctor(
    places: Annotated[Path | None, typer.Option(help="CSV: lon, lat, ward_code")] = None,
) -> None:
    """Khám máy và dữ liệu. / What is here, what is missing, what the data hold."""
    from diachiso.store.doctor import findings, places_in_right_ward  # noqa: PLC0415
    from diachiso.store.observed import read_table  # noqa: PLC0415

    with database(schema=False) as (settings, engine):
        for line in findings(engine, settings):
            typer.echo(line)
        if places is not None:
            right, total = places_in_right_ward(engine, places, read_table(places), today())
            share = right / total if total else 0.0
            typer.echo(f"places in their right ward: {right:,} of {total:,} ({share:.1%})")


def _stop(*_: object) -> None:
    raise SystemExit(0)


def main() -> None:
    """Run a command; turn what went wrong into a line and exit status 2."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        app(standalone_mode=True)
    except ValidationError as fault:
        first = fault.errors()[0]
        give_up(f"DIACHISO_{'_'.join(map(str, first['loc'])).upper()}: {first['msg']}")
    except DiachisoError as fault:
        give_up(fault)
    except OperationalError as fault:
        give_up(f"cơ sở dữ liệu / database: {str(fault.orig).strip().splitlines()[0]}")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        raise SystemExit(0) from None


if __name__ == "__main__":
    main()
