"""The commands of the ledger: proved or named, signed, shown; and `notify`."""

import json

import pytest
from sqlalchemy import text

from diachiso.__main__ import main


@pytest.fixture
def run(registry, monkeypatch, capfd, signals_as_they_were):
    """Run `diachiso …` over the registry: status, stdout, stderr."""

    def ran(*words, home=registry.settings.home):
        url = registry.engine.url.render_as_string(hide_password=False)
        monkeypatch.setenv("DIACHISO_DATABASE_URL", url)
        monkeypatch.setenv("DIACHISO_HOME", str(home))
        monkeypatch.setattr("sys.argv", ["diachiso", *map(str, words)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), *capfd.readouterr()

    return ran


@pytest.fixture
def forge(registry):
    """Write the last line of the ledger anew, with all rights; what it was comes back."""
    undo = []

    def forge(*statements):
        with registry.engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            last = text("SELECT * FROM ledger ORDER BY number DESC LIMIT 1")
            undo.append(connection.execute(last).one())
            for statement in statements:
                connection.execute(text(statement), {"line": undo[0].number})
        return undo[0].number

    yield forge
    with registry.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            text("UPDATE ledger SET body = CAST(:body AS jsonb), hash = :hash WHERE number = :n"),
            {"body": json.dumps(undo[0].body), "hash": undo[0].hash, "n": undo[0].number},
        )


def test_a_whole_ledger_is_proved(registry, run):
    registry.house()
    status, out, _ = run("ledger", "verify")
    assert (status, f"{registry.last()} changes" in out) == (0, True)


ANOTHER_ACT = 'UPDATE ledger SET body = body || \'{"act": "x"}\' WHERE number = :line'
ITS_HASH = "UPDATE ledger SET hash = hash_of(previous, body::text) WHERE number = :line"


def test_one_byte_changed_is_named_with_a_status_of_its_own(run, forge):
    line = forge(ANOTHER_ACT)
    status, out, _ = run("ledger", "verify")
    assert (status, f"Line {line} of the ledger" in out) == (1, True)
    assert run("ledger", "head", "--sign")[0] == 2


def test_a_head_is_signed_and_stands_later_on(registry, run, tmp_path):
    file = tmp_path / "head.json"
    assert run("ledger", "head", "--sign", "--to", file)[0] == 0
    key = registry.settings.home / "keys" / "ledger.pem"
    assert key.stat().st_mode & 0o777 == 0o600
    registry.house()
    assert run("ledger", "verify", "--head", file)[0] == 0
    told = json.loads(file.read_text())
    assert run("ledger", "verify", "--head", file, "--key", told["key"])[0] == 0
    assert run("ledger", "verify", "--head", file, home=tmp_path)[0] == 1  # another's key
    for part, value in (("hash", "0" * 64), ("number", told["number"] - 1), ("signature", "AAAA")):
        file.write_text(json.dumps(told | {part: value}))
        status, out, _ = run("ledger", "verify", "--head", file)
        assert (status, "signature" in out) == (1, True)


def test_a_ledger_written_anew_does_not_fit_a_head_of_before(run, forge, tmp_path):
    file = tmp_path / "head.json"
    run("ledger", "head", "--sign", "--to", file)
    line = forge(ANOTHER_ACT, ITS_HASH)
    assert run("ledger", "verify")[0] == 0, "in itself it is whole"
    status, out, _ = run("ledger", "verify", "--head", file)
    assert (status, f"Line {line} of the ledger" in out) == (1, True)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"number": "x"}'])
def test_what_is_no_head_is_a_mistake(run, tmp_path, content):
    file = tmp_path / "head.json"
    file.write_text(content)
    status, _, err = run("ledger", "verify", "--head", file)
    assert (status, err.count("\n")) == (2, 1)


def test_the_ledger_shows_who_when_what_before_and_after(registry, run):
    house = registry.house()
    registry.name(house, "Hiệu phở")
    registry.name(house, "Hiệu bún")
    registry.restrict(house)
    _, before, _ = run("ledger", "head")
    since = json.loads(before)["number"] - 2
    status, out, _ = run("ledger", "show", "--since", since)
    assert status == 0
    assert f"người / officer {registry.officer}  amend  00070  test" in out
    assert "versions.0.name: Hiệu phở → Hiệu bún" in out
    assert "rút khỏi công khai / withdrawn" in out
    assert "hạn chế / restricted" in out
    _, out, _ = run("ledger", "show", "--since", since, "--limit", 1, "--json")
    (line,) = map(json.loads, out.splitlines())
    assert (line["act"], line["officer"], line["unit"]) == ("amend", registry.officer, "00070")
    (change,) = line["changes"]
    assert change["before"]["versions"][-1]["name"] == "Hiệu phở"


def test_a_key_that_is_none_is_a_mistake(run, tmp_path):
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "ledger.pem").write_text("no key")
    (tmp_path / "keys" / "webhooks.key").write_text("no key")
    for words in (("ledger", "head", "--sign"), ("notify", "--once")):
        status, _, err = run(*words, home=tmp_path)
        assert (status, err.count("\n"), "không dùng được" in err) == (2, 1, True)


def test_notify_sends_what_is_due(run):
    run("notify", "--once")  # what other tests have left
    status, _, err = run("notify", "--once")
    assert (status, err) == (0, "0 tin / messages\n")
