"""The layers of a map style, from the paper up to the names (MapLibre style specification, 8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from diachiso.web.wire import Json

REGULAR, BOLD, ITALIC = (
    ["Be Vietnam Pro Regular"],
    ["Be Vietnam Pro SemiBold"],
    ["Be Vietnam Pro Italic"],
)
WARDS_FROM = 7
"""Zoom from which wards are told apart."""
Expression = list[Any]


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a map."""

    paper: str
    ward: str
    commune: str
    border: str
    street: str
    casing: str
    text: str
    halo: str
    sea: str
    address: str
    post: str


PALETTES: Mapping[str, Palette] = {
    "light": Palette(
        paper="#dfe8ee",
        ward="#fdeccb",
        commune="#eef3e0",
        border="#8a7f99",
        street="#ffffff",
        casing="#d8cdb8",
        text="#2b3340",
        halo="#ffffff",
        sea="#2f6690",
        address="#b3261e",
        post="#8a5a00",
    ),
    "dark": Palette(
        paper="#18212b",
        ward="#2b2d33",
        commune="#263029",
        border="#8f86a3",
        street="#4a5058",
        casing="#1d2126",
        text="#e6e9ee",
        halo="#14181d",
        sea="#8fc1e8",
        address="#ff8a80",
        post="#ffcc66",
    ),
}


def layers(colour: Palette, language: str) -> list[Json]:
    """All layers, the lowest first."""
    return [
        {"id": "paper", "type": "background", "paint": {"background-color": colour.paper}},
        *_areas(colour),
        *_streets(colour),
        *_borders(colour),
        *_points(colour),
        *_names(colour),
        *_national(colour, language),
    ]


def _drawn(identity: str, kind: str, of: str, paint: Json, **more: object) -> Json:
    return {
        "id": identity,
        "type": kind,
        "source": "country",
        "source-layer": of,
        "paint": paint,
        **more,
    }


def _by_zoom(*stops: object, base: float = 1.0) -> Expression:
    return ["interpolate", ["exponential", base], ["zoom"], *stops]


def _areas(colour: Palette) -> list[Json]:
    by_kind = ["match", ["get", "kind"], "xã", colour.commune, colour.ward]
    paint: Json = {"fill-antialias": False}
    return [
        _drawn("province-areas", "fill", "provinces", {"fill-color": colour.commune, **paint},
               maxzoom=WARDS_FROM),
        _drawn("ward-areas", "fill", "wards", {"fill-color": by_kind, **paint},
               minzoom=WARDS_FROM),
    ]  # fmt: skip


def _borders(colour: Palette) -> list[Json]:
    sure = ["!=", ["get", "accuracy"], "approximate"]
    paint: Json = {
        "line-color": colour.border,
        "line-width": _by_zoom(7, 0.4, 11, 1.0, 15, 2.2),
        "line-opacity": _by_zoom(7, 0.35, 10, 0.9),
    }
    dashed: Json = {**paint, "line-dasharray": [3, 2]}
    wide: Json = {
        "line-color": colour.border,
        "line-width": _by_zoom(3, 0.6, 8, 1.6, 12, 3.0),
        "line-opacity": 0.85,
    }
    layout = {"line-join": "round"}
    return [
        _drawn("ward-lines", "line", "wards", paint, minzoom=WARDS_FROM, filter=sure,
               layout=layout),
        _drawn("ward-lines-approximate", "line", "wards", dashed, minzoom=WARDS_FROM,
               filter=["!", sure], layout=layout),
        _drawn("province-lines", "line", "provinces", wide, layout=layout),
    ]  # fmt: skip


def _streets(colour: Palette) -> list[Json]:
    greater = ["==", ["get", "greater"], 1]

    def width(more: float) -> Expression:
        return _by_zoom(
            12, ["case", greater, 1 + more, 0.4 + more],
            16, ["case", greater, 7 + more, 3.5 + more],
            20, ["case", greater, 30 + more, 18 + more],
            base=1.6,
        )  # fmt: skip

    layout = {"line-cap": "round", "line-join": "round"}
    return [
        _drawn("street-casings", "line", "streets",
               {"line-color": colour.casing, "line-width": width(1.5)}, layout=layout, minzoom=14),
        _drawn("streets", "line", "streets",
               {"line-color": colour.street, "line-width": width(0)}, layout=layout),
    ]  # fmt: skip


