/** The wall's rows: the lines of the console's list in their order, as many as the screen bears. @module */

import { times } from "./again.js";
import * as alarms from "./alarms.js";
import { each, lasting, now } from "./clock.js";
import { flood, lines } from "./lines.js";
import { write } from "./naming.js";
import { began, site } from "./rows.js";
import { stateOf } from "./state.js";
import { isCounted } from "./wall_order.js";
import { named, say } from "./words.js";

/** @typedef {import("./lines.js").Line} Line */

const EVERYBODY = 2;
/** From this rung on what nobody took is everybody's. */
const LEAST = 3;
const NAMED = 3;
const SCROLLS = 50;
const list = /** @type {HTMLElement} */ (document.getElementById("rows"));
const more = /** @type {HTMLElement} */ (document.getElementById("more"));
const calm = /** @type {HTMLElement} */ (document.getElementById("calm"));
const waiting = /** @type {HTMLElement} */ (document.getElementById("waiting"));
const template = /** @type {HTMLTemplateElement} */ (document.getElementById("wall-row"));
/** @type {Map<string, HTMLElement>} */
const drawn = new Map();
/** @type {Line[]} */
let shown = [];
let isDue = false;
let isLoaded = false;
let isFlood = false;

/** @param {import("./bus.js").Bus} bus */
export function init(bus) {
  const due = () => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(draw);
  };
  bus.on("changed", due);
  bus.on("removed", due);
  bus.on("loaded", () => {
    isLoaded = true;
    due();
  });
  addEventListener("resize", due);
  each(tick);
}

function draw() {
  isDue = false;
  const open = alarms.all().filter((one) => isCounted(one) && !(one.hidden && one.priority > 0));
  ({ isFlood } = flood(open, now(), isFlood));
  const all = lines(open, isFlood);
  const room = Math.max(LEAST, roomFor());
  put(all, all.length > room ? room - 1 : room);
  while (shown.length > 1 && isTooTall()) put(all, shown.length - 1);
  calm.hidden = !isLoaded || open.length > 0;
  waiting.hidden = isLoaded;
  tick(now());
}

/** Draws the first of them, and says how many more there are. @param {Line[]} all @param {number} room */
function put(all, room) {
  shown = all.slice(0, room);
  const keys = new Set(shown.map((line) => line.key));
  for (const [key, row] of drawn) {
    if (keys.has(key)) continue;
    row.remove();
    drawn.delete(key);
  }
  shown.forEach((line, place) => {
    const row = drawn.get(line.key) ?? make(line.key);
    fill(row, line);
    if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null);
  });
  const left = all.slice(shown.length).reduce((sum, line) => sum + line.alarms.length, 0);
  more.hidden = left === 0;
  more.textContent = say("wall.more", { n: left });
}

/** Whether the page scrolls instead: the screen is narrow. */
function doesScroll() {
  return getComputedStyle(list).getPropertyValue("--scrolls").trim() === "1";
}

/** A row is as high as its words: fewer of them stand where some have much to say. */
function isTooTall() {
  const last = more.hidden ? list : more;
  return !doesScroll() && last.getBoundingClientRect().bottom > end();
}

/** Where the room for rows ends. */
function end() {
  return list.closest("main")?.getBoundingClientRect().bottom ?? innerHeight;
}

/** How many rows the screen has room for, if all are low. */
function roomFor() {
  const style = getComputedStyle(list);
  if (doesScroll()) return SCROLLS;
  const row = parseFloat(style.getPropertyValue("--row")) || 6;
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  return Math.floor((end() - list.getBoundingClientRect().top) / (row * rem));
}

/** @param {string} key */
function make(key) {
  const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
  const row = /** @type {HTMLElement} */ (copy.firstElementChild);
  row.dataset.key = key;
  drawn.set(key, row);
  return row;
}

/** @param {HTMLElement} row @param {Line} line */
function fill(row, line) {
  const { lead } = line;
  const waits = line.asks && !lead.test;
  row.className = `row p${lead.priority}`;
  row.classList.toggle("unclaimed", waits);
  row.classList.toggle("everybody", waits && line.alarms.some((one) => (one.escalation ?? 0) >= EVERYBODY));
  row.classList.toggle("is-test", lead.test);
  part(row, ".priority").textContent = lead.test ? say("alarm.test") : `P${lead.priority}`;
  write(part(row, ".site"), site(line));
  part(row, ".what").textContent = what(line);
  part(row, ".holder").textContent = held(line, waits);
}

/** @param {Line} line */
function what(line) {
  const { lead, alarms: members } = line;
  const floor = lead.place.floor && say("alarm.floor", { n: lead.place.floor });
  const presses = members.reduce((sum, one) => sum + one.count, 0);
  return [
    say(`kind.${lead.kind}`),
    distinct(members, (one) => one.place.district),
    line.sort === "cause" ? "" : distinct(members, (one) => named(one.place.zone)),
    members.length === 1 ? floor : "",
    line.buttons > 1 ? say("list.buttons", { n: line.buttons }) : "",
    lead.priority === 0 && presses > 1 ? times(members, presses) : "",
    lead.stored ? "" : say("alarm.unstored"),
  ]
    .filter(Boolean)
    .join(" · ");
}

/** What the line's alarms have of it, each once; the first few, and how many more there are. */
function distinct(members, of) {
  const found = [...new Set(members.map(of).filter(Boolean))];
  const rest = found.length - NAMED;
  return found.slice(0, NAMED).join(", ") + (rest > 0 ? ` +${rest}` : "");
}

/** @param {Line} line @param {boolean} waits */
function held(line, waits) {
  const { lead } = line;
  const asking = line.alarms.filter((one) => one.state === "UNACKNOWLEDGED");
  if (waits && asking.some((one) => !one.claimed_by)) return say("wall.unclaimed");
  const names = [...new Set(line.alarms.map((one) => one.claimed_by).filter(Boolean))];
  const responded = lead.responded ? say(`responded.${lead.responded}`) : "";
  const name = names.length ? say("alarm.claimed", { name: names.join(", ") }) : stateOf(lead);
  if (waits && asking.length) return [name, stateOf(asking[0])].join(" · ");
  return [name, responded].filter(Boolean).join(" · ");
}

/** @param {number} at */
function tick(at) {
  for (const line of shown) {
    const row = drawn.get(line.key);
    if (row) part(row, ".timer").textContent = lasting(at - began(line.lead));
  }
}

/** @param {HTMLElement} row @param {string} selector */
function part(row, selector) {
  return /** @type {HTMLElement} */ (row.querySelector(selector));
}
