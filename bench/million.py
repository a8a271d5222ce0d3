"""A database with a million invented addresses, made once and kept, for benches that need many.

usage: python bench/million.py [--many 1000000] [--drop] (the wards are those of DIACHISO_DATA or
../shared/data; without these the pilot's, of Hanoi)

`filled` is what other benches ask: it makes the database where it is not there yet. Streets are
drawn straight through each ward and addresses scattered over it; codes are of areas that no ward
has. All of it is invented but the wards.
"""

import argparse
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, bindparam, make_url, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from diachiso.address.today import today
from diachiso.geocode.gazetteer import street_key
from diachiso.settings import CHECKOUT, Settings
from diachiso.store import loading, pilot_loading
from diachiso.store.engine import located, make_engine, migrate, reading
from diachiso.store.sealing import bring_up_feed

DATABASE = "diachiso_bench_million"
MANY = 1_000_000
ENOUGH = 0.99
"""In slivers of wards fewer points find room than were asked for."""
BESIDE = Path(os.environ.get("DIACHISO_DATA", CHECKOUT.parent / "shared" / "data"))
BATCHES = 20
STREETS_A_WARD = 8
NAMES = (
    "Trần Phú", "Lê Lợi", "Nguyễn Huệ", "Hùng Vương", "Quang Trung", "Hai Bà Trưng", "Lý Thái Tổ",
    "Điện Biên Phủ", "Phan Chu Trinh", "Phan Bội Châu", "Ngô Quyền", "Đinh Tiên Hoàng", "Lê Duẩn",
    "Cách Mạng Tháng Tám", "Hoàng Hoa Thám", "Bạch Đằng", "Tôn Đức Thắng", "Chu Văn An", "Láng",
    "Nguyễn Trãi", "Lê Thánh Tông", "Trường Chinh", "Giải Phóng", "Phạm Văn Đồng", "Âu Cơ",
)  # fmt: skip

PLACES = text("""
CREATE TEMPORARY TABLE place AS
SELECT unit.id AS unit_id, land.geom, row_number() OVER (ORDER BY unit.code) AS n,
       count(*) OVER () AS wards
FROM unit_boundary AS land JOIN unit ON unit.id = land.unit_id
WHERE unit.level = 'ward' AND NOT unit.former AND upper_inf(land.recorded)
""")
SOURCE = text("""
INSERT INTO source (name, sha256, licence, attribution)
VALUES ('invented addresses', '-', '-', 'bench/million.py') RETURNING id
""")
STREETS = text("""
CREATE TEMPORARY TABLE drawn AS
SELECT (SELECT coalesce(max(id), 0) FROM street) + row_number() OVER (ORDER BY n, turn) AS id,
       n, turn, (n * 7 + turn * 3) % cardinality(:names) + 1 AS name,
       ST_Intersection(geom, ST_Rotate(
           ST_MakeLine(ST_Translate(heart, -0.02, 0), ST_Translate(heart, 0.02, 0)),
           pi() * turn / :each, heart)) AS geom
FROM (SELECT n, geom, ST_PointOnSurface(geom) AS heart FROM place) AS hearts
CROSS JOIN generate_series(0, :each - 1) AS turn
""").bindparams(bindparam("names", type_=ARRAY(Text)))
ENTER_STREETS = text("""
INSERT INTO street (id, name, key, valid, source_id) OVERRIDING SYSTEM VALUE
SELECT id, (:names)[name], (:keys)[name], '(,)', :source FROM drawn
""").bindparams(bindparam("names", type_=ARRAY(Text)), bindparam("keys", type_=ARRAY(Text)))
ENTER_WAYS = text("""
INSERT INTO street_way (street_id, highway, geom)
SELECT id, CASE turn WHEN 0 THEN 'primary' ELSE 'residential' END, (ST_Dump(
    ST_CollectionExtract(geom, 2))).geom
FROM drawn
""")
ADDRESSES = text("""
CREATE TEMPORARY TABLE point ON COMMIT DROP AS
SELECT (SELECT coalesce(max(id), 0) FROM address) + row_number() OVER () AS id, spread.*
FROM (
    SELECT n, unit_id, generated.path[1] AS nth, generated.geom
    FROM place, ST_Dump(ST_GeneratePoints(
        geom, (:many * n / wards - :many * (n - 1) / wards)::integer, 7)) AS generated
    WHERE n % :batches = :batch
) AS spread
""")
ENTER = (
    text("INSERT INTO address (id) OVERRIDING SYSTEM VALUE SELECT id FROM point"),
    text("""
    INSERT INTO address_version (address_id, state, kind, number, number_key, street_id, ward_id,
        position, position_kind, accuracy_m, valid, source_id)
    SELECT point.id, CASE point.id % 3 WHEN 0 THEN 'certified' ELSE 'recorded' END,
           CASE point.id % 10 WHEN 0 THEN 'business' ELSE 'dwelling' END,
           number.number, lpad(number.number, 5, '0'), drawn.id, point.unit_id, point.geom,
           'entrance', 5, '[2026-01-01,)', :source
    FROM point
    CROSS JOIN LATERAL (SELECT (1 + nth / :streets)::text AS number) AS number
    JOIN drawn ON drawn.n = point.n AND drawn.turn = nth % :streets
    """),
    text("""
    INSERT INTO issued_code (code, self_checking, address_id, ward_id, origin)
    SELECT lpad(n::text, 5, '0') || lpad((nth * 7919 % 100000)::text, 5, '0'),
           false, id, unit_id, 'loaded'
    FROM point
    """),  # 7919 and 100,000 share no divisor: no code comes twice within an area
)
SEQUENCES = """
SELECT setval(pg_get_serial_sequence('street', 'id'), (SELECT max(id) FROM street)),
       setval(pg_get_serial_sequence('address', 'id'), (SELECT max(id) FROM address))
"""


