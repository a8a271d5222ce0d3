"""A decree over HTTP as the ministry sends it, the lines it leaves, and who comes late for it."""

import threading
import time
from datetime import date, timedelta

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from diachiso.__main__ import app as commands
from diachiso.address.division import Level, UnitKey, Validity
from diachiso.address.errors import Overtaken
from diachiso.address.number import HouseNumber
from diachiso.address.position import Position, PositionKind
from diachiso.address.record import Details, Spot
from diachiso.address.today import today
from diachiso.registry.decree import read_decree
from diachiso.registry.officer import Act, Acting, Role
from diachiso.registry.register import register
from diachiso.registry.reorganise import reorganise
from diachiso.settings import Settings
from diachiso.store.accounts import enter_account
from diachiso.store.acting import acting
from diachiso.store.books import PostgisBooks
from diachiso.store.engine import make_engine, transaction
from diachiso.store.keys import issue_key
from diachiso.store.officers import enter_officer, give_mandate, officer_of
from diachiso.store.reorganising import PostgisRolls
from diachiso.terminal import service
from diachiso.web.app import create_app

SINCE = Validity(date(2025, 7, 1))
HONG_HA = UnitKey(Level.WARD, "00097", former=False)
SPOT = Spot(Position(105.865, 21.03), PositionKind.ENTRANCE)
DECREES = "/v1/registry/decrees"


def decree(*sources, number="99/NQ"):
    listed = ", ".join(f'"{one}"' for one in ("00070", *sources))
    return f"""
number = "{number}"
date = {today() - timedelta(days=9)}
issuer = "Ủy ban Thường vụ Quốc hội"
effective = {today()}

[[changes]]
change = "merge"
code = "00070"
name = "Hoàn Kiếm"
kind = "phường"
parent = "01"
from = [{listed}]
"""


@pytest.fixture(scope="module")
def owner(databases, settle_in):
    engine = make_engine(databases.clone("overhttp"))
    settle_in(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def people(owner):
    """The ministry, and a clerk of Hồng Hà who signs in as `lan`."""
    with transaction(owner) as writer:
        ministry, clerk = enter_officer(writer), enter_officer(writer)
        give_mandate(writer, ministry, Role.MINISTRY, None, SINCE, None)
        give_mandate(writer, clerk, Role.WARD_OFFICER, HONG_HA, SINCE, None)
        enter_account(writer, clerk, "lan", "Lan", "một mật khẩu rất dài")
        keys = [issue_key(writer, one, "test", tuple(Act)) for one in (ministry, clerk)]
    return ministry, clerk, *keys


@pytest.fixture(scope="module")
def visitor(owner, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    with (
        service(owner) as engine,
        TestClient(create_app(Settings(home=home), engine)) as client,
    ):
        client.home = home
        yield client


def ask(visitor, key, method, path, status=200, **more):
    headers = {"authorization": f"Bearer {key}"} if key else {}
    answer = visitor.request(method, path, headers=headers, **more)
    assert answer.status_code == status, answer.text
    return answer.json()


def house(number):
    return Details(HONG_HA, (SPOT,), HouseNumber.parse(number), residential_group="Tổ 1")


def test_an_officer_is_named_by_login_as_well_as_by_number(owner, people):
    def ran(by, ends=0):
        done = CliRunner().invoke(
            commands,
            ["registry", "list", "00097", "--by", by],
            env={"DIACHISO_DATABASE_URL": owner.url.render_as_string(hide_password=False)},
        )
        assert done.exit_code == ends, (done.stdout, done.stderr, done.exception)
        return done

    assert ran("lan").stdout == ran(str(people[1])).stdout
    assert type(ran("ai-do", ends=1).exception).__name__ == "UnknownOfficer"


def test_a_draft_that_waited_for_a_decree_is_not_written_in_a_ward_that_ended(owner, people):
    ministry, clerk = people[:2]
    late = []

    def enter():
        try:
            with acting(owner, clerk) as writer:
                by = Acting(officer_of(writer, clerk), today(), "test")
                register(PostgisBooks(writer), house("7"), by, today())
        except Overtaken as fault:
            late.append(str(fault))

    thread = threading.Thread(target=enter)
    with acting(owner, ministry) as writer:
        by = Acting(officer_of(writer, ministry), today(), "test")
        told = read_decree(decree("00097", number="1/NQ").encode(), "a.toml")
        assert reorganise(PostgisRolls(writer), told, by)
        thread.start()
        time.sleep(2)  # it has looked up its ward, and waits
        assert thread.is_alive()
    thread.join(60)
    assert len(late) == 1
    assert "Địa giới vừa đổi" in late[0]


def test_the_ministry_tries_a_decree_dry_and_applies_what_was_shown(visitor, people):
    ministry, clerk = people[2:]
    form = {"decree": decree("00082")}
    ask(visitor, None, "POST", DECREES, 401, json=form)
    ask(visitor, clerk, "POST", DECREES, 403, json=form)
    told = ask(visitor, ministry, "POST", DECREES, 422, json={"decree": "number = 1"})
    assert told["faults"]
    form["boundaries"] = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"code": "00070", "name": "Hoàn Kiếm"},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [
                        [[105.84, 21.02], [105.87, 21.02], [105.87, 21.04], [105.84, 21.04],
                         [105.84, 21.02]]
                    ],
                },
            }
        ],
    }  # fmt: skip
    tried = ask(visitor, ministry, "POST", DECREES, json=form)
    assert (tried["state"], tried["land"]["given"]) == ("tried", 1)
    assert {"from": "00082", "to": "00070"}.items() <= tried["flows"][-1].items()
    form["dry_run"] = False
    told = ask(visitor, ministry, "POST", DECREES, 422, json=form)
    assert told["missing"] == ["expect"]
    ask(visitor, ministry, "POST", DECREES, 409, json={**form, "expect": "0" * 16})
    done = ask(visitor, ministry, "POST", DECREES, json={**form, "expect": tried["plan"]})
    assert (done["state"], done["plan"]) == ("applied", tried["plan"])
    again = ask(visitor, ministry, "POST", DECREES, json={**form, "expect": tried["plan"]})
    assert again["state"] == "applied_before"


def test_lines_of_the_ledger_are_for_those_who_audit_and_signed_heads_for_everybody(
    visitor, people, owner
):
    ministry, clerk = people[2:]
    ask(visitor, None, "GET", "/v1/registry/ledger", 401)
    ask(visitor, clerk, "GET", "/v1/registry/ledger", 403)
    lines = ask(visitor, ministry, "GET", "/v1/registry/ledger", params={"limit": 1000})["lines"]
    applied = [one for one in lines if one["act"] == "reorganise"]
    assert [one["officer"] for one in applied] == [people[0]] * 2
    assert applied[-1]["origin"].startswith("key ")
    assert {one["kind"] for one in applied[-1]["touched"]} >= {"unit", "address"}
    assert ask(visitor, None, "GET", "/v1/ledger/heads") == {"heads": []}
    done = CliRunner().invoke(
        commands,
        ["ledger", "head", "--publish"],
        env={
            "DIACHISO_DATABASE_URL": owner.url.render_as_string(hide_password=False),
            "DIACHISO_HOME": str(visitor.home),
        },
    )
    assert done.exit_code == 0, done.stderr
    (head,) = ask(visitor, None, "GET", "/v1/ledger/heads")["heads"]
    assert head["number"] >= applied[-1]["number"]
    assert head["signature"]
    assert "officer" not in str(head)