def _points(colour: Palette) -> list[Json]:
    """Addresses by themselves, or so many together; postal points."""
    together = ["has", "count"]
    size = ["interpolate", ["linear"], ["ln", ["get", "count"]], 0, 4, 14, 22]
    return [
        _drawn("address-clusters", "circle", "addresses",
               {"circle-radius": size, "circle-color": colour.address, "circle-opacity": 0.3,
                "circle-stroke-color": colour.address, "circle-stroke-width": 1},
               filter=together, minzoom=8),
        _drawn("addresses", "circle", "addresses",
               {"circle-radius": _by_zoom(14, 1.5, 18, 4.5), "circle-color": colour.address,
                "circle-stroke-color": colour.halo, "circle-stroke-width": _by_zoom(15, 0, 18, 1)},
               filter=["!", together]),
        _drawn("postal-points", "circle", "postal_points",
               {"circle-radius": _by_zoom(8, 2.5, 16, 6), "circle-color": colour.post,
                "circle-stroke-color": colour.halo, "circle-stroke-width": 1.5}),
    ]  # fmt: skip


def _names(colour: Palette) -> list[Json]:
    ink: Json = {"text-color": colour.text, "text-halo-color": colour.halo, "text-halo-width": 1.5}
    return [
        _drawn("cluster-counts", "symbol", "addresses", ink, minzoom=10,
               filter=[">", ["coalesce", ["get", "count"], 0], 1],
               layout={"text-field": ["to-string", ["get", "count"]], "text-font": REGULAR,
                       "text-size": 10.5}),
        _drawn("house-numbers", "symbol", "addresses", ink, filter=["!", ["has", "count"]],
               minzoom=17, layout={"text-field": ["coalesce", ["get", "number"], ""],
                                   "text-font": REGULAR, "text-size": 11, "text-anchor": "bottom",
                                   "text-offset": [0, -0.5]}),
        _drawn("postal-names", "symbol", "postal_points", ink, minzoom=14,
               layout={"text-field": ["coalesce", ["get", "name"], ""], "text-font": REGULAR,
                       "text-size": 11, "text-anchor": "top", "text-offset": [0, 0.6],
                       "text-max-width": 8}),
        _drawn("street-names", "symbol", "streets", ink, minzoom=14,
               layout={"symbol-placement": "line", "text-field": ["get", "name"],
                       "text-font": REGULAR, "text-size": _by_zoom(14, 10.5, 18, 14)}),
        _drawn("ward-names", "symbol", "ward_names", ink,
               layout={"text-field": ["get", "name"], "text-font": BOLD,
                       "text-size": _by_zoom(9, 10, 13, 14, 17, 18), "text-max-width": 7}),
        _drawn("province-names", "symbol", "province_names", ink, maxzoom=10,
               layout={"text-field": ["get", "name"], "text-font": BOLD,
                       "text-size": _by_zoom(3, 8.5, 6, 13, 9, 17), "text-max-width": 8,
                       "text-padding": 1}),
    ]  # fmt: skip


def _national(colour: Palette, language: str) -> list[Json]:
    """Always there, whatever else wants the place."""
    always = {"text-allow-overlap": True, "text-ignore-placement": True}
    name = ["get", "name" if language == "vi" else "name_en"]
    within = ["concat", name, "\n(", ["get", "province"], ")"]
    islands, sea = (["==", ["get", "kind"], kind] for kind in ("islands", "sea"))
    ink: Json = {"text-color": colour.text, "text-halo-color": colour.halo, "text-halo-width": 1.5}
    return [
        _drawn("sea-name", "symbol", "national", {"text-color": colour.sea}, filter=sea,
               layout={**always, "text-field": name, "text-font": ITALIC,
                       "text-letter-spacing": 0.15, "text-size": _by_zoom(2, 10, 6, 20)}),
        _drawn("archipelagos", "circle", "national",
               {"circle-radius": 4, "circle-color": colour.commune,
                "circle-stroke-color": colour.border, "circle-stroke-width": 1.5},
               filter=islands),
        _drawn("archipelago-names", "symbol", "national", ink, filter=islands,
               layout={**always, "text-field": within, "text-font": BOLD, "text-anchor": "top",
                       "text-offset": [0, 0.6], "text-max-width": 20,
                       "text-size": _by_zoom(2, 9, 6, 13)}),
    ]  # fmt: skip
