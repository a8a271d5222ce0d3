"""Loads are in the ledger and in the feed; the same load twice, and what was loaded before."""

import pytest
from sqlalchemy import text

from diachiso.store.engine import make_engine, reading
from diachiso.store.feed import changes_since, last_number, standing_at
from diachiso.store.ledger import head_of, prove
from diachiso.store.sealing import bring_up_feed


@pytest.fixture
def loaded(databases, settle_in):
    engine = make_engine(databases.clone("loaded"))
    settle_in(engine)
    yield engine
    engine.dispose()


def fed(engine):
    """How many of each kind the feed holds."""
    with reading(engine) as reader:
        kinds = [one.kind for one in standing_at(reader, last_number(reader))]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}


def test_what_is_loaded_is_in_the_feed_and_a_second_load_adds_nothing(loaded, settle_in):
    with reading(loaded) as reader:
        before = prove(reader)
        kinds = {one.kind for one in changes_since(reader, 0, 10**6).changes}
        units = reader.scalar(text("SELECT count(*) FROM unit"))
    assert kinds == {"unit", "street", "address"}
    assert fed(loaded) == {"address": 9, "street": 2, "unit": units}
    settle_in(loaded)
    with reading(loaded) as reader:
        assert head_of(reader) == before


def test_a_registry_filled_before_there_was_a_feed_is_sealed_once(loaded):
    want = fed(loaded)
    with loaded.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("DELETE FROM change"))
        connection.execute(text("DELETE FROM ledger"))
    assert bring_up_feed(loaded) == sum(want.values())
    assert fed(loaded) == want
    with reading(loaded) as reader:
        head = prove(reader)
        assert head.last_change == sum(want.values())
    assert bring_up_feed(loaded) == 0
    with reading(loaded) as reader:
        assert head_of(reader) == head
