"""Texts from before Unicode and from keyboards without a driver: TCVN3, VNI-Windows, Telex, VNI.

Old Word and Excel files hold TCVN3 ("Hµ Néi") or VNI-Windows ("Haø Noäi") bytes read as Latin-1;
a keyboard without a driver leaves raw Telex ("Haf Nooij") or VNI ("Ha2 No65i").
"""

import re
import unicodedata

from diachiso.geocode.syllable import SYLLABLES, analyse

TCVN3 = dict(
    zip(
        "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\xadõøö÷ùúýûüþ¡¢§£¤¥¦",
        "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ",
        strict=True,
    )
)
ONLY_TCVN3 = re.compile(r"[A-Za-z][µ¸¶·¹¨»¾¼½©®ª«¬\xad]|[µ¸¶·¹¨»¾¼½©®ª«¬\xad§¦¥¤][A-Za-z]")

ACUTE, GRAVE, HOOK, TILDE, DOT = "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"
ROOF, BREVE, HORN = "\u0302", "\u0306", "\u031b"
VNI_MARKS = {"ù": ACUTE, "ø": GRAVE, "û": HOOK, "õ": TILDE, "ï": DOT, "â": ROOF, "ê": BREVE}
VNI_MARKS |= {"á": ROOF + ACUTE, "à": ROOF + GRAVE, "å": ROOF + HOOK, "ã": ROOF + TILDE}
VNI_MARKS |= {"ä": ROOF + DOT, "é": BREVE + ACUTE, "è": BREVE + GRAVE, "ú": BREVE + HOOK}
VNI_MARKS |= {"ü": BREVE + TILDE, "ë": BREVE + DOT}
VNI_LETTERS = dict(zip("ôöñæóòî", "ơưđỉĩịỵ", strict=True))
VNI_LETTERS |= {old.upper(): new.upper() for old, new in VNI_LETTERS.items()}
VNI_MARKS |= {old.upper(): mark for old, mark in VNI_MARKS.items()}
ONLY_VNI = re.compile(r"[aeouyAEOUYôöÔÖ][øûïäåüëØÛÏÄÅÜË]|[öñÖÑ][A-Za-zôÔøùûõïØÙÛÕÏ]")
VNI_SIGN = re.compile(f"([aeouyAEOUYôöÔÖ])([{''.join(VNI_MARKS)}])|[{''.join(VNI_LETTERS)}]")
"""In one pass: the ô that a pair makes is not the ô that stands for ơ."""

TELEX_LETTERS = tuple(
    pair.split(":")
    for pair in ["dd:đ", "aa:â", "ee:ê", "oo:ô", "uow:ươ", "aw:ă", "ow:ơ", "uw:ư", "w:ư"]
)
LEGACY = re.compile("[µ¸¶·¹¨»¾¼½©®ª«¬\xad§¦¥¤øûïäåüëØÛÏÄÅÜËöñÖÑ]")
"""What either of them has and no text of Unicode: to look for one letter is soon done."""
LONGEST_TYPED = 12
TELEX_TONES = {"s": ACUTE, "f": GRAVE, "r": HOOK, "x": TILDE, "j": DOT}
TELEX_TONE = re.compile(r"(?<=[aeiouyâêôăơư])([a-zâêôăơư]*?)([sfrxj])")
VNI_TONES = {"1": ACUTE, "2": GRAVE, "3": HOOK, "4": TILDE, "5": DOT}
VNI_WORD = re.compile(r"\b[a-z]+[1-9][a-z0-9]*\b", re.IGNORECASE)
VNI_KEY = re.compile(r"[a-z][1-9][a-z]|[a-z][6-9]", re.IGNORECASE)
LATIN_WORD = re.compile(r"[A-Za-z]+")
TYPED = re.compile(r"(?i)[jw]|dd|aa|ee|oo|[aeiouy]f")


def decode_fonts(text: str) -> str:
    """TCVN3 or VNI-Windows bytes read as Latin-1, put right; other text comes back as it is."""
    return decode_vni_windows(decode_tcvn3(text)) if LEGACY.search(text) else text


def decode_tcvn3(text: str) -> str:
    """TCVN3 bytes read as Latin-1, put right; other text comes back as it is."""
    if not ONLY_TCVN3.search(text):
        return text
    return "".join(TCVN3.get(char, char) for char in text)


def decode_vni_windows(text: str) -> str:
    """VNI-Windows bytes read as Latin-1, put right; other text comes back as it is."""
    if not ONLY_VNI.search(text):
        return text
    return unicodedata.normalize("NFC", VNI_SIGN.sub(_vni_letter, text))


def _vni_letter(match: re.Match[str]) -> str:
    letter, mark = match.groups()
    if letter is None:
        return VNI_LETTERS[match[0]]
    base = VNI_LETTERS.get(letter, letter)
    return unicodedata.normalize("NFC", base + VNI_MARKS[mark])


def decode_typing(text: str) -> str:
    """Raw Telex or VNI keys, put right word by word; only in a text without any mark."""
    if not text.isascii():
        return text
    if TYPED.search(text):
        text = LATIN_WORD.sub(lambda match: _telex(match[0]), text)
    if VNI_KEY.search(text):
        text = VNI_WORD.sub(lambda match: _vni_keys(match[0]), text)
    return text


def _telex(word: str) -> str:
    lower = word.lower()
    if analyse(lower)[0] in SYLLABLES or len(lower) > LONGEST_TYPED:
        return word
    for keys, letter in TELEX_LETTERS:
        lower = lower.replace(keys, letter, 1)
    tone = TELEX_TONE.search(lower)
    if tone:
        lower = lower[: tone.start(2)] + lower[tone.end(2) :]
    return _accepted(word, lower, TELEX_TONES[tone[2]] if tone else "")


def _vni_keys(word: str) -> str:
    lower, tone = word.lower(), ""
    if lower.rstrip("0123456789").isalpha() and lower[-1] not in "67":
        return word  # 'nhue1' is Cổ Nhuế 1 written without a space, and 'kp2' is a number
    letters: list[str] = []
    for char in lower:
        if char in VNI_TONES:
            tone = VNI_TONES[char]
        elif char in "6789":
            _mark(letters, char)
        else:
            letters.append(char)
    return _accepted(word, "".join(letters), tone)


def _mark(letters: list[str], key: str) -> None:
    """6 puts a roof, 7 a horn, 8 a breve on the last vowels, 9 crosses the d."""
    marks = {"6": (ROOF, "aeo"), "7": (HORN, "uo"), "8": (BREVE, "a"), "9": ("", "d")}
    mark, bases = marks[key]
    for at in range(len(letters) - 1, -1, -1):
        if letters[at] in bases:
            marked = unicodedata.normalize("NFC", letters[at] + mark) if mark else "đ"
            letters[at] = marked
            return


def _accepted(word: str, decoded: str, tone: str) -> str:
    """The decoded word if it is a syllable, its tone on the main vowel; else the word as it was."""
    if decoded == word.lower() and not tone:
        return word
    if analyse(decoded)[0] not in SYLLABLES:
        return word
    toned = _with_tone(decoded, tone)
    return toned.capitalize() if word[:1].isupper() else toned


def _with_tone(word: str, tone: str) -> str:
    if not tone:
        return word
    vowels = [at for at, char in enumerate(word) if char in "aeiouyâêôăơư"]
    marked = [at for at in vowels if word[at] in "âêôăơư"]
    at = marked[-1] if marked else vowels[0 if word[-1] in "aeiouy" else -1]
    return unicodedata.normalize("NFC", word[: at + 1] + tone + word[at + 1 :])
