"""The page that verifies plates, in a real browser: online once, offline after."""

import base64
import io
import os
import shutil

import httpx2
import pytest
from PIL import Image

from diachiso.registry.plate import MARK
from diachiso.stationery.read import text_in
from diachiso.store.plate_keys import PlateKeys

FROM_OSM = "/v1/geocode?q=2 Phố Hàng Trống, Hoàn Kiếm, Hà Nội"
JUDGED = """async ([texts, keys]) => {
    const { verified } = await import("/static/plate.js");
    const said = texts.map((one) => verified(one, keys).then(() => "genuine", (no) => no.kind));
    return Promise.all(said);
}"""
NO_WEB_CRYPTO = "Object.defineProperty(crypto, 'subtle', { value: undefined })"


@pytest.fixture(scope="module")
def code(served):
    found = httpx2.get(f"{served}{FROM_OSM}").json()
    return found["features"][0]["properties"]["code"]


@pytest.fixture(scope="module")
def picture(served, code, tmp_path_factory):
    file = tmp_path_factory.mktemp("plate") / "plate.png"
    file.write_bytes(httpx2.get(f"{served}/v1/addresses/{code}/plate.png").content)
    return file


@pytest.fixture(scope="module")
def text(picture):
    return text_in(picture)


@pytest.fixture(scope="module")
def keys(served):
    return httpx2.get(f"{served}/v1/keys").json()


def flips(text):
    """The text with each of its bits the other way."""
    body = text.removeprefix(MARK)
    content = base64.b32decode(body + "=" * (-len(body) % 8))
    for bit in range(len(content) * 8):
        flipped = bytearray(content)
        flipped[bit // 8] ^= 1 << bit % 8
        yield MARK + base64.b32encode(flipped).decode().rstrip("=")


def open_offline(visit):
    page = visit("verify")
    page.wait_for_load_state("networkidle")
    page.context.set_offline(offline=True)
    return page


def paste(page, text):
    page.fill("#text", text)
    page.click("#paste button")


def test_a_pasted_text_is_verified_without_a_network(visit, expect, text, code):
    page = open_offline(visit)
    asked = len(page.asked)
    paste(page, text)
    expect(page.locator("#result")).to_contain_text("Biển thật")
    expect(page.locator("#result dl")).to_contain_text(f"{code[:5]}-{code[5:]}")
    expect(page.locator("#result dl")).to_contain_text("Phường Hoàn Kiếm, Thành phố Hà Nội")
    assert len(page.asked) == asked


def test_a_picture_is_read_and_verified_without_a_network(visit, expect, picture):
    page = open_offline(visit)
    page.set_input_files("#picture", picture)
    expect(page.locator("#result")).to_contain_text("Biển thật")
    expect(page.locator("#result dl")).to_contain_text("Phố Hàng Trống")


def test_the_camera_reads_a_plate(chromium, expect, served, picture, tmp_path):
    film = tmp_path / "plate.mjpeg"
    scene = Image.new("RGB", (1280, 720), "gray")
    scene.paste(Image.open(picture).convert("RGB").resize((1000, 625)), (140, 48))
    frame = io.BytesIO()
    scene.save(frame, "JPEG", quality=90)
    film.write_bytes(frame.getvalue() * 4)
    browser = chromium.browser_type.launch(
        executable_path=os.environ.get("DIACHISO_CHROMIUM") or shutil.which("chromium"),
        args=[
            "--no-sandbox",  # root in a container has none
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-video-capture={film}",
        ],
    )
    page = browser.new_context(base_url=served, permissions=["camera"]).new_page()
    page.goto("/verify")
    page.click("#camera")
    expect(page.locator("#result")).to_contain_text("Biển thật", timeout=30_000)
    expect(page.locator("#video")).to_be_hidden()
    browser.close()


def test_where_the_code_opens_the_page_the_plate_is_verified_at_once(visit, expect, text):
    page = visit(f"verify#{text}")
    expect(page.locator("#result")).to_contain_text("Biển thật")


@pytest.mark.parametrize("by_library", [False, True])
def test_every_flipped_bit_is_refused_in_the_browser_too(visit, text, keys, by_library):
    page = open_offline(visit)
    if by_library:
        page.evaluate(NO_WEB_CRYPTO)
    judged = page.evaluate(JUDGED, [[text, *flips(text)], keys])
    assert judged[0] == "genuine"
    assert set(judged[1:]) == {"malformed", "unknown-key", "forged"}


def test_what_is_wrong_is_said_in_vietnamese(visit, expect, text):
    page = open_offline(visit)
    paste(page, "xin chào")
    expect(page.locator("#result")).to_contain_text("Không phải mã của biển số nhà")
    paste(page, next(one for one in reversed(list(flips(text)))))
    expect(page.locator("#result")).to_contain_text("Chữ ký không khớp")
    expect(page.locator("#result")).not_to_contain_text("Biển thật")


def test_a_key_that_is_new_or_was_given_up_is_known(visit, expect, served, code, text, home):
    page = visit("verify")
    PlateKeys(home).rotate(PlateKeys(home).known()[-1].since)
    fresh = httpx2.get(f"{served}/v1/addresses/{code}/plate.png").content
    name = {"name": "new.png", "mimeType": "image/png", "buffer": fresh}
    page.set_input_files("#picture", name)
    expect(page.locator("#result")).to_contain_text("Biển thật")
    paste(page, text)
    expect(page.locator("#result")).to_contain_text("Biển thật")


def test_a_phone_shows_the_page_without_sideways_scrolling(visit, expect, text):
    phone = {"width": 360, "height": 740}
    page = visit(f"verify#{text}", viewport=phone, has_touch=True)
    expect(page.locator("#result")).to_contain_text("Biển thật")
    assert page.evaluate("document.documentElement.scrollWidth") <= phone["width"]
