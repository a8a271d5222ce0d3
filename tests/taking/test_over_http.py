"""Files over HTTP: sent in, confirmed, tried, taken in, given back; gone on with after a stop."""

import random
import time
from contextlib import contextmanager

import pytest
from fastapi.testclient import TestClient
from python_calamine import CalamineWorkbook
from sqlalchemy import text

from diachiso.registry.officer import Act
from diachiso.settings import Settings
from diachiso.store.engine import transaction
from diachiso.store.keys import issue_key
from diachiso.taking.uploads import Uploads
from diachiso.terminal import service
from diachiso.web.app import create_app

INTAKES = "/v1/registry/intakes"
FATES = """
    SELECT r.row, r.fate, r.faults FROM intake_row AS r JOIN intake AS i ON i.id = r.intake_id
    WHERE NOT i.trial ORDER BY r.row
"""


class Desk:
    """A service at work, as one officer calls it."""

    def __init__(self, client, key):
        self.client, self.headers = client, {"authorization": f"Bearer {key}"}

    def call(self, method, path="", status=200, **more):
        answer = self.client.request(method, f"{INTAKES}{path}", headers=self.headers, **more)
        assert answer.status_code == status, answer.text
        return answer

    def send(self, name, content, status=201):
        return self.call("POST", status=status, params={"name": name}, content=content).json()

    def run(self, mark, **form):
        return self.call("POST", f"/{mark}/run", 202, json=form).json()

    def until(self, mark, *states):
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            told = self.call("GET", f"/{mark}").json()
            if told["state"] in states:
                return told
            time.sleep(0.1)
        raise AssertionError(told)


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home", intake_megabytes=1)


@pytest.fixture
def key(hall):
    def of(officer, acts=tuple(Act)):
        with transaction(hall.engine) as writer:
            return issue_key(writer, officer, "desk", acts)

    return of


@pytest.fixture
def opened(hall, settings):
    """A service from its beginning to its end."""

    @contextmanager
    def at_work(key):
        with (
            service(hall.engine) as engine,
            TestClient(create_app(settings, engine)) as client,
        ):
            yield Desk(client, key)

    return at_work


@pytest.fixture
def many(planted, squares, tmp_path):
    """More rows than a chunk or two, as bytes, with faults in them."""
    plan = planted.Plan(squares, random.Random(5))
    rows = planted.houses(squares, 3_300, random.Random(6))
    planted.write_csv(tmp_path / "many.csv", planted.planted(plan, rows, 3_300, 0.05))
    return (tmp_path / "many.csv").read_bytes()


def rows_of(hall):
    with hall.engine.connect() as reader:
        return reader.execute(text(FATES)).all()


def counted(hall, table):
    with hall.engine.connect() as reader:
        return reader.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608


def houses(ward, *numbers):
    lines = ["Số nhà,Tên đường,Kinh độ,Vĩ độ"]
    lines += [f"{n},{ward.streets[0]},{ward.west + 0.01},{ward.latitude(0)}" for n in numbers]
    return "\n".join(lines).encode()


def test_a_file_is_sent_in_confirmed_tried_taken_in_and_given_back(hall, opened, key, squares):
    ward = squares[0]
    with opened(key(hall.clerk)) as desk:
        sent = desk.send("Sổ nhà.csv", houses(ward, "12", "không rõ"))
        assert sent["state"] == "sent"
        assert sent["columns"] == ["Số nhà", "Tên đường", "Kinh độ", "Vĩ độ"]
        assert sent["mapping"] == {"number": 0, "street": 1, "lon": 2, "lat": 3}
        assert {"field": "number", "label": "Số nhà / house number"} in sent["fields"]
        assert sent["sample"][0][:2] == ["12", ward.streets[0]]
        mark = sent["id"]
        desk.run(mark, dry_run=True, ward=ward.code)
        tried = desk.until(mark, "done", "failed")
        assert (tried["dry_run"], tried["done"], tried["total"]) == (True, 2, 2)
        assert [(one["fate"], one["rows"]) for one in tried["fates"]] == [
            ("fit", 1),
            ("left_out", 1),
        ]
        assert counted(hall, "address") == 0
        asked = desk.run(mark, dry_run=False, ward=ward.code, mapping=sent["mapping"], record=True)
        assert asked["marked"] is None
        done = desk.until(mark, "done", "failed")
        assert done["state"] == "done", done["fault"]
        assert {(one["fate"], one["rows"]) for one in done["fates"]} == {
            ("recorded", 1), ("left_out", 1),
        }  # fmt: skip
        assert [one["rule"] for one in done["rules"]] == ["number_unreadable"]
        (row,) = desk.call("GET", f"/{mark}/rows").json()["rows"]
        assert (row["row"], row["faults"][0]["field"]) == (2, "number")
        back = desk.call("GET", f"/{mark}/marked")
        assert "checked.csv" in back.headers["content-disposition"]
        assert "[number_unreadable]" in back.content.decode("utf-8-sig")
        again = desk.run(mark, dry_run=False, ward=ward.code, mapping=sent["mapping"], record=True)
        assert again["taken_in_before"]
        assert desk.until(mark, "done")["done"] == 2
        assert counted(hall, "address") == 1
        assert [one["id"] for one in desk.call("GET").json()["intakes"]] == [mark]
        desk.call("DELETE", f"/{mark}", 204)
        desk.call("GET", f"/{mark}", 404)
    with hall.engine.connect() as reader:
        origins = reader.scalars(text("SELECT DISTINCT body ->> 'origin' FROM ledger")).all()
    assert any(origin.startswith("intake key ") for origin in origins), origins


