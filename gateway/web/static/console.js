/** The console: joins the stream, the board and the devices. @module */

import * as api from "./api.js";
import * as board from "./board.js";
import * as devices from "./devices.js";
import { follow } from "./stream.js";

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
  for (const [priority, n] of Object.entries(said.open)) {
    const shown = part(`open-${priority.toLowerCase()}`);
    shown.textContent = String(n);
    shown.parentElement?.classList.toggle("some", n > 0);
  }
}

follow(heard, (isSilent) => {
  part("silence").hidden = !isSilent;
  if (isSilent) part("pulse").dataset.state = "waiting";
});
part("leave").addEventListener("click", api.leave);
