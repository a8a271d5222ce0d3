"""The map of the page and the style for other clients have the same colours."""

import re
from dataclasses import asdict

import pytest

from diachiso.web.app import STATIC
from diachiso.web.style_layers import PALETTES

CALLED = {"sea-text": "sea"}
OF_THE_PAGE_ALONE = {"paper"}
"""On the page, paper is what is not loaded; in a style it is the sea."""


@pytest.mark.parametrize(("scheme", "which"), [("light", 0), ("dark", 1)])
def test_a_colour_is_said_twice_and_is_the_same(scheme, which):
    text = (STATIC / "map.css").read_text("utf-8")
    told = [
        dict(re.findall(r"--map-([\w-]+):\s*(#\w+);", part)) for part in re.split("@media", text)
    ]
    page = [one for one in told if one][which]
    assert len(page) > 6
    for name, colour in page.items():
        if name not in OF_THE_PAGE_ALONE:
            whole = colour if len(colour) == 7 else "#" + "".join(2 * digit for digit in colour[1:])
            assert whole == asdict(PALETTES[scheme])[CALLED.get(name, name)], name
