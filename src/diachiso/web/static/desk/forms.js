// Forms that write: what is filled in becomes JSON, faults are told beside the button.

import { sendOrKeep } from "./outbox.js";
import { made, say, showFault } from "./say.js";
import { newKey } from "./send.js";

const SAID = "diachiso-desk-said";
const lines = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);
const decimal = (text) => Number(text.replace(",", "."));

/** How a field stands in the body; undefined: not at all. */
const READ = {
  document: (field) => (field.value.trim() ? { number: field.value.trim() } : undefined),
  pieces: (field) => lines(field.value).map((number) => ({ number })),
  lines: (field) => lines(field.value),
  truth: (field) => field.value === "yes",
  whole: (field) => (field.value.trim() ? Number(field.value) : undefined),
};

function isChanged(field) {
  if (field.type === "checkbox") return field.checked !== field.defaultChecked;
  if (field.matches("select")) return !field.selectedOptions[0]?.defaultSelected;
  return field.value !== field.defaultValue;
}

function valueOf(field) {
  if (field.dataset.as in READ) return READ[field.dataset.as](field);
  if (field.type === "checkbox") return field.checked;
  return field.value.trim() || null;
}

function groupOf(fieldset) {
  const told = {};
  for (const field of fieldset.querySelectorAll("[name]")) {
    const value = valueOf(field);
    if (value !== undefined && value !== null && value !== false) told[field.name] = value;
  }
  return told;
}

/** What a form says, as the service takes it. */
export function bodyOf(form) {
  const onlyChanged = form.dataset.changed === "yes";
  const body = {};
  for (const fieldset of form.querySelectorAll("fieldset[data-group]")) {
    const isTouched = [...fieldset.querySelectorAll("[name]")].some(isChanged);
    if (isTouched) body[fieldset.dataset.group] = groupOf(fieldset);
  }
  const spot = {};
  for (const field of form.querySelectorAll("[name]")) {
    const { name } = field;
    const as = field.dataset.as;
    if (field.closest("fieldset[data-group]")) continue;
    if (as === "lon" || as === "lat") spot[as] = decimal(field.value);
    else if (as === "list") {
      body[name] ??= [];
      if (field.checked) body[name].push(field.value);
    } else if (onlyChanged ? isChanged(field) : field.type !== "checkbox" || field.checked) {
      const value = valueOf(field);
      if (value !== undefined && (onlyChanged || value !== null)) body[name] = value;
    }
  }
  if ("lon" in spot) body.positions = [spot];
  return body;
}

const faultOf = (form) =>
  form.querySelector(".fault") ?? form.appendChild(made("div", { class: "fault", role: "alert" }));

async function submit(form) {
  const body = bodyOf(form);
  if (form.dataset.changed === "yes" && !Object.keys(body).length)
    return showFault(faultOf(form), say("Chưa đổi gì.", "Nothing was changed."));
  if (form.dataset.version) body.version = Number(form.dataset.version);
  const text = JSON.stringify(body);
  if (form.dataset.sent !== text) {
    form.dataset.sent = text; // the same once more is the same errand
    form.dataset.key = newKey();
  }
  showFault(faultOf(form), "");
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    const label = form.dataset.label ?? document.title;
    const done = await sendOrKeep(form.dataset.post, body, label, form.dataset.key);
    if (done) sayAfterwards(form.dataset.done);
  } catch (error) {
    showFault(faultOf(form), error.message);
    form.dataset.sent = "";
  } finally {
    button.disabled = false;
  }
}

/** Load the page anew, and say there what was done. */
export function sayAfterwards(text) {
  sessionStorage.setItem(SAID, text ?? "");
  location.reload();
}

/** What the page before wanted to say. */
export function saidBefore() {
  const text = sessionStorage.getItem(SAID);
  sessionStorage.removeItem(SAID);
  return text;
}

/** Let every form that writes do so. */
export function listenToForms() {
  addEventListener("submit", (event) => {
    const form = event.target.closest("form.act");
    if (!form) return;
    event.preventDefault();
    submit(form);
  });
}
