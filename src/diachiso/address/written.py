"""What people write to name a place: a code, a Vpostcode, a Plus Code, coordinates, or words.

Decided by the writing alone, without a look into the registry. Coordinates are read in either
order, for latitudes and longitudes of Vietnam do not overlap, and in VN-2000 where the zone is
named; what was made of them is kept, so that it can be told.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from openlocationcode import openlocationcode as plus

from diachiso.address.code import SEPARATORS, AddressCode
from diachiso.address.errors import MalformedPosition, ZoneNeeded
from diachiso.address.position import VN2000_GEOGRAPHIC, Position, is_within, to_wgs84
from diachiso.address.vpostcode import WRITTEN as VPOSTCODE, Vpostcode
from diachiso.address.zone import Zone, named_zone, without_zone, zones

MEANT_AS_A_CODE = range(8, 13)
"""So many digits and nothing else are a code, or a slip in one."""
LONGEST_PLACE = 300
"""Letters of the longest writing that is looked at: links to maps are long."""

MARKS = str.maketrans({"º": "°", "″": '"', "”": '"', "′": "'", "’": "'"})
"""NFKC would make a letter of one, and two of another."""

_CELL = "[23456789CFGHJMPQRVWX]"
PLUS_CODE = re.compile(rf"({_CELL}{{4}}|{_CELL}{{6}}|{_CELL}{{8}})\+({_CELL}{{2,7}})[\s,]*(.*)")
FULL = 8

_DEGREES = r"[-+]?\d{1,3}(?:[.,]\d{1,15})?"
_PART = (
    rf"([NBEĐ]?)\s?({_DEGREES})\s?(?:°\s?)?"
    r"(?:(\d{1,2}(?:[.,]\d{1,9})?)\s?'\s?)?(?:(\d{1,2}(?:[.,]\d{1,9})?)\s?(?:\"|'')\s?)?([NBEĐ]?)"
)
PAIR = re.compile(rf"{_PART}\s?[,;/\s]\s?{_PART}")
PLAIN_PAIR = re.compile(r"([-+]?\d{1,3}(?:\.\d{1,15})?)\s?[,;\s]\s?([-+]?\d{1,3}(?:\.\d{1,15})?)")
METRES = re.compile(r"(\d{6,7}(?:[.,]\d{1,6})?)\s?[,;/\s]\s?(\d{6,7}(?:[.,]\d{1,6})?)")
NAMES = re.compile(
    r"\b(?:latitude|longitude|lat|long|lng|lon|vĩ độ|kinh độ|vi do|kinh do|geo|[xy])\s?[:=]?\s?",
    re.IGNORECASE,
)
LINK = re.compile(
    r"(?:@|[?&](?:q|ll|query|center|destination)=|#map=[\d.]{1,5}/)"
    r"(-?\d{1,3}\.\d{1,15})(?:,|/|%2C)(-?\d{1,3}\.\d{1,15})"
)


@dataclass(frozen=True, slots=True)
class PlusCode:
    """An Open Location Code, whole or shortened; `locality` is the place written beside it."""

    digits: str
    locality: str | None = None

    @property
    def is_whole(self) -> bool:
        """Does it stand without a place beside it?"""
        return self.digits.index("+") == FULL

    def position(self, near: Position | None = None) -> Position:
        """The middle of its cell; of a shortened one, of those cells the nearest to `near`.

        Raises:
            MalformedPosition: no cell has this code, or it is shortened and nothing is near.
            OutOfCountry: far from Vietnam.
        """
        if not self.is_whole and near is None:
            raise MalformedPosition(
                f"{self.digits} là Plus Code rút gọn; hãy viết thêm tên nơi, như {self.digits} "
                f"Hà Nội. / {self.digits} is a shortened Plus Code; write the place beside it, as "
                f"{self.digits} Hà Nội."
            )
        whole = plus.recoverNearest(self.digits, near.lat, near.lon) if near else self.digits
        if not plus.isFull(whole):
            raise MalformedPosition(
                f"{self.digits}: không có ô Plus Code này. / no such Plus Code."
            )
        cell = plus.decode(whole)
        return Position.parse(cell.longitudeCenter, cell.latitudeCenter)


@dataclass(frozen=True, slots=True)
class Spot:
    """Coordinates; `longitude_first` and `zone` say how they were written."""

    position: Position
    longitude_first: bool = False
    zone: Zone | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """Anything else: an address, to be looked up."""

    text: str


Written = AddressCode | Vpostcode | PlusCode | Spot | Words


def read(text: str) -> Written:
    """Say what a text is.

    Raises:
        MalformedCode: as many digits as a code might have, but not ten.
        MalformedPosition: coordinates of nowhere on earth.
        OutOfCountry: coordinates of elsewhere.
        ZoneNeeded: coordinates in metres that do not name their zone.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text.translate(MARKS)).split())
    if len(plain) > LONGEST_PLACE:
        return Words(text)
    return _spot(plain) or _code(plain) or Words(text)


