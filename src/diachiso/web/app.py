"""Puts the service together: one composition root, built from settings that are passed in."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from anyio.to_thread import current_default_thread_limiter
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from sqlalchemy import Engine

from diachiso.address.today import today
from diachiso.settings import Settings
from diachiso.store.engine import Reader, require_schema
from diachiso.store.history import edition_of
from diachiso.store.keeper import VocabularyKeeper, nothing
from diachiso.store.landmarks import landmarks
from diachiso.store.tile_cache import TileCache
from diachiso.store.tiles import Atlas
from diachiso.taking.worker import Takings
from diachiso.web import (
    access,
    addresses,
    changes,
    decrees,
    divisions,
    errands,
    exports,
    figures,
    finding,
    geocoding,
    intakes,
    ledger,
    lookup,
    manual,
    many,
    numbering,
    ogc_tiles,
    openapi,
    page,
    plates,
    postal,
    problems,
    registration,
    reports,
    signing,
    staffing,
    styles,
    tiles,
    webhooks,
)
from diachiso.web.asking import Books
from diachiso.web.deprecation import Deprecations
from diachiso.web.desk import desk
from diachiso.web.desk.kept import KeptCounts
from diachiso.web.methods import HeadAsGet
from diachiso.web.ogc import routes as ogc
from diachiso.web.packing import Packing
from diachiso.web.press import Press
from diachiso.web.provider import provider_of
from diachiso.web.quotas import Quotas
from diachiso.web.sharing import SharedReads
from diachiso.web.straight import StraightWays

STATIC = Path(__file__).parent / "static"
WORTH_PACKING, PACKED_TO = 1_000, 4
"""Bytes below which gzip only adds; a higher level packs a tenth better in five times the time."""
MB = 1_000_000
THREADS = 8
"""Requests that wait for the database at the same time; more only take turns at one core."""

DESCRIPTION = """
Sổ địa chỉ số quốc gia: mã địa chỉ, đơn vị hành chính theo thời gian, tra cứu địa chỉ.

The national digital address registry: address codes, administrative units through time, and
geocoding. Positions are longitude, latitude in WGS 84; codes are strings; `as_of` is a day,
today if unset. Errors are problem details (RFC 9457).
"""


def create_app(
    settings: Settings, engine: Engine, when_warm: Callable[[], None] = nothing
) -> FastAPI:
    """The service over a migrated database; `when_warm` is the keeper's.

    Raises:
        SchemaOutdated: the schema is not the one this program needs.
    """
    require_schema(engine)
    books = Books(engine, VocabularyKeeper(engine, settings.facts, when_warm))
    atlas = Atlas(landmarks(settings.facts))

    def read_ahead(reader: Reader) -> None:
        atlas.densities.of(reader, today())
        books.cards.read(reader, (today(), lookup.EVE_OF_REFORM))

    url = engine.url.render_as_string(hide_password=False)
    takings = Takings(url, settings.home, settings.intake_days)

    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = THREADS
        with books.keeper.watching(read_ahead), books.tally.writing(engine), takings.working():
            yield

    app = FastAPI(
        lifespan=living,
        title="Địa chỉ số",
        version=version("diachiso"),
        description=DESCRIPTION,
        docs_url=None,  # the usual pages fetch their scripts from elsewhere
        redoc_url=None,
        openapi_url=None,  # ours has examples that run
        telemetry={"tracing": False, "metrics": False, "logs": False},  # they would tell the query
        generate_unique_id_function=_operation_ids(),
    )
    app.state.books = books
    app.state.settings = settings
    app.state.takings = takings
    app.state.quotas = Quotas()
    app.state.press = Press.of(settings)
    app.state.tiles = TileCache(engine, atlas, settings.tile_memory_mb * MB)
    app.state.desk_counts = KeptCounts()
    app.state.provider = provider_of(settings)
    if not settings.public_quota:
        ways = (geocoding.router, finding.router, addresses.router)
        app.add_middleware(StraightWays, routers=ways)
    app.add_middleware(Packing, minimum_size=WORTH_PACKING, compresslevel=PACKED_TO)
    app.add_middleware(Deprecations)
    app.add_middleware(HeadAsGet)  # outside of what packs: its headers are those of GET
    app.add_middleware(SharedReads)
    problems.install(app)
    errands.install(app)
    counted = [Depends(access.within_public_quota)] if settings.public_quota else []
    for part in (
        finding,
        geocoding,
        addresses,
        divisions,
        figures,
        postal,
        changes,
        tiles,
        ogc,
        ogc_tiles,
        styles,
        exports,
        plates,
    ):
        app.include_router(part.router, dependencies=counted)
    app.include_router(ledger.public, dependencies=counted)
    app.include_router(ledger.auditors)
    for part in (registration, intakes, decrees, manual, openapi, page, signing):
        app.include_router(part.router)
    app.include_router(plates.page)
    app.include_router(reports.public)
    app.include_router(reports.ward)
    app.include_router(signing.me)
    app.include_router(staffing.router)
    app.include_router(webhooks.router)
    for part in (numbering, many, desk):
        app.include_router(part.router)
    app.include_router(_health())
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app


def _operation_ids() -> Callable[[APIRoute], str]:
    """Names by tag and function: clients are generated by them, so they never change.

    A second path of the same function has its path in its name as well.
    """
    taken: dict[str, str] = {}

    def named(route: APIRoute) -> str:
        tag = str(route.tags[0]).replace(" ", "_") if route.tags else "other"
        name, at = f"{tag}_{route.name}", f"{sorted(route.methods or ())}{route.path_format}"
        if taken.setdefault(name, at) == at:
            return name
        return f"{name}_{re.sub(r'[^a-z0-9]+', '_', at.lower()).strip('_')}"

    return named


def _health() -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/healthz")
    def healthz(request: Request) -> dict[str, Any]:
        """Is the service able to answer? The edition it geocodes by, and the one last loaded.

        `warm` tells that the streets are prepared: for some seconds after a start, or a load, one
        that is asked for the first time is answered some milliseconds later than others.
        """
        books: Books = request.app.state.books
        with books.reading() as reader:
            newest = edition_of(reader)
        return {
            "status": "ok",
            "edition": books.keeper.current().edition,
            "newest_edition": newest,
            "warm": books.keeper.is_warm,
        }

    @router.get("/favicon.ico", include_in_schema=False)
    def favicon() -> Response:
        return Response(status_code=204)

    return router
