"""The map page, and the page that explains problems; rendered here, scripts served by ourselves."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

from diachiso.address import errors
from diachiso.address.position import EAST, NORTH, SOUTH, WEST
from diachiso.address.today import today
from diachiso.store.facts import rows
from diachiso.web.problems import STATUS, TITLES

router = APIRouter(include_in_schema=False)
templates = Jinja2Templates(directory=Path(__file__).parent / "templates")

ARCHIPELAGOS = ("20333", "22736")
"""Hoàng Sa and Trường Sa: every map of the country shows them (Decree 18/2020/NĐ-CP)."""
COUNTRY = (WEST, SOUTH, EAST, NORTH)

ONLY_OURSELVES = {
    "content-security-policy": (
        "default-src 'self'; img-src 'self' data: blob:; worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    ),
    "referrer-policy": "same-origin",
    "cache-control": "no-cache",
}
"""The page fetches nothing from anyone else, and the browser holds it to that."""


@router.get("/", response_class=HTMLResponse)
def map_page(request: Request) -> HTMLResponse:
    """Wards on a map, a search box, the found point and its code."""
    settings = request.app.state.settings
    facts = {"country": COUNTRY, "archipelagos": _archipelagos(settings.facts)}
    told = {"today": today(), "facts": facts}
    return templates.TemplateResponse(request, "map.html", told, headers=ONLY_OURSELVES)


@lru_cache(maxsize=1)
def _archipelagos(facts: Path) -> list[dict[str, Any]]:
    """Read from the facts and not from the database: they stand whatever has been loaded."""
    return [
        {
            "full_name": row["full_name"],
            "name": row["name"],
            "province": row["province_name"],
            "lon": float(row["lon"]),
            "lat": float(row["lat"]),
        }
        for row in rows(facts / "units" / "wards.csv")
        if row["code"] in ARCHIPELAGOS
    ]


@router.get("/problems", response_class=HTMLResponse)
def problems_page(request: Request) -> HTMLResponse:
    """Every kind of problem, with its status and what it means."""
    kinds = [
        (kind, TITLES.get(kind, kind), getattr(getattr(errors, kind, None), "__doc__", "") or "")
        for kind in TITLES
    ]
    told = {"kinds": kinds, "status": STATUS}
    return templates.TemplateResponse(request, "problems.html", told, headers=ONLY_OURSELVES)
