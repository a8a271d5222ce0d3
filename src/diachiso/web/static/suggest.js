// The list under the search box: how what is being typed may go on (the combobox pattern of WAI-ARIA).

import { make } from "./answers.js";
import { askSuggestions } from "./asking.js";
import { say, sayOne } from "./words.js";

const WAIT_MS = 120;
const SHORTEST = 2;
/** What is no address: digits and signs alone, or a Plus Code; no letters that could be completed. */
const NO_WORDS = /^[\d\s.,;:°'"′″+\-_/()]*$|^[23456789CFGHJMPQRVWX]{4,8}\+/i;

/** Offer completions in `box`; `hears.day()` is the day, `hears.taken(text)` what was chosen. */
export function suggestIn(box, list, told, hears) {
  let found = [];
  let active = -1;
  let waiting = null;
  let asking = new AbortController();

  function close() {
    clearTimeout(waiting);
    asking.abort();
    found = [];
    active = -1;
    draw();
    told.textContent = "";
  }

  function draw() {
    list.hidden = !found.length;
    box.setAttribute("aria-expanded", String(found.length > 0));
    if (active < 0) box.removeAttribute("aria-activedescendant");
    else box.setAttribute("aria-activedescendant", `suggestion-${active}`);
    list.replaceChildren(...found.map((one, index) => optionOf(one, index)));
    list.children[active]?.scrollIntoView({ block: "nearest" });
  }

  function optionOf(one, index) {
    const attributes = { role: "option", id: `suggestion-${index}`, "aria-selected": String(index === active) };
    const option = make(
      "li",
      attributes,
      make("span", { class: "label" }, one.text),
      make("span", { class: "facts" }, [sayOne("kinds", one.kind, ""), one.detail].filter(Boolean).join(" · ")),
    );
    option.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
    option.addEventListener("click", () => take(index));
    return option;
  }

  function take(index) {
    const text = completed(box.value, box.selectionStart ?? box.value.length, found[index]);
    close();
    hears.taken(text);
  }

  async function ask() {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    const text = box.value;
    if (text.trim().length < SHORTEST || NO_WORDS.test(text.trim())) return close();
    try {
      const answer = await askSuggestions(text, box.selectionStart, hears.day(), signal);
      if (signal.aborted || document.activeElement !== box) return;
      found = answer.suggestions;
    } catch {
      if (signal.aborted) return;
      found = []; // what is typed can be searched all the same
    }
    active = -1;
    draw();
    told.textContent = found.length ? say("suggested", { count: found.length }) : say("suggested_none");
  }

  const steps = { ArrowDown: 1, ArrowUp: -1 };
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, WAIT_MS);
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // the Enter that ends a word being put together
    if (event.key in steps && found.length) {
      event.preventDefault();
      const places = found.length + 1; // one more: back in the box
      active = ((active + 1 + steps[event.key] + places) % places) - 1;
      draw();
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      take(active);
    } else if (event.key === "Escape" && found.length) {
      event.preventDefault();
      close();
    }
  });
  box.addEventListener("blur", close);
  return { close };
}

/** The text with the field at the caret taken from a suggestion, and where it lies if that is one place. */
function completed(text, caret, one) {
  const begin = Math.max(text.lastIndexOf(",", caret - 1), text.lastIndexOf(";", caret - 1)) + 1;
  const behind = text.slice(caret).search(/[,;]/);
  const before = text.slice(0, begin).trimEnd();
  const after = behind < 0 ? "" : text.slice(caret + behind);
  const where = !after && one.detail && !one.detail.includes(",") ? `, ${one.detail}` : "";
  return `${before ? `${before} ` : ""}${one.text}${where}${after}`;
}
