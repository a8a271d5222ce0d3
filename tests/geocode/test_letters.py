"""Vietnamese letters in a code of one byte: as the tables of all characters have them."""

import re
import sys
import unicodedata

import pytest
from hypothesis import given, strategies as st

from diachiso.geocode import letters
from diachiso.geocode.letters import BARE_LETTERS, bare_text, class_of, classes_of
from diachiso.geocode.syllable import Cutter
from diachiso.geocode.words import words_of

EVERY = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
VIETNAMESE = "".join(
    unicodedata.normalize("NFC", vowel + tone)
    for vowel in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"
    for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
)
UPPER = "".join(c for c in map(chr, range(0x41, 0x1F00)) if c.isalpha() and c.isupper())
LOWER = "".join(c for c in map(chr, range(0x61, 0x1F00)) if c.isalpha() and c.islower())
WORD = re.compile(rf"[{UPPER}]+(?![{LOWER}])|[{UPPER}]?[{LOWER}]+|\d+|[^\W\d_]+")
"""What a word is, as one pattern: slower, and the same."""
TEXTS = st.text(
    st.one_of(
        st.sampled_from(VIETNAMESE + "bcdđghklmnpqrstvxzĐ0123456789 ,./-()_–’"),
        st.characters(blacklist_categories=["Cs"]),
    ),
    max_size=40,
)


def test_every_character_is_as_bare_as_its_table_has_it():
    for beside in ("", "ă"):
        odd = [c for c in EVERY if bare_text(c + beside)[:1] != c.translate(BARE_LETTERS)]
        assert odd == []


def test_every_character_has_one_class_and_it_is_its_own():
    assert classes_of("".join(EVERY)) == bytes(map(class_of, EVERY))


def test_all_letters_of_vietnamese_have_a_byte_of_their_own():
    known = set(letters.CHARACTERS)
    assert known.issuperset(VIETNAMESE + "đĐ")


class Whole(Cutter):
    """Cuts nothing, and leaves nothing out."""

    def pieces(self, written):
        return ((written, written, 0, len(written)),)


@given(text=TEXTS)
def test_words_are_what_the_pattern_has_them(text):
    words = words_of(text, Whole(()))
    found = list(zip(words.starts, words.ends, strict=True))
    assert found == [match.span() for match in WORD.finditer(text)]
    assert list(words.bare) == WORD.findall(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("TPHàNội", ["TP", "Hà", "Nội"]),
        ("XãGia Vượng", ["Xã", "Gia", "Vượng"]),
        ("12B/3", ["12", "B", "3"]),
        ("P.7 Q.10", ["P", "7", "Q", "10"]),
        ("Đ中文 ỦY", ["Đ", "中文", "ỦY"]),
        ("①②½", ["①②½"]),
        ("tổ_5", ["tổ", "5"]),
    ],
)
def test_words_part_where_capitals_and_digits_begin(text, words):
    found = words_of(text, Cutter(()))
    assert [found.written(at, at + 1) for at in range(len(found))] == words


def test_errors_of_others_are_not_ours_to_mend():
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("ascii", letters.ERRORS)
