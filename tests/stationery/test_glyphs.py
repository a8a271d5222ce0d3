"""Letters for maps: every one of Vietnamese is there, with its width, and is drawn solid."""

import unicodedata

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from diachiso.stationery import glyphs

TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
VOWELS = "aăâeêioôơuưy"
LETTERS = sorted(
    {
        unicodedata.normalize("NFC", form(vowel) + tone)
        for vowel in VOWELS
        for tone in TONES
        for form in (str.lower, str.upper)
    }
    | set("đĐ0123456789 -/(),.")
)


def fields(content):
    """The fields of a protocol buffer: number and value."""
    at = 0
    while at < len(content):
        key, at = varint(content, at)
        value, at = varint(content, at)
        if key & 7 == 2:
            value, at = content[at : at + value], at + value
        yield key >> 3, value


def varint(content, at):
    value = shift = 0
    while True:
        value |= (content[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not content[at - 1] & 0x80:
            return value, at


def letters(face, first):
    [(_, stack)] = fields(glyphs.glyphs(face, first))
    found = {}
    for number, value in fields(stack):
        if number == 3:
            glyph = dict(fields(value))
            found[chr(glyph[1])] = glyph
    return found


@pytest.mark.parametrize("face", glyphs.FACES)
def test_every_letter_of_vietnamese_is_there(face):
    ranges = {first: letters(face, first) for first in {ord(one) // 256 * 256 for one in LETTERS}}
    missing = [one for one in LETTERS if one not in ranges[ord(one) // 256 * 256]]
    assert missing == []


def test_letters_that_a_face_lacks_are_left_out():
    assert letters("Be Vietnam Pro Regular", 0x4E00) == {}
    assert "中" not in letters("Be Vietnam Pro Regular", 0x4E00)


def test_a_space_has_a_width_and_no_picture():
    space = letters("Be Vietnam Pro Regular", 0)[" "]
    assert 2 not in space
    assert space[7] == pytest.approx(24 * 0.23, abs=1)


def test_a_picture_is_as_large_as_it_says_and_holds_its_letter():
    glyph = letters("Be Vietnam Pro Regular", 7680)["ặ"]
    across, down = glyph[3] + 6, glyph[4] + 6
    assert len(glyph[2]) == across * down
    solid = np.frombuffer(glyph[2], np.uint8).reshape(down, across) > 191
    file = glyphs.FACES["Be Vietnam Pro Regular"]
    font = ImageFont.truetype(str(glyphs.Path(glyphs.fontpkg_be_vietnam_pro.__file__).parent
                                  / "files" / file), 24)  # fmt: skip
    picture = Image.new("L", (60, 60))
    ImageDraw.Draw(picture).text((20, 40), "ặ", 255, font, anchor="ls")
    left, top, right, bottom = picture.point(lambda ink: 255 * (ink > 100)).getbbox()
    rows, columns = np.nonzero(solid)
    assert int(np.ptp(columns)) + 1 == pytest.approx(right - left, abs=1)
    assert int(np.ptp(rows)) + 1 == pytest.approx(bottom - top, abs=1)
    # from the left edge and the baseline as told
    signed = [value >> 1 ^ -(value & 1) for value in (glyph[5], glyph[6])]
    assert columns.min() - 3 + signed[0] == pytest.approx(left - 20, abs=1)
    assert -(signed[1] + 26) + rows.min() - 3 == pytest.approx(top - 40, abs=1)
