"""The map page, and the one to follow a report; rendered here, scripts served by ourselves."""

from pathlib import Path
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

from diachiso.address.position import EAST, NORTH, SOUTH, WEST
from diachiso.address.today import today
from diachiso.settings import Settings
from diachiso.store.landmarks import archipelagos

router = APIRouter(include_in_schema=False)
templates = Jinja2Templates(directory=Path(__file__).parent / "templates")

COUNTRY = (WEST, SOUTH, EAST, NORTH)

TRIES = (
    "42 Hàng Giầy, Hoàn Kiếm, Hà Nội",
    "Phường Hàng Trống, Quận Hoàn Kiếm, Hà Nội",
    "21.039, 105.8482",
    "7PH72RQX+H7",
)
"""Writings of several kinds to begin with."""


def held_to(hosts: tuple[str, ...] = ()) -> dict[str, str]:
    """The headers of a page that fetches from nobody else but these; browsers hold it to that."""
    others = "".join(f" {host}" for host in hosts)
    return {
        "content-security-policy": (
            f"default-src 'self'; connect-src 'self'{others}; img-src 'self' data: blob:{others}; "
            "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
            "frame-ancestors 'self'"
        ),
        "referrer-policy": "same-origin",
        "cache-control": "no-cache",
    }


ONLY_OURSELVES = held_to()


@router.get("/", response_class=HTMLResponse)
def map_page(request: Request) -> HTMLResponse:
    """Wards on a map, a search box, the found point and its code."""
    settings = request.app.state.settings
    facts = {
        "country": COUNTRY,
        "archipelagos": archipelagos(settings.facts),
        "basemap": _basemap(settings),
    }
    told = {"today": today(), "facts": facts, "tries": TRIES}
    headers = held_to(_basemap_hosts(settings))
    return templates.TemplateResponse(request, "map.html", told, headers=headers)


def _basemap(settings: Settings) -> dict[str, str] | None:
    """The basemap that the operator names: none is fetched unless they do."""
    if settings.basemap is None:
        return None
    return {"url": settings.basemap, "credit": settings.basemap_credit}


def _basemap_hosts(settings: Settings) -> tuple[str, ...]:
    if settings.basemap is None:
        return ()
    where = urlsplit(settings.basemap)
    return (f"{where.scheme}://{where.netloc}", *settings.basemap_hosts.split())


@router.get("/reports", response_class=HTMLResponse)
def reports_page(request: Request) -> HTMLResponse:
    """What became of a report, by its token; which stands in the fragment, sent to nobody."""
    return templates.TemplateResponse(request, "reports.html", headers=ONLY_OURSELVES)
