"""Sets up addok and Nominatim beside diachiso with the same streets and places: the same rows.

usage: python bench/rivals.py [--seconds 5] [--folder FOLDER] [--without NAME]
It needs a registry with streets loaded (`diachiso up` with DIACHISO_DATA once), ../shared/data, and
from apt redis-server for addok, osm2pgsql and libicu-dev for Nominatim; each rival is installed in
an environment of its own, from the versions pinned beside this file.

Accuracy is that of the point: how far off, and whether the ward polygon that holds it is the right
one. Speed is that of one worker over HTTP, by the clock and by the processor time of the worker and
its store together, which other work on the machine does not change. addok is given what costs
no code: one document for each street and ward with its house numbers, streets with and without
their kind, former wards and districts as context, words that every address has left out. Nominatim,
which wants every word to be found, is asked in three steps: the text, its first field, the street.
"""

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from math import asin, cos, radians, sin, sqrt
from multiprocessing import get_context
from multiprocessing.pool import Pool
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import urlopen
from xml.sax.saxutils import quoteattr

import shapely
from serving import HOST, family, free_port, get, load, machine, processor_s, worker
from town import SHARED, Town, town

from diachiso.address.division import UnitKey
from diachiso.address.name import fold
from diachiso.geocode.gazetteer import Point, Street, Stretch
from diachiso.settings import Settings

BENCH = Path(__file__).resolve().parent
CONNECTIONS = (1, 8)
EVERY_HOUSE = 100_000
READY_WITHIN_S = 60
CITY = "Hà Nội"
ADDOK = """
REDIS = {{
    "host": "{host}", "port": {port}, "unix_socket_path": None,
    "indexes": {{"db": 0}}, "documents": {{"db": 1}},
}}
LOG_DIR = {folder!r}
ATTRIBUTION = "OSM"
QUERY_MAX_LENGTH = 1000
SYNONYMS_PATHS = [{synonyms!r}]
"""
LEFT_OUT = "vietnam,vn,duong,pho=>\n"

Row = dict[str, str]
Rival = Callable[[Path, Town], AbstractContextManager["Asked"]]


class Asked(NamedTuple):
    """A geocoder that listens: what to ask it, how to read it, and the processes it is made of."""

    name: str
    port: int
    target: Callable[[str], str]
    processes: Callable[[], Iterable[int]]
    steps: Callable[[str], Iterable[str]] = lambda text: (text,)

    def point(self, text: str) -> Point | None:
        """The first answer's point (GeoJSON, all speak it); None too where it fails."""
        for step in self.steps(text):
            if (spot := self._point(step)) is not None:
                return spot
        return None

    def _point(self, text: str) -> Point | None:
        try:
            with urlopen(f"http://{HOST}:{self.port}{self.target(text)}", timeout=60) as answer:
                found = json.load(answer)["features"]
        except HTTPError:
            return None
        spot = found[0]["geometry"] if found else None
        return (spot["coordinates"][0], spot["coordinates"][1]) if spot else None


# -- what addok is told --------------------------------------------------------------------------


def documents(known: Town) -> Iterator[dict[str, Any]]:
    """Streets ward by ward with their houses, places, and wards, as addok imports them."""
    streets = {s.id: s for key in known.streets for s in known.streets.get(key)}
    for street in streets.values():
        houses = defaultdict(dict)
        for house in known.houses_starting(street.id, "", EVERY_HOUSE):
            spot = {"lon": house.point[0], "lat": house.point[1]}
            houses[house.ward][house.number] = spot
        for stretch in street.stretches:
            yield _street(street, stretch, houses[stretch.ward], known)
    places = {p.id: p for key in known.places for p in known.places.get(key)}
    for place in places.values():
        yield {
            **_located(f"place-{place.id}", place.point, place.ward, known),
            "type": "poi",
            "name": list(place.names),
            "importance": 0.0,
        }
    for ward in known.wards.keys:
        if (extent := known.extent(ward)) is not None:
            unit = known.units.divisions[ward].latest
            yield {
                **_located(f"ward-{ward.code}", extent.centre, ward, known),
                "type": "municipality",
                "name": [unit.name, unit.full_name],
                "importance": 0.5,
            }


