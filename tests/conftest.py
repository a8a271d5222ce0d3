"""One PostGIS for all tests: a template made by the migrations, cloned per worker, rolled back.

The town is drawn by us: rectangles for a few real wards of Hanoi, three streets, a dozen houses.
"""

import csv
import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from pathlib import Path

import pytest
import uvicorn
from fastapi.testclient import TestClient
from hypothesis import settings as hypothesis
from sqlalchemy import Connection, Engine, make_url, text

from diachiso.settings import CHECKOUT, Settings
from diachiso.store import loading
from diachiso.store.divisions import facts_digest, load_units
from diachiso.store.engine import (
    Reader,
    Writer,
    located,
    make_engine,
    migrate,
    revisions,
    transaction,
)
from diachiso.terminal import service
from diachiso.web.app import create_app
from diachiso.web.serving import listening

FACTS = CHECKOUT / "data"
SHARED = CHECKOUT.parent / "shared" / "data"
TODAY = date(2026, 11, 1)
TEMPLATE = "diachiso_test_template"
MADE_OF = """
    SELECT shobj_description(oid, 'pg_database') FROM pg_database
    WHERE datname = current_database()
"""

hypothesis.register_profile("diachiso", deadline=None)  # a busy machine is no fault of the code
hypothesis.load_profile("diachiso")


def box(west: float, south: float, east: float, north: float) -> dict:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def collection(*features: dict) -> dict:
    return {"type": "FeatureCollection", "features": list(features)}


def feature(geometry: dict, **properties: object) -> dict:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


# The town, 1 km to a letter:        N
#   C = Phường Cửa Nam (00082)     C H R     old wards: the west half of H was Hàng Trống (00070),
#   H = Phường Hoàn Kiếm (00070)   C H R     the east half Tràng Tiền (00079)
#   R = Phường Hồng Hà (00097)
WARDS = collection(
    feature(box(105.84, 21.02, 105.85, 21.04), code="00082", name="Cửa Nam"),
    feature(box(105.85, 21.02, 105.86, 21.04), code="00070", name="Hoàn Kiếm"),
    feature(box(105.86, 21.02, 105.87, 21.04), code="00097", name="Hồng Hà"),
)
OLD_WARDS = collection(
    feature(box(105.85, 21.02, 105.855, 21.04), code="00070", name="Hàng Trống"),
    feature(box(105.855, 21.02, 105.86, 21.04), code="00079", name="Tràng Tiền"),
)
STREETS = collection(
    feature(
        {"type": "LineString", "coordinates": [[105.851, 21.021], [105.851, 21.039]]},
        osm_id=1, name="Phố Hàng Trống", highway="residential",
    ),
    feature(
        {"type": "LineString", "coordinates": [[105.842, 21.03], [105.868, 21.03]]},
        osm_id=2, name="Phố Tràng Thi", highway="secondary", old_name="Rue Borgnis Desbordes",
    ),
)  # fmt: skip
HOUSES = [
    # osm_id, lon, lat, housenumber, street, name
    (101, 105.8511, 21.022, "2", "Phố Hàng Trống", "Nhà hai"),
    (102, 105.8511, 21.024, "6", "Phố Hàng Trống", ""),
    (103, 105.8511, 21.028, "14", "Phố Hàng Trống", ""),
    (104, 105.8509, 21.022, "1", "Phố Hàng Trống", ""),
    (105, 105.8509, 21.026, "9", "Phố Hàng Trống", ""),
    (106, 105.8440, 21.0301, "12", "Phố Tràng Thi", ""),
    (107, 105.8450, 21.0301, "12A", "Phố Tràng Thi", ""),
    (108, 105.8520, 21.0301, "40", "Phố Tràng Thi", ""),
    (109, 105.8521, 21.0302, "5 ngách 12/3", "Phố Tràng Thi", ""),
]


def _settings(**more: object) -> Settings:
    return Settings(**more)


@pytest.fixture(scope="session")
def cluster_url() -> Iterator[str]:
    """The PostGIS that the tests share: the private one, or DIACHISO_DATABASE_URL."""
    with located(_settings()) as url:
        yield url


@contextmanager
def _admin(url: str) -> Iterator[Connection]:
    engine = make_engine(url)
    try:
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            yield connection
    finally:
        engine.dispose()  # a session that is kept keeps its advisory lock


