// The map: draws the day, shows what was found, says where it was clicked.

import { LngLatBounds, Map as Maplibre, Marker, NavigationControl, ScaleControl } from "./vendor/maplibre-gl.mjs";
import { loadBasemap, over } from "./basemap.js";
import { country } from "./facts.js";
import { colours, hatching, styleOf } from "./paint.js";
import { currentLanguage, say } from "./words.js";

const HOUSE_ZOOM = 17;
const NEAR_ZOOMS = 3;
const PADDING_PX = 48;
const CIRCLE_CORNERS = 72;
const METRES_A_DEGREE = 111_320;
const WORTH_A_CIRCLE_M = 5;
const DARK = matchMedia("(prefers-color-scheme: dark)");

/** A box of degrees as MapLibre takes it. */
const boxOf = ([west, south, east, north]) => [[west, south], [east, north]];

/** Draw the map, or say by null that this browser cannot. */
export function openAtlas(day, hears) {
  try {
    return new Atlas(day, hears);
  } catch (error) {
    console.warn("no map:", error);
    return null;
  }
}

class Atlas {
  #map;
  #hears;
  #day;
  #base = null;
  #pin = null;
  #circle = null;
  #candidates = [];
  #picked = null;
  #ward = "";

  constructor(day, hears) {
    this.#day = day;
    this.#hears = hears;
    this.#map = new Maplibre({
      container: "map",
      style: this.#style(),
      bounds: boxOf(country),
      attributionControl: false, // the footer names the sources, always in full
      dragRotate: false,
      pitchWithRotate: false,
      renderWorldCopies: false,
    });
    this.#map.touchZoomRotate.disableRotation();
    this.#map.addControl(new NavigationControl({ showCompass: false }), "top-right");
    this.#map.addControl(new ScaleControl({ maxWidth: 90 }), "bottom-right");
    this.#listen();
    this.translate();
    this.#underlay();
  }

  #style() {
    return over(styleOf(colours(), this.#day), this.#base);
  }

  async #underlay() {
    try {
      this.#base = await loadBasemap();
    } catch (error) {
      console.warn("no basemap:", error); // our own map stands without it
    }
    if (this.#base) this.repaint();
  }

  #listen() {
    const map = this.#map;
    map.setMissingStyleImageResolver((id) => map.addImage(id, hatching(id)));
    map.on("click", (event) => this.#clicked(event));
    map.on("idle", () => this.#hears.drawn(this.#showsApproximate()));
    map.on("error", ({ error }) => this.#hears.failed(error));
    map.getCanvas().addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.#hears.asked(map.getCenter());
    });
    DARK.addEventListener("change", () => this.repaint());
  }

  #clicked({ point, lngLat }) {
    const near = [[point.x - 8, point.y - 8], [point.x + 8, point.y + 8]];
    const [candidate] = this.#map.queryRenderedFeatures(near, { layers: ["candidates"] });
    if (candidate) this.#hears.picked(candidate.properties.index);
    else this.#hears.asked(lngLat);
  }

  #showsApproximate() {
    return this.#map.queryRenderedFeatures({ layers: ["ward-hatching"] }).length > 0;
  }

  // -- what is drawn ---------------------------------------------------------------------------

  show(day) {
    if (day === this.#day) return;
    this.#day = day;
    this.repaint();
  }

  repaint() {
    this.#map.setStyle(this.#style());
    this.#map.once("styledata", () => this.#overlay());
    this.#overlay();
  }

  /** Labels that MapLibre draws in English only. */
  translate() {
    const canvas = this.#map.getCanvas();
    canvas.setAttribute("aria-label", say("map"));
    canvas.lang = currentLanguage();
    for (const [which, key] of [["in", "zoom_in"], ["out", "zoom_out"]]) {
      const button = this.#map.getContainer().querySelector(`.maplibregl-ctrl-zoom-${which}`);
      button.title = say(key);
      button.setAttribute("aria-label", say(key));
    }
  }

  #overlay() {
    this.#map.getSource("error")?.setData(collection(this.#circle ? [this.#circle] : []));
    const others = this.#candidates.filter((one) => one.properties.index !== this.#picked);
    this.#map.getSource("candidates")?.setData(collection(others));
    if (this.#map.getLayer("ward-chosen"))
      this.#map.setFilter("ward-chosen", ["==", ["get", "code"], this.#ward]);
  }

  // -- where it looks --------------------------------------------------------------------------

  fit(box) {
    this.#map.fitBounds(boxOf(box), { padding: 24, animate: false });
  }

  fitCountry() {
    this.#map.fitBounds(boxOf(country), { padding: 8 });
  }

  // -- what was found --------------------------------------------------------------------------

  clear() {
    this.#pin?.remove();
    this.#pin = this.#circle = this.#picked = null;
    this.#candidates = [];
    this.#ward = "";
    this.#overlay();
  }

  /** All that was found, as rings; `look` moves the map to hold them. */
  offer(places, look) {
    const placed = places.map((place, index) => ({ place, index })).filter(({ place }) => place.lon != null);
    this.#candidates = placed.map(({ place, index }) => ({
      type: "Feature",
      properties: { index },
      geometry: { type: "Point", coordinates: [place.lon, place.lat] },
    }));
    this.#overlay();
    if (!look || !placed.length) return;
    const bounds = new LngLatBounds();
    for (const { place } of placed) bounds.extend([place.lon, place.lat]);
    this.#goTo(bounds, HOUSE_ZOOM - 2);
  }

  /** The chosen place (the index-th of those offered, if it was): a pin, and a circle as wide as it may be off. */
  point(place, index, look) {
    this.#pin?.remove();
    this.#pin = this.#circle = null;
    this.#picked = index;
    this.#ward = place.ward?.code ?? "";
    if (place.lon != null) {
      this.#pin = new Marker({ color: "currentColor" }).setLngLat([place.lon, place.lat]);
      this.#pin.addTo(this.#map);
      this.#pin.getElement().setAttribute("aria-label", place.label);
      this.#circle = place.errorM > WORTH_A_CIRCLE_M ? circle(place, place.errorM) : null;
      if (look) this.#lookAt(place);
    }
    this.#overlay();
  }

  #lookAt(place) {
    const box = circle(place, Math.max(place.errorM ?? 0, 1)).geometry.coordinates[0];
    const bounds = box.reduce((grown, corner) => grown.extend(corner), new LngLatBounds());
    this.#goTo(bounds, HOUSE_ZOOM);
  }

  /** Glide to what is near; a flight across the country would fetch every tile on the way. */
  #goTo(bounds, maxZoom) {
    const map = this.#map;
    const zoom = map.cameraForBounds(bounds, { padding: PADDING_PX, maxZoom })?.zoom ?? maxZoom;
    const inView = map.getBounds().contains(bounds.getCenter());
    const animate = inView && Math.abs(zoom - map.getZoom()) < NEAR_ZOOMS;
    map.fitBounds(bounds, { padding: PADDING_PX, maxZoom, animate });
  }
}

const collection = (features) => ({ type: "FeatureCollection", features });

/** A circle on the ground; a degree of longitude is shorter by the cosine of the latitude. */
function circle({ lon, lat }, radiusM) {
  const up = radiusM / METRES_A_DEGREE;
  const across = up / Math.cos((lat * Math.PI) / 180);
  const ring = Array.from({ length: CIRCLE_CORNERS + 1 }, (_, corner) => {
    const angle = (2 * Math.PI * corner) / CIRCLE_CORNERS;
    return [lon + across * Math.cos(angle), lat + up * Math.sin(angle)];
  });
  return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [ring] } };
}