@contextmanager
def filled(many: int = MANY) -> Iterator[str]:
    """The URL of a database with so many invented addresses; made where it is not there yet."""
    with located(Settings()) as url:
        mine = make_url(url).set(database=DATABASE).render_as_string(hide_password=False)
        if _held(url, mine) < many * ENOUGH:
            drop(url)
            with _admin(url) as connection:
                connection.execute(text(f"CREATE DATABASE {DATABASE}"))
            _fill(mine, many)
        engine = make_engine(mine)
        migrate(engine)
        engine.dispose()
        yield mine


@contextmanager
def _admin(url: str) -> Iterator[object]:
    engine = make_engine(url).execution_options(isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def drop(url: str) -> None:
    """Make as if it never was."""
    with _admin(url) as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)"))


def _held(url: str, mine: str) -> int:
    """How many addresses it holds; 0 where it is not there, or half made."""
    known = text("SELECT count(*) FROM pg_database WHERE datname = :name")
    with _admin(url) as connection:
        if not connection.scalar(known, {"name": DATABASE}):
            return 0
    engine = make_engine(mine)
    try:
        with reading(engine) as reader:
            return int(reader.scalar(text("SELECT count(*) FROM address_version")) or 0)
    except Exception:  # noqa: BLE001 (whatever it is: made anew)
        return 0
    finally:
        engine.dispose()


def _fill(url: str, many: int) -> None:
    started = time.monotonic()
    engine = make_engine(url)
    with engine.begin() as connection:
        for extension in ("postgis", "btree_gist"):
            connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {extension}"))
    migrate(engine)
    settings = Settings()
    loading.bring_up_units(engine, settings.facts)
    _wards(engine, settings)
    print(f"wards after {time.monotonic() - started:.0f} s", flush=True)
    bring_up_feed(engine)  # the invented are not sealed: nobody follows this feed
    scatter(engine, many)
    loading.settle(engine)
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
    print(f"{many:,} addresses after {time.monotonic() - started:.0f} s", flush=True)


def _wards(engine: Engine, settings: Settings) -> None:
    files = loading.boundary_files(BESIDE) if BESIDE.is_dir() else []
    for file in files:
        options = loading.BoundaryOptions(tolerate=True)
        loading.load_boundary_file(engine, settings.facts, file, options)
    if not files:
        packages = settings.home / "packages"
        pilot_loading.load_pilot(engine, settings.facts, packages, "01", today=today())


def scatter(engine: Engine, many: int) -> None:
    """Streets through every ward, and so many addresses over all of them."""
    names = [f"Đường {name}" for name in NAMES]
    told = {"names": names, "keys": [street_key(name) for name in names]}
    with engine.connect() as session:  # one session: its temporary tables are used throughout
        session.execute(text("SET synchronous_commit = off"))
        session.execute(PLACES)
        told["source"] = session.scalar(SOURCE)
        session.execute(STREETS, {"names": names, "each": STREETS_A_WARD})
        session.execute(ENTER_STREETS, told)
        session.execute(ENTER_WAYS)
        session.execute(text("CREATE UNIQUE INDEX ON drawn (n, turn)"))
        session.execute(text("ANALYZE drawn"))
        session.commit()
        for batch in range(BATCHES):
            session.execute(ADDRESSES, {"many": many, "batches": BATCHES, "batch": batch})
            for statement in ENTER:
                session.execute(statement, {"source": told["source"], "streets": STREETS_A_WARD})
            session.execute(text(SEQUENCES))
            session.commit()


def main() -> None:
    """Make it, or drop it."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--many", type=int, default=MANY)
    arguments.add_argument("--drop", action="store_true")
    asked = arguments.parse_args()
    if asked.drop:
        with located(Settings()) as url:
            drop(url)
        return
    with filled(asked.many) as url:
        print(url)


if __name__ == "__main__":
    main()
