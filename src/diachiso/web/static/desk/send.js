// Asking the service: with the session's token, under a key that makes a repetition harmless.

import { say, told } from "./say.js";

const PATIENCE_MS = 20_000;
const FILE_PATIENCE_MS = 600_000;
const meta = (name) => document.querySelector(`meta[name=${name}]`)?.content ?? "";

export const officer = meta("officer");

/** The service said no; `problem` says why. */
export class Refused extends Error {
  constructor(status, problem) {
    super(told(problem) ?? say("Máy chủ không nhận.", "The server refuses."));
    this.status = status;
    this.problem = problem;
    this.kind = (problem.type ?? "").split("#")[1] ?? "";
  }

  /** Would the same be refused again? */
  get isFinal() {
    const passing = this.status === 401 || this.status === 408 || this.status === 429;
    return this.status < 500 && !passing && this.kind !== "ForgedRequest" && this.kind !== "MustChange";
  }
}

/** Nobody answered: what was sent may or may not have arrived. */
export class Unreachable extends Error {
  constructor() {
    super(say("Không có kết nối.", "There is no connection."));
  }
}

/** A key of one's own for something to be done once; randomUUID is there over https alone. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function reach(path, options, patience = PATIENCE_MS) {
  try {
    return await fetch(path, { ...options, signal: AbortSignal.timeout(patience) });
  } catch {
    throw new Unreachable();
  }
}

async function answerOf(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, body);
  return body;
}

/** POST as JSON; the same key twice is done once. */
export async function post(path, body, key) {
  const headers = { "content-type": "application/json", "x-csrf-token": meta("csrf") };
  if (key) headers["idempotency-key"] = key;
  return answerOf(await reach(path, { method: "POST", headers, body: JSON.stringify(body) }));
}

/** POST a file as it is. */
export async function postFile(path, file, type) {
  const headers = { "content-type": type, "x-csrf-token": meta("csrf") };
  return answerOf(await reach(path, { method: "POST", headers, body: file }, FILE_PATIENCE_MS));
}

/** DELETE; nothing is answered. */
export async function remove(path) {
  const response = await reach(path, { method: "DELETE", headers: { "x-csrf-token": meta("csrf") } });
  if (!response.ok) throw new Refused(response.status, await response.json().catch(() => ({})));
}

/** GET as JSON. */
export const get = async (path) => answerOf(await reach(path, {}));
