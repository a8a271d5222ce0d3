"""The feed over HTTP: no holes, resumable, by unit; a snapshot is what the changes come to."""

import json

import httpx2
import pytest
from sqlalchemy import text

from diachiso.address.record import ObjectKind


def asked(url, path="/v1/changes", **params):
    answer = httpx2.get(url + path, params=params)
    assert answer.status_code == 200, answer.text
    return answer


def replayed(changes):
    """What is public once all these changes are followed."""
    held = {}
    for one in changes:
        if "kind" in one:
            key = one["kind"], one["id"]
            held.pop(key, None)
            if one["after"] is not None:
                held[key] = one["after"]
    return held


def test_pages_join_without_a_hole_wherever_they_are_cut(registry, url):
    since = registry.last()
    registry.name(registry.house(), "Hiệu sách")
    whole = asked(url, since=since).json()
    assert [one["number"] for one in whole["changes"]] == [since + 1, since + 2, since + 3]
    at, cut = since, []
    while True:
        page = asked(url, since=at, limit=2).json()
        if page["next"] == at:
            break
        cut += page["changes"]
        at = page["next"]
    assert (cut, at) == (whole["changes"], whole["next"])
    assert [one["act"] for one in cut] == ["register", "record", "amend"]
    assert cut[2]["before"] == cut[1]["number"]
    assert cut[2]["after"]["versions"][-1]["name"] == "Hiệu sách"


def test_a_restricted_address_leaves_its_number_and_nothing_else(registry, url):
    house = registry.house()
    since = registry.last()
    registry.restrict(house)
    withdrawn, hidden = asked(url, since=since).json()["changes"]
    assert (withdrawn["kind"], withdrawn["after"]) == ("address", None)
    assert hidden == {"number": since + 2}
    assert house not in asked(url, "/v1/snapshot").text
    registry.restrict(house, hidden=False)
    (back,) = asked(url, since=since + 2).json()["changes"]
    assert back["after"]["code"] == house


def test_a_pickup_place_is_told_as_any_address(registry, url):
    """A list of farm households would be one of persons (record 50)."""
    since = registry.last()
    told = {"hours": "Mo-Fr 16:00-16:30"}
    registry.house(kind=ObjectKind.PICKUP_POINT, attributes=told)
    registry.house(kind=ObjectKind.LETTER_BOX, attributes=told)
    changes = asked(url, since=since).json()["changes"]
    pickup, box = (one["after"]["versions"][-1] for one in changes if one["act"] == "record")
    assert (pickup["kind"], "attributes" in pickup) == ("unknown", False)
    assert (box["kind"], box["attributes"]) == ("letter_box", told)


def test_the_snapshot_is_what_all_changes_come_to(registry, url):
    answer = asked(url, "/v1/snapshot")
    first, *lines, last = map(json.loads, answer.text.splitlines())
    assert first == {"snapshot": registry.last()}
    assert answer.headers["feed-number"] == str(registry.last())
    assert last == {"end": registry.last(), "count": len(lines)}
    held = {(one["kind"], one["id"]): one["after"] for one in lines}
    assert len(held) == len(lines)
    changes, at = [], 0
    while page := asked(url, since=at, limit=5000).json()["changes"]:
        changes += page
        at = page[-1]["number"]
    assert held == replayed(changes)
    with registry.engine.connect() as connection:
        known = connection.execute(
            text("SELECT subject, told FROM addresses_told(ARRAY(SELECT id FROM address), false)")
        ).all()
    assert {key[1]: held[key] for key in held if key[0] == "address"} == dict(map(tuple, known))


def test_a_snapshot_is_packed_and_kept_until_something_changes(registry, url):
    packed = asked(url, "/v1/snapshot")
    assert packed.headers["content-encoding"] == "gzip"
    plain = httpx2.get(f"{url}/v1/snapshot", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == packed.content
    tag = {"if-none-match": packed.headers["etag"]}
    assert httpx2.get(f"{url}/v1/snapshot", headers=tag).status_code == 304
    registry.house()
    assert httpx2.get(f"{url}/v1/snapshot", headers=tag).status_code == 200


def test_a_full_page_may_be_kept_the_last_one_is_asked_for_again(registry, url):
    full = asked(url, since=0, limit=2)
    assert full.headers["cache-control"] == "public, max-age=3600"
    tail = asked(url, since=registry.last())
    assert tail.headers["cache-control"] == "public, no-cache"
    assert tail.json() == {"since": registry.last(), "next": registry.last(), "changes": []}
    assert tail.headers["feed-last"] == str(registry.last())


def test_whoever_follows_a_ward_learns_that_an_address_left_it(registry, url):
    since = registry.last()
    house = registry.house()
    registry.move_to_cua_nam(house)
    old, new = (asked(url, since=since, unit=code).json() for code in ("00070", "00082"))
    assert [one["act"] for one in old["changes"]] == ["register", "record", "move"]
    assert [one["act"] for one in new["changes"]] == ["move"]
    assert old["next"] == new["next"] == registry.last()


@pytest.mark.parametrize(
    ("unit", "as_of", "told"),
    [
        ("00070", "2026-11-01", True),
        ("00070", "2025-06-01", True),  # Hàng Trống of before July 2025 lies in it today
        ("01", "2026-11-01", True),  # Hà Nội
        ("002", "2025-06-01", True),  # quận Hoàn Kiếm
        ("00097", "2026-11-01", False),
        ("79", "2026-11-01", False),
    ],
)
def test_a_unit_is_a_ward_or_a_province_of_today_or_before(registry, url, unit, as_of, told):
    since = registry.last()
    registry.house()
    found = asked(url, since=since, unit=unit, as_of=as_of).json()
    assert bool(found["changes"]) == told
    assert found["next"] == registry.last()
    lines = asked(url, "/v1/snapshot", unit=unit, as_of=as_of).text.splitlines()
    kinds = {json.loads(line).get("kind") for line in lines[1:-1]}
    assert ("address" in kinds) == told
    assert "unit" in kinds


@pytest.mark.parametrize(
    ("query", "status", "kind"),
    [
        ("since=99999999", 409, "AheadOfFeed"),
        ("since=99999999999999999999", 422, "InvalidRequest"),
        ("since=-1", 422, "InvalidRequest"),
        ("", 422, "InvalidRequest"),
        ("since=0&limit=5001", 422, "InvalidRequest"),
        ("since=0&unit=99999", 404, "UnknownUnit"),
        ("since=0&unit=abc", 422, "InvalidRequest"),
        ("since=0&unit=1234", 404, "UnknownUnit"),
        ("since=0&from=3", 422, "InvalidRequest"),
    ],
)
def test_what_cannot_be_asked(url, query, status, kind):
    answer = httpx2.get(f"{url}/v1/changes?{query}")
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems#{kind}")


def test_a_street_that_an_act_makes_is_in_the_feed(registry, url):
    since = registry.last()
    registry.house("Ngõ Mới Mở")
    changes = asked(url, since=since).json()["changes"]
    assert [(one["kind"], one["act"]) for one in changes] == [
        ("address", "register"),
        ("street", "register"),
        ("address", "record"),
    ]
    assert changes[1]["after"]["name"] == "Ngõ Mới Mở"
