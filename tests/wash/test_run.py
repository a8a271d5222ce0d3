"""A file through the geocoder: to its end, or to the row where it was stopped and on from there."""

import csv
import stat
from contextlib import contextmanager
from datetime import date

import pyarrow as pa
import pytest
from pyarrow import parquet

from diachiso.address.errors import RunStopped, UnreadableSource
from diachiso.wash import country as country_module, run as story
from diachiso.wash.part import part_of
from diachiso.wash.run import Order

TODAY, LATER = date(2026, 11, 22), date(2026, 11, 23)
WARDS = ("Phường Hoàn Kiếm, Hà Nội", "P. Bến Nghé, Quận 1, TP.HCM", "xa tay giang, da nang")
ROWS = 350


@contextmanager
def no_bar(_label, _total, _done):
    yield lambda _more: None


@pytest.fixture
def file(tmp_path):
    written = tmp_path / "đơn.csv"
    with written.open("w", encoding="utf-8", newline="") as lines:
        table = csv.writer(lines)
        table.writerow(["mã", "địa chỉ", "label"])
        table.writerows((f"{n:04d}", f"{n} {WARDS[n % 3]}", "cũ") for n in range(ROWS))
    return written


@pytest.fixture
def wash():
    """Run a file; gives the summary and what was said."""

    def washed(file, country, *, as_of=None, today=TODAY, **options):
        said = []
        order = Order.of(file, **options)
        try:
            summary = story.run(
                order, country, as_of=as_of, today=today, jobs=1, tell=said.append, bar=no_bar
            )
        except BaseException as fault:
            fault.said = said
            raise
        return summary, said

    return washed


def rows_of(file):
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_a_file_comes_back_whole_with_columns_more(file, wash, country):
    summary, said = wash(file, country())
    output = file.with_name("đơn.diachiso.csv")
    rows = rows_of(output)
    assert [row["mã"] for row in rows] == [f"{n:04d}" for n in range(ROWS)]
    assert {row["label"] for row in rows} == {"cũ"}
    assert rows[0]["label_diachiso"].endswith("Phường Hoàn Kiếm, Thành phố Hà Nội")
    assert (rows[0]["ward_code"], rows[0]["ward"]) == ("00070", "Phường Hoàn Kiếm")
    assert (rows[1]["former_ward"], rows[1]["former_district"]) == ("Phường Bến Nghé", "Quận 1")
    assert summary.rows == ROWS == summary.levels.total() == summary.bands.total()
    assert said == []
    assert {one.name for one in file.parent.iterdir()} == {output.name, file.name}


def test_bad_rows_cost_nobody_but_themselves(tmp_path, wash, country, monkeypatch):
    geocode = country_module.geocode

    def stumbling(query, gazetteer):
        if "hố" in query.text:
            raise LookupError(query.text)
        return geocode(query, gazetteer)

    monkeypatch.setattr(country_module, "geocode", stumbling)
    file = tmp_path / "a.csv"
    long = "x" * 10_001
    file.write_text(
        f'id,địa chỉ\n1,{WARDS[0]!r}\n2,\n3,{long}\n4,"hố, Hà Nội"\n\n5,a,b\n6,"{WARDS[1]}"\n'
        .replace("'", '"'), "utf-8",
    )  # fmt: skip
    summary, _ = wash(file, country())
    errors = [row["error"] for row in rows_of(tmp_path / "a.diachiso.csv")]
    for error, told in zip(
        errors, ["", "empty", "longer than", "LookupError", "3 cells", ""], strict=True
    ):
        assert told in error
        assert bool(told) == bool(error)
    assert (summary.errors.total(), summary.blank, summary.levels.total()) == (4, 1, 2)
    told = "\n".join(summary.lines())
    assert "ward 2" in told
    assert "1 × ô địa chỉ trống / the address is empty" in told
    assert "hố" not in told


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), RunStopped("killed"), SystemExit(0)])
def test_a_run_that_was_stopped_goes_on_where_it_stopped(file, wash, country, fault):
    output = file.with_name("một lần.csv")
    wash(file, country(), output=output)
    with pytest.raises(type(fault)) as stopped:
        wash(file, country(breaks_at=2, fault=fault))
    told = stopped.value.said[-1]
    target = file.with_name("đơn.diachiso.csv")
    part = part_of(target)
    assert "Stopped at row 200 of 350" in told
    assert str(part) in told
    assert not target.exists()
    assert stat.S_IMODE(part.stat().st_mode) == 0o600
    again = country()
    _, said = wash(file, again)
    assert said == ["Tiếp tục từ dòng 201/350. / Going on from row 201 of 350."]
    assert again.asked == 2
    assert target.read_bytes() == output.read_bytes()
    assert not part.exists()


