/**
 * Closings: what this person has closed just now, with a way back in plain sight; and what was
 * closed lately by anybody, to be found again. The pane takes a closing back (pane-steps.js).
 * @module
 */

import * as api from "./api.js";
import * as bars from "./bars.js";
import * as clock from "./clock.js";
import * as dialogs from "./dialogs.js";
import { siteOf } from "./pane-facts.js";
import { reason } from "./problem.js";
import { moment } from "./when.js";
import { named, say } from "./words.js";

/** So long the bar stands: a slip is seen within seconds, by whoever made it. */
const OFFERED_MS = 20_000;
/** What was closed within so long of each other was closed by one click. */
const TOGETHER_MS = 5000;
const LATELY_MS = 24 * 3600 * 1000;
/** Listings are by the time of the press: what was pressed longer ago is not looked for. */
const RAISED_MS = 7 * LATELY_MS;
const LIMIT = 100;
const mayReopen = (document.body.dataset.rights ?? "").split(" ").includes("reopen");
const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("closings"));
const list = /** @type {HTMLElement} */ (dialog.querySelector("ol"));
const refusal = /** @type {HTMLElement} */ (dialog.querySelector(".refusal"));
/** What was closed by the last click, the first of it first. @type {any[]} */
let last = [];
let lastAt = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let ending;
/** @type {import("./bus.js").Bus} */
let bus;

/** @param {import("./bus.js").Bus} given */
export function init(given) {
  bus = given;
  const button = /** @type {HTMLButtonElement} */ (document.getElementById("closings-open"));
  button.hidden = !mayReopen;
  button.addEventListener("click", show);
  bus.on("ended", offer);
  bus.on("changed", ({ alarm }) => {
    if (!alarm.closed_at && last.some((one) => one.id === alarm.id)) withdraw(alarm.id);
  });
}

/** What was closed by the same click as that one, and is still closed. @param {string} id @returns {any[]} */
export function withIt(id) {
  return last.some((one) => one.id === id) ? last.filter((one) => one.id !== id) : [];
}

/** This person has just closed it. @param {any} alarm */
function offer(alarm) {
  if (!mayReopen || !alarm.disposition) return;
  if (performance.now() - lastAt > TOGETHER_MS) last = [];
  lastAt = performance.now();
  last = [...last.filter((one) => one.id !== alarm.id), alarm];
  clearTimeout(ending);
  ending = setTimeout(() => bars.hide("closed"), OFFERED_MS);
  draw();
}

function draw() {
  const [first] = last;
  const how = say(`disposition.${first.disposition}`);
  const site = siteOf(first);
  const text = last.length > 1 ? say("reopen.closed_many", { site, how, n: last.length }) : say("reopen.closed", { site, how });
  bars.show("closed", "note", text, { actions: [{ text: `${say("step.reopen")} (R)`, act: back }], isPassing: true });
}

/** It is open again, by whomever. @param {string} id */
function withdraw(id) {
  last = last.filter((one) => one.id !== id);
  if (!last.length) bars.hide("closed");
  else if (bars.isShown("closed")) draw();
}

/** The way back: to what was closed just now; else to what was closed lately. */
export function back() {
  if (bars.isShown("closed")) bus.emit("reopen", last[0].id);
  else if (mayReopen) show();
}

async function show() {
  refuse("");
  list.replaceChildren();
  dialogs.open(dialog);
  try {
    const raised = new Date(clock.now() - RAISED_MS).toISOString();
    const pages = await Promise.all(
      [0, 1].map((priority) => api.get(`/alarms?open=false&priority=${priority}&since=${raised}&limit=${LIMIT}`)),
    );
    const lately = clock.now() - LATELY_MS;
    const found = pages
      .flatMap((page) => page.items)
      .filter((one) => one.disposition && Date.parse(one.closed_at) > lately)
      .sort((a, b) => Date.parse(b.closed_at) - Date.parse(a.closed_at));
    list.replaceChildren(...found.map(row));
    if (!found.length) refuse(say("reopen.none"));
  } catch (problem) {
    refuse(reason(problem));
  }
}

/** @param {any} alarm */
function row(alarm) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(
    part("at", moment(alarm.closed_at)),
    part("where", [siteOf(alarm), named(alarm.place.zone)].filter(Boolean).join(" · ")),
    part("what", `P${alarm.priority} · ${say(`kind.${alarm.kind}`)}${alarm.test ? ` · ${say("alarm.test")}` : ""}`),
    part("how", [say(`disposition.${alarm.disposition}`), alarm.note].filter(Boolean).join(": ")),
  );
  button.addEventListener("click", () => {
    dialog.close();
    bus.emit("look", alarm.id);
  });
  const item = document.createElement("li");
  item.append(button);
  return item;
}

/** @param {string} name @param {string} text */
function part(name, text) {
  const made = document.createElement("bdi"); // a note turns no other text
  made.className = name;
  made.textContent = text;
  return made;
}

/** @param {string} text */
function refuse(text) {
  refusal.textContent = text;
  refusal.hidden = !text;
}