def _street(
    street: Street, stretch: Stretch, houses: dict[str, Any], known: Town
) -> dict[str, Any]:
    kindless = [name.partition(" ")[2] for name in street.names]
    names = [name for name in (*street.names, *kindless) if len(name) > 2]  # noqa: PLR2004
    return {
        **_located(f"street-{street.id}-{stretch.ward.code}", stretch.centre, stretch.ward, known),
        "type": "street",
        "name": list(dict.fromkeys(names)) or [street.name],
        "importance": min(0.9, stretch.length_m / 5000),
        "housenumbers": houses,
    }


def _located(identity: str, point: Point, ward: UnitKey, known: Town) -> dict[str, Any]:
    divisions = known.units.divisions
    old = [divisions[pair.old] for pair in known.units.lineage.predecessors(ward)]
    districts = [divisions[unit.parent] for unit in old if unit.parent]
    context = dict.fromkeys(unit.latest.name for unit in (*old, *districts))
    return {
        "id": identity,
        "_id": identity,
        "lon": point[0],
        "lat": point[1],
        "city": divisions[ward].latest.name,
        "context": [*context, CITY],
    }


# -- addok, set up and listening -----------------------------------------------------------------


@contextmanager
def addok(folder: Path, known: Town) -> Iterator[Asked]:
    """Install it in a folder of its own, import, and serve with one worker."""
    redis_server = shutil.which("redis-server")
    if redis_server is None:
        raise SystemExit("addok needs redis-server: apt-get install redis-server")
    programs = _installed(folder / "venv", BENCH / "rivals-addok.txt")
    store, door = free_port(), free_port()
    config = folder / "config.py"
    synonyms = folder / "synonyms.txt"
    synonyms.write_text(LEFT_OUT, encoding="utf-8")
    told = ADDOK.format(host=HOST, port=store, folder=str(folder), synonyms=str(synonyms))
    config.write_text(told, encoding="utf-8")
    file = folder / "documents.json"
    with file.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(one, ensure_ascii=False) + "\n" for one in documents(known))
    environment = {**os.environ, "ADDOK_CONFIG_MODULE": str(config)}
    nothing_kept = ("--save", "", "--appendonly", "no", "--dir", str(folder))
    with running([redis_server, "--bind", HOST, "--port", str(store), *nothing_kept]) as redis:
        time.sleep(1)
        started = time.perf_counter()
        for step in (["batch", str(file)], ["ngrams"]):
            subprocess.run(
                [programs / "addok", *step], env=environment, check=True, stdout=subprocess.DEVNULL
            )
        print(f"addok: imported in {time.perf_counter() - started:.0f} s", flush=True)
        serve = [programs / "gunicorn", "addok.http.wsgi", "--bind", f"{HOST}:{door}"]
        serve += [
            "--workers",
            "1",
            "--worker-class",
            "gthread",
            "--threads",
            "1",
        ]  # it is not made for threads
        with running(serve, environment) as server:
            asked = Asked(
                "addok",
                door,
                lambda text: f"/search/?limit=1&autocomplete=0&q={quote(text)}",
                lambda: (*family(server), redis),
            )
            ready(asked)
            yield asked


# -- Nominatim, set up and listening -------------------------------------------------------------


