"""Of which day a tile under /ogc is drawn: `datetime`, or `subset` (20-057, class datetime)."""

import re
from datetime import date
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.exceptions import RequestValidationError

from diachiso.address.division import parse_day
from diachiso.address.errors import MalformedDate, QueryError
from diachiso.address.today import today
from diachiso.web.asking import only_known

SUBSET = re.compile(r'datetime\((?P<first>"[^"]+"|\*)(?::(?P<last>"[^"]+"|\*))?\)')
OPEN = ".."
ENDLESS = (OPEN, "*")


async def _day(
    moment: Annotated[
        str | None,
        Query(
            alias="datetime",
            description="Ngày, thời điểm hoặc khoảng / the day that is drawn (YYYY-MM-DD, or a "
            "moment of it, RFC 3339), or a span: its last day; today if unset",
            max_length=64,
        ),
    ] = None,
    subset: Annotated[
        str | None,
        Query(
            description='Như datetime / the same as `datetime("2025-06-30")`, or a span of days: '
            "its last one is drawn",
            max_length=128,
        ),
    ] = None,
) -> date:
    if moment is not None and subset is not None:
        raise QueryError("datetime, subset: chỉ một trong hai. / one of the two alone.")
    if subset is not None:
        return _day_of_subset(subset)
    if moment is None:
        return today()
    first, _, last = moment.partition("/")
    return _last_day("datetime", first or OPEN, last or (OPEN if "/" in moment else first))


Moment = Annotated[date, Depends(_day)]


def _last_day(parameter: str, first: str, last: str) -> date:
    """The last day of a span, for a tile is drawn of one; of one without end: today, or later."""
    if last not in ENDLESS:
        return _day_told(parameter, last)
    return max(today(), _day_told(parameter, first)) if first not in ENDLESS else today()


def _day_told(parameter: str, told: str) -> date:
    try:
        return parse_day(told.partition("T")[0])
    except MalformedDate as fault:
        raise QueryError(f"{parameter}: {fault}") from None


def _day_of_subset(told: str) -> date:
    if (read := SUBSET.fullmatch(told)) is None:
        raise QueryError(
            f'subset={told[:80]!r}: cần datetime("2025-06-30"), hoặc một khoảng. / '
            'datetime("2025-06-30") is needed, or a span: datetime("2025-01-01":*).'
        )
    first, last = read["first"].strip('"'), (read["last"] or read["first"]).strip('"')
    return _last_day("subset", first, last)


async def known_here(request: Request) -> None:
    """Refuse parameters that are not described, as all of /ogc does (400).

    Raises:
        QueryError: names them.
    """
    try:
        await only_known(request)
    except RequestValidationError as fault:
        told = "; ".join(f"{one['loc'][-1]}: {one['msg']}" for one in fault.errors())
        raise QueryError(told) from None
