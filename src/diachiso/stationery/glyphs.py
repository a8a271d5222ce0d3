"""Letters for maps: signed distance fields of Be Vietnam Pro, a range of 256 characters at a time.

MapLibre asks for them as protocol buffers (the glyphs of a Mapbox style): a face, a range, and of
each letter a small picture of how far each point is from its outline. They are drawn here from the
package of the font, so that no map of ours fetches letters from anybody else.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import fontpkg_be_vietnam_pro
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

FACES = {
    "Be Vietnam Pro Regular": "BeVietnamPro-Regular.ttf",
    "Be Vietnam Pro SemiBold": "BeVietnamPro-SemiBold.ttf",
    "Be Vietnam Pro Italic": "BeVietnamPro-Italic.ttf",
}
RANGE = 256
LAST = 0xFFFF
SIZE_PX = 24
"""Letters are drawn this high; the format knows no other."""
BORDER_PX, REACH_PX, EDGE = 3, 8, 0.25
"""Around a letter; how far distances are told; the share of them that lies within."""
ASCENDER_PX = 26
"""From the baseline up to where tops are counted from, as in the usual maps."""
FINER = 6
"""How much larger the letters are drawn that distances are measured in."""


@lru_cache(maxsize=len(FACES))
def _drawn_with(face: str) -> tuple[ImageFont.FreeTypeFont, tuple[bytes, float]]:
    """The font at the size that is measured, and what it draws for a letter that it lacks."""
    file = Path(fontpkg_be_vietnam_pro.__file__).parent / "files" / FACES[face]
    font = ImageFont.truetype(str(file), SIZE_PX * FINER, layout_engine=ImageFont.Layout.BASIC)
    return font, _looks(font, "\uffff")


def _looks(font: ImageFont.FreeTypeFont, letter: str) -> tuple[bytes, float]:
    return bytes(font.getmask(letter)), font.getlength(letter)


@lru_cache(maxsize=64)
def glyphs(face: str, first: int) -> bytes:
    """The letters of a face from a character on, 256 of them; those that it lacks left out.

    Raises:
        KeyError: there is no such face.
    """
    font, missing = _drawn_with(face)
    last = first + RANGE - 1
    stack = _text(1, face) + _text(2, f"{first}-{last}")
    for code in range(max(first, ord(" ")), last + 1):
        if _looks(font, chr(code)) != missing:
            stack += _part(3, b"".join(_glyph(font, code)))
    return _part(1, stack)


def _glyph(font: ImageFont.FreeTypeFont, code: int) -> Iterator[bytes]:
    letter = chr(code)
    left, top, right, bottom = (round(side / FINER) for side in font.getbbox(letter, anchor="ls"))
    width, height = max(right - left, 0) + 2, max(bottom - top, 0) + 2
    left, top = left - 1, top - 1
    yield _number(1, code)
    if not letter.isspace():
        yield _part(2, _field(font, letter, (left, top), (width, height)).tobytes())
        yield _number(3, width) + _number(4, height)
    else:
        yield _number(3, 0) + _number(4, 0)
    yield _signed(5, left) + _signed(6, -top - ASCENDER_PX)
    yield _number(7, round(font.getlength(letter) / FINER))


def _field(
    font: ImageFont.FreeTypeFont, letter: str, corner: tuple[int, int], size: tuple[int, int]
) -> npt.NDArray[np.uint8]:
    """How far each point is from the outline: more than 191 within, less without."""
    across, down = (one + 2 * BORDER_PX for one in size)
    picture = Image.new("L", (across * FINER, down * FINER))
    at = ((BORDER_PX - corner[0]) * FINER, (BORDER_PX - corner[1]) * FINER)
    ImageDraw.Draw(picture).text(at, letter, 255, font, anchor="ls")
    ink = np.asarray(picture) >= 128  # noqa: PLR2004 (half of 255)
    near = np.zeros_like(ink)
    near[:, 1:] |= ink[:, 1:] ^ ink[:, :-1]
    near[1:, :] |= ink[1:, :] ^ ink[:-1, :]
    outline = np.argwhere(near).astype(np.float32)
    middles = (np.arange(max(across, down), dtype=np.float32) + 0.5) * FINER
    apart = np.full((down, across), np.float32(REACH_PX * FINER))
    if len(outline):
        rows = (middles[:down, None] - outline[None, :, 0]) ** 2
        columns = (middles[:across, None] - outline[None, :, 1]) ** 2
        apart = np.sqrt((rows[:, None, :] + columns[None, :, :]).min(axis=2))
    steps = (middles[:down].astype(int)[:, None], middles[:across].astype(int)[None, :])
    far = np.where(ink[steps], -apart, apart) / (FINER * REACH_PX)
    told: npt.NDArray[np.uint8] = np.clip(255 - 255 * (far + EDGE), 0, 255).round().astype(np.uint8)
    return told


# -- protocol buffers ------------------------------------------------------------------------------


def _varint(value: int) -> bytes:
    told = bytearray()
    while value >= 1 << 7:
        told.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*told, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _signed(field: int, value: int) -> bytes:
    return _number(field, value << 1 if value >= 0 else (-value << 1) - 1)


def _part(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _text(field: int, value: str) -> bytes:
    return _part(field, value.encode())
