"""Pictures of every public page: both languages, phone and desktop, light and dark.

    python bench/screens.py http://127.0.0.1:8000 OUT [--only map,developers]

It also prints what the first view of the map page transfers, with and without the map library.
"""

import argparse
import os
import shutil
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page, Request, sync_playwright

CHROMIUM = os.environ.get("DIACHISO_CHROMIUM") or shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 800}}
SPLIT = "Phường Cát Linh, Quận Đống Đa, Hà Nội"
FOUND = "42 Hàng Giầy, Hoàn Kiếm, Hà Nội"
LIBRARY = "vendor/maplibre"

MAP = {
    "map": ("/", None),
    "map-found": (f"/#q={FOUND}", None),
    "map-split": (f"/#q={SPLIT}", None),
    "map-point": ("/#q=105.8482 21.0391", None),
    "map-zone": ("/#q=2326000 587000", None),
    "map-nothing": ("/#q=xyzzy plugh", None),
    "map-suggest": ("/", "suggest"),
    "map-share": (f"/#q={FOUND}", "share"),
    "map-report": (f"/#q={FOUND}", "report"),
}
TEXT = {
    "developers": ("/developers", None),
    "problems": ("/problems", None),
    "reports": ("/reports", None),
    "figures": ("/figures", None),
    "verify": ("/verify", None),
    "sign-in": ("/sign-in", None),
}


def act(page: Page, what: str | None) -> None:
    """Do what the picture shows."""
    if what == "suggest":
        page.click("#q")
        page.keyboard.type("12 hang b", delay=20)
        page.locator("#suggestions li").first.wait_for()
    elif what is not None:
        page.click(f"#open-{what}")
        page.locator(f"dialog#{what} h2").wait_for()


def shots(only: set[str]) -> Iterator[tuple[str, str, str | None, str, str, str]]:
    """Every picture: its name, path, act, language, size and scheme."""
    pages = {**MAP, **TEXT}
    for name, (path, what) in pages.items():
        if only and not any(name.startswith(one) for one in only):
            continue
        for language, size in product(("vi", "en"), SIZES):
            yield name, path, what, language, size, "light"
        yield name, path, what, "vi", "phone", "dark"


def opened(browser: Browser, url: str, language: str, size: str, scheme: str) -> Page:
    """A page of a browser that has chosen its language."""
    context = browser.new_context(base_url=url, viewport=SIZES[size], color_scheme=scheme)
    context.add_init_script(f"localStorage.setItem('diachiso.language', '{language}')")
    return context.new_page()


def transferred(browser: Browser, url: str) -> dict[str, int]:
    """Bytes over the wire of the first view, by address."""
    page = opened(browser, url, "vi", "desktop", "light")
    size: dict[str, int] = {}

    def done(request: Request) -> None:
        sizes = request.sizes()
        size[request.url] = sizes["responseBodySize"] + sizes["responseHeadersSize"]

    page.context.on("requestfinished", done)  # those of the map's worker too
    page.goto("/")
    page.wait_for_load_state("networkidle")
    page.context.close()
    return size


def main() -> None:
    """Take the pictures."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("url")
    asked.add_argument("out", type=Path)
    asked.add_argument("--only", default="")
    given = asked.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    only = set(filter(None, given.only.split(",")))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name, path, what, language, size, scheme in shots(only):
            page = opened(browser, given.url, language, size, scheme)
            in_english = name == "developers" and language == "en"
            page.goto(path + ("?lang=en" if in_english else ""))
            page.wait_for_load_state("networkidle")
            act(page, what)
            file = given.out / f"{name}-{language}-{size}-{scheme}.png"
            page.screenshot(path=file, full_page=name in TEXT)
            wide = page.evaluate("document.documentElement.scrollWidth") > SIZES[size]["width"]
            print(file.name, "WIDER THAN THE SCREEN" if wide else "")
            page.context.close()
        sizes = transferred(browser, given.url)
        library = sum(size for url, size in sizes.items() if LIBRARY in url)
        ours = sum(sizes.values()) - library
        print(f"first view: {ours / 1000:.0f} kB, and {library / 1000:.0f} kB of the map library")
        for url, size in sorted(sizes.items(), key=lambda one: -one[1])[:8]:
            print(f"  {size / 1000:7.1f} kB {url}")
        browser.close()


if __name__ == "__main__":
    main()
