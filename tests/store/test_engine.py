"""Finding the database: who may read, who may write, and what is said when there is none."""

import secrets

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError

from diachiso.address.errors import NoPostgis, RoleMissing, StoreUnreachable
from diachiso.settings import Settings
from diachiso.store.engine import (
    APPLICATION,
    _ensure_extension,
    briefly,
    located,
    make_engine,
    migrate,
    normal_url,
    reading,
    require_role,
    transaction,
)

PLAIN = "diachiso_test_plain_" + secrets.token_hex(4)
"""A database without extensions, and the role that owns nothing else."""


def on(url, **other):
    return make_url(url).set(**other).render_as_string(hide_password=False)


@pytest.fixture(scope="module")
def plain(cluster_url):
    """A role that is no administrator, and a database without PostGIS."""
    admin = make_engine(cluster_url)
    outside = admin.execution_options(isolation_level="AUTOCOMMIT")
    with outside.connect() as connection:
        connection.execute(text(f"CREATE ROLE {PLAIN} LOGIN"))
        connection.execute(text(f"CREATE DATABASE {PLAIN} TEMPLATE template0"))
    url = on(cluster_url, username=PLAIN, database=PLAIN)
    try:
        with briefly(url):
            pass
        yield url
    except OperationalError:
        pytest.skip("this server asks new roles for a password")
    finally:
        with outside.connect() as connection:
            connection.execute(text(f"DROP DATABASE {PLAIN} WITH (FORCE)"))
            connection.execute(text(f"DROP ROLE {PLAIN}"))
        admin.dispose()


def find(url):
    with located(Settings(database_url=url)) as found:
        return found


@pytest.mark.parametrize(
    "url", ["postgresql://u:geheim@127.0.0.1:1/x", "postgres://u:geheim@127.0.0.1:1/x"]
)
def test_an_unreachable_server_is_named_without_its_password(url):
    with pytest.raises(StoreUnreachable, match="No database answers at") as fault:
        find(url.replace("postgres:", "postgresql:"))
    assert "geheim" not in str(fault.value)
    assert "DIACHISO_DATABASE_URL" in str(fault.value)


def test_what_is_no_url_is_refused():
    with pytest.raises(StoreUnreachable, match="DIACHISO_DATABASE_URL"):
        find("not a url")


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg2"])
def test_any_usual_url_is_spoken_by_psycopg(scheme):
    assert normal_url(f"{scheme}://u:p@h/x") == "postgresql+psycopg://u:p@h/x"


def test_a_database_that_is_not_there_is_told(cluster_url):
    with pytest.raises(StoreUnreachable, match="does not exist"):
        find(on(cluster_url, database="diachiso_no_such_database"))


def test_a_role_that_may_not_create_extensions_is_told_who_can(plain):
    with pytest.raises(NoPostgis, match="let an administrator run CREATE EXTENSION postgis"):
        find(plain)


def test_a_role_that_owns_the_database_may_not_either(plain, cluster_url):
    with briefly(cluster_url) as connection:
        connection.execute(text(f"GRANT CREATE ON DATABASE {PLAIN} TO {PLAIN}"))
    with pytest.raises(NoPostgis, match="let an administrator run CREATE EXTENSION postgis"):
        find(plain)


def test_a_server_without_the_extension_is_told_what_to_install(cluster_url):
    with (
        briefly(cluster_url) as connection,
        pytest.raises(NoPostgis, match="install the distribution's postgresql-NN-postgis-3"),
    ):
        _ensure_extension(connection, "postgis_of_tomorrow", "here")


def test_a_plain_database_of_an_administrator_is_given_what_it_lacks(plain, cluster_url):
    url = on(cluster_url, database=PLAIN)
    find(url)
    with briefly(url) as connection:
        assert connection.scalar(text("SELECT postgis_lib_version()"))


def test_a_reader_cannot_write(engine):
    with (
        reading(engine) as reader,
        pytest.raises(DBAPIError, match="read-only transaction"),
    ):
        reader.execute(text("INSERT INTO address DEFAULT VALUES"))


class Fault(Exception):
    pass


def write_and_fail(engine):
    with transaction(engine) as writer:
        writer.execute(text("INSERT INTO address DEFAULT VALUES"))
        raise Fault


def test_a_transaction_that_fails_leaves_nothing(engine):
    with pytest.raises(Fault):
        write_and_fail(engine)
    with reading(engine) as reader:
        assert reader.scalar(text("SELECT count(*) FROM address")) == 0


def test_who_may_not_take_the_role_of_the_service_is_told_what_to_run(plain):
    engine = make_engine(plain)
    with pytest.raises(RoleMissing, match="CREATE ROLE diachiso_app NOLOGIN; GRANT diachiso_app"):
        require_role(engine)
    engine.dispose()


def test_who_may_not_make_the_role_is_told_at_the_first_migration(plain, cluster_url):
    with briefly(on(cluster_url, database=PLAIN)) as connection:
        for extension in ("postgis", "btree_gist"):
            connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {extension}"))
        connection.execute(text(f"GRANT ALL ON SCHEMA public TO {PLAIN}"))
    engine = make_engine(plain)
    with pytest.raises(RoleMissing, match="let an administrator of the server run once"):
        migrate(engine)
    engine.dispose()


def test_the_service_is_its_role_from_the_first_statement_on(engine):
    bound = make_engine(engine.url.render_as_string(hide_password=False), role=APPLICATION)
    with bound.connect() as connection:
        assert connection.scalar(text("SELECT current_user::text")) == APPLICATION
        with pytest.raises(DBAPIError, match="permission denied"):
            connection.execute(text("CREATE TABLE public.mine (id int)"))
    bound.dispose()
