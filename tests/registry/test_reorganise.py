"""A decree in the town: wards merge and split, addresses follow their position, codes stay."""

import json
from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from diachiso.address.division import Level, UnitKey
from diachiso.address.errors import DecreeRefused, NotAllowed, PlanChanged, TerritoryFault
from diachiso.address.record import State
from diachiso.geocode.query import MatchLevel, Query
from diachiso.geocode.search import geocode
from diachiso.registry.certify import certify
from diachiso.registry.decree import Decree
from diachiso.registry.officer import Act, Role
from diachiso.registry.record import record
from diachiso.registry.register import register
from diachiso.registry.reorganise import Ground, planned, reorganise
from diachiso.registry.retire import retire
from diachiso.registry.review import restrict
from diachiso.settings import CHECKOUT
from diachiso.store import tables as t
from diachiso.store.decree_land import Boundaries
from diachiso.store.divisions import write_facts
from diachiso.store.facts import read_facts
from diachiso.store.feed import changes_since
from diachiso.store.gazetteer import PostgisGazetteer
from diachiso.store.history import is_recorded
from diachiso.store.ledger import prove
from diachiso.store.officers import officer_of
from diachiso.store.reorganising import PostgisRolls
from diachiso.store.vocabularies import Vocabularies

HOAN_KIEM = UnitKey(Level.WARD, "00070", former=False)
CUA_NAM = UnitKey(Level.WARD, "00082", former=False)
NEW_WARD = UnitKey(Level.WARD, "99001", former=False)
DAY = date(2026, 10, 1)
BEFORE = date(2026, 9, 30)


def decree(*changes, number="01/NQ", effective=DAY):
    return Decree.model_validate(
        {
            "number": number,
            "date": date(2026, 9, 1),
            "issuer": "Ủy ban Thường vụ Quốc hội",
            "effective": effective,
            "changes": list(changes),
        }
    )


def merge(code, name, *sources, **more):
    told = {"change": "merge", "code": code, "name": name, "kind": "phường", "parent": "01"}
    return told | {"from": list(sources)} | more


def half(code, *, default=False):
    return {"code": code, "part": "part", "default": default}


MERGED = decree(merge("00070", "Hoàn Kiếm", "00070", "00082"))
SPLIT = decree(
    {
        "change": "split",
        "code": "00070",
        "into": [
            {"code": "00070", "name": "Hoàn Kiếm", "kind": "phường", "default": True},
            {"code": "99001", "name": "Tràng Tiền", "kind": "phường", "parent": "01"},
        ],
    },
    number="02/NQ",
)


@pytest.fixture
def ministry(office):
    return office.hire(Role.MINISTRY)


@pytest.fixture
def apply(office, ministry):
    """Apply a decree as the ministry; `look` for a dry run."""

    def applied(told, file=None, *, look=False, expect=None, today=date(2026, 11, 1), **how):
        by = office.as_(ministry, today)
        land = Boundaries(file, {}, **how) if file else None
        rolls = PostgisRolls(office.writer, land)
        if look:
            return planned(rolls, told, by)
        return reorganise(rolls, told, by, expect=expect)

    return applied


@pytest.fixture
def halves(tmp_path, box_file):
    """The west half of Hoàn Kiếm keeps the code, the east half is new."""
    return box_file(
        [("00070", "Hoàn Kiếm", 105.85, 105.8515), ("99001", "Tràng Tiền", 105.8515, 105.86)]
    )


@pytest.fixture
def box_file(tmp_path):
    def written(rows, name="after.geojson"):
        features = [
            {
                "type": "Feature",
                "properties": {"code": code, "name": called},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [
                        [[west, 21.02], [east, 21.02], [east, 21.04], [west, 21.04], [west, 21.02]]
                    ],
                },
            }
            for code, called, west, east in rows
        ]
        file = tmp_path / name
        file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
        return file

    return written


def wards_on(office, day):
    """Number -> ward of every house that may be seen on a day."""
    rows = office.writer.execute(
        text(
            "SELECT number, unit.code, doubts, state FROM address_book AS book"
            " JOIN unit ON unit.id = book.ward_id WHERE upper_inf(recorded) AND valid @> :day"
        ),
        {"day": day},
    )
    return {row.number: row for row in rows}


def test_a_merged_ward_ends_and_its_houses_go_to_the_heir_under_their_codes(office, apply):
    codes = office.writer.execute(text("SELECT code, address_id FROM issued_code")).all()
    plan = apply(MERGED)
    assert plan.units.ended == (CUA_NAM,)
    assert plan.grounds == {Ground.POSITION: 9}
    assert {row.code for row in wards_on(office, DAY).values()} == {"00070"}
    assert wards_on(office, BEFORE)["12"].code == "00082"
    assert not any(row.doubts for row in wards_on(office, DAY).values())
    assert office.writer.execute(text("SELECT code, address_id FROM issued_code")).all() == codes


