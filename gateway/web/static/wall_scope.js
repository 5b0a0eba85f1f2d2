/** What is this wall's: the time of its place, and its own districts in what is told to everybody. @module */

import { each, now } from "./clock.js";
import * as when from "./when.js";

const part = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const hung = new Set([...document.querySelectorAll("#tiles > li")].map((one) => one.getAttribute("data-district")));

/** @param {import("./bus.js").Bus} bus */
export function init(bus) {
  bus.on("heartbeat", (said) => {
    said.unarmed &&= said.unarmed.filter((/** @type {string} */ one) => hung.has(one));
    said.escalated &&= said.escalated.filter((/** @type {any} */ one) => hung.has(one.district));
  });
  each(tick);
}

function tick() {
  const at = now();
  part("time").textContent = when.time(at);
  part("date").textContent = when.date(at);
}
