// Words in the language of the page, and sentences of the service halved.

const english = document.documentElement.lang === "en";

/** The words that the reader reads. */
export const say = (vi, en) => (english ? en : vi);

/** A whole number as the reader writes it. */
export const number = (value) => new Intl.NumberFormat(english ? "en" : "vi").format(value);

/** What a problem of the service says to the reader. */
export const told = (problem) => (english ? problem.detail_en : problem.detail_vi) ?? problem.detail;

/** Say something in the corner, and to screen readers. */
export function toast(text) {
  const corner = document.getElementById("said");
  corner.textContent = text;
  corner.classList.add("shown");
  setTimeout(() => corner.classList.remove("shown"), 6_000);
}

/** Make an element with text and attributes; a value of undefined leaves an attribute out. */
export function made(tag, attributes = {}, ...inside) {
  const one = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) one.setAttribute(name, value);
  }
  one.append(...inside);
  return one;
}

/** A fault, shown where a reader looks for it. */
export function showFault(place, text) {
  place.replaceChildren(...(text ? [made("p", { class: "problem" }, text)] : []));
}
