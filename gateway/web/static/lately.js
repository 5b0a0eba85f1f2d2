/** Lately: what anybody closed in the last day, to be found again and reopened. @module */

import * as api from "./api.js";
import * as clock from "./clock.js";
import * as dialogs from "./dialogs.js";
import { siteOf } from "./pane-facts.js";
import { reason } from "./problem.js";
import { moment } from "./when.js";
import { named, say } from "./words.js";

const LATELY_MS = 24 * 3600 * 1000;
/** Listings are by the time of the press: what was pressed longer ago is not looked for. */
const RAISED_MS = 7 * LATELY_MS;
const LIMIT = 100;
/** So many pages of a priority are read; where there are more, that is said. */
const PAGES = 10;
const mayReopen = (document.body.dataset.rights ?? "").split(" ").includes("reopen");
const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("closings"));
const list = /** @type {HTMLElement} */ (dialog.querySelector("ol"));
const refusal = /** @type {HTMLElement} */ (dialog.querySelector(".refusal"));
/** @type {import("./bus.js").Bus} */
let bus;

/** @param {import("./bus.js").Bus} given */
export function init(given) {
  bus = given;
  const button = /** @type {HTMLButtonElement} */ (document.getElementById("closings-open"));
  button.hidden = !mayReopen;
  button.addEventListener("click", show);
}

export async function show() {
  if (!mayReopen) return;
  refuse("");
  list.replaceChildren();
  dialogs.open(dialog);
  try {
    const read = await Promise.all([0, 1].map(raised));
    const found = read.flatMap((one) => one.alarms).filter(isLately).sort(byUse);
    list.replaceChildren(...found.map(row));
    const cutAt = Math.max(...read.map((one) => one.cutAt));
    if (cutAt) refuse(say("reopen.cut", { time: moment(cutAt) }));
    else if (!found.length) refuse(say("reopen.none"));
  } catch (problem) {
    refuse(reason(problem));
  }
}

/** What was raised in the last days and is closed; where not all could be read, how far back that reaches. @param {number} priority */
async function raised(priority) {
  const since = new Date(clock.now() - RAISED_MS).toISOString();
  const alarms = [];
  let cursor = "";
  for (let n = 0; n < PAGES; n += 1) {
    const page = await api.get(`/alarms?open=false&priority=${priority}&since=${since}&limit=${LIMIT}${cursor}`);
    alarms.push(...page.items);
    if (!page.next) return { alarms, cutAt: 0 };
    cursor = `&cursor=${encodeURIComponent(page.next)}`;
  }
  return { alarms, cutAt: Date.parse(alarms[alarms.length - 1].raised_at) };
}

/** Somebody closed it, and it can still be reopened. @param {any} alarm */
function isLately(alarm) {
  return alarm.disposition && Date.parse(alarm.closed_at) > clock.now() - LATELY_MS;
}

/** Tests last, for a day of tests would hide the rest; then what was closed last first. @param {any} a @param {any} b */
function byUse(a, b) {
  return Number(a.test) - Number(b.test) || Date.parse(b.closed_at) - Date.parse(a.closed_at);
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
