"""What a request asks of a collection: every parameter is read, an unknown one refused (400)."""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import orjson
import shapely

from diachiso.address.division import parse_day
from diachiso.address.errors import MalformedDate, MalformedPosition, QueryError
from diachiso.address.reference import CRS84, SYSTEMS, ReferenceSystem, system_called
from diachiso.address.today import VIETNAM, today
from diachiso.store.filter_values import clean
from diachiso.store.pages import Asked, Sorting, Span, Values
from diachiso.store.published import Attribute, Collection, Kind
from diachiso.web.ogc.cql import LANGUAGES, TEXTS, parsed

USUAL, MOST = 100, 10_000
"""Features on a page unless more or fewer are asked for, and at most."""
KEPT = timedelta(days=7)
"""For how long a client may go on paging through one state of the registry."""
PAGING = ("limit", "after")
CHOOSING = ("bbox", "bbox-crs", "datetime", "filter", "filter-lang", "filter-crs")
TELLING = ("crs", "properties", "sortby", "f")
BOX, BOX_WITH_HEIGHTS = 4, 6
NAMES = re.compile(r"[+-]?[A-Za-z_]\w*")
OPEN = ("", "..")


def must_be_known(given: Mapping[str, str], known: frozenset[str]) -> None:
    """See that no parameter is misspelt.

    Raises:
        QueryError: names the unknown one and those there are.
    """
    for name in given:
        if name not in known:
            raise QueryError(
                f"{name}: không có tham số này. / there is no such parameter; there are "
                f"{', '.join(sorted(known)) or 'none'}."
            )


def items_asked(given: Mapping[str, str], collection: Collection, now: datetime) -> Asked:
    """What is asked of a collection's items.

    Raises:
        QueryError: names the parameter at fault.
    """
    named = collection.named
    must_be_known(given, frozenset((*PAGING, *CHOOSING, *TELLING, *named)))
    language = given.get("filter-lang", TEXTS)
    if language not in LANGUAGES:
        raise QueryError(f"filter-lang={language!r}: có / there are {', '.join(LANGUAGES)}.")
    after = _after(given, now)
    sorting = _sorting(given.get("sortby"), named)
    return Asked(
        span=_span(given.get("datetime"), collection),
        moment=after[0] if after else now,
        most=limit_of(given),
        system=_system(given, "crs"),
        properties=_properties(given.get("properties"), named),
        box=_box(given),
        equal=tuple((name, _wanted(named[name], given[name])) for name in given if name in named),
        filter=parsed(given["filter"], language) if "filter" in given else None,
        filter_system=_system(given, "filter-crs"),
        sorting=sorting,
        after=_values(after[1], sorting, collection) if after else None,
    )


def item_asked(
    given: Mapping[str, str], collection: Collection, wanted: str, now: datetime
) -> Asked:
    """What is asked of one feature.

    Raises:
        QueryError: names the parameter at fault.
    """
    must_be_known(given, frozenset(("crs", "datetime", "properties", "f")))
    return Asked(
        span=_span(given.get("datetime"), collection),
        moment=now,
        system=_system(given, "crs"),
        properties=_properties(given.get("properties"), collection.named),
        id=_id(collection, wanted),
    )


def _id(collection: Collection, wanted: str) -> str | int | None:
    """None where no feature can have such an id."""
    if collection.named[collection.key].kind is Kind.TEXT:
        return clean(wanted)
    whole = wanted.isascii() and wanted.isdecimal() and len(wanted) < len(str(1 << 63))
    return int(wanted) if whole else -1


def limit_of(given: Mapping[str, str]) -> int:
    """How many features a page is to have; more than the most is taken for the most."""
    told = given.get("limit", str(USUAL))
    if not (told.isascii() and told.isdecimal() and int(told[:9]) > 0):
        raise QueryError(
            f"limit={told!r}: cần số nguyên từ 1 đến {MOST}. / a whole number from 1 to {MOST} is "
            "needed."
        )
    return min(int(told[:9]), MOST)


def _system(given: Mapping[str, str], name: str) -> ReferenceSystem:
    try:
        return system_called(given[name], name) if name in given else SYSTEMS[CRS84]
    except MalformedPosition as fault:
        raise QueryError(str(fault)) from None


# -- when ------------------------------------------------------------------------------------------


def _span(told: str | None, collection: Collection) -> Span:
    if told is None:
        return Span(None, None) if collection.lasting else Span(today(), today())
    ends = told.split("/")
    if len(ends) == 1:
        day = _day(told, told)
        return Span(day, day)
    since, until = (None if end in OPEN else _day(end, told) for end in ends[:2])
    if len(ends) > 2 or (since and until and since > until):  # noqa: PLR2004 (two ends)
        raise _not_a_time(told)
    return Span(since, until)


def _day(one: str, told: str) -> date:
    """A day, or the day in Vietnam of a moment."""
    try:
        if "T" not in one.upper():
            return parse_day(one)
        moment = datetime.fromisoformat(one.upper())
    except (MalformedDate, ValueError):
        raise _not_a_time(told) from None
    return moment.astimezone(VIETNAM).date() if moment.tzinfo else moment.date()


def _not_a_time(told: str) -> QueryError:
    return QueryError(
        f"datetime={told!r}: cần một ngày (2025-07-01), một thời điểm hoặc một khoảng (2025-01-01/"
        "2025-12-31, ../2025-06-30). / a day, a moment or an interval is needed."
    )


# -- which -----------------------------------------------------------------------------------------


