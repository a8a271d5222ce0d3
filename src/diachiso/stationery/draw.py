"""Plates drawn: one drawing for SVG, PDF and PNG, by typst, with the QR code that segno makes.

What is drawn is what was signed: a plate shows nothing that its signature does not cover. The face
is Be Vietnam Pro, from a package; no font of the machine is used, so a drawing is the same on all.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import fontpkg_be_vietnam_pro
import orjson
import segno
import typst

from diachiso.registry.plate import Plate
from diachiso.stationery.formats import Format, Size

HERE = Path(__file__).parent
PIXELS_PER_INCH = 200.0
EDITION = 1
"""Of the drawing: raised when it changes, for what was drawn before is known by it."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A plate, and the text that its QR code holds."""

    plate: Plate
    text: str
    page: str | None = None
    """Where the text can be verified: the code then opens this page."""

    @property
    def told(self) -> dict[str, Any]:
        """What the drawing shows."""
        plate = self.plate
        shown = {
            "code": plate.code.digits,
            "number": plate.number,
            "street": plate.street,
            "place": plate.place,
            "ward": plate.ward,
        }
        return {**{k: v for k, v in shown.items() if v}, "qr": qr_svg(self.text, self.page)}


def qr_svg(text: str, page: str | None = None) -> str:
    """A QR code that survives a scratch: 15 % of it may be unreadable (level M)."""
    content: Any = [f"{page}#", text] if page else text  # each part in the mode that suits it
    drawn = io.BytesIO()
    segno.make(content, error="m", micro=False, boost_error=False).save(
        drawn, kind="svg", border=2, xmldecl=False, svgns=True, light="#fff", dark="#000"
    )
    return drawn.getvalue().decode()


@lru_cache(maxsize=64)
def plate(one: Signed, form: Format) -> bytes:
    """A plate as large as it will be: 240 x 150 mm."""
    return compiled("one", {"plates": [one.told]}, form)


def sheet(plates: Sequence[Signed], size: Size) -> bytes:
    """Many plates on A4 with crop marks, as PDF."""
    return compiled("sheet", {"plates": [one.told for one in plates], "size": size}, Format.PDF)


def compiled(template: str, told: Mapping[str, Any], form: Format) -> bytes:
    """A template of this folder with these facts."""
    kind: Literal["svg", "pdf", "png"] = form.value
    drawn = typst.compile(
        HERE / f"{template}.typ",
        root=HERE,
        font_paths=_fonts(),
        format=kind,
        ppi=PIXELS_PER_INCH,
        sys_inputs={"told": orjson.dumps(told).decode()},
        timestamp=0,
    )
    if not isinstance(drawn, bytes):  # pages come apart in SVG and PNG; we draw one
        raise TypeError(template)
    return drawn


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    folder = Path(fontpkg_be_vietnam_pro.__file__).parent / "files"
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder]
    )
