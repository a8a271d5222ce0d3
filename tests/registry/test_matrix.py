"""Every verb, every role, in one's own ward, in another's, in one that was: allowed or refused.

Each case is tried three times: through the verb; through the verb with its own check deceived, so
that only the database refuses; and over HTTP. Direct SQL on every table is tried as well.
"""

import json
import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.address.errors import NotAllowed, UnknownCode, UnknownOfficer
from diachiso.address.number import HouseNumber
from diachiso.address.position import Position, PositionKind
from diachiso.address.record import Details, ObjectKind, Spot
from diachiso.registry.amend import amend, move
from diachiso.registry.certify import certify
from diachiso.registry.mandates import Given, delegate, end, grant
from diachiso.registry.officer import RIGHTS, Act, Acting, Mandate, Officer, Role
from diachiso.registry.record import record
from diachiso.registry.register import register
from diachiso.registry.renumber import rename, renumber
from diachiso.registry.retire import merge, retire
from diachiso.registry.review import restrict, review, settle
from diachiso.registry.split import Piece, split
from diachiso.settings import CHECKOUT, Settings
from diachiso.store import tables as t
from diachiso.store.accounts import begin_session, enter_account
from diachiso.store.acting import says
from diachiso.store.engine import Reader, Writer, make_engine, transaction
from diachiso.store.officers import PostgisStaff, covered, enter_officer, give_mandate, officer_of
from diachiso.terminal import service
from diachiso.web.access import COOKIE
from diachiso.web.app import create_app

DAY = date(2026, 11, 1)
SINCE = Validity(date(2025, 1, 1))
WARD = UnitKey(Level.WARD, "00070", former=False)


def old(code):
    return UnitKey(Level.WARD, code, former=True)


RELATIONS = {  # a mandate: in which unit, on which days, and whether it reaches the ward
    "own": (WARD, SINCE, True),
    "the country": (None, SINCE, True),
    "its province": (UnitKey(Level.PROVINCE, "01", former=False), SINCE, True),
    "other ward": (UnitKey(Level.WARD, "00082", former=False), SINCE, False),
    "other province": (UnitKey(Level.PROVINCE, "79", former=False), SINCE, False),
    "former, came whole": (old("00049"), SINCE, True),
    "former, larger part came": (old("00070"), SINCE, True),
    "former, smaller part came": (old("00019"), SINCE, False),
    "ended": (WARD, Validity(date(2025, 1, 1), date(2026, 10, 1)), False),
    "not begun": (WARD, Validity(date(2030, 1, 1)), False),
}
CASES = [(role, relation) for role in Role for relation in RELATIONS]


def allowed(role, relation, *acts):
    return RELATIONS[relation][2] and not RIGHTS[role].isdisjoint(acts)


def house(books, number, lat, street="Phố Hàng Trống"):
    spot = Position(105.8511, lat)
    return Details(
        ward=WARD,
        spots=(Spot(spot, PositionKind.ENTRANCE, 3.0),),
        number=HouseNumber.parse(number),
        street=books.street_named(street, spot),
        kind=ObjectKind.DWELLING,
    )


def must_be_a_refusal(fault):
    """Anything else is a fault of the test or of the schema."""
    if not isinstance(fault.orig, InsufficientPrivilege):
        raise fault


