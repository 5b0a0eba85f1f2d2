/**
 * Windows over the page: the help, a plan, a still, a test that is being opened.
 *
 * None is modal: behind a modal one no bar can be pressed, and a screen reader is told of no alarm.
 * What is only looked at (`data-looked-at`) gives way to a new press. What somebody writes in stays,
 * with the focus where it is: what they type must not become keys of the page; a bar says so.
 * @module
 */

import * as bars from "./bars.js";
import { say } from "./words.js";

const LOOKED_AT = "[data-looked-at]";
/** Those that were opened, the last on top; one that is shut is told of a moment later. @type {HTMLDialogElement[]} */
let standing = [];

/** @param {import("./bus.js").Bus} bus */
export function init(bus) {
  bus.on("waits", giveWay);
  document.addEventListener("pointerdown", aside, { capture: true });
}

/** @param {HTMLDialogElement} dialog */
export function open(dialog) {
  if (dialog.open) return;
  document.body.append(dialog); // what is greyed or scrolls would hold it
  standing.push(dialog);
  dialog.addEventListener("close", closed, { once: true });
  dialog.show();
}

export function isOpen() {
  return standing.some((one) => one.open);
}

/** Closes the one on top. */
export function shut() {
  standing.findLast((one) => one.open)?.close();
}

function closed() {
  standing = standing.filter((one) => one.open);
  if (!isOpen()) bars.hide("behind");
}

/** A press has come. */
function giveWay() {
  for (const one of standing) if (one.matches(LOOKED_AT)) one.close();
  if (isOpen()) bars.show("behind", "press", say("bar.behind"), { actions: [{ text: say("bar.look"), act: shut }] });
}

/** Whoever touches the page beside it has seen enough. @param {Event} event */
function aside(event) {
  const path = event.composedPath();
  for (const one of standing) if (one.matches(LOOKED_AT) && !path.includes(one)) one.close();
}