def _on(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def template(cluster_url: str) -> str:
    """A database with the schema and the facts; made once, by whichever worker comes first."""
    with _admin(cluster_url) as connection:
        connection.execute(text("SELECT pg_advisory_lock(20250701)"))
        try:
            if not _is_fresh(cluster_url):
                connection.execute(text(f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)"))
                connection.execute(text(f"CREATE DATABASE {TEMPLATE}"))
                _fill_template(_on(cluster_url, TEMPLATE))
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(20250701)"))
    return TEMPLATE


def _is_fresh(url: str) -> bool:
    """Is the template there, with today's schema and facts?"""
    engine = make_engine(_on(url, TEMPLATE))
    try:
        have, need = revisions(engine)
        with engine.connect() as connection:
            digests = connection.scalars(text("SELECT digest FROM edition")).all()
            source = connection.scalar(text(MADE_OF))
        return have == need and facts_digest(FACTS) in digests and source == _schema_text()
    except Exception:  # noqa: BLE001 (any fault means: make it anew)
        return False
    finally:
        engine.dispose()


def _schema_text() -> str:
    """What makes a template: when a migration, or the reading of facts, is edited, it is stale."""
    readers = [CHECKOUT / "src" / "diachiso" / "store" / f"{n}.py" for n in ("facts", "divisions")]
    return facts_digest_of([*sorted((CHECKOUT / "migrations" / "versions").glob("*.py")), *readers])


def facts_digest_of(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _fill_template(url: str) -> None:
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS btree_gist"))
    migrate(engine)
    with transaction(engine) as writer:
        load_units(writer, FACTS)
        writer.execute(text(f"COMMENT ON DATABASE {TEMPLATE} IS '{_schema_text()}'"))
    engine.dispose()


class Databases:
    """Clones of the template, dropped in the end."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._made: list[str] = []

    def clone(self, name: str) -> str:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        database = f"diachiso_test_{worker}_{os.getpid()}_{name}_{len(self._made)}"
        with _admin(self._url) as connection:
            connection.execute(text("SELECT pg_advisory_lock(20250701)"))
            connection.execute(text(f"CREATE DATABASE {database} TEMPLATE {TEMPLATE}"))
            connection.execute(text("SELECT pg_advisory_unlock(20250701)"))
        self._made.append(database)
        return _on(self._url, database)

    def drop(self) -> None:
        with _admin(self._url) as connection:
            for database in self._made:
                connection.execute(text(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)"))


@pytest.fixture(scope="session")
def databases(cluster_url: str, template: str) -> Iterator[Databases]:
    made = Databases(cluster_url)
    yield made
    made.drop()


@pytest.fixture(scope="session")
def engine(databases: Databases) -> Iterator[Engine]:
    """A database with units and nothing else; what a test writes is rolled back."""
    engine = make_engine(databases.clone("units"))
    yield engine
    engine.dispose()


@pytest.fixture
def writer(engine: Engine) -> Iterator[Writer]:
    """A transaction that never commits."""
    with engine.connect() as connection, connection.begin() as nothing_stays:
        yield Writer(Reader(connection))
        nothing_stays.rollback()


@pytest.fixture
def today() -> date:
    """The day on which the tests happen."""
    return TODAY


# -- the town ------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def town_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town as files, laid out like a folder for DIACHISO_DATA."""
    folder = tmp_path_factory.mktemp("town")
    for name, content in (
        ("boundaries/wards.geojson", WARDS),
        ("old/old_wards.geojson", OLD_WARDS),
        ("streets/streets.geojson", STREETS),
    ):
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(content), "utf-8")
    (folder / "places").mkdir()
    with (folder / "places" / "houses.csv").open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out)
        table.writerow(["osm_id", "lon", "lat", "housenumber", "street", "name"])
        table.writerows(HOUSES)
    return folder


@pytest.fixture(scope="session")
def town(databases: Databases, town_files: Path) -> Iterator[Engine]:
    """The town, loaded; tests read it and leave it as it is."""
    engine = make_engine(databases.clone("town"))
    load_town(engine, town_files)
    yield engine
    engine.dispose()


def load_town(engine: Engine, files: Path) -> None:
    for file, effective in (
        (files / "old" / "old_wards.geojson", date(2025, 1, 1)),
        (files / "boundaries" / "wards.geojson", date(2025, 7, 1)),
    ):
        options = loading.BoundaryOptions(effective=effective, accuracy="official")
        loading.load_boundary_file(engine, FACTS, file, options)
    loading.load_street_file(engine, files / "streets" / "streets.geojson")
    loading.load_place_file(
        engine,
        files / "places" / "houses.csv",
        addresses=True,
        places=True,
        on=date(2026, 8, 1),
        today=TODAY,
    )


@pytest.fixture(scope="session")
def settle_in(town_files: Path) -> Callable[[Engine], None]:
    """Load the town into a database of one's own."""
    return lambda engine: load_town(engine, town_files)


@pytest.fixture(scope="module")
def owner(
    databases: Databases, settle_in: Callable[[Engine], None], request: pytest.FixtureRequest
) -> Iterator[Engine]:
    """The town in a database of the file's own, by its owner: what is done there stays."""
    engine = make_engine(databases.clone(request.path.stem))
    settle_in(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def bound(town: Engine) -> Iterator[Engine]:
    """The town as the service may use it: row-level security binds it."""
    with service(town) as engine:
        yield engine


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the service keeps its keys."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def client(bound: Engine, home: Path) -> Iterator[TestClient]:
    """The service over the town."""
    with TestClient(create_app(_settings(home=home), bound)) as client:
        yield client


@pytest.fixture(scope="session")
def serving(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., AbstractContextManager[str]]:
    """Serve a database on a real port as long as a block lasts; its base URL.

    A service has a home of its own: of two that share one, either takes in the other's files.
    """

    @contextmanager
    def serve(engine: Engine, home: Path | None = None) -> Iterator[str]:
        door = listening("127.0.0.1", 0)
        app = create_app(_settings(home=home or tmp_path_factory.mktemp("home")), engine)
        config = uvicorn.Config(app, access_log=False, log_level="warning")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + 60
        while not server.started and thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)  # until then the door refuses whoever knocks
        assert server.started
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=10)

    return serve


@pytest.fixture(scope="session")
def served(
    bound: Engine, home: Path, serving: Callable[..., AbstractContextManager[str]]
) -> Iterator[str]:
    """The base URL of the town's service on a real port."""
    with serving(bound, home) as url:
        yield url


@pytest.fixture(scope="session")
def shared() -> Path:
    """The data beside the product, where they are."""
    if not SHARED.is_dir():
        pytest.skip("../shared/data is not here")
    return SHARED
