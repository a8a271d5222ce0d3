"""Which ward holds a point: squares of land, read once and kept."""

from datetime import date

import pytest

from diachiso.address.division import Level, UnitKey
from diachiso.store import land
from diachiso.store.engine import IN_MEMORY_ONLY, NotInMemory, reading
from diachiso.store.land import SIDE, Lands

HOAN_KIEM = UnitKey(Level.WARD, "00070", former=False)
HANG_TRONG = UnitKey(Level.WARD, "00070", former=True)
HERE, ELSEWHERE = (105.852, 21.03), (105.852 + SIDE, 21.03)
EVE = date(2025, 6, 30)


@pytest.fixture
def lands():
    return Lands()


@pytest.fixture
def reader(town):
    with reading(town) as reader:
        yield reader


def test_a_square_is_read_once_for_all_days(lands, reader, today):
    with pytest.raises(NotInMemory):
        lands.wards_at([HERE], today, IN_MEMORY_ONLY)
    assert lands.wards_at([HERE], today, reader) == [HOAN_KIEM]
    assert lands.wards_at([HERE], EVE, IN_MEMORY_ONLY) == [HANG_TRONG]
    assert lands.wards_at([HERE], date(1990, 1, 1), IN_MEMORY_ONLY) == [None]
    with pytest.raises(NotInMemory):
        lands.wards_at([HERE, ELSEWHERE], today, IN_MEMORY_ONLY)


def test_many_points_are_told_in_their_order_as_one_by_one(lands, reader, today):
    points = [(105.84 + n * 7 % 31 / 1000, 21.0 + n * 5 % 37 / 1000) for n in range(200)]
    points += [(0.0, 0.0), (-179.9999, -89.9999), (180.0, 90.0)]
    together = lands.wards_at(points, today, reader)
    assert together == [lands.wards_at([point], today, reader)[0] for point in points]
    assert len(set(together)) > 3
    assert list(lands.wards_at([], today, IN_MEMORY_ONLY)) == []


def test_points_on_the_edges_of_squares_are_within_them(lands, reader, today):
    east, north = HERE[0] // SIDE * SIDE, HERE[1] // SIDE * SIDE
    for lon in (east, east + SIDE):
        for lat in (north, north + SIDE):
            row = reader.exec_driver_sql(
                "SELECT u.code FROM unit_boundary AS b JOIN unit AS u ON u.id = b.unit_id"
                " WHERE upper_inf(b.recorded) AND u.level = 'ward' AND b.valid @> %s::date"
                " AND ST_Intersects(b.geom, ST_SetSRID(ST_MakePoint(%s, %s), 4326))"
                " ORDER BY u.code LIMIT 1",
                (today, lon, lat),
            ).one_or_none()
            (ward,) = lands.wards_at([(lon, lat)], today, reader)
            assert (ward and ward.code) == (row and row.code)


def test_the_square_read_first_goes_first(lands, reader, today, monkeypatch):
    monkeypatch.setattr(land, "SQUARES_KEPT", 2)
    for n in range(3):
        lands.wards_at([(HERE[0] + n * SIDE, HERE[1])], today, reader)
    with pytest.raises(NotInMemory):
        lands.wards_at([HERE], today, IN_MEMORY_ONLY)
    lands.wards_at([ELSEWHERE], today, IN_MEMORY_ONLY)
