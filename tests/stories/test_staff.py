"""The commands of who may act: what is printed once, what is refused in a sentence."""

import os
import re
import signal
import sys
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from diachiso.__main__ import main
from diachiso.registry.officer import Act, Role
from diachiso.staff import first_account
from diachiso.store.accounts import officer_by_password
from diachiso.store.engine import make_engine, transaction
from diachiso.store.keys import key_holder
from diachiso.store.officers import officer_of

ONCE = re.compile(r"^[a-z2-9]{5}(-[a-z2-9]{5}){3}$")


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture(scope="module")
def engine(databases):
    engine = make_engine(databases.clone("staff"))
    yield engine
    engine.dispose()


@pytest.fixture
def run(engine, monkeypatch, capfd):
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    for name in [one for one in os.environ if one.startswith("DIACHISO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DIACHISO_DATABASE_URL", engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("COLUMNS", "200")

    def ran(*words):
        monkeypatch.setattr(sys, "argv", ["diachiso", *words])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return Done(int(ended.value.code or 0), *capfd.readouterr())

    yield ran
    for number, handler in handlers.items():
        signal.signal(number, handler)


def mandates_of(engine, login):
    with transaction(engine) as writer:
        officer = writer.scalar(
            text("SELECT officer_id FROM access.account WHERE login = :login"), {"login": login}
        )
        return officer_of(writer, officer).mandates


def test_an_officer_is_entered_with_a_one_time_password(run, engine):
    told = run("officer", "add", "Lan.Nguyen", "--role", "ward_officer", "--unit", "00070")
    assert told.returncode == 0, told.stderr
    password = told.stdout.strip()
    assert ONCE.match(password)
    assert password not in told.stderr
    with transaction(engine) as writer:
        officer_by_password(writer, "lan.nguyen", password)
        line = writer.execute(text("SELECT body FROM ledger ORDER BY number DESC LIMIT 1")).scalar()
    assert (line["act"], line["origin"]) == ("grant", "command")
    assert "officer" not in line
    assert "nguyen" not in str(line).lower()
    (mandate,) = mandates_of(engine, "lan.nguyen")
    assert (mandate.role, mandate.unit.code) == (Role.WARD_OFFICER, "00070")


def test_a_further_mandate_comes_without_a_password_and_all_end_together(run, engine):
    run("officer", "add", "mai", "--role", "ward_officer", "--unit", "00070")
    more = ("--role", "province_auditor", "--unit", "01", "--until", "2099-01-01")
    told = run("officer", "add", "mai", *more)
    assert (told.returncode, told.stdout) == (0, "")
    listed = run("officer", "list").stdout
    assert "mai" in listed
    assert "2099-01-01" in listed
    ended = run("officer", "end", "mai")
    assert "đã khóa / disabled" in ended.stderr
    assert "đã khóa" in run("officer", "list").stdout
    assert not any(one.valid.until is None for one in mandates_of(engine, "mai"))


def test_one_mandate_ends_on_a_day(run, engine):
    run("officer", "add", "thu", "--role", "ward_approver", "--unit", "00082")
    with engine.connect() as connection:
        number = connection.scalar(text("SELECT max(id) FROM mandate"))
    told = run("officer", "end", "thu", "--mandate", str(number), "--on", "2099-12-31")
    assert told.returncode == 0, told.stderr
    (mandate,) = mandates_of(engine, "thu")
    assert str(mandate.valid.until) == "2099-12-31"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("officer", "add", "x", "--role", "ward_officer"), "a ward"),
        (("officer", "add", "x", "--role", "ward_officer", "--unit", "01"), "a ward"),
        (("officer", "add", "x", "--role", "ministry", "--unit", "00070"), "the whole country"),
        (("officer", "add", "x", "--role", "ward_officer", "--unit", "99999"), "99999"),
        (("officer", "add", "x", "--role", "ward_officer", "--unit", "abc"), "abc"),
        (("officer", "password", "khong.co"), "khong.co"),
        (("officer", "end", "khong.co"), "khong.co"),
        (("key", "issue", "X", "--scopes", "certify"), "certify"),
        (("key", "issue", "X", "--scopes", ""), "read_changes"),
        (("key", "issue", "X", "--scopes", "read_changes", "--quota", "nhiều"), "1000/minute"),
        (("key", "issue", "X", "--scopes", "record", "--role", "postal_agent"), "--unit"),
        (("key", "revoke", "dcs_00000000"), "dcs_00000000"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_written(run, engine, words, told):
    count = text("SELECT (SELECT count(*) FROM officer), (SELECT count(*) FROM ledger)")
    with engine.connect() as connection:
        before = connection.execute(count).one()
    done = run(*words)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    with engine.connect() as connection:
        assert connection.execute(count).one() == before


def test_a_password_is_given_anew(run, engine):
    first = run("officer", "add", "huy").stdout.strip()
    second = run("officer", "password", "huy").stdout.strip()
    assert ONCE.match(second)
    assert first != second
    with transaction(engine) as writer:
        officer_by_password(writer, "huy", second)


def test_a_key_is_shown_once_and_revoked_by_what_is_listed(run, engine):
    scopes = ("--role", "postal_agent", "--unit", "00070", "--scopes", "register, record")
    told = run("key", "issue", "Bưu điện", *scopes, "--quota", "1000/minute")
    assert told.returncode == 0, told.stderr
    key = told.stdout.strip()
    with transaction(engine) as writer:
        holder = key_holder(writer, key)
    assert holder.scopes == {Act.REGISTER, Act.RECORD}
    listed = run("key", "list").stdout
    assert key not in listed
    assert f"dcs_{holder.prefix}" in listed
    assert run("key", "revoke", f"dcs_{holder.prefix}…").returncode == 0
    assert "đã thu hồi" in run("key", "list").stdout


def test_the_first_account_is_made_once(databases, capfd):
    engine = make_engine(databases.clone("first"))
    first_account(engine)
    told = capfd.readouterr()
    password = told.out.strip()
    assert ONCE.match(password)
    first_account(engine)
    assert capfd.readouterr().out == ""
    with transaction(engine) as writer:
        officer = officer_by_password(writer, "admin", password)
        (mandate,) = officer_of(writer, officer).mandates
        assert (mandate.role, mandate.unit) == (Role.MINISTRY, None)
        assert writer.scalar(text("SELECT bool_and(must_change) FROM access.account"))
    engine.dispose()
