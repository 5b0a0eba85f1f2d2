/** The bars above the page: one line each, the gravest first; a screen reader says each once. @module */

import { say } from "./words.js";

/** @typedef {"press" | "stop" | "loud" | "warn" | "note"} Level a press waits; it does not run; it was silenced; not proven; good to know */
/** @typedef {{text: string, act: () => void}} Action */

/** So many a phone shows at once. */
const FEW = 2;
const LEVELS = ["press", "stop", "loud", "warn", "note"];
const SIGNS = { press: "▲", stop: "✕", loud: "♪", warn: "!", note: "i" };
const place = /** @type {HTMLElement} */ (document.getElementById("bars"));
const more = /** @type {HTMLElement} */ (document.getElementById("bars-more"));
more.addEventListener("click", () => {
  more.ariaExpanded = String(place.classList.toggle("open"));
  count();
});

/**
 * Shows a bar, or keeps it true.
 * @param {string} name
 * @param {Level} level
 * @param {string} text
 * @param {{since?: string, brief?: string, actions?: Action[], isPassing?: boolean}} [beside] `since`: what changes each second, not
 *   read aloud; `brief`: what stands in its place on a phone, until somebody asks for the whole;
 *   `isPassing`: it goes in a moment, and is shown until then beside the gravest
 */
export function show(name, level, text, beside = {}) {
  const bar = document.getElementById(`bar-${name}`) ?? make(name);
  bar.classList.toggle("passing", beside.isPassing ?? false);
  if (bar.dataset.level !== level) rank(bar, level);
  put(bar, ".said", text);
  put(bar, ".brief", beside.brief ?? "");
  put(bar, ".since", beside.since ?? "");
  const actions = beside.actions ?? [];
  const shown = [...bar.querySelectorAll("button")].map((button) => button.textContent);
  if (shown.join("\n") !== actions.map((one) => one.text).join("\n")) {
    bar.querySelector(".acts")?.replaceChildren(...actions.map(button));
  }
}

/** @param {string} name */
export function hide(name) {
  document.getElementById(`bar-${name}`)?.remove();
  count();
}

/** @param {string} name */
export function isShown(name) {
  return document.getElementById(`bar-${name}`) !== null;
}

/** @param {string} name */
function make(name) {
  const bar = document.createElement("div");
  bar.id = `bar-${name}`;
  bar.className = "bar";
  const sign = part("i", "sign");
  sign.ariaHidden = "true";
  const brief = part("p", "brief");
  brief.ariaHidden = "true"; // the whole is read aloud
  const since = part("span", "since");
  since.ariaLive = "off";
  bar.append(sign, part("p", "said"), brief, since, part("div", "acts"));
  return bar;
}

/** @param {HTMLElement} bar @param {Level} level */
function rank(bar, level) {
  bar.dataset.level = level;
  bar.role = level === "stop" || level === "press" ? "alert" : "status";
  put(bar, ".sign", SIGNS[level]);
  const graver = (/** @type {any} */ one) => LEVELS.indexOf(one.dataset.level) > LEVELS.indexOf(level);
  const others = [...place.querySelectorAll(".bar")].filter((one) => one !== bar);
  place.insertBefore(bar, others.find(graver) ?? more);
  count();
}

/** Says how many more there are, or that there is more to read. */
function count() {
  const n = place.querySelectorAll(".bar:not(.passing)").length - FEW;
  const isOpen = place.classList.contains("open");
  const text = isOpen ? say("bar.fewer") : n > 0 ? `+${n}` : "…";
  if (more.textContent !== text) more.textContent = text;
  more.ariaLabel = isOpen ? text : n > 0 ? say("bar.more", { n }) : say("bar.whole");
}

/** @param {Element} bar @param {string} selector @param {string} text */
function put(bar, selector, text) {
  const found = /** @type {Element} */ (bar.querySelector(selector));
  if (found.textContent !== text) found.textContent = text;
}

/** @param {Action} action */
function button(action) {
  const made = document.createElement("button");
  made.textContent = action.text;
  made.addEventListener("click", action.act);
  return made;
}

/** @param {string} name @param {string} className */
function part(name, className) {
  const made = document.createElement(name);
  made.className = className;
  return made;
}
