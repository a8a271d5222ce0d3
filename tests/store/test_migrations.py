"""Migrations: up, down and up again with data inside; an older schema is refused in words."""

import pytest
from sqlalchemy import inspect, text

from diachiso.address.errors import SchemaOutdated
from diachiso.settings import CHECKOUT, Settings
from diachiso.store import tables as t
from diachiso.store.divisions import load_units
from diachiso.store.engine import (
    check_models,
    make_engine,
    migrate,
    migrate_down,
    reading,
    require_schema,
    revisions,
    transaction,
)
from diachiso.web.app import create_app


@pytest.fixture
def fresh(databases):
    engine = make_engine(databases.clone("migrations"))
    yield engine
    engine.dispose()


def test_the_tables_as_migrated_are_the_tables_as_declared(engine):
    check_models(engine)


def test_migrating_twice_changes_nothing(engine):
    before = revisions(engine)
    migrate(engine)
    assert revisions(engine) == before


FACTS_OF_UNITS = ["unit_life", "unit_name", "unit_parent", "unit_figure", "unit_boundary"]
LED_BY = text("""
SELECT DISTINCT i.indrelid::regclass::text
FROM pg_index AS i
JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
WHERE a.attname = 'unit_id' AND i.indpred IS NULL
""")


def test_whatever_is_known_of_a_unit_is_found_by_it(engine):
    """Else a question about thousands of units looks through all that is known for each."""
    with reading(engine) as reader:
        assert set(FACTS_OF_UNITS) <= set(reader.scalars(LED_BY))


def test_up_down_and_up_again_with_data_inside(fresh, settle_in):
    settle_in(fresh)
    migrate_down(fresh)
    assert not set(inspect(fresh).get_table_names()) & set(t.metadata.tables)
    with fresh.connect() as connection:
        ours = connection.scalar(
            text("SELECT count(*) FROM pg_proc WHERE proname IN ('keep_history', 'supersede')")
        )
    assert ours == 0
    migrate(fresh)
    check_models(fresh)
    with transaction(fresh) as writer:
        assert load_units(writer, CHECKOUT / "data").added > 0
    settle_in(fresh)
    with fresh.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM issued_code")) == 9


def test_an_older_schema_is_refused_with_what_to_run(fresh):
    migrate_down(fresh)
    with pytest.raises(SchemaOutdated, match=r"at nothing, this program needs .*diachiso migrate"):
        require_schema(fresh)
    with pytest.raises(SchemaOutdated):
        create_app(Settings(), fresh)


def test_a_newer_schema_is_refused_too(fresh):
    with fresh.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '2099_of_tomorrow'"))
    with pytest.raises(SchemaOutdated, match="2099_of_tomorrow"):
        require_schema(fresh)