class Osm:
    """An OSM file in the making: nodes, ways and relations with numbers of our own."""

    def __init__(self) -> None:
        self.nodes: list[str] = []
        self.ways: list[str] = []
        self.relations: list[str] = []

    def node(self, point: Point, tags: dict[str, str] | None = None) -> int:
        """A point, perhaps with tags; its number."""
        here = f'lon="{point[0]:.7f}" lat="{point[1]:.7f}"'
        return _written(self.nodes, "node", here, _tags(tags or {}))

    def way(self, points: Iterable[Point], tags: dict[str, str]) -> int:
        """A line; its number."""
        references = "".join(f'<nd ref="{self.node(point)}"/>' for point in points)
        return _written(self.ways, "way", "", references + _tags(tags))

    def area(self, shape: shapely.Geometry, tags: dict[str, str]) -> None:
        """A boundary as a relation of its outer rings."""
        rings = [self.way(part.exterior.coords, {}) for part in shapely.get_parts(shape)]
        members = "".join(f'<member type="way" ref="{ring}" role="outer"/>' for ring in rings)
        _written(self.relations, "relation", "", members + _tags({"type": "boundary", **tags}))

    def write(self, file: Path) -> None:
        """The file, in the order that osm2pgsql wants."""
        with file.open("w", encoding="utf-8") as out:
            out.write('<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">\n')
            for elements in (self.nodes, self.ways, self.relations):
                out.writelines(elements)
            out.write("</osm>\n")


def _written(elements: list[str], kind: str, attributes: str, inside: str) -> int:
    identity = len(elements) + 1
    head = f'id="{identity}" version="1" timestamp="2026-11-01T00:00:00Z" {attributes}'
    elements.append(f"<{kind} {head}>{inside}</{kind}>\n")
    return identity


def _tags(tags: dict[str, str]) -> str:
    return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items() if v)


def osm_file(file: Path, known: Town) -> None:
    """Streets, houses, places and the wards' polygons, as OSM has them."""
    osm = Osm()
    boundary = {"boundary": "administrative"}
    whole = shapely.convex_hull(shapely.union_all(known.wards.shapes))
    osm.area(whole, {**boundary, "admin_level": "4", "name": CITY})
    for key, shape in zip(known.wards.keys, known.wards.shapes, strict=True):
        unit = known.units.divisions[key].latest
        names = {"name": unit.full_name, "alt_name": unit.name}
        osm.area(shape, {**boundary, "admin_level": "6", **names})
    for street in {s.id: s for key in known.streets for s in known.streets.get(key)}.values():
        names = {"name": street.name, "alt_name": street.name.partition(" ")[2]}
        names["old_name"] = ";".join(street.other_names)
        for course in known.courses([street.id])[street.id]:
            if len(course.points) > 1:
                osm.way(course.points, {"highway": "residential", **names})
        for house in known.houses_starting(street.id, "", EVERY_HOUSE):
            osm.node(house.point, {"addr:housenumber": house.number, "addr:street": street.name})
    for place in {p.id: p for key in known.places for p in known.places.get(key)}.values():
        kind, _, what = place.category.partition("=")
        osm.node(place.point, {kind or "place": what or "yes", "name": place.name})
    osm.write(file)


@contextmanager
def nominatim(folder: Path, known: Town) -> Iterator[Asked]:
    """A PostGIS and a project of its own, imported, served with one worker."""
    for program in ("osm2pgsql", "runuser"):
        if shutil.which(program) is None:
            raise SystemExit(f"Nominatim needs {program}: apt-get install {program}")
    programs = _installed(folder / "venv-nominatim", BENCH / "rivals-nominatim.txt")
    project, file, door = folder / "project", folder / "town.osm", free_port()
    project.mkdir(exist_ok=True)
    osm_file(file, known)
    with _cluster() as (sockets, postmaster):
        where = f"pgsql:dbname=nominatim;host={sockets};user=postgres"
        (project / ".env").write_text(
            f'NOMINATIM_DATABASE_DSN="{where}"\nNOMINATIM_DATABASE_WEBUSER="postgres"\n',
            encoding="utf-8",
        )
        started = time.perf_counter()
        step = [programs / "nominatim", "import", "--offline", "--osm-file", file]
        with (folder / "nominatim.log").open("w", encoding="utf-8") as log:
            subprocess.run(step, cwd=project, check=True, stdout=log, stderr=log)
        print(f"Nominatim: imported in {time.perf_counter() - started:.0f} s", flush=True)
        serve = [programs / "uvicorn", "--factory", "nominatim_api.server.falcon.server:run_wsgi"]
        serve += ["--host", HOST, "--port", str(door)]
        with running(serve, cwd=project) as server:
            asked = Asked(
                "Nominatim",
                door,
                lambda text: f"/search?format=geojson&limit=1&q={quote(text)}",
                lambda: (*family(server), *family(postmaster)),
                lambda text: (text, f"{_first(text)}, {CITY}", f"{_unnumbered(text)}, {CITY}"),
            )
            ready(asked)
            yield asked


