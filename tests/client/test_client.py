"""The client: against the town's service for what it reads, against a feigned one for patience."""

import dataclasses
import json
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx2
import pytest

import diachiso.client
from diachiso.client import (
    Address,
    Answer,
    Broken,
    CallFailed,
    Client,
    Patience,
    Problem,
    Unreachable,
)

HOUSE = "2 Phố Hàng Trống, Hoàn Kiếm, Hà Nội"
EVE = date(2025, 6, 30)


@pytest.fixture
def registry(served):
    with Client(served, batch=2) as registry:
        yield registry


def test_texts_of_any_number_come_back_in_their_order(registry):
    texts = ((f"nhà-{at}", HOUSE) for at in range(5))
    results = list(registry.geocode_many(texts))
    assert [one.id for one in results] == [f"nhà-{at}" for at in range(5)]
    best = results[4].best
    assert best.ward.code == "00070"
    assert best.former_ward.full_name == "Phường Hàng Trống"
    assert best.code
    assert best.point.lon == pytest.approx(105.8511)
    assert [one.id for one in registry.geocode_many([HOUSE, "xyzzy", HOUSE])] == ["0", "1", "2"]


def test_results_are_asked_for_as_they_are_read(registry):
    read = []
    texts = (read.append(at) or HOUSE for at in range(100))
    next(registry.geocode_many(texts))
    assert len(read) == 2


def test_what_is_answered_cannot_be_changed(registry):
    (answer, *_) = registry.geocode(HOUSE, limit=1)
    assert isinstance(answer, Answer)
    with pytest.raises(dataclasses.FrozenInstanceError):
        answer.label = "khác"
    with pytest.raises(TypeError):
        answer.told["label"] = "khác"
    assert isinstance(hash(answer.ward), int)


def test_everything_that_anybody_may_ask(registry):
    found = registry.find("21.022, 105.8511")
    assert found.taken_for == "position"
    door = found.places[0]
    assert isinstance(door, Address)
    assert registry.find(HOUSE).places[0].code == door.code
    assert registry.address(door.code).label.startswith("2 Phố Hàng Trống")
    assert registry.address(door.code, as_of=date(2026, 8, 15)).ward.code == "00070"
    assert registry.reverse(105.8511, 21.022)[0].code == door.code
    assert registry.reverse(105.8511, 21.022, as_of=EVE)[-1].ward.full_name == "Phường Hàng Trống"
    assert [one.unit.code for one in registry.convert("00070")][:1] == ["00070"]
    assert registry.autocomplete("hang tr")[0].text == "Phố Hàng Trống"
    (parts,) = registry.parse_many([HOUSE])
    assert parts.parts["street"] == "Phố Hàng Trống"


def test_a_report_is_sent_and_followed(registry):
    code = registry.find(HOUSE).places[0].code
    receipt = registry.report("number", code=code, proposed={"number": "2C"})
    told = registry.report_told(receipt.token)
    assert (told.wrong, told.state) == ("number", "open")


def test_changes_come_page_by_page_and_a_snapshot_whole(registry):
    changes = list(registry.changes(0, page=500))
    numbers = [one.number for one in changes]
    assert numbers == list(range(1, len(numbers) + 1))
    with registry.snapshot() as taken:
        entries = list(taken.entries)
    assert taken.number == numbers[-1]
    assert {one.kind for one in entries} == {"unit", "street", "address"}


def test_what_the_registry_refuses_is_told_by_its_kind(registry):
    with pytest.raises(Problem) as refused:
        registry.address("00000-00000")
    assert (refused.value.kind, refused.value.status) == ("UnknownCode", 404)
    assert refused.value.told["one_slip_away"] == []
    with pytest.raises(Problem) as refused, registry.snapshot(unit="99999"):
        pass
    assert refused.value.kind == "UnknownUnit"


# -- patience ------------------------------------------------------------------------------------


@pytest.fixture
def feigned():
    """A client of a service that answers from a list; what it waited, and what it was asked."""

    def feigned(*answers, **more):
        left, waited, asked = list(answers), [], []

        def handle(request):
            asked.append(request)
            answer = left.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        http = httpx2.Client(base_url="http://registry", transport=httpx2.MockTransport(handle))
        return Client("", http=http, sleep=waited.append, **more), waited, asked

    return feigned


def refusal(status, **headers):
    return httpx2.Response(status, headers=headers, json={"type": "/problems#TooMany"})


OK = {"suggestions": []}