def _box(given: Mapping[str, str]) -> shapely.Geometry | None:
    system = _system(given, "bbox-crs")
    if (told := given.get("bbox")) is None:
        return None
    try:
        numbers = [float(part) for part in told.split(",")]
    except ValueError:
        raise _not_a_box(told) from None
    if len(numbers) == BOX_WITH_HEIGHTS:
        numbers = [*numbers[0:2], *numbers[3:5]]
    if len(numbers) != BOX or not all(abs(number) < 1e9 for number in numbers):  # noqa: PLR2004
        raise _not_a_box(told)
    first, second, third, fourth = numbers
    along, across = ((second, fourth), (first, third)) if system.north_first else (
        (first, third), (second, fourth))  # fmt: skip
    if across[0] > across[1] or (along[0] > along[1] and system.proj is not None):
        raise _not_a_box(told)
    return system.box(first, second, third, fourth)


def _not_a_box(told: str) -> QueryError:
    return QueryError(
        f"bbox={told!r}: cần bốn (sáu) số, góc dưới rồi góc trên, theo thứ tự trục của bbox-crs. / "
        "four (six) numbers are needed, the lower corner and then the upper one, axes in the order "
        "of bbox-crs; for instance 105.8,20.9,105.9,21.1."
    )


def _wanted(attribute: Attribute, told: str) -> Any:  # noqa: ANN401 (by kind)
    """The value of a parameter: one of those of its schema.

    Raises:
        QueryError: it is none of them.
    """
    if attribute.values and told not in attribute.values:
        raise QueryError(
            f"{attribute.name}={told[:80]!r}: không có giá trị này. / there is no such value; "
            f"there are {', '.join(attribute.values)}."
        )
    return _value(attribute.name, attribute.kind, told)


def _value(name: str, kind: Kind, told: str) -> Any:  # noqa: ANN401 (by kind)
    try:
        match kind:
            case Kind.INTEGER:
                return int(told)
            case Kind.NUMBER:
                return float(told)
            case Kind.FLAG:
                return {"true": True, "false": False}[told.lower()]
            case Kind.DAY:
                return parse_day(told)
            case _:
                return clean(told)
    except (ValueError, KeyError, MalformedDate):
        raise QueryError(
            f"{name}={told!r}: cần {kind.value}. / a {kind.value} is needed."
        ) from None


# -- in which order, told how ----------------------------------------------------------------------


def _properties(told: str | None, named: Mapping[str, Attribute]) -> tuple[str, ...] | None:
    if told is None:
        return None
    names = tuple(name for name in told.split(",") if name)
    for name in names:
        _must_be_named("properties", name, named)
    return names


def _sorting(told: str | None, named: Mapping[str, Attribute]) -> tuple[Sorting, ...]:
    if not told:
        return ()
    wanted = []
    for part in told.replace(" ", "+").split(","):
        name = part.lstrip("+-") if NAMES.fullmatch(part) else part
        _must_be_named("sortby", name, named)
        wanted.append(Sorting(name, descending=part.startswith("-")))
    return tuple(wanted)


def _must_be_named(parameter: str, name: str, named: Mapping[str, Attribute]) -> None:
    if name not in named:
        raise QueryError(
            f"{parameter}={name!r}: không có thuộc tính này. / there is no such property; there "
            f"are {', '.join(sorted(named))}."
        )


# -- where the last page ended ---------------------------------------------------------------------


def token(moment: datetime, place: Values) -> str:
    """Where a page ended, and of which moment it was: opaque to clients."""
    told = orjson.dumps([moment.isoformat(), *place], default=str)
    return base64.urlsafe_b64encode(told).decode().rstrip("=")


def _after(given: Mapping[str, str], now: datetime) -> tuple[datetime, list[Any]] | None:
    if (told := given.get("after")) is None:
        return None
    try:
        read = orjson.loads(base64.urlsafe_b64decode(told + "=" * (-len(told) % 4)))
        moment = datetime.fromisoformat(read[0])
        age = now - moment
    except (ValueError, TypeError, IndexError, KeyError, binascii.Error):
        raise _no_page(told) from None
    if not timedelta(0) <= age <= KEPT:
        raise QueryError(
            f"after: liên kết đã quá {KEPT.days} ngày, hãy bắt đầu lại. / the link is older than "
            f"{KEPT.days} days: begin again."
        )
    return moment, read[1:]


def _values(told: list[Any], sorting: tuple[Sorting, ...], collection: Collection) -> Values:
    kinds = [*(collection.named[one.name].kind for one in sorting), collection.last_sorted_by]
    if len(told) != len(kinds):
        raise _no_page(str(told))
    return tuple(_again(kind, value) for kind, value in zip(kinds, told, strict=True))


FITTING: Mapping[Kind, type | tuple[type, ...]] = {
    Kind.TEXT: str,
    Kind.DAY: str,
    Kind.INTEGER: int,
    Kind.NUMBER: (int, float),
    Kind.FLAG: bool,
}


def _again(kind: Kind, value: object) -> Any:  # noqa: ANN401 (by kind)
    """A value of a token as it was."""
    if value is None:
        return None
    if isinstance(value, bool) is not (kind is Kind.FLAG) or not isinstance(value, FITTING[kind]):
        raise _no_page(str(value))
    if isinstance(value, int) and abs(value) >= 1 << 63:
        raise _no_page(str(value))
    return _value("after", kind, value) if isinstance(value, str) else value


def _no_page(told: str) -> QueryError:
    return QueryError(
        f"after={told[:80]!r}: không phải liên kết của trang nào ở đây. / not of a link that was "
        "given here: follow the link `next`."
    )
