"""As what, and how large, plates are drawn; apart, for whoever only asks what there is."""

from collections.abc import Mapping
from enum import StrEnum


class Format(StrEnum):
    """As what a plate is drawn."""

    SVG = "svg"
    PDF = "pdf"
    PNG = "png"


class Size(StrEnum):
    """How large the plates of a sheet are: as they will be, or a third of it."""

    FULL = "full"
    SMALL = "small"


MEDIA: Mapping[Format, str] = {
    Format.SVG: "image/svg+xml",
    Format.PDF: "application/pdf",
    Format.PNG: "image/png",
}
