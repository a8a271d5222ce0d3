"""The commands `diachiso export`: everything public as files, with a signed manifest."""

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from diachiso.address.errors import UnreadableSource
from diachiso.settings import Settings
from diachiso.terminal import Day, bars, database, day_of, give_up, say, service

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Engine

export = typer.Typer(
    name="export",
    help="Xuất dữ liệu công khai ra tệp. / Everything public as files, signed.",
    no_args_is_help=True,
)
FOLDER = "exports"
"""Below DIACHISO_HOME: what the service offers for download."""

Folder = Annotated[
    Path | None, typer.Option("--to", help="thư mục / folder; DIACHISO_HOME/exports")
]


@export.command("make")
def make(to: Folder = None, as_of: Day = None) -> None:
    """Ghi PMTiles và GeoParquet cùng bản kê đã ký. / Write them, unless nothing has changed."""
    day = day_of(as_of)
    with database() as (settings, owner), service(owner) as engine:
        folder = _made(to or settings.home / FOLDER)
        _export(settings, engine, folder, day)


@export.command("verify")
def verify(
    folder: Annotated[Path, typer.Argument(help="thư mục đã tải về / the folder")],
    key: Annotated[
        str | None, typer.Option(help="khóa công khai / public key, base64; our own")
    ] = None,
) -> None:
    """Kiểm tra chữ ký, mã băm và số dòng. / Prove signature, hashes and counts."""
    from diachiso.store.heads import KEY  # noqa: PLC0415
    from diachiso.store.keyring import load_or_make, public_part  # noqa: PLC0415
    from diachiso.store.manifest import MANIFEST, faults_of, read_manifest  # noqa: PLC0415

    if (told := read_manifest(folder)) is None:
        raise UnreadableSource(f"{folder / MANIFEST}: không có / is not there")
    own = key or public_part(load_or_make(Settings().home, KEY))
    if faults := faults_of(folder, told, own):
        give_up("; ".join(faults))
    say(
        f"Đúng: {len(told['files'])} tệp, ấn bản {told['edition']}, thay đổi {told['change']}. / "
        f"Whole: {len(told['files'])} files, edition {told['edition']}, change {told['change']}."
    )


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise UnreadableSource(f"{folder}: {fault.strerror}") from None
    return folder


def _export(settings: Settings, engine: "Engine", folder: Path, day: "date") -> None:
    from dataclasses import asdict  # noqa: PLC0415

    from diachiso.store.coverage import coverage  # noqa: PLC0415
    from diachiso.store.engine import reading  # noqa: PLC0415
    from diachiso.store.exports import export_tables, export_tiles  # noqa: PLC0415
    from diachiso.store.feed import last_number  # noqa: PLC0415
    from diachiso.store.heads import KEY  # noqa: PLC0415
    from diachiso.store.history import edition_of  # noqa: PLC0415
    from diachiso.store.keyring import load_or_make, public_part  # noqa: PLC0415
    from diachiso.store.landmarks import landmarks  # noqa: PLC0415
    from diachiso.store.manifest import (  # noqa: PLC0415
        clear_up,
        faults_of,
        manifest_of,
        read_manifest,
    )
    from diachiso.store.tiles import Atlas  # noqa: PLC0415

    key = load_or_make(settings.home, KEY)
    before = read_manifest(folder)
    with reading(engine) as reader:
        state = edition_of(reader), last_number(reader)
        if _stands(before, state, day) and not faults_of(folder, before or {}, public_part(key)):
            return say(
                f"Không có gì đổi từ thay đổi {state[1]}. / Nothing has changed since change "
                f"{state[1]}: {folder}"
            )
        atlas = Atlas(landmarks(settings.facts))
        files = [
            *export_tables(reader, folder, day, bars),
            *export_tiles(reader, folder, day, atlas, bars),
        ]
        named = [asdict(one) for one in coverage(reader, day).credits]
    now = datetime.now(UTC)
    told = manifest_of(files, state=state, day=day, now=now, credits_=named, key=key)
    _publish(folder, told)
    clear_up(folder, before, told)
    for one in files:
        say(f"{one.name}  {one.bytes:,} B  {one.count:,}")
    return None


def _stands(before: dict[str, Any] | None, state: tuple[int, int], day: "date") -> bool:
    """Was the same state exported for the same day?"""
    return before is not None and (before["edition"], before["change"], before["as_of"]) == (
        *state,
        day.isoformat(),
    )


def _publish(folder: Path, told: dict[str, Any]) -> None:
    """Whole or not at all: from now on the new files are the export."""
    from diachiso.store.manifest import MANIFEST  # noqa: PLC0415

    handle, temporary = tempfile.mkstemp(dir=folder)
    with os.fdopen(handle, "wb") as out:
        out.write(orjson.dumps(told, option=orjson.OPT_INDENT_2))
        out.flush()
        os.fsync(out.fileno())
    Path(temporary).chmod(0o644)
    Path(temporary).replace(folder / MANIFEST)
