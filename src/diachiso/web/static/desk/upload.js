// A spreadsheet sent in: its columns confirmed, tried or taken in while one looks on, faults shown.

import { made, number, say, showFault } from "./say.js";
import { get, post, postFile, remove } from "./send.js";

const BASE = "/v1/registry/intakes";
const LOOK_AGAIN_MS = 1_000;
const at = (id) => document.getElementById(id);
const { ward } = at("upload").dataset;
const terms = at("terms");
const half = (both) => both.split(" / ")[document.documentElement.lang === "en" ? 1 : 0] ?? both;
let current = null;
let looking = 0;
let nextRow = 0;

async function tried(work) {
  showFault(at("fault"), "");
  try {
    return await work();
  } catch (error) {
    showFault(at("fault"), error.message);
    return null;
  }
}

// -- the columns ---------------------------------------------------------------------------------

function ask(looked) {
  current = looked;
  at("asked").hidden = false;
  at("run").hidden = true;
  at("asked-name").textContent = `${looked.file}: ${number(looked.rows)} ${say("dòng", "rows")}`;
  at("columns").replaceChildren(...looked.columns.map((name, n) => rowOf(looked, name, n)));
  options(terms.elements.namedItem("sheet"), looked.sheets ?? [], looked.sheet);
  at("sheet-row").hidden = (looked.sheets ?? []).length < 2;
  at("crs-row").hidden = !looked.needs_crs;
  const systems = terms.elements.namedItem("crs");
  options(systems, ["", ...looked.zones], looked.crs ?? "");
  systems.required = looked.needs_crs;
  at("asked").scrollIntoView({ block: "nearest" });
}

function options(select, values, chosen) {
  select.replaceChildren(...values.map((value) => made("option", { value }, value || "WGS 84")));
  if (chosen !== null && chosen !== undefined) select.value = chosen;
}

function rowOf(looked, name, n) {
  const select = made("select", { "aria-label": say(`Cột ${name} là`, `Column ${name} means`), "data-column": n });
  select.append(made("option", { value: "" }, say("– bỏ qua –", "– left out –")));
  for (const { field, label } of looked.fields) select.append(made("option", { value: field }, half(label)));
  select.value = Object.entries(looked.mapping).find(([, column]) => column === n)?.[0] ?? "";
  const sample = looked.sample.map((row) => row[n]).filter((cell) => cell !== null && cell !== "").slice(0, 3);
  return made("tr", {}, made("th", { scope: "row" }, name), made("td", {}, select), made("td", { class: "soft" }, sample.join(" · ")));
}

function mapping() {
  const chosen = [...at("columns").querySelectorAll("select")].filter((one) => one.value);
  return Object.fromEntries(chosen.map((one) => [one.value, Number(one.dataset.column)]));
}

async function run(isDry) {
  const field = (name) => terms.elements.namedItem(name);
  const body = { ward, dry_run: isDry, mapping: mapping(), record: field("record").checked };
  if (!at("crs-row").hidden && field("crs").value) body.crs = field("crs").value;
  if (!at("sheet-row").hidden) body.sheet = field("sheet").value;
  const done = await tried(() => post(`${BASE}/${current.id}/run`, body));
  if (done) follow(done);
}

// -- its progress --------------------------------------------------------------------------------

const STATES = {
  sent: ["đã gửi, chờ xác nhận cột", "sent, columns not confirmed"],
  waiting: ["đang chờ", "waiting"],
  running: ["đang nhập", "being taken in"],
  done: ["xong", "done"],
  failed: ["dừng vì lỗi", "failed"],
};
const COLOURS = { error: "under_review", warning: "proposed", repaired: "certified" };

function follow(one) {
  current = { ...current, ...one };
  clearTimeout(looking);
  at("run").hidden = false;
  show(one);
  if (one.state === "waiting" || one.state === "running") looking = setTimeout(() => again(one.id), LOOK_AGAIN_MS);
}

async function again(id) {
  try {
    follow(await get(`${BASE}/${id}`));
  } catch {
    at("how-far").textContent = say("Mất kết nối; việc nhập vẫn tiếp tục trên máy chủ.", "No connection; it goes on at the server.");
    looking = setTimeout(() => again(id), 5 * LOOK_AGAIN_MS);
  }
}

