// The list of places found, and the one that was chosen: words beside the map.

import {
  currentLanguage, say, sayConfidence, sayDay, sayDays, sayMetres, sayOne, sayShare,
} from "./words.js";

const AREAS = new Set(["ward", "district", "province", "street", "residential_group"]);
const DECIMALS = 6; // of a degree: about 0.1 m

/** An element with attributes and children; text stays text. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child != null));
  return element;
}

// -- the list ------------------------------------------------------------------------------------

/** One button for each place; the chosen one says so. */
export function listOf(places, chosen, choose) {
  return places.map((place, index) => {
    const attributes = { type: "button", "aria-current": String(place === chosen) };
    const button = make(
      "button",
      attributes,
      make("span", { class: "label" }, place.isHere ? `${say("here")}: ${place.label}` : place.label),
      place.codePrinted && make("span", { class: "small-code" }, place.codePrinted),
      make("span", { class: "facts" }, inShort(place)),
    );
    button.addEventListener("click", () => choose(index));
    return make("li", {}, button);
  });
}

function inShort(place) {
  return [
    sayOne("level", place.level),
    place.confidence != null && `${sayShare(place.confidence)}, ${sayConfidence(place.confidence)}`,
    place.distanceM != null && say("distance", { distance: sayMetres(place.distanceM) }),
  ]
    .filter(Boolean)
    .join(" · ");
}

// -- the chosen place ----------------------------------------------------------------------------

/** Everything known of a place; `act` holds what its buttons do. */
export function cardOf(place, day, act) {
  return [
    make("h2", { id: "chosen-label", tabindex: "-1" }, place.label),
    codeOf(place, act),
    AREAS.has(place.level) && !place.isHere
      ? make("p", { class: "caution" }, say("not_a_door"))
      : null,
    make("dl", {}, ...factsOf(place, day)),
    sharing(act),
  ].filter(Boolean);
}

function codeOf(place, act) {
  if (!place.codePrinted) return make("p", { class: "hint" }, say("no_code"));
  const copy = make("button", { type: "button", id: "copy" }, say("copy"));
  const told = make("span", { role: "status", class: "copied" });
  copy.addEventListener("click", async () => {
    told.textContent = say((await act.copy(place.codePrinted)) ? "copied" : "copy_by_hand");
  });
  return make(
    "div",
    { class: "code" },
    make("span", { class: "hint", id: "code-name" }, say("code")),
    make("output", { id: "code", "aria-labelledby": "code-name" }, place.codePrinted),
    copy,
    told,
  );
}

function sharing(act) {
  const share = make("button", { type: "button", class: "quiet" }, say("share"));
  const told = make("span", { role: "status", class: "copied" });
  share.addEventListener("click", async () => {
    told.textContent = say((await act.copy(location.href)) ? "copied" : "copy_by_hand");
  });
  return make("p", { class: "share" }, share, told);
}

function* factsOf(place, day) {
  if (place.ward) {
    const title = day ? say("ward_on", { day: sayDay(day) }) : say("ward_now");
    yield* fact(title, unitWords(place.ward), place.ward.approximate && say("approximate_ward"));
  }
  yield* formerFact(place);
  if (!place.isHere) yield* fact(say("how"), sayOne("level", place.level), errorWords(place));
  if (place.confidence != null)
    yield* fact(
      say("confidence"),
      `${sayShare(place.confidence)}: ${sayConfidence(place.confidence)}`,
    );
  if (place.faults.length) yield* fact(say("doubts"), ...place.faults.map(faultWords));
  if (place.state)
    yield* fact(say("state"), sayOne("states", place.state), sayOne("position_kinds", place.positionKind, ""));
  if (place.vpostcode) yield* fact(say("vpostcode"), make("span", { class: "mono" }, place.vpostcode));
  if (place.lon != null) yield* fact(say("position"), make("span", { class: "mono" }, spotWords(place)));
  if (place.attribution) yield* fact(say("source"), place.attribution);
}

function* fact(title, ...values) {
  yield make("dt", {}, title);
  for (const value of values) if (value) yield make("dd", {}, value);
}

/** Named where one is known; else the units that today's ward was made of. */
function* formerFact(place) {
  if (place.former) yield* fact(say("ward_before"), unitWords(place.former));
  else if (place.predecessors?.length) {
    const names = place.predecessors.map((unit) => unit.full_name).join(", ");
    const words = place.predecessors.length > 1 ? say("before_one_of", { names }) : names;
    yield* fact(say("ward_before"), words);
  } else if (place.predecessors) yield* fact(say("ward_before"), say("before_unknown"));
}

function unitWords(unit) {
  const names = [unit, unit.district, unit.province].map((one) => one?.full_name).filter(Boolean);
  const days = sayDays(unit.valid_from, unit.valid_until);
  return make("span", {}, names.join(", "), days && make("span", { class: "days" }, ` (${days})`));
}

function errorWords(place) {
  const error = place.errorM && `${say("error")}: ${say("about", { distance: sayMetres(place.errorM) })}`;
  const distance = place.distanceM != null && say("distance", { distance: sayMetres(place.distanceM) });
  return [error, distance].filter(Boolean).join(" · ");
}

const faultWords = (fault) => (currentLanguage() === "vi" ? fault.detail_vi : fault.detail_en);

export const spotWords = ({ lat, lon }) => `${round(lat)}, ${round(lon)}`;
const round = (degrees) => Number(degrees.toFixed(DECIMALS));

/** What the geocoder asks back, where the answer is in doubt. */
export function questionOf(places) {
  const asked = places[0]?.question;
  if (!asked || asked.action === "accept") return null;
  return currentLanguage() === "vi" ? asked.question : asked.question_en;
}

// -- problems ------------------------------------------------------------------------------------

/** What went wrong, in words, with what may be done. */
export function problemOf(problem, act) {
  const slips = problem.particulars.one_slip_away ?? [];
  const offers = slips.map((code) => offer(say("try_code", { code }), () => act.search(code)));
  if (!problem.particulars.type) offers.push(offer(say("try_again"), act.again));
  return make(
    "div",
    { class: "problem" },
    make("strong", {}, problem.title),
    make("p", {}, problem.message),
    offers.length ? make("p", {}, ...offers) : null,
  );
}

function offer(words, act) {
  const button = make("button", { type: "button" }, words);
  button.addEventListener("click", act);
  return button;
}
