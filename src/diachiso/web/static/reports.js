// What became of a report: asked by its token, which may stand in the fragment of the address.

import { make } from "./answers.js";

const at = (id) => document.getElementById(id);
const ROWS = [
  ["number", "Số phản ánh", "Number"],
  ["ward", "Phường, xã", "Ward"],
  ["reported_at", "Gửi lúc", "Sent"],
  ["meaning", "Tình trạng", "Status"],
  ["reason", "Lý do", "Reason"],
  ["answered_at", "Trả lời lúc", "Answered"],
  ["code", "Mã địa chỉ số", "Code"],
];

const both = (tag, vi, en) => make(tag, {}, `${vi} `, make("span", { lang: "en" }, en));

async function show(token) {
  at("token").value = token;
  at("told").replaceChildren(both("p", "Đang hỏi…", "Asking…"));
  try {
    const response = await fetch(`/v1/reports/${encodeURIComponent(token)}`);
    const told = await response.json();
    at("told").replaceChildren(response.ok ? rowsOf(told) : problemOf(told));
  } catch {
    at("told").replaceChildren(
      make("div", { class: "problem" }, both("p", "Máy chủ không trả lời; hãy thử lại.", "The server does not answer; please try again.")),
    );
  }
}

function rowsOf(told) {
  const list = make("dl", { class: "told" });
  for (const [key, vi, en] of ROWS) {
    if (told[key] == null) continue;
    const value = key.endsWith("_at") ? new Date(told[key]).toLocaleString("vi-VN") : String(told[key]);
    list.append(both("dt", vi, en), make("dd", {}, value));
  }
  return list;
}

const problemOf = (told) =>
  make("div", { class: "problem" }, make("strong", {}, told.title ?? ""), make("p", {}, told.detail ?? ""));

const inFragment = () => decodeURIComponent(location.hash.slice(1));

at("follow").addEventListener("submit", (event) => {
  event.preventDefault();
  const token = at("token").value.trim();
  history.replaceState(null, "", `#${encodeURIComponent(token)}`);
  show(token);
});
addEventListener("hashchange", () => inFragment() && show(inFragment()));
if (inFragment()) show(inFragment());
