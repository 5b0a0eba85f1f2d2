/** Honesty: whether what the page shows can be trusted, and since when it cannot. @module */

import { say } from "./words.js";

const UNPROVEN_S = 90;
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const title = document.title;

/** @param {import("./bus.js").Bus} bus */
export function init(bus) {
  bus.on("heartbeat", beat);
  bus.on("silent", () => {
    part("silence").hidden = false;
    part("pulse").dataset.state = "waiting";
  });
  bus.on("back", () => {
    part("silence").hidden = true;
  });
}

function beat(said) {
  const open = said.open.P0 + said.open.P1;
  document.title = (open ? `(${open}) ` : "") + title;
  part("pulse").dataset.state = "live";
  prove(said.canary_age_s);
  for (const [priority, n] of Object.entries(said.open)) {
    const shown = part(`open-${priority.toLowerCase()}`);
    shown.textContent = String(n);
    shown.parentElement?.classList.toggle("some", n > 0);
  }
}

/** Whether silence can be trusted. @param {number | null} age of the oldest proof, seconds */
function prove(age) {
  const isProven = age !== null && age <= UNPROVEN_S;
  const shown = part("proof");
  shown.dataset.state = isProven ? "proven" : "unproven";
  shown.textContent = isProven
    ? say("page.proven", { n: Math.round(age) })
    : say("page.unproven");
  part("calm-why").textContent = say(isProven ? "page.calm_why" : "page.calm_doubt");
}
