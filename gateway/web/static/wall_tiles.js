/** The wall's tiles: each district with what is open in it, and how many of its devices are silent. @module */

import * as alarms from "./alarms.js";
import * as api from "./api.js";
import { each, lasting, now } from "./clock.js";
import { byDistrict, isCounted } from "./wall_order.js";
import { say } from "./words.js";

const LOOK_MS = 15_000;
const NONE = { counts: [0, 0, 0], unclaimed: [0, 0, 0], oldest: Infinity };
/** @type {Map<string, HTMLElement>} */
const tiles = new Map();
/** @type {Set<string>} */
let unarmed = new Set();
/** @type {Map<string, number>} when the oldest P0 that nobody took was raised */
let asking = new Map();
let isDue = false;
let lookedAt = -LOOK_MS;

/** @param {import("./bus.js").Bus} bus */
export function init(bus) {
  for (const tile of document.querySelectorAll("#tiles > li")) {
    const one = /** @type {HTMLElement} */ (tile);
    tiles.set(one.dataset.district ?? "", one);
  }
  const due = () => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(draw);
  };
  bus.on("changed", due);
  bus.on("removed", due);
  bus.on("loaded", due);
  bus.on("heartbeat", (said) => {
    const now_unarmed = new Set(said.unarmed ?? []);
    if ([...now_unarmed].join() !== [...unarmed].join()) {
      unarmed = now_unarmed;
      due();
    }
    if (performance.now() - lookedAt > LOOK_MS) look();
  });
  bus.on("device", () => {
    lookedAt = Math.min(lookedAt, performance.now() - LOOK_MS + 2000); // a moment later, once for many
  });
  each(tick);
}

function draw() {
  isDue = false;
  const open = alarms.all().filter(isCounted);
  const found = byDistrict(open);
  asking = new Map();
  const total = [0, 0, 0];
  for (const one of found.values()) one.counts.forEach((n, priority) => (total[priority] += n));
  total.forEach((n, priority) => {
    const shown = /** @type {HTMLElement} */ (document.getElementById(`total-${priority}`));
    shown.textContent = String(n);
    shown.parentElement?.classList.toggle("some", n > 0);
  });
  for (const [district, tile] of tiles) fill(tile, district, found.get(district) ?? NONE);
  tick(now());
}

/** @param {HTMLElement} tile @param {string} district @param {typeof NONE} one */
function fill(tile, district, one) {
  const isUnarmed = unarmed.has(district);
  if (one.unclaimed[0]) asking.set(district, one.oldest);
  const state = one.unclaimed[0] ? "asks" : one.counts[0] ? "held" : one.unclaimed[1] ? "watch" : "calm";
  tile.className = `tile ${state}`;
  tile.classList.toggle("unarmed", isUnarmed);
  one.counts.forEach((n, priority) => {
    const shown = /** @type {HTMLElement} */ (tile.querySelector(`.n${priority}`));
    shown.textContent = String(n);
    shown.parentElement?.classList.toggle("some", n > 0);
  });
  tile.dataset.said = say(`wall.state.${state}`);
  /** @type {HTMLElement} */ (tile.querySelector(".listens")).hidden = !isUnarmed;
}

/** @param {number} at */
function tick(at) {
  for (const [district, tile] of tiles) {
    const since = asking.get(district);
    const shown = /** @type {HTMLElement} */ (tile.querySelector(".state"));
    const waits = since === undefined ? "" : ` ${lasting(at - since)}`;
    shown.textContent = (tile.dataset.said ?? "") + waits;
  }
}

async function look() {
  lookedAt = performance.now();
  try {
    const found = await api.get("/wall");
    for (const one of found.districts) {
      const tile = tiles.get(one.name);
      if (!tile) {
        location.reload(); // a district was added: the page is made anew
        return;
      }
      const shown = /** @type {HTMLElement} */ (tile.querySelector(".devices"));
      const key = one.silent ? "wall.silent_devices" : "wall.all_heard";
      shown.textContent = say(key, { n: one.silent, m: one.devices });
      tile.classList.toggle("deaf", one.silent > 0);
    }
  } catch {
    // The next heartbeats ask again; that there are none is said above.
  }
}
