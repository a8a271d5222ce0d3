"""The commands that fill a registry: `diachiso load …`, and what `diachiso up` loads by itself."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Engine

from diachiso.address.division import REFORM, Level, parse_day
from diachiso.address.today import today
from diachiso.settings import Settings
from diachiso.store import loading, pilot_loading
from diachiso.store.addresses import Taken
from diachiso.store.history import Changes
from diachiso.store.sealing import bring_up_feed
from diachiso.terminal import Day, bars, console, database, day_of, say

load = typer.Typer(help="Nạp dữ liệu. / Load data.", no_args_is_help=True)
CROOKED = (
    "Ranh giới trong tệp chồng lấn hoặc hở như dưới đây; vì là DIACHISO_DATA nên vẫn nạp. / "
    "Boundaries in the file overlap or leave gaps as listed; loaded all the same, since "
    "DIACHISO_DATA asks for it:"
)
ReadFile = Annotated[Path, typer.Argument(help="tệp / file", exists=True, dir_okay=False)]


def fill(settings: Settings, engine: Engine) -> None:
    """Load what is not loaded yet: units, the pilot, and the folder of DIACHISO_DATA."""
    catch_up(engine)
    with console.status("Đơn vị hành chính / administrative units"):
        changes = loading.bring_up_units(engine, settings.facts)
    if changes is not None:
        _report_units(changes)
    _load_pilot(settings, engine, settings.province)
    if settings.data is not None:
        fill_from(settings.data, settings, engine)


def catch_up(engine: Engine) -> None:
    """Bring into the feed, once, what was loaded before loads were sealed."""
    if sealed := bring_up_feed(engine, bars):
        say(f"Dòng thay đổi / the feed: {sealed} mục nạp từ trước / subjects loaded before")


def fill_from(folder: Path, settings: Settings, engine: Engine) -> None:
    """Load what a folder holds in the layout boundaries/, streets/, places/."""
    for file in bars(loading.boundary_files(folder), "Ranh giới / boundaries"):
        # a country's file has wards that overlap: loaded all the same, and told
        options = loading.BoundaryOptions(tolerate=True)
        loaded = loading.load_boundary_file(engine, settings.facts, file, options)
        if loaded:
            say(f"{file.name}: {loaded.written} mới / new, {loaded.unchanged} như cũ / unchanged")
            if loaded.faults:
                say(f"{CROOKED}\n{loaded.faults}")
    written = pilot_loading.load_former_wards(
        engine, settings.facts, settings.home / "packages", bars
    )
    if written is not None:
        say(f"{written} phường, xã cũ có ranh giới gần đúng / former wards drawn")
    for file in loading.street_files(folder):
        if counts := loading.load_street_file(engine, file, bars):
            say(f"{file.name}: {counts['streets']} đường / streets, {counts['ways']} đoạn / ways")
    for file in loading.place_files(folder):
        _load_points(engine, file, addresses=True, places=True, on=loading.EXPORTED)


@load.command("units")
def load_units() -> None:
    """Đơn vị hành chính, mọi thời kỳ. / Units through time, lineage, postal codes."""
    with database() as (settings, engine):
        _report_units(loading.bring_up_units(engine, settings.facts))


def _report_units(changes: Changes | None) -> None:
    if changes is None:
        say("Đơn vị hành chính / units: không có gì mới / up to date")
    else:
        say(f"Đơn vị hành chính / units: {changes.added} dòng mới / rows added")


@load.command("postcodes")
def load_postcodes(file: ReadFile) -> None:
    """Mã bưu chính của một tỉnh. / Postal codes of a province (ward_code, postal_code)."""
    with database() as (_, engine):
        changes, issued = loading.load_postcode_file(engine, file, today())
    say(
        f"{file.name}: {changes.added} mã / codes, {changes.superseded} thay thế / superseded; "
        f"{issued} địa chỉ được cấp mã / addresses recorded"
    )


@load.command("boundaries")
def load_boundaries(
    file: ReadFile,
    level: Annotated[Level, typer.Option(help="cấp / level")] = Level.WARD,
    effective: Annotated[str, typer.Option(help="ngày hiệu lực / effective date")] = str(REFORM),
    decree: Annotated[str | None, typer.Option(help="văn bản / decree")] = None,
    crs: Annotated[str | None, typer.Option(help="hệ tọa độ / CRS, e.g. EPSG:5897")] = None,
    accuracy: Annotated[str, typer.Option(help="official, surveyed, published")] = "official",
    accuracy_m: Annotated[float | None, typer.Option(help="độ chính xác / metres")] = None,
    licence: Annotated[str, typer.Option(help="giấy phép / licence")] = loading.NOT_STATED,
    attribution: Annotated[str | None, typer.Option(help="ghi nguồn / attribution")] = None,
    tolerance: Annotated[float, typer.Option(help="m² chồng, hở / overlap or gap")] = 100.0,
) -> None:
    """Ranh giới từ tệp. / Boundaries from GeoJSON, GeoPackage, Shapefile or GeoParquet."""
    options = loading.BoundaryOptions(
        level=level,
        effective=parse_day(effective),
        decree=decree,
        crs=crs,
        accuracy=accuracy,
        accuracy_m=accuracy_m,
        licence=licence,
        attribution=attribution,
        tolerance_m2=tolerance,
    )
    with database() as (settings, engine):
        loaded = loading.load_boundary_file(engine, settings.facts, file, options)
    if loaded is None:
        return say(f"{file.name}: đã nạp rồi. / loaded already, nothing changed.")
    say(f"{file.name}: {loaded.written} mới / new, {loaded.unchanged} như cũ / unchanged")
    for remark in loaded.mended:
        say(f"  {remark}")
    return None


@load.command("streets")
def load_streets(file: ReadFile) -> None:
    """Đường phố từ tệp. / Named ways from a file."""
    with database() as (_, engine):
        counts = loading.load_street_file(engine, file, bars)
    told = "đã nạp rồi / loaded already"
    if counts:
        told = f"{counts['streets']} đường / streets, {counts['ways']} đoạn / ways"
    say(f"{file.name}: {told}")


@load.command("places")
def load_places(file: ReadFile, as_of: Day = None) -> None:
    """Địa danh từ tệp CSV. / Named places from a CSV (lon, lat, name, category, osm_id)."""
    with database() as (_, engine):
        _load_points(engine, file, addresses=False, places=True, on=day_of(as_of))


@load.command("addresses")
def load_addresses(file: ReadFile, as_of: Day = None) -> None:
    """Địa chỉ từ tệp CSV. / Addresses from a CSV (lon, lat, housenumber, street, code…)."""
    with database() as (_, engine):
        _load_points(engine, file, addresses=True, places=False, on=day_of(as_of))


def _load_points(engine: Engine, file: Path, *, addresses: bool, places: bool, on: date) -> None:
    done = loading.load_place_file(
        engine, file, addresses=addresses, places=places, on=on, today=today(), track=bars
    )
    if done is not None:
        _report_taken(done[0], done[1])


def _report_taken(taken: Taken, places: int) -> None:
    say(
        f"Địa chỉ / addresses: {taken.recorded} cấp mã / recorded, {taken.proposed} chờ mã / "
        f"proposed, {taken.known} đã có / known; địa danh / places: {places}"
    )
    for reason, count in taken.refused.most_common(5):
        say(f"  {count} × {reason}")


@load.command("pilot")
def load_pilot(
    province: Annotated[str | None, typer.Option(help="mã tỉnh / statistics code")] = None,
) -> None:
    """Dữ liệu thử từ gói công khai. / Approximate wards and observed addresses from packages."""
    with database() as (settings, engine):
        loading.bring_up_units(engine, settings.facts)
        _load_pilot(settings, engine, province or settings.province)


def _load_pilot(settings: Settings, engine: Engine, province: str) -> None:
    loaded = pilot_loading.load_pilot(
        engine,
        settings.facts,
        settings.home / "packages",
        province,
        today=today(),
        track=bars,
    )
    if loaded is not None:
        say(
            f"Thí điểm / pilot {province}: {loaded.wards} phường, xã gần đúng / approximate wards, "
            f"{loaded.former_wards} cũ / former"
        )
        say(loaded.report)
        _report_taken(loaded.addresses, loaded.places)
