"""Webhooks: signed, in order, tried again, given up; and only to where they may go."""

import ipaddress
import json
import random
import socket
from datetime import date, timedelta

import httpx2
import pytest
from sqlalchemy import text
from standardwebhooks import Webhook as Verifier

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.address.errors import WebhookRefused
from diachiso.registry.officer import Act, Role
from diachiso.store.engine import transaction
from diachiso.store.keyring import secret_box
from diachiso.store.keys import issue_key
from diachiso.store.officers import enter_officer, give_mandate
from diachiso.web.courier import LONGEST_WAIT, Courier, wait_before
from diachiso.web.outward import Allowed, is_public, target_of
from diachiso.web.webhooks import BOX

SINCE = Validity(date(2025, 1, 1))
WARD = UnitKey(Level.WARD, "00070", former=False)


@pytest.fixture
def client(registry):
    """The headers of somebody new with a key."""

    def client(role=Role.ENTERPRISE, unit=None, scopes=(Act.READ_CHANGES,)):
        with transaction(registry.engine) as writer:
            officer = enter_officer(writer, "client")
            give_mandate(writer, officer, role, unit, SINCE, None)
            key = issue_key(writer, officer, "bưu chính", scopes)
        return {"authorization": f"Bearer {key}"}

    return client


@pytest.fixture
def courier(registry):
    allowed = Allowed.parse(registry.settings.webhook_hosts)
    box = secret_box(registry.settings.home, BOX)
    told = []
    made = Courier(registry.engine, box, allowed, told.append)
    yield made
    with transaction(registry.engine) as writer:
        writer.execute(text("DELETE FROM webhook"))


@pytest.fixture
def hook(url, client, receiver, courier):
    """Register a webhook at the receiver; its headers, and what was answered."""

    def hook(**form):
        who = client()
        form = {"url": receiver.url} | form
        answer = httpx2.post(f"{url}/v1/webhooks", json=form, headers=who)
        assert answer.status_code == 201, answer.text
        return who, answer.json()

    return hook


def again(registry, hook):
    """Let the next try be now."""
    with transaction(registry.engine) as writer:
        writer.execute(
            text("UPDATE webhook SET next_at = now() WHERE id = :id"), {"id": hook["id"]}
        )


def seen(url, who, hook):
    return httpx2.get(f"{url}/v1/webhooks/{hook['id']}", headers=who).json()


def test_changes_come_signed_and_in_order(registry, url, hook, courier, receiver):
    since = registry.last()
    who, made = hook()
    registry.name(registry.house(), "Hiệu ảnh")
    assert courier.deliver_due() == 1
    headers, body = receiver.came[0]
    told = Verifier(made["secret"]).verify(body, headers)
    assert (told["type"], told["data"]["since"]) == ("changes", since)
    assert receiver.numbers() == [since + 1, since + 2, since + 3]
    assert (
        told["data"]["changes"] == httpx2.get(f"{url}/v1/changes?since={since}").json()["changes"]
    )
    assert headers["host"] == receiver.url.split("/")[2]
    assert courier.deliver_due() == 0
    after = seen(url, who, made)
    assert (after["position"], after["answer"]) == (registry.last(), "HTTP 204")
    with pytest.raises(Exception, match="signature"):
        Verifier(made["secret"]).verify(body + b" ", headers)


def test_the_secret_is_shown_once_and_kept_sealed(registry, url, hook):
    who, made = hook()
    assert "secret" not in seen(url, who, made)
    with registry.engine.connect() as connection:
        kept = connection.scalar(
            text("SELECT secret FROM webhook WHERE id = :id"), {"id": made["id"]}
        )
    assert made["secret"] not in kept
    file = registry.settings.home / "keys" / "webhooks.key"
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_try_that_fails_is_repeated_word_for_word_later(registry, url, hook, courier, receiver):
    who, made = hook()
    receiver.answers = [(500,), (307, ("location", receiver.url)), (503, ("retry-after", "3600"))]
    told = registry.last()
    registry.house()
    for tries in (1, 2, 3):
        assert courier.deliver_due() == 1
        now = seen(url, who, made)
        assert (now["tries"], now["state"], now["position"]) == (tries, "live", told)
        assert courier.deliver_due() == 0, "not before its time"
        registry.house() if tries == 1 else None
        again(registry, made)
    assert "HTTP 503" in now["answer"]
    assert courier.deliver_due() == 2
    ids = [headers["webhook-id"] for headers, _ in receiver.came]
    assert len(set(ids[:4])) == 1
    assert len({json.dumps(json.loads(body)["data"]) for _, body in receiver.came[:4]}) == 1
    assert seen(url, who, made)["position"] == registry.last()
    assert seen(url, who, made)["failing_since"] is None


def test_after_days_of_silence_it_is_given_up_and_says_so(registry, url, hook, courier, receiver):
    who, made = hook()
    registry.house()
    receiver.answers = [(500,), (500,)]
    courier.deliver_due()
    with transaction(registry.engine) as writer:
        writer.execute(text("UPDATE webhook SET failing_since = now() - interval '6 days'"))
    again(registry, made)
    courier.deliver_due()
    assert seen(url, who, made)["state"] == "given_up"
    again(registry, made)
    assert courier.deliver_due() == 0