def test_where_no_file_gives_it_the_land_is_the_union_of_the_old(office, apply):
    plan = apply(MERGED)
    assert plan.land.composed == {HOAN_KIEM}
    area = "SELECT ST_Area(geom) FROM unit_boundary AS b JOIN unit ON unit.id = b.unit_id"
    now = f"{area} WHERE code = :code AND NOT former AND upper_inf(recorded) AND valid @> :day"
    on = {"code": "00070", "day": DAY}
    assert office.writer.scalar(text(now), on) == pytest.approx(0.0004)
    assert office.writer.scalar(text(now), on | {"day": BEFORE}) == pytest.approx(0.0002)
    assert office.writer.scalar(text(now), {"code": "00082", "day": DAY}) is None


def test_in_a_split_ward_the_position_decides(office, apply, halves):
    plan = apply(SPLIT, halves)
    wards = wards_on(office, DAY)
    assert {n: wards[n].code for n in ("2", "1", "40", "12")} == {
        "2": "00070",
        "1": "00070",
        "40": "99001",
        "12": "00082",
    }
    assert plan.note["doubted"] == 0
    assert [unit.key for unit in plan.units.begun] == [NEW_WARD]


def test_without_a_boundary_the_default_part_takes_all_and_is_doubted(office, apply):
    plan = apply(SPLIT)
    assert plan.grounds == {Ground.DEFAULT: 7}
    assert plan.land.landless == {HOAN_KIEM, NEW_WARD}
    wards = wards_on(office, DAY)
    assert (wards["40"].code, wards["40"].doubts) == ("00070", ["ward"])
    assert wards_on(office, BEFORE)["40"].doubts == []
    assert wards["12"].doubts == []


def test_where_the_position_contradicts_the_decree_it_wins_and_is_doubted(office, apply, box_file):
    """Cửa Nam goes whole to Hoàn Kiếm, but the map gives its west to Hồng Hà."""
    told = decree(merge("00070", "Hoàn Kiếm", "00070", "00082"), merge("00097", "Hồng Hà", "00097"))
    file = box_file(
        [("00070", "Hoàn Kiếm", 105.8445, 105.86), ("00097", "Hồng Hà", 105.84, 105.8445)]
    )
    plan = apply(told, file)
    assert plan.grounds == {Ground.POSITION: 8, Ground.AGAINST_LINEAGE: 1}
    wards = wards_on(office, DAY)
    assert (wards["12"].code, wards["12"].doubts) == ("00097", ["ward"])
    assert (wards["12A"].code, wards["12A"].doubts) == ("00070", [])


def test_states_stay_and_retired_houses_stay_where_they_ended(office, apply, clerk, approver):
    early = date(2026, 9, 1)

    def recorded(number, lon):
        by = office.as_(clerk)
        draft = register(office.books, office.house(number, lon, 21.0345), by, early).address
        return record(office.books, draft, by, early)

    one, two, three = recorded("20", 105.8511), recorded("22", 105.8571), recorded("24", 105.8572)
    certify(office.books, one, office.as_(approver), early)
    retire(office.books, two, office.as_(clerk), BEFORE, reason="đã phá dỡ")
    restrict(office.books, three, office.as_(clerk), hidden=True)
    told = decree(merge("99001", "Tràng Tiền", "00070"))
    plan = apply(told)
    assert plan.note["addresses"] == 7 + 2
    wards = wards_on(office, DAY)
    assert (wards["20"].state, wards["20"].code) == (State.CERTIFIED.value, "99001")
    assert (wards["22"].state, wards["22"].code) == (State.RETIRED.value, "00070")
    assert wards["24"].code == "99001"
    office.as_(clerk)
    assert wards_on(office, DAY)["24"].code == "99001", "the ward's clerk governs its heir"


def test_versions_that_begin_after_the_decree_are_moved_as_well(office, apply, clerk):
    later = date(2026, 10, 20)
    by = office.as_(clerk)
    draft = register(office.books, office.house("20", 105.8571, 21.0345), by, BEFORE).address
    record(office.books, draft, by, later)
    apply(decree(merge("99001", "Tràng Tiền", "00070")))
    states = {day: wards_on(office, day)["20"] for day in (BEFORE, DAY, later)}
    assert [(row.code, row.state) for row in states.values()] == [
        ("00070", "proposed"),
        ("99001", "proposed"),
        ("99001", "recorded"),
    ]


