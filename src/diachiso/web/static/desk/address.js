// One address: where it is, and its new place chosen on the map.

import { openMap } from "./map.js";

const bench = document.querySelector(".workbench");
const moving = document.getElementById("moving");
const spot = { lon: Number(bench.dataset.lon), lat: Number(bench.dataset.lat) };

function move({ lng, lat }) {
  if (!moving?.open) return;
  const form = moving.querySelector("form");
  form.elements.namedItem("lon").value = lng.toFixed(7);
  form.elements.namedItem("lat").value = lat.toFixed(7);
  atlas.pin({ lon: lng, lat }, move);
}

const atlas = openMap(bench.dataset.ward, { asked: move });
atlas?.look(spot);
atlas?.pin(spot);
moving?.addEventListener("toggle", () => atlas?.pin(spot, moving.open ? move : undefined));
