"""A registry in which officers act for good: its feed, its service on a real port, a receiver."""

import json
import random
import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import uvicorn

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.address.number import HouseNumber
from diachiso.address.position import Position, PositionKind
from diachiso.address.record import Details, Spot
from diachiso.address.today import today
from diachiso.registry.amend import amend, move
from diachiso.registry.officer import Acting, Role
from diachiso.registry.record import record
from diachiso.registry.register import register
from diachiso.registry.review import restrict
from diachiso.settings import Settings
from diachiso.store.acting import acting
from diachiso.store.books import PostgisBooks
from diachiso.store.engine import make_engine, reading, transaction
from diachiso.store.feed import changes_since, last_number
from diachiso.store.officers import enter_officer, give_mandate, officer_of
from diachiso.terminal import service
from diachiso.web.app import create_app
from diachiso.web.serving import listening

HOAN_KIEM = UnitKey(Level.WARD, "00070", former=False)
CUA_NAM = UnitKey(Level.WARD, "00082", former=False)
SINCE = Validity(date(2025, 1, 1))


class Registry:
    """A town of which one officer governs two wards; every act is committed."""

    def __init__(self, engine, home):
        self.engine = engine
        self.settings = Settings(home=home, webhook_hosts="127.0.0.1")
        self._count = 0
        with transaction(engine) as writer:
            self.officer = enter_officer(writer)
            for ward in (HOAN_KIEM, CUA_NAM):
                give_mandate(writer, self.officer, Role.WARD_OFFICER, ward, SINCE, None)

    @contextmanager
    def desk(self):
        with acting(self.engine, self.officer) as writer:
            by = Acting(officer_of(writer, self.officer), today(), "test")
            yield PostgisBooks(writer, random.Random(self._count)), by

    def house(self, street="Phố Hàng Trống", **more):
        """A new house, recorded: its code."""
        self._count += 1
        with self.desk() as (books, by):
            spot = Spot(Position(105.8511, 21.0325 + self._count / 1e5), PositionKind.ENTRANCE)
            named = books.street_named(street, spot.position)
            number = HouseNumber.parse(str(300 + self._count))
            details = Details(HOAN_KIEM, (spot,), number, named, **more)
            draft = register(books, details, by, today())
            return record(books, draft.address, by, today()).code.digits

    def name(self, called, name):
        with self.desk() as (books, by):
            house = books.address(called, today())
            amend(books, house, replace(house.details, name=name), by, today())

    def move_to_cua_nam(self, called):
        with self.desk() as (books, by):
            spot = Spot(Position(105.8451, 21.0325), PositionKind.ENTRANCE)
            move(books, books.address(called, today()), (spot,), by, today())

    def restrict(self, called, *, hidden=True):
        with self.desk() as (books, by):
            restrict(books, books.address(called, today()), by, hidden=hidden)

    def last(self):
        with reading(self.engine) as reader:
            return last_number(reader)

    def changes(self, since, most=1000, units=None):
        with reading(self.engine) as reader:
            return changes_since(reader, since, most, units).changes


@pytest.fixture
def signals_as_they_were():
    """A command that was run within this process took the signals for itself."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture(scope="session")
def registry(databases, settle_in, tmp_path_factory):
    engine = make_engine(databases.clone("feed"))
    settle_in(engine)
    yield Registry(engine, tmp_path_factory.mktemp("home"))
    engine.dispose()


@contextmanager
def on_a_port(app):
    """The base URL of a service, as long as the block."""
    door = listening("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, access_log=False, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started and thread.is_alive() and time.monotonic() < deadline:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{door.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(scope="session")
def url(registry):
    """The registry's service on a real port."""
    with service(registry.engine) as bound, on_a_port(create_app(registry.settings, bound)) as url:
        yield url


@dataclass
class Receiver:
    """Somebody's HTTP server: what came in, and what it answers next."""

    url: str = ""
    came: list = field(default_factory=list)
    answers: list = field(default_factory=list)

    def numbers(self):
        return [
            one["number"] for _, body in self.came for one in json.loads(body)["data"]["changes"]
        ]


@pytest.fixture
def receiver():
    heard = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            heard.came.append((dict(self.headers.items()), body))
            status, *more = heard.answers.pop(0) if heard.answers else (204,)
            self.send_response(status)
            for name, value in more:
                self.send_header(name, value)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    heard.url = f"http://127.0.0.1:{server.server_port}/changes?to=me"
    yield heard
    server.shutdown()
    server.server_close()
    thread.join(timeout=10)
