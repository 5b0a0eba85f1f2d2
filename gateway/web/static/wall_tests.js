/** The wall's tests: one quiet line that says where a test window is open, and until when. @module */

import * as api from "./api.js";
import { each, now } from "./clock.js";
import * as when from "./when.js";
import { named, say } from "./words.js";

const LOOK_MS = 30000;
const NAMED = 3;
const line = /** @type {HTMLElement} */ (document.getElementById("wall-tests"));
/** @type {any[]} */
let windows = [];
let isLooking = false;

/** @param {import("./bus.js").Bus} bus */
export function init(bus) {
  bus.on("loaded", look);
  bus.on("test", look);
  setInterval(look, LOOK_MS);
  document.addEventListener("visibilitychange", look);
  each(draw);
}

async function look() {
  if (document.hidden || isLooking) return;
  isLooking = true;
  try {
    windows = (await api.get("/tests")).items;
    draw(now());
  } catch {
    // the next look tells
  } finally {
    isLooking = false;
  }
}

/** @param {number} at */
function draw(at) {
  const open = windows.filter((one) => !one.closed_at && Date.parse(one.until) > at);
  const said = open.slice(0, NAMED).map((one) => {
    const where = one.sites.map((place) => named(place.name) || place.id).join(", ");
    return say("wall.test", { where, until: when.hour(one.until) });
  });
  const rest = open.length - said.length;
  const text = said.join(" · ") + (rest > 0 ? ` +${rest}` : "");
  line.hidden = !text;
  if (line.textContent !== text) line.textContent = text;
}
