// Asking the service: what the text in the box names, and all the rest.

import { currentLanguage, half, say } from "./words.js";

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

// -- asking --------------------------------------------------------------------------------------

/** Whatever was typed: a code, a Vpostcode, a Plus Code, coordinates or words. */
export const askFind = (text, day, signal) =>
  ask("/v1/find", { q: text, limit: MOST_ANSWERS, as_of: day }, signal);
export const askSuggestions = (text, caret, day, signal) =>
  ask("/v1/autocomplete", { q: text, caret, as_of: day }, signal);
export const askCode = (code, day, signal) =>
  ask(`/v1/addresses/${encodeURIComponent(code)}`, { as_of: day }, signal);
export const askWard = (code, day, signal) => ask(`/v1/wards/${code}`, { as_of: day }, signal);
export const askCoverage = (day, signal) => ask("/tiles/wards.json", { as_of: day }, signal);

/** Send what somebody says is wrong; answered by a receipt. */
export const sendReport = async (report) =>
  answerOf(await reach("/v1/reports", {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(report),
  }));
export const askReport = async (token) => answerOf(await reach(`/v1/reports/${encodeURIComponent(token)}`));

/** GET, answered as JSON; every failure becomes a Problem, except an abort. */
async function ask(path, asked, signal) {
  const query = new URLSearchParams(Object.entries(asked).filter(([, value]) => value != null));
  return answerOf(await reach(`${path}?${query}`, { signal }));
}

async function answerOf(response) {
  const body = await response.json().catch(() => null);
  if (response.ok && body) return body;
  throw body?.detail
    ? new Problem(half(body.title), detailOf(body), body)
    : new Problem(say("broken"), say("broken_why", { status: response.status }));
}

const detailOf = (body) => body[`detail_${currentLanguage()}`] ?? half(body.detail);

async function reach(address, { signal, ...options } = {}) {
  const patience = AbortSignal.timeout(SLOW_MS);
  try {
    return await fetch(address, { ...options, signal: signal ? AbortSignal.any([signal, patience]) : patience });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(say("no_answer"), say("no_answer_why"));
  }
}
