/** The console: joins the stream, the board and the devices. @module */

import * as api from "./api.js";
import * as board from "./board.js";
import * as devices from "./devices.js";
import { follow } from "./stream.js";
import { say } from "./words.js";

const UNPROVEN_S = 90;

const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const title = document.title;
let isLoaded = false;

/** @param {string} kind @param {any} said */
function heard(kind, said) {
  if (!isLoaded) {
    // The stream runs first, so that nothing falls between it and the list.
    isLoaded = true;
    reload();
  }
  if (kind === "alarm") board.show(said);
  else if (kind === "delivery") board.deliver(said);
  else if (kind === "device") devices.look();
  else if (kind === "reset") reload();
  else beat(said);
}

function reload() {
  board.load().catch(() => {
    isLoaded = false; // the next word of the stream tries again
  });
  devices.load();
}

function beat(said) {
  board.setClock(Date.parse(said.at));
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

follow(heard, (isSilent) => {
  part("silence").hidden = !isSilent;
  if (isSilent) part("pulse").dataset.state = "waiting";
});
part("leave").addEventListener("click", api.leave);
