// Today's and yesterday's address of a place, side by side, each with its days.

import { make } from "./answers.js";
import { say, sayDay, sayDays } from "./words.js";

/** Two columns: the address of the day, and the one of before July 2025. */
export function sidesOf(place, day, act) {
  const title = day ? say("day_side", { day: sayDay(day) }) : say("today_side");
  return make(
    "div",
    { class: "sides" },
    place.ward ? side("now", title, lineOf(place), place.ward, act) : null,
    formerSide(place, act),
  );
}

/** What stands before the ward in a label: number, street, group. */
function lineOf(place) {
  const above = unitNames(place.ward).join(", ");
  return place.label.endsWith(above) ? place.label.slice(0, -above.length).replace(/,\s*$/, "") : "";
}

function side(id, title, line, unit, act) {
  const address = [line, ...unitNames(unit)].filter(Boolean).join(", ");
  const copy = make("button", { type: "button", class: "quiet", "aria-label": say("copy_address_of", { address }) },
    say("copy_address"));
  const told = make("span", { role: "status", class: "copied" });
  copy.addEventListener("click", async () => {
    told.textContent = say((await act.copy(address)) ? "copied" : "copy_by_hand");
  });
  const days = sayDays(unit.valid_from, unit.valid_until);
  return make(
    "section",
    { id: `side-${id}`, "aria-labelledby": `side-${id}-title` },
    make("h3", { id: `side-${id}-title` }, title),
    make("p", { class: "address" }, address),
    days && make("p", { class: "days" }, days),
    unit.approximate ? make("p", { class: "days" }, say("approximate_ward")) : null,
    make("p", {}, copy, told),
  );
}

/** Named where one is known; else the units that today's ward was made of. */
function formerSide(place, act) {
  const title = say("before_side");
  if (place.former) return side("before", title, lineOf(place), place.former, act);
  if (!place.predecessors) return null;
  const names = place.predecessors.map((unit) => unit.full_name).join(", ");
  const words = { 0: say("before_unknown"), 1: names }[place.predecessors.length]
    ?? say("before_one_of", { names });
  return make(
    "section",
    { id: "side-before", "aria-labelledby": "side-before-title" },
    make("h3", { id: "side-before-title" }, title),
    make("p", {}, words),
  );
}

const unitNames = (unit) => [unit, unit.district, unit.province].map((one) => one?.full_name).filter(Boolean);