class Ward:
    """A ward with a draft, three recorded addresses, one doubted, one hidden; nothing commits."""

    def __init__(self, connection):
        self.writer = Writer(Reader(connection))
        self.books = PostgisStaff(self.writer, random.Random(7))
        self.clerk = self.hire(Role.WARD_OFFICER, WARD)
        self.somebody = self.hire(Role.ENTERPRISE, None)
        self.agency = self.hire(Role.POSTAL_AGENT, WARD)
        by = self.as_(self.clerk)
        made = [register(self.books, house(self.books, str(20 + n), 21.033 + n / 1e4), by, DAY)
                for n in range(6)]  # fmt: skip
        self.draft, *drafts = (one.address for one in made)
        recorded = [record(self.books, one, by, DAY) for one in drafts]
        self.one, self.two, self.three, doubted, hidden = recorded
        self.doubted = review(self.books, doubted, ["position"], by, DAY, reason="lệch")
        self.hidden = restrict(self.books, hidden, by, hidden=True)
        self.new = house(self.books, "90", 21.0345)
        alley = register(self.books, house(self.books, "1", 21.0345, "Ngõ Ma Trận"), by, DAY)
        self.alley = record(self.books, alley.address, by, DAY)
        self.street = self.alley.details.street
        self.given = self.mandate_of(self.agency)

    def free(self):
        self.writer.execute(text("RESET ROLE"))

    def hire(self, role, unit, valid=SINCE):
        self.free()
        officer = enter_officer(self.writer)
        give_mandate(self.writer, officer, role, unit, valid, None)
        return officer

    def as_(self, officer):
        self.free()
        who = officer_of(self.writer, officer)
        self.writer.execute(text("SET LOCAL ROLE diachiso_app"))
        says(self.writer, officer)
        return Acting(who, DAY, "test")

    def mandate_of(self, officer):
        query = text("SELECT max(id) FROM mandate WHERE officer_id = :officer")
        self.free()
        return self.writer.scalar(query, {"officer": officer})

    def tried(self, act, by):
        """Was it allowed? Whatever was written is taken back."""
        trial = self.writer.begin_nested()
        try:
            act(self, by)
        except (NotAllowed, UnknownCode, UnknownOfficer):
            return False
        except ProgrammingError as fault:
            must_be_a_refusal(fault)
            return False
        finally:
            trial.rollback()
        return True


def _spot(ward):
    return [Spot(Position(105.8512, 21.0331), PositionKind.ENTRANCE)]


PIECES = [Piece(HouseNumber.parse("21")), Piece(HouseNumber.parse("21A"))]
UNTIL = DAY + timedelta(days=90)
VERBS = {
    (Act.REGISTER, "register"): lambda w, by: register(w.books, w.new, by, DAY),
    (Act.RECORD, "record"): lambda w, by: record(w.books, w.draft, by, DAY),
    (Act.AMEND, "amend"): lambda w, by: amend(w.books, w.one, w.new, by, DAY),
    (Act.AMEND, "settle"): lambda w, by: settle(w.books, w.doubted, by, DAY),
    (Act.MOVE, "move"): lambda w, by: move(w.books, w.one, _spot(w), by, DAY),
    (Act.SPLIT, "split"): lambda w, by: split(w.books, w.one, PIECES, by, DAY),
    (Act.MERGE, "merge"): lambda w, by: merge(w.books, [w.two], w.one, by, DAY),
    (Act.RETIRE, "retire"): lambda w, by: retire(w.books, w.one, by, DAY, reason="phá dỡ"),
    (Act.REVIEW, "review"): lambda w, by: review(w.books, w.one, ["name"], by, DAY, reason="?"),
    (Act.RESTRICT, "restrict"): lambda w, by: restrict(w.books, w.one, by, hidden=True),
    (Act.RENUMBER, "renumber"): lambda w, by: renumber(
        w.books, w.street, {w.alley.called: HouseNumber.parse("3")}, by, DAY
    ),
    (Act.RENAME, "rename"): lambda w, by: rename(w.books, w.street, "Ngõ Mới", by, DAY),
    (Act.CERTIFY, "certify"): lambda w, by: certify(w.books, w.one, by, DAY),
    (Act.DELEGATE, "delegate"): lambda w, by: delegate(
        w.books, Given(w.somebody, Role.POSTAL_AGENT, WARD, Validity(DAY, UNTIL)), by
    ),
    (Act.GRANT, "grant"): lambda w, by: grant(
        w.books, Given(w.somebody, Role.WARD_OFFICER, WARD, Validity(DAY)), by
    ),
    (Act.READ_RESTRICTED, "look"): lambda w, _: w.books.address(w.hidden.called, DAY),
}