def test_whoever_answers_gone_is_told_nothing_more(registry, url, hook, courier, receiver):
    who, made = hook()
    registry.house()
    receiver.answers = [(410,)]
    courier.deliver_due()
    assert seen(url, who, made)["state"] == "gone"


def test_a_unit_alone_and_from_a_number_on(registry, url, hook, courier, receiver):
    since = registry.last()
    registry.house()
    who, elsewhere = hook(unit="00097")
    _, here = hook(unit="00070", since=since)
    registry.house()
    courier.deliver_due()
    assert receiver.numbers() == [since + 1, since + 2, since + 3, since + 4]
    assert here["position"] == since
    assert seen(url, who, elsewhere)["position"] == registry.last()


def test_two_couriers_do_not_carry_the_same(registry, hook, courier):
    hook()
    registry.house()
    from diachiso.store.webhooks import claim  # noqa: PLC0415

    with transaction(registry.engine) as one, transaction(registry.engine) as other:
        assert len(claim(one, 8)) == 1
        assert claim(other, 8) == []


def test_when_the_key_is_lost_the_owner_is_told(registry, url, hook, tmp_path):
    who, made = hook()
    registry.house()
    box = secret_box(tmp_path, BOX)
    Courier(registry.engine, box, Allowed.parse("127.0.0.1")).deliver_due()
    assert "DIACHISO_HOME" in seen(url, who, made)["answer"]


def test_who_may_register_one(url, client, receiver):
    def ask(headers, **form):
        return httpx2.post(f"{url}/v1/webhooks", json={"url": receiver.url} | form, headers=headers)

    assert ask({}).status_code == 401
    assert ask(client(Role.MINISTRY)).status_code == 201
    assert ask(client(unit=WARD)).status_code == 201
    refused = ask(client(Role.WARD_OFFICER, WARD))
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems#NotAllowed")
    assert ask(client(scopes=(Act.REGISTER,))).status_code == 403
    assert ask(client(), unit="99999").status_code == 404
    assert ask(client(), since=10**9).status_code == 409
    assert ask(client(), uri="x").status_code == 422


def test_one_s_own_are_listed_and_ended_nobody_else_s(url, client, hook):
    who, made = hook()
    other = client()
    mine = f"{url}/v1/webhooks/{made['id']}"
    assert [one["id"] for one in httpx2.get(f"{url}/v1/webhooks", headers=who).json()["webhooks"]]
    assert httpx2.get(f"{url}/v1/webhooks", headers=other).json() == {"webhooks": []}
    assert httpx2.get(mine, headers=other).status_code == 404
    assert httpx2.delete(mine, headers=other).status_code == 404
    assert httpx2.delete(mine, headers=who).status_code == 204
    gone = httpx2.get(mine, headers=who)
    assert (gone.status_code, gone.json()["type"]) == (404, "/problems#UnknownWebhook")


def test_ten_are_enough(url, client, receiver):
    who = client()
    codes = [
        httpx2.post(f"{url}/v1/webhooks", json={"url": receiver.url}, headers=who).status_code
        for _ in range(11)
    ]
    assert codes == [201] * 10 + [422]


# -- where calls may go --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",  # noqa: S104 (an address to refuse)
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:8.8.8.8",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:1::1",
        "::8.8.8.8",
        "2001:db8::1",
    ],
)
def test_what_is_not_a_public_address(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111"])
def test_what_is_one(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "asked",
    [
        "http://8.8.8.8/x",
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://[::1]/x",
        "https://2130706433/x",
        "https://0x7f.1/x",
        "https://me:secret@8.8.8.8/x",
        "https://8.8.8.8/x#y",
        "https://8.8.8.8:99999/x",
        "https://no-such-host.invalid/x",
        "https:///x",
        "ftp://8.8.8.8/x",
        "file:///etc/passwd",
        "https://8.8.8.8/\r\nx-evil: 1",
        "https://",
        "",
        "https://" + "a" * 3000,
    ],
)
def test_what_may_not_be_called(asked):
    with pytest.raises(WebhookRefused):
        target_of(asked, Allowed())


def test_a_name_is_what_its_addresses_are_and_the_one_looked_at_is_called(monkeypatch):
    found = ["93.184.216.34"]

    def resolve(host, port, **_):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    target = target_of("https://Example.com/a?b=c", Allowed())
    assert target.url == "https://93.184.216.34:443/a?b=c"
    assert (target.host, target.asked_for) == ("example.com", "example.com")
    found.append("10.0.0.7")
    with pytest.raises(WebhookRefused, match=r"10\.0\.0\.7"):
        target_of("https://example.com/", Allowed())
    assert target_of("http://example.com:81/", Allowed.parse(" Example.com "))
    with pytest.raises(WebhookRefused, match="https"):
        target_of("http://example.com/", Allowed.parse("10.0.0.0/8"))
    assert target_of("https://example.com/", Allowed.parse("10.0.0.0/8"))


def test_waits_grow_never_all_together_and_never_beyond_half_a_day():
    chance = random.Random(1)
    waits = [wait_before(tries, chance) for tries in range(40)]
    assert waits[0] < timedelta(seconds=8)
    assert max(waits) <= LONGEST_WAIT * 1.5
    assert len(set(waits[20:])) == 20
    assert sum(waits[:16], timedelta()) > timedelta(days=1)
