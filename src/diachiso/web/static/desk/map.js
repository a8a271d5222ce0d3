// The map of the desk: our tiles, the addresses of the ward by state, a pin, drawn lines.

import { Map as Maplibre, Marker, NavigationControl, ScaleControl } from "../vendor/maplibre-gl.mjs";
import { colours, hatching, styleOf } from "../paint.js";
import { country } from "../facts.js";
import { say } from "./say.js";

const DARK = matchMedia("(prefers-color-scheme: dark)");
const FINEST = 20;
const EACH_FROM = 16;
const NEAR_PX = 8;
const STATES = ["recorded", "proposed", "certified", "doubted"];
const NOTHING = { type: "FeatureCollection", features: [] };

/** Open the map of a ward; null where the browser cannot draw it. */
export function openMap(ward, hears) {
  try {
    return new DeskMap(ward, hears);
  } catch (error) {
    console.warn("no map:", error);
    document.getElementById("no-map").hidden = false;
    return null;
  }
}

class DeskMap {
  #map;
  #ward;
  #turn = 0;
  #pin = null;
  #drawn = NOTHING;

  constructor(ward, hears) {
    this.#ward = ward;
    const [west, south, east, north] = country;
    this.#map = new Maplibre({
      container: "map",
      style: this.#style(),
      bounds: [[west, south], [east, north]],
      maxZoom: FINEST,
      attributionControl: false, // stands below the map in full
      dragRotate: false,
      pitchWithRotate: false,
      renderWorldCopies: false,
    });
    this.#map.touchZoomRotate.disableRotation();
    this.#map.addControl(new NavigationControl({ showCompass: false }), "top-right");
    this.#map.addControl(new ScaleControl({ maxWidth: 90 }), "bottom-right");
    this.#listen(hears);
    this.#label();
  }

  #listen({ asked, picked }) {
    const map = this.#map;
    map.setMissingStyleImageResolver((id) => map.addImage(id, hatching(id)));
    map.on("click", ({ point, lngLat }) => {
      const box = [[point.x - NEAR_PX, point.y - NEAR_PX], [point.x + NEAR_PX, point.y + NEAR_PX]];
      const [address] = map.queryRenderedFeatures(box, { layers: ["desk-addresses"] });
      if (address && picked) picked(address.properties);
      else if (map.getZoom() < EACH_FROM && picked) map.easeTo({ center: lngLat, zoom: Math.min(map.getZoom() + 2, EACH_FROM + 1) });
      else asked(lngLat);
    });
    map.getCanvas().addEventListener("keydown", (event) => {
      if (event.key === "Enter") asked(map.getCenter());
    });
    DARK.addEventListener("change", () => map.setStyle(this.#style()));
  }

  #label() {
    const canvas = this.#map.getCanvas();
    canvas.setAttribute("aria-label", say("Bản đồ. Phím mũi tên để di chuyển, + và − để phóng, Enter chọn điểm giữa.", "Map. Arrow keys move it, + and − zoom, Enter takes the point in the middle."));
    for (const [which, vi, en] of [["in", "Phóng to", "Zoom in"], ["out", "Thu nhỏ", "Zoom out"]]) {
      const button = this.#map.getContainer().querySelector(`.maplibregl-ctrl-zoom-${which}`);
      button.title = say(vi, en);
      button.setAttribute("aria-label", say(vi, en));
    }
  }

  #tiles() {
    return [`${location.origin}/desk/wards/${this.#ward}/addresses/{z}/{x}/{y}.mvt?turn=${this.#turn}`];
  }

  #style() {
    const colour = colours();
    const style = styleOf(colour, null);
    style.sources.desk = { type: "vector", tiles: this.#tiles(), minzoom: 9, maxzoom: 18 };
    style.sources.drawn = { type: "geojson", data: this.#drawn };
    style.layers.push(...layersOf(colour));
    const chosen = style.layers.find((layer) => layer.id === "ward-chosen");
    if (chosen) chosen.filter = ["==", ["get", "code"], this.#ward];
    return style;
  }

  /** Ask for the addresses anew: something was written. */
  refresh() {
    this.#turn += 1;
    this.#map.getSource("desk")?.setTiles(this.#tiles());
  }

  get zoom() {
    return this.#map.getZoom();
  }

  /** Look at a place close up. */
  look({ lon, lat }, zoom = 18) {
    this.#map.jumpTo({ center: [lon, lat], zoom });
  }

  /** A pin; `moved` hears where it is dragged. */
  pin({ lon, lat }, moved) {
    this.unpin();
    this.#pin = new Marker({ color: "currentColor", draggable: Boolean(moved) }).setLngLat([lon, lat]).addTo(this.#map);
    this.#pin.getElement().setAttribute("aria-label", say("Vị trí đã chọn", "The chosen place"));
    this.#pin.on("dragend", () => moved?.(this.#pin.getLngLat()));
  }

  unpin() {
    this.#pin?.remove();
    this.#pin = null;
  }

  /** Draw a line, doors and their numbers. */
  draw(line, doors) {
    const features = doors.map(({ lon, lat, number, amiss }) => ({
      type: "Feature",
      properties: { number: number ?? "", amiss: Boolean(amiss) },
      geometry: { type: "Point", coordinates: [lon, lat] },
    }));
    if (line.length) features.push({ type: "Feature", properties: { start: true }, geometry: { type: "Point", coordinates: line[0] } });
    if (line.length > 1) features.push({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: line } });
    this.#drawn = { type: "FeatureCollection", features };
    this.#map.getSource("drawn")?.setData(this.#drawn);
  }
}