@pytest.fixture(scope="module")
def ward(town):
    with town.connect() as connection, connection.begin() as nothing_stays:
        yield Ward(connection)
        nothing_stays.rollback()


@pytest.fixture
def hired(ward):
    """Somebody with a role in a relation, gone after the test."""
    trial = ward.writer.begin_nested()

    def hired(role, relation):
        unit, valid, _ = RELATIONS[relation]
        return ward.hire(role, unit, valid)

    yield hired
    trial.rollback()
    ward.free()


def deceived(by):
    """The same person, who has every role everywhere as far as the verbs know."""
    everything = tuple(Mandate(role, None, Validity()) for role in Role)
    return Acting(Officer(by.officer.id, everything), by.today, by.origin)


def told(wrong):
    return [f"{name}: allowed" if was else f"{name}: refused" for name, was in wrong]


@pytest.mark.parametrize(("role", "relation"), CASES)
def test_a_verb_allows_what_the_table_says(ward, hired, role, relation):
    by = ward.as_(hired(role, relation))
    got = {key: ward.tried(verb, by) for key, verb in VERBS.items()}
    assert not told((k[1], v) for k, v in got.items() if v != allowed(role, relation, k[0]))


@pytest.mark.parametrize(("role", "relation"), CASES)
def test_the_database_refuses_by_itself(ward, hired, role, relation):
    by = deceived(ward.as_(hired(role, relation)))
    got = {key: ward.tried(verb, by) for key, verb in VERBS.items()}
    assert not told((k[1], v) for k, v in got.items() if v != allowed(role, relation, k[0]))


@pytest.mark.parametrize(("role", "relation"), CASES)
def test_who_ends_a_mandate(ward, hired, role, relation):
    by = ward.as_(hired(role, relation))
    wanted = allowed(role, relation, Act.DELEGATE, Act.GRANT)

    def ends(ward, by):
        end(ward.books, ward.given, by, DAY)

    assert ward.tried(ends, by) is wanted
    assert ward.tried(ends, by if wanted else deceived(by)) is wanted


def test_every_act_of_the_table_is_tried():
    elsewhere = {Act.REORGANISE, Act.ANSWER, Act.READ_LEDGER, Act.READ_CHANGES}
    assert {act for act, _ in VERBS} | elsewhere == set(Act)


def test_the_database_holds_the_same_table(ward):
    rows = ward.writer.execute(text("SELECT role, act FROM role_right")).all()
    assert {tuple(row) for row in rows} == {(role, act) for role in Role for act in RIGHTS[role]}


@pytest.mark.parametrize("relation", RELATIONS)
def test_who_reads_the_ledger_reads_the_lines_of_their_units(ward, hired, relation):
    here = text(
        "SELECT count(*) FROM ledger JOIN unit ON unit.id = (body ->> 'unit_id')::int"
        " WHERE unit.code = '00070' AND NOT unit.former"
    )
    for role in Role:
        ward.as_(hired(role, relation))
        assert bool(ward.writer.scalar(here)) is allowed(role, relation, Act.READ_LEDGER), role


# -- direct SQL ----------------------------------------------------------------------------------

