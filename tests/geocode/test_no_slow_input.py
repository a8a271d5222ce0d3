"""No text makes the geocoder work without bound: what it does is counted, not timed.

`bench/fuzz.py` times a million strings; these are a few of each kind, the same on every machine.
"""

from datetime import date
from itertools import cycle, islice

import pytest
from hypothesis import given, settings, strategies as st

from diachiso.address.division import Level, UnitKey
from diachiso.address.errors import DiachisoError
from diachiso.geocode.autocomplete import autocomplete
from diachiso.geocode.gazetteer import Course, House, MemoryGazetteer, Street, Stretch
from diachiso.geocode.interpret import interpret
from diachiso.geocode.kinds import KIND_WORDS
from diachiso.geocode.misspelt import MOST_WINDOWS
from diachiso.geocode.normalize import LONGEST_TEXT, normalize
from diachiso.geocode.query import MOST_ANSWERS, Answer, Parts, Query
from diachiso.geocode.search import geocode, parse
from diachiso.settings import CHECKOUT
from diachiso.store.facts import rows

TODAY = date(2026, 11, 22)
BACH_MAI = UnitKey(Level.WARD, "00292", former=False)
SWOLLEN = 20
"""One character becomes eighteen at most when compatibility forms are undone."""
MOST_EXACT, MOST_NEAR, MOST_BELOW, MOST_READINGS = 4_000, 2 * MOST_WINDOWS, 16, 24
"""Look-ups of one text: names as written, names one letter away, units below one; readings."""

LONG = 10_000
LONG_ROW = "Số 12 ngách 34/56 ngõ 78 phố Lê Thanh Nghị, tổ dân phố số 9, phường Bách Khoa, quận "
LONG_ROW += "Hai Bà Trưng, thành phố Hà Nội, gần trường tiểu học, gọi trước khi giao 0912 345 678, "
SOME = "nguyễn huệ "
KINDS_OF_TEXT = {
    "one letter": "a" * LONG,
    "one accented letter": "ế" * LONG,
    "syllables": SOME * 900,
    "glued syllables": "nguyenhue" * 1100,
    "capitals": "NGUYENHUE" * 1100,
    "digits": "0123456789" * 1000,
    "zeros": "0" * LONG,
    "commas": "," * LONG,
    "spaces": " " * LONG,
    "brackets": "(" * 500,
    "all brackets": "([{<«“（【" * 63,
    "brackets with words": "(gần " * 500,
    "brackets with units": "(Hà Nội " * 500,
    "numbers": "1/2/3/4/5/6/7/8/9/" * 500,
    "numbers read in two ways": "4" + "/h4" * 90 + "/, " + "12 xuyet 12 " * 20 + "/",
    "long numbers": "123456789012345678/" * 500,
    "alleys": "ngõ 1 ngách 2 hẻm 3 " * 500,
    "alleys of a street": "ngõ 1/" * 80 + " Lê Thanh Nghị",
    "namesakes": "Tân Phú, " * 1000,
    "namesakes without commas": "Tân Phú " * 1000,
    "misspelt namesakes": "Tâm Phứ, " * 1000,
    "kinds": " ".join([*KIND_WORDS] * 10),
    "one kind": "phường " * 1400,
    "streets": "12 Lê Thanh Nghị, " * 500,
    "misspelt streets": "12 Lê Thamh Nghị, " * 500,
    "row doubled": LONG_ROW * 2,
    "row again and again": (LONG_ROW * 60)[:LONG],
    "row without spaces": LONG_ROW.replace(" ", "") * 20,
    "marks": "\u0301\u0323" * 5000,
    "letters under marks": ("a" + "\u0301" * 99) * 100,
    "zero width": "\u200b".join(LONG_ROW * 30),
    "swelling": ("\uff01" + "\ufdfa" * 9) * 1000,
    "entities": "&amp;" * 2000,
    "entities of entities": "&" + "amp;" * 2000,
    "entities of marks": "&#769;" * 1600,
    "half entities": "&#x" * 3000,
    "legacy letters": "".join(map(chr, range(0xA1, 0x100))) * 100,
    "telex": "dduwowngf " * 1000,
    "phones": "0912345678 " * 900,
    "nearly phones": "09 12 3 " * 1200,
    "notes": "goi truoc khi giao, " * 500,
    "countries": "viet nam, " * 1000,
    "postcodes": "100000, " * 1200,
    "lone d": "d. ồ " * 2000,
    "surrogates": "\ud800\udfff" * 500,
    "nothing printable": "\x00\x01\x7f" * 3000,
    "other scripts": "河内市ハノイХанойฮานอย" * 500,
    "nothing": "",
}
ABBREVIATIONS = sorted({row["written"] for row in rows(CHECKOUT / "data/aliases/aliases.csv")})
SHARE_OF_ABBREVIATIONS = 60