def _code(plain: str) -> AddressCode | Vpostcode | PlusCode | None:
    if VPOSTCODE.fullmatch(plain.upper()):
        return Vpostcode.parse(plain)
    digits = SEPARATORS.sub("", plain)
    if digits.isascii() and digits.isdecimal() and len(digits) in MEANT_AS_A_CODE:
        return AddressCode.parse(plain)
    if match := PLUS_CODE.fullmatch(plain.upper()):
        beside = plain[match.start(3) :].strip() or None
        return PlusCode(f"{match[1]}+{match[2]}", beside)
    return None


# -- coordinates ---------------------------------------------------------------------------------


def _spot(plain: str) -> Spot | None:
    if plain.startswith(("http://", "https://")):
        link = LINK.search(plain)
        return _of_degrees(float(link[1]), float(link[2])) if link else None
    zone, rest = named_zone(plain), without_zone(plain)
    bare = NAMES.sub(" ", rest).strip(" ()[].,;:")
    if match := METRES.fullmatch(bare):
        return _of_metres(_number(match[1]), _number(match[2]), zone)
    if match := PLAIN_PAIR.fullmatch(bare):
        return _certain(float(match[1]), float(match[2]), zone, decimal="." in bare)
    if (match := PAIR.fullmatch(bare.upper())) and _is_marked(match):
        first, second = _angle(match, 1), _angle(match, 6)
        return _certain(first, second, zone, decimal=bool(set("°.") & set(match[0])))
    return None


def _is_marked(match: re.Match[str]) -> bool:
    """Does the writing say that these two numbers are coordinates? 12B/3 is a house number."""
    sides = [bool(match[1] or match[5]), bool(match[6] or match[10])]
    return bool(set("°'.") & set(match[0])) or all(sides) or match[0].count(",") > 1


def _angle(match: re.Match[str], at: int) -> float:
    degrees, minutes, seconds = (match[at + part] for part in (1, 2, 3))
    return _number(degrees) + _number(minutes or "0") / 60 + _number(seconds or "0") / 3600


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _certain(first: float, second: float, zone: Zone | None, *, decimal: bool) -> Spot | None:
    """A pair of degrees; without decimals and outside the country it is no pair of degrees."""
    if not (decimal or is_within(first, second) or is_within(second, first)):
        return None
    spot = _of_degrees(first, second)
    if zone is None or zone.epsg != VN2000_GEOGRAPHIC:
        return spot
    lon, lat = to_wgs84(zone.name).transform(spot.position.lon, spot.position.lat)
    return Spot(Position.parse(lon, lat), spot.longitude_first, zone)


def _of_degrees(first: float, second: float) -> Spot:
    """Two numbers in either order; the usual one, latitude first, where neither fits."""
    if is_within(first, second):
        return Spot(Position(first, second), longitude_first=True)
    return Spot(Position.parse(second, first))


def _of_metres(first: float, second: float, zone: Zone | None) -> Spot:
    """Metres of VN-2000: of the two, northing is always the greater on Vietnam's land."""
    north, east = max(first, second), min(first, second)
    if zone is None or zone.meridian is None:
        raise ZoneNeeded(
            "Tọa độ VN-2000 cần kinh tuyến trục hoặc mã EPSG, như "
            f"{north:.10g} {east:.10g} EPSG:5897. / Coordinates of VN-2000 need their zone, as "
            f"{north:.10g} {east:.10g} EPSG:5897.",
            zones=[one.told() for one in _fitting(north, east)],
            metres=f"{north:.10g} {east:.10g}",
        )
    return Spot(_in_zone(north, east, zone), first < second, zone)


def _in_zone(north: float, east: float, zone: Zone) -> Position:
    lon, lat = to_wgs84(zone.name).transform(east, north)
    return Position.parse(lon, lat)


def _fitting(north: float, east: float) -> Iterator[Zone]:
    """The zones in which these metres lie in the country."""
    for zone in zones():
        if zone.meridian is not None:
            lon, lat = to_wgs84(zone.name).transform(east, north)
            if is_within(lon, lat):
                yield zone
