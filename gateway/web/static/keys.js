/**
 * Keys: one letter each, whatever the keyboard's language; switchable off (WCAG 2.1.4).
 *
 * Tells the bus `key` {name, alarm}: `down` `up` (J K), `claim` (A, or Enter on a row), `close` (C),
 * `note` (N), `snooze` (S), `mute` (M), `back` (R: reopen what is closed), `away` (Esc); P selects the press that waits. The alarm is
 * the row's that has the focus, else the one that is open; a row bears `data-alarm` on what takes
 * the focus. What stands under the finger for less than half a second is not meant.
 * @module
 */

import * as alarms from "./alarms.js";
import * as dialogs from "./dialogs.js";

const MEANT_MS = 500;
const OFF = "dabyl-letters-off";
const LETTERS = { j: "down", k: "up", a: "claim", c: "close", n: "note", s: "snooze", m: "mute", r: "back" };
const OF_AN_ALARM = new Set(["claim", "close", "note", "snooze"]);
const FIELD = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

/** @typedef {{id: string | null, since: number}} Held */

/** The row that has the focus. @type {Held} */
let row = { id: null, since: 0 };
/** The alarm that the pane shows. @type {Held} */
let open = { id: null, since: 0 };
/** @type {import("./bus.js").Bus} */
let bus;

/** @param {import("./bus.js").Bus} given */
export function init(given) {
  bus = given;
  bus.on("opened", (id) => (open = { id, since: performance.now() }));
  bus.on("closed", () => (open = { id: null, since: 0 }));
  document.addEventListener("focusin", hold);
  bus.on("tick", hold); // a row may show another alarm by now, or be gone
  document.addEventListener("focusout", () => (row = { id: null, since: 0 }));
  // Before anything else hears it: a row that came under the finger just now must not act.
  document.addEventListener("keydown", press, { capture: true });
  help();
}

/** What has the focus now, and since when it is that. */
function hold() {
  const id = rowOf(document.activeElement);
  if (id !== row.id) row = { id, since: performance.now() };
}

/** @param {KeyboardEvent} event */
function press(event) {
  hold();
  const target = /** @type {Element} */ (event.target);
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (dialogs.isOpen()) return event.key === "Escape" ? dialogs.shut() : undefined;
  if (target.closest?.(FIELD)) {
    if (event.key === "Escape") /** @type {HTMLElement} */ (target).blur();
    return;
  }
  if (event.key === "Escape") tell("away", open.id);
  else if (event.key === "Enter") enter(event, target);
  else if (!lettersOff()) letter(event);
}

/** @param {KeyboardEvent} event @param {Element} target */
function enter(event, target) {
  const id = rowOf(target);
  if (!id) return; // a button, a link: the browser knows what to do
  event.preventDefault();
  event.stopPropagation();
  if (event.repeat || !isMeant(row)) return;
  bus.emit("select", id);
  tell("claim", id);
}

/** @param {KeyboardEvent} event */
function letter(event) {
  if (event.key === "?") return showHelp();
  const pressed = latin(event);
  const name = LETTERS[/** @type {keyof typeof LETTERS} */ (pressed)];
  if (name !== "down" && name !== "up" && event.repeat) return;
  if (pressed === "p") return nextPress();
  if (!name) return;
  const held = row.id ? row : open;
  if (OF_AN_ALARM.has(name) && !(held.id && isMeant(held))) return;
  if (name === "back" && open.id && !isMeant(open)) return; // it would take the place of what is open
  event.preventDefault();
  tell(name, held.id);
}

/** The letter on the key: as typed, or where another alphabet is on, as it is printed beside. */
function latin(event) {
  if (/^[a-z]$/i.test(event.key)) return event.key.toLowerCase();
  return event.code.startsWith("Key") ? event.code.slice(3).toLowerCase() : "";
}

/** Shows the first press that nobody has claimed, and that is not open. */
function nextPress() {
  const waits = (one) =>
    one.priority === 0 && one.state === "UNACKNOWLEDGED" && !one.closed_at && !one.test;
  const next = alarms.ordered().find((one) => waits(one) && one.id !== open.id);
  if (next) bus.emit("select", next.id);
}

function tell(name, alarm) {
  bus.emit("key", { name, alarm });
}

/** @param {Held} held */
function isMeant(held) {
  return performance.now() - held.since >= MEANT_MS;
}

/** @param {EventTarget | null} target @returns {string | null} */
function rowOf(target) {
  return (target instanceof HTMLElement && target.dataset.alarm) || null;
}

function lettersOff() {
  return localStorage.getItem(OFF) === "yes";
}

function showHelp() {
  dialogs.open(/** @type {HTMLDialogElement} */ (document.getElementById("help")));
}

function help() {
  const letters = /** @type {HTMLInputElement | null} */ (document.getElementById("letters"));
  if (!letters) return;
  letters.checked = !lettersOff();
  letters.addEventListener("change", () => localStorage.setItem(OFF, letters.checked ? "no" : "yes"));
  document.getElementById("help-open")?.addEventListener("click", showHelp);
}
