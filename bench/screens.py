"""Pictures of every page: both languages, phone and desktop, light and dark.

    python bench/screens.py http://127.0.0.1:8000 OUT [--only map,developers]
    python bench/screens.py http://127.0.0.1:8000 OUT --desk LOGIN --ward 00070 --only desk

With a login (its password in DIACHISO_SCREENS_PASSWORD) the pages of the desk are taken too, as
this officer sees them; what may not be seen is a page that says so. Without one, it also prints
what the first view of the map page transfers, with and without the map library.
"""

import argparse
import os
import shutil
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

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
DESK = {
    "desk-home": "/desk",
    "desk-acts": "/desk/acts",
    "desk-outbox": "/desk/outbox",
    "desk-postal": "/desk/postal",
    "desk-delegations": "/desk/delegations",
    "desk-department": "/desk/department",
    "desk-map": "/desk/wards/{ward}",
    "desk-list": "/desk/wards/{ward}/addresses",
    "desk-drafts": "/desk/wards/{ward}/addresses?state=proposed",
    "desk-certify": "/desk/wards/{ward}/addresses?only=certify",
    "desk-doubts": "/desk/wards/{ward}/addresses?only=doubts",
    "desk-duplicates": "/desk/wards/{ward}/duplicates",
    "desk-reports": "/desk/wards/{ward}/reports",
    "desk-streets": "/desk/wards/{ward}/streets",
    "desk-numbering": "/desk/wards/{ward}/numbering",
    "desk-upload": "/desk/wards/{ward}/upload",
}
PASSWORD = "DIACHISO_SCREENS_PASSWORD"  # noqa: S105 (the name of a variable)
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


def shots(only: set[str], ward: str | None) -> Iterator[tuple[str, str, str | None, str, str, str]]:
    """Every picture: its name, path, act, language, size and scheme."""
    desk = {name: (path.format(ward=ward), None) for name, path in DESK.items()} if ward else {}
    pages = {**MAP, **TEXT, **desk}
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


def signed_in(browser: Browser, url: str, login: str) -> list[Any]:
    """The cookies of somebody who is signed in."""
    page = opened(browser, url, "vi", "desktop", "light")
    page.goto("/sign-in?next=/desk")
    page.fill("#login", login)
    page.fill("#password", os.environ[PASSWORD])
    page.click("[type=submit]")
    page.wait_for_url("**/desk**")
    cookies = page.context.cookies()
    page.context.close()
    return cookies


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
    asked.add_argument("--desk", metavar="LOGIN")
    asked.add_argument("--ward", default="00070")
    given = asked.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    only = set(filter(None, given.only.split(",")))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        cookies = signed_in(browser, given.url, given.desk) if given.desk else []
        for name, path, what, language, size, scheme in shots(
            only, given.ward if cookies else None
        ):
            page = opened(browser, given.url, language, size, scheme)
            spoken = {"name": "diachiso_language", "value": language, "url": given.url}
            page.context.add_cookies([*cookies, spoken])
            in_english = name == "developers" and language == "en"
            page.goto(path + ("?lang=en" if in_english else ""))
            page.wait_for_load_state("networkidle")
            act(page, what)
            file = given.out / f"{name}-{language}-{size}-{scheme}.png"
            page.screenshot(path=file, full_page=name not in MAP)
            wide = page.evaluate("document.documentElement.scrollWidth") > SIZES[size]["width"]
            print(file.name, "WIDER THAN THE SCREEN" if wide else "")
            page.context.close()
        if cookies:
            browser.close()
            return
        sizes = transferred(browser, given.url)
        library = sum(size for url, size in sizes.items() if LIBRARY in url)
        ours = sum(sizes.values()) - library
        print(f"first view: {ours / 1000:.0f} kB, and {library / 1000:.0f} kB of the map library")
        for url, size in sorted(sizes.items(), key=lambda one: -one[1])[:8]:
            print(f"  {size / 1000:7.1f} kB {url}")
        browser.close()


if __name__ == "__main__":
    main()
