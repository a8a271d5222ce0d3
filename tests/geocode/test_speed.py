"""What is done for speed changes no answer, and no order that chance would decide."""

import os
import subprocess
import sys
from datetime import date

import pytest
from hypothesis import given, strategies as st

from diachiso.address import number
from diachiso.address.division import REFORM, Kind, Level, UnitKey
from diachiso.address.number import HouseNumber
from diachiso.geocode.gazetteer import Course, MemoryGazetteer, Share, Street, Stretch
from diachiso.geocode.interpret import interpret
from diachiso.geocode.memory import Memory
from diachiso.geocode.neighbours import EACH_WAY, next_to
from diachiso.geocode.normalize import LONGEST_TEXT, normalize
from diachiso.geocode.numbering import ruler_of
from diachiso.geocode.query import Query
from diachiso.geocode.ready import make_ready
from diachiso.geocode.search import geocode
from diachiso.geocode.slips import SlipIndex
from diachiso.geocode.syllable import Cutter
from diachiso.geocode.today import heirs_of
from diachiso.geocode.words import Gap, words_of

QUAN_1 = UnitKey(Level.DISTRICT, "760", former=True)
HOAN_KIEM, HANG_TRONG = (UnitKey(Level.WARD, "00070", former=former) for former in (False, True))
PART = st.from_regex(r"\A[0-9]{1,5}[A-Za-z]?\Z")
NEAR = (
    "from diachiso.geocode.slips import SlipIndex\n"
    "print(SlipIndex(['thinh', 'linh', 'binh', 'ninh', 'tinh', 'vinh', 'kinh']).near('inh'))\n"
)


@given(parts=st.lists(PART, min_size=1, max_size=6))
def test_a_plain_number_is_read_as_by_the_whole_grammar(parts):
    written = "/".join(parts)
    at_once = HouseNumber.parse(written)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(number, "PLAIN", number.re.compile(r"(?!)"))
        assert at_once == HouseNumber.parse(written)


def test_a_text_whose_signs_grow_is_cut_again():
    swelling = "\ufdfa\uff01" * LONGEST_TEXT
    assert len(normalize(swelling).text) <= LONGEST_TEXT + 1


