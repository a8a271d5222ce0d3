"""Which columns hold the address: by their names, and where names say nothing, by what they hold.

Delivery apps write `receiver_address`, offices write "Số nhà", "Đường/Phố", "Phường/Xã" in columns
of their own; most tables hold both a line and the units beside it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from statistics import fmean

from diachiso.address.name import fold
from diachiso.sheet.cell import Row, is_blank, key_of, text_of


class Role(StrEnum):
    """What a column says of an address; a whole line, or one part of it."""

    TEXT = "text"
    HOUSE_NUMBER = "house_number"
    STREET = "street"
    HAMLET = "hamlet"
    WARD = "ward"
    DISTRICT = "district"
    PROVINCE = "province"


UNITS = (Role.WARD, Role.DISTRICT, Role.PROVINCE)
Chosen = Mapping[Role, tuple[int, ...]]
"""The columns of each role, counted from 0; only the text may have several."""

LINE = re.compile(r"\b(?:dia chi|diachi|address|addr|noi (?:o|nhan|giao|den)|cho o)\b")
NOT_A_LINE = re.compile(
    r"\b(?:e?mail|ip|mac|ma|code|id|web|url|loai|type|ghi chu|note|label|hash|status|trang thai)\b"
)
RECEIVER = re.compile(r"\b(?:nhan|giao|den|receiver|recipient|ship|shipping|delivery|to|dest)\b")
SENDER = re.compile(r"\b(?:gui|lay|di|sender|from|pickup|origin|billing)\b")
WHOLE = re.compile(r"\b(?:day du|full|chi tiet|raw|goc)\b")
BARE_LINES = {"q": 1, "query": 1, "text": 1}
WEIGHT_LINE, WEIGHT_RECEIVER, WEIGHT_SENDER, WEIGHT_WHOLE = 10, 3, -3, 2

WHOSE = re.compile(
    r"\b(?:nguoi nhan|nhan hang|giao hang|nguoi gui|khach hang|nhan|giao|gui|kh|receiver|recipient"
    r"|sender|customer|shipping|delivery|addr|address|dia chi|ten|name|to|from|ward name|cu|old)\b"
)
PARTS: Mapping[Role, frozenset[str]] = {
    Role.HOUSE_NUMBER: frozenset(
        ("so nha", "house number", "housenumber", "house no", "house", "street number", "number",
         "so nha ngo ngach", "so nha so can", "so", "sonha")
    ),
    Role.STREET: frozenset(
        ("duong", "pho", "duong pho", "duong pho thon", "street", "road", "tenduong", "duong ngo",
         "street road", "tuyen duong", "tuyen pho", "route")
    ),
    Role.HAMLET: frozenset(
        ("thon", "xom", "ap", "to", "to dan pho", "tdp", "khu pho", "thon xom", "thon ap", "hamlet",
         "thon to dan pho", "thon ap khu pho", "thon xom ap", "to khu pho", "khu vuc", "village",
         "thon to", "ap khu pho", "ban lang", "thon ban", "neighbourhood", "neighborhood")
    ),
    Role.WARD: frozenset(
        ("phuong", "xa", "phuong xa", "xa phuong", "xa phuong thi tran", "phuong xa thi tran", "xp",
         "px", "ward", "commune", "phuong xa tt", "xa phuong tt", "wards", "phuongxa", "xaphuong",
         "ward commune", "phuong xa dac khu", "xa phuong dac khu", "subdistrict")
    ),
    Role.DISTRICT: frozenset(
        ("quan", "huyen", "quan huyen", "huyen quan", "district", "quanhuyen", "quan huyen tx",
         "quan huyen thi xa", "huyen thi xa", "quan huyen tp", "qh", "county", "quan huyen tx tp",
         "quan huyen thi xa thanh pho", "huyen thi xa thanh pho")
    ),
    Role.PROVINCE: frozenset(
        ("tinh", "tp", "thanh pho", "tinh thanh", "tinh tp", "tinh thanh pho", "province", "city",
         "province city", "city province", "tinhthanh", "thanh pho tinh", "tp tinh", "state")
    ),
}  # fmt: skip
OTHERS = frozenset(
    ("stt", "tt", "no", "id", "ma", "ho ten", "ho va ten", "ten", "name", "full name", "sdt",
     "phone", "dien thoai", "so dien thoai", "so dt", "ma don", "ma don hang", "ma van don",
     "ma kh", "email", "ghi chu", "note", "ngay", "date", "cod", "tien thu ho", "khoi luong",
     "san pham", "so luong",
     "nguoi nhan", "khach hang", "ten khach hang", "ma khach hang", "gia tri", "trang thai", "lat",
     "lon", "lng", "cccd", "ngay sinh", "gioi tinh", "don vi", "order id", "tracking", "sku")
)  # fmt: skip
"""Names that say nothing of an address, but do say that this row is a heading."""

KIND = re.compile(
    r"\b(?:so nha|so|ngo|ngach|hem|kiet|duong|pho|phuong|xa|quan|huyen|tp|thanh pho|tinh|thon|ap"
    r"|xom|khu|kp|kdt|chung cu|toa|quoc lo|ql|tl|p|q|f|h|tt|tx|street|ward|district|city|road|st)\b"
)
NUMBERED = re.compile(r"^(?:so |nha )?\d+[a-z]?(?: \d+[a-z]?)* [a-z]{2,}")
CITY = re.compile(
    r"\b(?:ha noi|ho chi minh|hcm|tphcm|sai gon|da nang|hai phong|can tho|hue|viet nam|hn)\b"
)
ENOUGH = 2.0
LONGEST_NAME = 80


def looks_like_address(text: str) -> float:
    """How many marks of an address a text bears: 0 none, from 2 on probably one."""
    folded = fold(text)
    words = folded.count(" ") + 1
    if words < 2 or "@" in text or len(folded) < 6:  # noqa: PLR2004 (too little to tell)
        return 0.0
    return (
        min(2, len(KIND.findall(folded)))
        + 1.5 * bool(NUMBERED.match(folded))
        + bool(CITY.search(folded))
        + 0.5 * ("," in text)
        + 0.5 * (words > 3)  # noqa: PLR2004 (longer than a person's name)
    )


def role_of(name: object) -> Role | None:
    """What a name says that its column holds."""
    key = key_of(name)
    if _weight_of_line(key) > 0:
        return Role.TEXT
    for candidate in (key, " ".join(WHOSE.sub(" ", key).split())):
        for role, names in PARTS.items():
            if candidate in names:
                return role
    return None


def is_known_name(name: object) -> bool:
    """Is it a usual name of a column, of an address or of anything else?"""
    return role_of(name) is not None or key_of(name) in OTHERS


def _weight_of_line(key: str) -> int:
    if key in BARE_LINES:
        return BARE_LINES[key]
    if len(key) > LONGEST_NAME or NOT_A_LINE.search(key) or not LINE.search(key):
        return 0
    if WHOSE.sub(" ", key).strip() and any(
        " ".join(WHOSE.sub(" ", key).split()) in names for names in PARTS.values()
    ):
        return 0  # "địa chỉ - phường" is a part
    return (
        WEIGHT_LINE
        + WEIGHT_RECEIVER * bool(RECEIVER.search(key))
        + WEIGHT_SENDER * bool(SENDER.search(key))
        + WEIGHT_WHOLE * bool(WHOLE.search(key))
    )


def guess(names: Sequence[object], sample: Sequence[Row]) -> Chosen | None:
    """The columns of the address; None where nothing looks like one."""
    filled = [n for n in range(len(names)) if any(_has(row, n) for row in sample)]
    parts = _parts(names, filled)
    lines = [n for n in filled if _weight_of_line(key_of(names[n])) > 0]
    if lines:
        weight: Callable[[int], float] = lambda n: _weight_of_line(key_of(names[n]))  # noqa: E731
        best = max(lines, key=lambda n: (weight(n), _likeness(sample, n), -n))
        beside: dict[Role, tuple[int, ...]] = {r: p for r, p in parts.items() if r in UNITS}
        return {Role.TEXT: (best,)} | beside
    if parts.keys() & {Role.STREET, Role.WARD, Role.DISTRICT}:
        return parts
    likely = max(filled, key=lambda n: (_likeness(sample, n), -n), default=None)
    if likely is None or _likeness(sample, likely) < ENOUGH:
        return None
    return {Role.TEXT: (likely,)}


def _parts(names: Sequence[object], filled: Sequence[int]) -> dict[Role, tuple[int, ...]]:
    parts: dict[Role, tuple[int, ...]] = {}
    for n in filled:
        role = role_of(names[n])
        if role is not None and role is not Role.TEXT:
            parts.setdefault(role, (n,))
    return {role: parts[role] for role in Role if role in parts}


def _has(row: Row, column: int) -> bool:
    return column < len(row) and not is_blank(row[column])


def _likeness(sample: Sequence[Row], column: int) -> float:
    told = [
        looks_like_address(row[column]) if isinstance(row[column], str) else 0.0
        for row in sample
        if _has(row, column)
    ]
    return fmean(told) if told else 0.0


def named(wanted: str, names: Sequence[object]) -> int | None:
    """The column that a person means: its name, its name roughly, its number, or its letter."""
    texts = [text_of(name).strip() for name in names]
    if wanted.strip() in texts:
        return texts.index(wanted.strip())
    keys = [key_of(name) for name in names]
    if (key := key_of(wanted)) and key in keys:
        return keys.index(key)
    if wanted.isdecimal() and 1 <= int(wanted) <= len(names):
        return int(wanted) - 1
    return None
