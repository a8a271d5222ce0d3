"""A headless Chromium, where there is one: the distribution's, driven by playwright from PyPI."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

from diachiso.terminal import service
from diachiso.web.app import STATIC

CHROMIUM = os.environ.get("DIACHISO_CHROMIUM") or shutil.which("chromium")
FLAGS = [
    "--no-sandbox",  # root in a container has none
    "--disable-gpu",
    "--use-angle=swiftshader",  # WebGL without a graphics card
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
]
PATIENCE_MS = 15_000
"""How long an assertion waits: a busy machine is no fault of the page."""
DESK = {"width": 1280, "height": 800}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser; without it, or without what drives it, the tests of this folder are skipped."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed (apt-get install chromium)")
    if not (STATIC / "vendor" / "maplibre-gl.mjs").exists():
        pytest.skip("the map library is not here (make map)")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(owner: Engine, serving: Callable[..., Any]) -> Iterator[str]:
    """Where the town of this file is served."""
    with service(owner) as engine, serving(engine) as url:
        yield url


@pytest.fixture
def expect(chromium: Any) -> Any:
    """Playwright's assertions: they wait."""
    expect = sys.modules["playwright.sync_api"].expect
    expect.set_options(timeout=PATIENCE_MS)
    return expect


@pytest.fixture
def visit(chromium: Any, served: str) -> Iterator[Callable[..., Any]]:
    """Open the page in a browser of its own; `page.asked` lists the addresses it asked for."""
    contexts = []

    def visit(fragment: str = "", **options: Any) -> Any:
        context = chromium.new_context(base_url=served, **{"viewport": DESK, **options})
        contexts.append(context)
        page = context.new_page()
        page.asked, page.faults = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.goto(f"/{fragment}")
        return page

    yield visit
    faults = [fault for context in contexts for page in context.pages for fault in page.faults]
    for context in contexts:
        context.close()
    assert not faults
