// What waits in this browser: looked at, sent, or thrown away.

import { again, discard, flush, listen, waiting } from "./outbox.js";
import { made, say } from "./say.js";

const at = (id) => document.getElementById(id);

function button(words, act) {
  const one = made("button", { type: "button", class: "quiet" }, words);
  one.addEventListener("click", act);
  return one;
}

function rowOf(one) {
  const when = new Date(one.at).toLocaleString(document.documentElement.lang);
  const state = one.refused ? made("p", { class: "problem" }, one.refused) : made("span", { class: "soft" }, say("đang chờ", "waiting"));
  const throwAway = () => confirm(say("Bỏ hẳn điều này?", "Throw this away?")) && discard(one.key);
  return made("li", {}, made("span", {}, made("strong", {}, one.label), " ", made("span", { class: "soft" }, when), " ", state),
    made("span", { class: "chips" }, ...(one.refused ? [button(say("Gửi lại", "Send again"), () => again(one.key))] : []), button(say("Bỏ", "Discard"), throwAway)));
}

listen(() => {
  const entries = waiting();
  at("kept").replaceChildren(...entries.map(rowOf));
  at("none").hidden = entries.length > 0;
  at("send").hidden = !entries.some((one) => !one.refused);
});
at("send").addEventListener("click", flush);
