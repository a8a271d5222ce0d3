"""The decree of 1 July 2025, as a clerk of the ministry applies it to a town of June."""

import json
from dataclasses import replace
from datetime import date

import pytest
from shapely import MultiPolygon, box
from sqlalchemy import text
from typer.testing import CliRunner

from diachiso.__main__ import app
from diachiso.address.division import Divisions, Level, UnitKey, Validity
from diachiso.registry.officer import Act, Role
from diachiso.settings import CHECKOUT
from diachiso.store.addresses import load_addresses
from diachiso.store.books import PostgisBooks
from diachiso.store.boundaries import write_territories
from diachiso.store.boundary_files import Territory
from diachiso.store.divisions import load_units, read_divisions, read_lineage, write_facts
from diachiso.store.engine import make_engine, migrate, migrate_down, reading, transaction
from diachiso.store.facts import Postcode, read_facts
from diachiso.store.history import Source
from diachiso.store.ledger import prove
from diachiso.store.observed import Observed
from diachiso.store.officers import enter_officer, give_mandate, officer_of

JUNE, JULY = date(2025, 6, 30), date(2025, 7, 1)
FACTS = CHECKOUT / "data"

# The map, 500 m to a letter; below it the wards since July.       whole or part by the decree
#   old   P S Z Z Z T T R R     P = Phúc Xá 00001                    whole to Hồng Hà 00097
#   new   . . C C H H H H H     S = Hàng Bông 00076                 parts to 00070 (default), 00082
#                               Z = Trần Hưng Đạo 00082             whole to Cửa Nam 00082
#                               T = Hàng Trống 00070, R = Tràng Tiền 00079: parts to 00070, 00082
OLD = {
    "00001": (105.80, 105.81),
    "00076": (105.81, 105.82),
    "00082": (105.84, 105.8505),
    "00070": (105.8505, 105.855),
    "00079": (105.855, 105.86),
}
NEW = {"00082": ("Cửa Nam", 105.84, 105.85), "00070": ("Hoàn Kiếm", 105.85, 105.86)}
HOUSES = {
    "1": 105.805,  # no new ward is drawn there: the decree says Hồng Hà
    "2": 105.815,  # nor there: the default part, in doubt
    "3": 105.845,  # in Trần Hưng Đạo, then Cửa Nam
    "5": 105.8502,  # in Trần Hưng Đạo, all of which went to 00082; the map says Hoàn Kiếm: in doubt
    "7": 105.852,
    "9": 105.858,
}
BECAME = {
    "1": ("00097", []),
    "2": ("00070", ["ward"]),
    "3": ("00082", []),
    "5": ("00070", ["ward"]),
    "7": ("00070", []),
    "9": ("00070", []),
}


@pytest.fixture(scope="module")
def hanoi():
    """The facts of Hanoi alone, as they were known in June."""
    known = read_facts(FACTS).as_known_on(JUNE)
    mine = [unit for unit in known.divisions if known.divisions.province_of(unit).code == "01"]
    areas = tuple(
        Postcode(UnitKey(Level.WARD, code, former=True), f"9000{n}", "", date(2017, 1, 1))
        for n, code in enumerate(OLD)
    )
    return replace(known, divisions=Divisions(mine), postcodes=areas)


@pytest.fixture(scope="module")
def june(databases, hanoi):
    """A town of June 2025, in a database that knows nothing of July."""
    url = databases.clone("june")
    engine = make_engine(url)
    migrate_down(engine)
    migrate(engine)
    source = Source("town", "", "", "", "", JUNE)
    with transaction(engine) as writer:
        write_facts(writer, hanoi)
        lands = [
            Territory(
                UnitKey(Level.WARD, code, former=True),
                MultiPolygon([box(west, 21.02, east, 21.04)]),
            )
            for code, (west, east) in OLD.items()
        ]
        write_territories(writer, lands, source, effective=None)
        seen = [
            Observed(n, lon, 21.03, number=number, street="Phố Tràng Thi")
            for n, (number, lon) in enumerate(HOUSES.items(), start=1)
        ]
        assert load_addresses(writer, seen, source, on=JUNE, today=JUNE).recorded == len(HOUSES)
    yield engine, url
    engine.dispose()


@pytest.fixture(scope="module")
def people(june):
    """The ministry, and a clerk of old Hàng Trống."""
    with transaction(june[0]) as writer:
        ministry, clerk = enter_officer(writer), enter_officer(writer)
        old = UnitKey(Level.WARD, "00070", former=True)
        give_mandate(writer, ministry, Role.MINISTRY, None, Validity(JUNE), None)
        give_mandate(writer, clerk, Role.WARD_OFFICER, old, Validity(JUNE), None)
    return ministry, clerk


@pytest.fixture(scope="module")
def run(june):
    """Run a command over the town; what it says on stdout."""

    def ran(*words, ends=0):
        done = CliRunner().invoke(
            app, [str(word) for word in words], env={"DIACHISO_DATABASE_URL": june[1]}
        )
        assert done.exit_code == ends, (done.stdout, done.stderr, done.exception)
        return done

    return ran


