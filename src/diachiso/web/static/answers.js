// The list of places found, and the one that was chosen: words beside the map.

import { sidesOf } from "./sides.js";
import { currentLanguage, say, sayConfidence, sayMetres, sayOne, sayShare } from "./words.js";

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

/** Everything known of a place, and what is asked back; `act` holds what its buttons do. */
export function cardOf(place, question, day, act) {
  return [
    question && make("p", { id: "question", class: "caution" }, question),
    make("h2", { id: "chosen-label", tabindex: "-1" }, place.label),
    codeOf(place, act),
    AREAS.has(place.level) && !place.isHere
      ? make("p", { class: "caution" }, say("not_a_door"))
      : null,
    sidesOf(place, day, act),
    sureOf(place),
    make("dl", {}, ...factsOf(place)),
    doingOf(place, act),
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

function doingOf(place, act) {
  const share = make("button", { type: "button", class: "quiet", id: "open-share" }, say("share"));
  share.addEventListener("click", act.share);
  const row = make("p", { class: "row" }, share);
  if (place.code || place.lon != null) {
    const words = say(place.code ? "report" : "report_missing");
    const report = make("button", { type: "button", class: "quiet", id: "open-report" }, words);
    report.addEventListener("click", act.report);
    row.append(report);
  }
  return row;
}

/** How sure the answer is, and why: the named doubts, and what became of each part of the text. */
function sureOf(place) {
  if (place.confidence == null) return null;
  const meter = make("meter", { min: "0", max: "1", low: "0.3", high: "0.6", optimum: "1",
    "aria-label": say("confidence") });
  meter.value = place.confidence;
  const doubts = place.faults.map((fault) => make("li", {}, faultWords(fault)));
  const parts = place.components.filter((one) => one.written).map(partOf);
  return make(
    "section",
    { class: "sure", "aria-labelledby": "sure-title" },
    make("h3", { id: "sure-title" }, say("sure_title")),
    make("p", {}, meter, `${say("confidence")}: ${sayShare(place.confidence)}, ${sayConfidence(place.confidence)}`),
    doubts.length ? make("ul", { class: "doubts" }, ...doubts) : make("p", { class: "hint" }, say("no_doubt")),
    parts.length ? make("details", {}, make("summary", {}, say("parts")), make("ul", {}, ...parts)) : null,
  );
}

function partOf(one) {
  const value = one.value && one.value !== one.written ? ` → ${one.value}` : "";
  const status = sayOne("part_status", one.status);
  return make("li", {}, `${sayOne("part", one.kind)}: ${one.written}${value} (${status})`);
}

function* factsOf(place) {
  if (!place.isHere) yield* fact(say("how"), sayOne("level", place.level), errorWords(place));
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
  const { zones = [], metres } = problem.particulars;
  offers.push(...zones.map((zone) => offer(zoneWords(zone), () => act.search(`${metres} ${zone.crs}`))));
  if (!problem.particulars.type) offers.push(offer(say("try_again"), act.again));
  return make(
    "div",
    { class: "problem" },
    make("strong", {}, problem.title),
    make("p", {}, problem.message),
    offers.length ? make("p", { class: "row" }, ...offers) : null,
  );
}

/** 105°45′ (EPSG:9210). */
function zoneWords({ crs, central_meridian: meridian }) {
  const minutes = Math.round((meridian % 1) * 60);
  return `${Math.floor(meridian)}°${String(minutes).padStart(2, "0")}′ (${crs})`;
}

function offer(words, act) {
  const button = make("button", { type: "button" }, words);
  button.addEventListener("click", act);
  return button;
}
