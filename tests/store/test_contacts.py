"""Personal data: sealed, bound, read by nobody else, logged on every reading, gone when due."""

import base64
import logging
import re
import stat
from datetime import date, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.address.errors import Incomplete, KeyUnusable, NotAllowed, NotYourWard
from diachiso.address.number import HouseNumber
from diachiso.address.position import Position, PositionKind
from diachiso.address.record import Details, Spot
from diachiso.address.today import today
from diachiso.registry.contact import (
    Contact,
    Part,
    purge_contacts,
    set_contact,
    show_contacts,
)
from diachiso.registry.officer import Act, Acting, Role
from diachiso.registry.record import record
from diachiso.registry.register import register
from diachiso.settings import Settings
from diachiso.store.acting import acting
from diachiso.store.books import PostgisBooks
from diachiso.store.contacts import PostgisContacts, purge_due
from diachiso.store.engine import make_engine, transaction
from diachiso.store.feed import changes_since
from diachiso.store.keys import issue_key
from diachiso.store.officers import enter_officer, give_mandate, officer_of
from diachiso.store.personal_key import FILE, PersonalKey
from diachiso.terminal import service
from diachiso.web.app import create_app

WARD = UnitKey(Level.WARD, "00070", former=False)
OTHER = UnitKey(Level.WARD, "00082", former=False)
KEY = PersonalKey(bytes(range(32)))
PLANTED = "Nguyễn Thị Kín Đáo"
PERSON = {"name": PLANTED, "phone": "0912345678"}
LATER = today() + timedelta(days=30)


