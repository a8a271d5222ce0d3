// Numbering a street: a line, doors on both sides, the numbers looked at before they are saved.

import { openMap } from "./map.js";
import { sendOrKeep } from "./outbox.js";
import { sayAfterwards } from "./forms.js";
import { made, number, say, showFault } from "./say.js";
import { newKey, post } from "./send.js";

const at = (id) => document.getElementById(id);
const bench = document.querySelector(".workbench");
const form = at("numbering");
const field = (name) => form.elements.namedItem(name);
let line = [];
let doors = [];
let plan = null;
let key = newKey();

const atlas = openMap(bench.dataset.ward, { asked: add });

function add({ lng, lat }) {
  if (field("mode").value === "line") line.push([lng, lat]);
  else doors.push([lng, lat]);
  changed();
}

function changed() {
  plan = null;
  key = newKey();
  at("plan").hidden = true;
  at("preview").disabled = line.length < 2 || !doors.length;
  at("drawn").textContent = say(`Đường: ${line.length} điểm · cửa: ${doors.length}`, `Line: ${line.length} points · doors: ${doors.length}`);
  draw();
}

function draw() {
  const shown = plan ? plan.doors : doors.map(([lon, lat]) => ({ lon, lat }));
  atlas?.draw(plan ? plan.line : line, shown);
}

function street() {
  const one = field("street");
  const isKnown = one.dataset.id && one.value === one.defaultValue;
  return isKnown ? { street_id: Number(one.dataset.id) } : { street: one.value.trim() };
}

async function preview() {
  if (!form.reportValidity()) return;
  showFault(at("fault"), "");
  const plot = field("plot_m").value;
  const body = { ...street(), line, doors, ...(plot ? { plot_m: Number(plot) } : {}) };
  try {
    plan = await post("/v1/registry/numbering/preview", body);
    showPlan();
  } catch (error) {
    showFault(at("fault"), error.message);
  }
}

const AMISS = {
  far: ["quá xa đường vạch", "too far from the line"],
  full: ["không còn số trống", "no number is left"],
};

function showPlan() {
  at("plan").hidden = false;
  at("direction").textContent =
    plan.direction === "kept"
      ? say(`Giữ chiều số đang có (${plan.known} nhà đã có số).`, `The direction of the ${plan.known} numbered houses is kept.`)
      : say("Chiều theo Thông tư 08/2024: bắc–nam, đông–tây; lẻ bên trái, chẵn bên phải.", "As Circular 08/2024 has it: north to south, east to west; odd left, even right.");
  at("reserved").textContent = plan.reserved.length
    ? say(`Chừa ${number(plan.reserved.length)} số: ${few(plan.reserved)}`, `${number(plan.reserved.length)} numbers kept free: ${few(plan.reserved)}`)
    : say("Không chừa số nào.", "No number is kept free.");
  at("doors").replaceChildren(...plan.doors.map(rowOf));
  draw();
}

const few = (numbers) => numbers.slice(0, 12).join(", ") + (numbers.length > 12 ? "…" : "");

function rowOf(door, index) {
  const name = say(`Số của cửa ${index + 1}`, `Number of door ${index + 1}`);
  const input = made("input", { value: door.number ?? "", maxlength: 80, "aria-label": name });
  input.addEventListener("input", () => {
    door.number = input.value.trim() || null;
    key = newKey();
    draw();
  });
  const remark = door.amiss ? say(...AMISS[door.amiss]) : door.ward === null ? say("ngoài ranh giới", "outside any ward") : "";
  return made("tr", {}, made("th", { scope: "row" }, String(index + 1)), made("td", {}, door.side === "left" ? say("trái", "left") : say("phải", "right")),
    made("td", { class: "figure" }, number(Math.round(door.along_m))), made("td", {}, input, remark && made("span", { class: "soft" }, ` ${remark}`)));
}

async function save() {
  const houses = plan.doors.filter((door) => door.number).map(({ lon, lat, number: written }) => ({ lon, lat, number: written }));
  const paper = field("document").value.trim();
  const body = { street_id: plan.street.id, houses };
  // a street that is new was only tried: it is entered with its houses
  if ("street" in street()) {
    delete body.street_id;
    body.street = street().street;
  }
  if (field("record")?.checked) body.record = true;
  if (field("distinct").checked) body.distinct = true;
  if (paper) body.document = { number: paper };
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    const label = `${say("Đánh số", "Number")}: ${field("street").value} (${houses.length})`;
    const done = await sendOrKeep("/v1/registry/numbering", body, label, key);
    if (done) sayAfterwards(say(`Đã lưu ${done.addresses.length} địa chỉ.`, `Saved ${done.addresses.length} addresses.`));
  } catch (error) {
    showFault(at("fault"), error.message);
    if (error.kind === "LikelyDuplicate") at("distinct-row").hidden = false;
    key = newKey();
  } finally {
    button.disabled = false;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (plan) save();
  else preview();
});
at("preview").addEventListener("click", preview);
at("back").addEventListener("click", () => {
  (field("mode").value === "line" ? line : doors).pop();
  changed();
});
changed();
