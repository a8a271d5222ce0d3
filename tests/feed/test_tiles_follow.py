"""Tiles in memory follow the feed: what changed is drawn again, what did not is not."""

from datetime import date

import mapbox_vector_tile
import pytest

from diachiso.address.position import Position, PositionKind
from diachiso.address.quad import Grid, Tile, tile_at
from diachiso.address.record import Details, Spot
from diachiso.address.today import today
from diachiso.registry.register import register
from diachiso.store import tile_cache
from diachiso.store.engine import reading, transaction
from diachiso.store.history import note_edition
from diachiso.store.tile_cache import TileCache, tiles_at
from diachiso.store.tiles import Atlas, Layer
from diachiso.terminal import service

MB = 1_000_000
HOAN_KIEM, CUA_NAM = (105.8511, 21.0327), (105.8451, 21.0325)
ELSEWHERE = (105.8511, 21.0230)
NEAR, FAR = 16, 8


@pytest.fixture
def cache(registry, monkeypatch):
    monkeypatch.setattr(tile_cache, "LOOK_AGAIN_S", -1.0)  # look every time
    with service(registry.engine) as engine:
        yield TileCache(engine, Atlas(), MB)


def properties(drawn):
    layers = mapbox_vector_tile.decode(drawn.content) if drawn.packed else {}
    return [one["properties"] for one in layers.get("addresses", {"features": []})["features"]]


def codes(cache, spot, z=NEAR):
    drawn = cache.tile(Layer.ADDRESSES, today(), tile_at(*spot, z))
    return {one["code"] for one in properties(drawn)}


def counted(cache, spot, z=FAR):
    drawn = cache.tile(Layer.ADDRESSES, today(), tile_at(*spot, z))
    return sum(one["count"] for one in properties(drawn))


def test_a_new_house_is_in_its_tiles_and_other_tiles_stay_as_they_are(registry, cache):
    elsewhere = tile_at(*ELSEWHERE, NEAR)
    before = counted(cache, HOAN_KIEM)
    kept = cache.tile(Layer.ADDRESSES, today(), elsewhere)
    wards = cache.tile(Layer.WARDS, today(), tile_at(*HOAN_KIEM, NEAR))
    codes(cache, HOAN_KIEM)
    code = registry.house()
    assert code in codes(cache, HOAN_KIEM)
    assert counted(cache, HOAN_KIEM) == before + 1
    assert cache.tile(Layer.ADDRESSES, today(), elsewhere) is kept
    assert cache.tile(Layer.WARDS, today(), tile_at(*HOAN_KIEM, NEAR)) is wards


def test_a_house_that_moved_leaves_one_tile_for_the_other(registry, cache):
    code = registry.house()
    assert code in codes(cache, HOAN_KIEM)
    assert code not in codes(cache, CUA_NAM)
    total = counted(cache, HOAN_KIEM)
    registry.move_to_cua_nam(code)
    assert code not in codes(cache, HOAN_KIEM)
    assert code in codes(cache, CUA_NAM)
    assert counted(cache, HOAN_KIEM) == total


def test_a_restricted_house_is_in_no_tile_and_no_count(registry, cache):
    code = registry.house()
    total = counted(cache, HOAN_KIEM)
    assert code in codes(cache, HOAN_KIEM)
    registry.restrict(code)
    assert code not in codes(cache, HOAN_KIEM)
    assert counted(cache, HOAN_KIEM) == total - 1
    registry.restrict(code, hidden=False)
    assert code in codes(cache, HOAN_KIEM)
    assert counted(cache, HOAN_KIEM) == total


def test_a_draft_is_in_no_tile(registry, cache):
    before = codes(cache, HOAN_KIEM), counted(cache, HOAN_KIEM)
    with registry.desk() as (books, by):
        spot = Spot(Position(*HOAN_KIEM), PositionKind.ENTRANCE)
        ward = books.ward_at(spot.position, today())
        register(books, Details(ward, (spot,), name="Nhà mới"), by, today())
    assert (codes(cache, HOAN_KIEM), counted(cache, HOAN_KIEM)) == before


def test_what_was_drawn_while_something_changed_is_not_kept(registry, cache, monkeypatch):
    place = tile_at(*HOAN_KIEM, NEAR)
    plain, added = tile_cache.draw, []

    def slow(*arguments):
        drawn = plain(*arguments)  # from a snapshot that lacks the house
        if not added:
            added.append(registry.house())
            cache._look()  # noqa: SLF001 (another request, meanwhile)
        return drawn

    codes(cache, HOAN_KIEM)
    registry.name(registry.house(), "x")  # so that the tile is drawn again
    monkeypatch.setattr(tile_cache, "draw", slow)
    stale = cache.tile(Layer.ADDRESSES, today(), place)
    assert added[0] not in {one["code"] for one in properties(stale)}
    assert added[0] in codes(cache, HOAN_KIEM)


def test_many_changes_at_once_let_all_tiles_of_addresses_go(registry, cache, monkeypatch):
    monkeypatch.setattr(tile_cache, "WORTH_FOLLOWING", 0)
    codes(cache, HOAN_KIEM)
    before = counted(cache, HOAN_KIEM)
    code = registry.house()
    assert code in codes(cache, HOAN_KIEM)
    assert counted(cache, HOAN_KIEM) == before + 1


def test_a_new_edition_lets_every_tile_go(registry, cache):
    place = tile_at(*HOAN_KIEM, NEAR)
    wards = cache.tile(Layer.WARDS, today(), place)
    with transaction(registry.engine) as writer:
        note_edition(writer, "a load", "1", {})
    again = cache.tile(Layer.WARDS, today(), place)
    assert again is not wards
    assert again == wards


def test_a_tile_at_hand_was_looked_at_a_moment_ago(registry, cache, monkeypatch):
    place = tile_at(*HOAN_KIEM, NEAR)
    drawn = cache.tile(Layer.WARDS, today(), place)
    assert cache.at_hand(Layer.WARDS, today(), place) is None  # each time, in this test
    monkeypatch.setattr(tile_cache, "LOOK_AGAIN_S", 60.0)
    assert cache.at_hand(Layer.WARDS, today(), place) is drawn
    assert cache.at_hand(Layer.WARDS, date(2025, 6, 30), place) is None


def test_no_more_is_kept_than_was_said(registry):
    with service(registry.engine) as engine:
        small = TileCache(engine, Atlas(), 5_000)
        places = [tile_at(*HOAN_KIEM, z) for z in range(17)]
        for place in places:
            small.tile(Layer.WARDS, today(), place)
        held = [one for one in places if small.at_hand(Layer.WARDS, today(), one)]
    assert 0 < len(held) < len(places)
    assert held[-1] == places[-1]


def test_a_point_on_an_edge_is_in_the_tiles_on_both_sides():
    edge = Tile(10, 800, 400).in_degrees()
    touched = {tile for tile in tiles_at(edge[0], edge[1]) if tile.z == 10}
    mercator = {(one.x, one.y) for one in touched if one.grid is Grid.MERCATOR}
    assert mercator == {(799, 400), (800, 400), (799, 401), (800, 401)}


def test_counts_that_were_read_beforehand_are_not_read_again(registry, cache):
    densities = cache._atlas.densities  # noqa: SLF001 (what the service reads beside)
    with reading(registry.engine) as reader:
        known = densities.of(reader, today())
        counted(cache, HOAN_KIEM)
        assert densities.of(reader, today()) is known