function show(one) {
  const share = one.total ? one.done / one.total : 0;
  const kind = one.dry_run ? say("Kiểm tra thử", "Check only") : say("Nhập vào sổ", "Taking in");
  at("run-name").textContent = `${kind}: ${one.file}`;
  at("bar").value = one.state === "done" ? 1 : share;
  at("how-far").textContent = `${say(...STATES[one.state])} · ${number(one.done ?? 0)}/${number(one.total ?? 0)}`;
  if (one.fault) showFault(at("fault"), half(one.fault));
  at("marked").hidden = !one.marked;
  if (one.marked) at("marked").href = one.marked;
  at("fates").replaceChildren(...(one.fates ?? []).map((fate) => made("li", { class: "chip" }, `${half(fate.label)}: ${number(fate.rows)}`)));
  at("rules").replaceChildren(...((one.rules ?? []).length ? [rules(one.rules)] : []));
  at("rows").replaceChildren();
  at("more").hidden = at("rows-name").hidden = true;
  if (one.state === "done") {
    nextRow = 0;
    more();
    list();
  }
}

function rules(found) {
  const head = made("tr", {}, ...[["Lỗi", "Fault"], ["Dòng", "Rows"], ["Cách sửa", "What to do"]].map(([vi, en]) => made("th", { scope: "col" }, say(vi, en))));
  const body = found.map((rule) =>
    made("tr", {}, made("th", { scope: "row" }, made("span", { class: `state ${COLOURS[rule.severity] ?? ""}` }, half(rule.meaning))),
      made("td", { class: "figure" }, number(rule.rows)), made("td", {}, rule.fix)));
  const table = made("table", {}, made("thead", {}, head), made("tbody", {}, ...body));
  return made("div", { class: "wide", tabindex: 0, role: "region", "aria-label": say("Lỗi theo loại", "Faults by kind") }, table);
}

async function more() {
  const page = await tried(() => get(`${BASE}/${current.id}/rows?after=${nextRow}&limit=50`));
  if (!page) return;
  at("rows-name").hidden = !page.rows.length && !nextRow;
  at("rows").append(
    ...page.rows.map((row) =>
      made("li", {}, made("span", {}, made("strong", {}, say(`Dòng ${row.row}`, `Row ${row.row}`)), " ",
        ...row.faults.map((fault) => made("span", { class: `state ${COLOURS[fault.severity] ?? ""}` }, half(fault.told)))),
      row.address ? made("a", { href: `/desk/addresses/${row.address.replace("-", "")}` }, row.address) : "")),
  );
  nextRow = page.next;
  at("more").hidden = !page.next;
}

// -- what was sent before ------------------------------------------------------------------------

async function list() {
  const answer = await tried(() => get(BASE));
  const files = answer?.intakes ?? [];
  at("no-files").hidden = files.length > 0;
  at("before").replaceChildren(...files.map(fileOf));
}

function fileOf(one) {
  const open = made("button", { type: "button", class: "quiet" }, say("Mở", "Open"));
  open.setAttribute("aria-label", `${say("Mở", "Open")} ${one.file}`);
  open.addEventListener("click", () => reopen(one));
  const drop = made("button", { type: "button", class: "quiet" }, say("Bỏ tệp", "Remove"));
  drop.setAttribute("aria-label", `${say("Bỏ tệp", "Remove")} ${one.file}`);
  drop.addEventListener("click", async () => {
    await tried(() => remove(`${BASE}/${one.id}`));
    list();
  });
  const when = new Date(one.sent_at).toLocaleString(document.documentElement.lang);
  return made("li", {}, made("span", {}, made("strong", {}, one.file), " ", made("span", { class: "soft" }, `${say(...STATES[one.state])} · ${when}`)), made("span", { class: "chips" }, open, drop));
}

async function reopen(one) {
  const found = await tried(() => get(`${BASE}/${one.id}`));
  if (!found) return;
  if (found.columns) ask(found);
  current = found;
  if (found.state !== "sent") follow(found);
}

at("choose").addEventListener("submit", async (event) => {
  event.preventDefault();
  const [file] = event.target.elements.namedItem("file").files;
  const button = event.target.querySelector("[type=submit]");
  button.disabled = true;
  const sent = await tried(() => postFile(`${BASE}?name=${encodeURIComponent(file.name)}`, file, "application/octet-stream"));
  button.disabled = false;
  if (!sent) return;
  ask(sent);
  list();
});
terms.elements.namedItem("sheet").addEventListener("change", async ({ target }) => {
  const looked = await tried(() => get(`${BASE}/${current.id}?sheet=${encodeURIComponent(target.value)}`));
  if (looked) ask(looked);
});
terms.addEventListener("submit", (event) => {
  event.preventDefault();
  run(true);
});
at("earnest").addEventListener("click", () => terms.reportValidity() && run(false));
at("more").addEventListener("click", more);
list();
