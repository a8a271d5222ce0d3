"""The styles that any MapLibre client may use: drawn by MapLibre, with nothing from elsewhere."""

import pytest

PAGE = """<!doctype html><html lang="vi"><meta charset="utf-8"><title>map</title>
<link rel="stylesheet" href="/static/vendor/maplibre-gl.css">
<style>body {{ margin: 0 }} #map {{ position: absolute; inset: 0 }}</style><div id="map"></div>
<script type="module">
import {{ Map as Maplibre }} from "/static/vendor/maplibre-gl.mjs";
const map = window.map = new Maplibre({{
  container: "map", style: "/styles/{style}.json", center: {centre}, zoom: {zoom},
  attributionControl: false, fadeDuration: 0, renderWorldCopies: false,
}});
window.faults = [];
map.on("error", ({{ error }}) => window.faults.push(String(error)));
map.on("idle", () => window.drawn = true);
</script></html>"""
NAMES = """() => Object.fromEntries(window.map.getStyle().layers
  .filter((one) => one.type === "symbol")
  .map(({ id }) => [id, window.map.queryRenderedFeatures({ layers: [id] })
                          .map((one) => one.properties.name ?? one.properties.count)]))"""
COUNTRY, TOWN = ([109.5, 14.5], 4.3), ([105.855, 21.03], 14.5)


@pytest.fixture
def draw(visit, served):
    """Draw a style with MapLibre alone: the page, when it is idle."""

    def draw(style, centre, zoom, **options):
        page = visit("styles", **options)
        content = PAGE.format(style=style, centre=centre, zoom=zoom)
        page.route("**/try", lambda route: route.fulfill(body=content, content_type="text/html"))
        page.asked.clear()
        page.goto(f"{served}/try")
        page.wait_for_function("window.drawn === true")
        assert page.evaluate("window.faults") == []
        return page

    return draw


@pytest.mark.parametrize("style", ["light-vi", "dark-en"])
def test_the_country_has_its_archipelagos_and_its_sea(draw, served, style):
    page = draw(style, *COUNTRY)
    names = page.evaluate(NAMES)
    told = " ".join(names["archipelago-names"])
    assert "Hoàng Sa" in told
    assert "Trường Sa" in told
    assert "Biển Đông" in page.evaluate(
        "window.map.queryRenderedFeatures({ layers: ['sea-name'] })[0].properties.name"
    )
    assert [one for one in page.asked if not one.startswith((served, "blob:"))] == []


def test_letters_come_from_ourselves(draw, served):
    page = draw("light-vi", *TOWN)
    letters = [one for one in page.asked if "/glyphs/" in one]
    assert letters
    assert all(one.startswith(f"{served}/glyphs/Be%20Vietnam%20Pro") for one in letters)
    assert any(one.endswith("/7680-7935.pbf") for one in letters)  # ặ, ố, ờ and the like


def test_a_town_shows_wards_streets_and_addresses(draw):
    page = draw("light-vi", *TOWN)
    names = page.evaluate(NAMES)
    assert "Hoàn Kiếm" in names["ward-names"]
    assert "Phố Tràng Thi" in names["street-names"]
    drawn = page.evaluate("window.map.queryRenderedFeatures({ layers: ['addresses'] }).length")
    assert drawn > 0
