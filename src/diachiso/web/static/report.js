// "Report a mistake": a form, sent without an account; what is answered is a token to follow it by.

import { make } from "./answers.js";
import { sendReport } from "./asking.js";
import { say, sayOne } from "./words.js";

const OF_A_CODE = ["number", "street", "name", "position", "kind", "gone", "other"];
const OF_A_POINT = ["missing", "number", "street", "name", "other"];
const TYPED = { number: ["number"], street: ["street"], name: ["name"], missing: ["number", "street"] };

/** Open the form for a place; `copy` puts a text on the clipboard. */
export function openReport(dialog, place, copy) {
  const kinds = place.code ? OF_A_CODE : OF_A_POINT;
  const wrong = make("select", { id: "wrong" },
    ...kinds.map((kind) => make("option", { value: kind }, sayOne("wrongs", kind))));
  const right = make("div", { class: "right" });
  const note = make("textarea", { id: "note", maxlength: "1000", rows: "3" });
  const problem = make("div", { role: "alert" });
  const send = make("button", { type: "submit" }, say("report_send"));
  const form = make(
    "form",
    { method: "dialog" },
    make("label", { for: "wrong" }, say("report_wrong")),
    wrong,
    right,
    make("label", { for: "note" }, say("report_note")),
    note,
    make("p", { class: "hint" }, say("report_quiet")),
    problem,
    make("p", { class: "row" }, send, closing(dialog)),
  );
  const askForRight = () => right.replaceChildren(...fieldsOf(wrong.value));
  wrong.addEventListener("change", askForRight);
  askForRight();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    send.disabled = true;
    send.textContent = say("report_sending");
    try {
      const receipt = await sendReport(written(place, wrong.value, right, note.value));
      dialog.replaceChildren(...thanks(dialog, receipt, copy));
      dialog.querySelector("h2").focus();
    } catch (error) {
      problem.replaceChildren(
        make("div", { class: "problem" }, make("strong", {}, error.title ?? ""), make("p", {}, error.message)),
      );
    }
    send.disabled = false;
    send.textContent = say("report_send");
  });
  dialog.replaceChildren(
    make("h2", { id: "report-label" }, say("report_title")),
    make("p", { class: "hint" }, say("report_about", { label: place.codePrinted ?? place.label })),
    form,
  );
  dialog.showModal();
}

function fieldsOf(kind) {
  return (TYPED[kind] ?? []).flatMap((name) => {
    const key = `report_${name}`;
    const words = kind === "missing" ? say(key) : say("report_right");
    return [
      make("label", { for: `right-${name}` }, words),
      make("input", { id: `right-${name}`, name, type: "text", maxlength: "80", autocomplete: "off" }),
    ];
  });
}

/** The report as the service takes it: what is left empty is not said. */
function written(place, wrong, right, note) {
  const typed = [...right.querySelectorAll("input")].map((one) => [one.name, one.value.trim()]);
  const proposed = Object.fromEntries(typed.filter(([, value]) => value));
  return {
    wrong,
    ...(place.code ? { code: place.code } : { point: { lon: place.lon, lat: place.lat } }),
    ...(Object.keys(proposed).length ? { proposed } : {}),
    ...(note.trim() ? { note: note.trim() } : {}),
  };
}

function thanks(dialog, receipt, copy) {
  const told = make("span", { role: "status", class: "copied" });
  const take = make("button", { type: "button" }, say("copy_token"));
  take.addEventListener("click", async () => {
    told.textContent = say((await copy(receipt.token)) ? "copied" : "copy_by_hand");
  });
  return [
    make("h2", { id: "report-label", tabindex: "-1" }, say("report_title")),
    make("p", {}, say("report_sent")),
    receipt.masked ? make("p", { class: "caution" }, receipt.masked) : null,
    make("p", { class: "hint", id: "token-name" }, say("report_token")),
    make("output", { id: "token", class: "mono", "aria-labelledby": "token-name" }, receipt.token),
    make("p", { class: "row" }, take, told),
    make("p", {}, make("a", { id: "follow", href: `/reports#${receipt.token}` }, say("report_follow"))),
    make("p", { class: "row" }, closing(dialog)),
  ].filter(Boolean);
}

function closing(dialog) {
  const button = make("button", { type: "button", class: "quiet" }, say("close"));
  button.addEventListener("click", () => dialog.close());
  return button;
}
