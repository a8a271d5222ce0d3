// Certifying many at once: what is chosen on a page of the list.

import { sayAfterwards } from "./forms.js";
import { made, say, showFault } from "./say.js";
import { newKey, post } from "./send.js";
import { told } from "./say.js";

const form = document.getElementById("many");
const every = document.getElementById("all");
const boxes = () => [...form.querySelectorAll("[name=which]")];
const chosen = () => boxes().filter((box) => box.checked);

function count() {
  const many = chosen().length;
  form.querySelector("[type=submit]").disabled = !many;
  document.getElementById("chosen-count").textContent = many ? `(${many})` : "";
  every.checked = many > 0 && many === boxes().length;
  every.indeterminate = many > 0 && !every.checked;
}

async function certify() {
  const fault = document.getElementById("fault");
  const addresses = chosen().map((box) => ({ called: box.value, version: Number(box.dataset.version) }));
  try {
    const done = await post("/v1/registry/certify", { addresses }, newKey());
    const { certified = [], refused = [] } = done;
    if (!refused.length) return sayAfterwards(say(`Đã chứng nhận ${certified.length}.`, `Certified ${certified.length}.`));
    fault.replaceChildren(
      made("p", { class: "caution" }, say(`Đã chứng nhận ${certified.length}; ${refused.length} không được:`, `Certified ${certified.length}; ${refused.length} were not:`)),
      made("ul", {}, ...refused.map((one) => made("li", {}, `${one.called}: ${told(one)}`))),
    );
  } catch (error) {
    showFault(fault, error.message);
  }
}

if (every) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    certify();
  });
  form.addEventListener("change", (event) => {
    if (event.target === every) for (const box of boxes()) box.checked = every.checked;
    count();
  });
  count();
}
