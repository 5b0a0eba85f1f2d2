/** What is this wall's: the time of its place, its own districts in what is told to everybody, and no cry that is nobody's any more. @module */

import * as alarms from "./alarms.js";
import * as api from "./api.js";
import { each, now } from "./clock.js";
import * as when from "./when.js";

const part = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const hung = new Set([...document.querySelectorAll("#tiles > li")].map((one) => one.getAttribute("data-district")));

/** A cry that no store took for so long may be of a gateway that is gone; at a desk a person puts it away. */
const ORPHAN_MS = 15 * 60_000;
const ASK_MS = 60_000;
let askedAt = 0;

/** @param {import("./bus.js").Bus} bus */
export function init(bus) {
  each((at) => askOfOrphans(bus, at));
  bus.on("heartbeat", (said) => {
    said.unarmed &&= said.unarmed.filter((/** @type {string} */ one) => hung.has(one));
    said.escalated &&= said.escalated.filter((/** @type {any} */ one) => hung.has(one.district));
  });
  each(tick);
}

/** @param {import("./bus.js").Bus} bus @param {number} at */
function askOfOrphans(bus, at) {
  const orphans = alarms.all().filter((one) => !one.stored && at - one.raised_ms > ORPHAN_MS);
  if (!orphans.length || at - askedAt < ASK_MS) return;
  askedAt = at;
  for (const { id } of orphans) {
    api.get(`/alarms/${id}`).then(alarms.show, (problem) => {
      if (problem.status === 404) bus.emit("putAway", { id, isOwn: false });
    });
  }
}

function tick() {
  const at = now();
  part("time").textContent = when.time(at);
  part("date").textContent = when.date(at);
}