TABLES = sorted(
    f"{table.schema}.{table.name}" if table.schema else table.name
    for table in t.metadata.tables.values()
)
OUR_WARD = "(SELECT id FROM unit WHERE code = '00070' AND NOT former AND level = 'ward')"
OUR_SOURCE = "(SELECT min(id) FROM source)"
MINE = "acting_officer()"
COLUMNS = (
    "address_id, state, number, number_key, ward_id, position, position_kind, valid, source_id,"
    " author_id"
)
VERSION = (
    f"SELECT {{address}}, '{{state}}', '1', '1', {OUR_WARD},"
    f" ST_SetSRID(ST_MakePoint(105.8511, 21.03), 4326), 'entrance', '[2020-01-01,2020-02-01)',"
    f" {OUR_SOURCE}, {MINE}"
)
NATIONAL = frozenset({Act.REORGANISE})
NEW_MANDATE = "INSERT INTO mandate (officer_id, role, unit_id, granted_by, valid) SELECT {who},"
ENTRIES = [  # what is entered, and by which acts
    ("INSERT INTO address DEFAULT VALUES", {Act.REGISTER, Act.REORGANISE}, "anywhere"),
    (
        f"INSERT INTO address_version ({COLUMNS}) {VERSION}".format(
            address="{fresh}", state="proposed"
        ),
        {Act.REGISTER, Act.RENAME, Act.REORGANISE},
        "here",
    ),
    (
        f"INSERT INTO address_version ({COLUMNS}) {VERSION}".format(
            address="{one}", state="recorded"
        ),
        {Act.RECORD, Act.RENAME, Act.REORGANISE},
        "here",
    ),
    (
        f"INSERT INTO restricted_version ({COLUMNS}) {VERSION}".format(
            address="{fresh}", state="retired"
        ),
        {Act.RETIRE, Act.REORGANISE},
        "hidden",
    ),
    (
        "INSERT INTO external_id (address_id, scheme, value) SELECT {one}, 'x', 'y'",
        {Act.REGISTER, Act.AMEND, Act.REORGANISE},
        "here",
    ),
    (
        "INSERT INTO issued_code (code, self_checking, ward_id)"
        f" SELECT '9999999999', false, {OUR_WARD}",
        {Act.RECORD, Act.REORGANISE},
        "here",
    ),
    (
        "INSERT INTO succession (old_id, new_id, since) SELECT {one}, {two}, '2026-11-01'",
        {Act.SPLIT, Act.MERGE, Act.RETIRE, Act.REORGANISE},
        "here",
    ),
    (
        "INSERT INTO street (name, key, valid, source_id)"
        f" SELECT 'x', 'x', '(,)'::daterange, {OUR_SOURCE}",
        {Act.REGISTER, Act.RENAME, Act.REORGANISE},
        "anywhere",
    ),
    (
        "INSERT INTO street_name (street_id, name, relation)"
        " SELECT (SELECT min(id) FROM street), 'x', 'other'",
        {Act.RENAME, Act.REORGANISE},
        "anywhere",
    ),
    (
        "INSERT INTO street_way (street_id, geom) SELECT street_id, geom FROM street_way LIMIT 1",
        {Act.RENAME, Act.REORGANISE},
        "anywhere",
    ),
    ("INSERT INTO unit (level, code, former) SELECT 'ward', '99999', false", NATIONAL, "nation"),
    (
        f"INSERT INTO unit_name (unit_id, name, kind, key, valid) SELECT {OUR_WARD}, 'x', 'x', 'x',"
        " daterange('1900-01-01', '1900-01-02')",
        NATIONAL,
        "nation",
    ),
    (
        "INSERT INTO lineage (old_id, new_id, part, is_default, effective, origin)"
        f" SELECT {OUR_WARD}, {OUR_WARD}, 'part', false, '2026-11-01', 'x'",
        NATIONAL,
        "nation",
    ),
    (
        f"INSERT INTO postcode (unit_id, code, valid) SELECT {OUR_WARD}, '99998', '(,)'::daterange",
        NATIONAL,
        "nation",
    ),
    (
        "INSERT INTO edition (subject, digest, summary) SELECT 'x', 'x', '{{}}'::jsonb",
        NATIONAL,
        "nation",
    ),
    (
        "INSERT INTO edition (subject, digest, summary) SELECT 'street 1', 'x', '{{}}'::jsonb",
        {Act.RENAME, Act.REORGANISE},
        "anywhere",
    ),
    ("INSERT INTO officer (kind) SELECT 'person'", {Act.GRANT, Act.DELEGATE}, "anywhere"),
    (
        f"{NEW_MANDATE} 'postal_agent', {OUR_WARD}, {MINE}, '[2026-11-01,2030-01-01)'::daterange",
        {Act.GRANT, Act.DELEGATE},
        "here",
    ),
    (
        f"{NEW_MANDATE} 'postal_agent', {OUR_WARD}, {MINE}, '[2026-11-01,)'::daterange",
        {Act.GRANT},
        "here",
    ),
    (
        f"{NEW_MANDATE} 'ward_approver', {OUR_WARD}, {MINE}, '[2026-11-01,2030-01-01)'::daterange",
        {Act.GRANT},
        "here",
    ),
    (
        f"{NEW_MANDATE} 'ministry', NULL, {MINE}, '[2026-11-01,2030-01-01)'::daterange",
        {Act.GRANT},
        "nation",
    ),
    (
        f"INSERT INTO mandate (officer_id, role, granted_by, valid) SELECT {MINE}, 'ministry',"
        f" {MINE}, '(,)'::daterange",
        set(),
        "nowhere",
    ),
    (
        "INSERT INTO ledger (number, previous, body, hash) SELECT 9999, 'x', '{{}}'::jsonb, 'x'",
        set(),
        "nowhere",
    ),
    ("INSERT INTO change (number, line, digest) SELECT 9999, 1, 'x'", set(), "nowhere"),
    ("INSERT INTO role_right (role, act) SELECT 'enterprise', 'certify'", set(), "nowhere"),
    (
        f"INSERT INTO address_version ({COLUMNS}, recorded) {VERSION}".format(
            address="{fresh}", state="proposed"
        )
        + ", '[2020-01-01,2021-01-01)'::tstzrange",
        set(),
        "nowhere",
    ),
    ("SELECT seal('retire', {ward}, '{{}}', 'x', '{{address}}', ARRAY[{one}])",
     {Act.RETIRE}, "here"),
    ("SELECT seal('reorganise', NULL, '{{}}', 'x', '{{}}', '{{}}')", NATIONAL, "nation"),
]  # fmt: skip
ALIVE = {"ended", "not begun"}