def test_names_near_by_come_in_the_same_order_in_every_process():
    told = {
        subprocess.run(  # noqa: S603 (this very Python, on words of ours)
            [sys.executable, "-c", NEAR],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(told) == 1


def test_gazetteers_of_the_same_units_keep_their_own_shares(units):
    split = next(
        unit.key for unit in units.divisions.children(QUAN_1) if units.lineage.is_split(unit.key)
    )
    first, second = (pair.new for pair in units.lineage.successors(split)[:2])
    for most, least in ((first, second), (second, first)):
        shares = [Share(most, 0.9, default=False), Share(least, 0.1, default=False)]
        own = MemoryGazetteer(units, shares={split: shares})
        likeliest = max(heirs_of(units.unit_of(split), own), key=lambda pair: pair[1])
        assert likeliest[0].key == most


def test_a_ruler_made_for_a_day_before_the_reform_serves_the_days_after_it(units):
    class Drawn(MemoryGazetteer):
        def wards_at(self, points, day):
            return [HOAN_KIEM if day >= REFORM else HANG_TRONG] * len(points)

    stretch = Stretch(HOAN_KIEM, (105.85, 21.03), 400.0, 250.0)
    street = Street(1, "Phố Hàng Trống", (stretch,))
    course = Course(((105.85, 21.028), (105.85, 21.032)), HOAN_KIEM)
    gazetteer = Drawn(units, streets=[street], courses={1: [course]})
    for day in (date(2020, 1, 1), date(2026, 1, 1)):
        ruler = ruler_of(street, gazetteer, day)
        assert set(ruler.inside) == {HOAN_KIEM}
        assert ruler.former == {HANG_TRONG}


def test_only_alleys_that_may_meet_a_street_are_asked_for(units):
    asked = []

    class Asked(MemoryGazetteer):
        def courses(self, streets):
            asked.append(list(streets))
            return super().courses(streets)

    def street(identity, name, lon, lat):
        return Street(identity, name, (Stretch(HOAN_KIEM, (lon, lat), 200.0, 150.0),))

    here = street(1, "Phố Hàng Trống", 105.85, 21.03)
    near = street(2, "Ngõ 12 Phố Hàng Trống", 105.852, 21.03)
    far = street(3, "Ngõ 14 Phố Hàng Trống", 106.7, 10.8)
    ruler_of(here, Asked(units, streets=[here, near, far]), date(2026, 1, 1))
    assert asked == [[1, 2]]


def test_a_name_itself_is_not_near_and_two_slips_are_too_many():
    index = SlipIndex(["hangbong", "hangbac"])
    assert index.near("hangbong") == ()
    assert index.near("hangbon") == ("hangbong",)
    assert index.near("hagbon") == ()


def test_glued_words_keep_their_places_in_the_text():
    words = words_of("Tổ 5, xãđônganh", Cutter(["dong anh"], heads=["xa"]))
    written = [words.written(at, at + 1) for at in range(len(words))]
    assert written == ["Tổ", "5", "xã", "đông", "anh"]
    assert words.gaps == (Gap.GLUED, Gap.SPACE, Gap.HARD, Gap.GLUED, Gap.GLUED)


def test_what_was_worked_out_while_it_was_forgotten_is_not_kept():
    memory, made = Memory(10), []

    def make():
        made.append(len(made))
        if len(made) == 2:
            memory.forget(lambda what: what == "a")
        return made[-1]

    assert [memory("a", make), memory("a", make)] == [0, 0]
    memory.forget(lambda what: what == "b")
    assert memory("a", make) == 0
    memory.forget(lambda what: what == "a")
    assert [memory("a", make), memory("a", make), memory("a", make)] == [1, 2, 2]


def test_a_text_after_make_ready_works_out_no_unit_anew(units):
    day = date(2026, 1, 1)
    gazetteer = MemoryGazetteer(units)
    make_ready(gazetteer, day)
    known = len(units.remember), len(gazetteer.streets.remember), len(gazetteer.places.remember)
    for text in (
        "Phường Hàng Trống, Quận Hoàn Kiếm, Hà Nội",
        "Phường 7, Quận 3, TP.HCM",
        "Cầu Giấy",
    ):
        assert geocode(Query(text, day, 5), gazetteer)
    assert known == (
        *(len(units.remember), len(gazetteer.streets.remember), len(gazetteer.places.remember)),
    )


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_districts_that_fit_alike_the_first_of_the_text_is_taken(units, turned):
    ward = next(
        unit
        for unit in units
        if unit.level is Level.WARD
        and not unit.former
        and sum(Kind.QUAN in one.kinds and not one.numbered for one in unit.districts) > 1
    )
    named = [one for one in ward.districts if Kind.QUAN in one.kinds and not one.numbered]
    first, second = sorted(named, key=lambda one: one.name, reverse=turned)[:2]
    text = f"Quận {first.name}, Quận {second.name}, Phường {ward.name}, {ward.province.name}"
    taken = [
        one.district.unit
        for one in interpret(text, units).readings
        if one.ward and one.ward.unit is ward and one.district
    ]
    assert taken[:1] == [first]


@given(
    number=st.integers(0, 60),
    known=st.lists(st.integers(1, 60), max_size=40).map(sorted),
)
def test_neighbours_are_the_nearest_of_each_side_each_way(number, known):
    told = []
    for side in (0, 1):
        ours = [one for one in known if one % 2 == side]
        told += [one for one in ours if one < number][-EACH_WAY:]
        told += [one for one in ours if one >= number][:EACH_WAY]
    assert next_to(number, [(one, one) for one in known]) == sorted(told)