def test_what_may_pass_is_tried_again_after_longer_and_longer_waits(feigned):
    client, waited, asked = feigned(
        httpx2.ConnectError("no"), refusal(503), refusal(502), httpx2.Response(200, json=OK)
    )
    assert client.autocomplete("hang") == ()
    assert len(asked) == 4
    for wait, most in zip(waited, (0.5, 1, 2), strict=True):
        assert most / 2 <= wait <= most


@pytest.mark.parametrize("seconds", [3, 17])
def test_what_the_registry_asks_for_is_waited_for(feigned, seconds):
    client, waited, _ = feigned(
        refusal(429, **{"retry-after": str(seconds)}), httpx2.Response(200, json=OK)
    )
    client.autocomplete("hang")
    assert waited == [seconds]


def test_a_date_to_wait_for_is_understood_too(feigned):
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    client, waited, _ = feigned(
        refusal(503, **{"retry-after": then}), httpx2.Response(200, json=OK)
    )
    client.autocomplete("hang")
    assert 15 < waited[0] <= 20


def test_patience_ends(feigned):
    client, waited, _ = feigned(*[refusal(429)] * 3, patience=Patience(times=2))
    with pytest.raises(Problem) as refused:
        client.autocomplete("hang")
    assert refused.value.status == 429
    assert len(waited) == 2
    client, waited, _ = feigned(refusal(429, **{"retry-after": "3600"}))
    with pytest.raises(Problem):
        client.autocomplete("hang")
    assert waited == []
    client, _, _ = feigned(*[httpx2.ReadTimeout("slow")] * 2, patience=Patience(times=1))
    with pytest.raises(Unreachable):
        client.autocomplete("hang")


@pytest.mark.parametrize("status", [400, 404, 422, 500])
def test_what_is_wrong_is_told_at_once(feigned, status):
    client, waited, _ = feigned(refusal(status))
    with pytest.raises(Problem):
        client.autocomplete("hang")
    assert waited == []


def test_a_report_is_never_sent_twice(feigned):
    client, _, asked = feigned(httpx2.ReadTimeout("slow"))
    with pytest.raises(Unreachable):
        client.report("gone", code="1102458317")
    assert len(asked) == 1
    client, _, asked = feigned(refusal(503))
    with pytest.raises(Problem):
        client.report("gone", code="1102458317")
    assert len(asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(200, text="<html>"),
        httpx2.Response(200, json={"results": []}),
    ],
)
def test_what_is_no_answer_of_the_registry_is_told(feigned, answer):
    client, _, _ = feigned(answer)
    with pytest.raises(Broken):
        list(client.geocode_many(["a"]))


ENTRY = {"kind": "unit", "id": 1, "number": 1, "after": {}}


@pytest.mark.parametrize(
    "lines",
    [[], [{"snapshot": 1}], [{"snapshot": 1}, ENTRY], [{"snapshot": 1}, {"end": 1, "count": 2}]],
)
def test_a_snapshot_that_was_cut_off_is_found_out(feigned, lines):
    body = "\n".join(map(json.dumps, lines))
    client, _, _ = feigned(httpx2.Response(200, text=body))
    with pytest.raises(Broken), client.snapshot() as taken:
        list(taken.entries)


def test_a_gateway_that_answers_html_is_told_by_its_status(feigned):
    client, _, _ = feigned(httpx2.Response(403, text="<html>"))
    with pytest.raises(CallFailed, match="403"):
        client.autocomplete("hang")


def test_a_key_is_sent_and_a_batch_has_its_bounds(served):
    with pytest.raises(ValueError, match="batch"):
        Client(served, batch=1001)
    with Client(served, key="dcs_nothing") as registry, pytest.raises(Problem) as refused:
        registry._get("/v1/me")  # noqa: SLF001 (what needs a key has no method of its own)
    assert refused.value.kind == "SignInRefused"


# -- alone ---------------------------------------------------------------------------------------

ALONE = """
import sys
import diachiso.client
ours = sorted(name for name in sys.modules if name.startswith("diachiso"))
heavy = {"sqlalchemy", "fastapi", "pyproj", "shapely", "pydantic", "orjson"} & set(sys.modules)
assert all(name == "diachiso" or name.startswith("diachiso.client") for name in ours), ours
assert not heavy, heavy
print(diachiso.client.__file__)
"""


def test_it_runs_without_the_rest_of_the_program(tmp_path):
    folder = Path(diachiso.client.__file__).parent
    shutil.copytree(folder, tmp_path / "diachiso" / "client")
    (tmp_path / "diachiso" / "__init__.py").touch()
    ran = subprocess.run(  # noqa: S603 (our own words)
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{ALONE}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert str(tmp_path) in ran.stdout