def _first(text: str) -> str:
    fields = [field.strip() for field in text.split(",")]
    return " ".join(fields[:2]) if fields[0].isdecimal() else fields[0]


def _unnumbered(text: str) -> str:
    return _first(text).lstrip("0123456789/-. ")


@contextmanager
def _cluster() -> Iterator[tuple[Path, int]]:
    """A PostgreSQL of its own, by the user postgres; its socket folder and process."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"))
    with TemporaryDirectory(prefix="diachiso-nominatim-") as name:
        home = Path(name)
        shutil.chown(home, "postgres")
        as_postgres = ["runuser", "-u", "postgres", "--"]
        make = [programs / "initdb", "-D", home / "data", "-E", "UTF8", "-A", "trust"]
        subprocess.run([*as_postgres, *make], check=True, stdout=subprocess.DEVNULL, cwd=home)
        control = [*as_postgres, programs / "pg_ctl", "-D", home / "data", "-w"]
        options = f"-k {home} -c listen_addresses= -c fsync=off -c shared_buffers=256MB"
        start = [*control, "-o", options, "-l", home / "log", "start"]
        subprocess.run(start, check=True, stdout=subprocess.DEVNULL, cwd=home)
        try:
            file = home / "data" / "postmaster.pid"
            yield home, int(file.read_text(encoding="utf-8").split()[0])
        finally:
            stop = [*control, "-m", "fast", "stop"]
            subprocess.run(stop, check=True, stdout=subprocess.DEVNULL, cwd=home)


# -- programs ------------------------------------------------------------------------------------


def _installed(venv: Path, requirements: Path) -> Path:
    """A virtual environment with what the file pins; its folder of programs."""
    uv = Path(sys.executable).parent / "uv"
    if not (venv / "bin" / "python").exists():
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, venv], check=True)
    into = ("--require-hashes", "--python", venv / "bin" / "python", "-r", requirements)
    subprocess.run([uv, "pip", "install", "--quiet", *into], check=True)
    return venv / "bin"


@contextmanager
def running(
    program: Sequence[str | Path],
    environment: dict[str, str] | None = None,
    cwd: Path | None = None,
) -> Iterator[int]:
    """A program that runs meanwhile; its process id."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(program, env=environment, cwd=cwd, **quiet)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


def ready(asked: Asked) -> None:
    """Wait until it answers."""
    for _ in range(READY_WITHIN_S * 10):
        try:
            asked.point("Hoàn Kiếm")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{asked.name} does not answer")


# -- what is measured ----------------------------------------------------------------------------


def postgres() -> list[int]:
    """The private cluster's processes; none where the database is somebody else's."""
    file = Settings().home / "postgres" / "data" / "postmaster.pid"
    if Settings().database_url is not None or not file.exists():
        return []
    return family(int(file.read_text(encoding="utf-8").split()[0]))


