"""Figures for everybody: as JSON, as CSV, and as a page with charts that the server draws."""

import csv
import io
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse

from diachiso.address.division import parse_day
from diachiso.address.today import today
from diachiso.registry.figures import ESTIMATE, FEWEST_RESTRICTED, Figures, Month, told
from diachiso.store.figures import a_year_before, figures
from diachiso.web import wire
from diachiso.web.asking import CurrentBooks, answered, only_known
from diachiso.web.page import ONLY_OURSELVES, templates

router = APIRouter(tags=["figures"], dependencies=[Depends(only_known)])
JSON, CSV = "application/json", "text/csv; charset=utf-8"
MARK = "\ufeff"
"""Excel reads UTF-8 only where the file begins with it."""
WIDE, HIGH, MARGIN = 640, 180, 8
MOST_BARS = 20

Unit = Annotated[
    str,
    Query(
        description="mã phường, xã hoặc tỉnh; trống: cả nước / code of a ward or a province",
        pattern="^([0-9]{2}|[0-9]{5})?$",
    ),
]
Since = Annotated[str | None, Query(alias="from", max_length=32, description="từ ngày / first day")]
Until = Annotated[str | None, Query(alias="to", max_length=32, description="đến ngày / last day")]


def _asked(
    books: CurrentBooks, unit: Unit = "", since: Since = None, until: Until = None
) -> Figures:
    last = parse_day(until) if until else today()
    first = parse_day(since) if since else a_year_before(last)
    with books.reading() as reader:
        return figures(reader, unit, first, last)


Asked = Annotated[Figures, Depends(_asked)]


@router.get("/v1/figures")
def as_json(request: Request, found: Asked) -> Response:
    """Coverage, quality, speed and use of a unit, of those right below it, and by month."""
    return answered(request, body(found), JSON)


@router.get("/v1/figures.csv")
def as_csv(found: Asked) -> Response:
    """The same as a table: a row for the unit, and one for each right below it."""
    name = f"diachiso-{found.total.code or 'vn'}-{found.until}.csv"
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "public, no-cache",
    }
    return Response(MARK + table(found), media_type=CSV, headers=headers)


@router.get("/figures", response_class=HTMLResponse, include_in_schema=False)
def page(request: Request, found: Asked) -> HTMLResponse:
    """The same for people: numbers, a table and two charts."""
    rows = [told(row) for row in found.below]
    shown = {
        "total": told(found.total),
        "rows": rows,
        "since": found.since,
        "until": found.until,
        "kinds": found.kinds,
        "estimate": ESTIMATE,
        "fewest": FEWEST_RESTRICTED,
        "line": chart(found.months),
        "bars": bars(rows),
        "wide": WIDE,
        "high": HIGH,
    }
    return templates.TemplateResponse(request, "figures.html", shown, headers=ONLY_OURSELVES)


def body(found: Figures) -> wire.Json:
    """The figures as they travel."""
    return {
        "from": found.since,
        "to": found.until,
        "households_estimated_source": None,
        "households_remark": ESTIMATE,
        "restricted_remark": (
            f"Dưới {FEWEST_RESTRICTED} địa chỉ ẩn của một phường, xã thì không nêu. / Fewer than "
            f"{FEWEST_RESTRICTED} restricted addresses of a ward are not told."
        ),
        "total": told(found.total),
        "units": [told(row) for row in found.below],
        "months": [asdict(month) for month in found.months],
        "lookups_by_kind": dict(found.kinds),
    }


def table(found: Figures) -> str:
    """The figures as CSV, the unit itself first."""
    out = io.StringIO()
    first = told(found.total)
    written = csv.DictWriter(out, [*first, "from", "to"], lineterminator="\r\n")
    written.writeheader()
    for row in (found.total, *found.below):
        written.writerow(told(row) | {"from": found.since, "to": found.until})
    return out.getvalue()


def chart(months: tuple[Month, ...]) -> dict[str, Any]:
    """Recorded and certified at the ends of months, as the points of two lines."""
    most = max((month.recorded for month in months), default=0) or 1
    step = (WIDE - 2 * MARGIN) / max(1, len(months) - 1)

    def line(name: str) -> str:
        points = (
            (MARGIN + n * step, HIGH - MARGIN - (HIGH - 2 * MARGIN) * getattr(month, name) / most)
            for n, month in enumerate(months)
        )
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)

    return {
        "recorded": line("recorded"),
        "certified": line("certified"),
        "most": most,
        "first": _month(months[0].day) if months else "",
        "last": _month(months[-1].day) if months else "",
    }


def _month(day: date) -> str:
    return f"{day:%m/%Y}"


def bars(rows: list[wire.Json]) -> list[wire.Json]:
    """The units with most addresses: how long their bars are, and the certified part of them."""
    first = sorted(rows, key=lambda row: (-row["recorded"], row["code"]))[:MOST_BARS]
    most = max((row["recorded"] for row in first), default=0)
    return [
        {
            "name": row["name"],
            "recorded": row["recorded"],
            "certified": row["certified"],
            "length": round(WIDE * row["recorded"] / most, 1),
            "certified_length": round(WIDE * row["certified"] / most, 1),
        }
        for row in first
        if row["recorded"]
    ]
