"""Zones of VN-2000: each by its EPSG code and its central meridian, as people name them."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pyproj import CRS

from diachiso.address.position import VN2000, VN2000_GEOGRAPHIC

UTM = range(3405, 3407)
EPSG = re.compile(r"\bEPSG\s?[:=]?\s?(\d{4})\b", re.IGNORECASE)
MERIDIAN = re.compile(
    r"\b(?:KTT|kinh tuyến trục|kinh tuyen truc|L0|CM)\s?[:=]?\s?"
    r"(10[2-9])\s?(?:[°º\-.\s]\s?(\d{1,2})?\s?['′]?)?",
    re.IGNORECASE,
)
NAME = re.compile(r"\bVN[\s\-]?2000\b", re.IGNORECASE)
QUARTERS = {"25": 15, "5": 30, "50": 30, "75": 45}
"""105.75 is 105 degrees and 45 minutes."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A reference system of VN-2000; `meridian` in degrees, None where it has none."""

    epsg: int
    meridian: float | None = None
    area: str = ""

    @property
    def name(self) -> str:
        """EPSG:5897."""
        return f"EPSG:{self.epsg}"

    def told(self) -> dict[str, Any]:
        """In words of JSON."""
        return {"crs": self.name, "central_meridian": self.meridian, "area": self.area}


@lru_cache(maxsize=1)
def zones() -> tuple[Zone, ...]:
    """Every system of VN-2000 that is taken: the zones by meridian, those of UTM last."""
    found = map(_zone, VN2000)
    return tuple(sorted(found, key=lambda one: (one.epsg in UTM, one.meridian or 0.0, one.epsg)))


def _zone(epsg: int) -> Zone:
    crs = CRS.from_epsg(epsg)
    operation = crs.coordinate_operation
    origin = [
        float(one.value)
        for one in (operation.params if operation else [])
        if one.name == "Longitude of natural origin"
    ]
    return Zone(
        epsg, origin[0] if origin else None, crs.area_of_use.name if crs.area_of_use else ""
    )


def named_zone(text: str) -> Zone | None:
    """The zone that a text names: by EPSG code, by meridian (KTT 105°45'), or VN-2000 alone.

    A meridian names the zone of three degrees, which the provinces use, and not the UTM one.
    """
    if match := EPSG.search(text):
        return next((zone for zone in zones() if zone.epsg == int(match[1])), None)
    if match := MERIDIAN.search(text):
        minutes = match[2] or "0"
        wanted = int(match[1]) + QUARTERS.get(minutes, int(minutes)) / 60
        return next((z for z in zones() if z.meridian == wanted and z.epsg not in UTM), None)
    return Zone(VN2000_GEOGRAPHIC) if NAME.search(text) else None


def without_zone(text: str) -> str:
    """The text without what names a zone."""
    for pattern in (EPSG, MERIDIAN, NAME):
        text = pattern.sub(" ", text)
    return " ".join(text.split())
