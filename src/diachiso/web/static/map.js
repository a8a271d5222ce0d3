// The page: from the search box, the map and the address bar to answers, and back.
// What is asked stands in the fragment of the address (#q=…), which browsers send to nobody.

import {
  cardOf, listOf, problemOf, questionOf, spotWords,
} from "./answers.js";
import { askCode, askCoverage, askFind, askWard, Problem } from "./asking.js";
import { openAtlas } from "./atlas.js";
import { fromGeocoder, fromRegistry, joined } from "./places.js";
import { suggestIn } from "./suggest.js";
import { currentLanguage, half, isBeforeReform, label, say, sayDay, speak } from "./words.js";

// Below PROBABLE the reader chooses, and nothing is picked silently: unless a recorded house is so
// many times likelier than all else.
const PROBABLE = 0.6;
const CLEAR_LEAD = 3;
const NEGLIGIBLE = 0.01;
const AT_THE_DOOR_M = 20;
const SLOW_AFTER_MS = 3_000;

const at = (id) => document.getElementById(id);
const today = at("day").dataset.today;

let places = [];
let chosen = null;
let problem = null;
let reading = null; // what the service took the text for
let told = null; // what the status line says, as a function, so that it can be said again
let asking = new AbortController();
let coverage = null;

/** What the fragment asks for. */
const kept = () => new URLSearchParams(location.hash.slice(1));
/** The day asked for, or null for today: then nothing is sent, and caches are shared. */
const dayAsked = () => (at("day").value && at("day").value !== today ? at("day").value : null);

setDay(kept().get("on"));
const atlas = openAtlas(dayAsked(), {
  asked: ({ lat, lng }) => search(spotWords({ lat, lon: lng }), { look: false }),
  picked: (index) => choose(index, false),
  drawn: (showsApproximate) => (at("approximate").hidden = !showsApproximate),
  failed: () => showConnection(),
});

function setDay(day) {
  at("day").value = day ?? today;
  at("day").value ||= today; // what is no day leaves the field empty
}

const suggesting = suggestIn(at("q"), at("suggestions"), at("suggested"), {
  day: dayAsked,
  taken: (text) => search(text),
});

// -- the day -------------------------------------------------------------------------------------

async function showDay({ look }) {
  const day = dayAsked();
  at("to-today").hidden = day === null;
  atlas?.show(day);
  try {
    const found = await askCoverage(day);
    if (day !== dayAsked()) return; // another day was chosen meanwhile
    coverage = found;
  } catch {
    showConnection();
    return;
  }
  showCoverage();
  const isIdle = chosen === null && problem === null && !places.length;
  if (look && isIdle && coverage.bounds) atlas?.fit(coverage.bounds);
}

function showCoverage() {
  at("no-boundary").textContent = say("no_boundary", { day: sayDay(dayAsked() ?? today) });
  at("no-boundary").hidden = coverage === null || Boolean(coverage.bounds);
  if (coverage?.credits.length) at("credits").textContent = creditWords(coverage.credits);
}

/** Whose data the map and the answers are made of (ODbL 4.3 asks for it); each source once. */
function creditWords(credits) {
  const words = ({ attribution, licence }) =>
    [half(attribution), half(licence).replace("ODbL-1.0", "ODbL")].filter(Boolean).join(", ");
  return [...new Set(credits.map(words))].join(" · ");
}

// -- searching -----------------------------------------------------------------------------------

async function search(text, { look = true, pick = null, keep = true } = {}) {
  at("q").value = text;
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  suggesting.close();
  forget();
  if (keep) remember({ push: true });
  if (!text.trim()) return tell(() => say("empty"));
  tell(() => say("searching"));
  at("answers").setAttribute("aria-busy", "true");
  const slow = setTimeout(() => tell(() => say("slow")), SLOW_AFTER_MS);
  try {
    places = await find(text, signal);
  } catch (error) {
    if (!signal.aborted) fail(error, look);
    return;
  } finally {
    clearTimeout(slow);
    if (!signal.aborted) at("answers").setAttribute("aria-busy", "false");
  }
  offer(pick, look);
}

async function find(text, signal) {
  const answer = await askFind(text, dayAsked(), signal);
  reading = answer.read;
  if (reading.as !== "text") return answer.features.map(fromRegistry);
  return worthShowing(answer.features.map(fromGeocoder));
}

/** Without those that the service holds for all but impossible, unless it has no others. */
function worthShowing(found) {
  const places = found.filter((place) => place.level !== "none"); // nothing was recognised
  const likely = places.filter((place) => place.confidence >= NEGLIGIBLE);
  return likely.length ? likely : places;
}

function forget() {
  places = [];
  chosen = problem = told = reading = null;
  atlas?.clear();
  show();
}

function offer(pick, look) {
  if (!places.length) {
    tell(() => `${say("nothing")} ${say("nothing_why")}`);
    at("start").hidden = false;
    return;
  }
  tell(() => (places.length === 1 ? say("one_found") : say("many_found", { count: places.length })));
  const picked = pick !== null && places[pick] ? pick : likeliest();
  atlas?.offer(places, look && picked === null);
  if (picked === null) show();
  else choose(picked, look, { keep: false });
}

/** The place to show at once, or null where the reader had better choose. */
function likeliest() {
  if (places.length === 1) return 0;
  const [first, second] = places;
  if (first.confidence != null) {
    const leads = first.code && first.confidence >= CLEAR_LEAD * second.confidence;
    return first.confidence >= PROBABLE || leads ? 0 : null;
  }
  return first.distanceM != null && first.distanceM > AT_THE_DOOR_M ? places.length - 1 : 0;
}

