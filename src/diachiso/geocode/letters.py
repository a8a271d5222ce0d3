"""The letters that Vietnamese is written with, in a code of one byte each.

What is asked of every letter of every text (which one is it without its marks, is it a capital) is
then asked of a table of bytes at one go. Characters outside the code are letters, digits or neither
too, but have no place in it: a text that holds one is read by the tables of all characters.
"""

import codecs
import unicodedata
from typing import Final

TONE_MARKS: Final = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
VOWELS: Final = "aăâeêioôơuưy"
LAST_OF_LATIN: Final = 0x1F00
"""The first character after the blocks of Latin letters that Vietnamese uses."""


def _bare_letter(char: str) -> str:
    base = unicodedata.normalize("NFD", char.lower().replace("\u0111", "d"))[:1]
    return base if base.isascii() else " "


BARE_LETTERS: Final = {code: chr(code).lower() for code in range(0x80)} | {
    code: _bare_letter(chr(code)) for code in range(0x80, LAST_OF_LATIN)
}
"""What stays as it is, is in it too: to look in vain takes three times as long."""

OTHER: Final = 0
BLANK: Final = 1
DIGIT: Final = 2
LOWER: Final = 3
UPPER: Final = 4
LETTER: Final = 5
"""What a character is to the cutting of words; a letter of no case, or of a far script, is LETTER.

They are bytes of the code too, for the characters that have none of their own.
"""


def class_of(char: str) -> int:
    """What a character is to the cutting of words: one of the numbers above."""
    if char == " ":
        return BLANK
    if char.isdecimal():
        return DIGIT
    if char < chr(LAST_OF_LATIN) and char.isalpha():
        if char.isupper():
            return UPPER
        if char.islower():
            return LOWER
    return LETTER if char.isalnum() else OTHER


def _marked(vowel: str) -> str:
    return "".join(unicodedata.normalize("NFC", vowel + tone) for tone in TONE_MARKS)


SMALL: Final = "".join(_marked(vowel) for vowel in VOWELS) + "đ"
PLAIN: Final = "\t\n\r" + "".join(map(chr, range(0x20, 0x7F)))
ACCENTED: Final = "".join(c for c in SMALL + SMALL.upper() if not c.isascii())
NOT_USED: Final = "\ufffe"
CHARACTERS: Final = ("\0" + NOT_USED * LETTER + PLAIN + ACCENTED + "–—‘’“”…").ljust(256, NOT_USED)
"""Each character at its byte; the first bytes are left to the classes of those without one."""

ENCODING: Final = codecs.charmap_build(CHARACTERS)
BARE: Final = "".join(BARE_LETTERS.get(ord(char), char) for char in CHARACTERS)
CLASSES: Final = bytes(at if at <= LETTER else class_of(char) for at, char in enumerate(CHARACTERS))
ERRORS: Final = "diachiso.class"


def _class_instead(error: UnicodeError) -> tuple[bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return bytes(map(class_of, error.object[error.start : error.end])), error.end


codecs.register_error(ERRORS, _class_instead)


def classes_of(text: str) -> bytes:
    """The class of every character of a text, one for one."""
    return codecs.charmap_encode(text, ERRORS, ENCODING)[0].translate(CLASSES)


def bare_text(text: str) -> str:
    """Bare lower-case letters, one for one, so that places in it are places in the text."""
    if text.isascii():
        return text.lower()
    try:
        code = codecs.charmap_encode(text, "strict", ENCODING)[0]
    except UnicodeEncodeError:
        return text.translate(BARE_LETTERS)
    return codecs.charmap_decode(code, "strict", BARE)[0]
