// What could not be sent is kept in this browser, and sent once there is a connection: in order,
// each under the key it was first sent with, so that the service does it once whatever arrived.

import { say, toast } from "./say.js";
import { newKey, officer, post, Refused, Unreachable } from "./send.js";

const KEPT_AS = "diachiso-desk-outbox";
const AGAIN_MS = 15_000;
const listeners = new Set();

/** All that waits here; one browser may be used by several people in turn. */
function all() {
  try {
    return JSON.parse(localStorage.getItem(KEPT_AS) ?? "[]");
  } catch {
    return [];
  }
}

function keep(entries) {
  localStorage.setItem(KEPT_AS, JSON.stringify(entries));
  for (const hear of listeners) hear();
}

/** What waits of the one who is signed in. */
export const waiting = () => all().filter((one) => one.officer === officer);

/** Hear of every change. */
export function listen(hear) {
  listeners.add(hear);
  hear();
}

/** Take one away. */
export const discard = (key) => keep(all().filter((one) => one.key !== key));

/** Send, or keep for later where nobody answers: the answer, or null if it is kept. */
export async function sendOrKeep(path, body, label, key = newKey()) {
  try {
    return await post(path, body, key);
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    try {
      keep([...all(), { key, path, body, label, officer, at: new Date().toISOString() }]);
    } catch {
      throw new Error(say("Mất kết nối và trình duyệt không giữ được; đừng đóng trang.", "No connection, and the browser cannot keep it: leave this page open."));
    }
    toast(say("Mất kết nối: đã giữ trong máy, sẽ tự gửi.", "No connection: kept here, and sent by itself later."));
    return null;
  }
}

/** One page of the browser sends at a time, where browsers can see to it. */
const alone = (work) =>
  navigator.locks ? navigator.locks.request("diachiso-desk-outbox", { ifAvailable: true }, (lock) => lock && work()) : work();

let isSending = false;

/** Send what waits, in order; stop where nobody answers. */
export async function flush() {
  if (isSending || !officer || !waiting().some((one) => !one.refused)) return;
  isSending = true;
  try {
    await alone(sendAll);
  } finally {
    isSending = false;
  }
}

async function sendAll() {
  let sent = 0;
  for (const one of waiting().filter((each) => !each.refused)) {
    try {
      await post(one.path, one.body, one.key);
      discard(one.key);
      sent += 1;
    } catch (error) {
      if (!(error instanceof Refused) || !error.isFinal) break;
      keep(all().map((each) => (each.key === one.key ? { ...each, refused: error.message } : each)));
    }
  }
  if (!sent) return;
  toast(say(`Đã gửi ${sent} việc đang chờ.`, `Sent ${sent} that waited.`));
  dispatchEvent(new CustomEvent("outbox-sent"));
}

/** Send what is refused once more: its reason may be gone. */
export async function again(key) {
  keep(all().map((one) => (one.key === key ? { ...one, refused: undefined } : one)));
  await flush();
}

addEventListener("online", flush);
addEventListener("storage", (event) => {
  if (event.key === KEPT_AS) for (const hear of listeners) hear();
});
setInterval(flush, AGAIN_MS);
