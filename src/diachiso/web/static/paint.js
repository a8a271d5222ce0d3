// How the map looks: a MapLibre style of our own tiles, without glyphs (text is drawn with the
// fonts of the device) and without sprites, so that nothing is asked of anyone else.

import { archipelagos } from "./facts.js";
import { isBeforeReform, say } from "./words.js";

const FONT = ["system-ui", "sans-serif"];
const BOLD = ["bold system-ui", "sans-serif"];
const FINEST_TILES = 16;
const GREATER_STREETS_FROM = 12;
const STREET_NAMES_FROM = 14;
const HATCH_PX = 12;
const NOTHING = { type: "FeatureCollection", features: [] };
const APPROXIMATE = ["==", ["get", "accuracy"], "approximate"];

/** The colours of the page, light or dark, as the stylesheet names them. */
export function colours() {
  const styles = getComputedStyle(document.documentElement);
  const read = (name) => styles.getPropertyValue(`--${name}`).trim();
  return {
    paper: read("map-paper"),
    ward: read("map-ward"),
    commune: read("map-commune"),
    border: read("map-border"),
    street: read("map-street"),
    text: read("map-text"),
    halo: read("map-halo"),
    sea: read("map-sea-text"),
    accent: read("accent"),
  };
}

/** The whole style for a day (today if null). */
export function styleOf(colour, day) {
  return {
    version: 8,
    sources: {
      wards: tiles("wards", day, { minzoom: 0 }),
      streets: tiles("streets", day, { minzoom: GREATER_STREETS_FROM }),
      error: { type: "geojson", data: NOTHING },
      candidates: { type: "geojson", data: NOTHING },
      national: { type: "geojson", data: nationalNames(day) },
    },
    layers: [
      { id: "paper", type: "background", paint: { "background-color": colour.paper } },
      ...wardAreas(colour),
      ...streetLines(colour),
      ...wardLines(colour),
      ...answers(colour),
      ...names(colour),
      ...national(colour),
    ],
  };
}

function tiles(layer, day, more) {
  const address = `${location.origin}/tiles/${layer}/{z}/{x}/{y}.mvt${day ? `?as_of=${day}` : ""}`;
  return { type: "vector", tiles: [address], maxzoom: FINEST_TILES, ...more };
}

const ofWards = (id, type, paint, more = {}) => ({
  id, type, paint, source: "wards", "source-layer": "wards", ...more,
});

function wardAreas(colour) {
  const byKind = ["match", ["get", "kind"], "xã", colour.commune, colour.ward];
  return [
    ofWards("ward-areas", "fill", { "fill-color": byKind, "fill-antialias": false }),
    ofWards(
      "ward-hatching",
      "fill",
      { "fill-pattern": `hatch ${colour.border}`, "fill-opacity": 0.55 },
      { filter: APPROXIMATE },
    ),
  ];
}

function wardLines(colour) {
  const width = ["interpolate", ["linear"], ["zoom"], 7, 0.5, 11, 1.2, 15, 2.5];
  // From afar the lines would run together into a blot.
  const strength = ["interpolate", ["linear"], ["zoom"], 4, 0.15, 9, 1];
  const paint = { "line-color": colour.border, "line-width": width, "line-opacity": strength };
  return [
    ofWards("ward-lines", "line", paint, { filter: ["!", APPROXIMATE] }),
    ofWards(
      "ward-lines-approximate",
      "line",
      { ...paint, "line-dasharray": [3, 2] },
      { filter: APPROXIMATE },
    ),
    ofWards(
      "ward-chosen",
      "line",
      { "line-color": colour.accent, "line-width": 3, "line-opacity": 0.8 },
      { filter: ["==", ["get", "code"], ""] },
    ),
  ];
}

function streetLines(colour) {
  const width = ["interpolate", ["exponential", 1.6], ["zoom"],
    12, ["match", ["get", "greater"], 1, 1, 0.4],
    16, ["match", ["get", "greater"], 1, 7, 3.5],
    20, ["match", ["get", "greater"], 1, 30, 18]];
  return [
    {
      id: "streets",
      type: "line",
      source: "streets",
      "source-layer": "streets",
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": colour.street, "line-width": width },
    },
  ];
}