function choose(index, look = true, { keep = true } = {}) {
  chosen = places[index];
  if (keep) remember({ push: false });
  atlas?.point(chosen, index, look);
  show();
  at(isToChoose() && !keep ? "found" : "chosen").scrollIntoView({ block: "nearest" });
  enrich(chosen);
}

/** Chosen from the list, which is drawn anew: the reader goes on where the answer is. */
function chooseHere(index) {
  choose(index);
  at("chosen-label").focus();
}

/** What the list did not tell: the registry's record, and the units before the reform. */
async function enrich(place) {
  const { signal } = asking;
  const day = dayAsked();
  try {
    if (place.code && !place.state) Object.assign(place, joined(place, await askCode(place.code, day, signal)));
    if (!place.former && place.ward && !(day && isBeforeReform(day)))
      place.predecessors = (await askWard(place.ward.code, day, signal)).properties.predecessors ?? [];
  } catch {
    return; // the answer itself stands; only its trimmings are missing
  }
  if (place === chosen)
    for (const part of [".sides", "dl"])
      at("chosen").querySelector(part).replaceWith(card().find((one) => one.matches(part)));
}

function fail(error, look) {
  problem = error instanceof Problem ? error : new Problem(say("broken"), String(error));
  told = null;
  const asked = problem.particulars.read; // coordinates where no ward is
  if (asked) {
    atlas?.point({ ...asked, label: spotWords(asked) }, null, false);
    if (look) atlas?.fitCountry(); // close up there is nothing to see
  }
  show();
  showConnection();
}

// -- showing -------------------------------------------------------------------------------------

function tell(words) {
  told = words;
  at("status").textContent = words();
}

/** Is the reader to choose? Then the candidates stand before the card, under the question. */
const isToChoose = () => places.length > 1 && places[0].question?.action === "choose";

function card() {
  const question = chosen === places[0] && !isToChoose() ? questionOf(places) : null;
  return cardOf(chosen, question, dayAsked(), { copy, share, report });
}

function show() {
  at("status").textContent = told?.() ?? "";
  at("problem").replaceChildren(
    ...(problem ? [problemOf(problem, { search, again: () => search(at("q").value) })] : []),
  );
  at("chosen").hidden = chosen === null;
  at("chosen").replaceChildren(...(chosen ? card() : []));
  at("found").hidden = places.length < 2;
  if (isToChoose()) at("chosen").before(at("found"));
  else at("chosen").after(at("found"));
  at("found-label").textContent =
    (chosen === places[0] && !isToChoose() ? null : questionOf(places)) ?? say("choose");
  at("start").hidden = places.length > 0 || problem !== null || at("q").value.trim() !== "";
  at("remark").hidden = !reading?.remark_vi;
  at("remark").textContent = reading?.[`remark_${currentLanguage()}`] ?? "";
  at("list").replaceChildren(...listOf(places, chosen, chooseHere));
}

function showConnection() {
  at("offline").hidden = navigator.onLine;
}

/** The link to what is shown: a code says it for ever, anything else is asked again. */
function linkOf(place) {
  const { origin, pathname, href } = location;
  if (!place.codePrinted) return href;
  const state = new URLSearchParams({ q: place.codePrinted, ...(dayAsked() ? { on: dayAsked() } : {}) });
  return `${origin}${pathname}#${state}`;
}

async function share() {
  const { openShare } = await import("./sharing.js");
  openShare(at("share"), linkOf(chosen), copy);
}

async function report() {
  const { openReport } = await import("./report.js");
  openReport(at("report"), chosen, copy);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // not over https, or forbidden
  }
}

// -- the address bar -----------------------------------------------------------------------------

function remember({ push }) {
  const state = new URLSearchParams();
  if (at("q").value.trim()) state.set("q", at("q").value.trim());
  if (dayAsked()) state.set("on", dayAsked());
  if (chosen && places.length > 1) state.set("n", places.indexOf(chosen) + 1);
  const fragment = state.size ? `#${state}` : location.pathname;
  if (fragment === location.hash) return;
  if (push) history.pushState(null, "", fragment);
  else history.replaceState(null, "", fragment);
}

function recall({ look }) {
  const state = kept();
  const before = at("day").value;
  setDay(state.get("on"));
  const text = state.get("q") ?? "";
  if (look || at("day").value !== before) showDay({ look: look && !text });
  const pick = state.has("n") ? Number(state.get("n")) - 1 : null;
  if (text) search(text, { pick, keep: false });
  else if (!look) search("", { keep: false });
}

// -- listening -----------------------------------------------------------------------------------

function speakEverywhere() {
  label(document);
  at("language").textContent = say("other_language");
  at("language").lang = currentLanguage() === "vi" ? "en" : "vi";
  atlas?.translate();
  showCoverage();
  show();
}

for (const one of document.querySelectorAll("[data-try]"))
  one.addEventListener("click", () => search(one.textContent));
at("search").addEventListener("submit", (event) => {
  event.preventDefault();
  search(at("q").value);
});
at("day").addEventListener("change", async () => {
  await showDay({ look: false });
  remember({ push: true });
  if (at("q").value.trim()) search(at("q").value, { look: false, keep: false });
});
at("to-today").addEventListener("click", () => {
  at("day").value = today;
  at("day").dispatchEvent(new Event("change"));
  at("day").focus();
});
at("country").addEventListener("click", () => atlas?.fitCountry());
at("language").addEventListener("click", () => {
  speak(currentLanguage() === "vi" ? "en" : "vi");
  speakEverywhere();
  atlas?.repaint();
});
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the fragment holds what is asked
  at("q").focus();
});
addEventListener("popstate", () => recall({ look: false }));
addEventListener("online", showConnection);
addEventListener("offline", showConnection);

at("no-map").hidden = atlas !== null;
speakEverywhere();
showConnection();
recall({ look: true });