@pytest.fixture(scope="module")
def town(units):
    street = Street(1, "Phố Lê Thanh Nghị", (Stretch(BACH_MAI, (105.845, 21.0), 800.0, 400.0),))
    return MemoryGazetteer(
        units,
        streets=[street],
        houses=[House(1, str(n), (105.841 + n * 3e-5, 21.0), BACH_MAI) for n in (1, 21, 41, 61)],
        courses={1: [Course(((105.841, 21.0), (105.849, 21.0)), BACH_MAI)]},
    )


class Counted:
    """The vocabulary of units, with the questions to it counted."""

    def __init__(self, units):
        self._units = units
        self.asked = dict.fromkeys(("walk", "near", "below"), 0)

    def __getattr__(self, name):
        if name not in self.asked:
            return getattr(self._units, name)

        def counted(*arguments):
            self.asked[name] += 1
            return getattr(self._units, name)(*arguments)

        return counted


def only_answers(text, gazetteer):
    """Answers, or an error of ours."""
    try:
        answers = geocode(Query(text, TODAY), gazetteer)
        parts = parse(text, gazetteer)
        autocomplete(text, gazetteer, as_of=TODAY)
    except DiachisoError:
        return
    assert len(answers) <= MOST_ANSWERS
    assert all(isinstance(answer, Answer) for answer in answers)
    assert all(0 <= answer.confidence <= 1 for answer in answers)
    assert isinstance(parts, Parts)


def bounded(text, units):
    """Few questions, however long the text."""
    draft = normalize(text)
    assert len(draft.text) <= SWOLLEN * LONGEST_TEXT
    counted = Counted(units)
    read = interpret(draft.text, counted)
    assert counted.asked["walk"] <= MOST_EXACT
    assert counted.asked["near"] <= MOST_NEAR
    assert counted.asked["below"] <= MOST_BELOW
    assert len(read.readings) <= MOST_READINGS


@pytest.mark.parametrize("text", KINDS_OF_TEXT.values(), ids=KINDS_OF_TEXT.keys())
def test_a_mad_text_is_answered_with_few_questions(town, text):
    only_answers(text, town)
    bounded(text, town.units)


@pytest.mark.parametrize("glue", ["", " ", ", ", "/", "."])
def test_abbreviations_repeated_are_answered_with_few_questions(town, glue):
    for written in ABBREVIATIONS[:: len(ABBREVIATIONS) // SHARE_OF_ABBREVIATIONS]:
        text = glue.join([written] * 300)[:LONG]
        only_answers(text, town)
        bounded(text, town.units)


def test_names_of_units_in_a_row_are_answered_with_few_questions(town):
    names = [unit.latest.full_name for unit in town.units.divisions]
    some = names[:: len(names) // 300]
    for glue in ("", " ", ", ", "-", "\n"):
        text = glue.join(some)[:LONG]
        only_answers(text, town)
        bounded(text, town.units)


def test_a_text_grows_and_the_work_does_not(units):
    asked = []
    for times in (10, 100, 1000):
        counted = Counted(units)
        interpret(normalize("Tâm Phứ, quận 77, " * times).text, counted)
        asked.append(sum(counted.asked.values()))
    assert asked[2] <= 2 * asked[0]


PIECES = (
    *KINDS_OF_TEXT,
    "ngõ ",
    "12/3 ",
    "P.",
    "Q1",
    "TP",
    ", ",
    "Hà Nội",
    "Tân Phú",
    "(",
    "&#",
    "đ",
)


@settings(max_examples=150)
@given(st.text(max_size=400))
def test_any_text_is_answered(town, text):
    only_answers(text, town)


@settings(max_examples=100)
@given(st.lists(st.sampled_from(PIECES), max_size=12), st.integers(1, 200), st.sampled_from(" ,/"))
def test_any_pieces_again_and_again_are_answered(town, pieces, times, glue):
    text = "".join(islice(cycle(glue.join(pieces)), len(glue.join(pieces)) * times))[:LONG]
    only_answers(text, town)
    bounded(text, town.units)


@settings(max_examples=60)
@given(st.text(st.characters(codec=None), max_size=120))
def test_lone_surrogates_are_answered(town, text):
    only_answers(text, town)