/** How far the chosen place may be off, and the others that were found. */
function answers(colour) {
  return [
    {
      id: "error-area",
      type: "fill",
      source: "error",
      paint: { "fill-color": colour.accent, "fill-opacity": 0.14 },
    },
    {
      id: "error-line",
      type: "line",
      source: "error",
      paint: { "line-color": colour.accent, "line-width": 1.5, "line-dasharray": [2, 2] },
    },
    {
      id: "candidates",
      type: "circle",
      source: "candidates",
      paint: {
        "circle-radius": 7,
        "circle-color": colour.halo,
        "circle-stroke-color": colour.accent,
        "circle-stroke-width": 3,
      },
    },
  ];
}

function names(colour) {
  const ink = { "text-color": colour.text, "text-halo-color": colour.halo, "text-halo-width": 1.6 };
  return [
    {
      id: "street-names",
      type: "symbol",
      source: "streets",
      "source-layer": "streets",
      minzoom: STREET_NAMES_FROM,
      layout: {
        "symbol-placement": "line",
        "text-field": ["get", "name"],
        "text-font": FONT,
        "text-size": ["interpolate", ["linear"], ["zoom"], 14, 10.5, 18, 14],
      },
      paint: ink,
    },
    {
      id: "ward-names",
      type: "symbol",
      source: "wards",
      "source-layer": "ward_names",
      layout: {
        "text-field": ["get", "name"],
        "text-font": BOLD,
        "text-size": ["interpolate", ["linear"], ["zoom"], 9, 10, 13, 14, 17, 18],
        "text-max-width": 7,
      },
      paint: ink,
    },
  ];
}

// -- the archipelagos and the sea: on the map at every zoom, whatever is loaded ------------------

function nationalNames(day) {
  const islands = archipelagos.map((one) => ({
    kind: "islands",
    // Before the reform they were districts; only their own names hold for both times.
    name: `${day && isBeforeReform(day) ? one.name : one.full_name}\n(${one.province})`,
    spot: [one.lon, one.lat],
  }));
  // The sea's name stands midway between the two, so no position of it need be typed.
  const middle = [0, 1].map(
    (axis) => islands.reduce((sum, one) => sum + one.spot[axis], 0) / islands.length,
  );
  const all = [...islands, { kind: "sea", name: say("sea"), spot: middle }];
  return {
    type: "FeatureCollection",
    features: all.map(({ kind, name, spot }) => ({
      type: "Feature",
      properties: { kind, name },
      geometry: { type: "Point", coordinates: spot },
    })),
  };
}

function national(colour) {
  const always = { "text-allow-overlap": true, "text-ignore-placement": true };
  return [
    {
      id: "sea-name",
      type: "symbol",
      source: "national",
      filter: ["==", ["get", "kind"], "sea"],
      layout: {
        ...always,
        "text-field": ["get", "name"],
        "text-font": ["italic system-ui", "sans-serif"],
        "text-size": ["interpolate", ["linear"], ["zoom"], 2, 11, 6, 20],
        "text-letter-spacing": 0.15,
      },
      paint: { "text-color": colour.sea },
    },
    {
      id: "archipelagos",
      type: "circle",
      source: "national",
      filter: ["==", ["get", "kind"], "islands"],
      paint: {
        "circle-radius": 4,
        "circle-color": colour.commune,
        "circle-stroke-color": colour.border,
        "circle-stroke-width": 1.5,
      },
    },
    {
      id: "archipelago-names",
      type: "symbol",
      source: "national",
      filter: ["==", ["get", "kind"], "islands"],
      layout: {
        ...always,
        "text-field": ["get", "name"],
        "text-font": BOLD,
        "text-size": ["interpolate", ["linear"], ["zoom"], 2, 10, 6, 13],
        // They lie near the map's eastern edge: the name goes below, where it is not cut off.
        "text-anchor": "top",
        "text-offset": [0, 0.6],
        "text-max-width": 20,
      },
      paint: { "text-color": colour.text, "text-halo-color": colour.halo, "text-halo-width": 1.6 },
    },
  ];
}

// -- hatching ------------------------------------------------------------------------------------

/** Slanted lines, drawn here since there is no sprite: for the image named `hatch COLOUR`. */
export function hatching(name) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = HATCH_PX;
  const pen = canvas.getContext("2d");
  pen.strokeStyle = name.replace("hatch ", "");
  pen.lineWidth = 1.5;
  for (const shift of [-HATCH_PX, 0, HATCH_PX]) {
    pen.moveTo(shift, HATCH_PX);
    pen.lineTo(shift + HATCH_PX, 0);
  }
  pen.stroke();
  return pen.getImageData(0, 0, HATCH_PX, HATCH_PX);
}
