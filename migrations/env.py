"""Runs migrations on the connection it is handed, or on DIACHISO_DATABASE_URL."""

from alembic import context
from geoalchemy2 import alembic_helpers
from sqlalchemy import Connection

from diachiso.settings import Settings
from diachiso.store import tables
from diachiso.store.engine import located, make_engine

# tables of extensions and of PostgreSQL itself are not ours to compare
OURS = frozenset(tables.metadata.tables)


SCHEMAS = {None, *(table.schema for table in tables.metadata.tables.values())}


def include_name(name, kind, _parents):
    return kind != "schema" or name in SCHEMAS


def include_object(item, name, kind, reflected, compared_to):
    if kind == "table" and item.key not in OURS:
        return False
    return alembic_helpers.include_object(item, name, kind, reflected, compared_to)


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=tables.metadata,
        include_schemas=True,
        include_name=include_name,
        include_object=include_object,
        process_revision_directives=alembic_helpers.writer,
        render_item=alembic_helpers.render_item,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


handed = context.config.attributes.get("connection")
if handed is not None:
    run(handed)
else:
    with located(Settings()) as url, make_engine(url).connect() as connection:
        run(connection)
        connection.commit()
