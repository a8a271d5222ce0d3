// Everything the page says, in Vietnamese and in English, and which of the two it speaks.

import en from "./words.en.js";
import vi from "./words.vi.js";

const KEPT_AS = "diachiso.language";
const REFORM = "2025-07-01";

const WORDS = { vi, en };

let language = remembered() ?? "vi";

function remembered() {
  try {
    const kept = localStorage.getItem(KEPT_AS);
    return kept in WORDS ? kept : null;
  } catch {
    return null; // storage may be forbidden; the page then starts in Vietnamese
  }
}

export const currentLanguage = () => language;

export function speak(wanted) {
  language = wanted in WORDS ? wanted : "vi";
  try {
    localStorage.setItem(KEPT_AS, language);
  } catch {
    // not remembered, but spoken now
  }
}

/** The words of a key, with {blanks} filled. */
export function say(key, blanks = {}) {
  return WORDS[language][key].replace(/\{(\w+)\}/g, (_, blank) => blanks[blank]);
}

/** A word of a list such as `level` or `states`; `otherwise` where the list lacks it. */
export const sayOne = (list, key, otherwise = key) => WORDS[language][list][key] ?? otherwise;

/** "Tiếng Việt. / English." as the service writes its sentences: the half that is wanted. */
export function half(text) {
  const cut = /([.?!]) \/ /.exec(text) ?? /() \/ /.exec(text);
  if (!cut) return text;
  const end = cut.index + cut[1].length;
  return language === "vi" ? text.slice(0, end) : capitalised(text.slice(end + 3));
}

const capitalised = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** Put words on every element that says which: data-say (text), data-say-label (for readers). */
export function label(root) {
  document.documentElement.lang = language;
  document.title = say("name");
  for (const one of root.querySelectorAll("[data-say]")) one.textContent = say(one.dataset.say);
  for (const one of root.querySelectorAll("[data-language]"))
    one.search = language === "vi" ? "" : `?lang=${language}`;
  for (const one of root.querySelectorAll("[data-say-label]"))
    one.setAttribute("aria-label", say(one.dataset.sayLabel));
}

// -- numbers and days as people read them --------------------------------------------------------

/** 2025-07-01 -> 1/7/2025 or 1 July 2025. */
export function sayDay(iso) {
  const [year, month, day] = iso.split("-").map(Number);
  const noon = new Date(Date.UTC(year, month - 1, day, 12));
  if (language === "vi") return `${day}/${month}/${year}`;
  const parts = { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" };
  return new Intl.DateTimeFormat("en-GB", parts).format(noon);
}

/** From when until when; `until` is the first day on which it no longer holds. */
export function sayDays(since, until) {
  const last = until && sayDay(dayBefore(until));
  if (since && until) return say("between", { since: sayDay(since), until: last });
  if (since) return say("since", { since: sayDay(since) });
  return until ? say("until", { until: last }) : "";
}

function dayBefore(iso) {
  const day = new Date(`${iso}T12:00:00Z`);
  day.setUTCDate(day.getUTCDate() - 1);
  return day.toISOString().slice(0, 10);
}

export function sayMetres(metres) {
  const number = (value, digits) =>
    new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
  return metres < 1000 ? `${number(metres, 0)} m` : `${number(metres / 1000, 1)} km`;
}

export const sayShare = (share) =>
  new Intl.NumberFormat(language, { style: "percent" }).format(share);

const SURE_FROM = [0.9, 0.6, 0.3, 0];

/** A probability in words. */
export const sayConfidence = (share) =>
  WORDS[language].sure[SURE_FROM.findIndex((least) => share >= least)];

export const isBeforeReform = (iso) => iso < REFORM;
