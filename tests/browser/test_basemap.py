"""A basemap that the operator names is drawn under ours, and nothing else is let in."""

import base64
import threading
import time

import pytest
import uvicorn

from diachiso.settings import Settings
from diachiso.web.app import create_app
from diachiso.web.serving import listening

HOST = "https://tiles.example"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
STYLE = {
    "version": 8,
    "sources": {"theirs": {"type": "raster", "tiles": [f"{HOST}/{{z}}/{{x}}/{{y}}.png"]}},
    "layers": [{"id": "theirs", "type": "raster", "source": "theirs"}],
}  # fmt: skip
REFUSED = """() => new Promise((done) => {
    document.addEventListener("securitypolicyviolation", (event) => done(event.blockedURI));
    fetch("https://elsewhere.example/").catch(() => {});
})"""


@pytest.fixture
def served_with(bound, home):
    """The service with other settings, on a port of its own."""
    servers = []

    def served_with(**more):
        door = listening("127.0.0.1", 0)
        app = create_app(Settings(home=home, **more), bound)
        server = uvicorn.Server(uvicorn.Config(app, access_log=False, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
        thread.start()
        servers.append((server, thread))
        deadline = time.monotonic() + 60
        while not server.started and thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        return f"http://127.0.0.1:{door.getsockname()[1]}"

    yield served_with
    for server, thread in servers:
        server.should_exit = True
        thread.join(timeout=10)


@pytest.mark.parametrize(
    "basemap", [f"{HOST}/{{z}}/{{x}}/{{y}}.png", f"{HOST}/style.json"], ids=["tiles", "style"]
)
def test_a_basemap_is_fetched_from_its_host_alone(chromium, expect, served_with, basemap):
    base = served_with(basemap=basemap, basemap_credit="© Bản đồ nền")
    page = chromium.new_context(base_url=base).new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    def theirs(route):
        if route.request.url.endswith("style.json"):
            route.fulfill(json=STYLE, headers={"access-control-allow-origin": "*"})
        else:
            headers = {"access-control-allow-origin": "*"}
            route.fulfill(body=PIXEL, content_type="image/png", headers=headers)

    page.context.route(f"{HOST}/**", theirs)
    with page.expect_request(lambda request: request.url.endswith(".png")):
        page.goto("/")
    page.wait_for_load_state("networkidle")
    expect(page.locator("footer")).to_contain_text("© Bản đồ nền")
    elsewhere = {url for url in asked if not url.startswith((base, "data:", "blob:"))}
    assert elsewhere
    assert all(url.startswith(HOST) for url in elsewhere)
    assert page.evaluate(REFUSED).startswith("https://elsewhere.example")
    page.context.close()


def test_a_basemap_that_is_no_address_is_refused():
    for wrong in ("tiles.example", "javascript:alert(1)", "https://a.example; script-src *"):
        with pytest.raises(ValueError, match="basemap"):
            Settings(basemap=wrong)
    with pytest.raises(ValueError, match="basemap_hosts"):
        Settings(basemap_hosts="https://a.example; script-src *")