def accuracy(asked: Asked, rows: Sequence[Row], known: Town, *, folded: bool) -> str:
    """How far off the points are, and how many lie in the right ward."""
    off, right = [], 0
    for row in rows:
        spot = asked.point(fold(row["address"]) if folded else row["address"])
        off.append(metres(row, spot))
        ward = known.wards.at(spot) if spot else None
        right += ward is not None and ward.code == row["ward_code"]
    within = " · ".join(
        f"{limit:,} m {sum(m <= limit for m in off) / len(off):.1%}" for limit in (100, 250, 1000)
    )
    return f"{within} · median {median(off):.0f} m · right ward {right / len(off):.1%}"


def metres(row: Row, spot: Point | None) -> float:
    """How far a point lies from the truth."""
    if spot is None:
        return float("inf")
    east, north = map(radians, spot)
    lon, lat = radians(float(row["lon"])), radians(float(row["lat"]))
    square = sin((north - lat) / 2) ** 2 + cos(lat) * cos(north) * sin((east - lon) / 2) ** 2
    return 12_742_000 * asin(sqrt(square))


def speed(
    asked: Asked, rows: Sequence[Row], client: Pool, seconds: float
) -> Iterator[tuple[str, float]]:
    """A line for each number of connections, and the requests per second of processor time."""
    requests = [get(asked.target(row["address"])) for row in rows]
    client.apply(load, (asked.port, requests, 1, seconds / 4))
    for connections in CONNECTIONS:
        processes = list(asked.processes())
        before = processor_s(processes)
        answered = client.apply(load, (asked.port, requests, connections, seconds))
        spent = processor_s(processes) - before
        a_core = len(answered.seconds) / spent if spent else float("nan")
        told = f"{answered.told()} · {a_core:,.0f} requests per second of processor time"
        yield f"{connections} connections: {told}", a_core


def main() -> None:
    """Set up, ask the same rows of both, print."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seconds", type=float, default=5, help="of each load")
    arguments.add_argument("--folder", type=Path, help="where to set up, kept; else a new one")
    arguments.add_argument("--without", choices=RIVALS, action="append", default=[])
    asked = arguments.parse_args()
    known = town()
    if known is None:
        print(f"{SHARED}: no reference data, nothing to compare")
        return
    rivals = [rival for name, rival in RIVALS.items() if name not in asked.without]
    if asked.folder is not None:
        asked.folder.mkdir(parents=True, exist_ok=True)
        compare(rivals, asked.folder.resolve(), known, asked.seconds)
        return
    with TemporaryDirectory(prefix="diachiso-rivals-") as folder:
        compare(rivals, Path(folder), known, asked.seconds)


RIVALS = {"addok": addok, "nominatim": nominatim}


def compare(rivals: Sequence[Rival], folder: Path, known: Town, seconds: float) -> None:
    """Everyone in one run, one after the other."""
    with (SHARED / "eval" / "geocoding.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    print(f"{len(rows)} rows; {machine()}")
    door = free_port()
    with worker(door) as (pid, _, _), get_context("spawn").Pool(1) as client:
        ours = Asked(
            "diachiso",
            door,
            lambda text: f"/v1/geocode?limit=1&q={quote(text)}",
            lambda: (*family(pid), *postgres()),
        )
        rate = measured(ours, rows, known, client, seconds)
        for rival in rivals:
            with rival(folder, known) as one:
                theirs = measured(one, rows, known, client, seconds)
            told = f"{rate / theirs:.1f} times the requests of {one.name}"
            print(f"diachiso answers {told} per second of processor time", flush=True)
    print(machine())


def measured(one: Asked, rows: Sequence[Row], known: Town, client: Pool, seconds: float) -> float:
    """Print how right and how fast; the requests per second of processor time."""
    for folded in (False, True):
        told = accuracy(one, rows, known, folded=folded)
        print(f"{one.name}{', folded' if folded else ''}: {told}", flush=True)
    rates = []
    for line, rate in speed(one, rows, client, seconds):
        print(f"{one.name}, {line}", flush=True)
        rates.append(rate)
    return rates[-1]


if __name__ == "__main__":
    main()
