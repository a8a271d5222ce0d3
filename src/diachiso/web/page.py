"""The map page, and the page that explains problems; rendered here, scripts served by ourselves."""

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

from diachiso.address import errors
from diachiso.web.problems import STATUS, TITLES

router = APIRouter(include_in_schema=False)
templates = Jinja2Templates(directory=Path(__file__).parent / "templates")


@router.get("/", response_class=HTMLResponse)
def map_page(request: Request) -> HTMLResponse:
    """Wards on a map, a search box, the found point and its code."""
    return templates.TemplateResponse(request, "map.html")


@router.get("/problems", response_class=HTMLResponse)
def problems_page(request: Request) -> HTMLResponse:
    """Every kind of problem, with its status and what it means."""
    kinds = [
        (kind, TITLES.get(kind, kind), getattr(getattr(errors, kind, None), "__doc__", "") or "")
        for kind in TITLES
    ]
    return templates.TemplateResponse(request, "problems.html", {"kinds": kinds, "status": STATUS})
