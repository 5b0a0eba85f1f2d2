/** The wall's honesty: the time it is, and whether what hangs there can be believed. @module */

import * as alarms from "./alarms.js";
import { each, lasting, now } from "./clock.js";
import { isCounted } from "./wall_order.js";
import * as when from "./when.js";
import { say } from "./words.js";

const UNPROVEN_S = 90;
const DIFFER_BEATS = 3;
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** When the last heartbeat came, by this browser's own running clock. */
let beatAt = performance.now();
let isSilent = false;
let differing = 0;

/** @param {import("./bus.js").Bus} bus */
export function init(bus) {
  bus.on("heartbeat", (said) => {
    beatAt = performance.now();
    prove(said.canary_age_s);
    compare(said.open);
    disarm(said.unarmed ?? []);
  });
  bus.on("silent", () => silence(true));
  bus.on("back", () => silence(false));
  each(tick);
}

function tick() {
  const at = now();
  part("time").textContent = when.time(at);
  part("date").textContent = when.date(at);
  if (isSilent) {
    part("silence-age").textContent = say("wall.silent_for", { ago: lasting(performance.now() - beatAt) });
  }
}

/** @param {boolean} is */
function silence(is) {
  isSilent = is;
  part("silence").hidden = !is;
  document.body.classList.toggle("blind", is);
  tick();
}

/** @param {number | null} age of the oldest proof of a path, seconds */
function prove(age) {
  const isProven = age !== null && age <= UNPROVEN_S;
  part("unproven").hidden = isProven;
  document.body.classList.toggle("unproven", !isProven);
  part("calm-why").textContent = say(isProven ? "page.calm_why" : "page.calm_doubt");
}

/** What the gateway counts open, and what hangs here: where they differ for seconds, it is read anew. */
function compare(open) {
  const own = { P0: 0, P1: 0 };
  for (const alarm of alarms.all()) {
    const key = `P${alarm.priority}`;
    if (isCounted(alarm) && alarm.stored && key in own) own[key] += 1;
  }
  const isSame = own.P0 === open.P0 && own.P1 === open.P1;
  differing = isSame ? 0 : differing + 1;
  if (differing < DIFFER_BEATS) return;
  differing = 0;
  alarms.reload();
}

/** @param {string[]} districts where no console sounds */
function disarm(districts) {
  part("unarmed").hidden = districts.length === 0;
  part("unarmed").textContent = say("wall.unarmed", { names: districts.filter(Boolean).join(", ") });
}
