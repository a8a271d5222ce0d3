// A basemap that the operator has named (DIACHISO_BASEMAP), drawn under our own map; none if unset.

import { basemap } from "./facts.js";

/** Areas that would hide it. */
const OPAQUE = new Set(["ward-areas"]);

/** What is drawn below: a style's sources and layers; null where none is named. */
export async function loadBasemap() {
  if (!basemap) return null;
  if (basemap.url.includes("{z}")) return rasterOf(basemap.url);
  const response = await fetch(basemap.url);
  if (!response.ok) throw new Error(`basemap: ${response.status}`);
  return response.json();
}

function rasterOf(template) {
  return {
    sources: { basemap: { type: "raster", tiles: [template], tileSize: 256 } },
    layers: [{ id: "basemap", type: "raster", source: "basemap" }],
  };
}

/** Our style over a basemap: our wards by their lines, our names and the archipelagos on top. */
export function over(style, base) {
  if (!base) return style;
  const [paper, ...ours] = style.layers.filter((layer) => !OPAQUE.has(layer.id));
  return {
    ...style,
    ...(base.sprite ? { sprite: base.sprite } : {}),
    ...(base.glyphs ? { glyphs: base.glyphs } : {}),
    sources: { ...base.sources, ...style.sources },
    layers: [paper, ...base.layers, ...ours],
  };
}