def test_a_line_that_a_crash_cut_short_is_asked_again(file, wash, country):
    with pytest.raises(RunStopped):
        wash(file, country(breaks_at=2, fault=RunStopped("killed")))
    part = part_of(file.with_name("đơn.diachiso.csv"))
    part.write_bytes(part.read_bytes()[:-20])
    _, said = wash(file, country())
    assert "row 200 of 350" in said[0]
    assert len(rows_of(file.with_name("đơn.diachiso.csv"))) == ROWS


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("input", "tệp vào / the input"),
        ("columns", "cột / the columns"),
        ("day", "ngày / the day"),
        ("edition", "dữ liệu / the data"),
    ],
)
def test_a_part_of_something_else_is_begun_anew(file, wash, country, change, told):
    with pytest.raises(RunStopped):
        wash(file, country(breaks_at=1, fault=RunStopped("killed")))
    if change == "input":
        file.write_bytes(file.read_bytes() + b"x,y,z\n")
    columns = ["2"] if change != "columns" else ["2", "1"]
    _, said = wash(
        file,
        country(edition="2" if change == "edition" else "1"),
        columns=columns,
        as_of=LATER if change == "day" else None,
    )
    assert said == [f"Làm lại từ đầu, vì đã khác: {told}. / Begun anew: these differ."]
    assert not part_of(file.with_name("đơn.diachiso.csv")).exists()


def test_a_run_over_midnight_keeps_its_day(file, wash, country):
    with pytest.raises(RunStopped):
        wash(file, country(breaks_at=1, fault=RunStopped("killed")))
    _, said = wash(file, country(), today=LATER)
    assert "Going on" in said[0]


def test_two_runs_do_not_write_the_same_part(file, wash, country):
    refused = []

    class First:
        edition = "1"

        def washing(self, _as_of):
            with pytest.raises(UnreadableSource) as second:
                wash(file, country())
            refused.append(str(second.value))
            raise RunStopped("enough")

    with pytest.raises(RunStopped):
        wash(file, First())
    assert "another run is at work" in refused[0]


def test_the_input_and_what_is_there_are_not_written_over(file, wash, country):
    with pytest.raises(UnreadableSource, match="never written over"):
        Order.of(file, output=file, overwrite=True)
    target = file.with_name("đơn.diachiso.csv")
    target.write_text("mine", "utf-8")
    with pytest.raises(UnreadableSource, match="is there already"):
        Order.of(file)
    assert target.read_text("utf-8") == "mine"
    wash(file, country(), overwrite=True)
    assert len(rows_of(target)) == ROWS


def test_a_full_disk_is_a_sentence_and_the_part_is_kept(file, wash, country):
    fault = OSError(28, "No space left on device")
    with pytest.raises(UnreadableSource, match="No space left"):
        wash(file, country(breaks_at=2, fault=fault))
    assert part_of(file.with_name("đơn.diachiso.csv")).exists()


def test_parquet_comes_back_as_parquet(tmp_path, wash, country):
    file = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"receiver_address": [WARDS[0], None], "n": [1, 2]}), file)
    wash(file, country())
    rows = parquet.read_table(tmp_path / "a.diachiso.parquet").to_pylist()
    assert (rows[0]["n"], rows[0]["ward_code"], rows[0]["error"]) == (1, "00070", None)
    assert (rows[1]["ward_code"], rows[1]["confidence"]) == (None, None)
    assert "empty" in rows[1]["error"]
