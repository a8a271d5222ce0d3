// What the text in the box is, and asking the service about it.

import { country } from "./facts.js";
import { half, say } from "./words.js";

const MOST_ANSWERS = 8;
const SLOW_MS = 20_000;

/** The service refused or could not be reached, told in words. */
export class Problem extends Error {
  constructor(title, detail, particulars = {}) {
    super(detail);
    this.title = title;
    this.particulars = particulars;
  }
}

// -- what was typed ------------------------------------------------------------------------------

const SEPARATORS = /[\s.\-_/·\u2010-\u2015\u2212]/g;
const CODE_LENGTH = 10;
const NUMBER = String.raw`[-+]?\d{1,3}(?:\.\d+)?`;
const PAIR = new RegExp(`^(${NUMBER})\\s*[°]?\\s*(?:[,;]|\\s)\\s*(${NUMBER})\\s*°?$`);
const [WEST, SOUTH, EAST, NORTH] = country;
const VPOSTCODE = /^\d{5}[\s\-.]*[23456789CFGHJMPQRVWX]{4}\+?[23456789CFGHJMPQRVWX]{3}$/i;

/** A code, a Vpostcode, a point, or text to look up: decided by the writing alone. */
export function read(text) {
  const plain = text.normalize("NFKC").trim();
  const spot = readSpot(plain);
  if (spot) return { kind: "spot", ...spot };
  // Ten digits in any usual writing; eight to twelve are meant as a code and answered as a slip.
  const digits = plain.replace(SEPARATORS, "");
  if (/^\d+$/.test(digits) && Math.abs(digits.length - CODE_LENGTH) <= 2)
    return { kind: "code", code: digits };
  if (VPOSTCODE.test(plain)) return { kind: "vpostcode", vpostcode: plain };
  return { kind: "text", text: text.trim() };
}

/** Two numbers; Vietnam's latitudes and longitudes do not overlap, so either order is plain. */
function readSpot(plain) {
  const match = PAIR.exec(plain);
  if (!match) return null;
  const [first, second] = [Number(match[1]), Number(match[2])];
  if (isLatitude(first) && isLongitude(second)) return { lat: first, lon: second };
  if (isLongitude(first) && isLatitude(second)) return { lat: second, lon: first };
  // Written with decimals these are coordinates of elsewhere: the service says so.
  return plain.includes(".") ? { lat: first, lon: second } : null;
}

const isLatitude = (degrees) => SOUTH <= degrees && degrees <= NORTH;
const isLongitude = (degrees) => WEST <= degrees && degrees <= EAST;

// -- asking --------------------------------------------------------------------------------------

export const askText = (text, day, signal) =>
  ask("/v1/geocode", { q: text, limit: MOST_ANSWERS, as_of: day }, signal);
export const askCode = (code, day, signal) =>
  ask(`/v1/addresses/${encodeURIComponent(code)}`, { as_of: day }, signal);
export const askVpostcode = (vpostcode, day, signal) =>
  ask(`/v1/vpostcodes/${encodeURIComponent(vpostcode)}`, { as_of: day }, signal);
export const askSpot = ({ lon, lat }, day, signal) =>
  ask("/v1/reverse", { lon, lat, as_of: day }, signal);
export const askWard = (code, day, signal) => ask(`/v1/wards/${code}`, { as_of: day }, signal);
export const askCoverage = (day, signal) => ask("/tiles/wards.json", { as_of: day }, signal);

/** GET, answered as JSON; every failure becomes a Problem, except an abort. */
async function ask(path, asked, signal) {
  const query = new URLSearchParams(Object.entries(asked).filter(([, value]) => value != null));
  const response = await reach(`${path}?${query}`, signal);
  const body = await response.json().catch(() => null);
  if (response.ok && body) return body;
  throw body?.detail
    ? new Problem(half(body.title), half(body.detail), body)
    : new Problem(say("broken"), say("broken_why", { status: response.status }));
}

async function reach(address, signal) {
  const patience = AbortSignal.timeout(SLOW_MS);
  try {
    return await fetch(address, { signal: signal ? AbortSignal.any([signal, patience]) : patience });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(say("no_answer"), say("no_answer_why"));
  }
}
