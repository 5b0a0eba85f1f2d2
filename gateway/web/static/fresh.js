/** Fresh: what asks and was not on the screen yet: a button names it, and leads there. @module */

import { isSeen } from "./alarms.js";
import { split } from "./naming.js";
import { site } from "./rows.js";
import { named, say } from "./words.js";

/** @typedef {import("./lines.js").Line} Line */

const SAID_MS = 1000;
const button = /** @type {HTMLButtonElement} */ (document.getElementById("fresh"));
const aloud = /** @type {HTMLElement} */ (document.getElementById("aloud"));
/** The alarms that nobody can have seen here yet. @type {Set<string>} */
const unseen = new Set();
/** The line to which the button leads. */
let leads = "";
let saidAt = -SAID_MS;

/** @param {(key: string) => void} reach goes to a line */
export function init(reach) {
  button.addEventListener("click", () => reach(leads));
}

/** An alarm changed: does it ask now, and did not before? @param {any} alarm @param {any} before */
export function note(alarm, before) {
  if (!asks(alarm)) unseen.delete(alarm.id);
  if (!asks(alarm) || (before && asks(before))) return;
  unseen.add(alarm.id);
  const isPress = alarm.priority === 0 && !alarm.test;
  if (isPress || (alarm.priority <= 1 && performance.now() - saidAt > SAID_MS)) say_(alarm);
}

/** Those lines can be seen now. @param {Line[]} lines */
export function saw(lines) {
  if (!unseen.size || document.hidden) return;
  for (const line of lines) for (const alarm of line.alarms) unseen.delete(alarm.id);
}

/**
 * Says how many lines nobody can have seen, the gravest and newest by its name.
 * @param {Line[]} lines all there are, in order
 * @param {(key: string) => number} placeOf −1: above what can be seen, 1: below
 */
export function show(lines, placeOf) {
  const found = unseen.size ? lines.filter((line) => line.depth === 0 && line.alarms.some(isFresh)) : [];
  if (!found.length) unseen.clear();
  button.hidden = !found.length;
  if (!found.length) return;
  const [first] = found;
  const gravest = found.filter((line) => line.weight === first.weight);
  const newest = gravest.reduce((a, b) => (b.since >= a.since ? b : a));
  leads = newest.key;
  const arrow = placeOf(leads) > 0 ? "↓" : "↑";
  const isPress = newest.lead.priority === 0 && !newest.lead.test;
  const name = newest.lead.priority <= 1 ? `${site(newest)} · ` : "";
  button.classList.toggle("p0", isPress);
  write(name, `${say("list.new", { n: found.length })} ${arrow}`);
}

/** A name that has no room goes on in the next line, but never within its number. @param {string} name @param {string} rest */
function write(name, rest) {
  const said = [...split(name), rest];
  if (button.textContent === said.join("")) return;
  button.replaceChildren(
    ...said.map((text, n) => {
      const part = document.createElement("span");
      part.className = n % 2 ? "number" : ""; // how many there are is a number too
      part.textContent = text;
      return part;
    }),
  );
}

function isFresh(alarm) {
  return unseen.has(alarm.id);
}

function asks(alarm) {
  return !alarm.closed_at && !isSeen(alarm);
}

/** For who hears the page instead of seeing it. */
function say_(alarm) {
  saidAt = performance.now();
  const { place } = alarm;
  const facts = [`P${alarm.priority}`, say(`kind.${alarm.kind}`), named(place.site), named(place.zone)];
  aloud.textContent = facts.filter(Boolean).join(", ");
}