def entry_allowed(role, relation, acts, where):
    """What the policies should say: here, or anywhere in office, or in the whole country."""
    has = not RIGHTS[role].isdisjoint(acts)
    if where == "hidden":
        may_see = not RIGHTS[role].isdisjoint({Act.READ_RESTRICTED, Act.REORGANISE})
        return has and may_see and RELATIONS[relation][2]
    reach = {
        "nowhere": False,
        "here": RELATIONS[relation][2],
        "anywhere": relation not in ALIVE,
        "nation": relation == "the country",
    }
    return has and reach[where]


def done(ward, statement):
    trial = ward.writer.begin_nested()
    try:
        ward.writer.execute(text(statement))
    except ProgrammingError as fault:
        must_be_a_refusal(fault)
        return False
    finally:
        trial.rollback()
    return True


@pytest.mark.parametrize(("role", "relation"), CASES)
def test_direct_inserts_are_refused_where_they_should_be(ward, hired, role, relation):
    officer = hired(role, relation)
    ward.free()
    names = {
        "fresh": ward.writer.scalar(text("INSERT INTO address DEFAULT VALUES RETURNING id")),
        "ward": ward.writer.scalar(text(f"SELECT {OUR_WARD}")),
        "one": ward.one.id,
        "two": ward.two.id,
        "who": ward.somebody,
    }
    ward.as_(officer)
    wrong = [
        (statement, got)
        for statement, acts, where in ENTRIES
        if (got := done(ward, statement.format(**names)))
        != entry_allowed(role, relation, acts, where)
    ]
    assert not told(wrong)


WORK = ("intake", "intake_row")
"""What is written down while a file is taken in; it is no history."""


