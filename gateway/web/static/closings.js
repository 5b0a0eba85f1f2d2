/**
 * Closings: what this person has closed just now, with a way back in plain sight. The pane takes a
 * closing back (pane-steps.js); what anybody closed lately is found again by lately.js.
 * @module
 */

import * as bars from "./bars.js";
import { siteOf } from "./pane-facts.js";
import { say } from "./words.js";

/** So long the bar stands: a slip is seen within seconds, by whoever made it. */
const OFFERED_MS = 20_000;
/** So many are remembered, to be reopened with what was closed by the same click. */
const KEPT = 200;
const mayReopen = (document.body.dataset.rights ?? "").split(" ").includes("reopen");
/** What was closed here and is closed still, the newest last; one click's bear the same word. @type {{alarm: any, click: string}[]} */
let kept = [];
/** @type {ReturnType<typeof setTimeout> | undefined} */
let ending;
/** @type {import("./bus.js").Bus} */
let bus;

/** @param {import("./bus.js").Bus} given */
export function init(given) {
  bus = given;
  bus.on("ended", offer);
  bus.on("changed", ({ alarm }) => {
    if (!alarm.closed_at && kept.some((one) => one.alarm.id === alarm.id)) withdraw(alarm.id);
  });
}

/** What was closed by the same click as that one, and is still closed. @param {string} id @returns {any[]} */
export function withIt(id) {
  const click = kept.find((one) => one.alarm.id === id)?.click;
  return click ? of(click).filter((one) => one.id !== id) : [];
}

/** The alarm that the bar names, to be reopened; none where no bar stands. */
export function offered() {
  return bars.isShown("closed") ? newest()[0].id : "";
}

/** This person has just closed it. @param {{alarm: any, click: string}} ended */
function offer({ alarm, click }) {
  if (!mayReopen || !alarm.disposition) return;
  kept = [...kept.filter((one) => one.alarm.id !== alarm.id), { alarm, click }].slice(-KEPT);
  clearTimeout(ending);
  ending = setTimeout(() => bars.hide("closed"), OFFERED_MS);
  draw();
}

/** All of the newest click, the first of it first. */
function newest() {
  return of(kept[kept.length - 1].click);
}

/** @param {string} click */
function of(click) {
  return kept.filter((one) => one.click === click).map((one) => one.alarm);
}

function draw() {
  const together = newest();
  const [first] = together;
  const how = say(`disposition.${first.disposition}`);
  const site = siteOf(first);
  const n = together.length;
  const text = n > 1 ? say("reopen.closed_many", { site, how, n }) : say("reopen.closed", { site, how });
  const reopen = { text: `${say("step.reopen")} (R)`, act: () => bus.emit("reopen", offered()) };
  bars.show("closed", "note", text, { actions: [reopen], isPassing: true });
}

/** It is open again, by whomever; what an earlier click closed is not offered in its stead. @param {string} id */
function withdraw(id) {
  const wasNamed = newest().some((one) => one.id === id);
  const isLast = wasNamed && newest().length === 1;
  kept = kept.filter((one) => one.alarm.id !== id);
  if (isLast) bars.hide("closed");
  else if (wasNamed && bars.isShown("closed")) draw();
}