def test_a_mandate_follows_its_ward_without_being_rewritten(office, apply):
    clerk = office.hire(Role.WARD_OFFICER, CUA_NAM)
    kept = office.writer.execute(text("SELECT * FROM mandate ORDER BY id")).all()
    apply(MERGED)
    who = office.as_(clerk).officer
    assert who.may(Act.AMEND, HOAN_KIEM, date(2026, 11, 1))
    ward = "SELECT governs(id, 'amend') FROM unit WHERE code = '00070' AND NOT former"
    assert office.writer.scalar(text(ward))
    office.writer.execute(text("RESET ROLE"))
    assert office.writer.execute(text("SELECT * FROM mandate ORDER BY id")).all()[:-1] == kept[:-1]
    assert officer_of(office.writer, clerk).mandates[0].unit == CUA_NAM


# -- dry run, and again ----------------------------------------------------------------------------


def test_a_dry_run_writes_nothing_and_tells_what_the_run_will_do(office, apply, halves):
    counted = text("SELECT count(*), max(lower(recorded)) FROM address_version")
    before = office.writer.execute(counted).one()
    dry = apply(SPLIT, halves, look=True)
    assert office.writer.execute(counted).one() == before
    done = apply(SPLIT, halves, expect=dry.digest[:16])
    assert done.digest == dry.digest


def test_a_run_that_would_do_otherwise_than_expected_is_refused(office, apply, halves, clerk):
    dry = apply(SPLIT, halves, look=True)
    register(office.books, office.house("20", 105.8571, 21.0345), office.as_(clerk), BEFORE)
    with pytest.raises(PlanChanged, match="chạy thử lại"):
        apply(SPLIT, halves, expect=dry.digest)
    assert wards_on(office, DAY)["40"].code == "00070"


def test_the_same_decree_twice_changes_nothing_and_says_so(office, apply, halves):
    apply(SPLIT, halves)
    counted = text("SELECT count(*), max(lower(recorded)) FROM address_version")
    once = office.writer.execute(counted).one()
    assert apply(SPLIT, halves) is None
    assert apply(SPLIT, look=True) is None
    assert office.writer.execute(counted).one() == once


def test_a_decree_is_applied_on_its_day_and_may_be_tried_before(apply):
    told = decree(merge("00070", "Hoàn Kiếm", "00070", "00082"), effective=date(2027, 1, 1))
    assert apply(told, look=True).units.ended == (CUA_NAM,)
    with pytest.raises(DecreeRefused, match="có hiệu lực từ 2027-01-01"):
        apply(told)


def test_boundaries_that_overlap_are_refused_with_the_wards_and_square_metres(apply, box_file):
    crooked = box_file(
        [("00070", "Hoàn Kiếm", 105.85, 105.856), ("99001", "Tràng Tiền", 105.855, 105.86)]
    )
    with pytest.raises(TerritoryFault, match=r"00070 .* 99001 .* m² chung"):
        apply(SPLIT, crooked, look=True)
    assert "m² chung" in apply(SPLIT, crooked, look=True, tolerate=True).land.faults


# -- refused ---------------------------------------------------------------------------------------


def test_everything_that_contradicts_what_stands_is_told_at_once(office, apply):
    wrong = decree(
        merge("00082", "Cửa Nam", "00070", half("12345")),  # a code in use, an unknown source
        merge("00097", "Hồng Hà", "00097", half("00070")),  # whole there, shared here
        merge("99002", "Xa", "00004", parent="02"),  # no such province today
        {"change": "rename", "code": "00118", "name": "Bồ Đề"},
        {"change": "kind", "code": "00118", "kind": "tỉnh"},
        {"change": "end", "code": "00145"},
        {"change": "end", "code": "01"},
    )
    with pytest.raises(DecreeRefused) as refused:
        apply(wrong)
    told = "\n".join(refused.value.particulars["faults"])
    for fault in (
        "00082: mã đang dùng",
        "12345: không có đơn vị này",
        "00070: đã nhập nguyên vẹn",
        "99002: cấp trên không có",
        "00118: cấp này không có loại",
        "00145: phường, xã phải nhập",
        "01: 12",  # units below stand on
    ):
        assert fault in told, told
    assert office.writer.scalar(text("SELECT count(*) FROM decree")) == 0


def test_a_second_decree_about_a_ward_that_ended_is_refused(apply):
    apply(MERGED)
    with pytest.raises(DecreeRefused, match="00082: Phường Cửa Nam, đã thôi từ / ended on 2026-10"):
        apply(decree(merge("99001", "Cửa Nam", "00082"), number="03/NQ"))
    with pytest.raises(DecreeRefused, match="00082: mã đã dùng / was used for Phường Cửa Nam"):
        apply(
            decree(
                merge("00082", "Hoàn Kiếm", "00070"), number="04/NQ", effective=date(2026, 11, 1)
            )
        )


