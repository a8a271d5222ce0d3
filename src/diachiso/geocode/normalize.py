"""From what people paste to one clean line of Unicode: an ordered tuple of steps.

Each step takes a draft and gives a draft; what it removes (phone numbers, notes to the courier,
postal codes) is set aside in the draft, not lost.
"""

import html
import re
import unicodedata
from collections.abc import Callable
from typing import Final, final

from diachiso.geocode.legacy import decode_fonts, decode_typing
from diachiso.geocode.letters import bare_text

LONGEST_TEXT: Final = 1000
"""Longer texts are read at both ends; no address comes near it."""


@final
class Draft:
    """A text on its way through the steps, and what was set aside."""

    __slots__ = ("note", "phone", "postcode", "text")

    def __init__(
        self,
        text: str,
        phone: str | None = None,
        note: str | None = None,
        postcode: str | None = None,
    ) -> None:
        self.text: Final = text
        self.phone: Final = phone
        self.note: Final = note
        self.postcode: Final = postcode

    def reading(self, text: str) -> "Draft":
        """The same with another text."""
        return self if text is self.text else self._with(text)

    def without(self, match: re.Match[str]) -> "Draft":
        """What is left where a part is set aside."""
        text = self.text
        return self._with(f"{text[: match.start()]} {text[match.end() :]}".strip(" ,;-"))

    def written(self, match: re.Match[str]) -> str:
        """A part, as it is written."""
        return self.text[match.start() : match.end()].strip(" ,;()")

    def _with(self, text: str) -> "Draft":
        return Draft(text, self.phone, self.note, self.postcode)


Step = Callable[[Draft], Draft]

NO_SIGN: Final = r"\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x08\x0b-\x1f\x7f"
TOO_WIDE: Final = r"\uff01-\uff5e\u3000"
INVISIBLE: Final = re.compile(f"[{NO_SIGN}]")
WIDE: Final = re.compile(f"[{TOO_WIDE}]")
ODD: Final = re.compile(f"[{NO_SIGN}{TOO_WIDE}]")
PHONE: Final = re.compile(
    r"(?:(?:sdt|dt|tel|phone|hotline|lh)\s*[:.]?\s*)?"
    r"(?<![\d/])(?:\+?84|0)(?:[ .]?\d){8,10}(?![\d/])"
)
NOTE_WORDS: Final = (
    r"goi (?:truoc|dien|cho)|giao (?:gio|hang|truoc|sau|trong|buoi|cho)|lien he|ghi chu|luu y|note:"
    r"|nguoi nhan|doi dien|gan (?:cho|truong|cau|nga|benh|chua|cong|nha|uy ban)"
    r"|sau lung|ben canh|ship"
)
NOTE: Final = re.compile(
    rf"\((?:[^()]{{0,80}}\b)?(?:{NOTE_WORDS})[^()]{{0,120}}\)"
    rf"|(?:(?<=^)|(?<=[,;]))\s*(?:{NOTE_WORDS})\b[^,;]{{0,120}}"
)
COUNTRY: Final = re.compile(r"\b(?:viet\s?nam|vn)$")
LONGEST_COUNTRY: Final = len("viet nam")
COUNTRY_ENDS: Final = ("nam", "vn")
POSTCODE: Final = re.compile(r"(?<!\d)\d{5,6}(?=\s*(?:,|$))")
MANY_DIGITS: Final = re.compile(r"\d[\d .]{6}\d")
NOTE_HINTS: Final = (
    *("goi ", "giao ", "ghi ", "gan ", "lien he", "luu y", "note", "nguoi nhan", "doi dien"),
    *("sau lung", "ben canh", "ship"),
)
"""What every note has: to look for a dozen words takes a quarter of the pattern's time."""


def cut_to_length(draft: Draft) -> Draft:
    """Keep both ends of a very long text; again after one sign may have become eighteen."""
    if len(draft.text) <= LONGEST_TEXT:
        return draft
    half = LONGEST_TEXT // 2
    return draft.reading(f"{draft.text[:half]} {draft.text[-half:]}")


def undo_markup(draft: Draft) -> Draft:
    """HTML entities, invisible characters, full-width letters."""
    text = draft.text
    if "&" in text:
        text = html.unescape(text)
    if (text.isascii() and text.isprintable()) or not ODD.search(text):
        return draft.reading(text)
    text = INVISIBLE.sub("", text)
    return draft.reading(unicodedata.normalize("NFKC", text) if WIDE.search(text) else text)


def decode_legacy_fonts(draft: Draft) -> Draft:
    """TCVN3 and VNI-Windows, from old Word and Excel files."""
    if draft.text.isascii():
        return draft
    return draft.reading(decode_fonts(draft.text))


def decode_raw_typing(draft: Draft) -> Draft:
    """Telex and VNI keys of a keyboard without a driver."""
    return draft.reading(decode_typing(draft.text))


def compose_accents(draft: Draft) -> Draft:
    """NFC: one character for one letter."""
    text = draft.text
    return draft if text.isascii() else draft.reading(unicodedata.normalize("NFC", text))


def set_aside_phone_and_notes(draft: Draft) -> Draft:
    """Telephone numbers and words to the courier are no part of the address."""
    bare = bare_text(draft.text)
    if MANY_DIGITS.search(bare) and (match := PHONE.search(bare)):
        left = draft.without(match)
        draft = Draft(left.text, draft.written(match), left.note, left.postcode)
        bare = bare_text(draft.text)
    if any(hint in bare for hint in NOTE_HINTS) and (match := NOTE.search(bare)):
        left = draft.without(match)
        draft = Draft(left.text, left.phone, draft.written(match), left.postcode)
    return draft


def set_aside_country_and_postcode(draft: Draft) -> Draft:
    """'Việt Nam' at the end, and a postal code after the province."""
    bare = bare_text(draft.text).rstrip(" .,;")
    ending = max(0, len(bare) - LONGEST_COUNTRY)
    if bare.endswith(COUNTRY_ENDS) and (match := COUNTRY.search(bare, ending)):
        draft = draft.without(match)
        bare = bare[: match.start()].rstrip(" .,;")
    if bare[-5:].isdigit() and (match := POSTCODE.search(bare)) and match.start() > 0:
        left = draft.without(match)
        draft = Draft(left.text, left.phone, left.note, match[0])
    return draft


STEPS: Final[tuple[Step, ...]] = (
    cut_to_length,
    undo_markup,
    cut_to_length,
    decode_legacy_fonts,
    decode_raw_typing,
    compose_accents,
    set_aside_phone_and_notes,
    set_aside_country_and_postcode,
)


def normalize(text: str) -> Draft:
    """Run a text through all the steps."""
    draft = Draft(text)
    for step in STEPS:
        draft = step(draft)
    return draft