/** The colours of states, light or dark, as the stylesheet names them. */
function states() {
  const styles = getComputedStyle(document.documentElement);
  return Object.fromEntries(STATES.map((name) => [name, styles.getPropertyValue(`--${name}`).trim()]));
}

function layersOf(colour) {
  const { recorded, proposed, certified, doubted } = states();
  const halo = { "text-color": colour.text, "text-halo-color": colour.halo, "text-halo-width": 1.6 };
  const isPoint = ["==", ["geometry-type"], "Point"];
  return [
    {
      id: "desk-squares", type: "circle", source: "desk", "source-layer": "squares",
      paint: {
        "circle-radius": ["interpolate", ["linear"], ["get", "count"], 1, 4, 50, 9, 500, 14],
        "circle-color": ["case", [">", ["get", "doubted"], 0], doubted, [">", ["get", "proposed"], 0], proposed, recorded],
        "circle-opacity": 0.85,
      },
    },
    {
      id: "desk-addresses", type: "circle", source: "desk", "source-layer": "addresses",
      paint: {
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 16, 3.5, 19, 8],
        "circle-color": ["match", ["get", "state"], "proposed", proposed, "certified", certified, "under_review", doubted, recorded],
        "circle-stroke-color": colour.halo,
        "circle-stroke-width": 1.5,
      },
    },
    {
      id: "desk-numbers", type: "symbol", source: "desk", "source-layer": "addresses", minzoom: 17,
      layout: { "text-field": ["get", "number"], "text-font": ["system-ui", "sans-serif"], "text-size": 12, "text-offset": [0, 1.1] },
      paint: halo,
    },
    { id: "drawn-line", type: "line", source: "drawn", filter: ["==", ["geometry-type"], "LineString"], paint: { "line-color": colour.accent, "line-width": 3 } },
    {
      id: "drawn-doors", type: "circle", source: "drawn", filter: isPoint,
      paint: {
        "circle-radius": ["case", ["has", "start"], 5, 7],
        "circle-color": ["case", ["to-boolean", ["get", "amiss"]], doubted, colour.halo],
        "circle-stroke-color": colour.accent,
        "circle-stroke-width": 3,
      },
    },
    {
      id: "drawn-numbers", type: "symbol", source: "drawn", filter: isPoint,
      layout: { "text-field": ["coalesce", ["get", "number"], ""], "text-font": ["bold system-ui", "sans-serif"], "text-size": 14, "text-offset": [0, -1.2], "text-allow-overlap": true },
      paint: halo,
    },
  ];
}