def test_a_renamed_ward_keeps_its_addresses_as_they_are(office, apply):
    counted = text("SELECT count(*) FROM address_version")
    before = office.writer.scalar(counted)
    apply(
        decree(
            {"change": "rename", "code": "00070", "name": "Hồ Gươm"},
            {"change": "kind", "code": "00070", "kind": "xã"},
        )
    )
    assert office.writer.scalar(counted) == before
    named = text(
        "SELECT string_agg(kind || ' ' || name, ', ' ORDER BY lower(valid)) FROM unit_name AS n"
        " JOIN unit ON unit.id = n.unit_id WHERE code = '00070' AND NOT former"
        " AND upper_inf(recorded)"
    )
    assert office.writer.scalar(named) == "phường Hoàn Kiếm, xã Hồ Gươm"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.MINISTRY])
def test_only_the_ministry_applies_decrees(office, role):
    by = office.as_(office.hire(role, HOAN_KIEM))
    with pytest.raises(NotAllowed):
        reorganise(PostgisRolls(office.writer), MERGED, by)
    for statement in (
        "SELECT reassign('address_version', '{1}', '{1}', '{f}', '2026-10-01', '', '2026-1-1', '')",
        "SELECT hold_addresses()",
        "INSERT INTO decree_unit (decree_id, unit_id, became) VALUES (1, 1, 'ended')",
    ):
        with pytest.raises(ProgrammingError), office.writer.begin_nested():
            office.writer.execute(text(statement))


def test_what_was_applied_is_never_changed(office, apply):
    apply(MERGED)
    office.writer.execute(text("RESET ROLE"))
    with pytest.raises(DBAPIError, match="never changed"), office.writer.begin_nested():
        office.writer.execute(text("DELETE FROM decree_unit"))


# -- told ------------------------------------------------------------------------------------------


def test_one_line_of_the_ledger_tells_the_decree_and_every_change_is_numbered(office, apply, clerk):
    by = office.as_(clerk)
    draft = register(office.books, office.house("20", 105.8571, 21.0345), by, BEFORE).address
    hidden = record(office.books, draft, by, BEFORE)
    restrict(office.books, hidden, by, hidden=True)
    since = prove(_owner(office)).last_change
    plan = apply(decree(merge("99001", "Tràng Tiền", "00070")))
    head = prove(_owner(office))
    note = office.writer.scalar(text("SELECT body -> 'note' FROM ledger ORDER BY number DESC"))
    assert note["decree"] == "01/NQ"
    assert note["decree_sha256"] == plan.decree.digest
    assert (note["units_ended"], note["units_begun"], note["addresses"]) == (1, 1, 8)
    told = changes_since(office.writer, since, 100).changes
    assert [one.number for one in told] == list(range(since + 1, head.last_change + 1))
    assert [one.kind for one in told].count("unit") == 2
    assert [one.kind for one in told].count("address") == 7
    assert [one.kind for one in told].count(None) == 1


def _owner(office):
    office.writer.execute(text("RESET ROLE"))
    return office.writer


# -- a later edition of the facts ------------------------------------------------------------------


def test_a_later_edition_of_the_facts_leaves_alone_what_a_decree_wrote(office, apply, halves):
    apply(SPLIT, halves)
    apply(MERGED_LATER)
    kept = _units(office)
    changes = write_facts(_owner(office), read_facts(CHECKOUT / "data"))
    assert (changes.added, changes.superseded) == (0, 0)
    assert _units(office) == kept


MERGED_LATER = decree(
    merge("00082", "Cửa Nam", "00082", "99001"), number="05/NQ", effective=date(2026, 11, 1)
)


def _units(office):
    tables = (t.unit_life, t.unit_name, t.unit_parent, t.lineage, t.postcode)
    return [
        office.writer.execute(select(one).where(is_recorded(one)).order_by(one.c.id)).all()
        for one in tables
    ]


def test_a_house_is_found_in_the_ward_that_it_came_to(office, apply):
    apply(MERGED)
    known = Vocabularies.read(office.writer, CHECKOUT / "data")
    gazetteer = PostgisGazetteer(known, office.writer, date(2026, 11, 1))
    asked = Query("12 Tràng Thi, Hoàn Kiếm, Hà Nội", date(2026, 11, 1))
    best = geocode(asked, gazetteer)[0]
    assert best.match_level is MatchLevel.HOUSE
    assert best.ward.key == HOAN_KIEM


def test_land_put_together_keeps_the_licence_of_what_it_is_made_of(office, apply):
    apply(MERGED)
    query = """
        SELECT s.attribution, s.licence FROM unit_boundary AS b
        JOIN source AS s ON s.id = b.source_id JOIN unit AS u ON u.id = b.unit_id
        WHERE u.code = '00070' AND NOT u.former AND upper_inf(b.recorded) AND b.valid @> :day
    """
    after, before = (office.writer.execute(text(query), {"day": d}).one() for d in (DAY, BEFORE))
    assert after == before