def test_every_table_that_may_be_entered_is_tried(ward):
    ward.free()
    rows = ward.writer.scalars(
        text(
            "SELECT DISTINCT table_name FROM information_schema.column_privileges"
            " WHERE grantee = 'diachiso_app' AND privilege_type = 'INSERT'"
            " AND table_schema = 'public'"
        )
    )
    tried = {statement.split()[2] for statement, _, _ in ENTRIES if statement[:6] == "INSERT"}
    alike = {"source", "unit_life", "unit_parent", "unit_figure", "unit_boundary"}
    elsewhere = {"decree", "decree_unit", "webhook", *WORK, "report", "report_answer"}
    elsewhere |= {"lookup_count", "own_act", "errand"}  # each in the tests of what it is for
    assert set(rows) - alike - elsewhere <= tried


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("role", Role)
def test_nothing_is_deleted_or_emptied(ward, hired, role, table):
    ward.as_(hired(role, "the country"))
    # one's own alone, and they are no history: sessions, webhooks, files that are being taken in
    may = table in {"access.session", "webhook", *WORK}
    assert done(ward, f"DELETE FROM {table}") is may
    assert not done(ward, f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize("role", Role)
def test_nothing_is_changed_but_that_it_ends(ward, hired, role):
    ward.as_(hired(role, "the country"))
    for table in t.metadata.tables.values():
        name = f"{table.schema}.{table.name}" if table.schema else table.name
        for column in table.columns:
            ends = (name, column.name) in {
                ("issued_code", "address_id"),
                ("lookup_count", "count"),
                ("access.account", "password_hash"),
                ("access.account", "must_change"),
            } or column.name == "recorded"
            if not ends and name not in WORK:
                statement = f'UPDATE {name} SET "{column.name}" = DEFAULT'
                assert not done(ward, statement), f"{name}.{column.name}"


@pytest.mark.parametrize("role", Role)
def test_versions_are_not_ended_behind_the_back_of_the_books(ward, hired, role):
    ward.as_(hired(role, "own"))
    for table in (table for table in t.HISTORY if table.name != "mandate"):
        trial = ward.writer.begin_nested()
        closing = text(
            f"UPDATE {table.name} SET recorded = tstzrange(lower(recorded), clock_timestamp())"
            f" WHERE id IN (SELECT id FROM {table.name} WHERE upper_inf(recorded)"
            " ORDER BY id DESC LIMIT 3)"
        )
        try:
            closed = ward.writer.execute(closing).rowcount
        except DBAPIError as fault:
            must_be_a_refusal(fault)
            closed = 0
        trial.rollback()
        streets = table.name.startswith("street") and Act.RENAME in RIGHTS[role]
        names = table.name == "external_id" and not RIGHTS[role].isdisjoint(
            {Act.AMEND, Act.REORGANISE}
        )
        assert closed == 0 or streets or names, table.name


def test_nobody_certifies_by_writing_as_somebody_else(ward, hired):
    officer = hired(Role.WARD_APPROVER, "own")
    ward.free()
    fresh = ward.writer.scalar(text("INSERT INTO address DEFAULT VALUES RETURNING id"))
    ward.as_(officer)
    forged = f"INSERT INTO address_version ({COLUMNS}) {VERSION}".replace(MINE, "{who}")
    for who in ("NULL", ward.clerk):
        for state in ("recorded", "certified"):
            assert not done(ward, forged.format(address=fresh, state=state, who=who))
    own = f"INSERT INTO address_version ({COLUMNS}) {VERSION}"
    assert done(ward, own.format(address=fresh, state="recorded"))
    assert not done(ward, own.format(address=fresh, state="certified"))


@pytest.mark.parametrize(
    "when", ["tstzrange(lower(recorded), now() + interval '1 day')", "'empty'"]
)
def test_nothing_is_said_to_have_ended_at_another_moment(ward, hired, when):
    ward.as_(hired(Role.MINISTRY, "the country"))
    assert not done(ward, f"UPDATE mandate SET recorded = {when} WHERE id = {ward.given}")


# -- the two agree -------------------------------------------------------------------------------


def test_mandates_reach_the_same_wards_here_and_in_the_database(ward):
    """All roles are bound alike, so units decide: some old wards split, some merged, provinces."""
    ward.free()
    heirs = ward.writer.execute(
        text(
            "SELECT old.code, count(*) > 1 AS split FROM lineage"
            " JOIN unit AS old ON old.id = old_id AND old.level = 'ward' AND old.former"
            " WHERE upper_inf(recorded) GROUP BY 1 ORDER BY 1"
        )
    ).all()
    chance = random.Random(11)
    split_up = [row.code for row in heirs if row.split]
    whole = [row.code for row in heirs if not row.split]
    units = [old(code) for code in chance.sample(split_up, 25) + chance.sample(whole, 15)]
    units += [UnitKey(Level.WARD, code, former=False) for code in ("00070", "00082", "00004")]
    units += [
        UnitKey(Level.PROVINCE, "01", former=False),
        UnitKey(Level.PROVINCE, "79", former=True),
    ]
    every = [
        (row.id, UnitKey(Level.WARD, row.code, row.former))
        for row in ward.writer.execute(
            text("SELECT id, code, former FROM unit WHERE level = 'ward' ORDER BY id")
        )
    ]
    some = dict(chance.sample(every, 300))
    governing = text(
        "SELECT EXISTS (SELECT FROM governing_units(:ward) AS one JOIN unit ON unit.id = one"
        " WHERE (unit.level, unit.code, unit.former) = (:level, :code, :former))"
    )
    for unit in units:
        reached = covered(ward.writer, unit)
        near = {identity: key for identity, key in every if key in reached}
        near = dict(list(near.items())[:40]) | some
        for identity, key in near.items():
            asked = {
                "ward": identity,
                "level": unit.level.value,
                "code": unit.code,
                "former": unit.former,
            }
            assert ward.writer.scalar(governing, asked) is (key in reached), (unit, key)


def test_a_mandate_follows_the_larger_part_alone(ward):
    ward.free()
    assert WARD in covered(ward.writer, old("00049"))
    assert WARD in covered(ward.writer, old("00070"))
    assert WARD not in covered(ward.writer, old("00019"))
    cua_nam = UnitKey(Level.WARD, "00082", former=False)
    assert cua_nam not in covered(ward.writer, old("00070"))


def test_the_table_of_the_documentation_is_the_table():
    written = (CHECKOUT / "docs" / "access.md").read_text("utf-8").splitlines()
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in written if line[:2] == "| "
    ]
    start = next(n for n, row in enumerate(rows) if row[0] == "act")
    roles = [Role(name) for name in rows[start][1:]]
    told = {
        (role, Act(row[0]))
        for row in rows[start + 1 : start + 1 + len(Act)]
        for role, cell in zip(roles, row[1:], strict=True)
        if cell == "yes"
    }
    assert told == {(role, act) for role in Role for act in RIGHTS[role]}


