"""The commands of the counter as an officer runs them: reports, figures, contacts."""

import io
import json
import os
import signal
import sys
from datetime import date

import pytest

from diachiso.__main__ import main
from diachiso.address.division import Level, UnitKey, Validity
from diachiso.address.position import Position
from diachiso.registry.officer import Role
from diachiso.registry.report import Wrong
from diachiso.store.acting import acting
from diachiso.store.engine import make_engine, transaction
from diachiso.store.officers import enter_officer, give_mandate
from diachiso.store.reports import Entered, PostgisReports, told

WARD = UnitKey(Level.WARD, "00070", former=False)
HOUSE = {"number": "91", "street": "Phố Hàng Trống"}
TOKEN = "dcr_story"  # noqa: S105 (of a report that lives as long as the test)


@pytest.fixture(scope="module")
def url(databases, settle_in):
    url = databases.clone("counter")
    engine = make_engine(url)
    settle_in(engine)
    engine.dispose()
    return url


@pytest.fixture
def engine(url):
    engine = make_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def officer(engine):
    with transaction(engine) as writer:
        officer = enter_officer(writer)
        give_mandate(writer, officer, Role.WARD_OFFICER, WARD, Validity(date(2025, 1, 1)), None)
    return officer


@pytest.fixture
def run(url, monkeypatch, capfd, tmp_path):
    """Run a command to its end: its status, what it printed, what it said."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    for name in [name for name in os.environ if name.startswith("DIACHISO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DIACHISO_DATABASE_URL", url)
    monkeypatch.setenv("DIACHISO_HOME", str(tmp_path))

    def ran(*words, stdin=""):
        monkeypatch.setattr(sys, "argv", ["diachiso", *map(str, words)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return int(ended.value.code or 0), out, err

    yield ran
    for number, handler in handlers.items():
        signal.signal(number, handler)


def entered(engine, wrong, **proposed):
    with acting(engine, None) as writer:
        report = Entered(wrong, Position(105.8511, 21.0372), WARD, None, None, proposed)
        PostgisReports(writer).enter(report, TOKEN + str(proposed))


def test_a_missing_house_from_its_report_to_a_code(engine, officer, run):
    entered(engine, Wrong.MISSING, **HOUSE)
    status, out, _ = run("registry", "reports", "00070", "--by", officer)
    (waiting,) = json.loads(out)
    assert status == 0
    assert {one["field"] for one in waiting["differences"]} == {"number", "street"}
    status, out, _ = run("registry", "accept", waiting["number"], "--by", officer, "--house", "91A")
    assert status == 0
    made = json.loads(out)
    assert (made["number"], made["state"]) == ("91A", "recorded")
    with acting(engine, None) as writer:
        assert told(writer, TOKEN + str(HOUSE)).code == made["code"]
    status, _, err = run("registry", "accept", waiting["number"], "--by", officer)
    assert (status, err.count("\n")) == (2, 1)


def test_a_report_is_rejected_with_a_reason(engine, officer, run):
    entered(engine, Wrong.OTHER, name="Quán")
    number = json.loads(run("registry", "reports", "00070", "--by", officer)[1])[-1]["number"]
    assert run("registry", "reject", number, "--by", officer, "--reason", "đúng rồi")[0] == 0
    assert json.loads(run("registry", "reports", "00070", "--by", officer)[1]) == []


def test_figures_as_json_and_as_a_table(run):
    _, out, _ = run("figures", "--unit", "00070")
    assert json.loads(out)["total"]["recorded"] >= 7
    _, out, _ = run("figures", "--unit", "01", "--csv")
    assert out.splitlines()[0].startswith("code,name,communes,households_estimated")
    status, _, err = run("figures", "--unit", "77777")
    assert (status, err.count("\n")) == (2, 1)


def test_a_contact_is_kept_shown_for_a_reason_and_purged(engine, officer, run, tmp_path):
    entered(engine, Wrong.MISSING, number="93", street="Phố Hàng Trống")
    number = json.loads(run("registry", "reports", "00070", "--by", officer)[1])[-1]["number"]
    code = json.loads(run("registry", "accept", number, "--by", officer)[1])["code"]
    person = '{"name": "Lan Kín Đáo", "phone": "0912345678"}'
    status, out, err = run("contact", "set", code, "--by", officer, stdin=person)
    assert (status, "Lan" in out + err) == (0, False)
    assert (tmp_path / "personal.key").is_file()
    _, out, _ = run("contact", "show", code, "--by", officer, "--reason", "thông báo")
    assert json.loads(out)[0]["name"] == "Lan Kín Đáo"
    assert run("contact", "show", code, "--by", officer, "--reason", " ")[0] == 2
    assert run("contact", "set", code, "--by", officer, stdin="Lan")[0] == 2
    assert run("contact", "purge", code, "--by", officer)[0] == 0
    _, out, _ = run("contact", "show", code, "--by", officer, "--reason", "thông báo")
    assert json.loads(out) == []
    status, out, _ = run("registry", "show", code, "--by", officer)
    assert "Kín" not in out