@pytest.fixture(scope="module")
def files(run, tmp_path_factory):
    """The decree as the command writes it, and a file of the new boundaries."""
    folder = tmp_path_factory.mktemp("decree")
    decree, land = folder / "decree.toml", folder / "new.geojson"
    decree.write_text(run("decree", "write", "--province", "01").stdout, "utf-8")
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": name},
            "geometry": json.loads(json.dumps(box(west, 21.02, east, 21.04).__geo_interface__)),
        }
        for code, (name, west, east) in NEW.items()
    ]
    land.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return decree, land


def plan_in(said):
    return next(line.rpartition(" ")[2] for line in said.splitlines() if "kế hoạch" in line)


def became(engine, day):
    with reading(engine) as reader:
        rows = reader.execute(
            text(
                "SELECT number, code, doubts FROM address_version AS v JOIN unit AS u"
                " ON u.id = v.ward_id WHERE upper_inf(v.recorded) AND v.valid @> :day"
            ),
            {"day": day},
        )
        return {row.number: (row.code, row.doubts) for row in rows}


def test_the_decree_is_tried_dry_applied_as_tried_and_not_applied_twice(june, people, run, files):
    decree, land = files
    by = ("--boundaries", land, "--by", people[0])
    dry = run("reorganise", decree, *by, "--dry-run").stdout
    assert "đơn vị / units thôi / end: 557" in dry
    assert "đơn vị / units mới / begin: 127" in dry
    assert "00082 Trần Hưng Đạo -> 00070 Hoàn Kiếm: 1 (against_lineage)" in dry
    assert "nghi ngờ phường, xã / ward in doubt: 2" in dry
    assert became(june[0], JULY)["7"] == ("00070", [])
    with reading(june[0]) as reader:
        assert len(read_lineage(reader).successions) == 0

    other = run("reorganise", decree, *by, "--expect", "0" * 16, ends=1)
    assert type(other.exception).__name__ == "PlanChanged"
    done = run("reorganise", decree, *by, "--expect", plan_in(dry)[:16]).stdout
    assert plan_in(done) == plan_in(dry)
    assert became(june[0], JULY) == BECAME
    assert became(june[0], JUNE)["5"] == ("00082", [])

    again = run("reorganise", decree, *by)
    assert "đã áp dụng rồi" in again.stderr
    assert became(june[0], JULY) == BECAME


def test_each_day_has_its_ward_and_the_code_stays(june):
    with reading(june[0]) as reader:
        books = PostgisBooks(reader)
        (code,) = reader.scalars(
            text(
                "SELECT c.code FROM issued_code AS c JOIN address_version AS v"
                " USING (address_id) WHERE v.number = '9' LIMIT 1"
            )
        )
        before, after = books.address(code, JUNE), books.address(code, JULY)
    assert (before.details.ward.code, before.details.ward.former) == ("00079", True)
    assert (after.details.ward.code, after.details.ward.former) == ("00070", False)
    assert after.details.document.number == "19/2025/QĐ-TTg"
    assert before.code == after.code


def test_whoever_governed_the_old_ward_governs_its_heir(june, people):
    with reading(june[0]) as reader:
        clerk = officer_of(reader, people[1])
    assert clerk.may(Act.AMEND, UnitKey(Level.WARD, "00070", former=False), JULY)
    assert not clerk.may(Act.AMEND, UnitKey(Level.WARD, "00082", former=False), JULY)


def test_the_ledger_tells_it_in_one_line_that_can_be_proved(june):
    with reading(june[0]) as reader:
        head = prove(reader)
        rows = reader.execute(
            text("SELECT body -> 'note' FROM ledger WHERE body ->> 'act' = 'reorganise'")
        ).scalars()
        (note,) = rows
        told = reader.scalar(
            text("SELECT count(*) FROM change WHERE act = 'reorganise' OR act IS NULL")
        )
    assert head.last_change >= told == 557 + 127 + len(HOUSES)
    assert (note["decree"], note["addresses"], note["doubted"]) == ("19/2025/QĐ-TTg", 6, 2)


def test_the_facts_that_come_afterwards_agree_and_undo_nothing(june):
    facts = read_facts(FACTS)
    with transaction(june[0]) as writer:
        assert load_units(writer, FACTS).added > 0, "the rest of the country"
    assert became(june[0], JULY) == BECAME
    with reading(june[0]) as reader:
        have, line = read_divisions(reader), read_lineage(reader)
    told = [unit for unit in facts.divisions if facts.divisions.province_of(unit).code == "01"]
    assert len(told) == 557 + 127
    assert [have[unit.key] for unit in told] == told
    assert {(s.old, s.new, s.part, s.default) for s in line.successions} == {
        (s.old, s.new, s.part, s.default) for s in facts.lineage.successions
    }


def test_where_the_facts_came_first_the_decree_is_refused_with_every_reason(
    run, files, databases, monkeypatch
):
    """In a registry of today its units ended long ago: nothing is written."""
    url = databases.clone("today")
    engine = make_engine(url)
    with transaction(engine) as writer:
        ministry = enter_officer(writer)
        give_mandate(writer, ministry, Role.MINISTRY, None, Validity(JUNE), None)
    engine.dispose()
    words = ["reorganise", str(files[0]), "--by", str(ministry)]
    done = CliRunner().invoke(app, words, env={"DIACHISO_DATABASE_URL": url})
    assert type(done.exception).__name__ == "DecreeRefused"
    assert "trái với sổ ở 684 chỗ" in str(done.exception)
