"""Streets: ways of one name that lie together, with their other and former names."""

from datetime import date, timedelta

import pytest
from shapely import LineString
from sqlalchemy import text

from diachiso.address.record import StreetRef
from diachiso.store.books import PostgisBooks
from diachiso.store.history import Source
from diachiso.store.streets import (
    Way,
    called_on,
    clusters,
    load_streets,
    names_of,
    next_naming,
    spoken_key,
)

OSM = Source("streets.geojson", "", "ab" * 32, "ODbL-1.0", "© OpenStreetMap contributors")


def line(lon, lat, length=0.002):
    return LineString([(lon, lat), (lon + length, lat)])


@pytest.fixture
def load(writer):
    def loaded(*ways):
        return load_streets(
            writer, [Way(n, name, "residential", at) for n, (name, at) in enumerate(ways)], OSM
        )

    return loaded


def streets(reader):
    return reader.scalars(text("SELECT name FROM street ORDER BY name")).all()


def test_ways_of_one_name_that_lie_together_are_one_street(load, writer):
    assert load(("Phố Huế", line(105.85, 21.0)), ("Phố Huế", line(105.855, 21.0))) == {
        "streets": 1,
        "ways": 2,
    }
    assert streets(writer) == ["Phố Huế"]


def test_namesakes_across_the_city_are_two_streets(load, writer):
    load(("Đường Láng", line(105.80, 21.0)), ("Đường Láng", line(105.90, 21.0)))
    assert streets(writer) == ["Đường Láng"] * 2


def test_alleys_of_one_number_part_sooner_than_streets(load, writer):
    load(("Ngõ 12", line(105.85, 21.0)), ("Ngõ 12", line(105.858, 21.0)))
    assert streets(writer) == ["Ngõ 12"] * 2


def test_diacritics_part_two_streets(load, writer):
    load(("Phố Hàng Giấy", line(105.85, 21.0)), ("Phố Hàng Giầy", line(105.85, 21.001)))
    assert len(streets(writer)) == 2


def test_the_kind_does_not(load, writer):
    load(("Phố Trần Phú", line(105.85, 21.0)), ("Đường Trần Phú", line(105.852, 21.0)))
    assert len(streets(writer)) == 1
    assert spoken_key("Phố Trần Phú") == spoken_key("Đường Trần Phú")


def test_a_second_load_finds_the_same_streets_again(load, writer):
    way = ("Phố Huế", line(105.85, 21.0))
    load(way)
    load(way)
    assert streets(writer) == ["Phố Huế"]
    ways = writer.scalars(text("SELECT upper_inf(recorded) FROM street_way ORDER BY id"))
    assert ways.all() == [False, True], "its course is superseded, not doubled"


def test_other_and_former_names_are_kept_once(writer):
    rue = Way(1, "Phố Tràng Thi", "secondary", line(105.85, 21.0), "Tràng Thi", "Rue Borgnis")
    load_streets(writer, [rue], OSM)
    load_streets(writer, [rue], OSM)
    assert list(names_of(writer).values()) == [("Tràng Thi", "Rue Borgnis")]


def test_a_chain_of_near_ways_is_one_group():
    chain = [line(105.80 + n * 0.01, 21.0) for n in range(6)]
    assert [list(group) for group in clusters("Phố Huế", chain)] == [[0, 1, 2, 3, 4, 5]]
    assert len(clusters("Phố Huế", chain[::3])) == 2


def test_a_street_that_is_renamed_from_a_later_day_on_is_called_as_before_until_then(load, writer):
    load(("Phố Huế", line(105.85, 21.0)), ("Phố Hàng Bài", line(105.85, 21.01)))
    old = writer.scalar(text("SELECT id FROM street WHERE name = 'Phố Huế'"))
    day = date(2027, 1, 1)
    new = PostgisBooks(writer).renamed_street(StreetRef(old, "Phố Huế"), "Phố Mới", day, None)
    eve = day - timedelta(days=1)
    assert set(called_on(writer, eve).values()) == {"Phố Huế", "Phố Hàng Bài"}
    assert called_on(writer, day)[new.id] == "Phố Mới"
    assert (next_naming(writer, eve), next_naming(writer, day)) == (day, None)
