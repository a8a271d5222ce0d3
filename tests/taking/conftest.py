"""A grid of five wards of Hanoi with streets, officers, and files of houses with planted faults."""

import importlib.util
import random
import sys
from datetime import date

import pytest

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.registry.officer import Role
from diachiso.settings import CHECKOUT
from diachiso.store.engine import make_engine, transaction
from diachiso.store.officers import enter_officer, give_mandate

FACTS = CHECKOUT / "data"


def _bench(name):
    spec = importlib.util.spec_from_file_location(name, CHECKOUT / "bench" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def planted():
    """The generator that the bench uses too."""
    return _bench("planted")


@pytest.fixture(scope="session")
def squares(planted):
    return planted.grid(planted.hanoi(FACTS, 5), 2, random.Random(1))


class Hall:
    """A database of the grid with officers: of all its wards, and of the first one."""

    def __init__(self, engine, url, squares):
        self.engine, self.url = engine, url
        since = Validity(date(2025, 1, 1))
        with transaction(engine) as writer:
            self.agent, self.clerk = enter_officer(writer), enter_officer(writer)
            for one in squares:
                ward = UnitKey(Level.WARD, one.code, former=False)
                give_mandate(writer, self.agent, Role.WARD_OFFICER, ward, since, None)
            first = UnitKey(Level.WARD, squares[0].code, former=False)
            give_mandate(writer, self.clerk, Role.WARD_OFFICER, first, since, None)


@pytest.fixture
def build(databases, planted, squares, tmp_path):
    """Build halls: all alike, each with a database of its own."""
    made = []

    def built():
        url = databases.clone("taking")
        engine = make_engine(url)
        made.append(engine)
        planted.settle(engine, FACTS, tmp_path, squares)
        return Hall(engine, url, squares)

    yield built
    for engine in made:
        engine.dispose()


@pytest.fixture
def hall(build):
    return build()