# -- over HTTP -----------------------------------------------------------------------------------

ASKED_OVER_HTTP = (
    "own",
    "other ward",
    "former, came whole",
    "former, smaller part came",
    "ended",
)
PLACE = [{"lon": 105.8511, "lat": 21.0333, "kind": "entrance"}]
REQUESTS = {  # act: what is sent to which path; {one}, {two}: recorded addresses, {draft}: a draft
    Act.REGISTER: ("addresses", {"number": "77", "street": "Phố Hàng Trống", "positions": PLACE}),
    Act.RECORD: ("addresses/{draft}/record", {"distinct": True}),
    Act.AMEND: ("addresses/{one}/amend", {"name": "Hiệu sách"}),
    Act.MOVE: ("addresses/{one}/move", {"positions": PLACE}),
    Act.SPLIT: ("addresses/{one}/split", {"pieces": [{"number": "31"}, {"number": "31A"}]}),
    Act.MERGE: ("addresses/{one}/merge", {"others": ["{two}"]}),
    Act.RETIRE: ("addresses/{one}/retire", {"reason": "phá dỡ"}),
    Act.REVIEW: ("addresses/{one}/review", {"doubts": ["name"], "reason": "chưa rõ"}),
    Act.RESTRICT: ("addresses/{one}/restrict", {"hidden": True}),
    Act.RENUMBER: ("streets/{street}/renumber", {"numbers": {"{two}": "35"}}),
    Act.RENAME: ("streets/{street}/rename", {"name": "Ngõ Đổi Tên"}),
    Act.CERTIFY: ("addresses/{one}/certify", {}),
    Act.DELEGATE: (
        "mandates",
        {"login": "{login}", "role": "postal_agent", "ward": "00070", "until": "2099-01-01"},
    ),
}


