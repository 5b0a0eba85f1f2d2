/**
 * Leaving: who signs out while they hold alarms is asked first, for those ask everybody again.
 *
 * The window is not modal and stops nothing: a press is heard behind it, and it gives way to one.
 * @module
 */

import * as alarms from "./alarms.js";
import * as dialogs from "./dialogs.js";
import { say } from "./words.js";

const leave = /** @type {HTMLElement} */ (document.getElementById("leave"));
const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("leaving"));
const me = document.body.dataset.name;
let isSure = false;

// Before all others that hear of it: they take it for done.
leave.addEventListener("click", ask, { capture: true });
dialog.addEventListener("close", () => {
  if (dialog.returnValue !== "leave") return;
  isSure = true;
  leave.click();
});

/** @param {Event} event */
function ask(event) {
  const n = alarms.all().filter((one) => one.claimed_by === me && !one.closed_at && !one.test).length;
  if (isSure || n === 0) return;
  event.stopImmediatePropagation();
  const said = /** @type {Element} */ (dialog.querySelector("p"));
  said.textContent = say("leaving.held", { n });
  dialog.returnValue = "";
  dialogs.open(dialog);
}
