// What every page of the desk does: forms that write, what waits to be sent, the connection.

import { listenToForms, saidBefore } from "./forms.js";
import { flush, listen, waiting } from "./outbox.js";
import { say, toast } from "./say.js";

const band = document.getElementById("connection");
const unsent = document.getElementById("unsent");

function showConnection() {
  const many = waiting().length;
  const refused = waiting().some((one) => one.refused);
  unsent.hidden = !many;
  unsent.textContent = many || "";
  unsent.classList.toggle("some", many > 0);
  const parts = [];
  if (!navigator.onLine)
    parts.push(say("Mất kết nối: điều bạn ghi được giữ trong máy và gửi sau.", "No connection: what you write is kept here and sent later."));
  if (many) parts.push(say(`Đang chờ gửi: ${many}.`, `Waiting to be sent: ${many}.`));
  if (refused) parts.push(say("Có việc bị từ chối: xem “Chưa gửi”.", "Some were refused: see “Unsent”."));
  band.hidden = !parts.length;
  band.textContent = parts.join(" ");
}

document.querySelector("nav.ward [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
listenToForms();
listen(showConnection);
addEventListener("online", showConnection);
addEventListener("offline", showConnection);
const before = saidBefore();
if (before) toast(before);
flush();
