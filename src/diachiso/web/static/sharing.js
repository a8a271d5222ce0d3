// The link of a place, to copy, to send, or as a QR code drawn here: nobody is asked for it.

import { make } from "./answers.js";
import { say } from "./words.js";
import encodeQR from "./vendor/qr/index.js";

/** Open the dialog for a link; `copy` puts a text on the clipboard. */
export function openShare(dialog, link, copy) {
  const field = make("input", { id: "share-link", type: "url", readonly: "" });
  field.value = link;
  field.addEventListener("focus", () => field.select());
  const told = make("p", { role: "status", class: "copied" });
  const actions = make("p", { class: "row" }, button("share_copy", async () => {
    told.textContent = say((await copy(link)) ? "copied" : "copy_by_hand");
  }));
  if (navigator.share) {
    const send = button("share_send", () => navigator.share({ url: link, title: say("name") }).catch(() => {}));
    send.className = "quiet";
    actions.append(send);
  }
  const close = button("close", () => dialog.close());
  close.className = "quiet";
  actions.append(close);
  dialog.replaceChildren(
    make("h2", { id: "share-label" }, say("share_title")),
    make("label", { for: "share-link" }, say("share_link")),
    field,
    make("img", { id: "qr", alt: say("share_qr"), src: pictureOf(link), width: "200", height: "200" }),
    actions,
    told,
    make("p", { class: "hint" }, say("share_why")),
  );
  dialog.showModal();
}

const pictureOf = (text) =>
  `data:image/svg+xml,${encodeURIComponent(encodeQR(text, "svg", { ecc: "medium", border: 3 }))}`;

function button(key, act) {
  const one = make("button", { type: "button" }, say(key));
  one.addEventListener("click", act);
  return one;
}
