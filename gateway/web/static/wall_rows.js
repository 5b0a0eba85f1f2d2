/** The wall's rows: what waits for somebody first, then what is held; as many as the screen bears. @module */

import * as alarms from "./alarms.js";
import { each, lasting, now } from "./clock.js";
import { gravity, isCounted, isUnclaimed } from "./wall_order.js";
import { named, say } from "./words.js";

const EVERYBODY = 2;
/** From this rung on an alarm that nobody took is everybody's. */
const LEAST = 3;
const list = /** @type {HTMLElement} */ (document.getElementById("rows"));
const more = /** @type {HTMLElement} */ (document.getElementById("more"));
const calm = /** @type {HTMLElement} */ (document.getElementById("calm"));
const template = /** @type {HTMLTemplateElement} */ (document.getElementById("row"));
/** @type {Map<string, HTMLElement>} */
const drawn = new Map();
/** @type {Map<string, any>} */
let shown = new Map();
let isDue = false;
let isLoaded = false;

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
  const open = alarms.all().filter(isCounted).sort(gravity);
  const room = Math.max(LEAST, roomFor());
  const fitting = open.slice(0, open.length > room ? room - 1 : room);
  shown = new Map(fitting.map((alarm) => [alarm.id, alarm]));
  for (const [id, row] of drawn) {
    if (shown.has(id)) continue;
    row.remove();
    drawn.delete(id);
  }
  fitting.forEach((alarm, place) => {
    const row = drawn.get(alarm.id) ?? make(alarm.id);
    fill(row, alarm);
    if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null);
  });
  const left = open.length - fitting.length;
  more.hidden = left === 0;
  more.textContent = say("wall.more", { n: left });
  calm.hidden = !isLoaded || open.length > 0;
  /** @type {HTMLElement} */ (document.getElementById("waiting")).hidden = isLoaded;
  tick(now());
}

/** How many rows the screen has room for; on a narrow one the page scrolls instead. */
function roomFor() {
  if (getComputedStyle(list).getPropertyValue("--scrolls").trim() === "1") return 50;
  const row = parseFloat(getComputedStyle(list).getPropertyValue("--row")) || 96;
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  return Math.floor((innerHeight - list.getBoundingClientRect().top) / (row * rem));
}

/** @param {string} id */
function make(id) {
  const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
  const row = /** @type {HTMLElement} */ (copy.firstElementChild);
  row.dataset.alarm = id;
  drawn.set(id, row);
  return row;
}

/** @param {HTMLElement} row @param {any} alarm */
function fill(row, alarm) {
  const { place } = alarm;
  row.className = `row p${alarm.priority}`;
  row.classList.toggle("unclaimed", isUnclaimed(alarm));
  row.classList.toggle("everybody", isUnclaimed(alarm) && (alarm.escalation ?? 0) >= EVERYBODY);
  row.classList.toggle("is-test", alarm.test);
  part(row, ".priority").textContent = alarm.test ? say("alarm.test") : `P${alarm.priority}`;
  part(row, ".site").textContent =
    named(place.site) || (alarm.registered ? place.district || alarm.device : say("alarm.unplaced"));
  const floor = place.floor && say("alarm.floor", { n: place.floor });
  part(row, ".what").textContent = [
    say(`kind.${alarm.kind}`),
    place.district,
    named(place.zone),
    floor,
    alarm.count > 1 ? say("alarm.count", { n: alarm.count }) : "",
    alarm.stored ? "" : say("alarm.unstored"),
  ]
    .filter(Boolean)
    .join(" · ");
  part(row, ".holder").textContent = held(alarm);
}

/** @param {any} alarm */
function held(alarm) {
  if (isUnclaimed(alarm)) return say("wall.unclaimed");
  const responded = alarm.responded ? say(`wall.${alarm.responded}`) : "";
  const name = alarm.claimed_by ? say("alarm.claimed", { name: alarm.claimed_by }) : "";
  return [name || say(`state.${alarm.state}`), responded].filter(Boolean).join(" · ");
}

/** @param {number} at */
function tick(at) {
  for (const [id, alarm] of shown) {
    const row = drawn.get(id);
    if (row) part(row, ".timer").textContent = lasting(at - Date.parse(alarm.raised_at));
  }
}

/** @param {HTMLElement} row @param {string} selector */
function part(row, selector) {
  return /** @type {HTMLElement} */ (row.querySelector(selector));
}
