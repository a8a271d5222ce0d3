"""The map's look for any MapLibre client: styles of our own tiles, and the letters they need.

A style names this service for everything: tiles, letters, nothing else. What the page draws itself
(static/paint.js) has the same order of layers, with the fonts of the device.
"""

import os
import re
import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Path as PathPart, Request, Response

from diachiso.address.errors import UnknownTileset
from diachiso.address.position import EAST, NORTH, SOUTH, WEST
from diachiso.stationery.glyphs import FACES, LAST, RANGE, glyphs
from diachiso.web.asking import answered, kept, only_known, tag_of
from diachiso.web.style_layers import PALETTES, layers

router = APIRouter(tags=["tiles"], dependencies=[Depends(only_known)])

JSON = "application/json"
PROTOBUF = "application/x-protobuf"
EDITION = 1
"""Of the letters: raised when their drawing changes."""
FOLDER = "glyphs"

Language = Annotated[str, PathPart(pattern="^(vi|en)$")]


@router.get("/styles")
def styles(request: Request) -> Response:
    """The styles that there are."""
    base = f"{request.base_url}styles"
    listed = [
        {"id": f"{name}-{language}", "url": f"{base}/{name}-{language}.json"}
        for name in PALETTES
        for language in ("vi", "en")
    ]
    return answered(request, {"styles": listed}, JSON)


@router.get("/styles/{name}-{language}.json")
def style(request: Request, name: str, language: Language) -> Response:
    """A MapLibre style, light or dark, with names in Vietnamese or in English besides.

    Raises:
        UnknownTileset: there is no such style.
    """
    if (palette := PALETTES.get(name)) is None:
        raise UnknownTileset(
            f"Không có kiểu bản đồ {name!r}. / There is no style {name!r}; there are "
            f"{', '.join(PALETTES)}."
        )
    base = str(request.base_url)
    body = {
        "version": 8,
        "name": f"Địa chỉ số · {name}",
        "center": [(WEST + EAST) / 2, (SOUTH + NORTH) / 2],
        "zoom": 4,
        "glyphs": f"{base}glyphs/{{fontstack}}/{{range}}.pbf",
        "sources": {"country": {"type": "vector", "url": f"{base}tiles/country.json"}},
        "layers": layers(palette, language),
    }
    return answered(request, body, JSON)


@router.get("/glyphs/{faces}/{first}-{last}.pbf")
def letters(
    request: Request,
    faces: Annotated[str, PathPart(max_length=200)],
    first: Annotated[int, PathPart(ge=0, le=LAST)],
    last: Annotated[int, PathPart(ge=0, le=LAST)],
) -> Response:
    """A range of letters (signed distance fields) of the first of these faces that there is.

    Raises:
        UnknownTileset: there is none of them, or ranges do not begin there.
    """
    face = next((one for one in faces.split(",") if one in FACES), None)
    if face is None or first % RANGE or last != first + RANGE - 1:
        raise UnknownTileset(
            f"Không có bộ chữ {faces!r} {first}-{last}. / There are no letters {first}-{last} of "
            f"{faces!r}; faces are {', '.join(FACES)}, ranges are 0-255, 256-511 and so on."
        )
    home: Path = request.app.state.settings.home
    tag = tag_of(EDITION, face, first)
    return kept(request, tag, lambda: _drawn_once(home, face, first), PROTOBUF)


def _drawn_once(home: Path, face: str, first: int) -> bytes:
    """Letters take half a second to draw: what was drawn is kept in a file, where that may be."""
    name = re.sub(r"\W", "", face)
    file = home / FOLDER / f"{EDITION}-{name}-{first}.pbf"
    try:
        return file.read_bytes()
    except OSError:
        content = glyphs(face, first)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=file.parent)
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        Path(temporary).replace(file)
    except OSError:
        pass  # a home that nothing may be written to costs the drawing alone
    return content