class Counter:
    """A town of its own behind HTTP: what is asked for is committed."""

    def __init__(self, engine, client):
        self.engine, self.client = engine, client
        with transaction(engine) as writer:
            self.clerk = enter_officer(writer)
            give_mandate(writer, self.clerk, Role.WARD_OFFICER, WARD, SINCE, None)
            agent = enter_officer(writer)
            enter_account(writer, agent, "nhan.vien", "Nhân viên")
        self.made = self.fresh()

    def fresh(self):
        """Two recorded addresses and a draft in a street of their own."""
        with transaction(self.engine) as writer:
            says(writer, self.clerk)
            books = PostgisStaff(writer, random.Random())
            by = Acting(officer_of(writer, self.clerk), DAY, "test")
            street = f"Ngõ Thử {uuid4().hex[:8]}"
            first = house(books, "30", 21.0335, street)
            along = first.street
            drafts = [
                register(books, replace(first, number=HouseNumber.parse(n)), by, DAY).address
                for n in ("30", "32", "34")
            ]
            one, two = (record(books, draft, by, DAY, distinct=True) for draft in drafts[:2])
        return {
            "one": one.called.replace("-", ""),
            "two": two.called.replace("-", ""),
            "draft": drafts[2].called,
            "street": along.id,
            "login": "nhan.vien",
        }

    def sign_in(self, role, relation):
        unit, valid, _ = RELATIONS[relation]
        with transaction(self.engine) as writer:
            officer = enter_officer(writer)
            give_mandate(writer, officer, role, unit, valid, None)
            enter_account(writer, officer, f"can.bo.{officer}", "Cán bộ")
            token = begin_session(writer, officer, datetime.now(UTC))
        self.client.cookies.set(COOKIE, token)
        self.client.headers["x-csrf-token"] = self.client.get("/v1/me").json()["csrf"]

    def ask(self, act, names):
        path, body = REQUESTS[act]
        text_of = json.dumps(body)
        for name, value in names.items():
            text_of = text_of.replace(f"{{{name}}}", str(value))
        answer = self.client.post(
            f"/v1/registry/{path.format(**names)}",
            content=text_of,
            headers={"content-type": "application/json"},
        )
        kind = answer.json().get("type", "") if answer.status_code >= 400 else ""
        return answer.status_code, kind


@pytest.fixture(scope="module")
def counter(databases, settle_in):
    engine = make_engine(databases.clone("matrix"))
    settle_in(engine)
    with service(engine) as bound, TestClient(create_app(Settings(), bound)) as client:
        yield Counter(engine, client)
    engine.dispose()


@pytest.mark.parametrize("relation", ASKED_OVER_HTTP)
@pytest.mark.parametrize("role", Role)
def test_the_service_answers_as_the_table_says(counter, role, relation):
    counter.sign_in(role, relation)
    wrong = []
    for act in REQUESTS:
        wanted = allowed(role, relation, act)
        status, kind = counter.ask(act, counter.fresh() if wanted else counter.made)
        if (status < 300) is not wanted or (not wanted and status not in {403, 404}):
            wrong.append((act.value, status, kind))
    assert not wrong


def test_what_was_refused_over_http_changed_nothing(counter):
    with counter.engine.connect() as connection:
        states = connection.scalars(
            text(
                "SELECT state FROM address_version JOIN issued_code USING (address_id)"
                " WHERE code = ANY (:codes) AND upper_inf(recorded)"
            ),
            {"codes": [counter.made["one"], counter.made["two"]]},
        ).all()
    assert states == ["recorded", "recorded"]
