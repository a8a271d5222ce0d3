"""Plates and papers by command: from a code to a picture, and from the picture to what it says."""

import json
from datetime import date

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from diachiso.__main__ import app
from diachiso.address.division import Level, UnitKey, Validity
from diachiso.address.errors import (
    Incomplete,
    KeyUnusable,
    MalformedPlate,
    NotPrintable,
    UnknownPlateKey,
    UnreadableSource,
)
from diachiso.address.today import today
from diachiso.registry.certify import certify
from diachiso.registry.officer import Acting, Role
from diachiso.store.acting import acting
from diachiso.store.books import PostgisBooks
from diachiso.store.engine import make_engine, transaction
from diachiso.store.officers import enter_officer, give_mandate, officer_of

WARD = UnitKey(Level.WARD, "00070", former=False)
SINCE = Validity(date(2025, 1, 1))


@pytest.fixture(scope="module")
def engine_of_town(databases, settle_in):
    engine = make_engine(databases.clone("printing"))
    settle_in(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def run(engine_of_town, tmp_path, monkeypatch):
    """Run `diachiso plate …` in an empty folder."""
    url = engine_of_town.url.render_as_string(hide_password=False)
    monkeypatch.setenv("DIACHISO_DATABASE_URL", url)
    monkeypatch.setenv("DIACHISO_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def ran(*words):
        done = CliRunner().invoke(app, ["plate", *map(str, words)])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.stdout

    return ran


@pytest.fixture
def code(engine_of_town):
    with engine_of_town.connect() as connection:
        return connection.scalar(
            text(
                "SELECT code FROM external_id JOIN issued_code USING (address_id) "
                "WHERE scheme = 'osm' AND value = '101'"
            )
        )


@pytest.fixture
def street(engine_of_town):
    with engine_of_town.connect() as connection:
        return connection.scalar(
            text("SELECT id FROM street WHERE name = 'Phố Hàng Trống' AND upper_inf(recorded)")
        )


def test_from_a_code_to_a_picture_and_back(run, code, tmp_path):
    name = run("make", code, "--format", "png").strip()
    assert name == f"plate-{code[:5]}-{code[5:]}.png"
    said = json.loads(run("verify", tmp_path / name))
    assert said["verified"]
    assert (said["code"], said["number"]) == (f"{code[:5]}-{code[5:]}", "2")
    assert json.loads(run("verify", name)) == said


def test_verified_on_a_machine_that_has_but_the_published_keys(run, code, monkeypatch, tmp_path):
    name = run("make", code, "--format", "png").strip()
    (tmp_path / "keys.json").write_text(run("key", "list"))
    monkeypatch.setenv("DIACHISO_HOME", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("DIACHISO_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert json.loads(run("verify", name, "--keys", "keys.json"))["number"] == "2"
    with pytest.raises(UnknownPlateKey):
        run("verify", name)
    assert not (tmp_path / "elsewhere").exists()


def test_what_is_not_to_be_trusted_is_refused(run, code):
    run("make", code, "--format", "svg")
    with pytest.raises(MalformedPlate):
        run("verify", "DCS1:ABC")
    for keys in ("none.json", "bad.json"):
        with pytest.raises(UnreadableSource):
            run("verify", "DCS1:ABC", "--keys", keys)


def test_a_plate_outlives_the_key_it_was_signed_with(run, code):
    before = run("make", code, "--format", "png", "-o", "before.png").strip()
    old = json.loads(run("verify", before))["key"]
    new = json.loads(run("key", "rotate"))["kid"]
    assert new != old
    assert json.loads(run("verify", before))["key"] == old
    after = run("make", code, "--format", "png", "-o", "after.png").strip()
    assert json.loads(run("verify", after))["key"] == new
    assert [one["kid"] for one in json.loads(run("key", "list"))["keys"]] == [old, new]


def test_sheets_of_a_street_a_ward_or_a_file(run, code, street, tmp_path):
    (tmp_path / "codes.csv").write_text(f"code\n{code}\n")
    for asked in (("--street", street), ("--ward", "00070"), ("--file", "codes.csv")):
        name = run("sheet", *asked).strip()
        assert (tmp_path / name).read_bytes().startswith(b"%PDF")
    with pytest.raises(Incomplete):
        run("sheet")
    with pytest.raises(Incomplete):
        run("sheet", "--street", street, "--ward", "00070")
    with pytest.raises(Incomplete):
        run("sheet", "--street", 999_999)
    with pytest.raises(NotPrintable):
        run("sheet", "--ward", "00097")


def test_letters_to_a_street(run, street, tmp_path):
    name = run("letters", street, "--document", "12/QĐ-UBND", "--contact", "024").strip()
    assert (tmp_path / name).read_bytes().startswith(b"%PDF")


def test_a_certificate_is_of_what_was_certified(run, code):
    with pytest.raises(NotPrintable):
        run("certificate", code)


def test_a_plate_to_stdout(run, code):
    assert run("make", code, "-o", "-").lstrip().startswith("<svg")
    with pytest.raises(UnreadableSource):
        run("make", code, "-o", "none/plate.svg")


def test_an_operators_seal_that_is_not_there_is_told(run, code, engine_of_town, monkeypatch):
    with transaction(engine_of_town) as writer:
        approver = enter_officer(writer)
        give_mandate(writer, approver, Role.WARD_APPROVER, WARD, SINCE, None)
    with acting(engine_of_town, approver) as writer:
        books, by = PostgisBooks(writer), Acting(officer_of(writer, approver), today(), "test")
        certify(books, books.address(code, today()), by, today())
    assert run("certificate", code).startswith("certificate-")
    monkeypatch.setenv("DIACHISO_SEAL", "none.p12")
    with pytest.raises(KeyUnusable):
        run("certificate", code)
