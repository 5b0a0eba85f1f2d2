/** The devices: how many are in which state, and those that need a look first. @module */

import * as api from "./api.js";
import * as clock from "./clock.js";
import { ago, named, say } from "./words.js";

const ROOM = 40;
const SOON_MS = 1000;
const REFRESH_MS = 15000;
const CLOCK_OFF_S = 5;
const STATES = ["silent", "unknown", "well"];
const list = /** @type {HTMLElement} */ (document.getElementById("devices"));
const tally = /** @type {HTMLElement} */ (document.getElementById("tally"));
let isDue = false;

/** @param {import("./bus.js").Bus} bus */
export function init(bus) {
  bus.on("device", look);
  bus.on("loaded", load);
  setInterval(load, REFRESH_MS);
  document.addEventListener("visibilitychange", load);
}

/** A device changed: look again soon, once for many changes. */
function look() {
  if (isDue) return;
  isDue = true;
  setTimeout(load, SOON_MS);
}

/** Reads the states anew: the silent first, then whoever comes. */
async function load() {
  isDue = false;
  if (document.hidden) return;
  try {
    const silent = await api.get(`/devices?state=silent&limit=${ROOM}`);
    const shown = new Map(silent.items.map((one) => [one.id, one]));
    if (shown.size < ROOM) {
      const others = await api.get(`/devices?limit=${ROOM}`);
      for (const one of others.items) shown.set(one.id, one);
    }
    const rank = (one) => STATES.indexOf(one.state);
    const rows = [...shown.values()].sort((a, b) => rank(a) - rank(b)).slice(0, ROOM);
    list.replaceChildren(...rows.map(row));
    tally.replaceChildren(...STATES.map((state) => count(state, silent.counts[state] ?? 0)));
  } catch {
    // The banner of silence speaks for this page; the next look comes by itself.
  }
}

function row(device) {
  const item = element("li", device.state);
  const heard = device.heard_at
    ? say("device.heard", { ago: ago(clock.now() - Date.parse(device.heard_at)) })
    : say("device.never");
  const why = device.why ? ` · ${say(`why.${device.why}`)}` : "";
  const more = [why, ...camera(device)].join("");
  item.append(
    element("i", ""),
    element("span", "name", device.id),
    element("span", "state", say(`device.${device.state}`)),
    element("span", "where", named(device.site_name) || device.site),
    element("span", "where", `${say(`sort.${device.kind}`)} · ${heard}${more}`),
  );
  return item;
}

/** What is known of a camera beside its state, in words. */
function camera(device) {
  const one = device.camera;
  if (!one) return [];
  const found = [];
  if (one.reason && device.state !== "well") found.push(say(`reason.${one.reason}`));
  if (["black", "frozen", "none"].includes(one.picture)) found.push(say(`picture.${one.picture}`));
  if (Math.abs(one.clock_offset_s ?? 0) > CLOCK_OFF_S) found.push(say("camera.clock", { n: one.clock_offset_s }));
  if (one.pulses.length) found.push(say("camera.pulses"));
  if (one.topics) found.push(say("camera.topics", { n: one.topics }));
  return found.map((words) => ` · ${words}`);
}

function count(state, n) {
  const item = element("span", "", `${say(`device.${state}`)} `);
  item.append(element("b", "", String(n)));
  return item;
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
