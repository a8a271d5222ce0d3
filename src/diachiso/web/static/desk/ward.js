// Registering by clicking: number and street from the neighbours, likely duplicates before saving.

import { openMap } from "./map.js";
import { sendOrKeep } from "./outbox.js";
import { made, say, showFault, toast } from "./say.js";
import { newKey, post, Refused, Unreachable } from "./send.js";

const WAIT_MS = 350;
const at = (id) => document.getElementById(id);
const bench = document.querySelector(".workbench");
const form = at("register");
const field = (name) => form.elements.namedItem(name);
let spot = null;
let key = null;
let waiting = 0;

const atlas = openMap(bench.dataset.ward, {
  asked: ({ lng, lat }) => bench.dataset.mayRegister === "yes" && begin({ lon: lng, lat }),
  picked: show,
});

/** An address on the map was chosen: the way to its page. */
function show({ called, number, state }) {
  const words = { proposed: ["Nháp", "Draft"], recorded: ["Đã ghi", "Recorded"], certified: ["Đã chứng nhận", "Certified"], under_review: ["Đang xem lại", "Under review"] };
  const place = at("picked");
  place.hidden = false;
  place.replaceChildren(
    made("h2", {}, number || called),
    made("p", {}, made("span", { class: `state ${state}` }, say(...(words[state] ?? [state, state]))), " ", made("span", { class: "mono" }, called)),
    made("p", {}, made("a", { class: "button", href: `/desk/addresses/${called}` }, say("Mở địa chỉ", "Open the address"))),
  );
}

async function begin(where) {
  spot = where;
  key = newKey();
  atlas.pin(spot, ({ lng, lat }) => begin({ lon: lng, lat }));
  at("picked").hidden = true;
  at("guide").hidden = true;
  form.hidden = false;
  at("likely").replaceChildren();
  at("distinct-row").hidden = true;
  field("distinct").checked = false;
  showFault(at("fault"), "");
  at("where").textContent = `${where.lat.toFixed(6)}, ${where.lon.toFixed(6)}`;
  try {
    offer(await post("/v1/registry/propose", where));
  } catch (error) {
    at("streets").replaceChildren();
    if (error instanceof Unreachable) at("where").textContent += say(" · không có kết nối: hãy gõ số và đường", " · no connection: type number and street");
    else showFault(at("fault"), error.message);
  }
  field("number").focus();
}

function offer({ ward, ward_name, streets }) {
  const elsewhere = ward === bench.dataset.ward ? "" : say(" (phường, xã khác!)", " (another ward!)");
  at("where").textContent = `${ward_name}${elsewhere}`;
  at("streets").replaceChildren(
    ...streets.map((street) => {
      const button = made("button", { type: "button", class: "chip" }, `${street.number ?? "?"} ${street.name}`);
      button.addEventListener("click", () => take(street));
      return button;
    }),
  );
  if (streets.length) take(streets[0]);
  else look();
}

function take(street) {
  field("number").value = street.number ?? "";
  field("street").value = street.name;
  field("street").dataset.id = street.id;
  field("street").dataset.name = street.name;
  look();
}

function details() {
  const text = (name) => field(name).value.trim() || null;
  const body = { positions: [{ lon: spot.lon, lat: spot.lat }], kind: field("kind").value };
  for (const name of ["number", "residential_group", "name"]) if (text(name)) body[name] = text(name);
  const street = field("street");
  if (text("street")) {
    if (street.dataset.id && street.value === street.dataset.name) body.street_id = Number(street.dataset.id);
    else body.street = text("street");
  }
  if (text("document")) body.document = { number: text("document") };
  return body;
}

/** What may be the same is shown as soon as something is named. */
function look() {
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    const body = details();
    if (!body.number && !body.name) return at("likely").replaceChildren();
    try {
      showLikely((await post("/v1/registry/likely", body)).likely);
    } catch (error) {
      if (error instanceof Refused) at("likely").replaceChildren();
    }
  }, WAIT_MS);
}

function showLikely(likely) {
  const isPlain = likely.some((one) => one.likeness.some((word) => word !== "same_point"));
  at("distinct-row").hidden = !isPlain;
  if (!likely.length) return at("likely").replaceChildren(made("p", { class: "hint" }, say("Chưa thấy địa chỉ nào trùng.", "No duplicate is known.")));
  const list = made("ul", { class: "rows" });
  for (const one of likely.slice(0, 5)) {
    const called = one.called.replace("-", "");
    list.append(made("li", {}, made("a", { href: `/desk/addresses/${called}`, target: "_blank" }, `${one.label} · ${one.called}`), ` ${Math.round(one.distance_m)} m`));
  }
  at("likely").replaceChildren(made("p", { class: "caution" }, say("Có thể trùng:", "May be the same:")), list);
}

async function save() {
  const body = details();
  if (field("record")?.checked) body.record = true;
  if (field("distinct").checked) body.distinct = true;
  const label = `${say("Lập", "Register")}: ${[body.number, field("street").value || body.name].filter(Boolean).join(" ")}`;
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    const done = await sendOrKeep("/v1/registry/addresses", body, label, key);
    finish(done);
  } catch (error) {
    showFault(at("fault"), error.message);
    if (error.kind === "LikelyDuplicate") at("distinct-row").hidden = false;
    key = newKey(); // what is sent next is something else
  } finally {
    button.disabled = false;
  }
}

function finish(done) {
  stop();
  if (!done) return;
  atlas.refresh();
  const one = done.addresses?.[0] ?? done;
  toast(say(`Đã lưu: ${one.label} · ${one.called}`, `Saved: ${one.label} · ${one.called}`));
  show({ called: one.code ?? one.called, number: one.label, state: one.state });
}

function stop() {
  form.hidden = true;
  at("guide").hidden = false;
  atlas.unpin();
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  save();
});
form?.addEventListener("input", look);
at("cancel")?.addEventListener("click", stop);
addEventListener("outbox-sent", () => atlas?.refresh());

/** A link may name a place: #at=21.03,105.85. */
function beginAsLinked() {
  const match = /^#at=([\d.]+),([\d.]+)$/.exec(location.hash);
  if (!match || !atlas) return;
  const where = { lat: Number(match[1]), lon: Number(match[2]) };
  atlas.look(where);
  if (bench.dataset.mayRegister === "yes") begin(where);
}

addEventListener("hashchange", beginAsLinked);
beginAsLinked();