@pytest.fixture(scope="module")
def engine(databases, settle_in):
    engine = make_engine(databases.clone("personal"))
    settle_in(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def hire(engine):
    def hire(role, ward=WARD):
        with transaction(engine) as writer:
            officer = enter_officer(writer)
            give_mandate(writer, officer, role, ward, Validity(date(2025, 1, 1)), None)
        return officer

    return hire


@pytest.fixture(scope="module")
def clerk(hire):
    return hire(Role.WARD_OFFICER)


@pytest.fixture(scope="module")
def house(engine, clerk):
    with acting(engine, clerk) as writer:
        books, by = PostgisBooks(writer), Acting(officer_of(writer, clerk), today(), "test")
        spot = Spot(Position(105.8512, 21.0371), PositionKind.ENTRANCE)
        street = books.street_named("Phố Hàng Trống", spot.position)
        details = Details(WARD, (spot,), HouseNumber.parse("314"), street)
        return record(books, register(books, details, by, today()).address, by, today())


@pytest.fixture
def with_contacts(engine):
    """Do something with contacts as somebody, and commit."""

    def do(officer, verb, key=KEY):
        with acting(engine, officer) as writer:
            by = Acting(officer_of(writer, officer), today(), "test")
            return verb(PostgisContacts(writer, key), by)

    return do


@pytest.fixture
def kept(with_contacts, clerk, house):
    contact = Contact(Part.OWNER, PERSON, LATER)
    with_contacts(clerk, lambda contacts, by: set_contact(contacts, house, contact, by))


def reading(house, reason="gửi thông báo"):
    return lambda contacts, by: show_contacts(contacts, house, by, reason=reason)


def log_of(engine):
    with engine.connect() as connection:
        return connection.execute(
            text("SELECT officer_id, act, reason FROM personal.reading ORDER BY id")
        ).all()


def test_what_is_kept_is_not_the_text_and_comes_back_to_the_ward(
    engine, kept, with_contacts, clerk, house
):
    with engine.connect() as connection:
        sealed = bytes(connection.scalar(text("SELECT sealed FROM personal.contact")))
    assert PLANTED.encode() not in sealed
    assert b"0912345678" not in sealed
    (found,) = with_contacts(clerk, reading(house))
    assert (found.person, found.part, found.purge_on) == (PERSON, Part.OWNER, LATER)
    assert PLANTED not in repr(found)


def test_every_reading_is_written_down_with_who_and_why(engine, kept, with_contacts, clerk, house):
    before = len(log_of(engine))
    with_contacts(clerk, reading(house, "giấy mời họp tổ"))
    assert log_of(engine)[before:] == [(clerk, "show", "giấy mời họp tổ")]
    with pytest.raises(Incomplete):
        with_contacts(clerk, reading(house, " "))
    with pytest.raises(DBAPIError, match="never changed"), transaction(engine) as writer:
        writer.execute(text("DELETE FROM personal.reading"))


@pytest.mark.parametrize("table", ["contact", "reading"])
@pytest.mark.parametrize("role", ["diachiso_app", "diachiso_personal"])
def test_neither_the_service_nor_the_reader_may_read_the_tables(engine, kept, clerk, table, role):
    with acting(engine, clerk) as writer:
        writer.execute(text(f"SET LOCAL ROLE {role}"))
        with pytest.raises(DBAPIError, match="permission denied"):
            writer.execute(text(f"TABLE personal.{table}"))


@pytest.mark.parametrize("call", ["told(1, 'x')", "purge(1, 'x')", "purge_due()", "must_govern(1)"])
def test_the_service_may_not_call_what_reads_them(engine, kept, clerk, call):
    with pytest.raises(DBAPIError, match="permission denied"), acting(engine, clerk) as writer:
        writer.execute(text(f"SELECT personal.{call}"))


@pytest.mark.parametrize(
    ("role", "ward", "refusal"),
    [
        (Role.WARD_OFFICER, OTHER, NotYourWard),
        (Role.POSTAL_AGENT, WARD, NotAllowed),
        (Role.PROVINCE_AUDITOR, None, NotAllowed),
        (Role.MINISTRY, None, NotAllowed),
    ],
)
def test_others_are_refused_by_the_verb_and_by_the_database(
    engine, kept, with_contacts, hire, house, role, ward, refusal
):
    other = hire(role, ward)
    with pytest.raises(refusal):
        with_contacts(other, reading(house))
    with pytest.raises(DBAPIError, match="governed by others"):
        with_contacts(other, lambda contacts, by: contacts.told(house, by.origin))


def test_nothing_that_goes_out_holds_the_name(engine, kept, with_contacts, clerk, house):
    with_contacts(clerk, reading(house))
    with engine.connect() as connection:
        tables = connection.execute(
            text("SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema"
                 " IN ('public', 'access', 'personal') AND table_type IN ('BASE TABLE', 'VIEW')")
        ).all()  # fmt: skip
        assert ("public", "ledger") in tables
        assert ("public", "change") in tables
        for schema, table in tables:
            for row in connection.execute(text(f"SELECT one::text FROM {schema}.{table} AS one")):  # noqa: S608 (our own tables)
                assert "Kín Đáo" not in row[0], table
                assert "0912345678" not in row[0], table


def test_nor_does_what_the_service_answers_exports_tells_and_logs(
    engine, kept, with_contacts, clerk, house, tmp_path, caplog
):
    caplog.set_level(logging.DEBUG)
    with transaction(engine) as writer:
        auditor = enter_officer(writer)
        give_mandate(writer, auditor, Role.MINISTRY, None, Validity(date(2025, 1, 1)), None)
        keys = [issue_key(writer, one, "test", tuple(Act)) for one in (clerk, auditor)]
    with service(engine) as bound, TestClient(create_app(Settings(home=tmp_path), bound)) as client:
        with_contacts(clerk, reading(house))
        for path, key in (
            (f"/v1/addresses/{house.code.digits}", None),
            ("/v1/geocode?q=314+Phố+Hàng+Trống", None),
            ("/v1/geocode?q=Kín+Đáo", None),
            ("/v1/changes?since=0&limit=5000", None),
            ("/v1/snapshot", None),
            ("/v1/registry/addresses?ward=00070&limit=1000", keys[0]),
            (f"/v1/registry/addresses/{house.called}", keys[0]),
            ("/v1/registry/ledger?limit=1000", keys[1]),
        ):
            headers = {"authorization": f"Bearer {key}"} if key else {}
            answer = client.get(path, headers=headers)
            assert answer.status_code == 200, (path, answer.text)
            # a question is told back as it was asked
            told = answer.text if "Kín" not in path else ""
            assert "Kín Đáo" not in told, path
            assert "0912345678" not in told, path
    with engine.connect() as reader:
        bodies = [str(one) for one in changes_since(reader, 0, 5_000, None).changes]
    for text_told in (caplog.text, *bodies):
        assert "Kín Đáo" not in text_told
        assert "0912345678" not in text_told


def test_one_that_was_changed_or_put_elsewhere_does_not_open(kept, with_contacts, clerk, house):
    with pytest.raises(KeyUnusable):
        with_contacts(clerk, reading(house), PersonalKey(bytes(32)))
    sealed = KEY.seal(b"x", "1 owner")
    assert KEY.seal(b"x", "1 owner") != sealed
    for wrong, bound in ((sealed, "2 owner"), (sealed[:-1] + bytes([sealed[-1] ^ 1]), "1 owner")):
        with pytest.raises(KeyUnusable):
            KEY.open(wrong, bound)


def test_what_is_due_goes_and_the_rest_stays(engine, kept, with_contacts, clerk, house):
    assert purge_due(engine) == 0
    with transaction(engine) as writer:
        writer.execute(text("UPDATE personal.contact SET purge_on = current_date - 2"))
    assert with_contacts(clerk, reading(house)) == ()
    assert purge_due(engine) == 1
    assert log_of(engine)[-1] == (None, "purge", "due")


def test_the_ward_lets_go_before_the_date(kept, with_contacts, clerk, house):
    purge = with_contacts(
        clerk, lambda c, by: purge_contacts(c, house, by, reason="đã bán nhà"), key=None
    )
    assert purge == 1
    assert with_contacts(clerk, reading(house)) == ()


@pytest.mark.parametrize(
    "contact",
    [
        Contact(Part.OWNER, {}, LATER),
        Contact(Part.OWNER, {"name": "A", "cccd": "001090012345"}, LATER),
        Contact(Part.OWNER, {"name": "A" * 301}, LATER),
        Contact(Part.OWNER, {"name": "A"}, today()),
        Contact(Part.OWNER, {"name": "A"}, today() + timedelta(days=731)),
    ],
)
def test_what_is_kept_is_little_and_not_for_long(with_contacts, clerk, house, contact):
    with pytest.raises(Incomplete):
        with_contacts(clerk, lambda contacts, by: set_contact(contacts, house, contact, by))


def test_the_key_is_a_file_of_its_owner_alone(tmp_path):
    key = PersonalKey.of(Settings(home=tmp_path))
    file = tmp_path / FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert PersonalKey.of(Settings(home=tmp_path)) == key
    assert key.secret.hex() not in repr(key)
    file.chmod(0o644)
    with pytest.raises(KeyUnusable, match="chmod 600"):
        PersonalKey.of(Settings(home=tmp_path))
    given = base64.b64encode(bytes(range(32))).decode()
    assert PersonalKey.of(Settings(home=tmp_path, personal_key=given)) == KEY
    with pytest.raises(KeyUnusable, match=re.escape("DIACHISO_PERSONAL_KEY")):
        PersonalKey.of(Settings(home=tmp_path, personal_key="ngắn"))