def test_a_run_goes_on_when_the_service_is_opened_again(hall, opened, key, many, squares):
    secret = key(hall.agent)
    with opened(secret) as desk:
        sent = desk.send("many.csv", many)
        desk.run(sent["id"], dry_run=False, province="01", mapping=sent["mapping"])
        deadline = time.monotonic() + 120
        while desk.call("GET", f"/{sent['id']}").json()["done"] == 0:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    stopped = counted(hall, "intake_row")
    assert 0 < stopped < 3_300
    with opened(secret) as desk:
        told = desk.until(sent["id"], "done", "failed")
    assert told["state"] == "done", told
    assert (told["done"], told["total"]) == (3_300, 3_300)
    assert [row.row for row in rows_of(hall)] == list(range(1, 3_301))
    taken = sum(row.fate == "drafted" for row in rows_of(hall))
    assert counted(hall, "address") == taken > 3_000


def test_a_workbook_comes_back_as_one_with_its_faults_marked(hall, opened, key, squares, tmp_path):
    xlsxwriter = pytest.importorskip("xlsxwriter")
    ward = squares[0]
    with xlsxwriter.Workbook(tmp_path / "so.xlsx") as book:
        for name in ("Sổ 1", "Sổ 2"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ("Số nhà", "Đường", "Kinh độ", "Vĩ độ"))
            sheet.write_row(1, 0, ("không rõ", f"Phố {name}", ward.west + 0.01, ward.latitude(0)))
    with opened(key(hall.clerk)) as desk:
        sent = desk.send("so.xlsx", (tmp_path / "so.xlsx").read_bytes())
        assert (sent["sheets"], sent["sheet"]) == (["Sổ 1", "Sổ 2"], "Sổ 1")
        second = desk.call("GET", f"/{sent['id']}", params={"sheet": "Sổ 2"}).json()
        assert second["sample"][0][1] == "Phố Sổ 2"
        desk.run(sent["id"], dry_run=True, ward=ward.code, sheet="Sổ 2")
        assert desk.until(sent["id"], "done", "failed")["state"] == "done"
        (tmp_path / "back.xlsx").write_bytes(desk.call("GET", f"/{sent['id']}/marked").content)
    back = CalamineWorkbook.from_path(tmp_path / "back.xlsx").get_sheet_by_name("Dòng - Rows")
    rows = back.to_python()
    assert "[number_unreadable]" in rows[1][6], rows


def test_only_those_who_may_enter_addresses_send_files_in_and_see_their_own(
    hall, opened, key, squares
):
    ward = squares[0]
    with opened(key(hall.clerk)) as desk:
        nobody = desk.client.post(INTAKES, params={"name": "a.csv"}, content=b"x")
        assert nobody.status_code == 401
        sent = desk.send("a.csv", houses(ward, 12))
        other = Desk(desk.client, key(hall.agent))
        assert other.call("GET").json() == {"intakes": []}
        for method, path in (("GET", ""), ("GET", "/rows"), ("GET", "/marked"), ("DELETE", "")):
            other.call(method, f"/{sent['id']}{path}", 404)
        reader = Desk(desk.client, key(hall.clerk, (Act.READ_RESTRICTED,)))
        reader.send("b.csv", houses(ward, 14), status=403)
        only_drafts = Desk(desk.client, key(hall.clerk, (Act.REGISTER,)))
        form = {"dry_run": False, "ward": ward.code, "mapping": sent["mapping"], "record": True}
        only_drafts.call("POST", f"/{sent['id']}/run", 403, json=form)
        form["ward"] = squares[1].code
        told = desk.call("POST", f"/{sent['id']}/run", 403, json=form).json()
        assert "không phụ trách" in told["detail_vi"]


def test_what_cannot_be_taken_is_told_without_a_path_of_the_server(hall, opened, key, settings):
    with opened(key(hall.clerk)) as desk:
        for name, content in (
            ("a.exe", b"x"), ("../../a.csv", b""), ("a.xlsx", b"no workbook"),
            ("a.gpkg", b"<OGRVRTDataSource></OGRVRTDataSource>"), ("a.ods", b"PK"),
            ("a.csv", b"x" * 1_000_001), ("a.parquet", b"PAR1"), ("", b"x"),
        ):  # fmt: skip
            told = desk.send(name, content, status=422)
            assert told["detail_vi"], name
            assert str(settings.home) not in str(told), name
        assert Uploads(settings.home).all() == []
        sent = desk.send("metres.csv", "số nhà,đường,X,Y\n1,Phố A,2325411,586843".encode())
        assert sent["needs_crs"]
        assert "EPSG:5897" in sent["zones"]
        told = desk.call(
            "POST", f"/{sent['id']}/run", 422, json={"dry_run": True, "ward": "00070"}
        ).json()
        assert told["missing"] == ["crs"]
        form = {"dry_run": False, "ward": "00070"}
        told = desk.call("POST", f"/{sent['id']}/run", 422, json=form).json()
        assert told["missing"] == ["mapping"]
        form["mapping"] = {"number": 99, "x": 0, "y": 1}
        desk.call("POST", f"/{sent['id']}/run", 422, json=form | {"crs": "EPSG:5897"})
        assert counted(hall, "intake") == 0


def test_files_are_kept_for_their_days_and_readable_by_their_owner_alone(
    hall, opened, key, settings, squares
):
    uploads = Uploads(settings.home)
    with opened(key(hall.clerk)) as desk:
        sent = desk.send("a.csv", houses(squares[0], 12))
    (upload,) = uploads.all()
    assert upload.id == sent["id"]
    for one in (
        settings.home / "intakes",
        upload.folder,
        upload.file,
        upload.folder / "order.json",
    ):
        assert one.stat().st_mode & 0o077 == 0, one
    assert uploads.purge(days=1) == 0
    assert uploads.purge(days=0) == 1
    assert uploads.all() == []
